//! Determinism: the same seed produces the same bytes in repeated runs, in debug and release, on
//! every platform and over time.

use quorate::catalogue;
use quorate::experiments::{RunParameters, SimTarget};
use quorate::lab::script::{RunOptions, run_scenario};
use quorate::lab::sim::FaultPlan;
use quorate::lab::trace::Document;
use quorate::protocol::Duration;
use quorate::protocols::{MultiPaxosTarget, PaxosTarget, registry};

/// FNV-1a, 64 bits: enough to notice a change.
fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn bytes(document: &Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.write_jsonl(&mut bytes).expect("a vector takes everything");
    bytes
}

fn random_run<S: SimTarget>(seed: u64) -> Vec<u8> {
    let run = RunParameters { nodes: 3, seed, fault_plan: FaultPlan::harsh(), span: Duration::from_secs(5) };
    let mut experiment = S::experiment(&run).expect("such a cluster can be");
    experiment.setup.traced = true;
    let outcome = experiment.run(S::reached);
    bytes(&outcome.world.recording().expect("the run is traced").document())
}

fn scenario(name: &str) -> Vec<u8> {
    let scenario = catalogue::find(name).expect("it is in the catalogue");
    let run_result = run_scenario(scenario.text(), &registry(), RunOptions::default()).expect("it performs");
    bytes(&run_result.document)
}

/// Asserts that a run produces the same bytes twice, and the stored digest.
fn always(what: &str, run: impl Fn() -> Vec<u8>, stored: u64) {
    let first = run();
    assert!(first == run(), "{what}: two runs differ");
    let digest = digest(&first);
    assert_eq!(digest, stored, "{what}: the bytes are others than before; if that is meant, store {digest:#018x}");
}

#[test]
fn a_random_run_of_paxos_never_changes() {
    always("paxos, seed 7", || random_run::<PaxosTarget>(7), 0xc813648ecfb690cb);
    always("paxos, seed 8", || random_run::<PaxosTarget>(8), 0x976424ddcff513cc);
}

#[test]
fn a_random_run_of_multi_paxos_never_changes() {
    always("multi-paxos, seed 7", || random_run::<MultiPaxosTarget>(7), 0x905bb3c569c4ef89);
}

#[test]
fn a_scenario_never_changes() {
    always("two-proposers", || scenario("two-proposers"), 0x3362081e98e0414e);
    always("duelling-proposers", || scenario("duelling-proposers"), 0x494bba93154567d6);
}

#[test]
fn another_seed_makes_another_run() {
    assert_ne!(random_run::<PaxosTarget>(7), random_run::<PaxosTarget>(9));
}
