//! Random runs under faults, a search of every schedule, and a scenario.

use std::path::Path;
use std::{env, fs};

use quorate::lab::check::{Bounds, Cluster, Search, State};
use quorate::lab::script::{Registry, RunOptions, run_scenario};
use quorate::lab::sim::{ClientRequest, Experiment, FaultPlan, RunVerdict, World};
use quorate::lab::trace::render::{Options, lanes};
use quorate::protocol::{ClientId, Duration, Time};

use super::{Atomicity, COORDINATOR, Command, CommitScript, HASTY, Outcome, Rulebook, TwoPhaseCommit, setup};

const IN_DOUBT: &str = include_str!("../scenarios/in-doubt");
const SECOND: Duration = Duration::from_secs(1);

/// Client that asks once all faults have ended.
const LATECOMER: ClientId = ClientId(2);

/// A random run: two clients ask while faults happen, and a third one after that.
fn experiment(seed: u64, rules: Rulebook) -> Experiment<TwoPhaseCommit, Atomicity> {
    let plan = FaultPlan::harsh();
    let request = |at, client| ClientRequest { at, client, of: Some(COORDINATOR), command: Command::Commit };
    let during = (0..20).map(|count| request(Time::ZERO + SECOND * count / 20, ClientId(count % 2)));
    let afterwards = request(Time::ZERO + SECOND * 2, LATECOMER);
    Experiment {
        setup: setup(&["ann", "bob", "cat"], &["c1", "c2", "latecomer"])
            .under(rules)
            .seed(seed)
            .conditions(plan.conditions),
        invariants: Atomicity::default(),
        requests: during.chain([afterwards]).collect(),
        faults: plan.schedule(seed, 4, SECOND),
        message_faults: None,
        fault_window: SECOND,
        recovery_window: SECOND * 60,
    }
}

/// Whether the latecomer has its answer, and no participant is in doubt.
fn reached(world: &World<TwoPhaseCommit, Atomicity>) -> bool {
    !world.answers(LATECOMER).is_empty() && world.up().all(|(_, machine)| machine.in_doubt().is_none())
}

#[test]
fn random_runs_keep_the_invariant_and_reach_the_goal() {
    for seed in 0..200 {
        let verdict = experiment(seed, Rulebook::default()).run(reached).verdict;
        assert!(matches!(verdict, RunVerdict::Reached { .. }), "seed {seed}: {verdict:?}");
    }
}

#[test]
fn random_runs_find_the_bug() {
    let broken = (0..200).filter(|seed| {
        let verdict = experiment(*seed, HASTY).run(reached).verdict;
        matches!(verdict, RunVerdict::Broke(violation) if violation.broken.invariant == "Atomicity")
    });
    assert!(broken.count() > 0, "no run shows that the coordinator is hasty");
}

/// Every schedule of two concurrent transactions, with a crash, a restart and a timer that fires.
fn cluster(rules: Rulebook) -> Cluster<TwoPhaseCommit, Atomicity> {
    let bounds = Bounds { crashes: 1, restarts: 1, firings: 1, ..Bounds::default() }
        .request(ClientId(0), Some(COORDINATOR), Command::Commit)
        .request(ClientId(1), Some(COORDINATOR), Command::Commit);
    let setup = setup(&["ann", "bob"], &["c1", "c2"]).under(rules);
    Cluster::new(setup, Atomicity::default(), bounds).expect("the bounds fit together")
}

#[test]
fn no_schedule_breaks_the_invariant() {
    let cluster = cluster(Rulebook::default());
    let both = |state: &State<TwoPhaseCommit, Atomicity>, outcome| {
        state.machine(COORDINATOR).is_some_and(|machine| machine.decided(outcome) == 2)
    };
    let report = Search::new(&cluster)
        .goal("both transactions commit", move |state| both(state, Outcome::Committed))
        .goal("both transactions abort", move |state| both(state, Outcome::Aborted))
        .depth(16)
        .run()
        .expect("the search can run");
    assert!(report.passed(), "{report}");
}

#[test]
fn a_search_finds_the_shortest_schedule_of_the_bug() {
    let cluster = cluster(HASTY);
    let report = Search::new(&cluster).run().expect("the search can run");
    let path = report.counterexample().expect("the bug shows");
    let document = cluster.replay(path).expect("a path of this cluster can be repeated").document();
    let drawing = lanes(&document, Options { why: true, ..Options::default() }).expect("three nodes fit");
    assert!(drawing.contains("Atomicity"), "{drawing}");
}

/// The scenario is documentation, test and figure in one. With `UPDATE_GOLDENFILES=1` its output is
/// written anew.
#[test]
fn the_scenario_prints_what_it_says() {
    let registry = Registry::new().with::<CommitScript>();
    let run = run_scenario(IN_DOUBT, &registry, RunOptions::default()).unwrap_or_else(|failure| panic!("{failure}"));
    if env::var_os("UPDATE_GOLDENFILES").is_some() {
        let folder = Path::new(file!()).parent().and_then(Path::parent).expect("this file is in src");
        fs::write(folder.join("scenarios/in-doubt"), &run.text).expect("the scenario can be written");
    } else {
        let difference = run.difference.map(|difference| difference.to_string());
        assert_eq!((run.has_output, difference), (true, None), "scenarios/in-doubt");
    }
    assert!(run.expectations > 0);
}
