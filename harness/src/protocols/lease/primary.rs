//! Assertion that some node, or no node, is primary, for every machine that has primaries.

use quorate_bugs::lease::two_step::TwoStepLease;
use quorate_lab::script::{Args, Assertion, ScriptProblem};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_lease::majority::MajorityLease;
use quorate_lease::pushed::Pushed;
use quorate_lease::{Lease, Token};
use quorate_protocol::{Context, Invariant, Machine, Names, NodeId, Variant};

use super::cluster::{everybody, shown};

/// Machine that knows whether it may act as primary.
pub trait Acts: Machine {
    /// Grant under which it may act now.
    fn acts(&self, cx: &Context<Self>) -> Option<Token>;
}

impl Acts for Lease {
    fn acts(&self, cx: &Context<Self>) -> Option<Token> {
        Lease::acts(self, cx)
    }
}

impl Acts for TwoStepLease {
    fn acts(&self, cx: &Context<Self>) -> Option<Token> {
        self.reference().acts(&Self::context(cx))
    }
}

impl Acts for MajorityLease {
    fn acts(&self, cx: &Context<Self>) -> Option<Token> {
        MajorityLease::acts(self, cx)
    }
}

impl Acts for Pushed {
    fn acts(&self, cx: &Context<Self>) -> Option<Token> {
        Pushed::acts(self, cx)
    }
}

/// Assertion on the nodes that would act as primary if asked now. Paused nodes count: they do not
/// know that they are paused.
pub(super) struct Primary {
    /// `None` for any single node.
    node: Option<NodeId>,
    none_expected: bool,
}

impl Primary {
    /// Reads `primary [NODE]` or `no-primary`.
    pub(super) fn read(name: &str, args: &mut Args<'_>, names: &Names) -> Result<Self, ScriptProblem> {
        let none_expected = name == "no-primary";
        Ok(Primary { node: if none_expected { None } else { args.node_if_any(names)? }, none_expected })
    }
}

impl<M: Acts, I: Invariant<M>> Assertion<M, I> for Primary {
    fn says(&self) -> String {
        let who = match self.node {
            _ if self.none_expected => "no node".to_owned(),
            Some(node) => format!("{node} alone"),
            None => "one node".to_owned(),
        };
        format!("{who} to be primary")
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<M>) {}

    fn holds(&self, world: &World<M, I>) -> Result<(), String> {
        let acts =
            |node: &NodeId| world.machine(*node).is_some_and(|machine| machine.acts(&world.context(*node)).is_some());
        let primaries: Vec<NodeId> = everybody(world.names()).filter(acts).collect();
        match (primaries.as_slice(), self.node) {
            ([], _) if self.none_expected => Ok(()),
            ([_], None) if !self.none_expected => Ok(()),
            ([one], Some(node)) if *one == node => Ok(()),
            (others, _) => Err(format!("primary: {}", shown(others))),
        }
    }
}
