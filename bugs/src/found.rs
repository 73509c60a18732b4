//! How each bug is found: what to run, and how long the schedule is that comes of it.

use std::fmt;

use crate::Bug;

/// How a bug is found. What is counted differs: the steps of a search, the things that must happen in a random run, the
/// commands of a story.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found {
    /// By a search of every schedule: the shortest that breaks something has so many steps.
    Search {
        /// Deliveries, timers, requests, faults.
        steps: usize,
    },
    /// By a search in stages, because it lies too deep for breadth: from each stage to the next there is no shorter way.
    Stages {
        /// Deliveries, timers, requests, faults, from the beginning.
        steps: usize,
    },
    /// By a random run under faults. If an invariant breaks, the run is cut down to what must happen for it; if it is progress
    /// that fails, the run never gets to its goal, though everything is healed.
    Seed {
        /// How many nodes; see `quorate sim --help`.
        nodes: u32,
        /// The seed.
        seed: u64,
        /// What goes wrong, as `quorate sim --faults` takes it.
        faults: &'static str,
        /// Faults, requests, and messages that are lost, late or repeated: those that must happen; of a run that never gets to its
        /// goal, the planned faults.
        things: usize,
    },
    /// By a scenario, which cannot be played to its end: an invariant breaks, or something is not as the story says.
    Story {
        /// Which.
        scenario: &'static str,
        /// Its commands up to there, without what it says and expects.
        commands: usize,
    },
}

/// How long a random run goes on before it is healed, as `quorate sim --for` takes it.
pub const STORM: &str = "3s";

impl Found {
    /// How much must happen.
    pub const fn length(self) -> usize {
        match self {
            Found::Search { steps } | Found::Stages { steps } => steps,
            Found::Seed { things, .. } => things,
            Found::Story { commands, .. } => commands,
        }
    }

    /// The command line that finds the bug, without the name of the program.
    ///
    /// ```
    /// let bug = quorate_bugs::find("own-value").expect("it is in the zoo");
    /// assert_eq!(bug.found.command(bug), "check paxos --bug own-value");
    /// ```
    pub fn command(self, bug: &Bug) -> String {
        let Bug { id, protocol, .. } = bug;
        match self {
            Found::Search { .. } | Found::Stages { .. } => format!("check {protocol} --bug {id}"),
            Found::Seed { nodes, seed, faults, .. } => format!(
                "sim {protocol} --nodes {nodes} --seeds {seed}..{} --for {STORM} --faults {faults} --bug {id}",
                seed + 1
            ),
            Found::Story { scenario, .. } => format!("run {scenario} --bug {id}"),
        }
    }
}

impl fmt::Display for Found {
    /// How long, in words: `after 14 steps, and no sooner`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::Search { steps } => write!(f, "after {steps} steps, and no sooner"),
            Found::Stages { steps } => write!(f, "after {steps} steps, searched in stages"),
            Found::Seed { things: 1, .. } => write!(f, "in a random run, for which one thing must happen"),
            Found::Seed { things, .. } => write!(f, "in a random run, for which {things} things must happen"),
            Found::Story { commands, .. } => write!(f, "by command {commands} of a story"),
        }
    }
}
