//! Client contract of a replicated register: named registers, each read and written one request at
//! a time.

use quorate_lab::consistency::{Access, ReadWrite};
use quorate_lab::linearizability::Model;
use quorate_protocol::{ClientEvent, Invariant, InvariantSummary, InvariantViolation, StepView, Unexplained};
use quorate_replication::register::{Command, Register, Reply};
use quorate_replication::{Key, Value};

use super::history::Asked;
use super::{AnswerStats, Contract, LinearizableAnswers};

/// Contract of a replicated register.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct RegisterAnswers;

impl Contract<Register> for RegisterAnswers {
    type Object = Registers;

    fn object() -> Registers {
        Registers
    }

    fn operation(command: &Command) -> Option<RegistersOp> {
        Some(match command {
            Command::Read { key, .. } => RegistersOp { key: key.clone(), write: None },
            Command::Write { key, value, .. } => RegistersOp { key: key.clone(), write: Some(value.clone()) },
        })
    }

    fn returned(command: &Command, reply: &Reply) -> Option<Vec<Value>> {
        match (command, reply) {
            (Command::Read { .. }, Reply::Values { values }) => Some(values.clone()),
            (Command::Write { value, .. }, Reply::Written) => Some(vec![value.clone()]),
            _ => None,
        }
    }

    /// A write can matter to another operation only if its value is returned there.
    fn owed_to(op: &RegistersOp, returned: &Vec<Value>) -> bool {
        op.write.as_ref().is_some_and(|value| returned.contains(value))
    }
}

/// Model: registers by name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Registers;

/// A read of one register, or a write to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegistersOp {
    /// The register.
    pub key: Key,
    /// The value to write; `None` to read.
    pub write: Option<Value>,
}

impl Model for Registers {
    const NAME: &'static str = "registers";
    type Op = RegistersOp;
    /// The values afterwards. A register has one or none, so siblings are no answer of it.
    type Return = Vec<Value>;
    type State = Option<Value>;
    type Key = Key;

    fn key(&self, op: &RegistersOp) -> Key {
        op.key.clone()
    }

    fn initial(&self, _: &Key) -> Option<Value> {
        None
    }

    fn apply(&self, holds: &Option<Value>, op: &RegistersOp, returned: Option<&Vec<Value>>) -> Option<Option<Value>> {
        let next = op.write.clone().or_else(|| holds.clone());
        returned.is_none_or(|returned| returned.iter().eq(next.as_ref())).then_some(next)
    }

    fn only_reads(&self, op: &RegistersOp, _: Option<&Vec<Value>>) -> bool {
        op.write.is_none()
    }

    fn words(&self, RegistersOp { key, write }: &RegistersOp, returned: Option<&Vec<Value>>) -> String {
        let returned = returned.map(|values| values.iter().map(Value::to_string).collect::<Vec<_>>().join(" and "));
        match (write, returned) {
            (Some(value), Some(_)) => format!("write {key}={value} → done"),
            (Some(value), None) => format!("write {key}={value}"),
            (None, Some(values)) if values.is_empty() => format!("read {key} → nothing"),
            (None, Some(values)) => format!("read {key} → {values}"),
            (None, None) => format!("read {key}"),
        }
    }

    fn show(&self, holds: &Option<Value>) -> String {
        holds.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string)
    }

    fn called(&self, key: &Key) -> Option<String> {
        Some(key.to_string())
    }
}

impl ReadWrite for Registers {
    /// Siblings are no answer of a register: with them an operation is neither a read nor a write.
    fn access(&self, op: &RegistersOp, returned: Option<&Vec<Value>>) -> Option<Access<Option<Value>>> {
        match (&op.write, returned) {
            (Some(value), _) => Some(Access::Write(Some(value.clone()))),
            (None, None) => Some(Access::Read(None)),
            (None, Some(values)) if values.len() <= 1 => Some(Access::Read(Some(values.first().cloned()))),
            (None, Some(_)) => None,
        }
    }
}

/// Invariant: the answers of a register that needs a majority are linearizable. Those of one that
/// answers at once need not be: histories that are not are counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct LinearizableInMajorityMode {
    answers: LinearizableAnswers<RegisterAnswers>,
    /// Whether the run is of a register that needs a majority; `false` before its first step.
    consistent: bool,
    /// Number of histories of the other mode that are not linearizable.
    not_linearizable: u64,
}

impl LinearizableInMajorityMode {
    /// Returns the counts of checked histories and operations.
    pub fn answer_stats(&self) -> AnswerStats {
        self.answers.checked
    }

    /// Number of histories in available mode that are not linearizable.
    pub fn not_linearizable(&self) -> u64 {
        self.not_linearizable
    }
}

impl Invariant<Register> for LinearizableInMajorityMode {
    fn summaries(&self) -> Vec<InvariantSummary> {
        Invariant::<Register>::summaries(&self.answers)
    }

    fn check(&mut self, step: &StepView<'_, Register>) -> Result<(), InvariantViolation> {
        self.consistent = step.constants.config().available().is_none();
        Ok(())
    }

    fn conclude(&mut self, events: &[ClientEvent<Register>]) -> Result<(), Unexplained> {
        let before = self.answers.checked;
        let concluded = self.answers.conclude(events);
        if self.consistent || concluded.is_ok() {
            return concluded;
        }
        let asked = Asked::<Register, RegisterAnswers>::all(events)?;
        let operations = asked.iter().map(Asked::answered).sum::<u64>();
        self.answers.checked = before;
        self.answers.checked += AnswerStats { histories: 1, operations, undecided: 0 };
        self.not_linearizable += 1;
        Ok(())
    }
}
