//! Settings under which no run can reach its goal are refused with both values.

use std::time::Duration;

use quorate_harness::experiments::{RunParameters, SimTarget};
use quorate_harness::protocols::{
    LeaseCacheTarget, LeaseMajorityTarget, LeasePushedTarget, LeaseRaftTarget, LeaseStoreTarget, LeaseTarget,
    MultiPaxosTarget, PaxosTarget, RaftTarget,
};
use quorate_lab::sim::FaultPlan;

fn run(faults: &str) -> RunParameters {
    let fault_plan: FaultPlan = faults.parse().unwrap();
    RunParameters { nodes: 3, seed: 1, fault_plan, span: Duration::from_secs(10) }
}

fn refusal<S: SimTarget>(faults: &str) -> Option<String> {
    S::experiment(&run(faults)).err().map(|error| error.to_string())
}

/// Asserts that a latency of `refused` ms is rejected, and one of a millisecond less is not.
fn assert_bound<S: SimTarget>(refused: u64, names: &str) {
    let error = refusal::<S>(&format!("latency={refused}ms")).unwrap_or_default();
    let each = format!("{:?}", Duration::from_millis(refused));
    assert!(error.contains(&each) && error.contains(names) && error.contains("latency="), "{}: {error}", S::NAME);
    assert_eq!(refusal::<S>(&format!("latency={}ms", refused - 1)), None, "{}", S::NAME);
    // The minimum latency counts: the remaining delay disappears after the recovery.
    assert_eq!(refusal::<S>(&format!("latency=1ms..{}ms", refused * 4)), None, "{}", S::NAME);
}

#[test]
fn a_latency_that_no_term_or_timeout_can_bear_is_refused_with_both() {
    assert_bound::<PaxosTarget>(1_050, "2.1s");
    assert_bound::<MultiPaxosTarget>(1_150, "2.3s");
    assert_bound::<RaftTarget>(150, "300ms");
    assert_bound::<LeaseTarget>(150, "the holder's term is 300ms");
    assert_bound::<LeaseMajorityTarget>(25, "100ms");
    assert_bound::<LeasePushedTarget>(
        151,
        "a push takes a message of at least 151ms, but half of the term is 150.0015ms",
    );
    assert_bound::<LeaseStoreTarget>(100, "the client's timeout is 400ms");
    assert_bound::<LeaseCacheTarget>(150, "the holder's term is 300ms");
    assert_bound::<LeaseRaftTarget>(13, "the renewal interval is 50ms");
}

#[test]
fn a_drift_that_leaves_nothing_of_the_terms_is_refused_with_what_it_leaves() {
    for error in [
        refusal::<LeaseTarget>("drift=99.9%"),
        refusal::<LeaseMajorityTarget>("drift=99.9%"),
        refusal::<LeaseCacheTarget>("drift=99.9%"),
        refusal::<LeaseRaftTarget>("drift=99.9%"),
    ] {
        let error = error.unwrap_or_default();
        assert!(error.contains("drift=99.9%") && error.contains("µs"), "{error}");
    }
    let error = refusal::<LeaseTarget>("latency=0ms,drift=99.9999%").unwrap_or_default();
    assert!(error.contains("renewed every 50ns") && error.contains("5000000"), "{error}");
    assert_eq!(refusal::<LeaseTarget>("drift=90%"), None);
    assert_eq!(refusal::<RaftTarget>("drift=99.9999%"), None, "Raft's timeouts do not shrink with the drift");
}

#[test]
fn one_node_needs_no_answer_of_another() {
    let alone = |faults: &str| RunParameters { nodes: 1, seed: 2, ..run(faults) };
    assert!(RaftTarget::experiment(&alone("latency=1s")).is_ok());
    assert!(PaxosTarget::experiment(&alone("latency=5s")).is_ok());
}
