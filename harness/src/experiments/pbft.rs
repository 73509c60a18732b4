//! Random runs of PBFT: of 3f+1 replicas f lie, each in a way that the seed draws. Three clients
//! ask through two proxies.

use quorate_bugs::NamedRulebookOf;
use quorate_byzantine::pbft::{Command, Lie, Pbft, PbftRule, Safety, Settings};
use quorate_lab::sim::{ClientRequest, Coverage, Experiment, RetryPolicy, Rng, Setup, World};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time, nanos};

use super::contract::{AnswerStats, LinearizableAnswers, PbftAnswers};
use super::reach::{self, Need};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::PbftTarget;

const CLIENTS: u64 = 3;
const LATECOMER: ClientId = ClientId(3);
const PROXIES: u32 = 2;
/// Mean time between two requests.
const PACE: Duration = Duration::from_millis(100);
/// The factor by which the time of a primary grows with view changes in a row.
const PATIENCE: u32 = 16;

impl PbftTarget {
    /// Fewer replicas bear no liar.
    const REPLICAS_MIN: u32 = 4;

    /// The number of replicas for a number of nodes.
    pub(crate) fn replicas(nodes: u32) -> u32 {
        nodes.max(Self::REPLICAS_MIN)
    }
}

fn requests(run: &RunParameters, first_proxy: u32) -> Vec<ClientRequest<Command>> {
    let mut rng = Rng::new(run.seed, u64::MAX - 1);
    let mut requests: Vec<_> = (0..nanos(run.span) / nanos(PACE))
        .map(|_| ClientRequest {
            at: Time::from_nanos(rng.below(nanos(run.span))),
            client: ClientId(rng.below(CLIENTS) as u32),
            of: Some(NodeId(first_proxy + rng.below(PROXIES.into()) as u32)),
            command: Command::Add { amount: rng.within(1, 9) as i64 },
        })
        .collect();
    requests.sort_by_key(|request| request.at);
    let at = Time::ZERO + run.span + Duration::from_secs(1);
    let command = Command::Add { amount: 1 };
    requests.push(ClientRequest { at, client: LATECOMER, of: Some(NodeId(first_proxy)), command });
    requests
}

/// As many liars as the cluster bears, each of a kind that is drawn.
fn liars(seed: u64, replicas: u32, count: usize) -> Vec<(NodeId, Lie)> {
    let mut rng = Rng::new(seed, u64::MAX - 2);
    let mut honest: Vec<NodeId> = (0..replicas).map(NodeId).collect();
    let mut draw = || {
        let liar = honest.remove(rng.below(honest.len() as u64) as usize);
        (liar, Lie::ALL[rng.below(Lie::ALL.len() as u64) as usize])
    };
    (0..count).map(|_| draw()).collect()
}

impl SimTarget for PbftTarget {
    type Machine = Pbft;
    type Invariants = (Safety, LinearizableAnswers<PbftAnswers>);

    const NAME: &'static str = Self::NAME;
    const NODES_MIN: u32 = Self::REPLICAS_MIN;
    const GOAL: &'static str = "answered after the faults, although as many replicas lie as may";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let replicas = Self::replicas(run.nodes);
        let proxies = (0..PROXIES).map(|number| NodeId(replicas + number));
        let config = Settings::new((0..replicas).map(NodeId), proxies).build()?;
        let what = "a backup's request, its proposal, a prepare and a commit";
        let within = config.view_timeout.saturating_mul(PATIENCE);
        reach::check::<Self>(run, [Need { what, messages: 4, bound: "the longest time of a primary", within }])?;
        let nodes = (1..=replicas).map(|number| format!("n{number}")).chain(["P".to_owned(), "Q".to_owned()]);
        let names = Names::new(nodes, ["c1", "c2", "c3", "latecomer"]);
        let liars = liars(run.seed, replicas, config.faults());
        let setup = under_rules(Setup::new(Self::NAME, names, config.clone()), book.into());
        let setup = liars.into_iter().fold(setup, |setup, (node, lie)| setup.configure(node, config.lying(lie)));
        Ok(Experiment {
            setup: setup
                .title("A random run of PBFT")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(RetryPolicy { timeout: Duration::from_millis(300), attempts: 60, rotates: false }),
            invariants: (Default::default(), Coverage::default()),
            requests: requests(run, replicas),
            faults: run.fault_plan.schedule(run.seed, replicas + PROXIES, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window: Duration::from_secs(30),
        })
    }

    fn reached(world: &World<Pbft, Watched<Self>>) -> bool {
        !world.answers(LATECOMER).is_empty() && world.clients_are_idle()
    }

    fn answer_stats((_, answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<Pbft>) -> Vec<(u64, &'static str)> {
        use PbftRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(Committed), "requests committed at a replica"),
            (coverage.of(Stable), "checkpoints proved"),
            (coverage.of(TakeState), "states taken from others"),
            (coverage.of(BeginView), "views begun"),
            (coverage.of(OneDigestPerNumber), "second proposals refused"),
            (coverage.of(BadSeal), "seals that do not hold"),
            (coverage.of(RefuseNewView), "new views refused"),
        ]
    }
}
