//! Rules of Paxos Commit, by the name that traces cite.
//!
//! The papers, by the names used here:
//! * *GL*, Jim Gray and Leslie Lamport, *Consensus on Transaction Commit*, 2006: §2 transaction
//!   commit, §4.1 the Paxos consensus algorithm, §4.2 the Paxos Commit algorithm, §6 creation and
//!   registration of transactions.
//! * *BHG*, Philip Bernstein, Vassos Hadzilacos and Nathan Goodman, *Concurrency Control and
//!   Recovery in Database Systems*, 1987: §3.4 deadlocks, §7.3 atomic commitment.
//! * *RIFL*, Collin Lee and others, *Implementing Linearizability at Large Scale and Low Latency*,
//!   2015: repeated requests of clients.

quorate_protocol::rules! {
    /// The rules of Paxos Commit.
    pub enum PaxosCommitRule {
        Begin: "GL §4.2 and §6", "the first leader writes down a transaction and its participants, and asks each to prepare";
        Invalid: "GL §6", "a transaction changes rows of participants of this cluster, at least one";
        RepeatedRequest: "RIFL §3", "a request whose transaction is under way is not begun again";
        AnswerFromRecord: "RIFL §3", "a request that was decided is answered again, from a record written with the decision";
        Overtaken: "RIFL §3", "a client that asks for more is done with what it asked for before, so nothing older is begun";
        RecallBegun: "GL §4.2", "after a restart a leader learns what became of its transactions in a new ballot";
        VotePrepared: "GL §2 and §4.2", "a participant whose change is on disk proposes Prepared in ballot 0 of its own instance";
        VoteAborted: "GL §2 and §4.2", "a participant that cannot make its change aborts it, and proposes Aborted in ballot 0 of its own instance";
        RowLocked: "BHG §3.4", "a participant does not wait for a locked row but votes Aborted, so there is no deadlock";
        VoteAgain: "GL §4.2", "ballot 0 of an instance has one value: a repeated request repeats the vote that stands";
        AcceptVote: "GL §4.1, phase 2b", "an acceptor writes down and reports a vote unless it has promised a higher ballot";
        AcceptAgain: "GL §4.1, phase 2b", "a vote that was accepted before is reported again";
        RefuseLower: "GL §4.1, phases 1b and 2b", "an acceptor takes no part in a ballot below the one that it has promised";
        Promise: "GL §4.1, phase 1b", "an acceptor promises a higher ballot for all instances of the transaction, and reports the votes it has accepted";
        CountAccepted: "GL §4.2", "an instance is decided when a majority of acceptors has accepted in one ballot, the transaction when all are";
        LateAccepted: "GL §4.2", "a vote that arrives after the decision changes nothing";
        DecideCommit: "GL §2 and §4.2", "every instance has chosen Prepared: the transaction is committed";
        DecideAbort: "GL §2 and §4.2", "one instance has chosen Aborted: the transaction is aborted";
        TakeOver: "GL §4.2, phase 1a", "a leader that lacks a vote begins a ballot of its own, above 0, in all instances at once";
        CountPromise: "GL §4.1, phase 2a", "a leader proposes nothing before a majority of acceptors has promised";
        StaleReply: "GL §4.1", "a reply counts only for the ballot that it answers";
        Preempted: "GL §4.1", "a leader whose ballot is refused waits, and tries a higher one";
        ProposeReported: "GL §4.1, phase 2a", "an instance in which votes were accepted keeps the one of the highest ballot";
        ProposeFree: "GL §4.2", "an instance in which nothing was accepted is free, and a leader proposes Aborted there";
        CommitPart: "GL §4.2", "a participant told to commit installs its change and unlocks the row";
        AbortPart: "GL §4.2", "a participant told to abort drops its change and unlocks the row";
        OutcomeKnown: "GL §2, stability", "a participant keeps the outcome that it has reached";
        NothingPrepared: "GL §2", "a participant that has not voted has nothing to undo";
        RecallPrepared: "GL §2, stability", "after a restart a participant still holds what it voted Prepared for, and asks for the outcome";
        AskOutcome: "GL §4.2", "a participant that voted Prepared may not decide alone: it asks one leader after the other";
        TellOutcome: "GL §4.2", "a leader that knows the outcome tells a participant that asks";
        StillOpen: "GL §4.2", "a leader that is at work on a transaction tells its participants at the end";
        NotMyRole: "GL §4.2", "leaders, acceptors and participants are separate roles";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quorate_protocol::Rule;

    use super::*;

    #[test]
    fn every_rule_has_a_source_and_a_line_of_its_own() {
        let lines: BTreeSet<_> = PaxosCommitRule::ALL.iter().map(|rule| rule.summary()).collect();
        assert_eq!(lines.len(), PaxosCommitRule::ALL.len());
        for rule in PaxosCommitRule::ALL {
            assert!(rule.cite().contains('§'), "{} cites no section", rule.id());
            assert!(!rule.summary().ends_with('.'), "{} is a line, not a sentence", rule.id());
        }
    }
}
