//! Grading of complete machines for Raft, in four steps: elections, the log, persistence, and
//! snapshots.
//!
//! One oracle checks all four. It works from the public record: the messages sent, and the
//! conclusions from them if their senders are honest. From that record alone it determines which
//! entries are committed, often before their leader does.

mod election;
mod log;
mod oracle;
mod persistence;
mod snapshot;
mod stage;
#[cfg(test)]
mod tests;

use quorate_bugs::raft::NamedRulebook;
use quorate_bugs::raft::careless::{self, CarelessRaft};
use quorate_lab::sim::{Experiment, World};
use quorate_protocol::{ClientId, Machine, NodeId, Time};
use quorate_raft::{Command, Config, Fact, KeyValue, Message, Raft, Reply};

use self::oracle::Oracle;
use self::stage::{Aim, Scene, Turn};
use super::{Built, Case, Examines, Suite, Trial};
use crate::answer::Answer;
use crate::course::Exercise;
use crate::grading::{Failed, Grading};

/// Machine with the messages of Raft that replicates a key-value store. Its state in memory and on
/// disk is its own.
pub trait RaftMachine:
    Machine<Message = Message<KeyValue>, Command = Command<KeyValue>, Reply = Reply<KeyValue>, Fact = Fact<KeyValue>>
{
}

impl<
    M: Machine<Message = Message<KeyValue>, Command = Command<KeyValue>, Reply = Reply<KeyValue>, Fact = Fact<KeyValue>>,
> RaftMachine for M
{
}

/// Machine for Raft, handed in.
pub type BuiltRaft<M> = Built<M, RaftSuite>;

/// Test suite for Raft; the exercise selects its part.
#[derive(Clone, Copy, Debug)]
pub enum RaftSuite {}

impl Suite for RaftSuite {
    type CaseConfig = Config;
    type Command = Command<KeyValue>;
    type Aim = Aim;

    const PROTOCOL: &'static str = "raft";

    fn trials(exercise: &Exercise) -> &'static [Trial<Self>] {
        match exercise.id {
            "build-raft-election" => election::ALL,
            "build-raft-log" => log::ALL,
            "build-raft-persistence" => persistence::ALL,
            _ => snapshot::ALL,
        }
    }
}

impl<M: RaftMachine> Examines<M> for RaftSuite {
    type Oracle = Oracle;

    fn oracle(case: &Case<Self>) -> Oracle {
        Oracle::new(case)
    }

    fn reached(world: &World<M, Oracle>, case: &Case<Self>) -> bool {
        let up: Vec<NodeId> =
            case.config.voters.iter().copied().filter(|node| world.machine(*node).is_some()).collect();
        let oracle = world.invariants();
        let led = case.aim.led.iter().all(|(from, until)| oracle.was_won_within(*from, *until));
        let installed = case.aim.installed.iter().all(|node| oracle.has_installed(*node));
        let come_to_rest = if case.aim.replicates {
            let clients = (0..world.names().clients().len() as u32).map(ClientId);
            let answered: u64 = clients.map(|client| world.client_stats(client).answered).sum();
            answered == case.requests.len() as u64 && oracle.all_have_applied(&up)
        } else {
            oracle.all_know_the_leader(&up)
        };
        led && installed && come_to_rest
    }

    /// The nodes affected by a turn depend on the leader, so the run is simulated up to each turn,
    /// which then adds its faults to the case.
    fn direct(case: &mut Case<Self>, run: impl Fn(&Case<Self>) -> Experiment<M, Oracle>) {
        let turns = std::mem::take(&mut case.aim.turns);
        if turns.is_empty() {
            return case.close();
        }
        let begun = run(case);
        let mut world = begun.setup.start_under(begun.invariants);
        for (at, fault) in &case.faults {
            world.inject_at(*at, fault.clone());
        }
        for asking in &case.requests {
            world.ask_at(asking.at, asking.client, asking.of, asking.command.clone());
        }
        let mut scene = Scene { leaders: Vec::new(), nodes: case.config.voters.len() as u32 };
        for Turn { at, moves } in turns {
            // A violation here also occurs in the run itself.
            if world.run_until(at).is_err() {
                break;
            }
            let last = scene.leaders.last().copied().unwrap_or(NodeId(0));
            scene.leaders.push(world.invariants().leader().unwrap_or(last));
            let before = (case.faults.len(), case.requests.len());
            // Just after everything due at that time, both in this run and in those that repeat it.
            let just_after = Time::from_nanos(at.as_nanos() + 1);
            moves.iter().for_each(|each| scene.play(each, just_after, case));
            for (at, fault) in &case.faults[before.0..] {
                world.inject_at(*at, fault.clone());
            }
            for asking in &case.requests[before.1..] {
                world.ask_at(asking.at, asking.client, asking.of, asking.command.clone());
            }
        }
        case.close();
    }
}

/// Grades the reference under a rulebook, as if it had been handed in.
///
/// # Errors
/// [`Failed`], if a case failed.
pub fn raft(rules: NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    BuiltRaft::<Raft<KeyValue>>::new().under(rules.rules).grade(exercise, grading)
}

/// As [`raft`], for the careless variant of the reference.
///
/// # Errors
/// As for [`raft`].
pub fn careless_raft(rules: careless::NamedRulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    BuiltRaft::<CarelessRaft<KeyValue>>::new().under(rules.rules).grade(exercise, grading)
}
