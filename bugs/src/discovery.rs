//! Discovery of each bug: the command that finds it, and the length of the schedule it finds.

use std::fmt;

use crate::Bug;

/// How a bug is found. The unit of length differs: steps of a search, events that a random run
/// cannot do without, or commands of a scenario.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Discovery {
    /// An exhaustive breadth-first search: the shortest schedule that violates something has this
    /// length.
    Search {
        /// Number of deliveries, timers, requests and faults.
        steps: usize,
    },
    /// A search in stages, for bugs too deep for breadth-first search: each stage is reached by a
    /// shortest path from the one before.
    Stages {
        /// Number of deliveries, timers, requests and faults, counted from the initial state.
        steps: usize,
    },
    /// A random run under faults. For a violated invariant, the run is minimised to the events that
    /// it needs; for a failure of progress, the run never reaches its goal although all faults are
    /// healed.
    Seed {
        /// Number of nodes; see `quorate sim --help`.
        nodes: u32,
        /// The seed.
        seed: u64,
        /// The faults, as `quorate sim --faults` takes them.
        faults: &'static str,
        /// Number of necessary events: faults, requests, and messages lost, delayed or duplicated.
        /// For a failure of progress, the number of planned faults.
        necessary_events: usize,
    },
    /// A scenario that cannot be played to its end: an invariant is violated, or an expectation
    /// fails.
    Scenario {
        /// Name of the scenario.
        scenario: &'static str,
        /// Number of its commands up to that point, without its declarations and expectations.
        commands: usize,
    },
}

/// Duration of a random run before its faults are healed, as `quorate sim --for` takes it.
pub const FAULT_WINDOW: &str = "3s";

impl Discovery {
    /// Length of the schedule, in the unit of its kind.
    pub const fn length(self) -> usize {
        match self {
            Discovery::Search { steps } | Discovery::Stages { steps } => steps,
            Discovery::Seed { necessary_events, .. } => necessary_events,
            Discovery::Scenario { commands, .. } => commands,
        }
    }

    /// The command line that finds the bug, without the name of the program.
    ///
    /// ```
    /// let bug = quorate_bugs::find("own-value").expect("it is in the zoo");
    /// assert_eq!(bug.discovery.command(bug), "check paxos --bug own-value");
    /// ```
    pub fn command(self, bug: &Bug) -> String {
        let Bug { id, protocol, .. } = bug;
        match self {
            Discovery::Search { .. } | Discovery::Stages { .. } => format!("check {protocol} --bug {id}"),
            Discovery::Seed { nodes, seed, faults, .. } => format!(
                "sim {protocol} --nodes {nodes} --seeds {seed}..{} --for {FAULT_WINDOW} --faults {faults} --bug {id}",
                seed + 1
            ),
            Discovery::Scenario { scenario, .. } => format!("run {scenario} --bug {id}"),
        }
    }
}

impl fmt::Display for Discovery {
    /// The length in words: `by a guided search, after 14 steps`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Discovery::Search { steps } => write!(f, "by a search of every schedule; the shortest has {steps} steps"),
            Discovery::Stages { steps } => write!(f, "by a guided search, after {steps} steps"),
            Discovery::Seed { necessary_events: 1, .. } => {
                write!(f, "by a random run that needs one request or fault")
            }
            Discovery::Seed { necessary_events, .. } => {
                write!(f, "by a random run that needs {necessary_events} requests and faults")
            }
            Discovery::Scenario { commands, .. } => write!(f, "by command {commands} of a scenario"),
        }
    }
}
