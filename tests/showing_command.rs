//! Tests of the options that show a trace or a part of it, and of the order of files and output.

use std::fs;
use std::process::Stdio;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};

fn quorate(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("quorate").expect("the binary is built");
    command.args(arguments).env("COLUMNS", "80").env_remove("NO_COLOR");
    command
}

/// The output of a command that succeeds.
fn printed(arguments: &[&str]) -> String {
    let output = quorate(arguments).assert().success().get_output().stdout.clone();
    String::from_utf8(output).expect("it prints UTF-8")
}

/// Asserts that the arguments are rejected without output.
fn refuses(arguments: &[&str], says: &str) {
    let assert = quorate(arguments).assert().code(2).stdout(is_empty());
    let message = String::from_utf8_lossy(&assert.get_output().stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(message.contains(says), "{arguments:?}: {message}");
}

const VIEWS: [&[&str]; 2] = [&[], &["--view", "log"]];

#[test]
fn heartbeats_that_change_nothing_are_folded_in_both_views_unless_all_are_wanted() {
    for view in VIEWS {
        let folded = printed(&[&["run", "raft/prevote-in-vain"], view].concat());
        assert!(folded.contains("heartbeats of "), "{folded}");
        let all = printed(&[&["run", "raft/prevote-in-vain", "--all"], view].concat());
        assert!(!all.contains("heartbeats of "), "{all}");
        assert!(all.lines().count() > folded.lines().count() + 5);
        assert!(all.contains("timer Heartbeat fires"));
    }
}

#[test]
fn reasons_of_one_node_or_rule_are_fewer_than_all() {
    let count = |why: &str| printed(&["run", "two-proposers", "--view", "log", why]).matches("because").count();
    let (all, node, rule) = (count("--why"), count("--why=X"), count("--why=ProposeReported"));
    assert!(rule == 1 && rule < node && node < all, "{rule}, {node}, {all}");
    assert_eq!(count("--why=X,ProposeReported"), node + rule);
    refuses(
        &["run", "two-proposers", "--why=ProposeReportd"],
        "there is no node or rule 'ProposeReportd' in this trace; did you mean 'ProposeReported'?",
    );
}

#[test]
fn stamps_of_a_logical_clock_are_written_on_what_leaves_a_step() {
    let with = |clock: &str| printed(&["run", "two-proposers", "--view", "log", "--stamps", clock]);
    // A asks after the client's request: its second event, and the first that X hears of.
    assert!(with("lamport").contains("Promised: ballot 2.A, lamport 3"), "{}", with("lamport"));
    assert!(with("vector").contains("Promised: ballot 2.A, vector [1 2 0 2]"), "{}", with("vector"));
    assert!(with("hybrid").contains("Promised: ballot 2.A, hybrid 1.0+0"), "{}", with("hybrid"));
    assert!(!printed(&["run", "two-proposers", "--view", "log"]).contains("lamport"));
    refuses(&["run", "two-proposers", "--stamps", "sundial"], "invalid value 'sundial' for '--stamps <CLOCK>'");
}

#[test]
fn a_saved_trace_has_the_stamps_that_were_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let path = path.to_str().unwrap();
    printed(&["run", "figure-8", "--jsonl", path, "--stamps", "vector"]);
    assert!(fs::read_to_string(path).unwrap().contains("\"vector\":\"["));
    let viewed = printed(&["view", path, "--view", "log", "--stamps", "lamport"]);
    assert!(viewed.contains("vector [") && viewed.contains("lamport "), "{viewed}");
}

#[test]
fn a_part_of_the_time_is_shown_alone() {
    for view in VIEWS {
        let part = printed(&[&["run", "two-proposers", "--from", "5ms", "--to", "6ms"], view].concat());
        assert!(part.contains("5.0 ms") && part.contains("6.0 ms"), "{part}");
        assert!(!part.contains("4.0 ms") && !part.contains("7.0 ms"), "{part}");
        let none = printed(&[&["run", "two-proposers", "--from", "5h"], view].concat());
        assert!(none.contains("Nothing happens in that time; the trace goes from 0.0 ms to"), "{none}");
    }
    refuses(&["run", "two-proposers", "--from", "3s", "--to", "1s"], "--from 3s is after --to 1s");
    refuses(&["run", "two-proposers", "--from", "soon"], "'soon' is not a duration");
}

#[test]
fn state_shows_roles_and_logs_when_they_change() {
    for view in VIEWS {
        let text = printed(&[&["run", "single-candidate", "--state"], view].concat());
        for part in ["role Leader", "log (1 no-op@1)"] {
            let joined = text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
            assert!(joined.contains(part), "{part}: {text}");
        }
    }
}

#[test]
fn files_are_written_although_nobody_reads_the_output() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("quorate"))
        .args(["run", "figure-8", "--why", "--html"])
        .arg(&page)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    child.wait().unwrap();
    assert!(fs::read_to_string(&page).unwrap().ends_with("</html>\n"));
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_anything_else() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none").join("file");
    let missing = missing.to_str().unwrap();
    for option in ["--html", "--svg", "--mermaid", "--shiviz", "--itf", "--jsonl"] {
        refuses(&["run", "figure-8", option, missing], "No such file or directory");
        refuses(&["sim", "paxos", "--seeds", "7..8", option, missing], "No such file or directory");
    }
    refuses(&["sim", "paxos", "--scenario", missing], "No such file or directory");
    // A check leaves no file behind, and an old one as it was.
    let old = folder.path().join("old");
    fs::write(&old, "as it was").unwrap();
    let fresh = folder.path().join("fresh");
    for path in [&old, &fresh] {
        let path = path.to_str().unwrap();
        quorate(&["check", "paxos", "--depth", "2", "--scenario", path]).assert().stdout(contains("was not written"));
    }
    assert_eq!(fs::read_to_string(&old).unwrap(), "as it was");
    assert!(!fresh.exists());
}

/// Quadratic work would take hours.
#[test]
fn values_of_three_megabytes_are_shown_and_saved() {
    let folder = tempfile::tempdir().unwrap();
    let words = "word ".repeat(600_000);
    let long = "x".repeat(3_000_000);
    let commas = "a,b".repeat(1_000_000);
    for (name, value) in [("words", &words), ("long", &long), ("commas", &commas)] {
        let trace = folder.path().join(name);
        let body = format!("{{\"value\":\"{value}\"}}");
        let lines = [
            format!(r#"{{"quorate_trace":1,"protocol":"p","title":"{value}","nodes":["A","X"]}}"#),
            format!(r#"{{"id":1,"at":0,"kind":"boot","node":"A","incarnation":1,"state":{body}}}"#),
            format!(r#"{{"id":2,"at":0,"kind":"send","node":"A","msg":1,"to":"X","name":"Ask","body":{body}}}"#),
            r#"{"id":3,"at":1000000,"kind":"deliver","node":"X","cause":2,"msg":1,"from":"A"}"#.to_owned(),
            format!(r#"{{"id":4,"at":1000000,"kind":"rule","node":"X","cause":3,"rule":"R","why":"{value}"}}"#),
            format!(r#"{{"id":5,"at":1000000,"kind":"fact","node":"X","cause":3,"name":"F","body":{body}}}"#),
            format!(r#"{{"id":6,"at":1000000,"kind":"state","node":"X","cause":3,"diff":{body}}}"#),
            format!(r#"{{"id":7,"at":2000000,"kind":"violation","invariant":"I","detail":"{value}"}}"#),
            format!(r#"{{"id":8,"at":2000000,"kind":"note","text":"{value}"}}"#),
        ];
        fs::write(&trace, lines.join("\n")).unwrap();
        let trace = trace.to_str().unwrap();
        let saved = folder.path().join("saved");
        let saved = saved.to_str().unwrap();
        for arguments in [
            &["--why", "--state"][..],
            &["--why", "--state", "--view", "log"],
            &["--html", saved],
            &["--svg", saved],
            &["--mermaid", saved],
            &["--shiviz", saved],
            &["--itf", saved],
            &["--jsonl", saved],
        ] {
            quorate(&[&["view", trace], arguments].concat()).assert().success();
        }
        quorate(&["diff", trace, trace, "--html", saved]).assert().success();
    }
}

#[test]
fn a_bug_of_another_machine_is_refused_with_its_own() {
    let says = "'write-at-once' is a bug of lease-cache, not of lease-majority";
    refuses(&["sim", "lease-majority", "--bug", "write-at-once"], says);
    refuses(&["check", "lease-majority", "--bug", "write-at-once"], says);
    refuses(
        &["run", "lease/majority-wall-clock", "--bug", "write-at-once"],
        "'write-at-once' is a rulebook of lease-cache, not of this cluster's protocol",
    );
}

#[test]
fn a_warning_about_the_cluster_is_on_the_terminal_and_in_the_trace() {
    let says = "Warning: every election timeout is 200ms: nodes that time out together split the vote";
    let text = printed(&["run", "one-election-timeout"]);
    assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains(says), "{text}");
    quorate(&["run", "one-election-timeout", "--jsonl", "-"])
        .assert()
        .success()
        .stdout(predicate::str::contains(r#""kind":"note","text":"Warning: every election"#));
}
