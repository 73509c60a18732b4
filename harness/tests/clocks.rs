//! Random runs of TrueTime, of NTP and of Snowflake with harsh faults: clocks that drift, clocks
//! that are set, and a time server that is wrong. Nothing breaks by the book, and runs notice bugs.
//!
//! `QUORATE_SEEDS=10000` sets the number of runs by the book.

use quorate_bugs::NamedRulebookOf;
use quorate_bugs::time::{ntp, snowflake, true_time};
use quorate_harness::experiments::{RunParameters, SimTarget};
use quorate_harness::protocols::{NtpTarget, SnowflakeTarget, TrueTimeTarget};
use quorate_lab::sim::{Coverage, FaultPlan, RunVerdict};
use quorate_protocol::{Duration, Machine, Rule};
use quorate_time::ntp::NtpRule;
use quorate_time::snowflake::SnowflakeRule;
use quorate_time::true_time::TrueTimeRule;

fn seeds() -> u64 {
    std::env::var("QUORATE_SEEDS").map_or(100, |text| text.parse().expect("a number of seeds"))
}

fn run(seed: u64) -> RunParameters {
    RunParameters { nodes: 3, seed, fault_plan: FaultPlan::harsh(), span: Duration::from_secs(2) }
}

/// Harsh runs by the book: each must be safe, and reach its goal. Returns the rules that fired in
/// none.
fn never<S: SimTarget>() -> Vec<<S::Machine as Machine>::Rule> {
    let mut coverage = Coverage::<S::Machine>::default();
    for seed in 0..seeds() {
        let run = run(seed);
        let outcome = S::experiment(&run).expect("such a cluster can be").run(S::reached);
        let is_reached = matches!(outcome.verdict, RunVerdict::Reached { .. });
        assert!(is_reached, "{:?}; see it with\n  {}", outcome.verdict, run.replay::<S>());
        coverage.add(&outcome.world.invariants().1);
    }
    <S::Machine as Machine>::Rule::ALL.iter().copied().filter(|rule| coverage.of(*rule) == 0).collect()
}

/// The invariant that the first run of a hundred breaks.
fn broken<S: SimTarget>(book: NamedRulebookOf<S::Machine>) -> Option<&'static str> {
    (0..100).find_map(|seed| match S::plan(book, &run(seed)).expect("such a cluster can be").run(S::reached).verdict {
        RunVerdict::Broke(violation) => Some(violation.broken.invariant),
        RunVerdict::Reached { .. } | RunVerdict::Missed => None,
    })
}

#[test]
fn commits_are_externally_consistent_while_a_master_is_wrong() {
    // The clocks of servers keep their bound, and so do all masters but one.
    let expected = [TrueTimeRule::NoAgreement, TrueTimeRule::LeaveCluster, TrueTimeRule::HasLeft];
    assert_eq!(never::<TrueTimeTarget>(), expected);
}

#[test]
fn hosts_state_their_error_while_a_source_is_wrong() {
    let mut never = never::<NtpTarget>();
    // To be cut off for eight polls is rare: it takes thousands of runs.
    never.retain(|rule| *rule != NtpRule::Unreachable);
    // No clock is off by a quarter of an hour.
    assert_eq!(never, [NtpRule::Panic, NtpRule::Stopped]);
}

#[test]
fn ids_are_unique_whatever_clocks_do() {
    // No clock is set to a time that is decades away.
    assert_eq!(never::<SnowflakeTarget>(), [SnowflakeRule::OutOfTicks]);
}

/// In this run n1 loses its worker number and gets a smaller one, in a tick in which it has issued
/// an id: another id of that tick would be smaller.
#[test]
fn a_smaller_worker_number_waits_for_the_next_tick() {
    let run = run(9012);
    let outcome = SnowflakeTarget::experiment(&run).expect("such a cluster can be").run(SnowflakeTarget::reached);
    let is_reached = matches!(outcome.verdict, RunVerdict::Reached { .. });
    assert!(is_reached, "{:?}; see it with\n  {}", outcome.verdict, run.replay::<SnowflakeTarget>());
}

#[test]
fn random_runs_notice_what_clocks_do() {
    use quorate_bugs::time::snowflake::{BACK_IS_NOT_CHECKED, WORKER_BY_CHANCE};
    use quorate_bugs::time::true_time::{INTERVAL_DOES_NOT_GROW, NO_WAIT, ONE_MASTER_BELIEVED};

    let of_true_time = |book: true_time::NamedRulebook| broken::<TrueTimeTarget>(book);
    assert_eq!(of_true_time(NO_WAIT), Some("StampHasPassed"));
    assert_eq!(of_true_time(INTERVAL_DOES_NOT_GROW), Some("IntervalContainsTruth"));
    assert_eq!(of_true_time(ONE_MASTER_BELIEVED), Some("IntervalContainsTruth"));
    let of_ntp = |book: ntp::NamedRulebook| broken::<NtpTarget>(book);
    assert_eq!(of_ntp(ntp::ONE_SOURCE_BELIEVED), Some("BoundContainsTruth"));
    assert_eq!(of_ntp(ntp::HALF_THE_DELAY_IGNORED), Some("BoundContainsTruth"));
    assert_eq!(of_ntp(ntp::NEGATIVE_DURATION), Some("DurationsAreReal"));
    let of_ids = |book: snowflake::NamedRulebook| broken::<SnowflakeTarget>(book);
    assert_eq!(of_ids(WORKER_BY_CHANCE), Some("UniqueIds"));
    assert_eq!(of_ids(BACK_IS_NOT_CHECKED), Some("IncreasingAtEachNode"));
}
