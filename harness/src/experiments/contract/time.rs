//! Client contracts of TrueTime, a clock that never goes back, and of Snowflake, ids that differ.

use std::collections::BTreeMap;

use quorate_lab::linearizability::Model;
use quorate_protocol::{
    ClientEvent, ClientEventKind, Invariant, InvariantSummary, InvariantViolation, RequestId, StepView, Time,
    Unexplained,
};
use quorate_time::Interval;
use quorate_time::ntp::{self, Ntp};
use quorate_time::snowflake::{self, Id, Snowflake};
use quorate_time::true_time::{Command, Reply, TrueTime};

use super::{AnswerStats, Contract};

/// Contract of TrueTime.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct ClockAnswers;

impl Contract<TrueTime> for ClockAnswers {
    type Object = Clock;

    fn object() -> Clock {
        Clock
    }

    fn operation(command: &Command) -> Option<Command> {
        Some(*command)
    }

    fn returned(_: &Command, reply: &Reply) -> Option<Interval> {
        match reply {
            Reply::Now { interval } => Some(*interval),
            Reply::Committed { timestamp } => Some(Interval::new(*timestamp, *timestamp)),
            Reply::Unsynchronised | Reply::NotAServer { .. } => None,
        }
    }

    /// Each attempt to read the time has a reading of its own; a transaction has one timestamp.
    fn may_differ(operation: &Command, _: &Interval, _: &Interval) -> bool {
        *operation == Command::Now
    }

    /// Nobody sees the timestamp of a transaction that was not answered.
    fn owed_to(_: &Command, _: &Interval) -> bool {
        false
    }
}

/// Contract of NTP: the same clock, read by hosts that state their errors.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct HostClockAnswers;

impl Contract<Ntp> for HostClockAnswers {
    type Object = Clock;

    fn object() -> Clock {
        Clock
    }

    fn operation(command: &ntp::Command) -> Option<Command> {
        (*command == ntp::Command::Time).then_some(Command::Now)
    }

    fn returned(_: &ntp::Command, reply: &ntp::Reply) -> Option<Interval> {
        match reply {
            ntp::Reply::Time { timestamp, error: Some(error), synchronised: true, .. } => {
                Some(Interval::around(*timestamp, error.magnitude()))
            }
            _ => None,
        }
    }

    /// Each attempt to read the time has a reading of its own.
    fn may_differ(_: &Command, _: &Interval, _: &Interval) -> bool {
        true
    }

    /// A reading that was not answered leaves no trace.
    fn owed_to(_: &Command, _: &Interval) -> bool {
        false
    }
}

/// Model: a clock. A transaction takes its time, and a reading contains it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clock;

impl Model for Clock {
    const NAME: &'static str = "clock";
    type Op = Command;
    /// The interval that was read; both ends are the timestamp of a transaction.
    type Return = Interval;
    /// The earliest time that it may be, by all that was told.
    type State = Time;
    type Key = ();

    fn key(&self, _: &Command) {}

    fn initial(&self, (): &()) -> Time {
        Time::ZERO
    }

    fn apply(&self, now: &Time, _: &Command, returned: Option<&Interval>) -> Option<Time> {
        match returned {
            Some(told) => (told.latest >= *now).then(|| told.earliest.max(*now)),
            None => Some(*now),
        }
    }

    fn words(&self, operation: &Command, returned: Option<&Interval>) -> String {
        match (operation, returned) {
            (Command::Now, Some(told)) => format!("now → {told}"),
            (Command::Now, None) => "now".to_owned(),
            (Command::Commit, Some(told)) => format!("commit → {}", told.latest),
            (Command::Commit, None) => "commit".to_owned(),
        }
    }
}

/// Invariant: no two requests are answered with the same id. Checked at the end of a run.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct IdAnswers {
    checked: AnswerStats,
}

impl IdAnswers {
    /// Returns the counts of checked histories and operations.
    pub fn answer_stats(&self) -> AnswerStats {
        self.checked
    }
}

impl Invariant<Snowflake> for IdAnswers {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("AnswersDiffer", "No two requests are answered with the same id.")]
    }

    fn check(&mut self, _: &StepView<'_, Snowflake>) -> Result<(), InvariantViolation> {
        Ok(())
    }

    fn conclude(&mut self, events: &[ClientEvent<Snowflake>]) -> Result<(), Unexplained> {
        let mut told: BTreeMap<Id, RequestId> = BTreeMap::new();
        for (place, ClientEvent { ticket, kind, .. }) in events.iter().enumerate() {
            let ClientEventKind::Response { reply: snowflake::Reply::Issued { id }, .. } = kind else { continue };
            // The same answer may arrive twice.
            let first = *told.entry(*id).or_insert(*ticket);
            if first != *ticket {
                let detail = format!("{first} and {ticket} were both told the id {id}");
                return Err(Unexplained { place, broken: InvariantViolation::new("AnswersDiffer", detail) });
            }
        }
        self.checked.histories += 1;
        self.checked.operations += told.len() as u64;
        Ok(())
    }
}
