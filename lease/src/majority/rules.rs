//! Rules of majority leases (PaxosLease).

use crate::rules::{CountRule, HolderRule, RecordRule};

quorate_protocol::rules! {
    /// The rules of majority leases (PaxosLease).
    pub enum MajorityRule {
        Prepare: "PaxosLease", "a proposer asks for promises with a ballot that it never used";
        Promise: "PaxosLease", "an acceptor promises only ballots above all earlier ones, and reports the lease that it has accepted";
        ReportOwner: "PaxosLease, made gentler", "an acceptor with a valid accepted lease reports it to other proposers, and makes no promise that would disturb its renewal";
        RefusePrepare: "PaxosLease", "a higher ballot was promised";
        CountRefusal: "PaxosLease", "a refusal ends the attempt only if no majority can agree any more";
        Propose: "PaxosLease", "a majority reports no other holder, so the proposer proposes itself and records the time";
        LeaseTaken: "PaxosLease", "too many acceptors report another holder: try again later";
        Accept: "PaxosLease", "an acceptor accepts the ballot that it promised, and forgets the lease at the end of its term";
        RefuseAccept: "PaxosLease", "a higher ballot was promised in the meantime";
        RefuseRunning: "PaxosLease, made stricter", "an acceptor accepts no other holder while its accepted lease is valid";
        Win: "PaxosLease", "a majority has accepted, so the proposer holds the lease, for a term counted from its proposal";
        WonTooLate: "PaxosLease", "the term was over before a majority had accepted";
        AcceptorForgets: "PaxosLease", "at the end of the term the acceptor forgets the lease";
        StayQuarantined: "PaxosLease", "a restarted acceptor stays silent until every lease that it may have forgotten has expired";
        Restarted: "PaxosLease", "a proposer counts its restarts on disk, so that no ballot is used twice";
        AcceptorReleases: "PaxosLease", "a release ends exactly the lease of the ballot that it names";
        IgnoreRelease: "PaxosLease", "a release of another ballot is ignored";
        TryAgain: "PaxosLease", "a failed attempt is repeated after a random delay";
        NotMyRole: "Leases §2", "a node acts only in its own roles";
    }
    use HolderRule as Holder, CountRule as Count, RecordRule as Record;
}
