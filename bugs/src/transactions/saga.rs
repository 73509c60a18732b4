//! Bugs of sagas: one wrong decision each. Steps that come after their compensation, count half, or
//! are done twice; compensations that come too early, too often, in the wrong order, or write the
//! wrong amount; sagas begun twice.

use quorate_protocol::Ruling::{self, Allow};
use quorate_transactions::saga::{BY_THE_BOOK, Rulebook, SagaRule};

use crate::Breaks::Invariant;
use crate::Discovery::{Scenario, Search, Seed};

bugs! {
    /// Rulebook of sagas: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    COMPENSATION_BEFORE_ACTION = "compensation-before-action" of Saga {
        summary: "A compensation that finds no step leaves no mark.",
        story: "The step is slow. Its time is over, and the compensation finds nothing to undo. Then the step arrives and is done: the room stays booked.",
        source: "servicecomb-pack #346; seata #152, #2711",
        breaks: Invariant("AllOrCompensated"),
        needs: "1 service and a slow step",
        discovery: Search { steps: 5 },
        correct_rule: "Overdue",
        fn leaves_mark() -> bool {
            false
        }
    }

    LATE_WORK_AFTER_CANCEL = "late-work-after-cancel" of Saga {
        summary: "A service does a step that comes after its compensation, because it looks only for steps that are done.",
        story: "The step is slow, or a second copy of it is. The saga has given up and compensated, and the client was told so. Then the step arrives, does not look at the mark, and holds the stock for good.",
        source: "seata #152, #2711; tcc-transaction #299",
        breaks: Invariant("AllOrCompensated"),
        needs: "1 service and a slow step",
        discovery: Search { steps: 5 },
        correct_rule: "Overdue",
        fn acts_after_undo() -> Ruling<SagaRule> {
            Allow(SagaRule::Act)
        }
    }

    UNDO_WRITES_OLD_PICTURE = "undo-writes-old-picture" of Saga {
        summary: "A compensation restores the amount that the step had found.",
        story: "Another saga has changed the row since. Its change is wiped out, though it was carried out and its client was told.",
        source: "seata #95",
        breaks: Invariant("StepsAddUp"),
        needs: "2 sagas on one row",
        discovery: Search { steps: 6 },
        correct_rule: "Undo",
        fn undone(_: i64, _: i64, before: i64) -> i64 {
            before
        }
    }

    UNDO_IN_FORWARD_ORDER = "undo-in-forward-order" of Saga {
        summary: "The steps are undone in the order in which they were done.",
        story: "The order is cancelled while the goods that it is about are still reserved. Whoever looks sees a state that no sequence of steps leads to.",
        source: "seata #6796, #5666",
        breaks: Invariant("UndoneInReverse"),
        needs: "2 services and a late answer",
        discovery: Search { steps: 6 },
        correct_rule: "Compensate",
        fn undoes_next(steps: &[usize]) -> Option<usize> {
            steps.first().copied()
        }
    }

    FINISHED_SAGA_TIMES_OUT = "finished-saga-times-out" of Saga {
        summary: "The time limit of a saga does not look whether the saga has ended.",
        story: "All steps are done, and the client was told so. Then the limit fires, and everything is undone.",
        source: "seata #4852, #4853",
        breaks: Invariant("AllOrCompensated"),
        needs: "1 saga that has ended",
        discovery: Search { steps: 7 },
        correct_rule: "LimitPassed",
        fn on_saga_timeout(_: bool, _: bool) -> Ruling<SagaRule> {
            Allow(SagaRule::Compensate)
        }
    }

    HALF_STEP = "half-step-counts-as-empty" of Saga {
        summary: "A service writes its change first, and the note that the step was done in a transaction of its own.",
        story: "It crashes between the two. The change is there and the note is not, so the compensation has nothing to undo.",
        source: "seata #4530, #6374",
        breaks: Invariant("StepsAddUp"),
        needs: "a crash of a service between two writes",
        discovery: Scenario { scenario: "transactions/saga-commits", commands: 14 },
        correct_rule: "Compensate",
        fn notes_in_one_write() -> bool {
            false
        }
    }

    STEP_DONE_AGAIN = "step-done-again" of Saga {
        summary: "A service does its step whenever it is asked to.",
        story: "The network duplicates the request, and three apples become six.",
        source: "Helland 2007 §5: at least once",
        breaks: Invariant("StepsAddUp"),
        needs: "a duplicated message",
        discovery: Search { steps: 4 },
        correct_rule: "ActAgain",
        fn acts_again() -> Ruling<SagaRule> {
            Allow(SagaRule::Act)
        }
    }

    UNDONE_AGAIN = "undone-again" of Saga {
        summary: "A service undoes its step whenever it is asked to.",
        story: "The answer to the first compensation is lost, and it is sent again. The customer is paid back twice.",
        source: "Helland 2007 §5; Garcia-Molina and Salem 1987 §5",
        breaks: Invariant("StepsAddUp"),
        needs: "1 service and a lost answer",
        discovery: Search { steps: 6 },
        correct_rule: "UndoAgain",
        fn undoes_again() -> Ruling<SagaRule> {
            Allow(SagaRule::Undo)
        }
    }

    SAGA_BEGUN_AGAIN = "saga-begun-again" of Saga {
        summary: "The orchestrator does not know which requests it has carried out.",
        story: "Its answer is lost. The client asks again, and the whole saga is carried out once more.",
        source: "Lee and others 2015 (RIFL) §3; Jepsen: retried requests",
        breaks: Invariant("EachRequestOnce"),
        needs: "a lost answer",
        discovery: Seed { nodes: 3, seed: 0, faults: "none,loss=5%", necessary_events: 4 },
        correct_rule: "AnswerFromRecord",
        fn begins(_: Option<u64>, _: u64) -> Ruling<SagaRule> {
            Allow(SagaRule::Begin)
        }
    }
}
