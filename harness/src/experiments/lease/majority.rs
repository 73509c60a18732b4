//! Random runs of leases from a majority of diskless acceptors.

use quorate_bugs::NamedRulebookOf;

use quorate_lab::sim::{ClientRequest, Coverage, Experiment, RetryPolicy, Setup, World};
use quorate_lease::invariants::AtMostOnePrimary;
use quorate_lease::majority::{Command, MajorityLease, MajorityRule, Settings};
use quorate_lease::{HolderRule, LeaseId};
use quorate_protocol::{ClientId, Duration, Names, NodeId};

use super::aimed::keeps;
use super::{LeaseStats, TERM, act_every, client_rng, conditions, faults, grant, healed, holder_names, moments, terms};
use crate::TargetError;
use crate::experiments::contract::{AnswerStats, LinearizableAnswers, MajorityAnswers};
use crate::experiments::reach::{self, Need};
use crate::experiments::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::protocols::LeaseMajorityTarget;

/// Node names and role assignment.
fn cluster(run: &RunParameters) -> Result<(Vec<String>, Settings), TargetError> {
    let names = (1..=run.nodes).map(|number| format!("n{number}"));
    let settings = Settings { act_every: Some(act_every(run)), ..Settings::symmetric(run.nodes, terms(run, TERM)?) };
    if !run.seed.is_multiple_of(3) {
        return Ok((names.collect(), settings));
    }
    let proposers = [run.nodes, run.nodes + 1].map(NodeId).to_vec();
    Ok((names.chain(holder_names(2)).collect(), Settings { proposers, ..settings }))
}

/// Majority leases, under a rulebook. In every third seed two proposers run on nodes of their own,
/// otherwise every node plays both roles.
impl SimTarget for LeaseMajorityTarget {
    type Machine = MajorityLease;
    type Invariants = (AtMostOnePrimary<LeaseId>, LeaseStats<LeaseId>, LinearizableAnswers<MajorityAnswers>);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "had a primary that acts";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let (names, settings) = cluster(run)?;
        let (nodes, proposers) = (names.len() as u32, settings.proposers.clone());
        let config = settings.build()?;
        // An attempt is over when the next one begins, after one to two renewal intervals.
        let within = config.terms.renew_every().saturating_mul(2);
        let ballot =
            Need { what: "the two phases of a ballot", messages: 4, bound: "the longest ballot timeout", within };
        let needs = [ballot, grant(&config.terms)].into_iter().filter(|_| names.len() > 1);
        reach::check::<Self>(run, needs)?;
        reach::check_renewals(run, config.terms.renew_every())?;
        let stats = LeaseStats::new(&config.terms, healed(run));
        let mut rng = client_rng(run);
        let moments = moments(&mut rng, run, Duration::from_millis(100));
        let requests = moments.into_iter().map(|at| ClientRequest {
            at,
            client: ClientId(0),
            of: Some(proposers[rng.below(proposers.len() as u64) as usize]),
            command: if rng.below(2) == 0 && !keeps(run, &mut rng) { Command::Release } else { Command::Act },
        });
        Ok(Experiment {
            requests: requests.collect(),
            setup: under_rules(Setup::new(Self::NAME, Names::new(names, ["c1"]), config), book.into())
                .title("A random run of leases from a majority")
                .seed(run.seed)
                .conditions(conditions(run))
                .retry_policy(RetryPolicy { timeout: TERM / 3, attempts: 1, rotates: false }),
            invariants: ((AtMostOnePrimary::default(), stats, LinearizableAnswers::default()), Coverage::default()),
            faults: faults(run, nodes),
            message_faults: None,
            fault_window: run.span,
            recovery_window: TERM * 20,
        })
    }

    fn reached(world: &World<MajorityLease, Watched<Self>>) -> bool {
        world.invariants().0.1.revived().is_some()
    }

    fn answer_stats((.., answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<MajorityLease>) -> Vec<(u64, &'static str)> {
        use MajorityRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(Win), "grants and renewals by a majority"),
            (coverage.of(LeaseTaken), "failed attempts, because another node held the lease"),
            (coverage.of(HolderRule::Lapse.into()), "leases expired"),
            (coverage.of(AcceptorReleases), "releases received by acceptors"),
            (coverage.of(StayQuarantined), "requests ignored during quarantine"),
            (coverage.of(RefusePrepare) + coverage.of(RefuseAccept), "ballots refused as too low"),
        ]
    }
}
