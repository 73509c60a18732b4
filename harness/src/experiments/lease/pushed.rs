//! Random runs of leases that are pushed one way.

use quorate_bugs::NamedRulebookOf;

use quorate_lab::sim::{ClientRequest, Coverage, Experiment, FaultPlan, Ppm, RetryPolicy, Setup, World};
use quorate_lease::invariants::{Safety, invariants};
use quorate_lease::pushed::{Command, Pushed, PushedRule, Settings};
use quorate_lease::{Drift, HolderRule, LeaseId, Terms, Value};
use quorate_protocol::{ClientId, Duration, Names, NodeId, nanos};

use super::{ACT_EVERY, LeaseStats, TERM, client_rng, healed, holder_names, moments};
use crate::TargetError;
use crate::experiments::contract::{AnswerStats, LinearizableAnswers, PushedAnswers};
use crate::experiments::reach::{self, Need};
use crate::experiments::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::protocols::LeasePushedTarget;

const ISSUER: NodeId = NodeId(0);
/// Time until the goal must be reached after the faults.
const RECOVERY: Duration = Duration::from_secs(6);
/// The most that a clock drifts between two corrections by NTP, in ppm.
const DRIFT_PPM_MAX: u32 = 1_000;

/// The most that a wall clock is wrong by at the end of a run, for it is never corrected in it.
fn skew(run: &RunParameters) -> Duration {
    let drifted = u128::from(nanos(run.span + RECOVERY)) * u128::from(run.fault_plan.drift.get()) / 1_000_000;
    Duration::from_nanos(u64::try_from(drifted).unwrap_or(u64::MAX)).saturating_add(Duration::from_micros(1))
}

fn settings(run: &RunParameters) -> Settings {
    let skew = skew(run);
    let term = TERM.saturating_add(skew.saturating_mul(3));
    let resource = Some(NodeId(1 + run.nodes));
    let usual = Settings::new(ISSUER, (1..=run.nodes).map(NodeId), term);
    Settings { resource, skew, every: TERM / 10, act_every: Some(ACT_EVERY), ..usual }
}

fn requests(run: &RunParameters) -> Vec<ClientRequest<Command>> {
    let mut rng = client_rng(run);
    let mut requests = Vec::new();
    for at in moments(&mut rng, run, Duration::from_millis(60)) {
        let holder = NodeId(1 + rng.below(run.nodes.into()) as u32);
        let (client, of, command) = match rng.below(10) {
            0 => (0, ISSUER, Command::Appoint { holder }),
            _ => (1, holder, Command::Write { value: Value::from(format!("v{}", requests.len()).as_str()) }),
        };
        requests.push(ClientRequest { at, client: ClientId(client), of: Some(of), command });
    }
    requests
}

/// Pushed leases, under a rulebook: a client appoints primaries, which act and write.
impl SimTarget for LeasePushedTarget {
    type Machine = Pushed;
    type Invariants = (Safety, LeaseStats<LeaseId>, LinearizableAnswers<PushedAnswers>);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "had a primary that acts";

    /// Wall clocks must be right within a bound: they drift as between two corrections, and nobody
    /// sets them.
    fn within_assumptions(faults: &FaultPlan) -> FaultPlan {
        let drift = faults.drift.min(Ppm::new(DRIFT_PPM_MAX));
        FaultPlan { jumps: 0, drift, ..*faults }
    }

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let run = &RunParameters { fault_plan: Self::within_assumptions(&run.fault_plan), ..*run };
        let settings = settings(run);
        let (term, config) = (settings.term, settings.build()?);
        let what = "a push";
        reach::check::<Self>(run, [Need { what, messages: 1, bound: "half of the term", within: term / 2 }])?;
        reach::check_renewals(run, config.every)?;
        let stats = LeaseStats::new(&Terms::longest(term, Drift::NONE)?, healed(run));
        let nodes = ["Q".to_owned()].into_iter().chain(holder_names(run.nodes)).chain(["S".to_owned()]);
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, Names::new(nodes, ["operator", "writer"]), config), book.into())
                .title("A random run of leases that are pushed")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(RetryPolicy { timeout: TERM / 3, attempts: 2, rotates: false }),
            invariants: ((invariants(), stats, LinearizableAnswers::default()), Coverage::default()),
            requests: requests(run),
            faults: super::fault_schedule(run, run.nodes + 2),
            message_faults: None,
            fault_window: run.span,
            recovery_window: RECOVERY,
        })
    }

    fn reached(world: &World<Pushed, Watched<Self>>) -> bool {
        world.invariants().0.1.revived().is_some()
    }

    fn answer_stats((.., answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<Pushed>) -> Vec<(u64, &'static str)> {
        use PushedRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(NameHolder), "holders named"),
            (coverage.of(ExtendLease), "leases extended"),
            (coverage.of(PushAgain), "leases sent again"),
            (coverage.of(SameLeaseAgain) + coverage.of(OlderLease), "pushes that changed nothing"),
            (coverage.of(WaitForEnd), "waits for the end of a lease"),
            (coverage.of(HolderRule::Lapse.into()), "leases expired"),
            (coverage.of(RecallLease), "leases that bound a restarted issuer"),
            (coverage.of(AcceptWrite), "fenced writes"),
        ]
    }
}
