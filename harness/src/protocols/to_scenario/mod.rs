//! Clusters and requests as scenario text, for the export of runs.
//!
//! A cluster line states only what differs from its defaults. Settings without a scenario option
//! are left out: replaying an exported scenario shows whether it still breaks the same invariant.

mod balancer;
mod byzantine;
mod channel;
mod lease;
mod paxos;
mod pbft;
mod primary_backup;
mod raft;
mod replication;
mod time;
mod transactions;

pub(in crate::protocols) use lease::{drift, lasting};
use quorate_lab::script::{CommandLine, ExportError, Protocol, Registry, Schedule};
use quorate_lab::trace::Recording;
use quorate_protocol::{Constants, Delay, Machine, Names, NodeId};

/// Protocol whose runs can be exported as scenarios.
pub trait ToScenario: Protocol {
    /// Returns the cluster line, without a rulebook. The names are in scope.
    fn line(names: &Names, config: &ConfigOf<Self>) -> CommandLine;

    /// Adds the options for nodes that have a configuration of their own. The names are in scope.
    fn own_options(line: CommandLine, names: &Names, constants: &Constants<Self::Machine>) -> CommandLine {
        let _ = (names, constants);
        line
    }

    /// Returns the command that sends a request to a node. The names are in scope.
    ///
    /// # Errors
    /// A description of the part that has no scenario command.
    fn phrase(to: NodeId, command: &<Self::Machine as Machine>::Command) -> Result<CommandLine, String>;

    /// Returns the schedule of a run that broke an invariant.
    ///
    /// # Errors
    /// [`ExportError`]: nothing broke, or some step has no scenario command.
    fn schedule(
        constants: &Constants<Self::Machine>,
        recording: &Recording<Self::Machine>,
    ) -> Result<Schedule, ExportError> {
        let names = &recording.run_info().names;
        let cluster = names.scope(|| cluster::<Self>(names, constants));
        Schedule::transcribe(recording, cluster, &Registry::new().with::<Self>(), Self::phrase)
    }
}

/// Configuration of a protocol's machine.
type ConfigOf<P> = <<P as Protocol>::Machine as Machine>::Config;

/// Cluster line with the rulebook's name, if it has one. The names are in scope.
fn cluster<P: ToScenario>(names: &Names, constants: &Constants<P::Machine>) -> CommandLine {
    let line = P::own_options(P::line(names, constants.config()), names, constants);
    under_rules(line, constants.name())
}

/// Adds the name of a rulebook to the line, unless it is empty.
pub(crate) fn under_rules(line: CommandLine, rules: &'static str) -> CommandLine {
    line.option_if("rules", Some(rules).filter(|rules| !rules.is_empty()))
}

/// Nodes as a list: `A,B,C`, or a number if they are named n1, n2 …
fn listed(nodes: &[NodeId]) -> String {
    let names: Vec<String> = nodes.iter().map(NodeId::to_string).collect();
    let numbered = names.iter().zip(1..).all(|(name, number)| *name == format!("n{number}"));
    if numbered { names.len().to_string() } else { names.join(",") }
}

/// All nodes, in order.
fn everybody(names: &Names) -> Vec<NodeId> {
    (0..names.nodes().len() as u32).map(NodeId).collect()
}

/// Delay as on cluster lines: `150ms..300ms`.
pub(super) fn range(delay: Delay) -> String {
    if delay.min() == delay.max() {
        format!("{:?}", delay.min())
    } else {
        format!("{:?}..{:?}", delay.min(), delay.max())
    }
}

/// Returns a value unless it is the default.
pub(super) fn unless<T: PartialEq>(value: T, usual: &T) -> Option<T> {
    (value != *usual).then_some(value)
}
