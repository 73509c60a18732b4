//! Rules of two-phase commit, by the name that traces cite.
//!
//! The papers, by the names used here:
//! * *Gray 1978*, Jim Gray, *Notes on Data Base Operating Systems*: §5.8, the two-phase commit
//!   protocol.
//! * *BHG*, Philip Bernstein, Vassos Hadzilacos and Nathan Goodman, *Concurrency Control and
//!   Recovery in Database Systems*, 1987: §7.3 atomic commitment (AC1 to AC5), §7.4 two-phase
//!   commit with its timeout actions, its recovery and its cooperative termination protocol.
//! * *Presumed abort*, C. Mohan, Bruce Lindsay and Ron Obermarck, *Transaction Management in the
//!   R\* Distributed Database Management System*, 1986: §3.
//! * *Eswaran 1976*, K. P. Eswaran and others, *The Notions of Consistency and Predicate Locks in a
//!   Database System*: two-phase locking.
//! * *RIFL*, Collin Lee and others, *Implementing Linearizability at Large Scale and Low Latency*,
//!   2015: repeated requests of clients.

quorate_protocol::rules! {
    /// The rules of two-phase commit.
    pub enum TwoPhaseRule {
        Begin: "Gray 1978 §5.8; BHG §7.4", "phase 1: the coordinator asks every participant to prepare its part";
        Invalid: "BHG §7.3", "a transaction changes rows of participants of this cluster, at least one";
        RepeatedRequest: "RIFL §3", "a request whose transaction is under way is not begun again";
        AnswerFromRecord: "RIFL §3", "a request that was decided is answered again, from a record written with the decision";
        Overtaken: "RIFL §3", "a client that asks for more is done with what it asked for before, so nothing older is begun";
        LockRow: "Eswaran 1976 §4", "a row is locked before it is changed, and until the outcome is known";
        WaitForRow: "Eswaran 1976 §4; BHG §7.4", "a row that another transaction has locked is waited for";
        VoteYes: "Gray 1978 §5.8; BHG §7.4", "vote yes only for a part that is on disk and can be committed after a crash";
        VoteNo: "BHG §7.3 and §7.4", "a participant that cannot do its part aborts it by itself, and says so";
        VoteAgain: "BHG §7.4", "messages can be duplicated: the vote that stands is repeated, not cast anew";
        CountVote: "BHG §7.4", "a yes counts, but not every participant has voted yet";
        RepeatedVote: "BHG §7.3, AC5", "each participant has one vote";
        LateVote: "BHG §7.4", "a vote after the decision changes nothing";
        DecideCommit: "BHG §7.3, AC3; Gray 1978 §5.8", "phase 2: every participant voted yes, so the coordinator writes the commit and then announces it";
        DecideAbort: "BHG §7.3, AC3", "one no is enough: the coordinator aborts the transaction";
        AbortLate: "BHG §7.4", "a vote that does not come in time counts as a no, because a coordinator that has not decided may abort";
        SendAgain: "BHG §7.3, AC2 and §7.4", "a decision is never reversed: what was not acknowledged is announced again";
        CountDone: "Presumed abort §3", "a commit is remembered until every participant has acknowledged it";
        Forget: "Presumed abort §3", "every participant has committed, so nobody will ask again: the record ends";
        LateDone: "Presumed abort §3", "an acknowledgement that comes again changes nothing";
        CommitPart: "BHG §7.4", "a participant told to commit installs its part and unlocks the row";
        AbortPart: "BHG §7.4", "a participant told to abort undoes its part and unlocks the row";
        OutcomeKnown: "BHG §7.3, AC2", "a participant keeps the outcome that it has reached";
        NothingPrepared: "BHG §7.4", "a participant that has not voted yes has nothing to undo";
        AskOutcome: "BHG §7.4", "a participant that voted yes may not decide alone: it asks, and stays blocked until it is told";
        TellOutcome: "BHG §7.4", "whoever knows the outcome tells a participant that asks";
        StillOpen: "BHG §7.4", "there is no outcome to tell yet: it comes with the decision";
        PresumeAbort: "Presumed abort §3", "of a transaction that the coordinator knows nothing of, it says that it was aborted";
        AbortUnvoted: "BHG §7.4, cooperative termination", "a participant that has not voted may still abort: it writes that down, and tells the one that asks";
        DoubtToo: "BHG §7.4, cooperative termination", "a participant that waits itself cannot help another";
        RecallPrepared: "BHG §7.4", "after a restart a participant still holds what it voted yes for, and asks what became of it";
        RecallDecision: "BHG §7.4; Presumed abort §3", "after a restart a coordinator announces what it had decided; all else is aborted";
        NotMyRole: "BHG §7.4", "coordinator and participants are separate roles";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quorate_protocol::Rule;

    use super::*;

    #[test]
    fn every_rule_has_a_source_and_a_line_of_its_own() {
        let lines: BTreeSet<_> = TwoPhaseRule::ALL.iter().map(|rule| rule.summary()).collect();
        assert_eq!(lines.len(), TwoPhaseRule::ALL.len());
        for rule in TwoPhaseRule::ALL {
            assert!(rule.cite().contains('§'), "{} cites no section", rule.id());
            assert!(!rule.summary().ends_with('.'), "{} is a line, not a sentence", rule.id());
        }
    }
}
