//! The local message table in scenarios: `cluster outbox sender=shop broker=B receiver=stock`,
//! `place shop apples 3`, `expect shipped stock apples 3`.

use quorate_bugs::transactions::outbox::NamedRulebook;
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_protocol::{Names, NodeId};
use quorate_transactions::Row;
use quorate_transactions::outbox::{Command, MessageTable, OutboxMessageId, Rulebook, Safety, Settings};

use crate::protocols::OutboxTarget;
use crate::protocols::lease::cluster::Members;

impl Protocol for OutboxTarget {
    type Machine = MessageTable;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster outbox sender=shop broker=B receiver=stock [retry=50ms] [work=5ms] [rules=row-then-event]",
        says: "The local message table: an order and its message in one write, and a message handled once (Pritchett 2008)",
    };
    const REQUESTS: &'static [Usage] =
        &[Usage { form: "place NODE ITEM UNITS [client=c1]", says: "a client orders so many units of an item" }];
    const ASSERTIONS: &'static [Usage] = &[
        Usage { form: "shipped NODE ITEM UNITS", says: "the receiver has shipped so many units" },
        Usage {
            form: "pending NODE ID,ID|none",
            says: "these messages are in the sender's table, or in the broker's queue",
        },
    ];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::BUGGY.iter().map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let sender = members.one(args, "sender", "who places orders")?;
        let broker = members.one(args, "broker", "who keeps messages on their way")?;
        let receiver = members.one(args, "receiver", "who handles messages")?;
        let mut settings = Settings::new(sender, broker, receiver);
        if let Some(span) = args.span("retry")? {
            settings.retry = span;
        }
        if let Some(span) = args.span("work")? {
            settings.work = span;
        }
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: Safety::default() })
    }

    fn request(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<MessageTable>, ScriptProblem> {
        let to = Some(args.node(names)?);
        let item = Row::from(args.text("an item")?);
        Ok(ScenarioRequest { to, command: Command::Place { item, units: number(args.need("a number of units")?)? } })
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        let node = args.node(names)?;
        if name == "shipped" {
            let item = Row::from(args.text("an item")?);
            return Ok(Box::new(Shipped { node, item, units: number(args.need("a number of units")?)? }));
        }
        let ids = match args.need("messages")? {
            "none" => Vec::new(),
            listed => listed.split(',').map(number).collect::<Result<_, _>>()?,
        };
        Ok(Box::new(Pending { node, ids }))
    }
}

fn number(text: &str) -> Result<u64, ScriptProblem> {
    text.parse().map_err(|_| ScriptProblem::bad(format_args!("'{text}' is not a whole number such as 3")))
}

/// Assertion on what the receiver has shipped.
struct Shipped {
    node: NodeId,
    item: Row,
    units: u64,
}

impl Assertion<MessageTable, Safety> for Shipped {
    fn says(&self) -> String {
        format!("{} to have shipped {} of {}", self.node, self.units, self.item)
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<MessageTable>) {}

    fn holds(&self, world: &World<MessageTable, Safety>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("it is down".to_owned()) };
        match machine.shipped(&self.item) {
            units if units == self.units => Ok(()),
            units => Err(format!("it has shipped {units}")),
        }
    }
}

/// Assertion on the messages on their way.
struct Pending {
    node: NodeId,
    ids: Vec<OutboxMessageId>,
}

fn listed(ids: &[OutboxMessageId]) -> String {
    match ids {
        [] => "no message".to_owned(),
        some => format!("message {}", some.iter().map(OutboxMessageId::to_string).collect::<Vec<_>>().join(" and ")),
    }
}

impl Assertion<MessageTable, Safety> for Pending {
    fn says(&self) -> String {
        format!("{} to have {}", self.node, listed(&self.ids))
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<MessageTable>) {}

    fn holds(&self, world: &World<MessageTable, Safety>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("it is down".to_owned()) };
        let ids: Vec<OutboxMessageId> = machine.messages().collect();
        if ids == self.ids { Ok(()) } else { Err(format!("it has {}", listed(&ids))) }
    }
}
