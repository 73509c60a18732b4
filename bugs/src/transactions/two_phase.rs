//! Bugs of two-phase commit.
//!
//! Most of them are about memory: what a participant must not forget once it has voted, and what
//! the coordinator must not forget once it has decided.

use quorate_protocol::Ruling::{self, Allow};
use quorate_transactions::Txn;
use quorate_transactions::two_phase::{BY_THE_BOOK, Outcome, Rulebook, TwoPhaseRule};

use crate::Breaks::{Invariant, Progress};
use crate::Discovery::{Search, Seed};

bugs! {
    /// Rulebook of two-phase commit: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    PREPARED_TIMES_OUT = "prepared-times-out" of TwoPhase {
        summary: "A participant that has voted yes aborts by itself when it hears nothing.",
        story: "All have voted yes, and the coordinator has decided to commit. One participant has not heard of it for a while, aborts its part and unlocks the row. The others commit.",
        source: "flink-connector-kafka #238; Bernstein, Hadzilacos and Goodman §7.4",
        breaks: Invariant("SameOutcome"),
        needs: "1 transaction and a slow outcome",
        discovery: Search { steps: 6 },
        correct_rule: "AskOutcome",
        fn on_silence() -> Ruling<TwoPhaseRule> {
            Allow(TwoPhaseRule::AbortPart)
        }
    }

    YES_NOT_DURABLE = "yes-not-durable" of TwoPhase {
        summary: "A participant votes yes and does not write its part to disk.",
        story: "It crashes after its vote. After the restart it knows nothing of the transaction that the coordinator commits on the strength of that vote.",
        source: "Gray 1978 §5.8",
        breaks: Invariant("YesStays"),
        needs: "1 transaction and a restart of a participant",
        discovery: Search { steps: 4 },
        correct_rule: "RecallPrepared",
        fn writes_yes() -> bool {
            false
        }
    }

    DECISION_NOT_LOGGED = "decision-not-logged" of TwoPhase {
        summary: "The coordinator announces a commit that is not on its disk.",
        story: "One participant has heard of the commit when the coordinator crashes. After the restart it knows nothing of the transaction, and tells the other one that it was aborted.",
        source: "MartinKalema/horizontal-scaling-convex #101; Gray 1978 §5.8",
        breaks: Invariant("SameOutcome"),
        needs: "1 transaction and a restart of the coordinator",
        discovery: Search { steps: 10 },
        correct_rule: "RecallDecision",
        fn writes_commit() -> bool {
            false
        }
    }

    PRESUMES_COMMIT = "presumes-commit" of TwoPhase {
        summary: "The coordinator says of a transaction without a record that it was committed.",
        story: "It crashed before it had all votes, and an abort leaves no record. The first participant that asks is told to commit; another one never voted.",
        source: "Mohan, Lindsay and Obermarck 1986 §3",
        breaks: Invariant("CommitNeedsEveryYes"),
        needs: "1 transaction and a restart of the coordinator",
        discovery: Search { steps: 6 },
        correct_rule: "PresumeAbort",
        fn presumes() -> Option<Outcome> {
            Some(Outcome::Commit)
        }
    }

    SILENT_COORDINATOR = "abandoned-prepare" of TwoPhase {
        summary: "The coordinator does not answer questions about a transaction that it has no record of.",
        story: "It crashed before it had decided. The participants that have voted yes ask and ask, and their rows stay locked for good.",
        source: "atomix #360, MartinKalema/horizontal-scaling-convex #158",
        breaks: Progress("participants stay in doubt, and their rows locked"),
        needs: "a restart of the coordinator",
        discovery: Seed { nodes: 3, seed: 4, faults: "none,crashes=1,outage=500ms", necessary_events: 2 },
        correct_rule: "AbortPart",
        fn presumes() -> Option<Outcome> {
            None
        }
    }

    FORGOTTEN_EARLY = "decision-forgotten-early" of TwoPhase {
        summary: "The coordinator drops the record of a commit when the first participant has acknowledged it.",
        story: "The other one has not heard of it, and asks. There is no record, so the transaction is presumed aborted.",
        source: "MartinKalema/horizontal-scaling-convex #151",
        breaks: Invariant("SameOutcome"),
        needs: "1 transaction with 2 participants",
        discovery: Search { steps: 10 },
        correct_rule: "CountDone",
        fn forgets(_: usize, _: usize) -> Ruling<TwoPhaseRule> {
            Allow(TwoPhaseRule::Forget)
        }
    }

    TIMEOUT_RACES_COMMIT = "timeout-races-commit" of TwoPhase {
        summary: "The sweep for late transactions does not look whether a decision has been made.",
        story: "All have voted yes, and the commit is on its way. Then the timer of the transaction fires, and the coordinator aborts it.",
        source: "seata #5404",
        breaks: Invariant("SameOutcome"),
        needs: "1 transaction and a late acknowledgement",
        discovery: Search { steps: 6 },
        correct_rule: "SendAgain",
        fn aborts_late(_: bool) -> Ruling<TwoPhaseRule> {
            Allow(TwoPhaseRule::AbortLate)
        }
    }

    MOST_SAID_YES = "most-said-yes" of TwoPhase {
        summary: "The coordinator commits when most participants have voted yes.",
        story: "A majority is enough to agree on one value. Here each participant has a part of its own, and may refuse it: the third one has no stock left.",
        source: "atomic commitment mistaken for consensus; Bernstein, Hadzilacos and Goodman §7.3, AC3",
        breaks: Invariant("CommitNeedsEveryYes"),
        needs: "3 participants",
        discovery: Search { steps: 5 },
        correct_rule: "CountVote",
        fn commits(yes: usize, participants: usize) -> Ruling<TwoPhaseRule> {
            BY_THE_BOOK.commits(yes, participants / 2 + 1)
        }
    }

    YES_COUNTS_TWICE = "yes-counts-twice" of TwoPhase {
        summary: "A yes that comes twice counts twice.",
        story: "The network duplicates the vote of one participant. The coordinator has as many votes as there are participants, and one has not voted.",
        source: "Bernstein, Hadzilacos and Goodman §7.3, AC5",
        breaks: Invariant("CommitNeedsEveryYes"),
        needs: "2 participants and a duplicated message",
        discovery: Search { steps: 5 },
        correct_rule: "RepeatedVote",
        fn counts(_: u32) -> Ruling<TwoPhaseRule> {
            Allow(TwoPhaseRule::CountVote)
        }
    }

    ROW_NOT_LOCKED = "row-not-locked" of TwoPhase {
        summary: "A participant prepares a change of a row that another transaction has changed and not yet committed.",
        story: "Both start from the same amount. The one that commits last overwrites what the other one did.",
        source: "Eswaran and others 1976 §4: the lost update",
        breaks: Invariant("AmountsAddUp"),
        needs: "2 transactions on one row",
        discovery: Search { steps: 8 },
        correct_rule: "WaitForRow",
        fn locks(_: Option<Txn>) -> Ruling<TwoPhaseRule> {
            Allow(TwoPhaseRule::LockRow)
        }
    }

    DOUBT_UNLOCKED = "doubt-unlocked" of TwoPhase {
        summary: "A participant that restarts does not lock the rows again for which it voted yes.",
        story: "The next transaction finds the row free and changes it. When the first one commits at last, it installs an amount that was true before the crash.",
        source: "Bernstein, Hadzilacos and Goodman §7.4",
        breaks: Invariant("AmountsAddUp"),
        needs: "2 transactions on one row and a restart of a participant",
        discovery: Search { steps: 10 },
        correct_rule: "WaitForRow",
        fn locks_again() -> bool {
            false
        }
    }

    COMMITS_PAST_LOCK_LIFE = "commits-past-lock-life" of TwoPhase {
        summary: "A row lock has a time to live, and a participant commits although it is over.",
        story: "The participant hears nothing for so long that its lock is taken for dead, and the next transaction gets the row. Then the first one is committed at last, with an amount that was computed under the lock: one of the two changes is lost, and both clients were told that all is well.",
        source: "tidb #33641, #34634",
        breaks: Invariant("AmountsAddUp"),
        needs: "2 transactions on one row and a slow outcome",
        discovery: Search { steps: 9 },
        correct_rule: "AskOutcome",
        fn keeps_lock() -> bool {
            false
        }
    }

    VOTES_OF_TWO_ATTEMPTS = "votes-of-two-attempts" of TwoPhase {
        summary: "A coordinator that restarts gives a new transaction the identifier of an earlier one.",
        story: "The vote on the earlier one is still on its way. It counts for the new one, whose participant has not prepared anything.",
        source: "cockroach #46596",
        breaks: Invariant("CommitNeedsEveryYes"),
        needs: "2 transactions and a restart of the coordinator",
        discovery: Search { steps: 6 },
        correct_rule: "Begin",
        fn next_life(_: u64) -> u64 {
            1
        }
    }

    ABORT_NOT_REMEMBERED = "abort-not-remembered" of TwoPhase {
        summary: "A participant that aborts because another one asked does not write that down.",
        story: "It tells the other one that the transaction is aborted. Then the coordinator's request to prepare arrives, and it votes yes.",
        source: "Bernstein, Hadzilacos and Goodman §7.4, cooperative termination; seata #2711",
        breaks: Invariant("SameOutcome"),
        needs: "2 participants that ask each other",
        discovery: Search { steps: 7 },
        correct_rule: "OutcomeKnown",
        fn remembers_abort() -> bool {
            false
        }
    }

    LAST_OUTCOME_WINS = "last-outcome-wins" of TwoPhase {
        summary: "A participant takes every outcome that it is told, also after it has reached one.",
        story: "It asked while it was in doubt, and the question was slow. All have committed, and the record has ended, when the coordinator answers that it knows nothing of the transaction.",
        source: "Bernstein, Hadzilacos and Goodman §7.3, AC2",
        breaks: Invariant("SameOutcome"),
        needs: "1 transaction and a slow question",
        discovery: Search { steps: 12 },
        correct_rule: "OutcomeKnown",
        fn takes(_: Option<Outcome>, told: Outcome) -> Ruling<TwoPhaseRule> {
            BY_THE_BOOK.takes(None, told)
        }
    }

    OUTCOME_HITS_NEXT = "outcome-hits-next-transaction" of TwoPhase {
        summary: "An outcome ends the transaction that is prepared at the moment, whichever it is about.",
        story: "The abort of the first transaction arrives twice. The second copy is late: by then the next one is prepared, and is aborted in its place, though its coordinator has committed it.",
        source: "Jepsen: Bufstream 0.1.0, and the note to the Kafka users' list",
        breaks: Invariant("SameOutcome"),
        needs: "2 transactions on one row, and a late copy of an outcome",
        discovery: Search { steps: 6 },
        correct_rule: "NothingPrepared",
        fn ends(named: Txn, newest: Option<Txn>) -> Txn {
            newest.unwrap_or(named)
        }
    }

    SELLS_WHAT_IT_LACKS = "sells-what-it-lacks" of TwoPhase {
        summary: "A participant votes yes to a change that it cannot make.",
        story: "There are four apples left, and six are sold. Once it has voted yes it must install the change, and the stock is below zero.",
        source: "Bernstein, Hadzilacos and Goodman §7.4",
        breaks: Invariant("AmountsAddUp"),
        needs: "2 transactions on one row",
        discovery: Search { steps: 8 },
        correct_rule: "VoteNo",
        fn votes(_: i64, _: i64) -> Ruling<TwoPhaseRule> {
            Allow(TwoPhaseRule::VoteYes)
        }
    }

    REQUEST_BEGUN_AGAIN = "request-begun-again" of TwoPhase {
        summary: "The coordinator does not know which requests it has carried out.",
        story: "It has committed, and crashes before it answers. The client asks again, and its order is placed twice.",
        source: "Lee and others 2015 (RIFL) §3; Jepsen: retried requests",
        breaks: Invariant("EachRequestOnce"),
        needs: "a lost answer",
        discovery: Seed { nodes: 3, seed: 0, faults: "none,loss=5%", necessary_events: 6 },
        correct_rule: "AnswerFromRecord",
        fn begins(_: Option<u64>, _: u64) -> Ruling<TwoPhaseRule> {
            Allow(TwoPhaseRule::Begin)
        }
    }
}
