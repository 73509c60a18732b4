//! Random runs of locks on a coordination service, with a fenced resource.
//!
//! They run at the limit of what is promised: clients count their sessions by their own clocks, for
//! the longest time that is safe for the configured drift. In every second seed servers take
//! snapshots, and in every second pair of seeds each clock drifts by exactly its bound.

use quorate_bugs::NamedRulebookOf;
use quorate_lab::sim::{ClientRequest, Coverage, Experiment, RetryPolicy, Rng, Setup, World};
use quorate_lease::{Drift, Terms, Value};
use quorate_locks::coordination::{Belief, Command, Coordination, CoordinationRule, LockMode, Recipe, Settings};
use quorate_locks::invariants::{Safety, invariants};
use quorate_locks::{Guard, LockRule};
use quorate_protocol::{ClientId, Duration, Names, NodeId};
use quorate_raft as raft;

use super::contract::AnswerStats;
use super::lease::{client_rng, fault_schedule, healed, holder_names, moments};
use super::locks::LockStats;
use super::raft::election;
use super::reach::{self, Need};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::{CoordinationKind, CoordinationOf};

/// Number of clients that compete for the lock.
const HOLDERS: u32 = 3;
/// Timeout of a session.
const SESSION: Duration = Duration::from_millis(1_000);
/// Interval between acts of a holder.
const ACT_EVERY: Duration = Duration::from_millis(11);

fn settings<K: CoordinationKind>(run: &RunParameters) -> Result<Settings, TargetError> {
    let snapshots = raft::Snapshots { every: 12, keep: run.seed % 3 * 4, chunk: 2 };
    let usual = raft::Settings::nodes(run.nodes);
    let servers = raft::Settings { snapshots: run.seed.is_multiple_of(2).then_some(snapshots), ..usual };
    let drift = Drift::from_ppm(run.fault_plan.drift.get())?;
    let longest = Terms::longest(SESSION, drift)?;
    let ping = (SESSION / 8).min(longest.renew_every());
    let session = Terms::new(SESSION, longest.holder(), ping, drift)?;
    let usual = Settings::new(servers, (run.nodes..run.nodes + HOLDERS).map(NodeId), session);
    let recipes = K::RECIPES;
    Ok(Settings {
        resource: Some(NodeId(run.nodes + HOLDERS)),
        recipe: recipes[run.seed as usize / 4 % recipes.len()],
        belief: Belief::OwnClock,
        grace: if K::IS_CHUBBY { SESSION } else { Duration::ZERO },
        lock_delay: if K::IS_CHUBBY { SESSION / 2 } else { Duration::ZERO },
        answer_timeout: SESSION / 10,
        guard: Guard::Fence,
        work: SESSION / 10,
        act_every: Some(ACT_EVERY),
        ..usual
    })
}

fn command(rng: &mut Rng, number: usize, has_shared: bool) -> Command {
    let mode = if has_shared && rng.below(3) == 0 { LockMode::Shared } else { LockMode::Exclusive };
    match rng.below(10) {
        0..3 => Command::Acquire { mode },
        3 => Command::Try { mode },
        4..6 => Command::Release,
        _ => Command::Write { value: Value::from(format!("w{number}").as_str()) },
    }
}

/// Requests during the faults, and one to every client of the lock after them.
fn requests(run: &RunParameters, settings: &Settings) -> Vec<ClientRequest<Command>> {
    let mut rng = client_rng(run);
    let holders = &settings.holders;
    let moments = moments(&mut rng, run, Duration::from_millis(12));
    let has_shared = matches!(settings.recipe, Recipe::Sequential | Recipe::FileLock);
    let mut ask = |number: usize, at| {
        let client = rng.below(holders.len() as u64) as u32;
        let command = command(&mut rng, number, has_shared);
        ClientRequest { at, client: ClientId(client), of: Some(holders[client as usize]), command }
    };
    let mut requests: Vec<_> = moments.into_iter().enumerate().map(|(number, at)| ask(number, at)).collect();
    let last = (0..).zip(holders).map(|(client, holder)| ClientRequest {
        at: healed(run),
        client: ClientId(client),
        of: Some(*holder),
        command: Command::Acquire { mode: LockMode::Exclusive },
    });
    requests.extend(last);
    requests
}

/// A client must be answered before it asks elsewhere, and a cluster of several servers must be
/// able to elect a leader.
fn needs(run: &RunParameters, settings: &Settings) -> Vec<Need> {
    let (bound, within) = ("the time to wait for answers", settings.answer_timeout);
    if run.nodes == 1 {
        return vec![Need { what: "a client's request and its answer", messages: 2, bound, within }];
    }
    let what = "a client's request, its replication and its answer";
    vec![election(&settings.servers), Need { what, messages: 4, bound, within }]
}

/// A lock on a coordination service, under a rulebook: each of three clients takes the lock, acts,
/// writes and unlocks.
impl<K: CoordinationKind> SimTarget for CoordinationOf<K> {
    type Machine = Coordination;
    type Invariants = (Safety, LockStats);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "had a holder that acts";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let settings = settings::<K>(run)?;
        reach::check::<Self>(run, needs(run, &settings))?;
        reach::check_renewals(run, settings.session.renew_every())?;
        let requests = requests(run, &settings);
        let nodes = (1..=run.nodes).map(|number| format!("n{number}"));
        let nodes = nodes.chain(holder_names(HOLDERS)).chain(["S".to_owned()]);
        let names = Names::new(nodes, ["c1", "c2", "c3"]);
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, names, settings.build()?), book.into())
                .title("A random run of a lock on a coordination service")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(RetryPolicy { timeout: SESSION / 4, attempts: 4, rotates: false }),
            invariants: ((invariants(), LockStats::new(healed(run))), Coverage::default()),
            requests,
            faults: fault_schedule(run, run.nodes + HOLDERS + 1),
            message_faults: None,
            fault_window: run.span,
            recovery_window: SESSION * 20,
        })
    }

    fn reached(world: &World<Coordination, Watched<Self>>) -> bool {
        world.invariants().0.1.is_revived()
    }

    /// No client contract: a lock promises its holder nothing that an answer could show.
    fn answer_stats(_: &Self::Invariants) -> AnswerStats {
        AnswerStats::default()
    }

    fn coverage(coverage: &Coverage<Coordination>) -> Vec<(u64, &'static str)> {
        use CoordinationRule::*;
        let of_lock = |rule: LockRule| coverage.of(Lock(rule));
        let taken = coverage.of(SmallestHolds) + coverage.of(ReadersShare);
        let mut counts = vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(Raft(raft::RaftRule::WinElection)), "leaders elected"),
            (coverage.of(OpenSession), "steps that opened a session"),
            (coverage.of(SessionAlive), "heartbeats answered"),
            (coverage.of(ProposeExpiry), "expiries proposed by a leader"),
            (coverage.of(SessionOver) + coverage.of(GraceOver), "sessions that a client has lost"),
            (coverage.of(WakeUp), "clients woken by a notification"),
            (coverage.of(CheckAgain), "watches that came too late, and were not waited for"),
            (coverage.of(DeleteNode) + coverage.of(ReleaseLock), "unlocks"),
            (of_lock(LockRule::AdmitToken), "fenced writes"),
            (of_lock(LockRule::RefuseToken), "late writes refused"),
        ];
        if K::IS_CHUBBY {
            counts.push((coverage.of(Jeopardy), "sessions in jeopardy"));
            counts.push((coverage.of(Recovered), "sessions that have survived it"));
            counts.push((coverage.of(EndLockDelay), "lock-delays that ended"));
        } else {
            counts.push((taken, "times a client was first in the queue"));
        }
        counts
    }
}
