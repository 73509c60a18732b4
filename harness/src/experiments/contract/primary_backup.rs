//! Client contract of a primary with a backup: named registers.

use quorate_protocol::{ClientEvent, Invariant, InvariantSummary, InvariantViolation, StepView, Unexplained};
use quorate_replication::Value;
use quorate_replication::primary_backup::{Command, Mode, PrimaryBackup, Reply};

use super::history::Asked;
use super::replication::{Registers, RegistersOp};
use super::{AnswerStats, Contract, LinearizableAnswers};

/// Contract of a primary with a backup.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct PrimaryBackupAnswers;

impl Contract<PrimaryBackup> for PrimaryBackupAnswers {
    type Object = Registers;

    fn object() -> Registers {
        Registers
    }

    fn operation(command: &Command) -> Option<RegistersOp> {
        Some(match command {
            Command::Read { key } => RegistersOp { key: key.clone(), write: None },
            Command::Write { key, value } => RegistersOp { key: key.clone(), write: Some(value.clone()) },
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

/// Invariant: the answers of a synchronous primary are linearizable. Histories of an asynchronous
/// one that are not are counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct LinearizableInSynchronousMode {
    answers: LinearizableAnswers<PrimaryBackupAnswers>,
    synchronous: bool,
    not_linearizable: u64,
}

impl LinearizableInSynchronousMode {
    /// Returns the counts of checked histories and operations.
    pub fn answer_stats(&self) -> AnswerStats {
        self.answers.checked
    }

    /// Number of histories in asynchronous mode that are not linearizable.
    pub fn not_linearizable(&self) -> u64 {
        self.not_linearizable
    }
}

impl Invariant<PrimaryBackup> for LinearizableInSynchronousMode {
    fn summaries(&self) -> Vec<InvariantSummary> {
        Invariant::<PrimaryBackup>::summaries(&self.answers)
    }

    fn check(&mut self, step: &StepView<'_, PrimaryBackup>) -> Result<(), InvariantViolation> {
        self.synchronous = step.constants.config().mode == Mode::Synchronous;
        Ok(())
    }

    fn conclude(&mut self, events: &[ClientEvent<PrimaryBackup>]) -> Result<(), Unexplained> {
        let before = self.answers.checked;
        let concluded = self.answers.conclude(events);
        if self.synchronous || concluded.is_ok() {
            return concluded;
        }
        let asked = Asked::<PrimaryBackup, PrimaryBackupAnswers>::all(events)?;
        let operations = asked.iter().map(Asked::answered).sum::<u64>();
        self.answers.checked = before;
        self.answers.checked += AnswerStats { histories: 1, operations, undecided: 0 };
        self.not_linearizable += 1;
        Ok(())
    }
}
