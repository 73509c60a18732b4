//! Random runs of Snowflake: a registry, and generators whose clocks drift and are set. There are
//! fewer worker numbers than generators, and few ids in a tick.

use quorate_bugs::NamedRulebookOf;
use quorate_lab::sim::{ClientRequest, Coverage, Experiment, FaultPlan, RetryPolicy, Rng, Setup, World};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time, nanos};
use quorate_time::snowflake::{Command, Layout, Safety, Settings, Snowflake, SnowflakeRule};

use super::contract::{AnswerStats, IdAnswers};
use super::reach::{self, Need};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::SnowflakeTarget;

/// Number of clients that ask at the same time, so that ticks are used up.
const CLIENTS: u32 = 5;
const LATECOMER: ClientId = ClientId(CLIENTS);
/// Mean time between two bursts of requests.
const PACE: Duration = Duration::from_millis(100);
/// Time until the goal must be reached: clocks that were set back must come to the last tick again.
const RECOVERY: Duration = Duration::from_secs(100);
/// Bound of one jump of a wall clock.
const JUMP_MAX: Duration = Duration::from_secs(10);

/// The most that clocks can be wrong by: by drift during the faults, and by all jumps of one.
fn clock_error(plan: &FaultPlan, span: Duration) -> Duration {
    let drifted = u128::from(nanos(span)) * u128::from(plan.drift.get()) / 1_000_000;
    let drifted = Duration::from_nanos(u64::try_from(drifted).unwrap_or(u64::MAX));
    JUMP_MAX.saturating_mul(plan.jumps).saturating_add(drifted)
}

fn requests(run: &RunParameters) -> Vec<ClientRequest<Command>> {
    let mut rng = Rng::new(run.seed, u64::MAX - 1);
    let mut requests: Vec<_> = (0..nanos(run.span) / nanos(PACE))
        .flat_map(|_| {
            let at = Time::from_nanos(rng.below(nanos(run.span)));
            let of = Some(NodeId(rng.below(u64::from(run.nodes + 1)) as u32));
            (0..CLIENTS).map(move |client| ClientRequest { at, client: ClientId(client), of, command: Command::Next })
        })
        .collect();
    requests.sort_by_key(|request| request.at);
    let at = Time::ZERO + run.span + Duration::from_secs(1);
    requests.push(ClientRequest { at, client: LATECOMER, of: Some(NodeId(1)), command: Command::Next });
    requests
}

impl SimTarget for SnowflakeTarget {
    type Machine = Snowflake;
    type Invariants = (Safety, IdAnswers);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "issued ids after the faults";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let config = Settings {
            layout: Layout { worker_bits: run.nodes.max(2).ilog2(), sequence_bits: 1 },
            epoch: Time::ZERO,
            lease: 300,
            renew: Duration::from_millis(50),
            recycle_after: Duration::from_millis(200),
            clock_error: clock_error(&run.fault_plan, run.span),
            ..Settings::new(NodeId(0))
        };
        let what = "a claim and its grant";
        let need = Need { what, messages: 2, bound: "the time after the faults", within: RECOVERY };
        reach::check::<Self>(run, [need])?;
        let nodes = ["R".to_owned()].into_iter().chain((1..=run.nodes).map(|number| format!("n{number}")));
        let clients = (1..=CLIENTS).map(|number| format!("c{number}")).chain(["latecomer".to_owned()]);
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, Names::new(nodes, clients), config.build()?), book.into())
                .title("A random run of Snowflake")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(RetryPolicy { timeout: Duration::from_millis(300), attempts: 1000, rotates: true }),
            invariants: (Default::default(), Coverage::default()),
            requests: requests(run),
            faults: run.fault_plan.schedule(run.seed, run.nodes + 1, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window: RECOVERY,
        })
    }

    fn reached(world: &World<Snowflake, Watched<Self>>) -> bool {
        !world.answers(LATECOMER).is_empty() && world.clients_are_idle()
    }

    fn answer_stats((_, answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<Snowflake>) -> Vec<(u64, &'static str)> {
        use SnowflakeRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(FirstOfTick) + coverage.of(NextInTick), "ids issued"),
            (coverage.of(TickExhausted), "waits for the next tick"),
            (coverage.of(ClockBack), "refusals while a clock was behind"),
            (coverage.of(WaitForClock), "waits for a clock that was behind"),
            (coverage.of(Recycle), "worker numbers that changed hands"),
            (coverage.of(BeforeLease), "waits for a tick that no former holder had"),
        ]
    }
}
