//! Leases from one granter, built whole: granter, holders, and a resource with a fence.

mod cases;
mod judge;
#[cfg(test)]
mod tests;

use quorate_bugs::lease::Book;
use quorate_lab::sim::World;
use quorate_lease::{Command, Config, Fact, Lease, Message, Reply};
use quorate_protocol::{ClientId, LocalTime, Machine, Time};

use self::judge::Judge;
use super::{Built, Case, Examines, Suite, Trial};
use crate::answer::Answer;
use crate::course::Exercise;
use crate::exam::{Exam, Failed};

/// A machine that speaks the leases of a single granter. What it keeps, in memory and on disk, is its own business.
pub trait LeaseMachine:
    Machine<Message = Message, Command = Command, Reply = Reply, Fact = Fact, Clock = LocalTime>
{
}

impl<M: Machine<Message = Message, Command = Command, Reply = Reply, Fact = Fact, Clock = LocalTime>> LeaseMachine
    for M
{
}

/// A machine that speaks the leases of a single granter, handed in.
pub type BuiltLease<M> = Built<M, LeaseSuite>;

/// What built leases go through.
#[derive(Clone, Copy, Debug)]
pub enum LeaseSuite {}

impl Suite for LeaseSuite {
    type Told = Config;
    type Command = Command;
    type Aim = ();

    const PROTOCOL: &'static str = "lease";

    fn trials(_: &Exercise) -> &'static [Trial<Self>] {
        cases::ALL
    }
}

impl<M: LeaseMachine> Examines<M> for LeaseSuite {
    type Judge = Judge;

    fn judge(case: &Case<Self>) -> Judge {
        Judge::new(&case.config, case.messages_max)
    }

    /// Long after all has been put right, somebody is primary, and has been for more than one term.
    fn reached(world: &World<M, Judge>, case: &Case<Self>) -> bool {
        let clients = (0..world.names().clients().len() as u32).map(ClientId);
        let done: u64 = clients.map(|client| world.tally(client)).map(|tally| tally.answered + tally.given_up).sum();
        let asked_until = case.askings.iter().map(|asking| asking.at).max().unwrap_or(Time::ZERO);
        done == case.askings.len() as u64 && world.invariants().is_alive(asked_until)
    }
}

/// Tries the reference under a rulebook, as if somebody had handed it in.
///
/// # Errors
/// [`Failed`], if a case went wrong.
pub fn lease(rules: Book, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
    BuiltLease::<Lease>::new().under(rules.rules).sit(exercise, exam)
}
