//! Random runs of transactions with harsh faults: every run is safe, and over once healed; all
//! rules that can fire do.

use std::collections::BTreeSet;

use quorate::experiments::{AnswerStats, RunParameters, SimTarget};
use quorate::lab::sim::{Conditions, Coverage, FaultPlan, RunVerdict};
use quorate::protocol::{Duration, Machine, Rule};
use quorate::protocols::{PaxosCommitTarget, SagaTarget, ThreePhaseTarget, TwoPhaseTarget};
use quorate::transactions::paxos_commit::PaxosCommitRule;
use quorate::transactions::saga::SagaRule;
use quorate::transactions::three_phase::ThreePhaseRule;
use quorate::transactions::two_phase::TwoPhaseRule;

const SEEDS: u64 = 1_000;

/// Harsh runs: each must be safe, reach its goal, and have answers that can be checked.
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

/// Within its assumptions: crashes, duplicates and bounded delays.
#[test]
fn three_phase_commit_is_safe_and_ends_while_silence_means_a_crash() {
    let coverage = harsh::<ThreePhaseTarget>();
    let cannot = [ThreePhaseRule::Invalid, ThreePhaseRule::NotMyRole];
    assert_eq!(never(&coverage), cannot.into(), "clients ask the coordinator for what makes sense");
    assert!(coverage.of(ThreePhaseRule::DecideCommit) > 2 * SEEDS, "{}", coverage.of(ThreePhaseRule::DecideCommit));
    assert!(coverage.of(ThreePhaseRule::TakeOver) > SEEDS / 10, "{}", coverage.of(ThreePhaseRule::TakeOver));
}

/// Runs of three-phase commit with a fault plan as it is: whatever it has beyond the assumptions.
fn broken_three_phase(plan: FaultPlan) -> usize {
    let broken = |seed: &u64| {
        let run = RunParameters { nodes: 3, seed: *seed, fault_plan: plan, span: Duration::from_secs(2) };
        let mut experiment = ThreePhaseTarget::experiment(&run).expect("such a cluster can be");
        experiment.faults = plan.schedule(*seed, run.nodes + 1, run.span);
        experiment.setup = experiment.setup.conditions(plan.conditions);
        let verdict = experiment.run(ThreePhaseTarget::reached).verdict;
        if let RunVerdict::Broke(violation) = &verdict {
            assert!(violation.to_string().contains("SameOutcome"), "seed {seed}: {violation}");
        }
        matches!(verdict, RunVerdict::Broke(_))
    };
    (0..SEEDS).filter(broken).count()
}

/// Each assumption that is dropped makes participants decide differently.
#[test]
fn three_phase_commit_breaks_when_silence_does_not_mean_a_crash() {
    let none = FaultPlan::none();
    let lossy = Conditions { loss: FaultPlan::harsh().conditions.loss, ..none.conditions };
    let slow = Conditions { loss: none.conditions.loss, ..FaultPlan::harsh().conditions };
    let broken = [
        FaultPlan { partitions: 4, ..none },
        FaultPlan { conditions: lossy, ..none },
        FaultPlan { conditions: slow, ..none },
        FaultPlan { pauses: 4, ..none },
        none,
    ]
    .map(broken_three_phase);
    assert_eq!(
        broken,
        [43, 36, 8, 34, 0],
        "of {SEEDS} runs with partitions, losses, slow messages, pauses, and none of them"
    );
}

#[test]
fn sagas_are_all_done_or_all_undone_once_healed() {
    let coverage = harsh::<SagaTarget>();
    let cannot = [SagaRule::Invalid, SagaRule::NotMyRole, SagaRule::RetryForward];
    assert_eq!(never(&coverage), cannot.into(), "the pivot is the last step, so nothing comes after it");
    assert!(coverage.of(SagaRule::EndSaga) > 2 * SEEDS, "{}", coverage.of(SagaRule::EndSaga));
    assert!(coverage.of(SagaRule::LeaveMark) > SEEDS / 10, "{}", coverage.of(SagaRule::LeaveMark));
}
