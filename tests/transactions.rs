//! Random runs of transactions with harsh faults: every run is safe, and over once healed; all rules
//! that can fire do.

use std::collections::BTreeSet;

use quorate::experiments::{AnswerStats, RunParameters, SimTarget};
use quorate::lab::sim::{Coverage, FaultPlan, RunVerdict};
use quorate::protocol::{Duration, Rule};
use quorate::protocols::TwoPhaseTarget;
use quorate::transactions::two_phase::TwoPhaseRule;

const SEEDS: u64 = 1_000;

#[test]
fn two_phase_commit_is_safe_and_ends_once_healed() {
    let (mut coverage, mut checked) = (Coverage::default(), AnswerStats::default());
    for seed in 0..SEEDS {
        let run = RunParameters { nodes: 3, seed, fault_plan: FaultPlan::harsh(), span: Duration::from_secs(2) };
        let outcome = TwoPhaseTarget::experiment(&run).expect("such a cluster can be").run(TwoPhaseTarget::reached);
        let replay = run.replay::<TwoPhaseTarget>();
        match outcome.verdict {
            RunVerdict::Reached { .. } => {}
            RunVerdict::Missed => panic!("seed {seed} never {}; see it with\n  {replay}", TwoPhaseTarget::GOAL),
            RunVerdict::Broke(violation) => panic!("{violation}; see it with\n  {replay}"),
        }
        let (invariants, seen) = outcome.world.invariants();
        coverage.add(seen);
        checked += TwoPhaseTarget::answer_stats(invariants);
    }
    let never: BTreeSet<_> = TwoPhaseRule::ALL.iter().filter(|rule| coverage.of(**rule) == 0).collect();
    let cannot = [TwoPhaseRule::Invalid, TwoPhaseRule::NotMyRole];
    assert_eq!(never, cannot.iter().collect(), "clients ask the coordinator for what makes sense");
    assert!(coverage.of(TwoPhaseRule::DecideCommit) > 2 * SEEDS, "{}", coverage.of(TwoPhaseRule::DecideCommit));
    assert!(coverage.of(TwoPhaseRule::WaitForRow) > SEEDS, "{}", coverage.of(TwoPhaseRule::WaitForRow));
    assert!(checked.histories == SEEDS && checked.operations > 10 * SEEDS && checked.undecided == 0, "{checked:?}");
}
