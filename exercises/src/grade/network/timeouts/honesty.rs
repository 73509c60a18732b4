//! Invariants of a caller: its reports are true, as precise as possible, and its retries do no
//! harm.

use std::collections::BTreeMap;

use quorate_protocol::{Invariant, InvariantViolation, RequestId, StepView};

use super::node::{ATTEMPTS_MAX, Fact, RpcNode};
use super::{Attempt, Operation, Report};

/// Invariant: a report is true and stays true, and is as precise as the caller's knowledge permits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Honesty {
    executed: BTreeMap<RequestId, u32>,
    reported: BTreeMap<RequestId, Report>,
}

impl Invariant<RpcNode> for Honesty {
    fn check(&mut self, seen: &StepView<'_, RpcNode>) -> Result<(), InvariantViolation> {
        for fact in seen.facts() {
            match fact {
                Fact::Executed { call, operation } => self.executes(*call, *operation)?,
                Fact::Reported { call, operation, attempts, report } => {
                    self.reports(*call, *report)?;
                    worth_it(*call, *operation, attempts, *report)?;
                }
            }
        }
        Ok(())
    }
}

impl Honesty {
    fn executes(&mut self, call: RequestId, operation: Operation) -> Result<(), InvariantViolation> {
        let times = self.executed.entry(call).or_default();
        *times += 1;
        if operation == Operation::Add && *times > 1 {
            return Err(InvariantViolation::new(
                "AddedOnce",
                format!("{call} must be added once, but was added twice"),
            ));
        }
        if self.reported.get(&call) == Some(&Report::NotDone) {
            let detail = format!("{call} was reported as not done, but now it is done");
            return Err(InvariantViolation::new("HonestReport", detail));
        }
        Ok(())
    }

    fn reports(&mut self, call: RequestId, report: Report) -> Result<(), InvariantViolation> {
        self.reported.insert(call, report);
        let said = match (report, self.executed.contains_key(&call)) {
            (Report::Done, false) => "done, but it was not",
            (Report::NotDone, true) => "not done, but it was",
            _ => return Ok(()),
        };
        Err(InvariantViolation::new("HonestReport", format!("{call} was reported as {said}")))
    }
}

/// Checks precision: reporting "unknown" is always true, but it must also be unavoidable.
fn worth_it(
    call: RequestId,
    operation: Operation,
    attempts: &[Attempt],
    report: Report,
) -> Result<(), InvariantViolation> {
    let answered = attempts.contains(&Attempt::Answered);
    if report == Report::Unknown && (answered || !attempts.contains(&Attempt::TimedOut)) {
        let detail =
            format!("the outcome of {call} was reported as unknown, although these attempts are known: {attempts:?}");
        return Err(InvariantViolation::new("UsefulReport", detail));
    }
    if operation == Operation::Set && !answered && attempts.len() < ATTEMPTS_MAX {
        let detail = format!("{call} was abandoned after {attempts:?}, although a retry is safe");
        return Err(InvariantViolation::new("KeepsAsking", detail));
    }
    Ok(())
}
