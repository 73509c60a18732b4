//! Grading of complete machines for Basic Paxos.

mod cases;
mod oracle;
#[cfg(test)]
mod tests;

use quorate_bugs::paxos::NamedRulebook;
use quorate_lab::sim::World;
use quorate_paxos::{Command, Config, Fact, Message, Paxos, Reply};
use quorate_protocol::{ClientId, Machine, NodeId};

use self::oracle::Oracle;
use super::{Built, Case, Examines, Suite, Trial};
use crate::answer::Answer;
use crate::course::Exercise;
use crate::grading::{Failed, Grading};

/// Machine with the messages of Basic Paxos. Its state in memory and on disk is its own.
pub trait PaxosMachine: Machine<Message = Message, Command = Command, Reply = Reply, Fact = Fact> {}

impl<M: Machine<Message = Message, Command = Command, Reply = Reply, Fact = Fact>> PaxosMachine for M {}

/// Machine for Basic Paxos, handed in.
pub type BuiltPaxos<M> = Built<M, PaxosSuite>;

/// Test suite for Paxos.
#[derive(Clone, Copy, Debug)]
pub enum PaxosSuite {}

impl Suite for PaxosSuite {
    type CaseConfig = Config;
    type Command = Command;
    type Aim = ();

    const PROTOCOL: &'static str = "paxos";

    fn trials(_: &Exercise) -> &'static [Trial<Self>] {
        cases::ALL
    }
}

impl<M: PaxosMachine> Examines<M> for PaxosSuite {
    type Oracle = Oracle;

    fn oracle(case: &Case<Self>) -> Oracle {
        Oracle::new(&case.config, case.messages_max)
    }

    fn reached(world: &World<M, Oracle>, case: &Case<Self>) -> bool {
        let clients = (0..world.names().clients().len() as u32).map(ClientId);
        let answered: u64 = clients.map(|client| world.client_stats(client).answered).sum();
        let up = |node: &&NodeId| world.machine(**node).is_some();
        answered == case.requests.len() as u64
            && case.config.learners().iter().filter(up).all(|learner| world.invariants().knows(*learner))
    }
}

/// Grades the reference under a rulebook, as if it had been handed in.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn paxos(rules: NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    BuiltPaxos::<Paxos>::new().under(rules.rules).grade(exercise, grading)
}
