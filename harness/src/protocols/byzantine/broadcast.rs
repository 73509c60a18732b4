//! Reliable broadcast in scenarios: `cluster broadcast nodes=S,A,B,C liars=S:supports-all`,
//! `broadcast S 6`, `expect accepted A 6`.

use quorate_bugs::byzantine::broadcast::NamedRulebook;
use quorate_byzantine::broadcast::{Broadcast, Command, Config, Lie, Rulebook, Safety, Settings, Value};
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, OwnConfigs, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_protocol::{Names, NodeId};

use super::liars::{liars, words};
use crate::protocols::BroadcastTarget;
use crate::protocols::lease::cluster::Members;

impl Protocol for BroadcastTarget {
    type Machine = Broadcast;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster broadcast nodes=S,A,B,C [liars=S:equivocating] [rules=follows-nobody]",
        says: "Reliable broadcast of one value, the sender first (Bracha 1987)",
    };
    const REQUESTS: &'static [Usage] =
        &[Usage { form: "broadcast NODE VALUE [client=c1]", says: "the sender is given its value, a number" }];
    const ASSERTIONS: &'static [Usage] =
        &[Usage { form: "accepted NODE VALUE|none", says: "the node has accepted this value, or none" }];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::BUGGY.iter().map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let nodes = members.needed(args, "nodes", "the nodes")?;
        let config = Settings::new(nodes).build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: Safety::default() })
    }

    fn own_configs(args: &mut Args<'_>, names: &Names, config: &Config) -> Result<OwnConfigs<Self>, ScriptProblem> {
        liars(args, names, config, &Lie::ALL)
    }

    fn lies(_: &Config, _: NodeId) -> Vec<String> {
        words(&Lie::ALL)
    }

    fn lie(config: &Config) -> Option<String> {
        config.lie().map(|lie| lie.to_string())
    }

    fn request(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<Broadcast>, ScriptProblem> {
        let to = Some(args.node(names)?);
        let value = value(args.need("a value")?)?;
        Ok(ScenarioRequest { to, command: Command::Broadcast { value } })
    }

    fn assertion(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        let node = args.node(names)?;
        let expected = match args.need("a value, or none")? {
            "none" => None,
            text => Some(value(text)?),
        };
        Ok(Box::new(Accepted { node, expected }))
    }
}

fn value(text: &str) -> Result<Value, ScriptProblem> {
    let number = text.parse().map_err(|_| {
        ScriptProblem::bad(format_args!("'{text}' is not a value to broadcast; use a whole number such as 6"))
    });
    number.map(Value)
}

/// Assertion on the value that a node has accepted.
struct Accepted {
    node: NodeId,
    expected: Option<Value>,
}

fn shown(value: Option<Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| value.to_string())
}

impl Assertion<Broadcast, Safety> for Accepted {
    fn says(&self) -> String {
        format!("{} to have accepted {}", self.node, shown(self.expected))
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<Broadcast>) {}

    fn holds(&self, world: &World<Broadcast, Safety>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("it is down".to_owned()) };
        let accepted = machine.accepted();
        if accepted == self.expected { Ok(()) } else { Err(format!("it has accepted {}", shown(accepted))) }
    }
}
