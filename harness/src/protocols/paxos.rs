//! Basic Paxos in scenarios: `cluster paxos …`, `propose A 8`, `expect chosen 8`.

use quorate_bugs::{NamedRulebook, ProtocolId};
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, Protocol, ProtocolAssertion, RulebookOf, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_paxos::invariants::{Safety, invariants};
use quorate_paxos::multi::Slot;
use quorate_paxos::{Command, Paxos, Value};
use quorate_protocol::{Names, NodeId, Variant};

use super::roles::Roles;
use crate::protocols::{PaxosMachine, PaxosOf};

impl<M: PaxosMachine> Protocol for PaxosOf<M> {
    type Machine = M;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster paxos nodes=3 | proposers=A,B acceptors=X,Y,Z [learners=A,B|none] [phase-1=2] [phase-2=2] \
               [distinguished=A] [retry=100ms] [backoff=20ms..2s|off] [catch-up=1s..2s|off]",
        says: "Basic Paxos: one value is chosen (Paxos Made Simple §2)",
    };
    const REQUESTS: &'static [Usage] = &[Usage {
        form: "propose PROPOSER VALUE [round=N] [client=c1]",
        says: "a client asks a proposer to propose a value, in this round or a later one",
    }];
    const ASSERTIONS: &'static [Usage] = &[
        Usage { form: "chosen [VALUE]", says: "a phase-2 quorum has accepted a value (this one) in one ballot" },
        Usage { form: "nothing-chosen", says: "no value was accepted by a phase-2 quorum in one ballot" },
        Usage {
            form: "learned [VALUE] [node=X]",
            says: "every learner that is up, or this one, has learned the chosen value",
        },
    ];

    fn rulebooks() -> Vec<(&'static str, RulebookOf<Self>)> {
        let is_possible = |book: &NamedRulebook<M::Rulebook>| book.bug.is_none_or(|bug| bug.is_of(ProtocolId::Paxos));
        let books = quorate_bugs::rulebooks::<M>().into_iter().filter(is_possible);
        books.map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let (nodes, config) = Roles::read(args)?.config()?;
        let invariants = invariants(&config);
        Ok(ClusterSpec { nodes, config, invariants })
    }

    fn request(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<M>, ScriptProblem> {
        let to = args.node(names)?;
        let value = Value::from(args.text("a value")?);
        let round = args.parsed("round")?;
        Ok(ScenarioRequest { to: Some(to), command: Command::Propose { value, round } })
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        let value = if name == "nothing-chosen" { None } else { args.take().map(Value::from) };
        Ok(match name {
            "learned" => Box::new(Learned { value, node: args.node_option("node", names)? }),
            _ => Box::new(Chosen { value, nothing: name == "nothing-chosen" }),
        })
    }
}

/// Assertion on the value chosen by acceptors, whether or not a node knows it.
struct Chosen {
    value: Option<Value>,
    nothing: bool,
}

impl<M: Variant<Reference = Paxos>> Assertion<M, Safety> for Chosen {
    fn says(&self) -> String {
        match (&self.value, self.nothing) {
            (_, true) => "nothing to be chosen".to_owned(),
            (Some(value), _) => format!("{value} to be chosen"),
            (None, _) => "a value to be chosen".to_owned(),
        }
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<M>) {}

    fn holds(&self, world: &World<M, Safety>) -> Result<(), String> {
        let chosen = world.invariants().0.chosen().get(&Slot::FIRST);
        match (chosen, &self.value, self.nothing) {
            (None, _, true) | (Some(_), None, false) => Ok(()),
            (Some((_, chosen)), Some(value), false) if chosen == value => Ok(()),
            (Some((ballot, chosen)), ..) => Err(format!("{chosen} was chosen in {ballot}")),
            (None, ..) => Err("nothing is chosen".to_owned()),
        }
    }
}

/// Assertion on the values known to learners.
struct Learned {
    value: Option<Value>,
    node: Option<NodeId>,
}

impl<M: Variant<Reference = Paxos>> Assertion<M, Safety> for Learned {
    fn says(&self) -> String {
        let value = self.value.as_ref().map_or("the chosen value", Value::as_str);
        match self.node {
            Some(node) => format!("{node} to have learned {value}"),
            None => format!("every learner to have learned {value}"),
        }
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<M>) {}

    fn holds(&self, world: &World<M, Safety>) -> Result<(), String> {
        if let Some(node) = self.node.filter(|node| world.machine(*node).is_none()) {
            return Err(format!("{node} is down"));
        }
        let mut learned = 0;
        for (node, machine) in world.up().filter(|(node, _)| world.config().is_learner(*node)) {
            if self.node.is_some_and(|only| only != node) {
                continue;
            }
            match (machine.reference().chosen(), &self.value) {
                (Some(chosen), Some(value)) if chosen != value => return Err(format!("{node} has learned {chosen}")),
                (Some(_), _) => learned += 1,
                (None, _) => return Err(format!("{node} has learned nothing")),
            }
        }
        if learned == 0 { Err("no such learner is up".to_owned()) } else { Ok(()) }
    }
}
