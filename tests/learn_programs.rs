//! `quorate learn grade` and answers that are programs: built from the learner's folder by cargo, started, asked, judged.
//!
//! One folder serves all of them, so that what answers depend on is built once. What hostile programs do once they run is tried in the
//! tests of the exercises.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use quorate::exercises::course::find;
use tempfile::TempDir;

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let desk = Desk(folder);
        desk.learn(&[]).assert().success();
        desk
    }

    fn learn(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("quorate").expect("the binary is built");
        command.arg("learn").arg("--desk").arg(self.0.path()).args(arguments).env("COLUMNS", "100");
        command
    }

    fn file(&self, id: &str) -> PathBuf {
        self.0.path().join(find(id).expect("the course has it").file())
    }

    /// Grades a text as the answer to an exercise.
    fn grade(&self, id: &str, text: &str) -> assert_cmd::assert::Assert {
        fs::write(self.file(id), text).expect("the folder is writable");
        self.learn(&["grade", id, "--seed", "5"]).assert()
    }
}

const PROMISE: &str = include_str!("../exercises/course/paxos/promise/solution.rs");

/// The solution of the promise, with something before it, and its decision in the hands of something else.
fn promise(before: &str, decides: &str) -> String {
    let whole = format!("{before}\n{PROMISE}");
    whole.replace("promise: Some(promise)", &format!("promise: Some({decides})"))
}

#[test]
fn solutions_of_every_kind_pass_through_the_pipe() {
    let desk = Desk::new();
    for (id, solution) in [
        ("paxos-promise", PROMISE),
        ("raft-commit", include_str!("../exercises/course/raft/commit/solution.rs")),
        ("lease-drift", include_str!("../exercises/course/lease/drift/solution.rs")),
        ("at-most-once", include_str!("../exercises/course/network/at-most-once/solution.rs")),
        ("build-paxos", include_str!("../exercises/course/build/paxos/solution.rs")),
        ("test-promises", include_str!("../exercises/course/test/promises/solution.rs")),
    ] {
        let points = find(id).expect("the course has it").points;
        desk.grade(id, solution).success().stdout(contains(format!("Solved: {points} points.")));
    }
}

#[test]
fn what_is_forged_borrowed_or_hidden_earns_nothing() {
    let desk = Desk::new();
    // The gap is still there.
    let skeleton = find("paxos-promise").expect("the course has it").skeleton;
    desk.grade("paxos-promise", skeleton).code(1).stdout(contains("there is still a gap"));
    // A report of its own.
    let forged = include_str!("../exercises/examples/forges.rs");
    desk.grade("paxos-promise", forged).code(1).stdout(contains("999").not().and(contains("Solved").not()));
    // A verdict on the standard output is told as what it is, and is not in the way of the results.
    let boasts = include_str!("../exercises/examples/boasts.rs").replace("quorate_answer", "quorate_exercises");
    let said = desk.grade("paxos-promise", &boasts).code(1).stdout(contains("Your answer printed:\n  | Solved: 10"));
    let said = String::from_utf8(said.get_output().stdout.clone()).expect("it is text");
    assert!(!said.lines().any(|line| line.starts_with("Solved")), "{said}");
    let results = desk.learn(&["grade", "paxos-promise", "--json", "-"]).assert().code(1);
    let results: serde_json::Value =
        serde_json::from_slice(&results.get_output().stdout).expect("nothing else is there");
    assert_eq!(results["score"], 0);
    // The reference: by its name, by that of the whole project, through the crate that answers are written with.
    for (before, decides) in [
        ("extern crate quorate;", "|p, a, b| quorate::paxos::Rulebook::promise(&quorate::paxos::ByTheBook, p, a, b)"),
        (
            "extern crate quorate_paxos;",
            "|p, a, b| quorate_paxos::Rulebook::promise(&quorate_paxos::ByTheBook, p, a, b)",
        ),
        ("use quorate_exercises::paxos::{ByTheBook, Rulebook};", "|p, a, b| ByTheBook.promise(p, a, b)"),
        ("", "|p, a, b| quorate_exercises::paxos::Rulebook::promise(&quorate_exercises::paxos::ByTheBook, p, a, b)"),
    ] {
        desk.grade("paxos-promise", &promise(before, decides)).code(1).stdout(contains("error[E"));
    }
    // The text of the reference, or of anything else that is not in the folder.
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let license = root.join("LICENSE-MIT");
    for before in [
        format!("const TEXT: &str = include_str!({license:?});"),
        format!("#[path = {:?}]\npub mod rule;", root.join("protocol/src/rule.rs")),
    ] {
        desk.grade("paxos-promise", &promise(&before, "promise"))
            .code(1)
            .stdout(contains("which is not in your folder"));
    }
    // Modules beside it are its own.
    fs::write(desk.0.path().join("beside.rs"), "pub const ONE: u64 = 1;\n").expect("the folder is writable");
    let beside = promise("#[path = \"beside.rs\"]\npub mod beside;", "promise");
    desk.grade("paxos-promise", &beside).success();
    // What the compiler cannot vouch for.
    let unsafe_code =
        promise("fn peek() -> u8 { unsafe { *std::ptr::NonNull::<u8>::dangling().as_ptr() } }", "promise");
    desk.grade("paxos-promise", &unsafe_code).code(1).stdout(contains("unsafe"));
    // What cargo would do with the folder, were it not told.
    let was_here = desk.0.path().join("was-here");
    let script = format!("fn main() {{ std::fs::write({was_here:?}, \"\").unwrap() }}");
    fs::write(desk.0.path().join("build.rs"), script).expect("the folder is writable");
    fs::create_dir(desk.0.path().join(".cargo")).expect("the folder is writable");
    let wrapper = "[build]\nrustc-wrapper = \"/nowhere/wrapper\"\n";
    fs::write(desk.0.path().join(".cargo/config.toml"), wrapper).expect("the folder is writable");
    desk.grade("paxos-promise", PROMISE).success();
    assert!(!was_here.exists(), "the build script was run");
}

/// An answer dies with its grader, whatever becomes of that.
#[cfg(target_os = "linux")]
#[test]
fn an_answer_does_not_outlive_a_grader_that_is_killed() {
    let desk = Desk::new();
    let endless = include_str!("../exercises/examples/endless.rs").replace("quorate_answer", "quorate_exercises");
    fs::write(desk.file("paxos-promise"), endless).expect("the folder is writable");
    let mut grader = Process::new(assert_cmd::cargo::cargo_bin("quorate"))
        .arg("learn")
        .arg("--desk")
        .arg(desk.0.path())
        .args(["grade", "paxos-promise"])
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    let answers = || -> Vec<PathBuf> {
        let children = format!("/proc/{0}/task/{0}/children", grader.id());
        let children = fs::read_to_string(children).unwrap_or_default();
        let exe = |child: &str| fs::read_link(format!("/proc/{child}/exe")).ok();
        let is_answer = |child: &&str| exe(child).is_some_and(|exe| exe.ends_with("debug/paxos-promise"));
        children.split_whitespace().filter(is_answer).map(|child| Path::new("/proc").join(child)).collect()
    };
    let until = |what: &str, holds: &dyn Fn() -> bool| {
        let began = Instant::now();
        while !holds() {
            assert!(began.elapsed() < Duration::from_secs(120), "{what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    until("the answer never started", &|| !answers().is_empty());
    let answers = answers();
    grader.kill().expect("it is there");
    grader.wait().expect("it ends");
    let is_gone = |answer: &PathBuf| {
        let state = fs::read_to_string(answer.join("stat")).unwrap_or_default();
        state.is_empty() || state.contains(") Z ")
    };
    until("the answer outlives its grader", &|| answers.iter().all(is_gone));
}
