//! What a machine is told with every step and does not have to keep: who it is, the configuration, the rulebook, its clock.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};

use crate::{Machine, NodeId};

/// What does not change while a node runs, TLA+'s CONSTANTS, and the reading of its clock.
///
/// It comes from the driver and may differ from node to node: mixed versions, or one that goes by a broken rulebook among honest
/// ones. What a machine keeps is what changes, and nothing else: that is what a checker compares and a trace shows.
pub struct Context<'a, M: Machine> {
    /// The node whose machine this is.
    pub me: NodeId,
    /// The members, sizes, timeouts.
    pub config: &'a M::Config,
    /// The decisions.
    pub rules: &'a M::Rulebook,
    /// What the node's clock shows.
    pub now: M::Clock,
}

impl<'a, M: Machine> Context<'a, M> {
    /// The context of a machine that this one contains, on the same node.
    pub fn narrow<N: Machine>(&self, config: &'a N::Config, rules: &'a N::Rulebook, now: N::Clock) -> Context<'a, N> {
        Context { me: self.me, config, rules, now }
    }
}

impl<M: Machine> Clone for Context<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: Machine> Copy for Context<'_, M> {}

impl<M: Machine> Debug for Context<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Context { me, config, now, .. } = self;
        f.debug_struct("Context").field("me", me).field("config", config).field("now", now).finish_non_exhaustive()
    }
}

/// What the nodes of a cluster go by: a configuration and a rulebook for all, and others for some.
///
/// A driver keeps it and takes each step's [`Context`] from it.
///
/// ```
/// use quorate_protocol::{Constants, Context, Input, Machine, Never, NodeId, Outbox};
///
/// quorate_protocol::rules! { enum Counting { Count: "house rules §1", "every request counts"; } }
///
/// #[derive(Clone, PartialEq, Eq, Hash, Debug)]
/// struct Counter(u64);
///
/// impl Machine for Counter {
///     type Config = u64;       // how much a request counts
/// #   type Rulebook = (); type Message = Never; type Timer = Never; type Command = (); type Reply = Never; type Fact = Never;
/// #   type Rule = Counting; type Record = Never; type Disk = (); type Clock = (); type View = u64;
///     // …
///     fn boot(_: &Context<Self>, _: &(), _: &mut Outbox<Self>) -> Self { Counter(0) }
///
///     fn step(&mut self, cx: &Context<Self>, _: Input<Self>, out: &mut Outbox<Self>) {
///         self.0 += cx.config;
///         out.because(Counting::Count);
///     }
///
///     fn view(&self, _: &Context<Self>) -> u64 { self.0 }
/// }
///
/// let mut constants = Constants::<Counter>::new(1);
/// constants.configure(NodeId(1), 10);
/// assert_eq!(*constants.of(NodeId(0), ()).config, 1);
/// assert_eq!(*constants.of(NodeId(1), ()).config, 10);
/// assert!(!constants.same(NodeId(0), NodeId(1)) && constants.same(NodeId(0), NodeId(2)));
/// ```
#[derive(Clone, Debug)]
pub struct Constants<M: Machine> {
    config: M::Config,
    rules: M::Rulebook,
    name: &'static str,
    others: BTreeMap<NodeId, (M::Config, M::Rulebook)>,
}

impl<M: Machine> Constants<M> {
    /// All nodes with this configuration, by the book.
    pub fn new(config: M::Config) -> Self {
        Self::under(config, M::Rulebook::default())
    }

    /// All nodes with this configuration, under this rulebook.
    pub fn under(config: M::Config, rules: M::Rulebook) -> Self {
        Constants { config, rules, name: "", others: BTreeMap::new() }
    }

    /// The configuration of the nodes that have none of their own.
    pub fn config(&self) -> &M::Config {
        &self.config
    }

    /// The rulebook of the nodes that have none of their own.
    pub fn rules(&self) -> &M::Rulebook {
        &self.rules
    }

    /// What the rulebook of the nodes that have none of their own is called: empty, unless somebody has [said so](Self::rule_all).
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Puts all nodes under a rulebook, also those that had one of their own. A rulebook says nothing of itself, so whoever knows
    /// what it is called says that, too: a scenario or a trace may want it.
    pub fn rule_all(&mut self, name: &'static str, rules: M::Rulebook) {
        (self.name, self.rules) = (name, rules);
        self.others.values_mut().for_each(|other| other.1 = rules);
    }

    /// Puts one node under a rulebook of its own.
    pub fn rule(&mut self, node: NodeId, rules: M::Rulebook) {
        self.other(node).1 = rules;
    }

    /// Gives one node a configuration of its own.
    pub fn configure(&mut self, node: NodeId, config: M::Config) {
        self.other(node).0 = config;
    }

    fn other(&mut self, node: NodeId) -> &mut (M::Config, M::Rulebook) {
        self.others.entry(node).or_insert_with(|| (self.config.clone(), self.rules))
    }

    /// The context of a node whose clock shows this.
    pub fn of(&self, me: NodeId, now: M::Clock) -> Context<'_, M> {
        let (config, rules) =
            self.others.get(&me).map_or((&self.config, &self.rules), |(config, rules)| (config, rules));
        Context { me, config, rules, now }
    }

    /// Whether two nodes go by the same: only then may they be taken for each other. Nodes of which both have something of their
    /// own count as different, because rulebooks cannot be compared.
    pub fn same(&self, one: NodeId, other: NodeId) -> bool {
        one == other || !(self.others.contains_key(&one) || self.others.contains_key(&other))
    }
}
