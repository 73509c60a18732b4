//! Random simulation runs of each protocol: client requests, faults, and the goal that every run
//! must reach.

mod balancer;
mod broadcast;
mod channel;
pub mod contract;
mod coordination;
mod generals;
mod lease;
mod liars;
mod locks;
mod ntp;
mod outbox;
mod paxos;
mod paxos_commit;
mod pbft;
mod primary_backup;
mod raft;
mod reach;
mod references;
mod register;
mod saga;
mod snowflake;
mod three_phase;
mod transfers;
mod true_time;
mod two_phase;

use quorate_bugs::NamedRulebookOf;

pub use contract::{
    AnswerStats, LinearizableAnswers, LinearizableInMajorityMode, LinearizableInSynchronousMode, RegisterLevels,
};
pub use lease::{CacheStats, LeaseCounts, LeaseStats, NEAR};
pub use locks::LockStats;
use quorate_lab::sim::{Coverage, Experiment, FaultPlan, Setup, World};
use quorate_protocol::{Duration, Invariant, Machine};

use crate::TargetError;
pub use raft::SingleCopyKv;
pub use reach::OutOfReach;
pub use register::mode_of_seed;

/// Protocol that can be run in the simulator under random faults.
pub trait SimTarget: Sized {
    /// State machine of the protocol.
    type Machine: Machine;
    /// Invariants checked after every step.
    type Invariants: Invariant<Self::Machine>;

    /// Name on the command line.
    const NAME: &'static str;
    /// Goal that every run must reach after the fault window, as in "1,000 runs *chose a value*".
    const GOAL: &'static str;

    /// Least number of nodes of a run; one that is asked to have fewer has these.
    const NODES_MIN: u32 = 1;

    /// The part of a fault plan that the protocol assumes at most: a run has these faults, and no
    /// others.
    fn within_assumptions(faults: &FaultPlan) -> FaultPlan {
        *faults
    }

    /// Plans the run of a seed, under a rulebook.
    ///
    /// # Errors
    /// If there can be no such cluster.
    fn plan(book: impl Into<NamedRulebookOf<Self::Machine>>, run: &RunParameters)
    -> Result<Planned<Self>, TargetError>;

    /// Plans the run of a seed, under the papers' rulebook.
    ///
    /// # Errors
    /// If there can be no such cluster.
    fn experiment(run: &RunParameters) -> Result<Planned<Self>, TargetError> {
        Self::plan(NamedRulebookOf::<Self::Machine>::default(), run)
    }

    /// Whether the goal is reached.
    fn reached(world: &World<Self::Machine, Watched<Self>>) -> bool;

    /// Counts of client answers checked at the end of a run.
    fn answer_stats(invariants: &Self::Invariants) -> AnswerStats;

    /// Coverage counters: events that the runs met, each a sum of counts, in an order that does not
    /// depend on them. A test suite that meets none has shown nothing.
    fn coverage(coverage: &Coverage<Self::Machine>) -> Vec<(u64, &'static str)>;
}

/// Sets the rulebook of a cluster.
pub(crate) fn under_rules<M: Machine>(setup: Setup<M>, book: quorate_bugs::NamedRulebook<M::Rulebook>) -> Setup<M> {
    setup.under_named(book.id(), book.rules)
}

/// Invariants of a subject, with coverage counters.
pub type Watched<S> = (<S as SimTarget>::Invariants, Coverage<<S as SimTarget>::Machine>);

/// Run planned by a subject.
pub type Planned<S> = Experiment<<S as SimTarget>::Machine, Watched<S>>;

/// Parameters of a random run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RunParameters {
    /// Number of nodes.
    pub nodes: u32,
    /// Seed of all random choices.
    pub seed: u64,
    /// Fault generator.
    pub fault_plan: FaultPlan,
    /// Duration of the fault window.
    pub span: Duration,
}

impl RunParameters {
    /// Returns the command line that repeats this run, without default arguments.
    pub fn command<S: SimTarget>(&self) -> String {
        self.command_of(S::NAME)
    }

    /// As [`command`](Self::command), for the protocol of that name.
    pub fn command_of(&self, protocol: &str) -> String {
        let RunParameters { nodes, seed, fault_plan, span } = self;
        let mut command = format!("quorate sim {protocol}");
        if *nodes != 3 {
            command += &format!(" --nodes {nodes}");
        }
        command += &match fault_plan {
            _ if *fault_plan == FaultPlan::mild() => String::new(),
            _ if *fault_plan == FaultPlan::harsh() => " --faults harsh".to_owned(),
            _ => format!(" --faults {fault_plan}"),
        };
        command + &format!(" --for {span:?} --seeds {}", only(*seed))
    }

    /// Returns the command line that repeats this run and shows it.
    pub fn replay<S: SimTarget>(&self) -> String {
        self.replay_of(S::NAME)
    }

    /// As [`replay`](Self::replay), for the protocol of that name.
    pub fn replay_of(&self, protocol: &str) -> String {
        let RunParameters { nodes, seed, fault_plan, span } = self;
        let seed = only(*seed);
        format!(
            "quorate sim {protocol} --nodes {nodes} --seeds {seed} --for {span:?} --faults {fault_plan} --trace --why"
        )
    }
}

/// Range of a single seed. No exclusive end exists for the maximum seed, so that range is written
/// as inclusive.
fn only(seed: u64) -> String {
    seed.checked_add(1).map_or_else(|| format!("{seed}..={seed}"), |end| format!("{seed}..{end}"))
}
