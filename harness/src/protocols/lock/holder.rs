//! Assertions on the nodes that hold the lock, and on what is written under it.

use quorate_lab::script::{Args, Assertion, ScriptProblem};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_lease::Value;
use quorate_locks::Lock;
use quorate_locks::coordination::Coordination;
use quorate_protocol::{Context, Invariant, Machine, Names, NodeId};

use crate::protocols::lease::cluster::{everybody, shown};

/// Machine of which some nodes take a lock, and one may be the resource behind it.
pub(in crate::protocols) trait LockMachine: Machine {
    /// Whether this node would act under the lock if asked now.
    fn is_holder(&self, cx: &Context<Self>) -> bool;

    /// The resource.
    fn resource(config: &Self::Config) -> Option<NodeId>;

    /// The value that was written to this resource.
    fn written(&self) -> Option<&Value>;
}

impl LockMachine for Lock {
    fn is_holder(&self, cx: &Context<Self>) -> bool {
        self.holds(cx).is_some()
    }

    fn resource(config: &Self::Config) -> Option<NodeId> {
        config.resource
    }

    fn written(&self) -> Option<&Value> {
        self.value()
    }
}

impl LockMachine for Coordination {
    fn is_holder(&self, cx: &Context<Self>) -> bool {
        self.holds(cx).is_some()
    }

    fn resource(config: &Self::Config) -> Option<NodeId> {
        config.resource
    }

    fn written(&self) -> Option<&Value> {
        self.value()
    }
}

/// Assertion on the nodes that would act under the lock if asked now. Paused nodes count: they do
/// not know that they are paused.
pub(in crate::protocols) enum Holder {
    /// One node, perhaps a certain one.
    One(Option<NodeId>),
    /// This number of nodes.
    Count(usize),
}

impl Holder {
    /// Reads `holder [NODE]`, `holders COUNT` or `no-holder`.
    pub(in crate::protocols) fn read(name: &str, args: &mut Args<'_>, names: &Names) -> Result<Self, ScriptProblem> {
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

impl<M: LockMachine, I: Invariant<M>> Assertion<M, I> for Holder {
    fn says(&self) -> String {
        match self {
            Holder::One(Some(node)) => format!("{node} and nobody else to hold the lock"),
            Holder::One(None) => "one node to hold the lock".to_owned(),
            Holder::Count(0) => "nobody to hold the lock".to_owned(),
            Holder::Count(1) => "1 node to hold the lock".to_owned(),
            Holder::Count(count) => format!("{count} nodes to hold the lock"),
        }
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<M>) {}

    fn holds(&self, world: &World<M, I>) -> Result<(), String> {
        let holds = |node: &NodeId| world.machine(*node).is_some_and(|lock| lock.is_holder(&world.context(*node)));
        let holders: Vec<NodeId> = everybody(world.names()).filter(holds).collect();
        let is_so = match *self {
            Holder::One(node) => holders.len() == 1 && node.is_none_or(|node| holders[0] == node),
            Holder::Count(count) => holders.len() == count,
        };
        if is_so { Ok(()) } else { Err(format!("the lock is held by {}", shown(&holders))) }
    }
}

/// Assertion on the value of the resource, or of one of several.
pub(in crate::protocols) struct Written(
    pub(in crate::protocols) Option<Value>,
    pub(in crate::protocols) Option<NodeId>,
);

impl<M: LockMachine, I: Invariant<M>> Assertion<M, I> for Written {
    fn says(&self) -> String {
        let value = self.0.as_ref().map_or("nothing", Value::as_str);
        self.1.map_or(format!("the resource to hold {value}"), |node| format!("{node} to hold {value}"))
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<M>) {}

    fn holds(&self, world: &World<M, I>) -> Result<(), String> {
        let Some(resource) = self.1.or(M::resource(world.config())) else {
            return Err("there is no resource".to_owned());
        };
        let Some(machine) = world.machine(resource) else { return Err(format!("{resource} is down")) };
        match machine.written() {
            value if value == self.0.as_ref() => Ok(()),
            Some(value) => Err(format!("it holds {value}")),
            None => Err("nothing was written to it".to_owned()),
        }
    }
}
