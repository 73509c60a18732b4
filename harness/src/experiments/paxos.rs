//! Random runs of Basic Paxos and of Multi-Paxos.

use quorate_bugs::NamedRulebookOf;

use quorate_lab::sim::{ClientRequest, Coverage, Experiment, RetryPolicy, Rng, Setup, World};
use quorate_paxos::invariants::{Safety, invariants};
use quorate_paxos::multi::{self, MultiPaxos};
use quorate_paxos::{Backoff, Command, Config, PaxosRule, Value};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time, nanos};

use super::contract::{AnswerStats, LinearizableAnswers, MultiPaxosAnswers, PaxosAnswers};
use super::reach::{self, Need};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::{MultiPaxosTarget, PaxosMachine, PaxosOf};

/// Random stream of the clients, separate from those of the network, the timers and the faults.
fn client_rng(run: &RunParameters) -> Rng {
    Rng::new(run.seed, u64::MAX - 1)
}

/// Retry policy: clients retry until the end of the run.
const STUBBORN: RetryPolicy = RetryPolicy { timeout: Duration::from_millis(500), attempts: u32::MAX, rotates: true };
/// Recovery window: long enough for several back-offs of at most two seconds.
const CALM: Duration = Duration::from_secs(60);

/// Basic Paxos under a rulebook: two or three proposers with values of their own, in every second
/// seed on nodes apart from the acceptors.
impl<M: PaxosMachine> SimTarget for PaxosOf<M> {
    type Machine = M;
    type Invariants = (Safety, LinearizableAnswers<PaxosAnswers>);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "chose a value that every learner knows";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let mut rng = client_rng(run);
        let proposers = 2 + rng.below(2) as u32;
        let (names, config) =
            if run.seed.is_multiple_of(2) { combined(run.nodes) } else { separate(proposers, run.nodes) };
        let config = config?;
        let alone = names.len() == 1;
        reach::check::<Self>(run, (!alone).then(|| ballot(config.retry().timeout, &config)))?;
        let clients = (1..=proposers).map(|number| format!("c{number}"));
        let names = Names::new(names, clients);
        let nodes = names.nodes().len() as u32;
        let safety = invariants(&config);
        let eventful = run.span.min(EVENTFUL);
        let requests = (0..proposers).map(|client| ClientRequest {
            at: Time::from_nanos(rng.below(nanos(eventful) / 4)),
            client: ClientId(client),
            of: Some(NodeId(client % nodes)),
            command: Command::Propose { value: Value::from(format!("v{}", client + 1)), round: None },
        });
        // One more request after the recovery. If crashes made every learner forget and later
        // ballots overwrote votes for the chosen value, only a new proposal can tell what was
        // chosen (§2.3).
        let again = ClientRequest {
            at: Time::ZERO + run.span + Duration::from_millis(1),
            client: ClientId(0),
            of: Some(NodeId(0)),
            command: Command::Propose { value: Value::from("late"), round: None },
        };
        Ok(Experiment {
            requests: requests.chain([again]).collect(),
            setup: under_rules(Setup::new(Self::NAME, names, config), book.into())
                .title("A random run of Basic Paxos")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(RetryPolicy { rotates: false, ..STUBBORN }),
            invariants: ((safety, LinearizableAnswers::default()), Coverage::default()),
            faults: run.fault_plan.schedule(run.seed, nodes, eventful),
            message_faults: None,
            fault_window: run.span,
            recovery_window: CALM,
        })
    }

    fn reached(world: &World<M, Watched<Self>>) -> bool {
        let knows =
            |learner: &NodeId| world.machine(*learner).is_some_and(|machine| machine.reference().chosen().is_some());
        world.config().learners().iter().all(knows)
    }

    fn answer_stats((_, answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<M>) -> Vec<(u64, &'static str)> {
        use PaxosRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(Abandon), "ballots abandoned for a higher one"),
            (coverage.of(ProposeReported), "values adopted from a reported proposal"),
            (coverage.of(RefusePrepare) + coverage.of(RefuseAccept), "refusals"),
        ]
    }
}

/// Messages of a ballot: its first phase must be over before its proposer begins another ballot,
/// after `least` plus the longest back-off.
fn ballot(least: Duration, config: &Config) -> Need {
    let longest = match config.retry().backoff {
        Backoff::Never => Duration::ZERO,
        Backoff::Exponential { cap, .. } => cap,
    };
    let what = "a prepare request and its promise";
    Need { what, messages: 2, bound: "the longest ballot timeout", within: least.saturating_add(longest) }
}

/// Window in which requests arrive and faults begin. A single decision is made soon, and later
/// requests would meet nodes that have nothing left to do.
const EVENTFUL: Duration = Duration::from_secs(1);

type Cluster = (Vec<String>, Result<Config, quorate_paxos::ConfigError>);

/// Cluster in which every node plays every role.
fn combined(nodes: u32) -> Cluster {
    ((1..=nodes).map(|number| format!("n{number}")).collect(), Config::symmetric(nodes))
}

/// Cluster with proposers, acceptors and two learners on separate nodes.
fn separate(proposers: u32, acceptors: u32) -> Cluster {
    let named = |prefix, count: u32| (1..=count).map(move |number| format!("{prefix}{number}"));
    let names = named("P", proposers).chain(named("A", acceptors)).chain(named("L", 2)).collect();
    let nodes = |start, count: u32| (start..start + count).map(NodeId);
    let config = Config::new(nodes(0, proposers), nodes(proposers, acceptors), nodes(proposers + acceptors, 2));
    (names, config)
}

/// Number of commands that each client appends to the log.
const COMMANDS: u32 = 20;

/// Multi-Paxos: three clients append commands to a log.
impl SimTarget for MultiPaxosTarget {
    type Machine = MultiPaxos;
    type Invariants = (Safety<multi::Entry>, LinearizableAnswers<MultiPaxosAnswers>);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "chose every command in a log that every node knows";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let mut rng = client_rng(run);
        let (nodes, roles) = combined(run.nodes);
        let roles = roles?;
        let config = multi::Config::new(roles, multi::Rhythm::default())?;
        reach::check::<Self>(run, (run.nodes > 1).then(|| ballot(config.rhythm().election.max(), &config)))?;
        let safety = multi::invariants(&config);
        let names = Names::new(nodes, (1..=3).map(|number| format!("c{number}")));
        let mut requests: Vec<_> = (0..3 * COMMANDS)
            .map(|number| ClientRequest {
                at: Time::from_nanos(rng.below(nanos(run.span))),
                client: ClientId(number % 3),
                of: None,
                command: multi::Command::Propose { value: Value::from(format!("v{}", number + 1)) },
            })
            .collect();
        requests.sort_by_key(|request| request.at);
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, names, config), book.into())
                .title("A random run of Multi-Paxos")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(STUBBORN),
            invariants: ((safety, LinearizableAnswers::default()), Coverage::default()),
            requests,
            faults: run.fault_plan.schedule(run.seed, run.nodes, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window: CALM,
        })
    }

    fn reached(world: &World<MultiPaxos, Watched<Self>>) -> bool {
        let chosen = |machine: &MultiPaxos| machine.log().count();
        let mut lengths = world.machines().iter().flatten().map(chosen);
        let Some(first) = lengths.next() else { return false };
        world.clients_are_idle() && first > 0 && lengths.all(|length| length == first)
    }

    fn answer_stats((_, answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<MultiPaxos>) -> Vec<(u64, &'static str)> {
        use PaxosRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(Lead), "leaders"),
            (coverage.of(RecoverReported), "slots recovered from reported votes"),
            (coverage.of(FillHole), "holes filled"),
            (coverage.of(InOrder), "commands executed in order"),
        ]
    }
}
