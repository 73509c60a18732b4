//! Random runs of the Byzantine generals, with as many traitors as OM(m) bears, each at a place and
//! of a kind that the seed draws.
//!
//! Losses, crashes, partitions, cut links and pauses are left out, since the network is synchronous
//! and a general that stops counts as a traitor; so are delays beyond [`DELAY_MAX`] and drifts
//! beyond a percent. Tests put some of them back, and count what breaks.

use quorate_bugs::NamedRulebookOf;
use quorate_byzantine::generals::{Command, General, GeneralsRule, Lie, Order, Safety, Settings};
use quorate_lab::sim::{
    ClientRequest, Conditions, Coverage, Experiment, FaultPlan, Latency, Ppm, RetryPolicy, Rng, Setup, World,
};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time, nanos};

use super::contract::AnswerStats;
use super::liars;
use super::reach::{self, Need};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::GeneralsTarget;

/// Maximum delay of a message.
const DELAY_MAX: Duration = Duration::from_millis(40);
/// Maximum drift of a clock.
const DRIFT_MAX: Ppm = Ppm::percent(1);
/// Time by which the commander is told what to order.
const ORDERED_BY: Duration = Duration::from_millis(300);
/// The deadline of the lieutenants: there is time for the order, and for the longest path of it.
const DEADLINE: Duration = Duration::from_secs(1);
/// Largest number of messages of one order.
const MESSAGES_MAX: usize = 5_000;

/// The number of traitors: less than a third, and no more than there is time to simulate relays
/// for.
fn traitors(lieutenants: usize) -> usize {
    let bears = lieutenants / 3;
    (0..=bears).rev().find(|m| GeneralsTarget::messages(lieutenants, *m) <= MESSAGES_MAX).unwrap_or(0)
}

/// An order to the commander in time, and another one, which is too late, to anybody.
fn requests(rng: &mut Rng, generals: u32) -> Vec<ClientRequest<Command>> {
    let anybody = rng.below(u64::from(generals)) as u32;
    let mut order = |client, of: u32, from: Duration| ClientRequest {
        at: Time::ZERO + from + Duration::from_nanos(rng.below(nanos(ORDERED_BY))),
        client: ClientId(client),
        of: Some(NodeId(of)),
        command: Command::Give { order: if rng.below(2) == 0 { Order::Attack } else { Order::Retreat } },
    };
    vec![order(0, 0, Duration::ZERO), order(1, anybody, ORDERED_BY * 2)]
}

impl SimTarget for GeneralsTarget {
    type Machine = General;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "had an order that all loyal lieutenants obey";

    /// The part in which all messages arrive before the deadline.
    fn within_assumptions(faults: &FaultPlan) -> FaultPlan {
        let min = Duration::from_millis(1);
        let conditions = Conditions {
            loss: Ppm::ZERO,
            latency: Latency::Uniform { min, max: DELAY_MAX / 4 },
            extra_delay: Latency::Uniform { min, max: DELAY_MAX - DELAY_MAX / 4 },
            ..faults.conditions
        };
        let drift = faults.drift.min(DRIFT_MAX);
        let faults = FaultPlan { link: None, service: None, ..*faults };
        FaultPlan { conditions, crashes: 0, partitions: 0, cuts: 0, pauses: 0, suspensions: 0, drift, ..faults }
    }

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let generals = run.nodes + 1;
        let m = traitors(usize::try_from(run.nodes)?);
        let config = Settings { deadline: DEADLINE, ..Settings::new((0..generals).map(NodeId), m) }.build()?;
        let what = "an order and its relays";
        let within = DEADLINE - ORDERED_BY;
        reach::check::<Self>(run, [Need { what, messages: m as u32 + 2, bound: "the rest of the deadline", within }])?;
        let plan = Self::within_assumptions(&run.fault_plan);
        let mut rng = Rng::new(run.seed, u64::MAX - 1);
        let names = Names::new((1..=generals).map(|number| format!("n{number}")), ["king", "rival"]);
        let setup = under_rules(Setup::new(Self::NAME, names, config.clone()), book.into())
            .title("A random run of oral messages among generals, with traitors")
            .seed(run.seed)
            .conditions(plan.conditions)
            .retry_policy(RetryPolicy { timeout: DELAY_MAX * 4, attempts: 20, rotates: false });
        let liars = liars::drawn(&mut rng, generals, m, &Lie::NAMED);
        Ok(Experiment {
            setup: liars.into_iter().fold(setup, |setup, (node, lie)| setup.configure(node, config.lying(lie))),
            invariants: (Default::default(), Coverage::default()),
            requests: requests(&mut rng, generals),
            faults: plan.schedule(run.seed, generals, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window: DEADLINE * 2,
        })
    }

    fn reached(world: &World<General, Watched<Self>>) -> bool {
        let decided = |(node, machine): (u32, &Option<General>)| {
            let is_loyal = world.constants().of(NodeId(node), ()).config.lie().is_none();
            !is_loyal || machine.as_ref().is_some_and(|general| general.order().is_some())
        };
        (0..).zip(world.machines()).all(decided) && world.clients_are_idle()
    }

    /// No client contract: a client learns only that its order is given.
    fn answer_stats(_: &Self::Invariants) -> AnswerStats {
        AnswerStats::default()
    }

    fn coverage(coverage: &Coverage<General>) -> Vec<(u64, &'static str)> {
        use GeneralsRule::*;
        let lies = [LieSilent, LieSayOther, LieEquivocate, LieClaimReceipt];
        vec![
            (lies.into_iter().map(|rule| coverage.of(rule)).sum(), "steps of traitors"),
            (coverage.of(Relay), "orders sent on"),
            (coverage.of(Decide), "decisions with every message"),
            (coverage.of(DecideLate), "decisions at the deadline"),
            (coverage.of(RepeatedOrder), "messages that came twice"),
            (coverage.of(OrderedBefore), "second orders refused"),
        ]
    }
}
