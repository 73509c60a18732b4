//! Export of counterexamples from random runs and searches: the shortest schedule that fails in the
//! same way, and that the papers' rules survive.
//!
//! The files under `scenarios/found/` are the output of these runs. After an intended change,
//! `UPDATE_GOLDENFILES=1 cargo test -p quorate-harness --test export` rewrites them; read them
//! before you commit them.

use std::fs;
use std::path::{Path, PathBuf};

use quorate_bugs::byzantine::pbft;
use quorate_bugs::raft::careless;
use quorate_bugs::{self as bugs, NamedRulebookOf, channel, lease, paxos, raft};
use quorate_harness::checks::{CarelessRaftSearch, RaftGuidedSearch, SearchTarget};
use quorate_harness::experiments::{RunParameters, SimTarget as _};
use quorate_harness::export::{ExportSim, ExportedScenario, Origin};
use quorate_harness::protocols::{
    CarelessRaftTarget, ChannelTarget, LeaseCacheTarget, LeaseMajorityTarget, LeaseRaftTarget, LeaseStoreTarget,
    LeaseTarget, MultiPaxosTarget, PaxosTarget, PbftTarget, RaftTarget, ToScenario, registry,
};
use quorate_harness::reproduce::shortest;
use quorate_lab::script::{RunOptions, RunResult, run_scenario};
use quorate_lab::sim::FaultPlan;
use quorate_lab::trace::EventKind;
use quorate_protocol::{Duration, Names, NodeId};
use quorate_time::channel::{Answer, Checksum, Settings};
use quorate_time::rto::Limits;

/// Exports a random run with a bug.
fn by_chance<S: ExportSim>(rules: Option<NamedRulebookOf<S::Machine>>, bug: &str, seed: u64) -> ExportedScenario {
    let run = RunParameters { nodes: 3, seed, fault_plan: FaultPlan::harsh(), span: Duration::from_secs(3) };
    let experiment = S::plan(rules.expect("the bug is in the zoo"), &run).expect("such a cluster can be");
    let schedule = S::schedule(&experiment).unwrap_or_else(|error| panic!("{bug}: {error}"));
    let command = format!("{} --bug {bug}", run.command::<S>());
    Origin { command, bug: bugs::find(bug) }.export(&schedule).unwrap_or_else(|error| panic!("{bug}: {error}"))
}

/// Exports the shortest schedule found by a search.
fn by_search<E: SearchTarget>(rules: Option<NamedRulebookOf<E::Machine>>, bug: &str) -> ExportedScenario {
    let (cluster, path) = shortest::<E>(rules.expect("the bug is in the zoo")).expect("something breaks");
    let recording = cluster.replay(&path).expect("machines are pure");
    let schedule = E::schedule(&cluster, &recording).unwrap_or_else(|error| panic!("{bug}: {error}"));
    let command = format!("quorate check {} --bug {bug}", E::NAME);
    Origin { command, bug: bugs::find(bug) }.export(&schedule).unwrap_or_else(|error| panic!("{bug}: {error}"))
}

fn play(text: &str) -> Result<RunResult, String> {
    run_scenario(text, &registry(), RunOptions::default()).map_err(|failure| failure.to_string())
}

/// Asserts the properties of an exported scenario: the number of commands; it plays, and breaks
/// that invariant; the papers' rules survive it; and no single command can be removed.
fn holds(found: &ExportedScenario, invariant: &str, commands: usize) {
    let ExportedScenario { text, .. } = found;
    assert_eq!((found.commands, found.complete), (commands, true), "{text}");
    let run_result = play(text).unwrap_or_else(|failure| panic!("{failure}\n{text}"));
    assert_eq!(run_result.difference, None);
    assert_eq!(run_result.violation.expect("it breaks").broken.invariant, invariant);
    let book = run_result.again.expect("it is played again by the book");
    assert!(!book.events.iter().any(|event| matches!(event.what, EventKind::Violation { .. })), "{text}");

    let script = text.split("---").next().unwrap_or_default();
    let lines: Vec<&str> = script.lines().collect();
    let first = lines.iter().position(|line| line.starts_with("cluster ")).expect("there is a cluster") + 1;
    let claim = format!("expect violation={invariant}");
    assert_eq!(lines.len() - first, commands);
    assert!(play(&[&lines[..], &[&claim]].concat().join("\n")).is_ok());
    for position in first..lines.len() {
        let rest = [&lines[..position], &lines[position + 1..], &[&claim]].concat().join("\n");
        assert!(play(&rest).is_err(), "'{}' can be left out:\n{text}", lines[position]);
    }
}

/// Compares a scenario with the committed file of that name.
fn is_kept(found: &ExportedScenario, name: &str) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/found").join(name);
    if std::env::var_os("UPDATE_GOLDENFILES").is_some_and(|value| value == "1") {
        fs::write(&path, &found.text).expect("the folder can be written to");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == found.text, "scenarios/found/{name} is not what is found now; see the head of this file");
}

/// Checks the bug named in a scenario that has no committed file.
fn names_its_bug(found: &ExportedScenario, bug: &str) {
    let command = format!(" --bug {bug}\n");
    assert!(found.text.contains(&command) && found.text.contains(&format!("rules={bug} pace=")), "{}", found.text);
}

macro_rules! found_by_chance {
    ($($test:ident: $runs:ident, $book:ident, $bug:literal, seed $seed:literal, $invariant:literal, $commands:literal, $also:ident;)+) => {
        $(#[test]
        fn $test() {
            let found = by_chance::<$runs>($book::NamedRulebook::named($bug), $bug, $seed);
            holds(&found, $invariant, $commands);
            $also(&found, $bug);
        })+
    };
}

found_by_chance! {
    a_proposer_ignores_what_was_reported: PaxosTarget, paxos, "own-value", seed 0, "AtMostOneChosen", 10, is_kept;
    a_learner_counts_votes_of_different_ballots: PaxosTarget, paxos, "mixed-votes", seed 14, "LearnedWasChosen", 7, is_kept;
    a_new_leader_takes_the_older_vote: MultiPaxosTarget, paxos, "older-recovery", seed 1, "AtMostOneChosen", 11, is_kept;
    a_candidate_with_an_old_log_wins: RaftTarget, raft, "ignores-log-check", seed 2, "LeaderCompleteness", 11, is_kept;
    an_answer_from_limbo: LeaseRaftTarget, lease, "limbo-read", seed 5, "NoStaleRead", 38, is_kept;
    a_release_frees_a_newer_lease: LeaseMajorityTarget, lease, "release-ignores-ballot", seed 2380, "AtMostOnePrimary", 26, is_kept;
    a_store_that_marks_nobody_loses_a_write: LeaseStoreTarget, lease, "replica-fence-only", seed 0, "NoLostWrite", 7, is_kept;
    a_holder_counts_from_the_reply: LeaseTarget, lease, "counts-from-reply", seed 2, "AtMostOnePrimary", 6, is_kept;
    a_server_does_not_wait_for_its_caches: LeaseCacheTarget, lease, "write-at-once", seed 0, "NoStaleRead", 6, is_kept;
    a_log_is_lost_in_a_crash: CarelessRaftTarget, careless, "log-not-durable", seed 34, "LeaderCompleteness", 12, names_its_bug;
    a_granter_restarts_and_grants_at_once: LeaseTarget, lease, "restart-grants-at-once", seed 47, "AtMostOnePrimary", 20, names_its_bug;
    a_client_believes_one_liar: PbftTarget, pbft, "trusts-one-reply", seed 2, "TrueAnswers", 14, names_its_bug;
}

#[test]
fn a_follower_that_says_or_commits_too_much_is_found_in_stages() {
    for (bug, invariant, commands) in
        [("ack-beyond", "LeaderCompleteness", 15), ("commit-not-min", "StateMachineSafety", 16)]
    {
        let found = by_search::<RaftGuidedSearch>(raft::NamedRulebook::named(bug), bug);
        holds(&found, invariant, commands);
        is_kept(&found, bug);
    }
}

#[test]
fn shortest_schedules_of_a_search_are_scenarios_too() {
    holds(&by_search::<PaxosTarget>(paxos::NamedRulebook::named("skip-phase-1"), "skip-phase-1"), "AtMostOneChosen", 6);
    holds(
        &by_search::<PaxosTarget>(paxos::NamedRulebook::named("forget-promise"), "forget-promise"),
        "PromisesNeverDecrease",
        4,
    );
    holds(
        &by_search::<CarelessRaftSearch>(careless::NamedRulebook::named("vote-not-durable"), "vote-not-durable"),
        "OneVotePerTerm",
        5,
    );
    holds(&by_search::<LeaseTarget>(lease::NamedRulebook::named("wall-clock"), "wall-clock"), "AtMostOnePrimary", 6);
    // Its cluster line has an option that the search has set.
    holds(
        &by_search::<ChannelTarget>(channel::NamedRulebook::named("evicts-and-acks"), "evicts-and-acks"),
        "DeliveredIsPrefix",
        7,
    );
}

#[test]
fn a_run_that_breaks_nothing_cannot_be_exported() {
    let run = RunParameters { nodes: 3, seed: 0, fault_plan: FaultPlan::mild(), span: Duration::from_secs(1) };
    let experiment = PaxosTarget::plan(paxos::NamedRulebook::default(), &run).expect("such a cluster can be");
    let error = <PaxosTarget as ExportSim>::schedule(&experiment).unwrap_err();
    assert!(error.to_string().contains("cannot show a missed goal"), "{error}");
}

#[test]
fn the_line_of_a_channel_has_every_setting_and_is_read_again() {
    let ms = Duration::from_millis;
    let settings = Settings {
        window: 3,
        room: Some(2),
        numbers: 16,
        work: ms(2),
        limits: Limits { initial: ms(100), min: ms(5), max: ms(2000), ..Limits::RFC_6298 },
        checksum: Checksum::Crc32,
        answer: Answer::Acknowledged,
        ..Settings::new(NodeId(0), NodeId(1))
    };
    let names = Names::new(["S", "R"], ["c1"]);
    let config = settings.build().expect("there can be such a channel");
    let line = names.scope(|| ChannelTarget::line(&names, &config).to_string());
    let options =
        "window=3 room=2 numbers=16 work=2ms rto=100ms rto-min=5ms rto-max=2s checksum=crc32 told=acknowledged";
    assert_eq!(line, format!("cluster channel sender=S receiver=R {options}"));
    let text =
        format!("# A line\n\n{line}\nsend S hello\nrun 20ms\nexpect reply=Acknowledged\nexpect processed R hello\n");
    play(&text).unwrap_or_else(|failure| panic!("{failure}"));
}
