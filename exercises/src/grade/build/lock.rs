//! Grading of complete machines for Redlock: independent instances, and the clients that take a
//! lock by a majority of them.

mod cases;
mod oracle;
#[cfg(test)]
mod tests;

use quorate_bugs::locks::NamedRulebook;
use quorate_lab::sim::World;
use quorate_locks::{Command, Config, Fact, Lock, Message, Reply};
use quorate_protocol::{ClientId, LocalTime, Machine, Time};

use self::oracle::Oracle;
use super::{Built, Case, Examines, Suite, Trial};
use crate::answer::Answer;
use crate::course::Exercise;
use crate::grading::{Failed, Grading};

/// Machine with the messages of locks. Its state in memory and on disk is its own.
pub trait LockMachine:
    Machine<Message = Message, Command = Command, Reply = Reply, Fact = Fact, Clock = LocalTime>
{
}

impl<M: Machine<Message = Message, Command = Command, Reply = Reply, Fact = Fact, Clock = LocalTime>> LockMachine
    for M
{
}

/// Machine for Redlock, handed in.
pub type BuiltRedlock<M> = Built<M, RedlockSuite>;

/// Test suite for Redlock.
#[derive(Clone, Copy, Debug)]
pub enum RedlockSuite {}

/// Goal of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Aim {
    /// Every request succeeds.
    AllSucceed,
    /// After the recovery some client holds the lock and acts.
    Recovery,
}

impl Suite for RedlockSuite {
    type CaseConfig = Config;
    type Command = Command;
    type Aim = Aim;

    const PROTOCOL: &'static str = "redlock";

    fn trials(_: &Exercise) -> &'static [Trial<Self>] {
        cases::ALL
    }
}

impl<M: LockMachine> Examines<M> for RedlockSuite {
    type Oracle = Oracle;

    fn oracle(case: &Case<Self>) -> Oracle {
        Oracle::new(&case.config, case.messages_max)
    }

    fn reached(world: &World<M, Oracle>, case: &Case<Self>) -> bool {
        let clients = || (0..world.names().clients().len() as u32).map(|client| world.client_stats(ClientId(client)));
        let requests = case.requests.len() as u64;
        let oracle = world.invariants();
        match case.aim {
            Aim::AllSucceed => {
                clients().map(|stats| stats.answered).sum::<u64>() == requests && oracle.successes() == requests
            }
            Aim::Recovery => {
                let asked_until = case.requests.iter().map(|request| request.at).max().unwrap_or(Time::ZERO);
                clients().map(|stats| stats.answered + stats.given_up).sum::<u64>() == requests
                    && oracle.is_alive(asked_until)
            }
        }
    }
}

/// Grades the reference under a rulebook, as if it had been handed in.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn redlock(rules: NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    BuiltRedlock::<Lock>::new().under(rules.rules).grade(exercise, grading)
}
