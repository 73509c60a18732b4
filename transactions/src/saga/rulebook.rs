//! The rulebook: each decision of a saga as one small pure function.
//!
//! ```
//! use quorate_transactions::saga::{BY_THE_BOOK, Rulebook};
//!
//! // A compensation restores the amount that the step had found.
//! const OLD_PICTURE: Rulebook = Rulebook { undone: |_, _, before| before, ..BY_THE_BOOK };
//!
//! // The step took 2 of 10, and others have taken 3 of the 8 since.
//! assert_eq!(BY_THE_BOOK.undone(5, -2, 10), 7);
//! assert_eq!(OLD_PICTURE.undone(5, -2, 10), 10);
//! ```

use quorate_protocol::Ruling::{self, Allow, Refuse};

use super::rules::SagaRule;

quorate_protocol::rulebook! {
    /// The decisions of a saga. [`BY_THE_BOOK`] follows the papers.
    pub struct Rulebook;

    /// RIFL §3: whether a request begins a saga. `last` is the number of the newest ended request
    /// of the same client.
    fn begins(last: Option<u64>, number: u64) -> Ruling<SagaRule> {
        match last {
            Some(last) if last == number => Refuse(SagaRule::AnswerFromRecord),
            Some(last) if last > number => Refuse(SagaRule::Overtaken),
            _ => Allow(SagaRule::Begin),
        }
    }

    /// GMS §2: whether a service does its step. An amount never falls below zero by a step.
    fn acts(amount: i64, by: i64) -> Ruling<SagaRule> {
        match amount.checked_add(by) {
            Some(after) if after >= 0 => Allow(SagaRule::Act),
            _ => Refuse(SagaRule::RefuseStep),
        }
    }

    /// Helland §5: whether a step that was done already is done again.
    fn acts_again() -> Ruling<SagaRule> {
        Refuse(SagaRule::ActAgain)
    }

    /// Helland §5: whether a step that was undone, or marked as never to be done, is done when it
    /// comes after that.
    fn acts_after_undo() -> Ruling<SagaRule> {
        Refuse(SagaRule::Overdue)
    }

    /// GMS §3: whether a service writes the change and its note that the step was done in one local
    /// transaction.
    fn notes_in_one_write() -> bool {
        true
    }

    /// GMS §4: whether a saga is undone when a step is not done in time. After the pivot it is
    /// continued.
    fn on_step_timeout(pivot_done: bool) -> Ruling<SagaRule> {
        if pivot_done { Refuse(SagaRule::RetryForward) } else { Allow(SagaRule::Compensate) }
    }

    /// GMS §4: whether a saga is undone when its time is over. One that has ended stays so, and
    /// after the pivot it is continued.
    fn on_saga_timeout(ended: bool, pivot_done: bool) -> Ruling<SagaRule> {
        if ended || pivot_done { Refuse(SagaRule::LimitPassed) } else { Allow(SagaRule::Compensate) }
    }

    /// GMS §4: the step to undo next, of those that may have been done, in the order in which they
    /// were: the last one first.
    fn undoes_next(steps: &[usize]) -> Option<usize> {
        steps.last().copied()
    }

    /// GMS §1: the amount after a compensation, given the present one, the change that the step
    /// made, and the amount that the step had found. Others may have changed the row since.
    fn undone(now: i64, by: i64, before: i64) -> i64 {
        let _ = before;
        now.saturating_sub(by)
    }

    /// Helland §5: whether a compensation that finds no step leaves a mark that refuses the step.
    fn leaves_mark() -> bool {
        true
    }

    /// Helland §5: whether a compensation that was done already is done again.
    fn undoes_again() -> Ruling<SagaRule> {
        Refuse(SagaRule::UndoAgain)
    }
}
