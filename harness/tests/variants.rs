//! Wrapper machines: under the papers' rules they behave exactly like their reference, byte for
//! byte, and a bug can be set for each node separately.

use std::collections::BTreeSet;

use quorate_bugs::ProtocolId;
use quorate_harness::catalogue;
use quorate_harness::experiments::{RunParameters, SimTarget};
use quorate_harness::protocols::{
    CarelessRaftTarget, LeaseTarget, PaxosTarget, RaftTarget, RetoldPaxosTarget, TwoStepLeaseTarget, registry,
};
use quorate_lab::script::{Protocol, Registry, RunOptions, run_scenario};
use quorate_lab::sim::FaultPlan;
use quorate_lab::trace::{Document, EventKind};
use quorate_protocol::Duration;

/// Trace of a random run under faults, under the papers' rules.
fn run<S: SimTarget>(seed: u64) -> Document {
    let run = RunParameters { nodes: 3, seed, fault_plan: FaultPlan::harsh(), span: Duration::from_secs(2) };
    let mut experiment = S::experiment(&run).expect("such a cluster can be");
    experiment.setup.traced = true;
    experiment.run_to_end().world.recording().expect("it is traced").document()
}

/// Names of the rulebooks of a protocol.
fn names<P: Protocol>() -> Vec<&'static str> {
    P::rulebooks().into_iter().map(|(name, _)| name).collect()
}

/// Asserts that random runs and all scenarios of a protocol leave the same traces with a reference
/// and with its variant.
fn same<R: SimTarget + Protocol, V: SimTarget + Protocol>() {
    for seed in 0..12 {
        let (reference, variant) = (run::<R>(seed), run::<V>(seed));
        assert!(reference.events.len() > 100, "seed {seed} is too quiet");
        assert!(reference == variant, "{}, seed {seed}", <R as SimTarget>::NAME);
    }
    let mut played = 0;
    let opening = format!("\ncluster {} ", <R as Protocol>::NAME);
    // Stories of a bug that only the variant can have are none of the reference.
    let own: Vec<&str> = names::<V>().into_iter().filter(|name| !names::<R>().contains(name)).collect();
    let is_shared = |text: &str| text.contains(&opening) && !own.iter().any(|name| text.contains(name));
    for scenario in catalogue::all().iter().filter(|scenario| is_shared(scenario.text())) {
        let play = |registry: Registry| match run_scenario(scenario.text(), &registry, RunOptions::default()) {
            Ok(run_result) => (run_result.text, run_result.document),
            Err(failure) => panic!("{}: {failure}", scenario.path()),
        };
        let (reference, variant) = (play(Registry::new().with::<R>()), play(Registry::new().with::<V>()));
        assert!(reference == variant, "{}", scenario.path());
        played += 1;
    }
    assert!(played > 10, "{played} scenarios of {}", <R as Protocol>::NAME);
}

#[test]
fn a_retelling_of_paxos_by_the_book_is_paxos() {
    same::<PaxosTarget, RetoldPaxosTarget>();
}

#[test]
fn a_careless_raft_by_the_book_is_raft() {
    same::<RaftTarget, CarelessRaftTarget>();
}

#[test]
fn a_resource_in_two_steps_by_the_book_takes_one() {
    same::<LeaseTarget, TwoStepLeaseTarget>();
}

/// Nodes that sent a message of that name.
fn senders(script: &str, name: &str) -> Vec<String> {
    let document = run_scenario(script, &registry(), RunOptions::default()).expect("it can be played").document;
    let sent = document.events.iter().filter_map(|event| match (&event.what, event.lane) {
        (EventKind::Send { payload, .. }, Some(lane)) if payload.name == name => {
            Some(document.header.name(lane).into_owned())
        }
        _ => None,
    });
    let nodes: BTreeSet<String> = sent.collect();
    nodes.into_iter().collect()
}

#[test]
fn each_node_has_the_bug_of_a_variant_for_itself() {
    let story = |cluster: &str| {
        format!("# T\n\ncluster paxos nodes=3{cluster}\npropose n1 a\npropose n2 b\nrun\nexpect chosen\n")
    };
    let prepare_senders = |cluster: &str| senders(&story(cluster), "PrepareWithValue");
    assert_eq!(prepare_senders(" rules=prepare-carries-value"), ["n1", "n2"]);
    assert_eq!(prepare_senders("\nrules n1 prepare-carries-value"), ["n1"]);
    assert_eq!(prepare_senders("\nrules n2 prepare-carries-value"), ["n2"]);
    assert_eq!(prepare_senders(" rules=prepare-carries-value\nrules n1 by-the-book"), ["n2"]);
    assert_eq!(prepare_senders(" rules=prepare-carries-value\nrules n1 no-promise-check"), ["n2"]);
    assert!(prepare_senders("\nrules n3 no-promise-check").is_empty());
}

#[test]
fn a_cluster_refuses_the_bugs_of_protocols_that_do_not_make_their_decision() {
    let registry = registry();
    for bug in quorate_bugs::all() {
        for entry in registry.entries() {
            let protocol = ProtocolId::ALL.iter().find(|protocol| protocol.name() == entry.name).expect("it has an id");
            let has_it = entry.rulebooks.contains(&bug.id);
            assert_eq!(has_it, bug.is_of(*protocol), "{} in a cluster of {}", bug.id, entry.name);
        }
    }
}

#[test]
fn a_bug_of_another_protocol_is_refused_with_its_own() {
    let cluster = "# T\n\ncluster lease-majority proposers=A,B acceptors=X,Y,Z term=10s";
    let says = "'write-at-once' is a rulebook of lease-cache, not of this cluster's protocol";
    for (line, script) in [
        (3, format!("{cluster} rules=write-at-once\nexpect no-primary\n")),
        (4, format!("{cluster}\nrules X write-at-once\nexpect no-primary\n")),
        (5, format!("{cluster}\nexpect no-primary\nagain rules=write-at-once\n")),
    ] {
        let failure = run_scenario(&script, &registry(), RunOptions::default()).unwrap_err();
        assert_eq!(failure.to_string(), format!("line {line}: {says}"));
    }
    let staged = RunOptions { rules: Some("write-at-once"), ..RunOptions::default() };
    let failure = run_scenario(&format!("{cluster}\nexpect no-primary\n"), &registry(), staged).unwrap_err();
    assert_eq!(failure.to_string(), format!("line 3: {says}"));
}
