//! Rules of leases from a single granter.

use crate::rules::{HolderRule, InputRule, RecordRule, RenewalRule, StaleGrantRule};

quorate_protocol::rules! {
    /// The rules of leases from a single granter, and of the fenced resource.
    pub enum SingleRule {
        // The granter.
        GrantNode: "Leases §2", "a node that sends heartbeats may serve for a term";
        RenewNode: "Leases §2", "a node that keeps sending heartbeats may keep serving";
        GrantPrimary: "Leases §2", "no other node holds the lease, so it is granted under a new token, which is persisted first";
        RenewPrimary: "Leases §2", "the holder asks before its grant ends and keeps its token; a lost reply is repeated";
        HeldByOther: "Leases §2", "a grant binds its granter until it ends, whether or not its holder sends heartbeats";
        NotYourTurn: "Leases §2; φ accrual", "the next live node in the order becomes primary; the failure detector only gives a hint";
        LockDelay: "Chubby §2.4", "a lease that ended without a release stays free for a delay, because its holder may still have requests in flight";
        WaitOut: "Leases §5", "a granter that may have forgotten a grant waits until it must have expired";
        RecallGrant: "Leases §5", "a granter that persisted its grant is bound by it for another full term";
        TakeRelease: "Leases §4", "the holder releases the lease, so no node has to wait for its end";
        RefuseRelease: "Leases §4; Chubby §2.4", "only the newest grant can be released, and not by a message older than its renewal";
        KeepWatch: "φ accrual", "the lease is held by a live node, or there is no node to grant it to";
        CheckSequencer: "Chubby §2.4", "a sequencer is valid while its grant binds the granter";

        // The holder.
        ServeInLease: "Leases §2", "a node with a lease of its own serves";
        BeginWork: "Distributed locking", "the lease is valid at the start of the work, but it may expire before the end";

        // The fenced resource.
        SendFenced: "Distributed locking; Chubby §2.4", "a write carries the token of the grant it was made under";
        AcceptWrite: "Distributed locking; Chubby §2.4", "a write whose token is not below any accepted one is done, in the same step as the check";
        RefuseLowerToken: "Distributed locking; Chubby §2.4", "a write with a lower token than one already seen is refused";
        RefuseShared: "Chubby §2.4", "a shared lease does not allow writes";
        AskGranter: "Chubby §2.4", "a resource may ask the granter whether a sequencer is still valid";
        RefuseInvalid: "Chubby §2.4", "the granter says that the sequencer is no longer valid";
        RefuseUnsealed: "Chubby §2.4", "a sequencer is an opaque string: without the granter's seal on it, its holder may have written it";
    }
    use HolderRule as Holder, RenewalRule as Renewal, StaleGrantRule as StaleGrant, RecordRule as Record, InputRule as Input;
}
