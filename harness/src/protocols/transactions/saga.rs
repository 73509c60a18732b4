//! Sagas in scenarios: `cluster saga orchestrator=O services=order,stock`; requests are those of
//! two-phase commit, a step for each change.

use quorate_bugs::transactions::saga::NamedRulebook;
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_protocol::{Names, NodeId};
use quorate_transactions::saga::{Rulebook, Safety, Saga, Settings};
use quorate_transactions::{Row, Txn};

use super::rows;
use crate::protocols::SagaTarget;
use crate::protocols::lease::cluster::Members;

impl Protocol for SagaTarget {
    type Machine = Saga;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster saga orchestrator=O services=order,stock [pivot=order] [opening=10] [step-timeout=50ms] \
               [limit=1s] [rules=undo-in-forward-order]",
        says: "A saga: local transactions one after the other, undone one by one if it cannot go on \
               (Garcia-Molina and Salem 1987)",
    };
    const REQUESTS: &'static [Usage] = rows::REQUESTS;
    const ASSERTIONS: &'static [Usage] = &[
        Usage { form: "amount NODE ROW AMOUNT", says: "that is the amount of the row, for all to see" },
        Usage {
            form: "step NODE TXN done|none",
            says: "the node has done its step of the saga and not undone it, or not",
        },
    ];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::BUGGY.iter().map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let orchestrator = members.one(args, "orchestrator", "who has the steps carried out")?;
        let services = members.needed(args, "services", "who does a step each")?;
        let mut settings = Settings::new(orchestrator, services);
        if let Some(pivot) = args.option("pivot") {
            let place = members.nodes.iter().position(|name| *name == pivot);
            let place =
                place.ok_or_else(|| ScriptProblem::bad(format_args!("pivot={pivot}: there is no such node")))?;
            settings.pivot = Some(NodeId(place as u32));
        }
        if let Some(opening) = args.parsed("opening")? {
            settings.opening = opening;
        }
        if let Some(span) = args.span("step-timeout")? {
            settings.step_timeout = span;
        }
        if let Some(span) = args.span("limit")? {
            settings.limit = span;
        }
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: Safety::default() })
    }

    fn request(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<Saga>, ScriptProblem> {
        rows::request(args, names)
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        let node = args.node(names)?;
        if name == "amount" {
            let row = Row::from(args.text("a row")?);
            return Ok(Box::new(Amount { node, row, amount: rows::number(args.need("an amount")?)? }));
        }
        let saga = rows::txn(args.need("a saga")?)?;
        let done = match args.need("done or none")? {
            "done" => true,
            "none" => false,
            other => return Err(ScriptProblem::bad(format_args!("'{other}' is neither done nor none"))),
        };
        Ok(Box::new(Step { node, saga, done }))
    }
}

/// Assertion on an amount.
struct Amount {
    node: NodeId,
    row: Row,
    amount: i64,
}

impl Assertion<Saga, Safety> for Amount {
    fn says(&self) -> String {
        format!("{} at {} to be {}", self.row, self.node, self.amount)
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<Saga>) {}

    fn holds(&self, world: &World<Saga, Safety>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("the node is down".to_owned()) };
        match machine.amount(&self.row, world.config().opening) {
            Some(amount) if amount == self.amount => Ok(()),
            Some(amount) => Err(format!("it is {amount}")),
            None => Err("the node has no rows".to_owned()),
        }
    }
}

/// Assertion on a step.
struct Step {
    node: NodeId,
    saga: Txn,
    done: bool,
}

impl Assertion<Saga, Safety> for Step {
    fn says(&self) -> String {
        let has = if self.done { "to have done" } else { "not to have done" };
        format!("{} {has} its step of {}", self.node, self.saga)
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<Saga>) {}

    fn holds(&self, world: &World<Saga, Safety>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("the node is down".to_owned()) };
        if machine.has_done(self.saga) == self.done { Ok(()) } else { Err("it is the other way round".to_owned()) }
    }
}
