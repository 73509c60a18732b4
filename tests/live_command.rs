//! Tests of the `quorate live` command: output, saved files, exit status. They must pass on a busy
//! machine: a leader may be elected late, so nothing that requires a leader is expected.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command as Process, Stdio};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use quorate::lab::trace::{Document, EventKind};
use quorate::protocols;

fn live(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("quorate").expect("the binary is built");
    command.arg("live").args(arguments).env_remove("COLUMNS").env_remove("NO_COLOR");
    command
}

/// Asserts that the arguments are rejected with status 2 and a message that contains all of `says`,
/// without a panic and before anything runs.
fn refuses(arguments: &[&str], says: &[&str]) {
    let mut assert = live(arguments).assert().code(2).stdout(is_empty()).stderr(contains("panicked").not());
    for part in says {
        assert = assert.stderr(contains(*part));
    }
}

/// Runs the command, and returns the trace that it saves.
fn saved(arguments: &[&str]) -> Document {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let path = folder.path().join("trace.jsonl");
    let file = path.to_str().expect("temporary folders have plain names");
    live(arguments).args(["--jsonl", file]).assert().success().stdout(contains("\u{1b}").not());
    Document::read_jsonl(&fs::read(&path).expect("it was saved")[..]).expect("it conforms")
}

/// Number of events of a kind.
fn count(document: &Document, kind: &str) -> usize {
    document.events.iter().filter(|event| event.what.kind() == kind).count()
}

#[test]
fn every_protocol_runs_for_its_time_tells_its_trace_and_sums_up() {
    for protocol in protocols::all().names() {
        let nodes = match protocol {
            "lease" => ["Q", "n1", "n2"],
            "lease-cache" => ["S", "n1", "n2"],
            "lease-pushed" => ["Q", "n1", "n2"],
            "lease-store" => ["n1", "F", "G"],
            "lease-raft" => ["n1", "A", "B"],
            "lock" => ["R", "A", "S"],
            "redlock" => ["R1", "A", "B"],
            "zookeeper" | "etcd" | "chubby" => ["n1", "A", "S"],
            "two-phase" | "three-phase" => ["T", "n1", "n2"],
            "saga" => ["O", "n1", "n2"],
            "paxos-commit" => ["T", "X", "n1"],
            "primary-backup" => ["n1", "n2", "M"],
            "true-time" => ["M", "n1", "n2"],
            "ntp" => ["S", "n1", "n2"],
            "snowflake" => ["R", "n1", "n2"],
            "outbox" => ["shop", "broker", "stock"],
            "channel" => ["S", "R", "S"],
            "balancer" => ["LB", "S1", "S2"],
            _ => ["n1", "n2", "n3"],
        };
        let mut assert = live(&[protocol, "--for", "500ms"]).assert().success().stderr(is_empty());
        assert = assert.stdout(contains("Ran for ")).stdout(contains("\u{1b}").not());
        for node in nodes {
            let summary = format!("  {node:6} ");
            let has_the_summary = predicate::function(|output: &str| {
                output
                    .lines()
                    .any(|line| line.starts_with(&summary) && line.contains(" steps ") && line.ends_with(" boots 1"))
            });
            assert = assert.stdout(has_the_summary);
        }
    }
}

/// Waits until a live run prints a fact that shows progress, however long it takes.
fn makes_progress(protocol: &str, fact: &str) {
    let mut run = Process::new(assert_cmd::cargo::cargo_bin("quorate"));
    run.args(["live", protocol, "--for", "60s", "--view", "log"]).stdout(Stdio::piped());
    let mut run = Ended(run.spawn().expect("it starts"));
    let mut lines = BufReader::new(run.0.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
    let fact_line = format!("fact {fact}:");
    assert!(lines.any(|line| line.contains(&fact_line)), "{protocol} never tells {fact}");
}

#[test]
fn paxos_chooses() {
    makes_progress("paxos", "Chosen");
}

#[test]
fn multi_paxos_chooses() {
    makes_progress("multi-paxos", "Chosen");
}

#[test]
fn raft_commits() {
    makes_progress("raft", "Committed");
}

#[test]
fn a_lease_is_held() {
    makes_progress("lease", "LeaseHeld");
}

#[test]
fn a_lease_of_a_majority_is_held() {
    makes_progress("lease-majority", "LeaseHeld");
}

#[test]
fn a_write_to_the_fenced_store_completes() {
    makes_progress("lease-store", "Completed");
}

#[test]
fn cached_data_change() {
    makes_progress("lease-cache", "WriteCompleted");
}

#[test]
fn a_pushed_lease_is_held() {
    makes_progress("lease-pushed", "LeaseHeld");
}

#[test]
fn a_lease_of_the_table_on_raft_is_held() {
    makes_progress("lease-raft", "LeaseHeld");
}

#[test]
fn the_generals_obey() {
    makes_progress("generals", "Obeys");
}

#[test]
fn a_broadcast_value_is_accepted() {
    makes_progress("broadcast", "Accepted");
}

#[test]
fn a_transaction_commits() {
    makes_progress("two-phase", "Finished");
}

#[test]
fn a_transaction_commits_by_paxos() {
    makes_progress("paxos-commit", "Finished");
}

#[test]
fn a_replica_takes_a_version() {
    makes_progress("register", "Took");
}

#[test]
fn a_backup_copies() {
    makes_progress("primary-backup", "Copied");
}

#[test]
fn a_segment_is_delivered() {
    makes_progress("channel", "Delivered");
}

#[test]
fn a_request_is_worked_on() {
    makes_progress("balancer", "Worked");
}

#[test]
fn true_time_commits() {
    makes_progress("true-time", "Committed");
}

#[test]
fn ntp_tells_the_time() {
    makes_progress("ntp", "Read");
}

#[test]
fn ids_are_issued() {
    makes_progress("snowflake", "Issued");
}

#[test]
fn pbft_commits() {
    makes_progress("pbft", "Committed");
}

#[test]
fn a_message_is_handled() {
    makes_progress("outbox", "Handled");
}

#[test]
fn three_phase_commit_decides() {
    makes_progress("three-phase", "Finished");
}

#[test]
fn sagas_end() {
    makes_progress("saga", "Ended");
}

#[test]
fn as_many_nodes_run_as_are_asked_for() {
    for (protocol, asked, runs) in
        [("raft", "5", 5), ("paxos", "1", 1), ("lease", "4", 5), ("lease-store", "1", 3), ("lease-raft", "5", 7)]
    {
        let document = saved(&[protocol, "--nodes", asked, "--for", "500ms"]);
        assert_eq!((document.header.protocol.as_str(), document.header.nodes.len()), (protocol, runs));
        assert_eq!(count(&document, "boot"), runs, "{protocol}");
    }
}

#[test]
fn faults_happen_and_the_trace_tells_of_them() {
    let document = saved(&["raft", "--for", "2s", "--faults", "loss=30%,latency=0ms..2ms,pauses=3,cuts=2,outage=50ms"]);
    assert!(count(&document, "drop") > 0 && count(&document, "net") > 0 && count(&document, "pause") > 0);
    let crashing = saved(&["paxos", "--for", "2s", "--faults", "crashes=12,outage=20ms", "--seed", "3"]);
    assert!(count(&crashing, "crash") > 0);
    assert!(crashing.events.iter().any(|event| matches!(event.what, EventKind::Boot { incarnation: 2.., .. })));
}

#[test]
fn the_page_and_the_trace_are_saved_where_they_are_asked_for() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let (page, trace) = (folder.path().join("run.html"), folder.path().join("run.jsonl"));
    let mut command = live(&["raft", "--for", "500ms"]);
    command.arg("--html").arg(&page).arg("--jsonl").arg(&trace).assert().success().stdout(contains("run.html"));
    let page = fs::read_to_string(page).expect("it was saved");
    assert!(page.contains("</html>") && page.contains("A run on threads"));
    let mut view = Command::cargo_bin("quorate").expect("the binary is built");
    view.arg("view").arg(&trace).assert().success().stdout(contains("n1"));
}

#[test]
fn a_folder_keeps_the_logs_from_run_to_run() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let run = || live(&["paxos", "--for", "500ms"]).arg("--directory").arg(folder.path()).assert().success();
    run();
    let log = |node: &str| fs::read(folder.path().join(node)).expect("each node has a log");
    let first = ["n1.log", "n2.log", "n3.log"].map(log);
    run();
    for (before, after) in first.iter().zip(["n1.log", "n2.log", "n3.log"].map(log)) {
        // The second line contains the position of the log.
        let [before, after] = [before, &after].map(|log| log.splitn(3, |byte| *byte == b'\n').collect::<Vec<_>>());
        assert!(before[0] == b"quorate-log 2" && after[0] == before[0], "it is a log");
        assert!(!before[2].is_empty(), "something was written: a header alone keeps nothing");
        assert!(after[2].starts_with(before[2]), "what was written stays");
        assert!(after[2].len() > before[2].len(), "the second run writes, too: its number, at least");
    }
}

#[test]
fn what_a_second_run_asks_for_is_done_though_the_first_was_killed() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let path = name(folder.path());
    let mut first = Process::new(assert_cmd::cargo::cargo_bin("quorate"));
    first.args(["live", "raft", "--for", "600s", "--directory", path]).stdout(Stdio::piped());
    let mut first = Ended(first.spawn().expect("it starts"));
    let lines = BufReader::new(first.0.stdout.take().expect("it is piped")).lines();
    let mut applied = lines.map_while(Result::ok).filter(|line| line.contains("Applied"));
    assert!(applied.nth(20).is_some(), "the first run applies something");
    drop(first);

    let document = saved(&["raft", "--for", "2s", "--directory", path]);
    let cites = |sought: &str| {
        document
            .events
            .iter()
            .filter(|event| matches!(&event.what, EventKind::Rule { rule, .. } if rule == sought))
            .count()
    };
    assert!(cites("AcceptRequest") > 0, "a leader was asked");
    assert_eq!(
        (cites("RepeatAnswer"), cites("SkipDuplicate")),
        (0, 0),
        "nothing was taken for a request of the first run"
    );
}

#[test]
fn a_folder_that_does_not_fit_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let path = name(folder.path());
    live(&["raft", "--for", "500ms", "--directory", path]).assert().success();
    refuses(&["paxos", "--directory", path], &["n1.log belongs to protocol raft, not paxos"]);
    refuses(&["raft", "--nodes", "5", "--directory", path], &["n1.log belongs to a cluster of 3 nodes, not 5"]);
    let log = |node: &str| folder.path().join(node);
    fs::rename(log("n2.log"), log("kept")).expect("it is there");
    refuses(&["raft", "--directory", path], &["node n2", "n2.log is missing, but", "records run 1", "§3.8"]);
    let cut = fs::read_to_string(log("kept")).expect("logs are text");
    let head: Vec<&str> = cut.split_inclusive('\n').take(3).collect();
    fs::write(log("n2.log"), head.concat()).expect("there is room");
    refuses(&["raft", "--directory", path], &["node n2", "bytes were durable"]);
    fs::rename(log("kept"), log("n2.log")).expect("it is there");
    live(&["raft", "--for", "500ms", "--directory", path]).assert().success();
}

/// Process that is killed at the end of the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have exited already.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

#[test]
fn a_folder_that_another_run_uses_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let mut first = Process::new(assert_cmd::cargo::cargo_bin("quorate"));
    first.args(["live", "raft", "--for", "600s", "--directory"]).arg(folder.path()).stdout(Stdio::piped());
    let mut first = Ended(first.spawn().expect("it starts"));
    let first_line = BufReader::new(first.0.stdout.take().expect("it is piped")).lines().next();
    assert!(first_line.is_some(), "the first run tells its trace");
    let path = folder.path().to_str().expect("temporary folders have plain names");
    refuses(&["raft", "--directory", path], &[path, "is in use", "n1.log.lock"]);
}

#[test]
fn what_makes_no_sense_is_refused_with_the_reason() {
    refuses(&[], &["<PROTOCOL>"]);
    refuses(&["gossip"], &["gossip", "paxos", "raft", "lease"]);
    refuses(&["lease-rafd"], &["a similar value exists: 'lease-raft'"]);
    refuses(&["raft", "--nodes", "0"], &["--nodes", "0 is not in 1..=16"]);
    refuses(&["raft", "--nodes", "many"], &["--nodes", "many"]);
    refuses(&["raft", "--for", "0s"], &["--for is zero"]);
    refuses(&["raft", "--for", "soon"], &["--for", "soon"]);
    refuses(&["raft", "--faults", "lots"], &["--faults", "lots", "loss=2%"]);
    refuses(&["raft", "--faults", "loss=200%"], &["--faults", "200%"]);
    refuses(&["raft", "--faults", "meteors=2"], &["meteors=2", "crashes"]);
    refuses(&["raft", "--faults", "crashes=-1"], &["crashes=-1", "from 0 to 10000"]);
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let missing = folder.path().join("missing/trace");
    for option in ["--jsonl", "--html"] {
        let mut command = live(&["raft", "--for", "200ms", option]);
        let assert = command.arg(&missing).assert().code(2).stderr(contains("panicked").not());
        assert.stderr(contains(missing.to_str().expect("temporary folders have plain names")));
    }
    let file = folder.path().join("file");
    fs::write(&file, "not a folder").expect("there is room");
    refuses(&["raft", "--directory", name(&file)], &["node n1", "cannot create the directory", name(&file)]);
}

fn name(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}
