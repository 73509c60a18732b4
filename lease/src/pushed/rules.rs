//! Rules of pushed leases.

use crate::rules::{HolderRule, InputRule, RecordRule};

quorate_protocol::rules! {
    /// The rules of leases that are pushed one way, and of the fenced resource.
    pub enum PushedRule {
        // The issuer.
        NameHolder: "Leases §2", "the last end has passed, so the next holder is named, and its lease is persisted before it is pushed";
        ExtendLease: "Leases §2", "a later end is persisted, and then pushed; the token stays";
        PushAgain: "Leases §2", "a lease with a fixed end does not depend on when it is sent, so the same one is sent again";
        NextPush: "Leases §2", "the issuer sends at its own pace: nothing that it hears decides when";
        RecallLease: "Leases §5", "the lease on disk binds the issuer: its end is a time of day, and has kept its meaning";
        WaitForEnd: "Leases §2, §5", "a lease binds its issuer through its end and the bound on its clock, received or not";
        TakeAppointment: "Leases §2", "the next holder is recorded, and named when the last lease is over";
        OvertakeVersion: "Leases §2", "a lease that ends by its version ends when a higher one is named, so nobody waits";

        // The holder.
        TakeLease: "Leases §5", "a fixed end is read on the holder's own wall clock, and cut by the bound on its error";
        SameLeaseAgain: "Leases §2", "a repeated or overtaken push extends nothing";
        OlderLease: "Leases §2", "a push of an earlier grant than one already seen changes nothing";
        EndHasPassed: "Leases §5", "a push that arrives after its end is void, however late it is";
        TakeVersion: "Distributed locking", "a lease that ends by its version is a number to show to the resource";
        VersionCannotAct: "Distributed locking", "a holder alone cannot know whether its version is overtaken, so it acts at the resource only";

        // The fenced resource.
        SendFenced: "Distributed locking; Chubby §2.4", "a write carries the token of the grant it was made under";
        AcceptWrite: "Distributed locking; Chubby §2.4", "a write whose token is not below any accepted one is done, in the same step as the check";
        RefuseLowerToken: "Distributed locking; Chubby §2.4", "a write with a lower token than one already seen is refused";
    }
    use HolderRule as Holder, RecordRule as Record, InputRule as Input;
}
