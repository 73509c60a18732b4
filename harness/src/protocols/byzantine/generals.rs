//! The Byzantine generals in scenarios: `cluster generals nodes=C,L1,L2,L3 m=1
//! liars=L3:says-other`, `order C attack`, `expect obeys L1 attack`.

use quorate_bugs::byzantine::generals::NamedRulebook;
use quorate_byzantine::generals::{Command, Config, General, Lie, Order, Rulebook, Safety, Settings};
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, OwnConfigs, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_protocol::{Names, NodeId};

use super::liars::{liars, words};
use crate::protocols::GeneralsTarget;
use crate::protocols::lease::cluster::Members;

/// Largest number of messages of one order: a scenario of more is unreadable, and takes long.
const MESSAGES_MAX: usize = 10_000;

impl Protocol for GeneralsTarget {
    type Machine = General;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster generals nodes=C,L1,L2,L3 [m=1] [deadline=100ms] [liars=L3:silent] \
               [rules=one-relay-too-few]",
        says: "Oral messages OM(m) among generals, the commander first (Lamport, Shostak and Pease 1982)",
    };
    const REQUESTS: &'static [Usage] =
        &[Usage { form: "order NODE attack|retreat [client=c1]", says: "the commander is told what to order" }];
    const ASSERTIONS: &'static [Usage] =
        &[Usage { form: "obeys NODE attack|retreat|none", says: "the lieutenant obeys this order, or none yet" }];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::BUGGY.iter().map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let generals = members.needed(args, "nodes", "the generals")?;
        let m = args.parsed("m")?.unwrap_or(1);
        let lieutenants = generals.len().saturating_sub(1);
        let mut settings = Settings::new(generals, m);
        if let Some(span) = args.span("deadline")? {
            settings.deadline = span;
        }
        let config = settings.build().map_err(|error| members.refused(&error))?;
        let count = GeneralsTarget::messages(lieutenants, m);
        if count > MESSAGES_MAX {
            return Err(ScriptProblem::TooMany { what: "messages of one order", count, max: MESSAGES_MAX });
        }
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: Safety::default() })
    }

    fn own_configs(args: &mut Args<'_>, names: &Names, config: &Config) -> Result<OwnConfigs<Self>, ScriptProblem> {
        liars(args, names, config, &Lie::NAMED)
    }

    fn lies(_: &Config, _: NodeId) -> Vec<String> {
        words(&Lie::NAMED)
    }

    fn lie(config: &Config) -> Option<String> {
        config.lie().map(|lie| lie.to_string())
    }

    fn request(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<General>, ScriptProblem> {
        let to = Some(args.node(names)?);
        let text = args.need("an order")?;
        let order = order(text).ok_or_else(|| ScriptProblem::unknown("order", text, ["attack", "retreat"]))?;
        Ok(ScenarioRequest { to, command: Command::Give { order } })
    }

    fn assertion(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        let node = args.node(names)?;
        let text = args.need("an order, or none")?;
        let expected = order(text);
        if expected.is_none() && text != "none" {
            return Err(ScriptProblem::unknown("order", text, ["attack", "retreat", "none"]));
        }
        Ok(Box::new(Obeys { node, expected }))
    }
}

impl GeneralsTarget {
    /// Number of messages that loyal generals send for one order: each relay goes to the
    /// lieutenants that are not on its path.
    pub(crate) fn messages(lieutenants: usize, m: usize) -> usize {
        let mut paths = 1_usize;
        (0..=m).fold(0, |sent: usize, relay| {
            paths = paths.saturating_mul(lieutenants.saturating_sub(relay));
            sent.saturating_add(paths)
        })
    }
}

fn order(text: &str) -> Option<Order> {
    [Order::Attack, Order::Retreat].into_iter().find(|order| order.to_string() == text)
}

/// Assertion on the order that a lieutenant obeys.
struct Obeys {
    node: NodeId,
    expected: Option<Order>,
}

fn shown(order: Option<Order>) -> String {
    order.map_or_else(|| "no order".to_owned(), |order| format!("the order to {order}"))
}

impl Assertion<General, Safety> for Obeys {
    fn says(&self) -> String {
        format!("{} to obey {}", self.node, shown(self.expected))
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<General>) {}

    fn holds(&self, world: &World<General, Safety>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("it is down".to_owned()) };
        let obeyed = machine.order();
        if obeyed == self.expected { Ok(()) } else { Err(format!("it obeys {}", shown(obeyed))) }
    }
}
