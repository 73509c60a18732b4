//! Tests of the scenarios: every one prints its stored output, asserts something, and together they
//! fire every rule.
//!
//! After an intended change, `UPDATE_GOLDENFILES=1 cargo test --test scenarios` rewrites the
//! output; review it before committing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use quorate::byzantine::broadcast::BroadcastRule;
use quorate::byzantine::generals::GeneralsRule;
use quorate::byzantine::pbft::PbftRule;
use quorate::catalogue;
use quorate::lab::script::{RunOptions, RunResult, ScenarioFailure, ScriptProblem, run_scenario, title};
use quorate::lab::trace::export;
use quorate::lease::cache::CacheRule;
use quorate::lease::majority::MajorityRule;
use quorate::lease::pushed::PushedRule;
use quorate::lease::replicated::ReplicatedRule;
use quorate::lease::store::StoreRule;
use quorate::lease::{HolderRule, InputRule, SingleRule};
use quorate::locks::LockRule;
use quorate::locks::coordination::CoordinationRule;
use quorate::paxos::PaxosRule;
use quorate::protocol::Rule;
use quorate::protocols::registry;
use quorate::raft::RaftRule;
use quorate::replication::primary_backup::PrimaryBackupRule;
use quorate::replication::register::RegisterRule;
use quorate::time::balancer::BalancerRule;
use quorate::time::channel::ChannelRule;
use quorate::time::ntp::NtpRule;
use quorate::time::snowflake::SnowflakeRule;
use quorate::time::true_time::TrueTimeRule;
use quorate::transactions::outbox::OutboxRule;
use quorate::transactions::paxos_commit::PaxosCommitRule;
use quorate::transactions::saga::SagaRule;
use quorate::transactions::three_phase::ThreePhaseRule;
use quorate::transactions::two_phase::TwoPhaseRule;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// All files below a folder, by relative path with `/` as separator.
fn files(folder: &Path, prefix: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            files(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name, fs::read_to_string(entry.path()).unwrap());
        }
    }
}

fn scenarios() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    files(&folder(), "", &mut found);
    // Files at the top level belong to the package.
    found.retain(|path, _| path.contains('/'));
    found
}

fn performed(path: &str, text: &str) -> RunResult {
    run_scenario(text, &registry(), RunOptions::default())
        .unwrap_or_else(|failure| panic!("scenarios/{path}: {failure}"))
}

#[test]
fn every_scenario_prints_what_it_holds() {
    let update = std::env::var_os("UPDATE_GOLDENFILES").is_some_and(|value| value == "1");
    let mut differences = Vec::new();
    for (path, text) in scenarios() {
        let run_result = performed(&path, &text);
        assert!(run_result.expectations > 0, "scenarios/{path} expects nothing");
        if run_result.text == text {
            continue;
        }
        if update {
            fs::write(folder().join(&path), &run_result.text).unwrap();
        } else {
            let difference =
                run_result.difference.map_or("it holds no output yet".to_owned(), |found| found.to_string());
            differences.push(format!("scenarios/{path}: {difference}"));
        }
    }
    assert!(
        differences.is_empty(),
        "{}\nIf that is meant: UPDATE_GOLDENFILES=1 cargo test --test scenarios",
        differences.join("\n")
    );
}

#[test]
fn every_scenario_is_in_the_catalogue_with_title_prose_and_figure() {
    let on_disk: BTreeSet<String> = scenarios().into_keys().collect();
    let built_in: BTreeSet<String> = catalogue::all().iter().map(|scenario| scenario.path().to_owned()).collect();
    assert_eq!(on_disk, built_in);
    for scenario in catalogue::all() {
        let (path, title) = (scenario.path(), title(scenario.text()));
        assert!((10..=72).contains(&title.chars().count()), "{path}: the title '{title}' does not fit on a line");
        let story = quorate::lab::script::story(scenario.text());
        assert!(story.contains('§'), "{path} does not say where to read on");
        let last = scenario.text().lines().rfind(|line| line.starts_with("show ") || line.starts_with("expect "));
        assert!(last.is_some_and(|line| line.starts_with("show lanes")), "{path} does not end with a figure");
        assert_eq!(catalogue::find(scenario.name()), Ok(*scenario));
        assert_eq!(catalogue::find(path), Ok(*scenario));
    }
}

/// Ids of the rules that fire in the scenarios of a folder.
fn fired(folder: &str) -> BTreeSet<&'static str> {
    fired_in(|path, _| path.starts_with(folder))
}

/// Ids of the rules that fire in the scenarios that are chosen by path and text.
fn fired_in(chosen: impl Fn(&str, &str) -> bool) -> BTreeSet<&'static str> {
    let mut fired = BTreeSet::new();
    for (path, text) in scenarios().iter().filter(|(path, text)| chosen(path, text)) {
        fired.extend(performed(path, text).coverage.into_iter().filter(|(_, times)| *times > 0).map(|(rule, _)| rule));
    }
    fired
}

/// Rules of a machine that are not in `fired`.
fn silent<R: Rule>(fired: &BTreeSet<&'static str>) -> Vec<R> {
    R::ALL.iter().copied().filter(|rule| !fired.contains(rule.id())).collect()
}

#[test]
fn every_paxos_rule_fires_in_some_scenario() {
    assert_eq!(silent::<PaxosRule>(&fired("paxos/")), []);
}

#[test]
fn every_raft_rule_fires_in_some_scenario() {
    assert_eq!(silent::<RaftRule>(&fired("raft/")), []);
}

#[test]
fn every_lease_rule_fires_in_some_scenario() {
    // A seal is missed where a holder lies.
    let sealed = fired("liars/sealed-token");
    let mut fired = fired("lease/");
    fired.extend(sealed);
    assert_eq!(silent::<SingleRule>(&fired), []);
    assert_eq!(silent::<MajorityRule>(&fired), []);
    assert_eq!(silent::<CacheRule>(&fired), []);
    assert_eq!(silent::<StoreRule>(&fired), []);
    // Raft's own rules fire in its own scenarios.
    fired.extend(RaftRule::ALL.iter().map(|rule| rule.id()));
    assert_eq!(silent::<ReplicatedRule>(&fired), []);
}

#[test]
fn every_lock_rule_fires_in_some_scenario() {
    let mut fired = fired("locks/");
    assert_eq!(silent::<LockRule>(&fired), []);
    // Raft's own rules fire in its own scenarios.
    fired.extend(RaftRule::ALL.iter().map(|rule| rule.id()));
    assert_eq!(silent::<CoordinationRule>(&fired), []);
}

#[test]
fn every_transaction_rule_fires_in_some_scenario() {
    assert_eq!(silent::<TwoPhaseRule>(&fired("transactions/two-phase")), []);
    assert_eq!(silent::<PaxosCommitRule>(&fired("transactions/paxos-commit")), []);
    assert_eq!(silent::<OutboxRule>(&fired("transactions/outbox")), []);
    assert_eq!(silent::<ThreePhaseRule>(&fired("transactions/three-phase")), []);
    assert_eq!(silent::<SagaRule>(&fired("transactions/saga")), []);
}

#[test]
fn every_replication_rule_fires_in_some_scenario() {
    // Some rules of the two machines have equal names, so each has its own scenarios.
    let fired_of = |protocol: &str| fired_in(|_, text| text.contains(&format!("\ncluster {protocol} ")));
    assert_eq!(silent::<RegisterRule>(&fired_of("register")), []);
    // No node sends a message to the wrong role.
    assert_eq!(silent::<PrimaryBackupRule>(&fired_of("primary-backup")), [PrimaryBackupRule::NotMyRole]);
}

#[test]
fn every_rule_of_the_generals_and_of_broadcast_fires_in_some_scenario() {
    let fired_of = |protocol: &str| fired_in(|_, text| text.contains(&format!("\ncluster {protocol} ")));
    // Nobody speaks for another, as the network tells who sends; and lists of lies have no word.
    let never = [GeneralsRule::WrongSender, GeneralsRule::NoSuchPath, GeneralsRule::LieByList];
    assert_eq!(silent::<GeneralsRule>(&fired_of("generals")), never);
    assert_eq!(silent::<BroadcastRule>(&fired_of("broadcast")), [BroadcastRule::NotTheSender]);
    // Random runs meet the other one: `byzantine/tests/claims/pbft/random.rs`.
    assert_eq!(silent::<PbftRule>(&fired_of("pbft")), [PbftRule::NoProof]);
}

#[test]
fn every_rule_of_pushed_leases_fires_in_some_scenario() {
    // A holder does not give back, and no request takes it longer than a step.
    let never = [PushedRule::Holder(HolderRule::GiveBack), PushedRule::Input(InputRule::RepeatedRequest)];
    assert_eq!(silent::<PushedRule>(&fired("lease/pushed-")), never);
}

#[test]
fn every_rule_of_a_channel_fires_in_some_scenario() {
    assert_eq!(silent::<ChannelRule>(&fired("networks/")), []);
}

#[test]
fn every_rule_of_a_balancer_fires_in_some_scenario() {
    assert_eq!(silent::<BalancerRule>(&fired("networks/balancer-")), []);
}

#[test]
fn every_rule_of_a_protocol_that_reads_clocks_fires_in_some_scenario() {
    assert_eq!(silent::<TrueTimeRule>(&fired("time/truetime-")), []);
    assert_eq!(silent::<NtpRule>(&fired("time/ntp-")), []);
    assert_eq!(silent::<SnowflakeRule>(&fired("time/snowflake-")), []);
}

#[test]
fn every_scenario_keeps_the_invariants_unless_it_says_otherwise() {
    for (path, text) in scenarios() {
        let run_result = performed(&path, &text);
        let foretold = text.lines().any(|line| line.starts_with("expect violation="));
        assert_eq!(run_result.violation.is_some(), foretold, "scenarios/{path}");
    }
}

/// A figure is read: Mermaid's limit of messages is well beyond what a reader follows.
#[test]
fn every_scenario_is_short_enough_for_every_export() {
    for (path, text) in scenarios() {
        let exported = export::mermaid(&performed(&path, &text).document);
        assert!(exported.is_ok(), "scenarios/{path}: {}", exported.unwrap_err());
    }
}

#[test]
fn a_scenario_performed_twice_leaves_the_same_trace() {
    for (path, text) in scenarios() {
        let traces = [(), ()].map(|()| {
            let mut bytes = Vec::new();
            performed(&path, &text).document.write_jsonl(&mut bytes).unwrap();
            bytes
        });
        assert!(traces[0] == traces[1], "scenarios/{path}");
    }
}

/// Commands of a scenario, without expectations and output.
fn bare(scenario: &str) -> String {
    let said = ["note", "print", "show", "expect", "---"];
    let text = catalogue::find(scenario).unwrap().text();
    let mut commands = String::new();
    let mut is_output = false;
    for line in text.lines() {
        is_output = line == "---" || is_output && !line.is_empty();
        let word = line.split(' ').next().unwrap_or_default();
        if !is_output && !line.is_empty() && !line.starts_with(['#', '!']) && !said.contains(&word) {
            commands += line;
            commands.push('\n');
        }
    }
    commands
}

/// Runs a scenario with a bug of the zoo.
fn with_bug(script: &str, bug: &'static str) -> Result<RunResult, Box<ScenarioFailure>> {
    run_scenario(script, &registry(), RunOptions { rules: Some(bug), ..RunOptions::default() })
}

#[test]
fn what_the_stories_say_would_go_wrong_does_under_broken_rules() {
    let script = format!("{}expect violation=AtMostOneChosen\n", bare("stale-accept"));
    let run_result = with_bug(&script, "no-promise-check").unwrap();
    let violation = run_result.violation.unwrap();
    assert_eq!(violation.broken.invariant, "AtMostOneChosen");
    assert!(run_scenario(&script, &registry(), RunOptions::default()).unwrap_err().is_unmet());

    let script = bare("restart-keeps-promise");
    let failure = with_bug(&script, "forget-promise").unwrap_err();
    assert!(failure.is_unmet() && failure.document.is_some());
    assert_eq!(script.lines().nth(failure.error.line - 1), Some("restart X"));
    assert!(failure.to_string().contains("PromisesNeverDecrease is broken: X had promised 2.B"), "{failure}");
}

/// Returns the failure of a script with a bug; with the correct rulebook it must not fail.
fn failure_with(bug: &'static str, script: &str) -> String {
    performed_or_vacuous(script);
    let failure = with_bug(script, bug).unwrap_err();
    assert!(failure.is_unmet(), "{failure}");
    failure.to_string()
}

/// Asserts that a script without expectations has no other problem than that.
fn performed_or_vacuous(script: &str) {
    if let Err(failure) = run_scenario(script, &registry(), RunOptions::default()) {
        assert!(matches!(failure.error.problem, ScriptProblem::Vacuous), "{failure}");
    }
}

#[test]
fn what_the_raft_stories_say_would_go_wrong_does_under_broken_rules() {
    let failure = failure_with("figure-8", &bare("figure-8"));
    let expected =
        "LeaderCompleteness is broken: entry 2@2 was committed in term 4, and S5, which leads term 5, does not have it";
    assert!(failure.contains(expected), "{failure}");

    let failure = failure_with("vote-not-durable", &bare("restart-keeps-vote"));
    assert!(failure.contains("OneVotePerTerm is broken: n2 voted for n1 and for n3 in term 1"), "{failure}");

    let failure = failure_with("truncate-always", catalogue::find("stale-append-reordered").unwrap().text());
    assert!(failure.contains("expected the rule HaveEntries on n2 to be cited at least once"), "{failure}");
}

/// Commands of a scenario, without its choice of a rulebook.
fn by_the_book(scenario: &str) -> String {
    let script = bare(scenario);
    let (cluster, rest) = script.split_once('\n').unwrap();
    let cluster = cluster.split(" rules=").next().unwrap();
    format!("{cluster}\n{rest}")
}

#[test]
fn what_the_lease_stories_say_would_go_wrong_does_under_broken_rules() {
    for (scenario, rules, expected) in [
        ("slow-holder-clock", "no-drift-margin", "AtMostOnePrimary is broken: A acted"),
        ("fast-granter-clock", "no-drift-margin", "AtMostOnePrimary is broken: A acted"),
        ("clock-jump", "wall-clock", "AtMostOnePrimary is broken: A acted"),
        ("granter-restart-waits", "restart-grants-at-once", "AtMostOnePrimary is broken: A acted"),
        (
            "fence-refuses-late-write",
            "token-not-checked",
            "TokensNeverDecrease is broken: S accepted token 2 after token 4",
        ),
        ("majority-quarantine", "restart-grants-at-once", "AtMostOnePrimary is broken: A acted"),
        ("leader-lease-read", "votes-while-trusting", "NoStaleRead is broken: n2 read 0 changes"),
        ("leader-lease-transfer", "transfer-keeps-lease", "NoStaleRead is broken: n2 read 0 changes"),
        ("cache-write-waits", "write-at-once", "NoStaleRead is broken: B read version 1"),
    ] {
        performed_or_vacuous(&bare(scenario));
        let failure = with_bug(&by_the_book(scenario), rules).unwrap_err();
        assert!(failure.is_unmet() && failure.to_string().contains(expected), "{scenario}, {rules}: {failure}");
    }
}

/// If a scenario demonstrates a missing rule, the rule prevents the violation.
#[test]
fn what_the_lease_stories_break_holds_by_the_book() {
    for scenario in ["dual-primary-by-heartbeat", "pause-then-write", "replicated-fence-needs-mark"] {
        assert!(bare(scenario).contains(" rules="), "{scenario}");
        performed_or_vacuous(&by_the_book(scenario));
    }
}

/// The naive monitor and the lease run under the same schedule; the one for the lease continues.
#[test]
fn leases_prevent_the_two_primaries_of_the_identical_schedule() {
    let (naive, safe) = (bare("dual-primary-by-heartbeat"), bare("lease-prevents-dual-primary"));
    let naive = naive.replacen(" rules=heartbeat-only", "", 1);
    assert!(safe.starts_with(&naive), "{naive}\nis not the beginning of\n{safe}");
}

/// Damages a text with random editing mistakes.
fn damage(text: &str, slips: &[(u8, prop::sample::Index, prop::sample::Index, char)]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (kind, at, other, sign) in slips {
        let Some(count) = std::num::NonZeroUsize::new(lines.len()) else { break };
        let (at, other) = (at.index(count.get()), other.index(count.get()));
        match kind % 4 {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[other].clone()),
            2 => lines.swap(at, other),
            _ => {
                let mut signs: Vec<char> = lines[at].chars().collect();
                let place = other % signs.len().max(1);
                if let Some(flipped) = signs.get_mut(place) {
                    *flipped = *sign;
                }
                lines[at] = signs.into_iter().collect();
            }
        }
    }
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_scenario_is_performed_or_refused_with_a_line(
        which: prop::sample::Index,
        slips in prop::collection::vec((any::<u8>(), any::<prop::sample::Index>(), any::<prop::sample::Index>(),
            prop_oneof![any::<char>(), prop::sample::select(" =,\"'0123456789".chars().collect::<Vec<_>>())]), 1..8),
    ) {
        let scenario = which.get(catalogue::all());
        let text = damage(scenario.text(), &slips);
        if let Err(failure) = run_scenario(&text, &registry(), RunOptions::default()) {
            prop_assert!((1..=text.lines().count().max(1)).contains(&failure.error.line), "{}", failure);
        }
    }
}
