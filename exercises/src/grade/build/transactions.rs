//! Grading of complete machines for two-phase commit: a coordinator, and participants with rows.

mod cases;
mod oracle;
#[cfg(test)]
mod tests;

use quorate_bugs::transactions::two_phase::NamedRulebook;
use quorate_lab::sim::World;
use quorate_protocol::{ClientId, Machine};
use quorate_transactions::two_phase::{Command, Config, Fact, Message, Reply, TwoPhase};

use self::oracle::Oracle;
use super::{Built, Case, Examines, Suite, Trial};
use crate::answer::Answer;
use crate::course::Exercise;
use crate::grading::{Failed, Grading};

/// Machine with the messages of two-phase commit. Its state in memory and on disk is its own.
pub trait TwoPhaseMachine:
    Machine<Message = Message, Command = Command, Reply = Reply, Fact = Fact, Clock = ()>
{
}

impl<M: Machine<Message = Message, Command = Command, Reply = Reply, Fact = Fact, Clock = ()>> TwoPhaseMachine for M {}

/// Machine for two-phase commit, handed in.
pub type BuiltTwoPhase<M> = Built<M, TwoPhaseSuite>;

/// Test suite for two-phase commit.
#[derive(Clone, Copy, Debug)]
pub enum TwoPhaseSuite {}

/// Goal of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Aim {
    /// Every request is answered, this many are committed, and nobody is in doubt.
    Commits(usize),
    /// Every request is answered, nobody is in doubt, and each client that comes after the recovery
    /// has had a transaction committed.
    Recovery,
}

impl Suite for TwoPhaseSuite {
    type CaseConfig = Config;
    type Command = Command;
    type Aim = Aim;

    const PROTOCOL: &'static str = "two-phase";

    fn trials(_: &Exercise) -> &'static [Trial<Self>] {
        cases::ALL
    }
}

impl<M: TwoPhaseMachine> Examines<M> for TwoPhaseSuite {
    type Oracle = Oracle;

    fn oracle(case: &Case<Self>) -> Oracle {
        Oracle::new(&case.config, case.messages_max)
    }

    fn reached(world: &World<M, Oracle>, case: &Case<Self>) -> bool {
        let oracle = world.invariants();
        let clients = 0..world.names().clients().len() as u32;
        let answered: u64 = clients.map(|client| world.client_stats(ClientId(client)).answered).sum();
        let is_committed = match case.aim {
            Aim::Commits(count) => oracle.commits(None) == count,
            Aim::Recovery => cases::LATECOMERS.iter().all(|(client, _)| oracle.commits(Some(*client)) > 0),
        };
        answered == case.requests.len() as u64 && is_committed && oracle.is_settled()
    }
}

/// Grades the reference under a rulebook, as if it had been handed in.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn two_phase(rules: NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    BuiltTwoPhase::<TwoPhase>::new().under(rules.rules).grade(exercise, grading)
}
