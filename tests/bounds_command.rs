//! Limits of the command line: extreme numbers, huge files and words, settings that make a goal
//! impossible, a full disk for the output. Each is rejected with the limit, before it costs time or
//! memory.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use quorate::protocols;

fn quorate(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("quorate").expect("the binary is built");
    command.args(arguments).env_remove("COLUMNS").env_remove("NO_COLOR").timeout(Duration::from_secs(60));
    command
}

/// Asserts that the arguments are rejected with status 2 and a message that contains all of `says`,
/// without a panic and without output.
fn refuses(arguments: &[&str], says: &[&str]) {
    let mut assert = quorate(arguments).assert().code(2).stdout(is_empty()).stderr(contains("panicked").not());
    for part in says {
        assert = assert.stderr(contains(*part));
    }
}

#[test]
fn a_sweep_up_to_the_last_seed_of_all_ends() {
    quorate(&["sim", "raft", "--seeds", "18446744073709551614..18446744073709551615", "--for", "1s"])
        .assert()
        .success()
        .stdout(contains("seeds 18446744073709551614..18446744073709551615,").and(contains(" 1  runs")));
    quorate(&["sim", "raft", "--seeds", "18446744073709551300..=18446744073709551615", "--for", "1s"])
        .assert()
        .success()
        .stdout(contains("seeds 18446744073709551300..=18446744073709551615,").and(contains(" 316  runs")));
    quorate(&["sim", "paxos", "--seeds", "18446744073709551615..=18446744073709551615", "--trace"]).assert().success();
    refuses(&["sim", "raft", "--seeds", "0..18446744073709551615"], &["too many seeds", "at most 10000000"]);
    refuses(&["sim", "raft", "--seeds", "0..18446744073709551616"], &["18446744073709551616", "18446744073709551615"]);
}

#[test]
fn spans_and_counts_have_bounds() {
    refuses(&["sim", "raft", "--for", "3601s"], &["3601s", "at most 3600s"]);
    refuses(&["sim", "raft", "--for", "18446744074s"], &["18446744074s", "at most 584 years"]);
    refuses(&["sim", "raft", "--faults", "crashes=10001"], &["crashes=10001", "from 0 to 10000"]);
    refuses(&["sim", "raft", "--nodes", "65"], &["1..=64"]);
    refuses(&["check", "paxos", "--crashes", "10001"], &["0..=10000"]);
    refuses(&["check", "paxos", "--depth", "4294967295"], &["1..=10000"]);
}

#[test]
fn settings_that_make_the_goal_impossible_are_refused_with_both_values() {
    for (protocol, latency, bound) in [
        ("paxos", "2s", "2.1s"),
        ("multi-paxos", "2s", "2.3s"),
        ("raft", "500ms", "300ms"),
        ("lease", "500ms", "300ms"),
        ("lease-majority", "500ms", "100ms"),
        ("lease-store", "500ms", "400ms"),
        ("lease-cache", "500ms", "300ms"),
        ("lease-pushed", "500ms", "150"),
        ("lease-raft", "500ms", "50ms"),
        ("lock", "500ms", "300ms"),
        ("redlock", "500ms", "300ms"),
        ("zookeeper", "500ms", "300ms"),
        ("etcd", "500ms", "300ms"),
        ("chubby", "500ms", "300ms"),
        ("two-phase", "500ms", "100ms"),
        ("three-phase", "500ms", "100ms"),
        ("paxos-commit", "500ms", "100ms"),
        ("register", "500ms", "100ms"),
        ("primary-backup", "500ms", "100ms"),
        ("generals", "500ms", "700ms"),
        ("broadcast", "20s", "60s"),
        ("pbft", "1s", "3.2s"),
        ("channel", "10s", "30s"),
        ("balancer", "10s", "30s"),
        ("true-time", "500ms", "120ms"),
        ("ntp", "500ms", "200ms"),
        ("snowflake", "60s", "100s"),
    ] {
        let faults = format!("latency={latency}");
        refuses(&["sim", protocol, "--faults", &faults], &[latency, bound, "no run of", "use a minimum latency="]);
    }
    for protocol in ["lease", "lease-majority", "lease-cache", "lease-raft", "lock", "redlock", "etcd"] {
        refuses(&["sim", protocol, "--faults", "drift=99.9999%"], &["drift=99.9999%", "use a smaller drift="]);
    }
    refuses(&["sim", "lease", "--faults", "drift=99.9999%,latency=0ms"], &["every 50ns", "at most 5000000 renewals"]);
}

/// Latencies mostly far beyond the terms: there is little progress while they last, and full
/// progress after healing.
#[test]
fn latency_is_healed_with_the_rest() {
    for protocol in protocols::all().names() {
        quorate(&["sim", protocol, "--seeds", "0..20", "--for", "3s", "--faults", "latency=1ms..5s"])
            .assert()
            .success()
            .stdout(contains(" 0  missed that goal, although everything was healed"));
    }
}

#[test]
fn a_scenario_without_an_end_is_refused_with_the_bound() {
    let begun = Instant::now();
    for device in ["/dev/full", "/dev/zero"].into_iter().filter(|device| Path::new(device).exists()) {
        refuses(&["run", device], &[device, "longer than 1048576 bytes"]);
    }
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let path = folder.path().join("word.scenario");
    let file = path.to_str().expect("a plain name");
    let proposing =
        |bytes| format!("# T\n\ncluster paxos nodes=3\npropose n1 {}\nrun\nexpect chosen\n", "x".repeat(bytes));
    fs::write(&path, proposing(50_000_000)).expect("there is room");
    refuses(&["run", file], &["longer than 1048576 bytes"]);
    fs::write(&path, proposing(900_000)).expect("there is room");
    let bound =
        contains("line 4").and(contains("a word")).and(contains("900000 bytes")).and(contains("maximum is 16384"));
    quorate(&["run", file]).assert().code(2).stderr(bound);
    fs::write(&path, proposing(1_025)).expect("there is room");
    quorate(&["run", file]).assert().code(2).stderr(contains("a value").and(contains("maximum is 1024")));
    fs::write(&path, [0xff, 0xfe, 0x00]).expect("there is room");
    refuses(&["run", file], &["not UTF-8"]);
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
}

#[test]
fn an_output_that_is_full_is_an_error_of_every_command() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    // `learn` opens its folder in the current directory.
    let folder = tempfile::tempdir().expect("there is room");
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["sim", "--help"],
        &[],
        &["list"],
        &["bugs"],
        &["learn"],
        &["run", "two-proposers"],
        &["run", "two-proposers", "--jsonl", "-"],
        &["sim", "paxos", "--seeds", "0..3"],
        &["sim", "paxos", "--seeds", "0..1", "--trace"],
        &["live", "paxos", "--for", "600s"],
        &["live", "paxos", "--for", "100ms", "--quiet"],
        &["live", "paxos", "--for", "600s", "--jsonl", "-"],
        &["check", "paxos"],
    ] {
        let full = File::options().write(true).open("/dev/full").expect("it can be opened");
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("quorate"));
        command.current_dir(folder.path());
        let child = command.args(arguments).stdout(Stdio::from(full)).stderr(Stdio::piped()).spawn();
        let output = child.expect("the binary runs").wait_with_output().expect("it ends");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {errors}");
        assert!(errors.contains("No space left on device") && !errors.contains("panicked"), "{arguments:?}: {errors}");
    }
    for option in ["--jsonl", "--html", "--svg", "--mermaid", "--shiviz", "--itf"] {
        refuses_file(&["run", "two-proposers", option, "/dev/full"]);
        refuses_file(&["live", "paxos", "--for", "200ms", option, "/dev/full"]);
    }
}

fn refuses_file(arguments: &[&str]) {
    let assert = quorate(arguments).assert().code(2).stderr(contains("/dev/full: No space left on device"));
    assert.stderr(contains("panicked").not());
}

#[test]
fn other_files_are_saved_with_a_trace_on_standard_output() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("a plain name").to_owned();
    for (name, arguments) in [
        ("run", &["run", "two-proposers"][..]),
        ("sim", &["sim", "paxos", "--seeds", "0..1"]),
        ("live", &["live", "paxos", "--for", "200ms"]),
    ] {
        let page = path(name);
        let output = quorate(&[arguments, &["--jsonl", "-", "--html", &page]].concat()).assert().success();
        let printed = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
        assert!(printed.starts_with("{\"quorate_trace\":1") && printed.lines().all(|line| line.starts_with('{')));
        assert!(fs::read_to_string(&page).expect("it was saved").contains("</html>"), "{name}");
    }
}
