//! Random runs of NTP: three sources, of which the first may be wrong by any amount, and hosts
//! whose clocks drift within the bound of the configuration and are set by others.

use quorate_bugs::NamedRulebookOf;
use quorate_lab::sim::{ClientRequest, Coverage, Experiment, RetryPolicy, Setup, World};
use quorate_protocol::{Duration, Names, NodeId, Time};
use quorate_time::Drift;
use quorate_time::ntp::{Command, Ntp, NtpRule, Offset, Safety, Settings, Thresholds, safety};

use super::contract::{AnswerStats, HostClockAnswers, LinearizableAnswers};
use super::reach::{self, Need};
use super::references::{self, LATECOMER, keeps_references};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::NtpTarget;

const SOURCES: u32 = 3;
/// Shortest interval of a host's polls.
const POLL: Duration = Duration::from_millis(200);
/// The least drift that hosts allow for, in ppm.
const DRIFT_MIN: u32 = 200;
/// All wall clocks show this at the start, 1 January 2000: a clock that is set back shows no time
/// before zero.
const START: Time = Time::from_millis(946_684_800_000);

fn requests(run: &RunParameters) -> Vec<ClientRequest<Command>> {
    references::requests(run, SOURCES, Command::Time, |rng| match rng.below(8) {
        0 => Command::Start,
        1 => Command::Elapsed,
        2 => Command::Wait { span: Offset::from(Duration::from_millis(rng.below(100))) },
        _ => Command::Time,
    })
}

impl SimTarget for NtpTarget {
    type Machine = Ntp;
    type Invariants = (Safety, LinearizableAnswers<HostClockAnswers>);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "synchronised after the faults";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let drift = Drift::ppm(run.fault_plan.drift.get().max(DRIFT_MIN))?;
        let thresholds = Thresholds { stepout: Duration::from_millis(500), ..Thresholds::default() };
        let usual = Settings::new((0..SOURCES).map(NodeId));
        let max_error = Duration::from_secs(1);
        let alarm = Some(Duration::from_millis(100));
        let config =
            Settings { drift, poll: POLL, max_poll: POLL * 4, thresholds, max_error, alarm, ..usual }.build()?;
        let what = "a poll and its response";
        let need = Need { what, messages: 2, bound: "the interval of the polls", within: POLL };
        reach::check::<Self>(run, [need])?;
        let nodes = (1..=SOURCES).map(|number| format!("S{number}"));
        let hosts = (1..=run.nodes).map(|number| format!("n{number}"));
        let names = Names::new(nodes.chain(hosts), ["c1", "c2", "c3", "latecomer"]);
        let faults = run.fault_plan.schedule(run.seed, SOURCES + run.nodes, run.span);
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, names, config), book.into())
                .title("A random run of NTP")
                .seed(run.seed)
                .wall_clock(START)
                .conditions(run.fault_plan.conditions)
                .retry_policy(RetryPolicy { timeout: Duration::from_millis(300), attempts: 20, rotates: false }),
            invariants: ((safety(START), LinearizableAnswers::default()), Coverage::default()),
            requests: requests(run),
            faults: faults.into_iter().filter(|(_, fault)| keeps_references(fault, SOURCES)).collect(),
            message_faults: None,
            fault_window: run.span,
            recovery_window: Duration::from_secs(10),
        })
    }

    fn reached(world: &World<Ntp, Watched<Self>>) -> bool {
        let is_synchronised = |node: NodeId| {
            let host = world.machine(node);
            host.is_some_and(|host| {
                host.time(&world.context(node)).is_none() || host.is_synchronised(&world.context(node))
            })
        };
        let nodes = world.machines().len() as u32;
        !world.answers(LATECOMER).is_empty() && world.clients_are_idle() && (0..nodes).map(NodeId).all(is_synchronised)
    }

    fn answer_stats((_, answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<Ntp>) -> Vec<(u64, &'static str)> {
        use NtpRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(Slew), "slews"),
            (coverage.of(Step), "steps"),
            (coverage.of(AwaitStepout), "offsets that had to stay"),
            (coverage.of(Falseticker), "falsetickers found"),
            (coverage.of(ClockWasSet), "clocks that others set"),
            (coverage.of(OldResponse), "responses to earlier requests"),
            (coverage.of(MeasureDuration), "durations measured"),
            (coverage.of(EndWait), "waits that ended"),
        ]
    }
}
