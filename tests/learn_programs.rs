//! Tests of `quorate learn grade` with answers that are programs: built from the learner's folder
//! by cargo, started, queried and graded.
//!
//! The dependencies of answers are built once, for all folders. The behaviour of hostile programs
//! at run time is tested in the tests of the exercises.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use quorate::exercises::Exercise;
use quorate::exercises::course::find;
use serde_json::Value;
use tempfile::TempDir;

struct Workspace(TempDir);

impl Workspace {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let workspace = Workspace(folder);
        workspace.learn(&[]).assert().success();
        workspace
    }

    fn learn(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("quorate").expect("the binary is built");
        command.env("LC_ALL", "C").arg("learn").arg("--dir").arg(self.0.path()).args(arguments).env_remove("COLUMNS");
        command
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).expect("the folder is writable");
    }

    /// Grades a text as the answer to an exercise.
    fn grade(&self, exercise: &Exercise, text: &str) -> assert_cmd::assert::Assert {
        self.write(&exercise.file(), text);
        self.learn(&["grade", exercise.id, "--seed", "5", "--json"]).arg(self.path("results.json")).assert()
    }

    /// Points of the last grading.
    fn points(&self) -> u64 {
        let results = fs::read(self.path("results.json")).expect("they are saved");
        let results: Value = serde_json::from_slice(&results).expect("they are JSON");
        results["score"].as_u64().expect("it is a number")
    }
}

fn exercise(id: &str) -> &'static Exercise {
    find(id).expect("the course has it")
}

const PROMISE: &str = include_str!("../exercises/course/paxos/promise/solution.rs");

/// The solution of the promise exercise, with additional code, and with its decision replaced.
fn promise(beside: &str, decides: &str) -> String {
    assert!(PROMISE.contains("Rulebook { promise }"), "the solution has changed");
    format!("{PROMISE}\n{beside}\n").replace("Rulebook { promise }", &format!("Rulebook {{ promise: {decides} }}"))
}

/// Both folders are graded concurrently, with the same names: each by its own content.
#[test]
fn solutions_of_every_kind_pass_while_other_answers_to_the_same_fail() {
    let kinds = [
        ("paxos-promise", PROMISE),
        ("raft-commit", include_str!("../exercises/course/raft/commit/solution.rs")),
        ("lease-drift", include_str!("../exercises/course/lease/drift/solution.rs")),
        ("at-most-once", include_str!("../exercises/course/network/at-most-once/solution.rs")),
        ("build-paxos", include_str!("../exercises/course/build/paxos/solution.rs")),
        ("test-promises", include_str!("../exercises/course/test/promises/solution.rs")),
    ]
    .map(|(id, solution)| (exercise(id), solution));
    let (right, wrong) = (Workspace::new(), Workspace::new());
    for (exercise, solution) in kinds {
        thread::scope(|scope| {
            scope.spawn(|| {
                wrong.grade(exercise, exercise.skeleton).code(1).stdout(contains("still contains `unfinished!`"));
                assert_eq!(wrong.points(), 0, "{}", exercise.id);
            });
            let solved = format!("Solved: {} points.", exercise.points);
            right.grade(exercise, solution).success().stdout(contains(solved));
            assert_eq!(right.points(), u64::from(exercise.points), "{}", exercise.id);
        });
    }
}

#[test]
fn a_file_that_hands_in_nothing_is_told_so() {
    let workspace = Workspace::new();
    let promises = exercise("paxos-promise");
    let line = "hand_in!(\"paxos-promise\", Rulebook { promise });";
    let says = format!("paxos_promise.rs has no `hand_in!`, so it hands in nothing; end it with this line: {line}");
    assert!(PROMISE.contains(line), "the solution has changed");
    for text in [String::new(), PROMISE.replace(line, ""), PROMISE.replace(line, &format!("// {line}"))] {
        workspace.grade(promises, &text).code(1).stdout(contains(says.as_str()).and(contains("E0601").not()));
    }
    // Other errors are told, too.
    let broken = PROMISE.replace(line, "fn more() -> u8 { \"\" }");
    workspace.grade(promises, &broken).code(1).stdout(contains(says.as_str()).and(contains("E0308")));
    workspace.grade(promises, "fn main() { println!(\"ready\") }").code(1).stdout(contains(says.as_str()));
}

const BOASTS: &str = r#"
use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

fn promise(_: Option<Ballot>, _: Option<Ballot>, _: Ballot) -> Ruling<PaxosRule> {
    println!("Solved: 10 points.");
    Refuse(PaxosRule::RefusePrepare)
}

hand_in!("paxos-promise", Rulebook { promise });
"#;

#[test]
fn what_is_forged_borrowed_or_hidden_earns_nothing() {
    let workspace = Workspace::new();
    let fails = |text: &str, says: &[&str]| {
        let said = workspace.grade(exercise("paxos-promise"), text).code(1);
        let said = String::from_utf8(said.get_output().stdout.clone()).expect("it is text");
        assert!(says.iter().all(|says| said.contains(says)), "{says:?} is not all in\n{said}");
        assert!(!said.lines().any(|line| line.starts_with("Solved")), "{said}");
        assert_eq!(workspace.points(), 0, "{said}");
    };
    // Forges a report.
    fails(include_str!("../exercises/tests/programs/forges-ahead.rs"), &["paxos-promise"]);
    // Prints a verdict, which is shown as the answer's output.
    fails(BOASTS, &["Your answer printed:\n  | Solved: 10 points.", "FAILED"]);
    // Uses the reference solution: by its name, by that of the whole project, through the crate for
    // answers.
    fails(&promise("extern crate quorate;", "promise"), &["can't find crate for `quorate`"]);
    fails(&promise("extern crate quorate_paxos;", "promise"), &["can't find crate for `quorate_paxos`"]);
    let borrows = "|p, a, b| {
        quorate::paxos::BY_THE_BOOK.promise(p, a, b);
        quorate_paxos::BY_THE_BOOK.promise(p, a, b);
        quorate_exercises::paxos::BY_THE_BOOK.promise(p, a, b)
    }";
    fails(&promise("", borrows), &["crate `quorate`", "crate `quorate_paxos`", "`BY_THE_BOOK`"]);
    // The rulebook type for answers contains nothing but their own functions.
    let borrows = "|p, a, b| quorate_exercises::paxos::Rulebook::default().promise(p, a, b)";
    fails(&promise("", borrows), &["named `default` found for struct", "Rulebook"]);
    // Includes the source of the reference or another file outside the folder, or the grader's
    // environment.
    let rule = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocol/src/rule.rs");
    fails(
        &promise(&format!("const TEXT: &str = include_str!({rule:?});"), "promise"),
        &["which is not in your folder"],
    );
    fails(&promise("const PATH: &str = env!(\"PATH\");", "promise"), &["the environment variable PATH"]);
    // Uses unsafe code.
    fails(
        &promise("fn peek() -> u8 { unsafe { *std::ptr::NonNull::<u8>::dangling().as_ptr() } }", "promise"),
        &["unsafe"],
    );
}

#[test]
fn a_folder_that_was_handed_in_is_judged_by_its_answers_and_brings_no_settings() {
    let workspace = Workspace::new();
    let promises = exercise("paxos-promise");
    workspace.grade(promises, promises.skeleton).code(1);
    // Files that cargo would use in the folder by default.
    let was_here = workspace.path("was-here");
    workspace.write("build.rs", &format!("fn main() {{ std::fs::write({was_here:?}, \"\").unwrap() }}"));
    workspace.write("Cargo.toml", "[package]\nname = \"mine\"\nbuild = \"build.rs\"\n");
    fs::create_dir(workspace.path(".cargo")).expect("the folder is writable");
    workspace.write(".cargo/config.toml", "[build]\nrustc-wrapper = \"/nowhere/wrapper\"\n");
    // Modules beside an answer belong to it.
    workspace.write("beside.rs", "pub const ONE: u64 = 1;\n");
    workspace.write(&promises.file(), &promise("#[path = \"beside.rs\"]\npub mod beside;", "promise"));
    // Extracted from an archive: older than the previous build.
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let file = File::options().write(true).open(workspace.path(&promises.file())).expect("it is there");
    file.set_modified(long_ago).expect("files have dates");
    drop(file);
    workspace.learn(&["grade", promises.id]).assert().success().stdout(contains("Solved: 10 points."));
    assert!(!was_here.exists(), "the build script was run");
}

/// A submitted folder may contain links that make the grader read or write elsewhere.
#[cfg(unix)]
#[test]
fn links_lead_nowhere() {
    use std::os::unix::fs::symlink;

    let (workspace, elsewhere) = (Workspace::new(), tempfile::tempdir().expect("there is room for a folder"));
    let secret = elsewhere.path().join("secret");
    fs::write(&secret, "secret\n").expect("the folder is writable");
    let attack = exercise("attack-two-values");
    for file in [attack.file(), "failures/attack-two-values.json".to_owned()] {
        let _ = fs::remove_file(workspace.path(&file));
        symlink(&secret, workspace.path(&file)).expect("there are links");
    }
    let grade =
        |code: i32| workspace.learn(&["grade", attack.id]).assert().code(code).stdout(contains("secret\n").not());
    grade(1).stdout(contains("it is not a regular file of the folder"));
    fs::remove_file(workspace.path(&attack.file())).expect("it is there");
    workspace.write(&attack.file(), attack.skeleton);
    grade(1);
    fs::remove_file(workspace.path("Cargo.toml")).expect("it is there");
    symlink(&secret, workspace.path("Cargo.toml")).expect("there are links");
    grade(2).stderr(contains("Cargo.toml: it is a symbolic link"));
    assert_eq!(fs::read_to_string(&secret).expect("it is there"), "secret\n");
}
