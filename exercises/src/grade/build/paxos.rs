//! Basic Paxos, built whole.

mod cases;
mod judge;
#[cfg(test)]
mod tests;

use std::fmt;

use quorate_bugs::paxos::Book;
use quorate_lab::sim::{Experiment, Patience, Setup, World};
use quorate_paxos::{Command, Config, Fact, Message, Paxos, Reply};
use quorate_protocol::{ClientId, Duration, Machine, NodeId, Ruled};

use self::cases::Case;
use self::judge::Judge;
use super::runs::conduct;
use crate::answer::Answer;
use crate::course::Exercise;
use crate::exam::{Exam, Failed};

/// A machine that speaks Basic Paxos. What it keeps, in memory and on disk, is its own business.
pub trait PaxosMachine: Machine<Message = Message, Command = Command, Reply = Reply, Fact = Fact> {}

impl<M: Machine<Message = Message, Command = Command, Reply = Reply, Fact = Fact>> PaxosMachine for M {}

/// A machine that speaks Basic Paxos, handed in.
pub struct BuiltPaxos<M: PaxosMachine> {
    told: Box<dyn Fn(Config) -> M::Config>,
}

impl<M: PaxosMachine> fmt::Debug for BuiltPaxos<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BuiltPaxos").finish_non_exhaustive()
    }
}

impl<M: PaxosMachine<Config: From<Config>>> Default for BuiltPaxos<M> {
    fn default() -> Self {
        Self::told(M::Config::from)
    }
}

impl<M: PaxosMachine<Config: From<Config>>> BuiltPaxos<M> {
    /// A machine that is told at boot who plays which role, and no more.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<M: PaxosMachine> BuiltPaxos<M> {
    /// A machine that is told something besides.
    pub fn told(config: impl Fn(Config) -> M::Config + 'static) -> Self {
        BuiltPaxos { told: Box::new(config) }
    }

    fn run(&self, case: &Case, seed: u64) -> Experiment<M, Judge> {
        Experiment {
            setup: Setup::new("paxos", case.names.clone(), (self.told)(case.config.clone()))
                .title(case.title)
                .seed(seed)
                .conditions(case.conditions)
                .patience(STUBBORN),
            invariants: Judge::new(&case.config, case.messages_max),
            askings: case.askings.clone(),
            faults: case.faults.clone(),
            mishaps: None,
            storm: case.storm,
            calm: CALM,
        }
    }
}

impl<M: PaxosMachine> Answer for BuiltPaxos<M> {
    fn sit(&self, _: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
        for (title, plan, (fixed, fresh)) in cases::ALL {
            exam.case(*title, |exam| {
                let mut runs = 0;
                for seed in exam.seeds(*fixed, *fresh) {
                    let case = plan(title, seed);
                    conduct(&self.run(&case, seed), MUST, |world| reached(world, &case))?;
                    runs += 1;
                }
                Ok(format!("in {runs} runs, {MUST}"))
            })?;
        }
        Ok(())
    }
}

/// Tries the reference under a rulebook, as if somebody had handed it in.
///
/// # Errors
/// [`Failed`], if a case went wrong.
pub fn paxos(rules: Book, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
    BuiltPaxos::<Paxos<Book>>::told(move |config| Ruled { config, rules }).sit(exercise, exam)
}

/// What every run has to come to.
const MUST: &str = "every client is answered, and every learner that is up knows what was chosen";

fn reached<M: PaxosMachine>(world: &World<M, Judge>, case: &Case) -> bool {
    let clients = (0..world.names().clients().len() as u32).map(ClientId);
    let answered: u64 = clients.map(|client| world.tally(client).answered).sum();
    let up = |node: &&NodeId| world.machine(**node).is_some();
    answered == case.askings.len() as u64
        && case.config.learners().iter().filter(up).all(|learner| world.invariants().knows(*learner))
}

/// Clients that never despair, and never try another node.
const STUBBORN: Patience = Patience { timeout: Duration::from_millis(500), attempts: u32::MAX, roams: false };
/// Long enough for whoever waits a few seconds at most before trying again.
const CALM: Duration = Duration::from_secs(60);
