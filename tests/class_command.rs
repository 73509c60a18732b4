//! Tests of `quorate learn grade-all`: whatever a student hands in, the others get their grades.
//!
//! Most answers here are schedules, which need no compiler; the class of the last tests hands in
//! programs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use quorate::exercises::course::{COURSE, find};
use serde_json::Value;
use tempfile::TempDir;

const ATTACK: &str = "attack-two-values";
const SCHEDULE: &str = include_str!("../exercises/course/attack/two-values/solution.scenario");
const PROGRAM: &str = "paxos-promise";
const PROMISE: &str = include_str!("../exercises/course/paxos/promise/solution.rs");

/// Submissions, and a place for what is made of them.
struct Class {
    folder: TempDir,
}

impl Class {
    fn new(files: &[(&str, &str)]) -> Self {
        let class = Class { folder: tempfile::tempdir().expect("there is room for a folder") };
        for (file, text) in files {
            class.write(file, text);
        }
        class
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.path("submissions").join(file);
        fs::create_dir_all(path.parent().expect("it has a folder")).expect("the folder is writable");
        fs::write(path, text).expect("the folder is writable");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("quorate").expect("the binary is built");
        command
            .args(["learn", "grade-all", "submissions"])
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("NO_COLOR")
            .env("COLUMNS", "80")
            .env("LC_ALL", "C");
        command
    }

    fn grade(&self, arguments: &[&str]) -> Assert {
        self.command(arguments).assert().stderr(contains("panicked").not())
    }

    fn report(&self, student: &str) -> String {
        fs::read_to_string(self.path("reports").join(student).join("report.txt")).expect("there is a report")
    }

    /// Points by student, from the JSON of the class.
    fn points(&self, file: &str) -> BTreeMap<String, u64> {
        let saved = json(&self.path(file));
        let students = saved["students"].as_array().expect("it is a list").iter();
        let points = |student: &Value| {
            let score = student["score"].as_u64().expect("it is a number");
            (student["student"].as_str().expect("it has a name").to_owned(), score)
        };
        students.map(points).collect()
    }
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("it was saved")).expect("it is JSON")
}

fn points(id: &str) -> u64 {
    find(id).expect("the course has it").points.into()
}

/// A line of the table: all of it that belongs to a student.
fn line_of(table: &str, student: &str) -> String {
    let first =
        table.lines().position(|line| line.trim_start().starts_with(&format!("{student} "))).expect("it is there");
    let more = table.lines().skip(first + 1).take_while(|line| line.starts_with("   "));
    table.lines().skip(first).take(1).chain(more).map(str::trim).collect::<Vec<_>>().join(" ")
}

fn said(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).expect("it is text")
}

#[test]
fn each_student_gets_a_report_and_a_line_and_files_for_machines_are_saved() {
    let unplayable = SCHEDULE.replace("release\n", "releese\n");
    let wrong = SCHEDULE.replace("release\n", "");
    let class = Class::new(&[
        ("ada/attack_two_values.scenario", SCHEDULE),
        ("bob/learning/attack_two_values.scenario", &wrong),
        ("dan/attack_two_values.scenario", &unplayable),
        ("eve/notes.txt", "nothing yet"),
        ("late.zip", ""),
    ]);
    let arguments = ["--exercise", ATTACK, "--seed", "77", "--json", "class.json", "--junit", "class.xml"];
    let graded = class.grade(&arguments).success().stderr(is_empty());
    let table = said(&graded);
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    let max = points(ATTACK);
    assert!(
        table.contains(&format!("4 submissions, 1 exercise, {max} points. Seed of the random cases: 77.")),
        "{table}"
    );
    assert_eq!(line_of(&table, "ada"), format!("ada  {max} points: 1 passed"));
    assert!(line_of(&table, "bob").ends_with(&format!("0 points: 1 failed ({ATTACK})")), "{table}");
    assert!(line_of(&table, "dan").ends_with(&format!("1 not compiled ({ATTACK})")), "{table}");
    assert!(line_of(&table, "eve").ends_with("1 not handed in"), "{table}");
    assert!(table.contains("Not a folder, and not graded: late.zip."), "{table}");

    assert_eq!(class.points("class.json").into_values().collect::<Vec<_>>(), [max, 0, 0, 0]);
    let saved = json(&class.path("class.json"));
    assert_eq!((&saved["seed"], &saved["max_score"]), (&Value::from(77), &Value::from(max)));
    assert_eq!(saved["students"][0]["tests"][0]["status"], "passed");
    let xml = fs::read_to_string(class.path("class.xml")).expect("it was saved");
    assert!(
        xml.contains("<testsuites name=\"quorate\" tests=\"4\" failures=\"2\" errors=\"0\" skipped=\"1\">"),
        "{xml}"
    );

    // Each student has the points in the format of Gradescope, and the page of a failure.
    assert_eq!(json(&class.path("reports/ada/results.json"))["score"], max);
    assert!(class.report("ada").starts_with(&format!("ada: {max} of {max} points\n")), "{}", class.report("ada"));
    let failed = class.report("bob");
    assert!(failed.contains("FAILED") && failed.contains(&format!("Page: {ATTACK}.html")), "{failed}");
    assert!(class.path(&format!("reports/bob/{ATTACK}.html")).exists());
    assert!(class.report("dan").contains("did you mean 'release'?"), "{}", class.report("dan"));
    assert!(class.report("eve").contains("not handed in"), "{}", class.report("eve"));
}

#[test]
fn reports_tell_neither_the_seed_nor_the_graders_folders() {
    let class = Class::new(&[("bob/attack_two_values.scenario", &SCHEDULE.replace("release\n", ""))]);
    class.grade(&["--exercise", ATTACK, "--seed", "987654321"]).success().stdout(contains("987654321"));
    let temporary = std::env::temp_dir().display().to_string();
    for file in ["report.txt", "results.json", &format!("{ATTACK}.html")] {
        let text = fs::read_to_string(class.path("reports/bob").join(file)).expect("it is there");
        assert!(!text.contains("987654321") && !text.contains(&temporary), "{file}: {text}");
    }
    // The submission is as it was.
    let files: Vec<_> = fs::read_dir(class.path("submissions/bob")).expect("it is there").collect();
    assert_eq!(files.len(), 1);
}

#[test]
fn the_same_seed_gives_the_same_bytes_also_one_student_at_a_time() {
    let class = Class::new(&[
        ("ada/attack_two_values.scenario", SCHEDULE),
        ("bob/attack_two_values.scenario", &SCHEDULE.replace("release\n", "")),
    ]);
    let common = ["--exercise", ATTACK, "--seed", "7"];
    let run = |more: &[&str]| class.grade(&[&common[..], more].concat()).success();
    run(&["--junit", "one.xml", "--json", "one.json"]);
    run(&["--junit", "two.xml", "--json", "two.json", "--reports", "again"]);
    for (one, two) in [("one.xml", "two.xml"), ("one.json", "two.json"), ("reports/bob", "again/bob")] {
        let text = |path: &str| {
            let path = class.path(path);
            fs::read(if path.is_dir() { path.join("report.txt") } else { path }).expect("it was saved")
        };
        assert_eq!(text(one), text(two), "{one}");
    }
    run(&["--only", "bob", "--json", "bob.json"])
        .stdout(contains("1 submission, 1 exercise").and(contains("ada").not()));
    assert_eq!(json(&class.path("bob.json"))["students"][0], json(&class.path("one.json"))["students"][1]);
}

#[test]
fn on_the_standard_output_a_machine_finds_nothing_else() {
    let class = Class::new(&[("ada/attack_two_values.scenario", SCHEDULE)]);
    let printed = said(&class.grade(&["--exercise", ATTACK, "--json", "-"]).success());
    let printed: Value = serde_json::from_str(&printed).expect("nothing else is printed");
    assert_eq!(printed["students"][0]["student"], "ada");
    let printed = said(&class.grade(&["--exercise", ATTACK, "--junit", "-"]).success());
    assert!(printed.starts_with("<?xml") && printed.ends_with("</testsuites>\n"), "{printed}");
}

#[test]
fn what_cannot_be_graded_is_refused_with_a_word_on_what_to_do() {
    let class = Class::new(&[("ada/attack_two_values.scenario", SCHEDULE)]);
    let refused = |arguments: &[&str], says: &str| {
        class.grade(arguments).code(2).stdout(is_empty()).stderr(contains(says));
        assert!(!class.path("learning").exists(), "grade-all made a folder of exercises");
    };
    refused(&["--only", "adda"], "has no folder 'adda'; did you mean 'ada'?");
    refused(&["--exercise", "attack-two-value"], "did you mean 'attack-two-values'?");
    refused(&["--reports", "submissions/reports"], "the reports would be among the submissions");
    refused(&["--reports", "submissions"], "the reports would be among the submissions");
    refused(&["--json", "-", "--junit", "-"], "cannot both go to the standard output");
    refused(&["--time-limit", "0"], "0");
    fs::remove_dir_all(class.path("submissions/ada")).expect("it is there");
    refused(&[], "has no folders; put the answers of each student into one");
    fs::remove_dir_all(class.path("submissions")).expect("it is there");
    refused(&[], "submissions");
}

#[test]
fn a_submission_that_is_too_large_costs_the_others_nothing() {
    let class = Class::new(&[
        ("ada/attack_two_values.scenario", SCHEDULE),
        ("bob/attack_two_values.scenario", SCHEDULE),
        ("eve/attack_two_values.scenario", SCHEDULE),
    ]);
    let large = fs::File::create(class.path("submissions/bob/large.bin")).expect("the folder is writable");
    large.set_len(1 << 30).expect("files can be sparse");
    let graded = class.grade(&["--exercise", ATTACK, "--json", "class.json"]).code(1);
    let graded = graded.stderr(contains("1 submission not graded completely; the reports say why"));
    assert!(line_of(&said(&graded), "bob").ends_with(&format!("1 not graded ({ATTACK})")));
    assert!(class.report("bob").contains("the folder of bob has more than"), "{}", class.report("bob"));
    assert_eq!(class.points("class.json").into_values().collect::<Vec<_>>(), [points(ATTACK), 0, points(ATTACK)]);
}

/// A file that another student has made unreadable, or a link to the answer of one who is right.
#[cfg(unix)]
#[test]
fn answers_of_others_cannot_be_borrowed_by_links() {
    let class = Class::new(&[("ada/attack_two_values.scenario", SCHEDULE), ("bob/readme.txt", "")]);
    let link = class.path("submissions/bob/attack_two_values.scenario");
    std::os::unix::fs::symlink(class.path("submissions/ada/attack_two_values.scenario"), link)
        .expect("there are links");
    class.grade(&["--exercise", ATTACK, "--json", "class.json"]).success();
    assert_eq!(class.points("class.json").into_values().collect::<Vec<_>>(), [points(ATTACK), 0]);
    let says = "not taken: attack_two_values.scenario: it is a link";
    assert!(class.report("bob").contains(says), "{}", class.report("bob"));
}

#[test]
fn without_a_choice_the_whole_course_is_graded() {
    let class = Class::new(&[("ada/attack_two_values.scenario", SCHEDULE)]);
    let graded = class.grade(&["--exercise", ATTACK, "--exercise", "attack-old-value"]).success();
    assert!(line_of(&said(&graded), "ada").ends_with("1 passed, 1 not handed in"));
    let graded = said(&class.grade(&[]).success());
    assert!(graded.contains(&format!("1 submission, {} exercises", COURSE.len())), "{graded}");
    assert!(line_of(&graded, "ada").ends_with(&format!("1 passed, {} not handed in", COURSE.len() - 1)), "{graded}");
}

/// The promise exercise, with this decision and more code.
fn promise(decides: &str, more: &str) -> String {
    assert!(PROMISE.contains("Rulebook { promise }"), "the solution has changed");
    let text = PROMISE.replace("Rulebook { promise }", &format!("Rulebook {{ promise: {decides} }}"));
    format!("{text}\n{more}\n")
}

/// A right, a wrong, a hanging, a non-compiling, and several cheating students, in one class.
#[test]
fn who_hangs_does_not_compile_floods_or_cheats_changes_nobody_elses_grade() {
    let class = Class::new(&[]);
    let other = class.path("submissions/ada/paxos_promise.rs");
    let answers: Vec<(&str, String, &str)> = vec![
        ("ada", PROMISE.to_owned(), "1 passed"),
        ("bob", promise("|_, _, _| Allow(PaxosRule::PromiseHigher)", ""), "1 failed (paxos-promise)"),
        ("claims", boasting(), "1 failed (paxos-promise)"),
        ("exits", promise("|_, _, _| { println!(\"Solved: 10 points.\"); std::process::exit(0) }", ""), "1 stopped"),
        ("floods", promise("|_, _, _| loop { println!(\"{}\", \"x\".repeat(10_000)) }", ""), "1 stopped"),
        ("hangs", promise("|_, _, _| loop { std::hint::black_box(0); }", ""), "1 stopped"),
        ("kills", promise(KILLS, ""), "1 stopped"),
        (
            "peeks",
            promise(&format!("|a, b, c| {{ std::fs::read({other:?}).unwrap(); promise(a, b, c) }}"), ""),
            "1 stopped",
        ),
        ("spells", promise("|_, _, _| Alow(PaxosRule::PromiseHigher)", ""), "1 not compiled"),
        ("takes", format!("include!({other:?});\n"), "1 not compiled"),
        (
            "threads",
            promise("|_, _, _| std::thread::spawn(|| Refuse(PaxosRule::RefusePrepare)).join().unwrap()", ""),
            "1 stopped",
        ),
        ("zoe", PROMISE.to_owned(), "1 passed"),
    ];
    for (student, text, _) in &answers {
        class.write(&format!("{student}/paxos_promise.rs"), text);
    }
    let arguments = ["--exercise", PROGRAM, "--seed", "5", "--json", "class.json", "--junit", "class.xml"];
    let graded = class.grade(&arguments).success();
    let table = said(&graded);
    let got = class.points("class.json");
    for (student, _, word) in &answers {
        let earned = if *word == "1 passed" { points(PROGRAM) } else { 0 };
        assert_eq!(got[*student], earned, "{student}: {}\n{table}", class.report(student));
        assert!(line_of(&table, student).contains(word), "{student}: {table}\n{}", class.report(student));
        let solved = class.report(student).lines().filter(|line| line.starts_with("Solved")).count();
        assert_eq!(solved, usize::from(earned > 0), "{}", class.report(student));
        // Nobody reads in a report of what another has handed in.
        let is_mine = *student == "ada" || *student == "zoe";
        assert!(is_mine || !class.report(student).contains("if asked < promised"), "{}", class.report(student));
    }
    assert!(class.report("hangs").contains("did not respond for 20 seconds"), "{}", class.report("hangs"));
    assert!(class.report("floods").contains("it printed more than 2 MB"), "{}", class.report("floods"));
    assert!(class.report("spells").contains("Alow"), "{}", class.report("spells"));
    let largest = answers.iter().map(|(student, ..)| class.report(student).len()).max().unwrap_or_default();
    assert!(largest < 100_000, "a report of {largest} bytes");
}

/// Prints a verdict before each answer.
fn boasting() -> String {
    promise("|_, _, _| { println!(\"Solved: 10 points.\"); Refuse(PaxosRule::RefusePrepare) }", "")
}

/// Tries to end the grader, by the tools that a system has for it.
const KILLS: &str = r#"|_, _, _| {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:")).unwrap().trim().to_owned();
    std::process::Command::new("kill").args(["-9", &parent]).status().unwrap();
    Refuse(PaxosRule::RefusePrepare)
}"#;
