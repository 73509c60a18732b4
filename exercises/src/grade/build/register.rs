//! Grading of complete machines for a register that answers at once and converges.

mod cases;
mod oracle;
#[cfg(test)]
mod tests;

use quorate_bugs::replication::register::NamedRulebook;
use quorate_lab::sim::World;
use quorate_protocol::{LocalTime, Machine};
use quorate_replication::register::{Command, Config, Fact, Message, Register, Reply};

use self::oracle::Oracle;
use super::{Built, Case, Examines, Suite, Trial};
use crate::answer::Answer;
use crate::course::Exercise;
use crate::grading::{Failed, Grading};

/// Machine with the messages of a replicated register. Its state in memory and on disk is its own.
pub trait ApRegisterMachine:
    Machine<Message = Message, Command = Command, Reply = Reply, Fact = Fact, Clock = LocalTime>
{
}

impl<M: Machine<Message = Message, Command = Command, Reply = Reply, Fact = Fact, Clock = LocalTime>> ApRegisterMachine
    for M
{
}

/// Machine for a register that answers at once, handed in.
pub type BuiltApRegister<M> = Built<M, ApRegisterSuite>;

/// Test suite for a register that answers at once.
#[derive(Clone, Copy, Debug)]
pub enum ApRegisterSuite {}

impl Suite for ApRegisterSuite {
    type CaseConfig = Config;
    type Command = Command;
    /// Nothing: the goal of all runs is that the copies become equal.
    type Aim = ();

    const PROTOCOL: &'static str = "register";

    fn trials(_: &Exercise) -> &'static [Trial<Self>] {
        cases::ALL
    }
}

impl<M: ApRegisterMachine> Examines<M> for ApRegisterSuite {
    type Oracle = Oracle;

    fn oracle(case: &Case<Self>) -> Oracle {
        Oracle::new(cases::LATECOMER, case.messages_max)
    }

    /// Whether the reads after the recovery, of every key at every replica, show the newest write.
    fn reached(world: &World<M, Oracle>, case: &Case<Self>) -> bool {
        let answered = world.client_stats(cases::LATECOMER).answered;
        answered == cases::late_reads(&case.config) && world.invariants().has_converged(&case.config.replicas)
    }
}

/// Grades the reference under a rulebook, as if it had been handed in.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn ap_register(rules: NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    BuiltApRegister::<Register>::new().under(rules.rules).grade(exercise, grading)
}
