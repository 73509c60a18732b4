//! Rules of leases from a single granter.

use crate::rules::{HolderRule, InputRule, RecordRule, RenewalRule, StaleGrantRule};

quorate_protocol::rules! {
    /// The rules of leases from a single granter, and of the fenced resource.
    pub enum SingleRule {
        // The granter.
        GrantNode: "Leases §2", "a node that is heard may serve for a term";
        RenewNode: "Leases §2", "a node that goes on being heard may go on serving";
        GrantPrimary: "Leases §2", "nobody else holds the lease, so it is granted under a new token, written down first";
        RenewPrimary: "Leases §2", "the holder asks before its grant ends and keeps its token; an answer that was lost is given again";
        HeldByOther: "Leases §2", "a grant binds its granter until it ends, whether or not its holder is heard";
        NotYourTurn: "Leases §2; φ accrual", "of those that are heard the next in turn becomes primary; a detector hints, it does not decide";
        LockDelay: "Chubby §2.4", "a lease that ended without a release stays vacant for a while, for what its holder may still have under way";
        WaitOut: "Leases §5", "a granter that may have forgotten a grant waits until that must be over";
        RecallGrant: "Leases §5", "a granter that wrote its grant down is bound by it for another full term";
        TakeRelease: "Leases §4", "the holder gives the lease back, so nobody has to wait for its end";
        RefuseRelease: "Leases §4; Chubby §2.4", "only the newest grant can be given back, and not by a message older than its renewal";
        KeepWatch: "φ accrual", "the lease is held by a node that is heard, or there is nobody to grant it to";
        CheckSequencer: "Chubby §2.4", "a sequencer is good while its grant binds the granter";

        // The holder.
        ServeInLease: "Leases §2", "a node with a lease of its own serves";
        BeginWork: "Distributed locking", "the lease holds at the beginning of the work, which says little about its end";

        // The fenced resource.
        SendFenced: "Distributed locking; Chubby §2.4", "a write carries the token of the grant it was made under";
        AcceptWrite: "Distributed locking; Chubby §2.4", "a token that is not below any accepted one writes, checked and done in one step";
        RefuseLowerToken: "Distributed locking; Chubby §2.4", "a write under an older grant than one already seen is refused";
        RefuseShared: "Chubby §2.4", "a lease that many may hold does not entitle to a write";
        AskGranter: "Chubby §2.4", "a resource may ask the granter whether a sequencer is still good";
        RefuseInvalid: "Chubby §2.4", "the granter no longer stands by the sequencer";
    }
    use HolderRule as Holder, RenewalRule as Renewal, StaleGrantRule as StaleGrant, RecordRule as Record, InputRule as Input;
}
