//! Thousands of random runs of Paxos with harsh faults, with every invariant checked: every run is
//! safe, and live once healed; coverage checks ensure that the faults occurred.

use quorate::protocols::{MultiPaxosTarget, PaxosTarget};

use quorate::experiments::{AnswerStats, RunParameters, SimTarget};
use quorate::lab::sim::{Coverage, Experiment, FaultPlan, RunVerdict};
use quorate::paxos::{BY_THE_BOOK, PaxosRule, Rulebook};
use quorate::protocol::{Duration, Ruling};

/// Runs these seeds, and returns the coverage of each. On a failure it panics with the command that
/// repeats the first failed run.
fn sweep<S: SimTarget>(nodes: u32, seeds: std::ops::Range<u64>) -> Vec<Coverage<S::Machine>> {
    let fault_plan = FaultPlan { outage: Duration::from_millis(200), ..FaultPlan::harsh() };
    let run = |seed| RunParameters { nodes, seed, fault_plan, span: Duration::from_secs(3) };
    let (count, mut checked) = (seeds.end - seeds.start, AnswerStats::default());
    let coverages = seeds
        .map(|seed| {
            let experiment = S::experiment(&run(seed)).expect("such a cluster can be");
            let outcome = experiment.run(S::reached);
            let replay = run(seed).replay::<S>();
            match outcome.verdict {
                RunVerdict::Reached { .. } => {}
                RunVerdict::Missed => panic!("seed {seed} never {}; see it with\n  {replay}", S::GOAL),
                RunVerdict::Broke(violation) => panic!("{violation}; see it with\n  {replay}"),
            }
            let (invariants, coverage) = outcome.world.invariants();
            checked += S::answer_stats(invariants);
            coverage.clone()
        })
        .collect();
    assert_eq!((checked.histories, checked.undecided), (count, 0), "every history is checked");
    assert!(checked.operations > count, "{checked:?}: nothing was checked");
    coverages
}

/// Number of runs in which something happened.
fn runs_with<M: quorate::protocol::Machine>(
    coverages: &[Coverage<M>],
    happened: impl Fn(&Coverage<M>) -> bool,
) -> usize {
    coverages.iter().filter(|coverage| happened(coverage)).count()
}

/// Seven thousand runs of Basic Paxos. A value is chosen in every run, otherwise [`sweep`] fails.
fn basic(nodes: u32) {
    use PaxosRule::*;
    let coverages = sweep::<PaxosTarget>(nodes, 0..7_000);
    let at_least = |runs: usize, what: &str, happened: fn(&Coverage<_>) -> bool| {
        let count = runs_with(&coverages, happened);
        assert!(count >= runs, "only {count} of 7,000 runs {what}: the faults are too tame to show anything");
    };
    at_least(7_000, "learned what was chosen", |run| run.of(LearnChosen) > 0);
    at_least(6_500, "crashed", |run| run.crashes() > 0);
    at_least(2_500, "duelled: a proposer gave up a ballot for a higher one", |run| run.of(Abandon) > 0);
    at_least(3_000, "adopted a reported value", |run| run.of(ProposeReported) > 0);
    at_least(3_000, "refused a stale ballot", |run| run.of(RefusePrepare) + run.of(RefuseAccept) > 0);
    at_least(500, "recalled something from disk", |run| run.of(Recall) > 0);
}

#[test]
fn basic_paxos_is_safe_and_live_with_three_acceptors() {
    basic(3);
}

#[test]
fn basic_paxos_is_safe_and_live_with_five_acceptors() {
    basic(5);
}

#[test]
fn multi_paxos_is_safe_and_live() {
    use PaxosRule::*;
    for nodes in [3, 5] {
        let coverages = sweep::<MultiPaxosTarget>(nodes, 0..1_000);
        let all = |rule| coverages.iter().map(|run| run.of(rule)).sum::<u64>();
        assert!(runs_with(&coverages, |run| run.of(Lead) > 1) > 900, "leaders change");
        assert!(all(RecoverReported) > 1_000 && all(FillHole) > 10, "{} {}", all(RecoverReported), all(FillHole));
        assert!(all(InOrder) > 1_000 * 3 * 60, "every node executes every command");
    }
}

/// Bug: accepts any proposal, regardless of promises.
const NO_PROMISE_CHECK: Rulebook = Rulebook { accept: |_, _, _| Ruling::Allow(PaxosRule::Accept), ..BY_THE_BOOK };

/// Bug: always proposes its own value, regardless of the reported ones.
const OWN_VALUE: Rulebook = Rulebook { value_to_propose: |_| None, ..BY_THE_BOOK };

/// Bug: forgets its promise in a restart.
const FORGET_PROMISE: Rulebook = Rulebook { recall_promised: |_| None, ..BY_THE_BOOK };

/// Asserts that the runs find an incorrect rulebook, that the failing run shrinks, and that the
/// correct rulebook is safe under the shrunk schedule.
fn is_caught(mistake: &str, rules: Rulebook, seeds: u64) {
    let fault_plan = FaultPlan { outage: Duration::from_millis(200), ..FaultPlan::harsh() };
    let run = |seed| RunParameters { nodes: 3, seed, fault_plan, span: Duration::from_secs(3) };
    let broken = |seed: &u64| {
        let experiment = PaxosTarget::plan(rules, &run(*seed)).expect("such a cluster can be");
        matches!(experiment.run(|_| true).verdict, RunVerdict::Broke(_))
    };
    let seed = (0..seeds).find(broken).unwrap_or_else(|| panic!("{seeds} runs of {mistake} broke nothing"));
    let whole = PaxosTarget::plan(rules, &run(seed)).expect("such a cluster can be");
    let shrunk = whole.shrink(5_000).expect("the run breaks an invariant");
    let schedule = shrunk.schedule(&whole.setup.names);
    let Experiment { setup, requests, faults, message_faults, fault_window, recovery_window, .. } = shrunk.experiment;
    let left = requests.len() + faults.len() + message_faults.as_ref().map_or(0, |message_faults| message_faults.len());
    assert!(left < 20 && left * 2 < shrunk.before, "{left} of {} are left:\n{schedule}", shrunk.before);

    let by_the_book = PaxosTarget::experiment(&run(seed)).expect("such a cluster can be");
    let conditions = setup.conditions;
    let setup = by_the_book.setup.clone().conditions(conditions);
    let identical =
        Experiment { setup, requests, faults, message_faults, fault_window, recovery_window, ..by_the_book };
    assert!(!matches!(identical.run_to_end().verdict, RunVerdict::Broke(_)), "the book breaks, too:\n{schedule}");
}

#[test]
fn the_runs_catch_an_acceptor_that_does_not_check_its_promise() {
    is_caught("NoPromiseCheck", NO_PROMISE_CHECK, 2_000);
}

#[test]
fn the_runs_catch_a_proposer_that_insists_on_its_own_value() {
    is_caught("OwnValue", OWN_VALUE, 2_000);
}

#[test]
fn the_runs_catch_an_acceptor_that_forgets_its_promise() {
    is_caught("ForgetPromise", FORGET_PROMISE, 7_000);
}
