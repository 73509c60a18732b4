//! Leases from one granter, built whole: granter, holders, and a resource with a fence.

mod cases;
mod judge;
#[cfg(test)]
mod tests;

use std::fmt;

use quorate_bugs::lease::Book;
use quorate_lab::sim::{Experiment, Patience, Setup, World};
use quorate_lease::{Command, Config, Fact, Lease, Message, Reply};
use quorate_protocol::{ClientId, Duration, LocalTime, Machine, Ruled};

use self::cases::Case;
use self::judge::Judge;
use super::runs::conduct;
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
pub struct BuiltLease<M: LeaseMachine> {
    told: Box<dyn Fn(Config) -> M::Config>,
}

impl<M: LeaseMachine> fmt::Debug for BuiltLease<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BuiltLease").finish_non_exhaustive()
    }
}

impl<M: LeaseMachine<Config: From<Config>>> Default for BuiltLease<M> {
    fn default() -> Self {
        Self::told(M::Config::from)
    }
}

impl<M: LeaseMachine<Config: From<Config>>> BuiltLease<M> {
    /// A machine that is told at boot who plays which role and for how long leases last, and no more.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<M: LeaseMachine> BuiltLease<M> {
    /// A machine that is told something besides.
    pub fn told(config: impl Fn(Config) -> M::Config + 'static) -> Self {
        BuiltLease { told: Box::new(config) }
    }

    fn run(&self, case: &Case, seed: u64) -> Experiment<M, Judge> {
        Experiment {
            setup: Setup::new("lease", case.names.clone(), (self.told)(case.config.clone()))
                .title(case.title)
                .seed(seed)
                .conditions(case.conditions)
                .patience(BRIEF),
            invariants: Judge::new(&case.config, case.messages_max),
            askings: case.askings.clone(),
            faults: case.faults.clone(),
            mishaps: None,
            storm: case.storm,
            calm: CALM,
        }
    }
}

impl<M: LeaseMachine> Answer for BuiltLease<M> {
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
pub fn lease(rules: Book, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
    BuiltLease::<Lease<Book>>::told(move |config| Ruled { config, rules }).sit(exercise, exam)
}

/// What every run has to come to.
const MUST: &str = "a primary acts and is renewed, a write succeeds, and every client is answered";

/// Long after all has been put right, somebody is primary, and has been for more than one term.
fn reached<M: LeaseMachine>(world: &World<M, Judge>, case: &Case) -> bool {
    let clients = (0..world.names().clients().len() as u32).map(ClientId);
    let done: u64 = clients.map(|client| world.tally(client)).map(|tally| tally.answered + tally.given_up).sum();
    done == case.askings.len() as u64 && world.invariants().is_alive(case.asked_until())
}

/// Clients that ask twice, and then let it be.
const BRIEF: Patience = Patience { timeout: Duration::from_millis(150), attempts: 2, roams: false };
/// Enough for a granter to be sure and for a primary to be renewed.
const CALM: Duration = Duration::from_secs(6);
