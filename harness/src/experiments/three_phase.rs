//! Random runs of three-phase commit within its assumptions: clients that make
//! [transfers](super::transfers), with crashes, duplicates and delays of the fault plan, as far as
//! silence means a crash.
//!
//! Losses, partitions, cut links and pauses are left out, since they break the protocol; so are
//! delays beyond [`DELAY_MAX`] and drifts beyond a percent. Tests of the workspace put partitions
//! back, and count what breaks.

use quorate_bugs::NamedRulebookOf;
use quorate_lab::sim::{Conditions, Coverage, Experiment, FaultPlan, Latency, Ppm, Setup, World};
use quorate_protocol::{Duration, NodeId};
use quorate_transactions::AtomicCommit;
use quorate_transactions::three_phase::{Settings, ThreePhase, ThreePhaseRule};
use quorate_transactions::two_phase::Safety;

use super::contract::transactions::OPENING;
use super::contract::{AnswerStats, LinearizableAnswers, TwoPhaseAnswers};
use super::reach::{self, Need};
use super::transfers::{LATECOMER, STUBBORN, TAKES_REQUESTS, names, requests};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::ThreePhaseTarget;

const T: NodeId = TAKES_REQUESTS;
/// Maximum delay of a message. The answer timeout is longer than twice this.
const DELAY_MAX: Duration = Duration::from_millis(40);
/// Maximum drift of a clock.
const DRIFT_MAX: Ppm = Ppm::percent(1);

impl SimTarget for ThreePhaseTarget {
    type Machine = ThreePhase;
    type Invariants = (Safety, LinearizableAnswers<TwoPhaseAnswers>);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "decided every transaction and left nobody in doubt";

    /// The part in which silence means a crash.
    fn within_assumptions(faults: &FaultPlan) -> FaultPlan {
        let min = Duration::from_millis(1);
        let conditions = Conditions {
            loss: Ppm::ZERO,
            latency: Latency::Uniform { min, max: DELAY_MAX / 4 },
            extra_delay: Latency::Uniform { min, max: DELAY_MAX - DELAY_MAX / 4 },
            ..faults.conditions
        };
        FaultPlan {
            conditions,
            partitions: 0,
            cuts: 0,
            pauses: 0,
            suspensions: 0,
            link: None,
            service: None,
            drift: faults.drift.min(DRIFT_MAX),
            ..*faults
        }
    }

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let participants = (1..=run.nodes).map(NodeId);
        let config = Settings { opening: OPENING, ..Settings::new(T, participants) }.build()?;
        let what = "a request and its answer";
        let answer = Need { what, messages: 2, bound: "the answer timeout", within: config.answer_timeout };
        reach::check::<Self>(run, [answer])?;
        let plan = Self::within_assumptions(&run.fault_plan);
        let names = names(["T"], run);
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, names, config), book.into())
                .title("A random run of three-phase commit, in which silence means a crash")
                .seed(run.seed)
                .conditions(plan.conditions)
                .retry_policy(STUBBORN),
            invariants: (Default::default(), Coverage::default()),
            requests: requests(run, 1),
            faults: plan.schedule(run.seed, run.nodes + 1, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window: Duration::from_secs(10),
        })
    }

    fn reached(world: &World<ThreePhase, Watched<Self>>) -> bool {
        let is_done = |machine: &Option<ThreePhase>| {
            machine.as_ref().is_some_and(|node| node.in_doubt().next().is_none() && node.open().next().is_none())
        };
        !world.answers(LATECOMER).is_empty() && world.clients_are_idle() && world.machines().iter().all(is_done)
    }

    fn answer_stats((_, answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<ThreePhase>) -> Vec<(u64, &'static str)> {
        use ThreePhaseRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(PreCommitAll), "transactions that all said yes to"),
            (coverage.of(DecideCommit) + coverage.of(CommitWithoutSilent), "decisions to commit"),
            (coverage.of(TakeOver), "times a participant took over"),
            (coverage.of(MoveToPreCommit), "times it found one in the pre-commit state"),
            (coverage.of(AbortUncertain), "times it found all uncertain"),
            (coverage.of(AskOthers), "times a restarted node asked"),
            (coverage.of(AbortAfterTotalFailure), "aborts after a total failure"),
        ]
    }
}
