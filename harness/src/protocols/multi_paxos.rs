//! Multi-Paxos in scenarios: `cluster multi-paxos …`, `propose n1 x`, `expect log n1 x,y`.

use quorate_bugs::ProtocolId;
use quorate_bugs::paxos::NamedRulebook;
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_paxos::invariants::Safety;
use quorate_paxos::multi::{self, Command, Config, Entry, MultiPaxos, Rhythm, Slot};
use quorate_paxos::{Rulebook, Value};
use quorate_protocol::{Names, NodeId};

use super::roles::{Roles, delay, refused};
use crate::protocols::MultiPaxosTarget;

impl Protocol for MultiPaxosTarget {
    type Machine = MultiPaxos;
    type Invariants = Safety<Entry>;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster multi-paxos nodes=3 | proposers=A,B acceptors=X,Y,Z [learners=A,B] [phase-1=2] [phase-2=2] \
               [heartbeat=50ms] [election=150ms..300ms]",
        says: "Multi-Paxos: a leader has a log of commands chosen (Paxos Made Simple §3)",
    };
    const REQUESTS: &'static [Usage] =
        &[Usage { form: "propose NODE VALUE [client=c1]", says: "a client asks a node to put a command into the log" }];
    const ASSERTIONS: &'static [Usage] = &[
        Usage { form: "leader [NODE]", says: "exactly one node (this one) believes that it leads" },
        Usage { form: "chosen SLOT [VALUE]", says: "a phase-2 quorum has accepted a value (this one) in that slot" },
        Usage { form: "nothing-chosen [SLOT]", says: "no value is chosen, in that slot or in any" },
        Usage { form: "log NODE A,B,no-op", says: "the commands that the node knows without a gap, slot by slot" },
    ];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::of(ProtocolId::MultiPaxos).map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let roles = Roles::read(args)?;
        let mut rhythm = Rhythm::default();
        if let Some(heartbeat) = args.span("heartbeat")? {
            rhythm.heartbeat = heartbeat;
        }
        if let Some(text) = args.option("election") {
            rhythm.election = delay("election", text)?;
        }
        let (nodes, roles) = roles.config()?;
        let config = Config::new(roles, rhythm).map_err(|error| refused(&nodes, &error))?;
        let invariants = multi::invariants(&config);
        Ok(ClusterSpec { nodes, config, invariants })
    }

    fn request(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<MultiPaxos>, ScriptProblem> {
        let to = args.node(names)?;
        let value = Value::from(args.text("a value")?);
        Ok(ScenarioRequest { to: Some(to), command: Command::Propose { value } })
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        Ok(match name {
            "leader" => Box::new(Leader { node: args.node_if_any(names)? }),
            "log" => {
                let node = args.node(names)?;
                let values = args.need("the commands")?.split(',').map(str::to_owned).collect();
                Box::new(Log { node, values })
            }
            "chosen" => {
                let slot = slot(args.need("a slot")?)?;
                Box::new(Chosen { slot: Some(slot), value: args.take().map(Value::from), nothing: false })
            }
            _ => Box::new(Chosen { slot: args.take().map(slot).transpose()?, value: None, nothing: true }),
        })
    }
}

fn slot(text: &str) -> Result<Slot, ScriptProblem> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number
        .map(Slot)
        .ok_or_else(|| ScriptProblem::bad(format_args!("'{text}' is not a slot; slots are numbered from 1")))
}

/// Assertion on the leader.
struct Leader {
    node: Option<NodeId>,
}

impl Assertion<MultiPaxos, Safety<Entry>> for Leader {
    fn says(&self) -> String {
        self.node.map_or("a node to lead".to_owned(), |node| format!("{node} to lead"))
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<MultiPaxos>) {}

    fn holds(&self, world: &World<MultiPaxos, Safety<Entry>>) -> Result<(), String> {
        let nodes = (0..world.machines().len() as u32).map(NodeId);
        let leaders: Vec<NodeId> =
            nodes.filter(|node| world.machine(*node).is_some_and(MultiPaxos::is_leader)).collect();
        match (&leaders[..], self.node) {
            ([leader], Some(node)) if *leader == node => Ok(()),
            ([_], None) => Ok(()),
            ([], _) => Err("no node leads".to_owned()),
            ([leader], _) => Err(format!("{leader} leads")),
            (leaders, _) => {
                let names: Vec<String> = leaders.iter().map(NodeId::to_string).collect();
                Err(format!("each of {} believes that it leads", names.join(", ")))
            }
        }
    }
}

/// Assertion on the value chosen by acceptors in a slot, or in any slot, whether or not a node
/// knows it.
struct Chosen {
    slot: Option<Slot>,
    value: Option<Value>,
    nothing: bool,
}

impl Assertion<MultiPaxos, Safety<Entry>> for Chosen {
    fn says(&self) -> String {
        let place = self.slot.map(|slot| format!(" in slot {slot}")).unwrap_or_default();
        match (&self.value, self.nothing) {
            (_, true) => format!("nothing to be chosen{place}"),
            (Some(value), _) => format!("{value} to be chosen{place}"),
            (None, _) => format!("a value to be chosen{place}"),
        }
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<MultiPaxos>) {}

    fn holds(&self, world: &World<MultiPaxos, Safety<Entry>>) -> Result<(), String> {
        let all = world.invariants().0.chosen();
        let first = match self.slot {
            Some(slot) => all.get_key_value(&slot),
            None => all.first_key_value(),
        };
        match (first, self.nothing) {
            (None, true) => Ok(()),
            (None, false) => Err("nothing is chosen there".to_owned()),
            (Some((_, (_, entry))), false) if self.value.as_ref().is_none_or(|value| *value == entry.value) => Ok(()),
            (Some((slot, (ballot, entry))), _) => Err(format!("{entry} was chosen in slot {slot} in {ballot}")),
        }
    }
}

/// Assertion on a node's log, up to its first unknown slot.
struct Log {
    node: NodeId,
    values: Vec<String>,
}

impl Assertion<MultiPaxos, Safety<Entry>> for Log {
    fn says(&self) -> String {
        format!("the log {} on {}", self.values.join(","), self.node)
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<MultiPaxos>) {}

    fn holds(&self, world: &World<MultiPaxos, Safety<Entry>>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err(format!("{} is down", self.node)) };
        let known: Vec<&str> = machine.log().map(|(_, entry)| entry.value.as_str()).collect();
        if known == self.values {
            return Ok(());
        }
        Err(if known.is_empty() { "its log is empty".to_owned() } else { format!("its log is {}", known.join(",")) })
    }
}
