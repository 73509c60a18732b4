//! Adapter from the protocol to the tools: its unit struct.

use quorate_bugs::{NamedRulebook, NamedRulebookOf};
use quorate_harness::TargetError;
use quorate_harness::checks::{Budget, Goal, SearchTarget, Searched};
use quorate_harness::experiments::{AnswerStats, Planned, RunParameters, SimTarget, Watched};
use quorate_harness::live::{LiveCluster, LiveTarget, Turn};
use quorate_harness::protocols::{SearchVisitor, Target, TargetRulebook, ToScenario};
use quorate_lab::check::{Bounds, Cluster};
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, CommandLine, ExportError, Protocol, ProtocolAssertion, ScenarioRequest, Schedule,
    ScriptProblem, Usage, combined,
};
use quorate_lab::sim::{self, Coverage, Experiment, RetryPolicy, Setup, World};
use quorate_lab::trace::{Lane, Recording, TypedEvent};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time};

use super::backup::{AT_ONCE, AnsweredIsKept, Backup, BackupRule, PRIMARY, Rulebook};

/// Target: primary and backups.
#[derive(Clone, Copy, Debug)]
pub struct Tenth;

impl Tenth {
    const NAME: &'static str = "backup";
}

impl Target for Tenth {
    fn search<V: SearchVisitor<TargetRulebook<Self>>>(
        _: NamedRulebook<TargetRulebook<Self>>,
        visitor: V,
    ) -> Option<V::Output> {
        Some(visitor.visit::<Self>())
    }
}

impl Protocol for Tenth {
    type Machine = Backup;
    type Invariants = AnsweredIsKept;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage { form: "cluster backup nodes=3", says: "a primary and its backups" };
    const REQUESTS: &'static [Usage] = &[Usage { form: "keep NODE VALUE [client=c1]", says: "a value is to be kept" }];
    const ASSERTIONS: &'static [Usage] = &[Usage { form: "copies COUNT VALUE", says: "so many nodes keep the value" }];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        vec![("at-once", AT_ONCE)]
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let nodes = combined(args.option("nodes").unwrap_or("3"))?;
        Ok(ClusterSpec { config: nodes.len() as u32, nodes, invariants: AnsweredIsKept::default() })
    }

    fn request(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<Backup>, ScriptProblem> {
        Ok(ScenarioRequest { to: Some(args.node(names)?), command: number(args.need("a value")?)? })
    }

    fn assertion(_: &str, args: &mut Args<'_>, _: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        let count = number(args.need("a count")?)?;
        Ok(Box::new(Copies { count, value: number(args.need("a value")?)? }))
    }
}

fn number(text: &str) -> Result<u64, ScriptProblem> {
    text.parse().map_err(|_| ScriptProblem::bad(format_args!("'{text}' is no number")))
}

/// Assertion on the number of nodes that keep a value.
struct Copies {
    count: u64,
    value: u64,
}

impl Assertion<Backup, AnsweredIsKept> for Copies {
    fn says(&self) -> String {
        format!("{} copies of {}", self.count, self.value)
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<Backup>) {}

    fn holds(&self, world: &World<Backup, AnsweredIsKept>) -> Result<(), String> {
        let copies = world.machines().iter().flatten().filter(|machine| machine.kept.value == self.value).count();
        if copies as u64 == self.count { Ok(()) } else { Err(format!("there are {copies}")) }
    }
}

impl ToScenario for Tenth {
    fn line(names: &Names, _: &u32) -> CommandLine {
        CommandLine::new("cluster").word(Self::NAME).option("nodes", names.nodes().len())
    }

    fn phrase(to: NodeId, command: &u64) -> Result<CommandLine, String> {
        Ok(CommandLine::new("keep").word(to).word(command))
    }
}

/// Client that asks after the recovery; another one asks during the fault window.
const LATECOMER: ClientId = ClientId(1);

impl SimTarget for Tenth {
    type Machine = Backup;
    type Invariants = AnsweredIsKept;

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "kept a value on every node";

    fn plan(book: impl Into<NamedRulebookOf<Backup>>, run: &RunParameters) -> Result<Planned<Self>, TargetError> {
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
                .conditions(run.fault_plan.conditions)
                .retry_policy(RetryPolicy { timeout: Duration::from_millis(100), attempts: u32::MAX, rotates: false }),
            invariants: (AnsweredIsKept::default(), Coverage::default()),
            requests: during.chain([asking(healed, LATECOMER, 99)]).collect(),
            faults: run.fault_plan.schedule(run.seed, run.nodes, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window: Duration::from_secs(10),
        })
    }

    fn reached(world: &World<Backup, Watched<Self>>) -> bool {
        !world.answers(LATECOMER).is_empty()
    }

    /// No client contract is defined for this protocol.
    fn answer_stats(_: &AnsweredIsKept) -> AnswerStats {
        AnswerStats::default()
    }

    fn coverage(coverage: &Coverage<Backup>) -> Vec<(u64, &'static str)> {
        vec![(coverage.crashes(), "crashes"), (coverage.of(BackupRule::Reply), "values answered")]
    }
}

impl LiveTarget for Tenth {
    type Machine = Backup;

    fn cluster(nodes: u32) -> Result<LiveCluster<Backup>, TargetError> {
        Ok((Names::new((1..=nodes).map(|node| format!("n{node}")), ["c1"]), nodes))
    }

    fn request(Turn { count, .. }: Turn) -> ScenarioRequest<Backup> {
        ScenarioRequest { to: None, command: count }
    }
}

impl SearchTarget for Tenth {
    type Machine = Backup;
    type Invariants = AnsweredIsKept;

    const NAME: &'static str = Self::NAME;

    fn budget(_: NamedRulebook<Rulebook>) -> Budget {
        Budget { nodes: 3, requests: 2, firings: 0, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None }
    }

    fn under_rules(
        _: NamedRulebook<Rulebook>,
        rules: NamedRulebook<Rulebook>,
        budget: &Budget,
    ) -> Result<Searched<Self>, TargetError> {
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

    fn schedule(cluster: &Searched<Self>, path: &Recording<Backup>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}
