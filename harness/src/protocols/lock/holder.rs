//! Assertion on the nodes that hold the lock.

use quorate_lab::script::{Args, Assertion, ScriptProblem};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_locks::Lock;
use quorate_protocol::{Invariant, Names, NodeId};

use crate::protocols::lease::cluster::{everybody, shown};

/// Assertion on the nodes that would act under the lock if asked now. Paused nodes count: they do
/// not know that they are paused.
pub(super) enum Holder {
    /// One node, perhaps a certain one.
    One(Option<NodeId>),
    /// This number of nodes.
    Count(usize),
}

impl Holder {
    /// Reads `holder [NODE]`, `holders COUNT` or `no-holder`.
    pub(super) fn read(name: &str, args: &mut Args<'_>, names: &Names) -> Result<Self, ScriptProblem> {
        Ok(match name {
            "no-holder" => Holder::Count(0),
            "holders" => {
                let text = args.need("a number of holders")?;
                let count = text
                    .parse()
                    .map_err(|_| ScriptProblem::bad(format_args!("'{text}' is not a number of holders")))?;
                Holder::Count(count)
            }
            _ => Holder::One(args.node_if_any(names)?),
        })
    }
}

impl<I: Invariant<Lock>> Assertion<Lock, I> for Holder {
    fn says(&self) -> String {
        match self {
            Holder::One(Some(node)) => format!("{node} and nobody else to hold the lock"),
            Holder::One(None) => "one node to hold the lock".to_owned(),
            Holder::Count(0) => "nobody to hold the lock".to_owned(),
            Holder::Count(1) => "1 node to hold the lock".to_owned(),
            Holder::Count(count) => format!("{count} nodes to hold the lock"),
        }
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<Lock>) {}

    fn holds(&self, world: &World<Lock, I>) -> Result<(), String> {
        let holds =
            |node: &NodeId| world.machine(*node).is_some_and(|lock| lock.holds(&world.context(*node)).is_some());
        let holders: Vec<NodeId> = everybody(world.names()).filter(holds).collect();
        let is_so = match *self {
            Holder::One(node) => holders.len() == 1 && node.is_none_or(|node| holders[0] == node),
            Holder::Count(count) => holders.len() == count,
        };
        if is_so { Ok(()) } else { Err(format!("the lock is held by {}", shown(&holders))) }
    }
}
