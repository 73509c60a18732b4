//! Clusters and requests as scenarios write them: the way back from a run to the words that make it.
//!
//! A cluster line says what differs from what it would mean without saying so. What it has no word for is left out: whether a run that is
//! told as a scenario still breaks what it broke is found out by playing it.

mod lease;
mod paxos;
mod raft;

use quorate_lab::script::{Phrase, Protocol, Repertoire, Schedule, Untold};
use quorate_lab::trace::Recording;
use quorate_protocol::{Constants, Delay, Machine, Names, NodeId};

/// A protocol whose runs can be written down as scenarios.
pub trait Written: Protocol {
    /// The cluster line, without a rulebook. The names are in scope.
    fn line(names: &Names, config: &ConfigOf<Self>) -> Phrase;

    /// The command that asks a node for this. The names are in scope.
    ///
    /// # Errors
    /// What there are no words for.
    fn phrase(to: NodeId, command: &<Self::Machine as Machine>::Command) -> Result<Phrase, String>;

    /// What was made to happen in a run that broke an invariant.
    ///
    /// # Errors
    /// [`Untold`]: nothing broke, or there are no words for something in it.
    fn schedule(
        constants: &Constants<Self::Machine>,
        recording: &Recording<Self::Machine>,
    ) -> Result<Schedule, Untold> {
        let names = &recording.about().names;
        let cluster = names.scope(|| cluster::<Self>(names, constants));
        Schedule::transcribe(recording, cluster, &Repertoire::new().with::<Self>(), Self::phrase)
    }
}

/// The configuration of a protocol's machine.
type ConfigOf<P> = <<P as Protocol>::Machine as Machine>::Config;

/// A cluster line with the rulebook's name, if it has one. The names are in scope.
fn cluster<P: Written>(names: &Names, constants: &Constants<P::Machine>) -> Phrase {
    governed(P::line(names, constants.config()), constants.name())
}

/// The same line with the name of a rulebook, unless that is empty.
pub(crate) fn governed(line: Phrase, rules: &'static str) -> Phrase {
    line.option_if("rules", Some(rules).filter(|rules| !rules.is_empty()))
}

/// Nodes as a list: `A,B,C`, or a number if they are called so by number.
fn listed(nodes: &[NodeId]) -> String {
    let names: Vec<String> = nodes.iter().map(NodeId::to_string).collect();
    let numbered = names.iter().zip(1..).all(|(name, number)| *name == format!("n{number}"));
    if numbered { names.len().to_string() } else { names.join(",") }
}

/// All nodes, in order.
fn everybody(names: &Names) -> Vec<NodeId> {
    (0..names.nodes().len() as u32).map(NodeId).collect()
}

/// A wait as cluster lines have it: `150ms..300ms`.
fn range(delay: Delay) -> String {
    if delay.min() == delay.max() {
        format!("{:?}", delay.min())
    } else {
        format!("{:?}..{:?}", delay.min(), delay.max())
    }
}

/// A value, if it is not the usual one.
fn unless<T: PartialEq>(value: T, usual: &T) -> Option<T> {
    (value != *usual).then_some(value)
}
