//! Random runs of each protocol: who asks for what, what goes wrong, and what must come of it in the end.

pub mod contract;
mod lease;
mod paxos;
mod raft;
mod reach;

use quorate_bugs::BookOf;
use std::error::Error;

pub use contract::{Answers, Judged};
pub use lease::{Chronicle, Happenings, NEAR, Naps};
use quorate_lab::sim::{Census, Experiment, Setup, Storm, World};
use quorate_protocol::{Duration, Invariant, Machine};
pub use raft::OneStore;
pub use reach::OutOfReach;

/// A protocol that can be put through random storms.
pub trait Subject: Sized {
    /// The protocol.
    type Machine: Machine;
    /// What must hold after every step.
    type Invariants: Invariant<Self::Machine>;

    /// What the command line calls it.
    const NAME: &'static str;
    /// What every run must come to after the storm, as in "1,000 runs *chose a value*".
    const GOAL: &'static str;

    /// The run of a seed, under a rulebook.
    ///
    /// # Errors
    /// If there can be no such cluster.
    fn under(book: impl Into<BookOf<Self::Machine>>, run: &Run) -> Result<Planned<Self>, Box<dyn Error>>;

    /// The run of a seed, by the book.
    ///
    /// # Errors
    /// If there can be no such cluster.
    fn experiment(run: &Run) -> Result<Planned<Self>, Box<dyn Error>> {
        Self::under(BookOf::<Self::Machine>::default(), run)
    }

    /// Whether the goal is reached.
    fn reached(world: &World<Self::Machine, Watched<Self>>) -> bool;

    /// How much of what clients were told was judged in a run, at its end.
    fn judged(invariants: &Self::Invariants) -> Judged;

    /// What was met in the runs, and how often: a suite that met nothing has shown nothing.
    fn met(census: &Census<Self::Machine>) -> Vec<(u64, &'static str)>;
}

/// Puts a cluster under a rulebook.
pub(crate) fn governed<M: Machine>(setup: Setup<M>, book: quorate_bugs::Book<M::Rulebook>) -> Setup<M> {
    setup.under_named(book.id(), book.rules)
}

/// The invariants of a subject, and a count of what happened.
pub type Watched<S> = (<S as Subject>::Invariants, Census<<S as Subject>::Machine>);

/// A run that a subject has planned.
pub type Planned<S> = Experiment<<S as Subject>::Machine, Watched<S>>;

/// What a random run is made from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    /// How many nodes.
    pub nodes: u32,
    /// Decides all that is left to chance.
    pub seed: u64,
    /// What goes wrong.
    pub storm: Storm,
    /// For how long.
    pub span: Duration,
}

impl Run {
    /// The command line that makes this run again, without what it says by itself.
    pub fn command<S: Subject>(&self) -> String {
        let Run { nodes, seed, storm, span } = self;
        let mut command = format!("quorate sim {}", S::NAME);
        if *nodes != 3 {
            command += &format!(" --nodes {nodes}");
        }
        command += &match storm {
            _ if *storm == Storm::mild() => String::new(),
            _ if *storm == Storm::harsh() => " --faults harsh".to_owned(),
            _ => format!(" --faults {storm}"),
        };
        command + &format!(" --for {span:?} --seeds {}", only(*seed))
    }

    /// The command line that makes this run again and shows it.
    pub fn replay<S: Subject>(&self) -> String {
        let Run { nodes, seed, storm, span } = self;
        let (name, seed) = (S::NAME, only(*seed));
        format!("quorate sim {name} --nodes {nodes} --seeds {seed} --for {span:?} --faults {storm} --trace --why")
    }
}

/// The range of one seed: nothing is above the last of all, so its range is written with its end in it.
fn only(seed: u64) -> String {
    seed.checked_add(1).map_or_else(|| format!("{seed}..={seed}"), |end| format!("{seed}..{end}"))
}
