//! Bugs of three-phase commit: a phase left out, a backup that hurries, and nodes that decide alone
//! after a restart. All of them show in a network in which silence means a crash.

use quorate_protocol::Ruling::{self, Allow, Refuse};
use quorate_transactions::three_phase::{BY_THE_BOOK, Rulebook, ThreePhaseRule};

use crate::Breaks::Invariant;
use crate::Discovery::Search;

bugs! {
    /// Rulebook of three-phase commit: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    TWO_PHASES = "two-phases-after-all" of ThreePhase {
        summary: "The coordinator commits as soon as all have voted yes, without the pre-commit state between.",
        story: "It has committed, and dies before anybody hears of it. The participants are all uncertain, and their backup aborts.",
        source: "Skeen 1981 §5: a state from which both outcomes are one step away",
        breaks: Invariant("SameOutcome"),
        needs: "1 transaction and a crash of the coordinator",
        discovery: Search { steps: 11 },
        correct_rule: "PreCommitAll",
        fn pre_commits() -> bool {
            false
        }
    }

    COMMITS_FROM_READY = "backup-commits-from-ready" of ThreePhase {
        summary: "The backup coordinator commits although all that are up are uncertain.",
        story: "It has voted yes itself, and so has the other one that answers. The third one has said no, and is down, as is the coordinator that heard it.",
        source: "Skeen 1981 §7; Bernstein, Hadzilacos and Goodman §7.5, TR3",
        breaks: Invariant("CommitNeedsEveryYes"),
        needs: "2 participants and a crash of one before its vote",
        discovery: Search { steps: 7 },
        correct_rule: "AbortUncertain",
        fn terminates(pre_committed: usize, uncertain: usize) -> Ruling<ThreePhaseRule> {
            BY_THE_BOOK.terminates(pre_committed.max(uncertain), uncertain)
        }
    }

    COMMITS_AT_ONCE = "backup-commits-at-once" of ThreePhase {
        summary: "A backup coordinator that is in the pre-commit state commits, and does not move the others there first.",
        story: "It commits and dies. The one that is left has not heard of the pre-commit, takes over in turn, and aborts.",
        source: "Skeen 1981 §7, phase 1 of the backup; Bernstein, Hadzilacos and Goodman §7.5, TR4",
        breaks: Invariant("SameOutcome"),
        needs: "2 participants, and crashes of the coordinator and of its backup",
        discovery: Search { steps: 15 },
        correct_rule: "MoveToPreCommit",
        fn moves_others_first() -> bool {
            false
        }
    }

    FIRST_ACK_COMMITS = "first-ack-commits" of ThreePhase {
        summary: "The coordinator commits when the first participant is in the pre-commit state.",
        story: "The coordinator and that participant die. The other one is still uncertain, alone, and aborts.",
        source: "Skeen 1981 §6: the coordinator waits for every acknowledgement",
        breaks: Invariant("SameOutcome"),
        needs: "2 participants and 2 crashes",
        discovery: Search { steps: 13 },
        correct_rule: "CountAck",
        fn all_acknowledged(acknowledged: usize, asked: usize) -> Ruling<ThreePhaseRule> {
            BY_THE_BOOK.all_acknowledged(acknowledged, asked.min(1))
        }
    }

    DECIDES_ALONE = "recovers-and-decides-alone" of ThreePhase {
        summary: "A participant that has restarted aborts what it was in doubt about, without asking.",
        story: "While it was down the others went on without it, as they should, and committed.",
        source: "Bernstein, Hadzilacos and Goodman §7.5, recovery: independent recovery is impossible after a yes",
        breaks: Invariant("SameOutcome"),
        needs: "1 transaction and a restart of a participant",
        discovery: Search { steps: 11 },
        correct_rule: "AskOthers",
        fn aborts_after_restart(_: usize, _: usize) -> Ruling<ThreePhaseRule> {
            Allow(ThreePhaseRule::AbortAfterTotalFailure)
        }
    }

    TAKES_PART_AGAIN = "recovers-and-takes-over" of ThreePhase {
        summary: "A participant that has restarted takes over like one that was up all the time.",
        story: "The others have committed without it and died. It finds nobody, is uncertain itself, and aborts.",
        source: "Bernstein, Hadzilacos and Goodman §7.5: only those that have never failed take part in the termination",
        breaks: Invariant("SameOutcome"),
        needs: "2 participants, 2 crashes and a restart",
        discovery: Search { steps: 13 },
        correct_rule: "AskOthers",
        fn takes_part_after_restart() -> bool {
            true
        }
    }

    COORDINATOR_PRESUMES = "coordinator-presumes-abort" of ThreePhase {
        summary: "A coordinator that has restarted aborts what it had not decided, as that of two-phase commit does.",
        story: "Its participants did not wait for it. They had heard of the pre-commit, and have committed.",
        source: "Bernstein, Hadzilacos and Goodman §7.5, recovery",
        breaks: Invariant("SameOutcome"),
        needs: "1 transaction and a restart of the coordinator",
        discovery: Search { steps: 12 },
        correct_rule: "RecallBegun",
        fn coordinator_asks() -> Ruling<ThreePhaseRule> {
            Refuse(ThreePhaseRule::AbortLate)
        }
    }
}
