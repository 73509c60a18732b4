//! Adapter between protocols and the scenario language, and the registry of protocols.

use std::fmt;

use quorate_protocol::{Invariant, Machine, Names, NodeId};

use super::args::Args;
use super::assertion::Assertion;
use super::command_line::CommandLine;
use super::dyn_run::DynScenarioRun;
use super::problem::ScriptProblem;
use super::scenario_run::{RunArgs, ScenarioRun};
use super::usage::Usage;
use super::variants::variants;

/// The adapter between a protocol and the scenario language.
///
/// The language handles time, faults, the network and the trace of every machine. The protocol
/// provides the rest: the roles on a cluster line, the requests of clients, and the assertions.
pub trait Protocol: Sized + 'static {
    /// The machine.
    type Machine: Machine;
    /// The invariants that must hold after every step.
    type Invariants: Invariant<Self::Machine>;

    /// The word after `cluster`.
    const NAME: &'static str;
    /// The form of its cluster line, with the options that it adds, e.g. `cluster paxos nodes=3
    /// [learners=…]`, and one line about the protocol.
    const CLUSTER: Usage;
    /// The commands it adds: requests of clients.
    const REQUESTS: &'static [Usage];
    /// The assertions it adds, for `expect` and `until`.
    const ASSERTIONS: &'static [Usage];

    /// The form of its `disk` command, if a scenario may preset the nodes' disks.
    const DISK: Option<Usage> = None;
    /// Facts, by name, that another fact of the same step implies: they are printed only together
    /// with the reasons.
    const HIDDEN_FACTS: &'static [&'static str] = &[];

    /// Parses the protocol's part of a `cluster` line. The options that every cluster has are
    /// already taken.
    ///
    /// # Errors
    /// The problem with it.
    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem>;

    /// Parses the nodes on a `cluster` line that have a configuration of their own, such as liars,
    /// which the other nodes must not know. It is called after [`cluster_spec`](Self::cluster_spec).
    ///
    /// # Errors
    /// The problem with it.
    fn own_configs(
        args: &mut Args<'_>,
        names: &Names,
        config: &<Self::Machine as Machine>::Config,
    ) -> Result<OwnConfigs<Self>, ScriptProblem> {
        let _ = (args, names, config);
        Ok(Vec::new())
    }

    /// The lies that this node can be configured with, in the words of the option `liars=`: none if
    /// it must be honest, or if the protocol bears no liars.
    fn lies(config: &<Self::Machine as Machine>::Config, node: NodeId) -> Vec<String> {
        let _ = (config, node);
        Vec::new()
    }

    /// The lie in a node's configuration, in the same words; `None` if the node is honest.
    fn lie(config: &<Self::Machine as Machine>::Config) -> Option<String> {
        let _ = config;
        None
    }

    /// Warnings about a configuration that is possible but unwise: notes at the beginning of the
    /// trace.
    fn warnings(config: &<Self::Machine as Machine>::Config) -> Vec<String> {
        let _ = config;
        Vec::new()
    }

    /// The rulebooks that deviate from the papers, for scenarios that show the failure without a
    /// rule: `rules=NAME` on a cluster line. Empty if the protocol has only one.
    fn rulebooks() -> Vec<(&'static str, RulebookOf<Self>)> {
        Vec::new()
    }

    /// Parses a request, one of [`REQUESTS`](Self::REQUESTS).
    ///
    /// # Errors
    /// The problem with it.
    fn request(name: &str, args: &mut Args<'_>, names: &Names)
    -> Result<ScenarioRequest<Self::Machine>, ScriptProblem>;

    /// Parses the initial content of a node's disk: the words after the node in a `disk` command.
    ///
    /// # Errors
    /// The problem with it; always, if the protocol has no [`DISK`](Self::DISK).
    fn disk(args: &mut Args<'_>, names: &Names) -> Result<<Self::Machine as Machine>::Disk, ScriptProblem> {
        let _ = names;
        Err(ScriptProblem::Missing { what: "a protocol whose nodes have an initial disk", usage: args.usage() })
    }

    /// Parses an assertion, one of [`ASSERTIONS`](Self::ASSERTIONS).
    ///
    /// # Errors
    /// The problem with it.
    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem>;
}

/// A rulebook of a protocol's machine.
pub type RulebookOf<P> = <<P as Protocol>::Machine as Machine>::Rulebook;

/// An assertion about a run of the protocol.
pub type ProtocolAssertion<P> = Box<dyn Assertion<<P as Protocol>::Machine, <P as Protocol>::Invariants>>;

/// The nodes that have a configuration of their own, with it.
pub type OwnConfigs<P> = Vec<(NodeId, <<P as Protocol>::Machine as Machine>::Config)>;

/// The nodes of a cluster, their configuration and its invariants.
#[derive(Debug)]
pub struct ClusterSpec<P: Protocol> {
    /// The nodes' names, in the order of their ids.
    pub nodes: Vec<String>,
    /// The configuration of every node without one of its [own](Protocol::own_configs).
    pub config: <P::Machine as Machine>::Config,
    /// The invariants that must hold.
    pub invariants: P::Invariants,
}

/// A request and its node; without one the client asks the node it prefers.
#[derive(Debug)]
pub struct ScenarioRequest<M: Machine> {
    /// The node.
    pub to: Option<NodeId>,
    /// The request.
    pub command: M::Command,
}

/// Registry of the protocols that scenarios can use.
#[derive(Default)]
pub struct Registry {
    entries: Vec<RegistryEntry>,
}

/// One protocol, with its type erased.
pub struct RegistryEntry {
    /// The word after `cluster`.
    pub name: &'static str,
    /// The form of its cluster line, and one line about it.
    pub cluster: Usage,
    /// The commands it adds.
    pub requests: &'static [Usage],
    /// The assertions it adds.
    pub assertions: &'static [Usage],
    /// The form of its `disk` command, if it has one.
    pub disk: Option<Usage>,
    /// The facts that renderings omit, see [`Protocol::HIDDEN_FACTS`].
    pub implied: &'static [&'static str],
    /// The possible values of `rules=` on its cluster line, see [`Protocol::rulebooks`].
    pub rulebooks: Vec<&'static str>,
    /// The names by which commands and assertions refer to what happens in a run.
    pub event_names: EventNames,
    open: Open,
    /// Variants of the protocol, each with the rulebooks that only it has.
    variants: Vec<(Vec<&'static str>, Open)>,
}

/// Names of a protocol's messages, timers and so on, as scenarios and traces write them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventNames {
    /// Messages between nodes, for `hold` or `sent=`.
    pub messages: Vec<&'static str>,
    /// Timers, for `fire` or `fired=`.
    pub timers: Vec<&'static str>,
    /// Facts, for `fact=`.
    pub facts: Vec<&'static str>,
    /// Records that nodes write to their disks, for `persisted=`.
    pub records: Vec<&'static str>,
    /// Replies to clients, for `reply=`.
    pub replies: Vec<&'static str>,
}

impl EventNames {
    fn of<M: Machine>() -> Self {
        EventNames {
            messages: variants::<M::Message>("Message"),
            timers: variants::<M::Timer>("Timer"),
            facts: variants::<M::Fact>("Fact"),
            records: variants::<M::Record>("Record"),
            replies: variants::<M::Reply>("Reply"),
        }
    }
}

fn names_of_rulebooks<P: Protocol>() -> Vec<&'static str> {
    P::rulebooks().into_iter().map(|(name, _)| name).collect()
}

/// The kind of thing that a rulebook is in errors.
pub(super) const RULEBOOK: &str = "rulebook";

type Open = Box<dyn Fn(RunArgs<'_>, Args<'_>) -> Result<Box<dyn DynScenarioRun>, ScriptProblem>>;

impl Registry {
    /// An empty registry.
    pub const fn new() -> Self {
        Registry { entries: Vec::new() }
    }

    /// Adds a protocol. One of the same name is replaced: so a protocol with a bug can replace the
    /// correct one.
    #[must_use]
    pub fn with<P: Protocol>(self) -> Self {
        self.register::<P>(None)
    }

    /// Adds a protocol that runs under these rules unless a scenario asks for others.
    #[must_use]
    pub fn under<P: Protocol>(self, rules: RulebookOf<P>) -> Self {
        self.register::<P>(Some(("", rules)))
    }

    fn register<P: Protocol>(mut self, usual: Option<(&'static str, RulebookOf<P>)>) -> Self {
        self.entries.retain(|entry| entry.name != P::NAME);
        self.entries.push(RegistryEntry {
            name: P::NAME,
            cluster: P::CLUSTER,
            requests: P::REQUESTS,
            assertions: P::ASSERTIONS,
            disk: P::DISK,
            implied: P::HIDDEN_FACTS,
            rulebooks: names_of_rulebooks::<P>(),
            event_names: EventNames::of::<P::Machine>(),
            open: Box::new(move |run_args, args| Ok(Box::new(ScenarioRun::<P>::open(run_args, args, usual)?))),
            variants: Vec::new(),
        });
        self
    }

    /// Adds a variant of the protocol of that name, with a machine of its own: it runs the
    /// scenarios that ask, for all nodes or for one, for a rulebook which only it has. Changes
    /// nothing if there is no such protocol.
    #[must_use]
    pub fn with_variant<P: Protocol>(mut self) -> Self {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.name == P::NAME) {
            let mut rulebooks = names_of_rulebooks::<P>();
            rulebooks.retain(|name| !entry.rulebooks.contains(name));
            entry.rulebooks.extend(&rulebooks);
            let open: Open = Box::new(|run_args, args| Ok(Box::new(ScenarioRun::<P>::open(run_args, args, None)?)));
            entry.variants.push((rulebooks, open));
        }
        self
    }

    /// The protocols.
    pub fn entries(&self) -> &[RegistryEntry] {
        &self.entries
    }

    /// Creates a run of a cluster, outside any script.
    pub(super) fn start(&self, cluster: &CommandLine, traced: bool) -> Result<Box<dyn DynScenarioRun>, ScriptProblem> {
        let arguments = cluster.arguments();
        let mut args = Args::new("cluster PROTOCOL …", &arguments)?;
        let entry = self.entry(args.need("a protocol")?)?;
        args.set_usage(&entry.cluster);
        let run_args = RunArgs { traced, ..RunArgs::default() };
        entry.open(run_args, args)
    }

    /// Says of a rulebook that is unknown to a cluster's protocol which others have it, if they do.
    pub(super) fn explain(&self, problem: ScriptProblem) -> ScriptProblem {
        let ScriptProblem::Unknown { what: RULEBOOK, name, .. } = &problem else { return problem };
        let has_it = |entry: &&RegistryEntry| entry.rulebooks.contains(&name.as_str());
        let owners: Vec<&str> = self.entries.iter().filter(has_it).map(|entry| entry.name).collect();
        if owners.is_empty() {
            return problem;
        }
        let owners = owners.join(", ");
        ScriptProblem::bad(format_args!("'{name}' is a rulebook of {owners}, not of this cluster's protocol"))
    }

    /// The protocol of that name.
    pub(super) fn entry(&self, name: &str) -> Result<&RegistryEntry, ScriptProblem> {
        let known = || self.entries.iter().map(|entry| entry.name);
        self.entries
            .iter()
            .find(|entry| entry.name == name)
            .ok_or_else(|| ScriptProblem::unknown("protocol", name, known()))
    }
}

impl RegistryEntry {
    /// Sets up a cluster.
    pub(super) fn open(&self, run_args: RunArgs<'_>, args: Args<'_>) -> Result<Box<dyn DynScenarioRun>, ScriptProblem> {
        let variant = self.variant(run_args.options.rules, &args, run_args.asked);
        let open = variant.map_or(&self.open, |variant| &self.variants[variant].1);
        open(RunArgs { known: &self.rulebooks, ..run_args }, args)
    }

    /// The variant with one of the rulebooks that are wanted by the caller, the cluster line, or
    /// later in the script.
    pub(super) fn variant(&self, rules: Option<&'static str>, args: &Args<'_>, asked: &[String]) -> Option<usize> {
        let asked = rules.into_iter().chain(args.written("rules")).chain(asked.iter().map(String::as_str));
        let asked: Vec<&str> = asked.collect();
        self.variants.iter().position(|(rulebooks, _)| rulebooks.iter().any(|name| asked.contains(name)))
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries.iter().map(|entry| entry.name)).finish()
    }
}

impl fmt::Debug for RegistryEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RegistryEntry").field(&self.name).finish()
    }
}
