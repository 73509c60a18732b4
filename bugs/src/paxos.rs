//! Bugs of Paxos and of Multi-Paxos, which share one rulebook: one wrong decision each.
//!
//! The number of ballots that a bug needs matters more than the length of its schedule: acceptors
//! that accept without raising their promise are safe with two ballots, and learners that mix
//! ballots learn no second value with three.

use quorate_paxos::multi::Entry;
use quorate_paxos::{BY_THE_BOOK, Ballot, PaxosRule, Phase, Quorums, Rulebook};
use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{self, Allow, Refuse};

use crate::Breaks::{Invariant, Progress};
use crate::Discovery::{Scenario, Search, Seed, Stages};

pub mod retold;

bugs! {
    /// Rulebook of Paxos: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    OWN_VALUE = "own-value" of Paxos, MultiPaxos {
        summary: "A proposer proposes its own value despite reported accepted ones.",
        story: "A value is chosen. A second proposer learns of it from its quorum, but proposes its own value: the same acceptors choose that, too.",
        source: "Paxos Made Simple §2.2, P2c",
        breaks: Invariant("AtMostOneChosen"),
        needs: "2 ballots",
        discovery: Search { steps: 14 },
        correct_rule: "ProposeReported",
        fn value_to_propose(_: &[Ballot]) -> Option<usize> {
            None
        }
    }

    ANY_REPORTED = "any-reported" of Paxos, MultiPaxos {
        summary: "A proposer takes the reported value that arrived first, not the one of the highest ballot.",
        story: "One acceptor reports a value of a failed ballot, another the chosen one. The faster promise decides.",
        source: "Paxos Made Simple §2.2, P2c",
        breaks: Invariant("AtMostOneChosen"),
        needs: "3 ballots",
        discovery: Stages { steps: 20 },
        correct_rule: "ProposeReported",
        fn value_to_propose(reported: &[Ballot]) -> Option<usize> {
            (!reported.is_empty()).then_some(0)
        }
    }

    LOWEST_REPORTED = "lowest-reported" of Paxos, MultiPaxos {
        summary: "A proposer takes the reported value of the lowest ballot.",
        story: "Between a failed ballot and the one that chose, the older one wins, and a second value is chosen.",
        source: "Paxos Made Simple §2.2, P2c",
        breaks: Invariant("AtMostOneChosen"),
        needs: "3 ballots",
        discovery: Stages { steps: 20 },
        correct_rule: "ProposeReported",
        fn value_to_propose(reported: &[Ballot]) -> Option<usize> {
            (0..reported.len()).min_by_key(|&place| reported[place])
        }
    }

    DUPLICATE_PROMISE = "duplicate-promise" of Paxos, MultiPaxos {
        summary: "A duplicated promise counts twice towards the quorum.",
        story: "The network duplicates one acceptor's promise, and the proposer counts it as a quorum. It never learns of the value that the others chose.",
        source: "Paxos Made Simple §2.2: a quorum is a set",
        breaks: Invariant("AtMostOneChosen"),
        needs: "2 ballots and a duplicated message",
        discovery: Search { steps: 14 },
        correct_rule: "RepeatedPromise",
        fn counts_once(_: NodeId, _: &[NodeId]) -> Ruling<PaxosRule> {
            Allow(PaxosRule::CountPromise)
        }
    }

    BALLOT_REUSE = "ballot-reuse" of Paxos, MultiPaxos {
        summary: "A restarted proposer reuses a ballot.",
        story: "It sent its value with that ballot before it crashed; after the restart it gets the same promises, and proposes another value with the same number.",
        source: "Paxos Made Simple §2.5",
        breaks: Invariant("AtMostOneChosen"),
        needs: "1 ballot and a restart of its proposer",
        discovery: Search { steps: 16 },
        correct_rule: "Prepare",
        fn recall_tried(_: Option<Ballot>) -> Option<Ballot> {
            None
        }
    }

    FORGET_PROMISE = "forget-promise" of Paxos, MultiPaxos {
        summary: "A restarted acceptor has forgotten its promise.",
        story: "It promised to refuse lower ballots, restarts, and accepts one of them, which the second proposer had ruled out.",
        source: "Paxos Made Simple §2.2: acceptors remember over failures",
        breaks: Invariant("PromisesNeverDecrease"),
        needs: "2 ballots and a restart of an acceptor",
        discovery: Search { steps: 4 },
        correct_rule: "Recall",
        fn recall_promised(_: Option<Ballot>) -> Option<Ballot> {
            None
        }
    }

    FORGET_ACCEPTED = "forget-accepted" of Paxos, MultiPaxos {
        summary: "A restarted acceptor has forgotten the value that it accepted.",
        story: "The value was chosen with its vote. After the restart it reports nothing, and the next proposer may propose another value.",
        source: "Paxos Made Simple §2.2: acceptors remember over failures",
        breaks: Invariant("AtMostOneChosen"),
        needs: "2 ballots and a restart of an acceptor",
        discovery: Search { steps: 16 },
        correct_rule: "ProposeReported",
        fn recall_accepted(_: Ballot) -> bool {
            false
        }
    }

    NO_PROMISE_CHECK = "no-promise-check" of Paxos, MultiPaxos {
        summary: "An acceptor accepts every proposal, regardless of its promises.",
        story: "The higher ballot was promised and has chosen a value; then the proposal of the lower one arrives, and is accepted as well.",
        source: "Paxos Made Simple §2.2, P1a",
        breaks: Invariant("AtMostOneChosen"),
        needs: "2 ballots",
        discovery: Search { steps: 14 },
        correct_rule: "RefuseAccept",
        fn accept(_: Option<Ballot>, _: Option<Ballot>, _: Ballot) -> Ruling<PaxosRule> {
            Allow(PaxosRule::Accept)
        }
    }

    ACCEPTED_ONLY = "accepted-only" of Paxos, MultiPaxos {
        summary: "An acceptor compares a proposal with the ballot that it accepted, not with the one that it promised.",
        story: "It has promised a higher ballot and accepted nothing, so it accepts the lower one, although it has already reported that it accepted nothing.",
        source: "Paxos Made Simple §2.2, P1a",
        breaks: Invariant("AtMostOneChosen"),
        needs: "2 ballots",
        discovery: Search { steps: 14 },
        correct_rule: "RefuseAccept",
        fn accept(_: Option<Ballot>, accepted: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
            if accepted > Some(asked) { Refuse(PaxosRule::RefuseAccept) } else { Allow(PaxosRule::Accept) }
        }
    }

    ACCEPT_NO_RAISE = "accept-no-raise" of Paxos, MultiPaxos {
        summary: "Accepting a ballot does not raise the promise.",
        story: "An acceptor accepts a ballot that it had not promised, and then one below it that it had: its newest vote hides the chosen one.",
        source: "Paxos Made Simple §2.2, P1a; safe with 2 ballots",
        breaks: Invariant("AtMostOneChosen"),
        needs: "3 ballots",
        discovery: Stages { steps: 20 },
        correct_rule: "RefuseAccept",
        fn promised_after_accept(before: Option<Ballot>, _: Ballot) -> Option<Ballot> {
            before
        }
    }

    MIXED_PROMISES = "mixed-promises" of Paxos, MultiPaxos {
        summary: "Promises of different ballots count together.",
        story: "A promise for the proposer's first ballot arrives late and completes the quorum of its second. It does not report what that acceptor has accepted since.",
        source: "Paxos Made Simple §2.2, phase 2(a)",
        breaks: Invariant("AtMostOneChosen"),
        needs: "2 ballots of one proposer",
        discovery: Stages { steps: 15 },
        correct_rule: "StaleReply",
        fn counts(_: Ballot, _: Ballot) -> Ruling<PaxosRule> {
            Allow(PaxosRule::CountPromise)
        }
    }

    REPORTS_PROMISED = "reports-promised" of Paxos, MultiPaxos {
        summary: "A promise reports the promised ballot instead of the accepted one.",
        story: "An old value of a failed ballot is reported with the newest number that its acceptor promised, and so it wins over the chosen one.",
        source: "Paxos Made Simple §2.2, phase 1(b)",
        breaks: Invariant("AtMostOneChosen"),
        needs: "3 ballots",
        discovery: Stages { steps: 21 },
        correct_rule: "ProposeReported",
        fn reported_ballot(accepted: Ballot, promised: Option<Ballot>) -> Ballot {
            promised.unwrap_or(accepted)
        }
    }

    MIXED_VOTES = "mixed-votes" of Paxos, MultiPaxos {
        summary: "A learner counts votes of different ballots together.",
        story: "Two acceptors voted for a value, but in different ballots, and neither ballot chose it. The learner considers it chosen, and later another value may be chosen.",
        source: "Paxos Made Simple §2.3; safe with 3 ballots",
        breaks: Invariant("LearnedWasChosen"),
        needs: "2 ballots; 4 until two values are learned",
        discovery: Search { steps: 14 },
        correct_rule: "CountVote",
        fn vote_counts(_: Ballot, _: Ballot) -> bool {
            true
        }
    }

    SMALL_QUORUM = "small-quorum" of Paxos, MultiPaxos {
        summary: "Half of the acceptors count as a quorum.",
        story: "Two of four acceptors choose one value, the other two another one: these quorums do not intersect. With 3 for phase 1 and 2 for phase 2 they do.",
        source: "Paxos Made Simple §2.1; Flexible Paxos",
        breaks: Invariant("AtMostOneChosen"),
        needs: "4 acceptors and 2 ballots",
        discovery: Search { steps: 14 },
        correct_rule: "CountPromise",
        fn quorum(_: Phase, acceptors: usize, quorums: Quorums) -> bool {
            acceptors >= quorums.acceptors / 2
        }
    }

    SKIP_PHASE_1 = "skip-phase-1" of Paxos, MultiPaxos {
        summary: "A proposer skips phase 1.",
        story: "Its number is higher, so the acceptors accept its value. It does not know that another value was chosen, because it did not ask.",
        source: "Paxos Made Simple §2.2, P2c",
        breaks: Invariant("AtMostOneChosen"),
        needs: "2 ballots",
        discovery: Search { steps: 6 },
        correct_rule: "Prepare",
        fn must_prepare(_: Ballot, _: Option<Ballot>) -> bool {
            false
        }
    }

    REPORTED_IS_CHOSEN = "reported-is-chosen" of Paxos {
        summary: "A proposer tells the value that a promise reports as chosen, without completing it.",
        story: "One acceptor has accepted the 8 of A, whose messages to Y and Z are lost. B cannot reach Y. It hears of 8, and tells its client and A that 8 was chosen. It was not, and a proposer that hears from Y and Z may still have another value chosen.",
        source: "Paxos Made Simple §2.2, P2c; CASPaxos: a read proposes again what it has found",
        breaks: Invariant("LearnedWasChosen"),
        needs: "2 ballots, lost messages",
        discovery: Scenario { scenario: "paxos/reader-completes-what-it-finds", commands: 7 },
        correct_rule: "ProposeReported",
        fn completes_reported() -> bool {
            false
        }
    }

    HOLE_NOT_REPAIRED = "hole-not-repaired" of MultiPaxos {
        summary: "A new leader fills every open slot with a no-op, regardless of the reported votes.",
        story: "A command was chosen in the slot. The new leader learns of it from its quorum, but has a no-op chosen there.",
        source: "Paxos Made Simple §3",
        breaks: Invariant("AtMostOneChosen"),
        needs: "2 leaders",
        discovery: Seed { nodes: 3, seed: 1, faults: "harsh", necessary_events: 2 },
        correct_rule: "Accept",
        fn fill_hole(_: Option<&Entry>) -> Option<Entry> {
            Some(Entry::noop())
        }
    }

    HOLE_LEFT_OPEN = "hole-left-open" of MultiPaxos {
        summary: "A new leader leaves a slot without reported votes open.",
        story: "A later slot is chosen, but its execution waits forever for the hole before it.",
        source: "Paxos Made Simple §3",
        breaks: Progress("the log never gets past the hole"),
        needs: "2 leaders, a lost proposal",
        discovery: Seed { nodes: 3, seed: 143, faults: "harsh", necessary_events: 47 },
        correct_rule: "FillHole",
        fn fill_hole(bound: Option<&Entry>) -> Option<Entry> {
            bound.cloned()
        }
    }

    OLDER_RECOVERY = "older-recovery" of MultiPaxos, Paxos {
        summary: "A leader that is elected again trusts the phase 1 of its earlier ballot.",
        story: "Another leader had commands chosen in between. The returning leader proposes in those slots as if they were free.",
        source: "Paxos Made Simple §3: phase 1 is for one ballot",
        breaks: Invariant("AtMostOneChosen"),
        needs: "2 leaders, one of them twice",
        discovery: Seed { nodes: 3, seed: 1, faults: "harsh", necessary_events: 14 },
        correct_rule: "PromiseHigher",
        fn must_prepare(_: Ballot, prepared: Option<Ballot>) -> bool {
            prepared.is_none()
        }
    }
}
