//! The context of a step: node id, configuration, rulebook and clock reading, which a machine is
//! given and does not store.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};

use crate::{Machine, NodeId};

/// Constants of a node's run, TLA+'s CONSTANTS, with the reading of its clock.
///
/// It comes from the driver and may differ from node to node: mixed versions, or one node with a
/// buggy rulebook among correct ones. A machine stores its variables and nothing else: they are the
/// state that a checker compares and a trace shows.
pub struct Context<'a, M: Machine> {
    /// The node on which the machine runs.
    pub me: NodeId,
    /// The configuration: members, sizes, timeouts.
    pub config: &'a M::Config,
    /// The decisions of the protocol.
    pub rules: &'a M::Rulebook,
    /// Reading of the node's clock.
    pub now: M::Clock,
}

impl<'a, M: Machine> Context<'a, M> {
    /// The context for a machine that this one contains, on the same node.
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

/// Configuration and rulebook of all nodes, with exceptions for individual ones.
///
/// A driver keeps it and derives the [`Context`] of each step from it.
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
    /// All nodes with this configuration and the default rulebook.
    pub fn new(config: M::Config) -> Self {
        Self::under(config, M::Rulebook::default())
    }

    /// All nodes with this configuration and this rulebook.
    pub fn under(config: M::Config, rules: M::Rulebook) -> Self {
        Constants { config, rules, name: "", others: BTreeMap::new() }
    }

    /// The configuration of the nodes without one of their own.
    pub fn config(&self) -> &M::Config {
        &self.config
    }

    /// The rulebook of the nodes without one of their own.
    pub fn rules(&self) -> &M::Rulebook {
        &self.rules
    }

    /// The name of the common rulebook; empty unless [`rule_all`](Self::rule_all) has set one.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Puts all nodes under a rulebook, including those that had one of their own. A rulebook does
    /// not contain its name, which scenarios and traces may need, so the caller provides it.
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

    /// The context of a node with this clock reading.
    pub fn of(&self, me: NodeId, now: M::Clock) -> Context<'_, M> {
        let (config, rules) =
            self.others.get(&me).map_or((&self.config, &self.rules), |(config, rules)| (config, rules));
        Context { me, config, rules, now }
    }

    /// Whether two nodes have the same constants: only then are they interchangeable. Two nodes
    /// that both have something of their own count as different, because rulebooks cannot be
    /// compared.
    pub fn same(&self, one: NodeId, other: NodeId) -> bool {
        one == other || !(self.others.contains_key(&one) || self.others.contains_key(&other))
    }
}
