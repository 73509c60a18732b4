//! Bugs of Paxos Commit.
//!
//! Each vote is chosen by the acceptors. Most of these bugs count a vote before it is chosen, or do
//! not heed one that may have been.

use quorate_paxos::{Ballot, Quorums};
use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{self, Allow};
use quorate_transactions::paxos_commit::{BY_THE_BOOK, PaxosCommitRule, Rulebook, Vote};
use quorate_transactions::two_phase::Outcome;

use crate::Breaks::Invariant;
use crate::Discovery::{Search, Seed};

bugs! {
    /// Rulebook of Paxos Commit: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    VOTE_OF_ONE_ACCEPTOR = "vote-of-one-acceptor" of PaxosCommit {
        summary: "A leader takes a vote for decided when the first acceptor has accepted it.",
        story: "The other acceptors have not seen the vote. A leader that takes over may read their promises alone, finds the instance free, and aborts what was committed.",
        source: "Gray and Lamport 2006 §4.1, phase 2b",
        breaks: Invariant("OneVoteChosen"),
        needs: "1 transaction",
        discovery: Search { steps: 4 },
        correct_rule: "CountAccepted",
        fn chosen(accepted: usize, _: Quorums) -> bool {
            accepted >= 1
        }
    }

    COMMITS_UNDECIDED = "commits-undecided" of PaxosCommit {
        summary: "A leader commits although the instance of one participant is undecided.",
        story: "It has the votes of all others. The last participant may yet vote Aborted, or its instance may be found free by the next leader.",
        source: "Gray and Lamport 2006 §2: all participants must be prepared",
        breaks: Invariant("CommitNeedsEveryYes"),
        needs: "2 participants",
        discovery: Search { steps: 6 },
        correct_rule: "CountAccepted",
        fn commits(prepared: usize, participants: usize) -> Ruling<PaxosCommitRule> {
            BY_THE_BOOK.commits(prepared + 1, participants)
        }
    }

    REPORTED_VOTES_IGNORED = "reported-votes-ignored" of PaxosCommit {
        summary: "A leader that takes over does not heed the votes that acceptors report with their promises.",
        story: "The vote is chosen, and another leader may have committed on it. This one proposes Aborted in its own ballot, and the acceptors follow.",
        source: "Gray and Lamport 2006 §4.1, phase 2a",
        breaks: Invariant("OneVoteChosen"),
        needs: "1 transaction and a leader that takes over",
        discovery: Search { steps: 11 },
        correct_rule: "ProposeReported",
        fn bound(_: &[Ballot]) -> Option<usize> {
            None
        }
    }

    PROPOSES_WITHOUT_MAJORITY = "proposes-without-majority" of PaxosCommit {
        summary: "A leader that takes over proposes after the promise of one acceptor.",
        story: "That acceptor has not seen the vote. The two that have accepted it were not asked, and the leader believes that the instance is free.",
        source: "Gray and Lamport 2006 §4.1, phase 2a",
        breaks: Invariant("OneVoteChosen"),
        needs: "1 transaction and a leader that takes over",
        discovery: Search { steps: 9 },
        correct_rule: "CountPromise",
        fn prepared(promises: usize, _: Quorums) -> bool {
            promises >= 1
        }
    }

    LEADER_IN_BALLOT_ZERO = "leader-in-ballot-zero" of PaxosCommit {
        summary: "A leader that lacks a vote proposes Aborted in ballot 0, which belongs to the participant.",
        story: "The promise of a ballot in round 0 does not keep the participant's vote out, which was on its way. It is chosen, and then the leader's proposal is.",
        source: "Gray and Lamport 2006 §4.2: only the participant sends phase 2a messages of ballot 0",
        breaks: Invariant("OneVoteChosen"),
        needs: "1 transaction and a slow vote",
        discovery: Search { steps: 11 },
        correct_rule: "Promise",
        fn next_ballot(me: NodeId, _: Option<Ballot>, _: Option<Ballot>) -> Ballot {
            Ballot::new(0, me)
        }
    }

    PROMISE_NOT_KEPT = "promise-not-kept" of PaxosCommit {
        summary: "An acceptor accepts a vote in ballot 0 after it has promised a higher ballot.",
        story: "A leader has found the instance free, because the vote was slow. Now the acceptors accept the vote after all, and then the leader's proposal.",
        source: "Gray and Lamport 2006 §4.1, phase 1b",
        breaks: Invariant("OneVoteChosen"),
        needs: "1 transaction and a slow vote",
        discovery: Search { steps: 11 },
        correct_rule: "RefuseLower",
        fn accepts(_: Option<Ballot>, _: Option<Ballot>, _: Ballot) -> Ruling<PaxosCommitRule> {
            Allow(PaxosCommitRule::AcceptVote)
        }
    }

    FREE_MEANS_PREPARED = "free-means-prepared" of PaxosCommit {
        summary: "A leader that finds an instance free proposes Prepared.",
        story: "The participant has never voted, and perhaps was never asked. The transaction is committed without it.",
        source: "Gray and Lamport 2006 §4.2: a free leader proposes Aborted",
        breaks: Invariant("CommitNeedsEveryYes"),
        needs: "1 transaction and a leader that takes over",
        discovery: Search { steps: 10 },
        correct_rule: "DecideAbort",
        fn free() -> Vote {
            Vote::Prepared
        }
    }

    ACCEPTED_NOT_DURABLE = "accepted-not-durable" of PaxosCommit {
        summary: "An acceptor reports a vote that it has not written to disk.",
        story: "It restarts, and has forgotten the vote that a majority had chosen. A leader that takes over reads its promise and finds the instance free.",
        source: "Gray and Lamport 2006 §4.3: acceptors write before they send",
        breaks: Invariant("OneVoteChosen"),
        needs: "1 transaction, a leader that takes over and a restart of an acceptor",
        discovery: Search { steps: 13 },
        correct_rule: "Promise",
        fn writes_accepted() -> bool {
            false
        }
    }

    INSTANCE_OF_TWO_ATTEMPTS = "instance-of-two-attempts" of PaxosCommit {
        summary: "A leader that restarts gives a new transaction the identifier of an earlier one, and so its instances.",
        story: "The acceptors still report the votes on the earlier one. They count for the new one, whose participant has not prepared anything.",
        source: "cockroach #46596, parallel commits",
        breaks: Invariant("CommitNeedsEveryYes"),
        needs: "2 transactions and a restart of the first leader",
        discovery: Search { steps: 9 },
        correct_rule: "Begin",
        fn next_life(_: u64) -> u64 {
            1
        }
    }

    DOUBT_ENDS_ALONE = "doubt-ends-alone" of PaxosCommit {
        summary: "A participant that has voted Prepared aborts by itself when it hears nothing.",
        story: "Its vote is with the acceptors, and a leader has committed. There was somebody to ask: any leader can read the outcome from the acceptors.",
        source: "Gray and Lamport 2006 §2; flink-connector-kafka #238",
        breaks: Invariant("SameOutcome"),
        needs: "1 transaction and a slow outcome",
        discovery: Search { steps: 7 },
        correct_rule: "AskOutcome",
        fn on_silence() -> Ruling<PaxosCommitRule> {
            Allow(PaxosCommitRule::AbortPart)
        }
    }

    ERROR_YET_COMMITTED = "error-yet-committed" of PaxosCommit {
        summary: "A leader that has waited too long tells the client that the transaction was aborted.",
        story: "All participants are prepared, and the acceptors have the votes. The leader only has not heard of them; it begins a ballot of its own, finds every vote, and commits. The client was told that nothing happened, and orders once more.",
        source: "tidb #69831",
        breaks: Invariant("EachRequestOnce"),
        needs: "1 transaction and slow votes",
        discovery: Seed { nodes: 3, seed: 0, faults: "harsh", necessary_events: 3 },
        correct_rule: "TakeOver",
        fn tells_undecided() -> Option<Outcome> {
            Some(Outcome::Abort)
        }
    }
}
