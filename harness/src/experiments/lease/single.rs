//! Random runs of leases of one granter, with holders and a fenced resource.

use quorate_bugs::NamedRulebookOf;

use quorate_lab::sim::{ClientRequest, Coverage, Experiment, RetryPolicy, Setup, World};
use quorate_lease::invariants::{EachWriteOnce, Safety, invariants};
use quorate_lease::{Command, DetectorConfig, FenceCheck, HolderRule, LeaseId, Recovery, Settings, SingleRule, Value};
use quorate_protocol::{ClientId, Duration, Names, NodeId};

use super::aimed::keeps;
use super::{
    LeaseStats, RENEWAL, TERM, act_every, client_rng, conditions, faults, grant, healed, holder_names, moments, terms,
};
use crate::TargetError;
use crate::experiments::contract::{AnswerStats, LeaseAnswers, LinearizableAnswers};
use crate::experiments::reach;
use crate::experiments::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::protocols::{LeaseMachine, LeaseOf};

/// Granter Q: the first node, followed by the holders and the resource.
const GRANTER: NodeId = NodeId(0);

fn settings(run: &RunParameters) -> Result<Settings, TargetError> {
    let one_in = |count: u64| run.seed.is_multiple_of(count);
    let usual = Settings::new(GRANTER, (1..=run.nodes).map(NodeId), terms(run, TERM)?);
    Ok(Settings {
        resource: Some(NodeId(run.nodes + 1)),
        recovery: if one_in(2) { Recovery::FromDisk } else { Recovery::WaitOut },
        watch: if one_in(3) { DetectorConfig::phi(RENEWAL) } else { usual.watch },
        lock_delay: if one_in(5) { TERM / 3 } else { Duration::ZERO },
        check: if one_in(7) { FenceCheck::AskGranter } else { FenceCheck::NewestSeen },
        work: Duration::from_millis(30),
        act_every: Some(act_every(run)),
        ..usual
    })
}

fn requests(run: &RunParameters) -> Vec<ClientRequest<Command>> {
    let mut rng = client_rng(run);
    let moments = moments(&mut rng, run, Duration::from_millis(25));
    let mut number = 0;
    let request = |at| {
        number += 1;
        let client = rng.below(run.nodes.into()) as u32;
        let command = match rng.below(12) {
            0 | 1 if keeps(run, &mut rng) => Command::Act,
            0 => Command::Release { successor: None },
            1 => Command::Release { successor: Some(NodeId(1 + rng.below(run.nodes.into()) as u32)) },
            2..=4 => Command::WorkAndAct,
            5 => Command::Serve,
            6 => Command::WriteShared { value: Value::from(format!("s{number}").as_str()) },
            _ => Command::Write { value: Value::from(format!("w{number}").as_str()) },
        };
        ClientRequest { at, client: ClientId(client), of: Some(NodeId(1 + client)), command }
    };
    moments.into_iter().map(request).collect()
}

/// Leases from one granter, under a rulebook: each holder has a client that asks it to act, to
/// write, to serve and to release its lease.
///
/// The seed decides what the granter does after a restart, how it watches holders, whether there is
/// a lock-delay, and how the resource checks tokens.
impl<M: LeaseMachine> SimTarget for LeaseOf<M> {
    type Machine = M;
    type Invariants = (Safety, LeaseStats<LeaseId>, EachWriteOnce, LinearizableAnswers<LeaseAnswers>);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "had a primary that acts";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let config = settings(run)?.build()?;
        reach::check::<Self>(run, [grant(&config.terms)])?;
        reach::check_renewals(run, config.terms.renew_every())?;
        let stats = LeaseStats::new(&config.terms, healed(run));
        let nodes = ["Q".to_owned()].into_iter().chain(holder_names(run.nodes)).chain(["S".to_owned()]);
        let names = Names::new(nodes, (1..=run.nodes).map(|number| format!("c{number}")));
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, names, config), book.into())
                .title("A random run of leases from one granter")
                .seed(run.seed)
                .conditions(conditions(run))
                .retry_policy(RetryPolicy { timeout: TERM / 3, attempts: 2, rotates: false }),
            invariants: (
                (invariants(), stats, EachWriteOnce::default(), LinearizableAnswers::default()),
                Coverage::default(),
            ),
            requests: requests(run),
            faults: faults(run, run.nodes + 2),
            message_faults: None,
            fault_window: run.span,
            recovery_window: TERM * 10,
        })
    }

    fn reached(world: &World<M, Watched<Self>>) -> bool {
        world.invariants().0.1.revived().is_some()
    }

    fn answer_stats((.., answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<M>) -> Vec<(u64, &'static str)> {
        use SingleRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(GrantPrimary), "grants of the primary lease"),
            (coverage.of(RenewPrimary), "renewals of the primary lease"),
            (coverage.of(HeldByOther), "refusals because another node held the lease"),
            (coverage.of(HolderRule::Lapse.into()), "leases expired"),
            (coverage.of(TakeRelease), "leases released"),
            (
                coverage.of(WaitOut) + coverage.of(RecallGrant),
                "requests that a restarted granter had to delay or refuse",
            ),
            (coverage.of(AcceptWrite), "fenced writes"),
            (coverage.of(RefuseLowerToken) + coverage.of(RefuseInvalid), "late writes refused"),
        ]
    }
}
