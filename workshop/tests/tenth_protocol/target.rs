//! Adapter from the protocol to the tools: its unit struct.

use std::error::Error;

use quorate_bugs::{Book, BookOf};
use quorate_lab::check::{Bounds, Cluster};
use quorate_lab::script::{
    Asking, Cast, Claim, Phrase, Problem, Protocol, ProtocolClaim, Schedule, Untold, Usage, Words, combined,
};
use quorate_lab::sim::{self, Coverage, Experiment, RetryPolicy, Setup, World};
use quorate_lab::trace::{Happened, Lane, Recording};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time};
use quorate_workshop::checks::{Budget, Examined, Goal, Searched};
use quorate_workshop::experiments::{Judged, Planned, Run, Subject, Watched};
use quorate_workshop::live::{LiveCluster, LiveTarget, Turn};
use quorate_workshop::protocols::{RulebookOf, SearchVisitor, Target, Written};

use super::backup::{AT_ONCE, AnsweredIsKept, Backup, BackupRule, PRIMARY, Rulebook};

/// Target: primary and backups.
#[derive(Clone, Copy, Debug)]
pub struct Tenth;

impl Tenth {
    const NAME: &'static str = "backup";
}

impl Target for Tenth {
    fn search<V: SearchVisitor<RulebookOf<Self>>>(_: Book<RulebookOf<Self>>, visitor: V) -> Option<V::Output> {
        Some(visitor.visit::<Self>())
    }
}

impl Protocol for Tenth {
    type Machine = Backup;
    type Invariants = AnsweredIsKept;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage { form: "cluster backup nodes=3", says: "a primary and its backups" };
    const REQUESTS: &'static [Usage] = &[Usage { form: "keep NODE VALUE [client=c1]", says: "a value is to be kept" }];
    const CLAIMS: &'static [Usage] = &[Usage { form: "copies COUNT VALUE", says: "so many nodes keep the value" }];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        vec![("at-once", AT_ONCE)]
    }

    fn cast(words: &mut Words<'_>) -> Result<Cast<Self>, Problem> {
        let nodes = combined(words.option("nodes").unwrap_or("3"))?;
        Ok(Cast { config: nodes.len() as u32, nodes, invariants: AnsweredIsKept::default() })
    }

    fn request(_: &str, words: &mut Words<'_>, names: &Names) -> Result<Asking<Backup>, Problem> {
        Ok(Asking { to: Some(words.node(names)?), command: number(words.need("a value")?)? })
    }

    fn claim(_: &str, words: &mut Words<'_>, _: &Names) -> Result<ProtocolClaim<Self>, Problem> {
        let count = number(words.need("a count")?)?;
        Ok(Box::new(Copies { count, value: number(words.need("a value")?)? }))
    }
}

fn number(text: &str) -> Result<u64, Problem> {
    text.parse().map_err(|_| Problem::bad(format_args!("'{text}' is no number")))
}

/// Assertion on the number of nodes that keep a value.
struct Copies {
    count: u64,
    value: u64,
}

impl Claim<Backup, AnsweredIsKept> for Copies {
    fn says(&self) -> String {
        format!("{} copies of {}", self.count, self.value)
    }

    fn see(&mut self, _: Option<Lane>, _: &Happened<Backup>) {}

    fn holds(&self, world: &World<Backup, AnsweredIsKept>) -> Result<(), String> {
        let copies = world.machines().iter().flatten().filter(|machine| machine.kept.value == self.value).count();
        if copies as u64 == self.count { Ok(()) } else { Err(format!("there are {copies}")) }
    }
}

impl Written for Tenth {
    fn line(names: &Names, _: &u32) -> Phrase {
        Phrase::new("cluster").word(Self::NAME).option("nodes", names.nodes().len())
    }

    fn phrase(to: NodeId, command: &u64) -> Result<Phrase, String> {
        Ok(Phrase::new("keep").word(to).word(command))
    }
}

/// Client that asks after the recovery; another one asks during the fault window.
const LATECOMER: ClientId = ClientId(1);

impl Subject for Tenth {
    type Machine = Backup;
    type Invariants = AnsweredIsKept;

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "kept a value on every node";

    fn under(book: impl Into<BookOf<Backup>>, run: &Run) -> Result<Planned<Self>, Box<dyn Error>> {
        let book = book.into();
        let names = Names::new((1..=run.nodes).map(|node| format!("n{node}")), ["c1", "latecomer"]);
        let asking = |at, client, command| sim::ClientRequest { at, client, of: Some(PRIMARY), command };
        let spread = |count: u64| Time::ZERO + run.span * count as u32 / 10;
        let healed = Time::ZERO + run.span + Duration::from_nanos(1);
        let during = (0..10).map(|count| asking(spread(count), ClientId(0), count));
        Ok(Experiment {
            setup: Setup::new(Self::NAME, names, run.nodes)
                .under_named(book.id(), book.rules)
                .seed(run.seed)
                .conditions(run.storm.conditions)
                .retry_policy(RetryPolicy { timeout: Duration::from_millis(100), attempts: u32::MAX, rotates: false }),
            invariants: (AnsweredIsKept::default(), Coverage::default()),
            requests: during.chain([asking(healed, LATECOMER, 99)]).collect(),
            faults: run.storm.schedule(run.seed, run.nodes, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window: Duration::from_secs(10),
        })
    }

    fn reached(world: &World<Backup, Watched<Self>>) -> bool {
        !world.answers(LATECOMER).is_empty()
    }

    /// No client contract is defined for this protocol.
    fn judged(_: &AnsweredIsKept) -> Judged {
        Judged::default()
    }

    fn met(coverage: &Coverage<Backup>) -> Vec<(u64, &'static str)> {
        vec![(coverage.crashes(), "crashes"), (coverage.of(BackupRule::Reply), "values answered")]
    }
}

impl LiveTarget for Tenth {
    type Machine = Backup;

    fn cluster(nodes: u32) -> Result<LiveCluster<Backup>, Box<dyn Error>> {
        Ok((Names::new((1..=nodes).map(|node| format!("n{node}")), ["c1"]), nodes))
    }

    fn request(Turn { count, .. }: Turn) -> Asking<Backup> {
        Asking { to: None, command: count }
    }
}

impl Examined for Tenth {
    type Machine = Backup;
    type Invariants = AnsweredIsKept;

    const NAME: &'static str = Self::NAME;

    fn budget(_: Book<Rulebook>) -> Budget {
        Budget { nodes: 3, requests: 2, firings: 0, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None }
    }

    fn governed(_: Book<Rulebook>, rules: Book<Rulebook>, budget: &Budget) -> Result<Searched<Self>, Box<dyn Error>> {
        let names = Names::new((1..=budget.nodes).map(|node| format!("n{node}")), ["c1", "c2"]);
        let setup = Setup::new(Self::NAME, names, budget.nodes).under_named(rules.id(), rules.rules);
        let mut bounds = Bounds { firings: budget.firings, ..Bounds::default() };
        for client in 0..budget.requests {
            bounds = bounds.request(ClientId(client), Some(PRIMARY), u64::from(client) + 1);
        }
        Ok(Cluster::new(setup, AnsweredIsKept::default(), bounds)?)
    }

    fn goals(_: &Budget) -> Vec<Goal<Self>> {
        vec![("every node keeps the second value", |state| {
            state.machines().flatten().all(|machine| machine.kept.number == 2)
        })]
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Backup>) -> Result<Schedule, Untold> {
        <Self as Written>::schedule(&cluster.setup().constants, path)
    }
}
