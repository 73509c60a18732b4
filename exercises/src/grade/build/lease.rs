//! Grading of complete machines for leases from one granter: granter, holders, and a fenced
//! resource.

mod cases;
mod oracle;
#[cfg(test)]
mod tests;

use quorate_bugs::lease::NamedRulebook;
use quorate_lab::sim::World;
use quorate_lease::{Command, Config, Fact, Lease, Message, Reply};
use quorate_protocol::{ClientId, LocalTime, Machine, Time};

use self::oracle::Oracle;
use super::{Built, Case, Examines, Suite, Trial};
use crate::answer::Answer;
use crate::course::Exercise;
use crate::grading::{Failed, Grading};

/// Machine with the messages of single-granter leases. Its state in memory and on disk is its own.
pub trait LeaseMachine:
    Machine<Message = Message, Command = Command, Reply = Reply, Fact = Fact, Clock = LocalTime>
{
}

impl<M: Machine<Message = Message, Command = Command, Reply = Reply, Fact = Fact, Clock = LocalTime>> LeaseMachine
    for M
{
}

/// Machine for single-granter leases, handed in.
pub type BuiltLease<M> = Built<M, LeaseSuite>;

/// Test suite for leases.
#[derive(Clone, Copy, Debug)]
pub enum LeaseSuite {}

impl Suite for LeaseSuite {
    type CaseConfig = Config;
    type Command = Command;
    type Aim = ();

    const PROTOCOL: &'static str = "lease";

    fn trials(_: &Exercise) -> &'static [Trial<Self>] {
        cases::ALL
    }
}

impl<M: LeaseMachine> Examines<M> for LeaseSuite {
    type Oracle = Oracle;

    fn oracle(case: &Case<Self>) -> Oracle {
        Oracle::new(&case.config, case.messages_max)
    }

    /// Long after the recovery some node is primary, and has been for more than one term.
    fn reached(world: &World<M, Oracle>, case: &Case<Self>) -> bool {
        let clients = (0..world.names().clients().len() as u32).map(ClientId);
        let done: u64 =
            clients.map(|client| world.client_stats(client)).map(|tally| tally.answered + tally.given_up).sum();
        let asked_until = case.requests.iter().map(|asking| asking.at).max().unwrap_or(Time::ZERO);
        done == case.requests.len() as u64 && world.invariants().is_alive(asked_until)
    }
}

/// Grades the reference under a rulebook, as if it had been handed in.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn lease(rules: NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    BuiltLease::<Lease>::new().under(rules.rules).grade(exercise, grading)
}
