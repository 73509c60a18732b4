//! Requests, as JSON says them.

use serde::{Deserialize, Serialize};

use crate::saving::Saved;

/// A request to a session.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// Asks for all protocols and scenarios.
    Catalogue,
    /// Begins anew.
    Open(Open),
    /// Performs a command.
    Perform {
        /// The line.
        line: String,
    },
    /// Takes the last command back.
    Undo,
    /// Performs the next command of the branch again.
    Redo,
    /// Goes to a place of the branch.
    Go(Go),
    /// Names the current branch.
    Branch {
        /// The new name.
        name: String,
    },
    /// Goes to the end of another branch.
    Switch {
        /// Its name.
        branch: String,
    },
    /// Forgets a branch.
    Remove {
        /// Its name.
        branch: String,
    },
    /// Compares this run with another branch.
    Compare {
        /// Its name.
        branch: String,
    },
    /// Repeats the commands under another seed.
    Seed {
        /// The seed.
        seed: u64,
    },
    /// Repeats the commands with a node that lies, or that lies no more.
    Liar {
        /// The node.
        node: String,
        /// Its lie, in a word of the option `liars=`; absent to make it honest.
        #[serde(default)]
        lie: Option<String>,
    },
    /// Plays by itself.
    Auto {
        /// Number of commands.
        steps: usize,
        /// Rate of faults, from 0 to 1.
        rate: f64,
        /// Seed of the choices.
        seed: u64,
    },
    /// Searches for a violation by random plays from here.
    Attack {
        /// Number of plays.
        forks: usize,
        /// Number of commands of each.
        steps: usize,
        /// Seed of the choices.
        seed: u64,
        /// Rate of faults, from 0 to 1; 0.3 if it is absent.
        #[serde(default)]
        rate: Option<f64>,
    },
    /// Repeats the commands without the rules of the zoo.
    ByTheBook,
    /// Asks for the branch up to here as a scenario file.
    Save,
    /// Asks for all branches.
    Export,
    /// Asks for the whole state and the whole trace.
    Look,
}

/// Beginning of a session: exactly one of the first four.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// Name of a built-in scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Text of a scenario file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// A cluster line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// An exported session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<Box<Saved>>,
    /// The place to go to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<At>,
}

/// A place in a branch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum At {
    /// After so many commands.
    Commands(usize),
    /// One of the ends.
    End(End),
}

/// An end of a branch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// After the cluster line.
    Start,
    /// After the last command.
    End,
}

/// A place of a branch to go to: exactly one of the two.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Go {
    /// After so many commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<usize>,
    /// After so many events of the trace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<usize>,
}
