//! Rules of majority leases (PaxosLease).

use crate::rules::{CountRule, HolderRule, RecordRule};

quorate_protocol::rules! {
    /// The rules of majority leases (PaxosLease).
    pub enum MajorityRule {
        Prepare: "PaxosLease", "a proposer asks for promises under a ballot that it never used";
        Promise: "PaxosLease", "an acceptor promises only ballots above all before, and reports the lease it has accepted";
        ReportOwner: "PaxosLease, made gentler", "an acceptor whose accepted lease runs tells others so, and promises them nothing that would disturb its renewal";
        RefusePrepare: "PaxosLease", "a higher ballot was promised";
        CountRefusal: "PaxosLease", "a refusal ends nothing as long as a majority is left that could still agree";
        Propose: "PaxosLease", "a majority reports no lease of anybody else, so the proposer proposes itself and notes when";
        LeaseTaken: "PaxosLease", "too many acceptors report a lease of somebody else: try again later";
        Accept: "PaxosLease", "an acceptor accepts what it has promised, and forgets it at the end of the term";
        RefuseAccept: "PaxosLease", "a higher ballot was promised in the meantime";
        RefuseRunning: "PaxosLease, made stricter", "an acceptor accepts nobody else while a lease that it has accepted runs";
        Win: "PaxosLease", "a majority has accepted, so the lease is held, for a term counted from when it was proposed";
        WonTooLate: "PaxosLease", "the term was over before a majority had accepted";
        AcceptorForgets: "PaxosLease", "at the end of the term the acceptor holds nothing";
        StayQuarantined: "PaxosLease", "an acceptor that restarted says nothing until all it may have forgotten is over";
        Restarted: "PaxosLease", "a proposer counts its restarts on disk, so that no ballot is used twice";
        AcceptorReleases: "PaxosLease", "a release frees exactly the ballot that it names";
        IgnoreRelease: "PaxosLease", "a release of another ballot frees nothing";
        TryAgain: "PaxosLease", "an attempt that came to nothing is repeated after a random while";
        NotMyRole: "Leases §2", "a node acts in its own roles alone";
    }
    use HolderRule as Holder, CountRule as Count, RecordRule as Record;
}
