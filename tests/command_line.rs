//! Tests of the command line, for users and scripts: output and exit status.

use std::fs;
use std::io::Read;
use std::process::{Command as Process, Stdio};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};

fn quorate(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("quorate").expect("the binary is built");
    command.args(arguments).env_remove("COLUMNS").env_remove("NO_COLOR");
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

fn file(name: &str, text: impl AsRef<[u8]>) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let path = folder.path().join(name);
    fs::write(&path, text).expect("the file can be written");
    let path = path.to_str().expect("temporary folders have plain names").to_owned();
    (folder, path)
}

#[test]
fn without_arguments_it_prints_the_two_proposer_run_with_its_rules_and_what_to_try_next() {
    quorate(&[])
        .assert()
        .success()
        .stdout(contains("B ───────Accept──────────▶ X       ballot 4.B, value 8"))
        .stdout(contains("because ProposeReported (Paxos Made Simple §2.2, P2c)"))
        .stdout(contains("fact Chosen: ballot 4.B, value 8"))
        .stdout(contains("Next steps"))
        .stdout(contains("\u{1b}").not())
        .stderr(is_empty());
}

#[test]
fn everything_that_the_tour_proposes_works() {
    let tour = quorate(&[]).output().expect("it runs").stdout;
    let tour = String::from_utf8(tour).expect("it prints UTF-8");
    let proposed: Vec<&str> = tour.lines().filter_map(|line| line.strip_prefix("  quorate ")).collect();
    assert!(proposed.len() >= 4, "{proposed:?}");
    for line in proposed {
        let command = line.split("  ").next().unwrap_or_default();
        quorate(&command.split(' ').collect::<Vec<_>>()).assert().success();
    }
}

#[test]
fn help_is_a_command_and_a_misspelt_command_is_suggested() {
    quorate(&["help", "run"]).assert().success().stdout(contains("Run a scenario and show its trace"));
    refuses(&["chek", "raft"], &["unrecognized subcommand 'chek'", "'check'"]);
}

/// Every subcommand has examples, and they work as they stand.
#[test]
fn the_examples_of_help_work() {
    let said = |arguments: &[&str]| {
        let output = quorate(arguments).assert().success().get_output().stdout.clone();
        String::from_utf8(output).expect("it prints UTF-8")
    };
    let help = said(&["--help"]);
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names: Vec<&str> = commands
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.len() >= 12, "{names:?}");
    for name in names {
        let folder = tempfile::tempdir().expect("there is room for a temporary folder");
        let help = said(&[name, "--help"]);
        let (_, examples) = help.split_once("Examples:\n").unwrap_or_else(|| panic!("{name} has no examples"));
        assert!(examples.contains(&format!("quorate {name}")), "{name} is not in its examples");
        for line in examples.lines() {
            let arguments = line.strip_prefix("  quorate ").unwrap_or_else(|| panic!("{name}: {line}"));
            // The playground serves its page until it is stopped: only the scenario's name is
            // tried.
            let arguments = &arguments.replace("play ", "run ");
            if arguments == "play" {
                continue;
            }
            let status = quorate(&arguments.split(' ').collect::<Vec<_>>())
                .current_dir(folder.path())
                .assert()
                .stderr(contains("panicked").not());
            // A bug that does harm ends with 1.
            status.code(i32::from(arguments.contains("--bug")));
        }
    }
}

#[test]
fn shells_and_manual_readers_get_their_files() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = quorate(&["completions", shell]).assert().success();
        script.stdout(contains("new-protocol").and(contains("faults")).and(contains("play")));
    }
    refuses(&["completions", "tcsh"], &["tcsh", "bash"]);
    let page = quorate(&["man"]).assert().success();
    page.stdout(
        contains(".TH quorate 1")
            .and(contains(".TH quorate-sim 1").and(contains(".TH quorate-play 1")))
            .and(contains("Examples")),
    );
}

/// A folder with this program alone, so that no playground is beside it.
#[cfg(unix)]
fn alone() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("there is room for a folder");
    let program = folder.path().join("quorate");
    // A copy would be as large as the program.
    fs::hard_link(env!("CARGO_BIN_EXE_quorate"), &program).expect("both are in the target folder");
    (folder, program)
}

#[cfg(unix)]
#[test]
fn the_playground_gets_arguments_and_gives_its_exit_status() {
    use std::os::unix::fs::PermissionsExt;

    let (folder, program) = alone();
    let playground = folder.path().join("quorate-playground");
    fs::write(&playground, "#!/bin/sh\necho \"played $*\"\nexit 7\n").expect("the folder is writable");
    fs::set_permissions(&playground, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let mut played = Command::new(&program);
    played.args(["play", "figure-8", "--port", "4711", "--no-open"]);
    played.assert().code(7).stdout("played figure-8 --port 4711 --no-open\n");
    // On the PATH, too, for the program that has none beside it.
    let (_other, program) = alone();
    let mut played = Command::new(program);
    played.arg("play").env("PATH", folder.path());
    played.assert().code(7).stdout("played \n");
}

#[cfg(unix)]
#[test]
fn without_the_playground_the_command_that_builds_it_is_said() {
    let (folder, program) = alone();
    let mut played = Command::new(program);
    let assert = played.arg("play").env("PATH", folder.path()).assert().code(2).stdout(is_empty());
    assert.stderr(contains("neither beside this one nor on the PATH").and(contains("\n  cargo install --path ")));
}

#[test]
fn a_scenario_comes_from_standard_input_too_and_needs_no_expectation() {
    let mut command = quorate(&["run", "-"]);
    let run = command.write_stdin("cluster raft nodes=3\nfire n1 Election\nrun 50ms\n").assert().success();
    run.stdout(contains("LeaderElected").and(contains("Add an `expect` line, and it tests what it shows")));
    let mut empty = quorate(&["run", "-"]);
    empty.write_stdin("# Nothing.\n").assert().code(2).stderr(contains("the scenario has no expectation"));
}

#[test]
fn a_run_that_fails_saves_its_trace_all_the_same() {
    let (folder, path) = file("wrong.scenario", "cluster raft nodes=solo\nrun 1s\nexpect no-leader\n");
    let saved = folder.path().join("wrong.jsonl");
    let saved = saved.to_str().expect("temporary folders have plain names");
    quorate(&["run", &path, "--jsonl", saved])
        .assert()
        .code(1)
        .stderr(contains("expected no node to lead, but solo leads term 1"));
    let trace = fs::read_to_string(saved).expect("the trace is saved");
    assert!(trace.contains("\"solo\"") && trace.contains("LeaderElected"), "{trace}");
}

#[test]
fn the_stored_output_is_compared_and_blessed() {
    let (_folder, path) =
        file("mine.scenario", "# Mine\n\ncluster paxos nodes=3\npropose n1 blue\nrun\nexpect chosen blue\n");
    let run = |arguments: &[&str]| quorate(&[&["run", &path], arguments].concat()).assert();
    run(&[]).success().stdout(contains("holds no output to compare with; --bless adds it"));
    run(&["--bless"]).success().stdout(contains("The output is stored."));
    run(&["--bless"]).success().stdout(contains("The output is the stored one."));
    run(&[]).success().stdout(contains("--bless").not());
    let stored = fs::read_to_string(&path).expect("the scenario is there");
    fs::write(&path, stored.replacen("value blue", "value green", 1)).expect("it can be changed");
    run(&[]).code(1).stderr(contains("value blue").and(contains("value green")));
    refuses(&["run", &path, "--bless", "--seed", "7"], &["--bless", "--seed"]);
    quorate(&["run", "figure-8", "--bless"]).assert().code(2).stderr(contains("--bless is for a file of yours"));
}

#[test]
fn a_bug_shows_its_harm_to_the_end_of_the_scenario() {
    quorate(&["run", "figure-8", "--bug", "figure-8"])
        .assert()
        .code(1)
        .stdout(contains("under figure-8 this differs from what the scenario says"))
        .stdout(contains("LeaderElected: term 5"))
        .stderr(contains("expectations do not hold, and").and(contains("is broken")));
}

#[test]
fn a_path_that_leads_nowhere_is_no_scenario() {
    refuses(&["run", "./nothing"], &["there is no file './nothing'"]);
    refuses(&["run", "nothing"], &["there is no scenario 'nothing'"]);
}

#[test]
fn list_names_every_scenario() {
    let listed = quorate(&["list"]).assert().success();
    let scenarios = quorate::catalogue::all();
    assert!(scenarios.len() >= 13);
    for scenario in scenarios {
        let listed = String::from_utf8_lossy(&listed.get_output().stdout);
        let is_named = |line: &str| line.split_whitespace().next() == Some(scenario.name());
        assert!(listed.lines().any(is_named), "{} is missing", scenario.name());
    }
}

#[test]
fn run_performs_scenarios_and_files() {
    quorate(&["run", "two-proposers"]).assert().success().stdout(contains("every invariant held after every step"));
    quorate(&["run", "paxos/two-proposers", "--view", "log", "--why"])
        .assert()
        .success()
        .stdout(contains("because PromiseHigher"));
    let text = "# Mine\n\ncluster paxos nodes=3\npropose n1 blue\nrun\nexpect chosen blue\n";
    let (_folder, path) = file("mine", text);
    quorate(&["run", &path]).assert().success().stdout(contains("Mine (paxos"));
}

#[test]
fn run_ends_with_one_when_an_expectation_is_not_met_and_shows_what_happened_instead() {
    let text = "# Mine\n\ncluster paxos nodes=3\npropose n1 blue\nrun\nexpect chosen red\n";
    let (_folder, path) = file("mine", text);
    quorate(&["run", &path])
        .assert()
        .code(1)
        .stdout(contains("value blue"))
        .stderr(contains("line 6").and(contains("red")).and(contains("blue")));
}

#[test]
fn bad_scenarios_are_refused_with_their_line() {
    refuses(&["run", "two-propsers"], &["two-propsers", "two-proposers"]);
    refuses(&["run", "."], &["."]);
    let bad: &[(&str, &[&str])] = &[
        ("# T\n\ncluster paxos nodes=3\nporpose n1 8\n", &["line 4", "porpose", "propose"]),
        ("# T\n\ncluster paxos nodes=3\npropose n9 8\n", &["line 4", "n9"]),
        ("# T\n\ncluster paxos nodes=3x\n", &["line 3", "3x"]),
        ("# T\n\ncluster paxos nodes=3 colour=red\n", &["line 3", "colour"]),
        ("# T\n\ncluster paxos nodes=3\npropose n1 8 round=-1\n", &["line 4", "-1"]),
        ("# T\n\ncluster pakos nodes=3\n", &["line 3", "pakos", "paxos"]),
        ("# T\n\ncluster paxos acceptors=X,Y,Z,W proposers=A phase-1=2 phase-2=2\n", &["line 3", "2 + 2 > 4"]),
    ];
    let holders = (1..=65).map(|number| format!("c{number}")).collect::<Vec<_>>().join(",");
    let crowd = format!("cluster zookeeper servers=3 holders={holders} session=6s\n");
    let locks: &[(&str, &[&str])] = &[
        ("cluster lock recipe=setnz server=R holders=A ttl=1s\n", &["setnz", "setnx"]),
        ("cluster chubby servers=3 holders=A session=12s recipe=plain\n", &["no option 'recipe='"]),
        ("cluster lock recipe=set-nx-px server=R holders=A ttl=0s\n", &["time to live is zero", "at least 1 ns"]),
        ("cluster redlock holders=A ttl=1s\n", &["which instances keep the lock is missing"]),
        (&crowd, &["too many", "64"]),
    ];
    for (text, says) in bad.iter().chain(locks) {
        let (_folder, path) = file("bad", text);
        let output = quorate(&["run", &path]).assert().code(2);
        let errors = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
        assert!(says.iter().chain(&[path.as_str()]).all(|part| errors.contains(part)), "{text}\n{errors}");
    }
}

#[test]
fn sim_runs_seeds_and_reports_what_it_met() {
    quorate(&["sim", "paxos", "--seeds", "0..50", "--faults", "harsh"])
        .assert()
        .success()
        .stdout(contains("50  chose a value").and(contains("crashes")).and(contains("Every invariant held")));
    for protocol in [
        "paxos",
        "multi-paxos",
        "raft",
        "lease",
        "lease-majority",
        "lease-store",
        "lease-cache",
        "lease-raft",
        "two-phase",
        "three-phase",
        "paxos-commit",
        "outbox",
        "register",
        "primary-backup",
        "pbft",
    ] {
        let output = quorate(&["sim", protocol, "--seeds", "0..3", "--for", "2s"]).assert().success();
        let printed = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
        let judged = printed.lines().find_map(|line| line.strip_prefix("Checked ")?.split_once(" in 3 histories "));
        assert!(judged.is_some_and(|(operations, _)| operations != "0 client operations"), "{printed}");
        let nodes = if protocol == "pbft" { 4 } else { 3 };
        assert!(printed.contains(&format!("{protocol}, {nodes} nodes, seeds 0..3")), "{printed}");
    }
    quorate(&["sim", "paxos", "--seeds", "7..8", "--trace"]).assert().success().stdout(contains("Prepare"));
}

#[test]
fn sim_refuses_what_makes_no_sense() {
    refuses(&["sim", "paxos", "--seeds", "9..3"], &["9..3", "start must be below the end"]);
    refuses(&["sim", "paxos", "--seeds", "7"], &["7..8"]);
    refuses(&["sim", "paxos", "--seeds", "0..x"], &["'x' is not a seed"]);
    refuses(&["sim", "paxos", "--faults", "gentle"], &["gentle", "mild, harsh"]);
    refuses(&["sim", "paxos", "--faults", "loss=200%"], &["200%"]);
    refuses(&["sim", "paxos", "--for", "0s"], &["--for"]);
    refuses(&["sim", "paxos", "--for", "soon"], &["soon", "150ms"]);
    refuses(&["sim", "paxos", "--nodes", "0"], &["--nodes"]);
    refuses(&["sim", "pakos"], &["paxos"]);
    refuses(&["sim", "paxos", "--jsonl", "-"], &["a single run", "--seeds 0..1"]);
    refuses(&["simulate"], &["sim"]);
}

#[test]
fn a_trace_that_was_saved_can_be_viewed_and_saved_again_unchanged() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let path = folder.path().join("trace.jsonl");
    let path = path.to_str().expect("temporary folders have plain names");
    quorate(&["run", "duplicates", "--jsonl", path]).assert().success();
    let saved = fs::read(path).expect("it was saved");
    quorate(&["view", path]).assert().success().stdout(contains("Prepare"));
    quorate(&["view", path, "--jsonl", "-"]).assert().success().stdout(saved.clone());
    quorate(&["view", "-", "--jsonl", "-"]).write_stdin(saved.clone()).assert().success().stdout(saved.clone());
    quorate(&["run", "duplicates", "--jsonl", "-"]).assert().success().stdout(saved);
}

#[test]
fn bad_traces_are_refused_with_their_line() {
    let head = r#"{"quorate_trace":1,"protocol":"x","nodes":["n1"],"rules":{}}"#;
    let bad: &[(&str, &[&str])] = &[
        ("", &["line 1"]),
        ("hello\n", &["line 1"]),
        ("{\"quorate_trace\":9}\n", &["line 1", "9"]),
        (&format!("{head}\n{{\"id\":1,\"at\":0,\"kind\":\"pau"), &["line 2"]),
        (&format!("{head}\n{{\"id\":1,\"at\":0,\"kind\":\"paws\",\"node\":\"n1\"}}\n"), &["line 2", "paws", "pause"]),
        (&format!("{head}\n{{\"id\":1,\"at\":0,\"kind\":\"pause\",\"node\":\"n7\"}}\n"), &["line 2", "n7"]),
    ];
    for (text, says) in bad {
        let (_folder, path) = file("bad.jsonl", text);
        refuses(&["view", &path], &[&[path.as_str()], *says].concat());
    }
    refuses(&["view", "."], &["."]);
    refuses(&["view", "no-such-file"], &["no-such-file"]);
}

#[test]
fn an_output_that_cannot_be_written_is_an_error() {
    refuses(&["run", "duplicates", "--jsonl", "no/such/folder/trace.jsonl"], &["no/such/folder/trace.jsonl"]);
}

#[test]
fn a_closed_pipe_is_quiet() {
    for arguments in [&["run", "multi-log", "--why"][..], &["list"], &[], &["run", "multi-log", "--jsonl", "-"]] {
        let mut child = Process::new(assert_cmd::cargo::cargo_bin("quorate"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut first = [0; 10];
        let mut stdout = child.stdout.take().expect("it is piped");
        stdout.read_exact(&mut first).expect("it prints something");
        drop(stdout);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
}

#[test]
fn narrow_terminals_get_the_log() {
    quorate(&["run", "minority-crash"])
        .env("COLUMNS", "40")
        .assert()
        .success()
        .stdout(contains("showing the log instead"));
}

#[test]
fn the_zoo_is_listed_and_a_bug_applied() {
    quorate(&["bugs"]).assert().success().stdout(contains("own-value")).stdout(contains("token-not-checked"));
    quorate(&["bugs", "figure-8"])
        .assert()
        .success()
        .stdout(contains("overrides  Rulebook::leader_commit"))
        .stdout(contains("breaks     invariant LeaderCompleteness"));
    refuses(&["bugs", "figure-9"], &["there is no bug with that id; did you mean 'figure-8'?"]);

    quorate(&["run", "stale-accept", "--bug", "no-promise-check"]).assert().code(1);
    quorate(&["sim", "paxos", "--bug", "own-value", "--faults", "harsh", "--seeds", "0..300"])
        .assert()
        .code(1)
        .stderr(contains("AtMostOneChosen is broken"))
        .stderr(contains("--bug own-value"));
    refuses(&["sim", "raft", "--bug", "own-value"], &["'own-value' is a bug of paxos, not of raft"]);
}

#[test]
fn check_finds_the_shortest_schedule_and_what_the_book_makes_of_it() {
    quorate(&["check", "paxos"])
        .assert()
        .success()
        .stdout(contains("Every invariant held: exhausted at depth 19; 5,395 distinct states"));
    quorate(&["check", "paxos", "--bug", "skip-phase-1"])
        .assert()
        .code(1)
        .stdout(contains("BROKEN AtMostOneChosen"))
        .stdout(contains("Under the correct rulebook the same schedule breaks nothing"))
        .stderr(contains("after 6 steps, AtMostOneChosen is broken"));
    quorate(&["check", "paxos", "--depth", "3"]).assert().code(1).stderr(contains("never reached: v1 is chosen"));
    quorate(&["check", "multi-paxos", "--requests", "1", "--depth", "15"])
        .assert()
        .success()
        .stdout(contains("Every invariant held").and(contains("depth 15 complete")));
    refuses(&["check", "lease", "--ticks", "0"], &["tick"]);
    refuses(&["check", "lease-cash"], &["a similar value exists: 'lease-cache'"]);
    refuses(&["check", "paxos", "--bug", "figure-8"], &["'figure-8' is a bug of raft, not of paxos"]);
}

#[test]
fn a_run_is_saved_in_every_form_and_two_runs_are_compared() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("a plain name").to_owned();
    let [page, svg, mermaid, shiviz, itf] = ["p.html", "p.svg", "p.mmd", "p.log", "p.itf.json"].map(path);
    let forms = ["--html", &page, "--svg", &svg, "--mermaid", &mermaid, "--shiviz", &shiviz, "--itf", &itf];
    quorate(&[&["run", "two-proposers"], &forms[..]].concat()).assert().success();
    let starts = |path: &str, with: &str| assert!(fs::read_to_string(path).unwrap().starts_with(with), "{path}");
    starts(&page, "<!doctype html>");
    starts(&svg, "<svg");
    starts(&mermaid, "sequenceDiagram");
    assert!(!fs::read(&shiviz).unwrap().is_empty() && fs::read_to_string(&itf).unwrap().contains("#meta"));

    let (left, right, both) = (path("left.jsonl"), path("right.jsonl"), path("both.html"));
    for (file, seed) in [(&left, "1..2"), (&right, "2..3")] {
        quorate(&["sim", "paxos", "--seeds", seed, "--jsonl", file]).assert().success();
    }
    quorate(&["diff", &left, &left]).assert().success().stdout(contains("the same, event for event"));
    quorate(&["diff", &left, &right, "--html", &both]).assert().success().stdout(contains("The traces agree on"));
    starts(&both, "<!doctype html>");
    let nowhere = quorate(&["run", "two-proposers", "--svg", &path("no/such/folder.svg")]).assert();
    nowhere.code(2).stderr(contains("folder.svg: ")).stderr(contains("panicked").not());
}

#[test]
fn rust_log_tells_the_steps_on_stderr_under_the_family_of_the_machine() {
    let silent = quorate(&["run", "figure-8"]).env_remove("RUST_LOG").output().expect("it runs");
    assert!(silent.stderr.is_empty());
    for (scenario, target) in
        [("two-proposers", "quorate::paxos"), ("figure-8", "quorate::raft"), ("cache-write-waits", "quorate::lease")]
    {
        let logged = quorate(&["run", scenario]).env("RUST_LOG", "debug").output().expect("it runs");
        let lines = String::from_utf8(logged.stderr).expect("it prints UTF-8");
        assert!(lines.contains("DEBUG") && lines.contains(" INFO"), "{lines}");
        for line in lines.lines() {
            assert!(line.contains(&format!(" {target}: ")), "{line}");
        }
    }
    quorate(&["run", "figure-8"]).env("RUST_LOG", "quorate::paxos=debug").assert().success().stderr(is_empty());
    let loud = quorate(&["run", "figure-8"]).env("RUST_LOG", "quorate=loud").assert();
    loud.code(2)
        .stdout(is_empty())
        .stderr(contains("RUST_LOG is \"quorate=loud\"").and(contains("quorate::raft=debug")));
}

#[test]
fn a_folder_for_tlc_has_the_run_and_the_specification_that_judges_it() {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("a plain name").to_owned();
    for (scenario, module) in [("two-proposers", "Paxos"), ("raft/figure-8-committed", "Raft"), ("renewal", "Lease")] {
        let judged = path(module);
        let said = format!("java -cp tla2tools.jar tlc2.TLC -config {module}Trace.cfg Run");
        quorate(&["run", scenario, "--tla", &judged]).assert().success().stdout(contains(said));
        let read = |name: &str| fs::read_to_string(format!("{judged}/{name}")).expect("it is saved");
        assert!(read("Run.tla").contains(&format!("EXTENDS {module}Trace\n")));
        for name in [format!("{module}.tla"), format!("{module}Trace.tla"), format!("{module}Trace.cfg")] {
            let kept = fs::read_to_string(format!("{}/docs/specs/{name}", env!("CARGO_MANIFEST_DIR")));
            assert_eq!(read(&name), kept.expect("it is kept"), "{name}");
        }
        let again = path("again");
        quorate(&["run", scenario, "--tla", &again]).assert().success();
        assert_eq!(fs::read(format!("{again}/Run.tla")).unwrap(), read("Run.tla").as_bytes(), "{scenario}");
    }
    // The same for a run with a violation.
    let broken = path("broken");
    quorate(&["check", "paxos", "--bug", "skip-phase-1", "--tla", &broken]).assert().code(1);
    assert!(fs::read_to_string(format!("{broken}/Run.tla")).unwrap().contains("\"Propose\""));
    let none = ["there is no TLA+ specification of 'multi-paxos'", "specifications of paxos, raft, lease"];
    refuses(&["sim", "multi-paxos", "--seeds", "0..1", "--tla", &path("none")], &none);
    quorate(&["run", "--help"]).assert().success().stdout(contains("--tla <FOLDER>"));
}
