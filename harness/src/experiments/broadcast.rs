//! Random runs of reliable broadcast, with as many liars as it bears, each at a place and of a kind
//! that the seed draws.
//!
//! Losses, crashes, partitions and cut links are left out: messages between honest nodes arrive,
//! and a node that crashes counts as one that lies. Delays have no bound.

use quorate_bugs::NamedRulebookOf;
use quorate_byzantine::broadcast::{Broadcast, BroadcastRule, Command, Lie, Safety, Settings, Totality, Value};
use quorate_lab::sim::{
    ClientRequest, Conditions, Coverage, Experiment, FaultPlan, Ppm, RetryPolicy, Rng, Setup, World,
};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time, nanos};

use super::contract::AnswerStats;
use super::liars;
use super::reach::{self, Need};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::BroadcastTarget;

/// Time until the goal must be reached: longer than messages of the usual plans are delayed.
const RECOVERY: Duration = Duration::from_secs(60);

/// A value for the sender, and another one, which it refuses, for anybody.
fn requests(rng: &mut Rng, run: &RunParameters) -> Vec<ClientRequest<Command>> {
    let half = nanos(run.span) / 2;
    let anybody = rng.below(u64::from(run.nodes + 1)) as u32;
    let mut broadcast = |client, of: u32, from: u64| ClientRequest {
        at: Time::from_nanos(from + rng.below(half.max(1))),
        client: ClientId(client),
        of: Some(NodeId(of)),
        command: Command::Broadcast { value: Value(rng.below(10)) },
    };
    vec![broadcast(0, 0, 0), broadcast(1, anybody, half)]
}

impl SimTarget for BroadcastTarget {
    type Machine = Broadcast;
    type Invariants = (Safety, Totality);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "left no honest node behind";

    /// The part in which messages between honest nodes arrive.
    fn within_assumptions(faults: &FaultPlan) -> FaultPlan {
        let conditions = Conditions { loss: Ppm::ZERO, ..faults.conditions };
        FaultPlan { conditions, crashes: 0, partitions: 0, cuts: 0, ..*faults }
    }

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let nodes = run.nodes + 1;
        let config = Settings::new((0..nodes).map(NodeId)).build()?;
        let what = "a value, its echo and two times that nodes are ready for it";
        reach::check::<Self>(run, [Need { what, messages: 4, bound: "the time after the faults", within: RECOVERY }])?;
        let plan = Self::within_assumptions(&run.fault_plan);
        let mut rng = Rng::new(run.seed, u64::MAX - 1);
        let names = Names::new((1..=nodes).map(|number| format!("n{number}")), ["c1", "c2"]);
        let setup = under_rules(Setup::new(Self::NAME, names, config.clone()), book.into())
            .title("A random run of reliable broadcast, with liars")
            .seed(run.seed)
            .conditions(plan.conditions)
            .retry_policy(RetryPolicy { timeout: Duration::from_secs(1), attempts: 100, rotates: false });
        let liars = liars::drawn(&mut rng, nodes, config.faults(), &Lie::ALL);
        Ok(Experiment {
            setup: liars.into_iter().fold(setup, |setup, (node, lie)| setup.configure(node, config.lying(lie))),
            invariants: (Default::default(), Coverage::default()),
            requests: requests(&mut rng, run),
            faults: plan.schedule(run.seed, nodes, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window: RECOVERY,
        })
    }

    /// All honest nodes have accepted; or none has, which is right if the sender lies.
    fn reached(world: &World<Broadcast, Watched<Self>>) -> bool {
        let is_honest = |node: u32| world.constants().of(NodeId(node), ()).config.lie().is_none();
        let honest = (0..).zip(world.machines()).filter(|(node, _)| is_honest(*node));
        let accepted: Vec<bool> =
            honest.map(|(_, node)| node.as_ref().is_some_and(|node| node.accepted().is_some())).collect();
        let all = accepted.iter().all(|accepted| *accepted);
        let none = !is_honest(0) && !accepted.iter().any(|accepted| *accepted);
        (all || none) && world.clients_are_idle()
    }

    /// No client contract: a client learns only that its value is sent.
    fn answer_stats(_: &Self::Invariants) -> AnswerStats {
        AnswerStats::default()
    }

    fn coverage(coverage: &Coverage<Broadcast>) -> Vec<(u64, &'static str)> {
        use BroadcastRule::*;
        let lies = [LieSilent, LieEquivocate, LieSupportAll];
        vec![
            (lies.into_iter().map(|rule| coverage.of(rule)).sum(), "steps of liars"),
            (coverage.of(Accept), "values accepted"),
            (coverage.of(ReadyWithOthers), "nodes that followed others"),
            (coverage.of(EchoWithOthers), "echoes without a word of the sender"),
            (coverage.of(RepeatedMessage), "messages that came twice"),
            (coverage.of(SentBefore), "second values refused"),
        ]
    }
}
