//! Random runs of transactions with harsh faults: every run is safe, and over once healed; all
//! rules that can fire do.

use std::collections::BTreeSet;

use quorate::experiments::{AnswerStats, RunParameters, SimTarget};
use quorate::lab::sim::{Coverage, FaultPlan, RunVerdict};
use quorate::protocol::{Duration, Machine, Rule};
use quorate::protocols::{PaxosCommitTarget, TwoPhaseTarget};
use quorate::transactions::paxos_commit::PaxosCommitRule;
use quorate::transactions::two_phase::TwoPhaseRule;

const SEEDS: u64 = 1_000;

/// Harsh runs: each must be safe, and reach its goal.
fn harsh<S: SimTarget>() -> Coverage<S::Machine> {
    let (mut coverage, mut checked) = (Coverage::default(), AnswerStats::default());
    for seed in 0..SEEDS {
        let run = RunParameters { nodes: 3, seed, fault_plan: FaultPlan::harsh(), span: Duration::from_secs(2) };
        let outcome = S::experiment(&run).expect("such a cluster can be").run(S::reached);
        let replay = run.replay::<S>();
        match outcome.verdict {
            RunVerdict::Reached { .. } => {}
            RunVerdict::Missed => panic!("seed {seed} never {}; see it with\n  {replay}", S::GOAL),
            RunVerdict::Broke(violation) => panic!("{violation}; see it with\n  {replay}"),
        }
        let (invariants, seen) = outcome.world.invariants();
        coverage.add(seen);
        checked += S::answer_stats(invariants);
    }
    assert!(checked.histories == SEEDS && checked.operations > 10 * SEEDS && checked.undecided == 0, "{checked:?}");
    coverage
}

/// The rules that fired in no run.
fn never<M: Machine>(coverage: &Coverage<M>) -> BTreeSet<M::Rule> {
    M::Rule::ALL.iter().copied().filter(|rule| coverage.of(*rule) == 0).collect()
}

#[test]
fn two_phase_commit_is_safe_and_ends_once_healed() {
    let coverage = harsh::<TwoPhaseTarget>();
    let cannot = [TwoPhaseRule::Invalid, TwoPhaseRule::NotMyRole];
    assert_eq!(never(&coverage), cannot.into(), "clients ask the coordinator for what makes sense");
    assert!(coverage.of(TwoPhaseRule::DecideCommit) > 2 * SEEDS, "{}", coverage.of(TwoPhaseRule::DecideCommit));
    assert!(coverage.of(TwoPhaseRule::WaitForRow) > SEEDS, "{}", coverage.of(TwoPhaseRule::WaitForRow));
}

#[test]
fn paxos_commit_is_safe_and_ends_once_healed() {
    let coverage = harsh::<PaxosCommitTarget>();
    let cannot = [PaxosCommitRule::Invalid, PaxosCommitRule::NotMyRole];
    assert_eq!(never(&coverage), cannot.into(), "clients ask the first leader for what makes sense");
    assert!(coverage.of(PaxosCommitRule::DecideCommit) > 2 * SEEDS, "{}", coverage.of(PaxosCommitRule::DecideCommit));
    assert!(coverage.of(PaxosCommitRule::TakeOver) > SEEDS, "{}", coverage.of(PaxosCommitRule::TakeOver));
}
