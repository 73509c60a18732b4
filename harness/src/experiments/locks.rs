//! Random runs of distributed locks: on one server with a fenced resource, and by Redlock.
//!
//! They run at the limit of what the recipes promise. The allowance is the least that is safe for
//! the configured drift, servers expire keys on monotonic clocks, and what is forgotten is waited
//! out: every second run of Redlock has instances without disks. In every second pair of seeds each
//! clock drifts by exactly its bound.

use quorate_bugs::NamedRulebookOf;
use quorate_lab::sim::{ClientRequest, Coverage, Experiment, RetryPolicy, Rng, Setup, World};
use quorate_lease::{Drift, Value, safe_holder_term};
use quorate_locks::invariants::{LockEvent, LockFact, Safety, invariants};
use quorate_locks::{Command, ExpiryClock, Guard, Lock, LockRule, Persistence, Recipe, Settings};
use quorate_protocol::{ClientId, Duration, Invariant, InvariantViolation, Machine, Names, NodeId, StepView, Time};

use super::contract::AnswerStats;
use super::lease::{client_rng, fault_schedule, healed, holder_names, moments};
use super::reach::{self, Need};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::{LockKind, LockOf};

/// Time to live of the key.
const TTL: Duration = Duration::from_millis(300);
/// Interval between acts of a holder.
const ACT_EVERY: Duration = Duration::from_millis(7);
/// Number of holders that compete for Redlock.
const HOLDERS: u32 = 3;

/// Names and settings of a run: `run.nodes` are holders of the lock on one server, and instances of
/// Redlock.
fn cluster<K: LockKind>(run: &RunParameters) -> Result<(Vec<String>, Settings), TargetError> {
    let (servers, holders) = if K::IS_REDLOCK { (run.nodes, HOLDERS) } else { (1, run.nodes) };
    let recipe = if K::IS_REDLOCK { Recipe::Redlock } else { Recipe::SetNxPx };
    let ids = |from: u32, count: u32| (from..from + count).map(NodeId);
    let names = (1..=servers).map(|number| if K::IS_REDLOCK { format!("R{number}") } else { "R".to_owned() });
    let names = names.chain(holder_names(holders)).chain((!K::IS_REDLOCK).then(|| "S".to_owned()));
    let usual = Settings::new(recipe, ids(0, servers), ids(servers, holders), Some(TTL));
    let forgets = K::IS_REDLOCK && run.seed.is_multiple_of(2);
    let drift = Drift::from_ppm(run.fault_plan.drift.get())?;
    let settings = Settings {
        resource: (!K::IS_REDLOCK).then_some(NodeId(servers + holders)),
        allowance: TTL.saturating_sub(safe_holder_term(TTL, drift)),
        answer_timeout: TTL / 6,
        retry: (TTL / 30..TTL / 5).into(),
        expiry: ExpiryClock::Monotonic,
        persistence: if forgets { Persistence::Never } else { Persistence::Always },
        restart_delay: if forgets { TTL } else { Duration::ZERO },
        guard: if K::IS_REDLOCK { Guard::Unguarded } else { Guard::Fence },
        work: TTL / 10,
        act_every: Some(ACT_EVERY),
        ..usual
    };
    Ok((names.collect(), settings))
}

fn command(rng: &mut Rng, number: usize, writes: bool) -> Command {
    match rng.below(10) {
        0..4 => Command::Acquire,
        4 => Command::Try,
        5 | 6 => Command::Release,
        _ if writes => Command::Write { value: Value::from(format!("w{number}").as_str()) },
        _ => Command::Act,
    }
}

/// Requests during the faults, and one to every holder after them.
fn requests(run: &RunParameters, settings: &Settings) -> Vec<ClientRequest<Command>> {
    let mut rng = client_rng(run);
    let holders = &settings.holders;
    let moments = moments(&mut rng, run, Duration::from_millis(25));
    let mut ask = |number: usize, at| {
        let client = rng.below(holders.len() as u64) as u32;
        let command = command(&mut rng, number, settings.resource.is_some());
        ClientRequest { at, client: ClientId(client), of: Some(holders[client as usize]), command }
    };
    let mut requests: Vec<_> = moments.into_iter().enumerate().map(|(number, at)| ask(number, at)).collect();
    let last = (0..).zip(holders).map(|(client, holder)| ClientRequest {
        at: healed(run),
        client: ClientId(client),
        of: Some(*holder),
        command: Command::Acquire,
    });
    requests.extend(last);
    requests
}

/// A lock under a rulebook: each holder has a client that has it take the lock, act, write and
/// unlock.
impl<K: LockKind> SimTarget for LockOf<K> {
    type Machine = Lock;
    type Invariants = (Safety, LockStats);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "had a holder that acts";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let (names, settings) = cluster::<K>(run)?;
        let (nodes, requests) = (names.len() as u32, requests(run, &settings));
        let clients = (1..=settings.holders.len()).map(|number| format!("c{number}"));
        let names = Names::new(names, clients);
        let validity = TTL.saturating_sub(settings.allowance);
        let (what, messages) = ("the request for the key and its answer", 2);
        reach::check::<Self>(
            run,
            [
                Need { what, messages, bound: "the validity of the lock", within: validity },
                Need { what, messages, bound: "the time to wait for answers", within: settings.answer_timeout },
            ],
        )?;
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, names, settings.build()?), book.into())
                .title("A random run of a distributed lock")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(RetryPolicy { timeout: TTL / 3, attempts: 4, rotates: false }),
            invariants: ((invariants(), LockStats::new(healed(run))), Coverage::default()),
            requests,
            faults: fault_schedule(run, nodes),
            message_faults: None,
            fault_window: run.span,
            recovery_window: TTL * 20,
        })
    }

    fn reached(world: &World<Lock, Watched<Self>>) -> bool {
        world.invariants().0.1.is_revived()
    }

    /// No client contract: a lock promises its holder nothing that an answer could show.
    fn answer_stats(_: &Self::Invariants) -> AnswerStats {
        AnswerStats::default()
    }

    fn coverage(coverage: &Coverage<Lock>) -> Vec<(u64, &'static str)> {
        use LockRule::*;
        let mut counts = vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(TakeLock), "times the lock was taken"),
            (coverage.of(KeyExists), "times the key existed"),
            (coverage.of(KeyExpired), "keys that expired"),
            (coverage.of(Lapse), "times a holder's validity ended"),
            (coverage.of(CompareAndDelete), "keys deleted by whom they belonged to"),
            (coverage.of(TooLate) + coverage.of(NoAnswer), "attempts that took too long"),
        ];
        if K::IS_REDLOCK {
            counts.push((coverage.of(NoMajority), "attempts without a majority"));
        } else {
            counts.push((coverage.of(KeepOthersKey), "unlocks that came too late"));
            counts.push((coverage.of(AdmitToken), "fenced writes"));
            counts.push((coverage.of(RefuseToken), "late writes refused"));
        }
        counts
    }
}

/// Time of the first act under the lock after the recovery.
///
/// Implemented as an invariant that never breaks.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LockStats {
    healed: Time,
    acted: Option<Time>,
}

impl LockStats {
    /// Nothing seen so far, in a run that is healed at that time.
    pub(super) fn new(healed: Time) -> Self {
        LockStats { healed, acted: None }
    }

    /// Whether a holder has acted since.
    pub(super) fn is_revived(&self) -> bool {
        self.acted.is_some()
    }
}

impl<M: Machine<Fact: LockFact>> Invariant<M> for LockStats {
    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        let acts = || seen.facts().any(|fact| matches!(fact.event(), Some(LockEvent::Acted(_))));
        if self.acted.is_none() && seen.at > self.healed && acts() {
            self.acted = Some(seen.at);
        }
        Ok(())
    }
}
