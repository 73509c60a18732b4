//! Tens of thousands of random runs of Raft with harsh faults, with every invariant checked: every
//! run is safe, and live once healed; coverage checks ensure that the faults occurred.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use quorate::bugs::NamedRulebookOf;
use quorate::bugs::raft::careless::VOTE_NOT_DURABLE;
use quorate::protocols::{CarelessRaftTarget, RaftTarget};

use quorate::experiments::{AnswerStats, RunParameters, SimTarget};
use quorate::lab::sim::{Coverage, FaultPlan, RunVerdict, Setup};
use quorate::protocol::{Duration, Names, Ruling, Time};
use quorate::raft::{BY_THE_BOOK, Counter, KeyValue, Raft, RaftRule, Reply, Rulebook, Settings};

const SEEDS: u64 = 10_000;

fn run(nodes: u32, seed: u64) -> RunParameters {
    let fault_plan = FaultPlan { outage: Duration::from_millis(200), ..FaultPlan::harsh() };
    RunParameters { nodes, seed, fault_plan, span: Duration::from_secs(3) }
}

/// Combined coverage of many runs.
#[derive(Default)]
struct Totals {
    coverage: Coverage<Raft<KeyValue>>,
    /// Amount of client history that was checked.
    checked: AnswerStats,
    /// Number of membership changes that were committed and confirmed to the operator.
    changed: u64,
    /// Number of client requests with a reply.
    answered: u64,
    /// Maximum time from healing to the commit of a later request.
    slowest: Duration,
}

impl Totals {
    /// Runs one seed. On a failure it panics with the command that repeats the run.
    fn run(&mut self, nodes: u32, seed: u64) {
        let run = run(nodes, seed);
        let experiment = <RaftTarget>::experiment(&run).expect("such a cluster can be");
        let outcome = experiment.run(<RaftTarget>::reached);
        let replay = run.replay::<RaftTarget>();
        match outcome.verdict {
            RunVerdict::Reached { healed, at } => self.slowest = self.slowest.max(at.since(healed)),
            RunVerdict::Missed => panic!("seed {seed}: none {}; see it with\n  {replay}", <RaftTarget>::GOAL),
            RunVerdict::Broke(violation) => panic!("{violation}; see it with\n  {replay}"),
        }
        let world = outcome.world;
        let confirmed = |(_, reply): &&(_, Reply<KeyValue>)| matches!(reply, Reply::Changed(_));
        self.changed += world.answers(RaftTarget::OPERATOR).iter().filter(confirmed).count() as u64;
        self.answered += RaftTarget::CLIENTS.map(|client| world.client_stats(client).answered).iter().sum::<u64>();
        let (invariants, coverage) = world.invariants();
        self.coverage.add(coverage);
        self.checked += <RaftTarget>::answer_stats(invariants);
    }

    fn add(&mut self, other: &Totals) {
        self.coverage.add(&other.coverage);
        self.checked += other.checked;
        self.changed += other.changed;
        self.answered += other.answered;
        self.slowest = self.slowest.max(other.slowest);
    }
}

/// Runs all seeds on all cores.
fn sweep(nodes: u32) -> Totals {
    let next = AtomicU64::new(0);
    let work = || {
        let mut totals = Totals::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= SEEDS {
                return totals;
            }
            totals.run(nodes, seed);
        }
    };
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, |cores| cores.get());
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let mut all = Totals::default();
        for worker in workers {
            match worker.join() {
                Ok(totals) => all.add(&totals),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}

/// Every run is safe and every healed cluster commits again, because [`Met::run`] panics otherwise;
/// and enough faults occurred.
fn safe_and_live(nodes: u32) {
    use RaftRule::*;
    let Totals { coverage, checked, changed, answered, slowest } = sweep(nodes);
    let of = |rule| coverage.of(rule);
    for (seen, least, what) in [
        (coverage.crashes(), 4 * SEEDS, "crashes"),
        (of(WinElection), 3 * SEEDS, "elections"),
        (of(CommitByCounting), 15 * SEEDS, "commits"),
        (of(HoldEarlierTerm), SEEDS / 20, "entries of earlier terms held back"),
        (of(TruncateConflict), SEEDS / 5, "truncations"),
        (of(Probe), 2 * SEEDS, "probes without entries"),
        (of(TakeSnapshot), SEEDS, "snapshots"),
        (of(InstallSnapshot), SEEDS / 10, "snapshots installed"),
        (changed, SEEDS / 4, "membership changes committed"),
        (of(LeaveJoint), SEEDS / 20, "joint configurations left"),
        (of(ObeyTimeoutNow), SEEDS / 2, "leadership transfers"),
        (of(ServeRead), 8 * SEEDS, "reads"),
        (of(SkipDuplicate) + of(RepeatAnswer), 5 * SEEDS, "retries recognised"),
        (answered, 20 * SEEDS, "requests answered"),
        (checked.histories, SEEDS, "histories of clients"),
        (checked.operations, 20 * SEEDS, "answers checked"),
    ] {
        assert!(seen >= least, "only {seen} {what} in {SEEDS} runs: the faults are too tame to show anything");
    }
    assert_eq!(checked.undecided, 0, "histories that could not be checked");
    assert!(slowest <= RaftTarget::recovery_window(&Settings::nodes(nodes)), "{slowest:?}");
}

#[test]
fn raft_is_safe_and_live_on_three_nodes() {
    safe_and_live(3);
}

#[test]
fn raft_is_safe_and_live_on_five_nodes() {
    safe_and_live(5);
}

#[test]
fn raft_is_safe_and_live_on_seven_nodes() {
    safe_and_live(7);
}

/// First invariant violated under a rulebook, within a number of seeds.
fn first_broken<S: SimTarget>(
    rules: impl Into<NamedRulebookOf<S::Machine>>,
    seeds: u64,
    run: impl Fn(u64) -> RunParameters,
) -> Option<&'static str> {
    let rules = rules.into();
    (0..seeds).find_map(|seed| {
        let experiment = S::plan(rules, &run(seed)).expect("such a cluster can be");
        match experiment.run(S::reached).verdict {
            RunVerdict::Broke(violation) => Some(violation.broken.invariant),
            _ => None,
        }
    })
}

const VOTES_TWICE: Rulebook = Rulebook { vote: |_, _, _| Ruling::Allow(RaftRule::GrantVote), ..BY_THE_BOOK };
const VOTES_FOR_ANY_LOG: Rulebook = Rulebook { up_to_date: |_, _| true, ..BY_THE_BOOK };
const APPLIES_TWICE: Rulebook = Rulebook { applies: |_| true, ..BY_THE_BOOK };
const READS_UNCONFIRMED: Rulebook = Rulebook { serves_read: |_, applied, index| applied >= index, ..BY_THE_BOOK };

/// Mutation test: the same fault plans find each of these mistakes, the last two only by the
/// clients' history.
#[test]
fn random_faults_reveal_a_broken_rule() {
    let short = |seed| run(5, seed);
    // A deposed leader that has not noticed must be cut off long enough to receive a read.
    let long = |seed| RunParameters { fault_plan: FaultPlan::harsh(), span: Duration::from_secs(10), ..run(5, seed) };
    assert_eq!(first_broken::<RaftTarget>(VOTES_TWICE, 1_000, short), Some("OneVotePerTerm"));
    assert_eq!(first_broken::<CarelessRaftTarget>(VOTE_NOT_DURABLE, 5_000, short), Some("OneVotePerTerm"));
    assert_eq!(first_broken::<RaftTarget>(VOTES_FOR_ANY_LOG, 1_000, short), Some("LeaderCompleteness"));
    assert_eq!(first_broken::<RaftTarget>(APPLIES_TWICE, 1_000, short), Some("OneStore"));
    assert_eq!(first_broken::<RaftTarget>(READS_UNCONFIRMED, 1_000, long), Some("OneStore"));
}

/// §5.2, §9.3: timeouts are random enough that a healthy cluster of five elects a leader within two
/// of them, in 99 of 100 runs.
#[test]
fn a_healthy_cluster_elects_a_leader_soon() {
    let settings = Settings::nodes(5);
    let soon = Time::ZERO + settings.election.end * 2;
    let config = settings.build().expect("the defaults are sound");
    let elected = |seed: &u64| {
        let names = Names::new((1..=5).map(|number| format!("n{number}")), [""; 0]);
        let setup = Setup::<Raft<Counter>>::new("raft", names, config.clone()).seed(*seed);
        let mut world = setup.conditions(FaultPlan::none().conditions).start();
        world.run_until(soon).expect("there is no invariant to break");
        world.machines().iter().flatten().any(Raft::is_leader)
    };
    let elected = (0..1_000).filter(elected).count();
    assert!(elected >= 990, "a leader within two election timeouts in only {elected} of 1,000 runs");
}
