//! Tests of the `quorate learn` command, for learners and teachers. All answers here are schedules:
//! they need no compiler, so the command is tested and not cargo. Answers that are programs are
//! graded in `.ci/run` and in the tests of the exercises.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command as Process, Stdio};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty, starts_with};
use quorate::exercises::course::{COURSE, find};
use quorate::exercises::{Exercise, Language};
use serde_json::Value;
use tempfile::TempDir;

/// The exercise whose answer the tests submit, and its file.
const ATTACK: &str = "attack-two-values";
const FILE: &str = "attack_two_values.scenario";
const SOLUTION: &str = include_str!("../exercises/course/attack/two-values/solution.scenario");

/// A folder of exercises, created by `quorate learn`.
fn workspace() -> TempDir {
    let workspace = tempfile::tempdir().expect("there is room for a folder");
    learn(&workspace, &[]).success();
    workspace
}

fn command(workspace: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("quorate").expect("the binary is built");
    command
        .arg("learn")
        .arg("--dir")
        .arg(workspace.path())
        .args(arguments)
        .env_remove("COLUMNS")
        .env_remove("NO_COLOR")
        .env("LC_ALL", "C");
    command
}

fn learn(workspace: &TempDir, arguments: &[&str]) -> assert_cmd::assert::Assert {
    command(workspace, arguments).assert().stdout(contains("\u{1b}").not()).stderr(contains("panicked").not())
}

fn attack() -> &'static Exercise {
    find(ATTACK).expect("the course has it")
}

/// Writes a file of the folder.
fn hand_in(workspace: &TempDir, file: &str, text: &str) {
    fs::write(workspace.path().join(file), text).expect("the folder is writable");
}

fn json(path: impl AsRef<Path>) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("it was saved")).expect("it is JSON")
}

#[test]
fn the_first_call_makes_a_file_for_each_exercise_and_says_which_comes_first() {
    let workspace = tempfile::tempdir().expect("there is room for a folder");
    let first = &COURSE[0];
    let none = format!("0 of {} solved", COURSE.len());
    learn(&workspace, &[]).success().stdout(contains(none).and(contains(format!("Next: {}.", first.id))));
    for exercise in COURSE {
        let text = fs::read_to_string(workspace.path().join(exercise.file())).expect("there is a file for each");
        assert_eq!(text, exercise.skeleton, "{}", exercise.id);
    }
}

/// The same command, in another current directory, which it uses by default.
fn learn_in(folder: &Path, arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("quorate").expect("the binary is built");
    command.arg("learn").args(arguments).current_dir(folder).env_remove("COLUMNS").env("LC_ALL", "C").assert()
}

#[test]
fn it_says_where_the_files_are_and_that_it_made_them() {
    let place = tempfile::tempdir().expect("there is room for a folder");
    let files = place.path().canonicalize().expect("it is there").join("learning");
    let files = files.to_str().expect("temporary folders have plain names");
    let made = format!("put {} exercises, a file each, into {files}", COURSE.len());
    learn_in(place.path(), &["next"]).success().stderr(contains(made.as_str()));
    learn_in(place.path(), &[]).success().stdout(contains(format!("Your files: {files}"))).stderr(is_empty());
}

#[test]
fn a_folder_with_other_files_is_left_alone_unless_one_says_yes() {
    let place = tempfile::tempdir().expect("there is room for a folder");
    fs::write(place.path().join("letter.txt"), "").expect("the folder is writable");
    fs::write(place.path().join("Cargo.toml"), "[workspace]\n").expect("the folder is writable");
    let files = || fs::read_dir(place.path()).expect("it is there").count();
    for arguments in [&["--dir", "."][..], &["--dir", ".", "list"], &["grade", "--all", "--dir", "."]] {
        let says = "has files that are not of the course, such as Cargo.toml";
        learn_in(place.path(), arguments).code(2).stderr(contains(says).and(contains("--yes"))).stdout(is_empty());
        assert_eq!(files(), 2);
    }
    fs::remove_file(place.path().join("Cargo.toml")).expect("it is there");
    learn_in(place.path(), &["--dir", ".", "--yes"]).success();
    assert!(files() > COURSE.len());
    // Now it has exercises, like a folder that was handed in without anything else.
    learn_in(place.path(), &["--dir", "."]).success();
    fs::create_dir(place.path().join("handed-in")).expect("the folder is writable");
    fs::write(place.path().join("handed-in").join(FILE), SOLUTION).expect("the folder is writable");
    learn_in(place.path(), &["--dir", "handed-in", "grade", ATTACK]).success();
}

#[test]
fn what_the_learner_wrote_is_never_overwritten() {
    let workspace = workspace();
    hand_in(&workspace, FILE, "# mine\n");
    learn(&workspace, &[]).success();
    assert_eq!(fs::read_to_string(workspace.path().join(FILE)).expect("it is there"), "# mine\n");
}

#[test]
fn the_list_has_every_exercise_with_its_points_and_marks_what_is_solved() {
    let workspace = workspace();
    hand_in(&workspace, FILE, SOLUTION);
    learn(&workspace, &["grade", ATTACK]).success();
    let output = learn(&workspace, &["list"]).success().get_output().stdout.clone();
    let list = String::from_utf8(output).expect("it is text");
    for exercise in COURSE {
        let line = list.lines().find(|line| line.split_whitespace().any(|word| word == exercise.id));
        let line = line.unwrap_or_else(|| panic!("{} is missing in\n{list}", exercise.id));
        assert!(line.contains(&format!("{} points", exercise.points)) && line.ends_with(exercise.title), "{line}");
        assert_eq!(line.trim_start().starts_with("solved"), exercise.id == ATTACK, "{line}");
    }
}

#[test]
fn an_exercise_is_shown_with_its_page_and_its_file() {
    let workspace = workspace();
    learn(&workspace, &["show", ATTACK])
        .success()
        .stdout(contains(attack().page(Language::English).trim_end()).and(contains(FILE)));
    // Without an id it shows the next exercise.
    learn(&workspace, &["show"]).success().stdout(contains(COURSE[0].page(Language::English).trim_end()));
}

#[test]
fn the_language_is_that_of_the_option_or_of_the_locale() {
    let workspace = workspace();
    let chinese = attack().page(Language::Chinese).lines().next().expect("it has a title");
    learn(&workspace, &["--lang", "zh", "show", ATTACK]).success().stdout(contains(chinese).and(contains(FILE)));
    learn(&workspace, &["hint", ATTACK, "--lang", "zh"]).success().stdout(contains("，").or(contains("。")));
    let of_locale = |name: &str, locale: &str| {
        let mut command = command(&workspace, &["show", ATTACK]);
        command.env_remove("LC_ALL").env_remove("LC_MESSAGES").env_remove("LANG").env(name, locale);
        command.assert().success()
    };
    of_locale("LANG", "zh_CN.UTF-8").stdout(contains(chinese));
    of_locale("LC_ALL", "zh_TW").stdout(contains(chinese));
    of_locale("LANG", "de_DE.UTF-8").stdout(contains(chinese).not());
    let unknown = "the course is not written in 'de': choose en (English) or zh (Chinese)";
    learn(&workspace, &["--lang", "de", "show"]).code(2).stderr(contains(unknown));
}

#[test]
fn hints_get_plainer_and_the_last_one_stays() {
    let workspace = workspace();
    let levels = attack().hints(Language::English).levels;
    assert_eq!(levels.len(), 3);
    for (number, level) in (1..).zip(&levels) {
        let head = format!("{ATTACK}, hint {number} of 3:");
        learn(&workspace, &["hint", ATTACK]).success().stdout(starts_with(head).and(contains(level.trim_end())));
    }
    learn(&workspace, &["hint", ATTACK]).success().stdout(contains("hint 3 of 3"));
    assert_eq!(json(workspace.path().join("progress.json"))["exercises"][ATTACK]["hints"], 3);
}

#[test]
fn a_grading_says_what_is_missing_and_then_that_it_is_solved() {
    let workspace = workspace();
    let file = workspace.path().join(FILE);
    let unsolved = learn(&workspace, &["grade", ATTACK, "--seed", "5"]).code(1);
    unsolved.stdout(contains(file.to_str().expect("temporary folders have plain names")));
    hand_in(&workspace, FILE, SOLUTION);
    let solved = format!("Solved: {} points. Seed of the random cases: 5.", attack().points);
    learn(&workspace, &["grade", ATTACK, "--seed", "5"]).success().stdout(contains(solved));
    learn(&workspace, &[]).success().stdout(contains(format!("1 of {} solved", COURSE.len())));
    // The progress is updated if an exercise is no longer solved.
    hand_in(&workspace, FILE, attack().skeleton);
    learn(&workspace, &["grade", ATTACK]).code(1);
    learn(&workspace, &[]).success().stdout(contains(format!("0 of {} solved", COURSE.len())));
    assert_eq!(json(workspace.path().join("progress.json"))["exercises"][ATTACK]["gradings"], 3);
}

#[test]
fn the_same_seed_gives_the_same_words() {
    let workspace = workspace();
    hand_in(&workspace, FILE, &SOLUTION.replace("release\n", ""));
    let said = || learn(&workspace, &["grade", ATTACK, "--seed", "7"]).code(1).get_output().stdout.clone();
    assert_eq!(said(), said());
}

#[test]
fn an_unreadable_schedule_is_reported_with_its_line() {
    let workspace = workspace();
    hand_in(&workspace, FILE, &SOLUTION.replace("release\n", "releese\n"));
    let line = 1 + SOLUTION.lines().position(|line| line == "release").expect("the solution has it");
    learn(&workspace, &["grade", ATTACK])
        .code(1)
        .stdout(contains(format!("line {line}: ")).and(contains("did you mean 'release'?")));
}

#[test]
fn results_are_written_as_autograders_read_them() {
    let workspace = workspace();
    let results = workspace.path().join("results.json");
    hand_in(&workspace, FILE, SOLUTION);
    command(&workspace, &["grade", ATTACK, "--json"]).arg(&results).assert().success().stdout(contains("Saved"));
    let points = attack().points;
    let saved = json(&results);
    assert_eq!((saved["score"].as_u64(), saved["tests"].as_array().map(Vec::len)), (Some(points.into()), Some(1)));
    let test = &saved["tests"][0];
    assert_eq!(test["name"], attack().title);
    assert_eq!(test["tags"][0], ATTACK);
    assert_eq!((test["score"].as_u64(), test["max_score"].as_u64()), (Some(points.into()), Some(points.into())));
    assert_eq!(test["status"], "passed");
    assert!(test["output"].is_string());
    // On the standard output there is nothing but the JSON.
    hand_in(&workspace, FILE, attack().skeleton);
    let output = learn(&workspace, &["grade", ATTACK, "--json", "-"]).code(1).get_output().stdout.clone();
    let printed: Value = serde_json::from_slice(&output).expect("nothing else is printed");
    assert_eq!((&printed["score"], &printed["tests"][0]["status"]), (&Value::from(0), &Value::from("failed")));
}

#[test]
fn an_exercise_is_put_back_and_what_was_written_is_kept() {
    let workspace = workspace();
    for (number, text) in [(1, "# first\n"), (2, "# second\n")] {
        hand_in(&workspace, FILE, text);
        let kept = format!("{FILE}.{number}");
        learn(&workspace, &["reset", ATTACK]).success().stdout(contains(kept.as_str()));
        assert_eq!(fs::read_to_string(workspace.path().join("kept").join(kept)).expect("it is kept"), text);
        assert_eq!(fs::read_to_string(workspace.path().join(FILE)).expect("it is there"), attack().skeleton);
    }
}

#[test]
fn a_solved_exercise_says_what_comes_next() {
    let workspace = workspace();
    hand_in(&workspace, FILE, SOLUTION);
    let next = format!("Next: {}.", COURSE[0].id);
    learn(&workspace, &["grade", ATTACK]).success().stdout(contains("Solved").and(contains(next.as_str())));
    hand_in(&workspace, FILE, attack().skeleton);
    learn(&workspace, &["grade", ATTACK]).code(1).stdout(contains("Next: ").not());
}

/// Files of a failure.
fn failure_files(workspace: &TempDir) -> [bool; 3] {
    ["json", "jsonl", "html"].map(|ending| workspace.path().join(format!("failures/{ATTACK}.{ending}")).exists())
}

#[test]
fn pages_of_earlier_failures_go_when_the_answer_is_another() {
    let workspace = workspace();
    // The schedule of another answer: it is played, and breaks nothing.
    let failing = SOLUTION.replace("release\n", "");
    let fail = || {
        hand_in(&workspace, FILE, &failing);
        learn(&workspace, &["grade", ATTACK]).code(1).stdout(contains("Page: "));
        assert_eq!(failure_files(&workspace), [true; 3]);
    };
    fail();
    hand_in(&workspace, FILE, SOLUTION);
    learn(&workspace, &["grade", ATTACK]).success();
    assert_eq!(failure_files(&workspace), [true, false, false]);
    fail();
    hand_in(&workspace, FILE, "nonsense\n");
    learn(&workspace, &["grade", ATTACK]).code(1);
    assert_eq!(failure_files(&workspace), [true, false, false]);
    fail();
    learn(&workspace, &["reset", ATTACK]).success();
    assert_eq!(failure_files(&workspace), [false; 3]);
}

#[test]
fn an_exercise_that_is_reset_is_no_longer_solved() {
    let workspace = workspace();
    hand_in(&workspace, FILE, SOLUTION);
    learn(&workspace, &["grade", ATTACK]).success();
    learn(&workspace, &[]).success().stdout(contains(format!("1 of {} solved", COURSE.len())));
    learn(&workspace, &["reset", ATTACK]).success();
    learn(&workspace, &[]).success().stdout(contains(format!("0 of {} solved", COURSE.len())));
    // How often it was graded is not forgotten.
    assert_eq!(json(workspace.path().join("progress.json"))["exercises"][ATTACK]["gradings"], 1);
}

#[test]
fn what_cannot_be_used_is_refused_with_a_word_on_what_to_do() {
    let workspace = workspace();
    let refused = |arguments: &[&str], says: &str| {
        learn(&workspace, arguments).code(2).stdout(is_empty()).stderr(contains(says));
    };
    refused(&["grade", "attack-two-value"], "did you mean 'attack-two-values'?");
    refused(&["grade", ATTACK, "--all"], "--all");
    refused(&["grade", ATTACK, "--seed", "many"], "many");
    refused(&["reset"], "<ID>");
    let file = workspace.path().join("Cargo.toml");
    let mut command = Command::cargo_bin("quorate").expect("the binary is built");
    command.arg("learn").arg("--desk").arg(&file).assert().code(2).stderr(contains("Cargo.toml"));
}

#[test]
fn a_broken_record_of_progress_is_moved_aside_and_nothing_of_it_is_lost() {
    let workspace = workspace();
    hand_in(&workspace, FILE, SOLUTION);
    let solved = "{\"solved\":true,\"gradings\":2,\"hints\":1}";
    let partly = format!("{{\"exercises\":{{\"paxos-value\":{solved},\"paxos-hole\":7}}}}");
    let records: [(&[u8], u64); 5] = [
        (b"{\"exercises\":7}\n", 0),
        (b"", 0),
        (b"{\"exercises\":{\"paxos-value\":", 0),
        (b"\xff\xfe", 0),
        (partly.as_bytes(), 2),
    ];
    for (number, (record, gradings)) in (1..).zip(records) {
        fs::write(workspace.path().join("progress.json"), record).expect("the folder is writable");
        // Reported once; the grading continues.
        let aside = format!("progress.json.broken.{number}");
        learn(&workspace, &["grade", ATTACK])
            .success()
            .stderr(contains("is not a valid progress file").and(contains(aside.as_str())));
        learn(&workspace, &["grade", ATTACK]).success().stderr(contains("progress file").not());
        assert_eq!(fs::read(workspace.path().join(aside)).expect("it is kept"), record);
        let progress = json(workspace.path().join("progress.json"));
        assert_eq!(progress["exercises"][ATTACK]["gradings"], 2);
        assert_eq!(progress["exercises"]["paxos-value"]["gradings"].as_u64().unwrap_or(0), gradings);
    }
}

#[test]
fn a_record_of_progress_that_is_no_file_is_moved_aside() {
    let workspace = workspace();
    hand_in(&workspace, FILE, SOLUTION);
    let record = workspace.path().join("progress.json");
    fs::create_dir(&record).expect("the folder is writable");
    learn(&workspace, &["grade", ATTACK]).success().stderr(contains("it is not a regular file"));
    assert!(workspace.path().join("progress.json.broken.1").is_dir());
    assert_eq!(json(record)["exercises"][ATTACK]["gradings"], 1);
}

#[test]
fn a_schedule_that_is_not_text_is_reported_and_does_not_end_the_grading() {
    let workspace = workspace();
    fs::write(workspace.path().join(FILE), [0xff, 0xfe, 0]).expect("the folder is writable");
    learn(&workspace, &["grade", ATTACK]).code(1).stdout(contains("it is not UTF-8 text"));
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

/// Reads up to a line that contains `says`; returns all lines up to there.
fn until(lines: &mut impl Iterator<Item = std::io::Result<String>>, says: &str) -> Vec<String> {
    let mut said = Vec::new();
    for line in lines {
        said.push(line.expect("it is text"));
        if said.last().is_some_and(|line| line.contains(says)) {
            return said;
        }
    }
    panic!("it ended without a word of {says:?}: {said:#?}")
}

#[test]
fn a_watched_exercise_is_graded_on_each_save_until_it_is_solved() {
    let workspace = workspace();
    let mut watch = Process::new(assert_cmd::cargo::cargo_bin("quorate"));
    watch
        .env("LC_ALL", "C")
        .arg("learn")
        .arg("--dir")
        .arg(workspace.path())
        .args(["watch", ATTACK])
        .stdout(Stdio::piped());
    let mut watch = Ended(watch.spawn().expect("it starts"));
    let mut lines = BufReader::new(watch.0.stdout.take().expect("it is piped")).lines();
    assert!(until(&mut lines, "Watching").iter().all(|line| !line.contains("Solved")));
    // A save in place that does not change the verdict.
    hand_in(&workspace, FILE, &SOLUTION.replace("release\n", ""));
    assert!(until(&mut lines, "Watching").iter().all(|line| !line.contains("Solved")));
    // A save by replacing the file, as many editors do.
    hand_in(&workspace, "draft", SOLUTION);
    fs::rename(workspace.path().join("draft"), workspace.path().join(FILE)).expect("it can be renamed");
    until(&mut lines, "Solved");
    until(&mut lines, &format!("1 of {} solved", COURSE.len()));
    assert!(watch.0.wait().expect("it ends").success());
}

#[test]
fn when_all_is_solved_there_is_nothing_next() {
    let workspace = workspace();
    let solved = COURSE
        .iter()
        .map(|exercise| (exercise.id.to_owned(), serde_json::json!({ "solved": true, "gradings": 1, "hints": 0 })));
    let progress = serde_json::json!({ "exercises": solved.collect::<serde_json::Map<_, _>>() });
    hand_in(&workspace, "progress.json", &progress.to_string());
    for words in [&[][..], &["next"], &["show"], &["grade"], &["hint"], &["watch"]] {
        learn(&workspace, words).success().stdout(contains("You have solved every exercise."));
    }
}

/// Plays an attack with a playground that writes what it is asked to do.
#[cfg(unix)]
fn play(workspace: &TempDir, arguments: &[&str]) -> assert_cmd::assert::Assert {
    use std::os::unix::fs::PermissionsExt;

    let programs = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("there is room for a folder");
    let (program, playground) = (programs.path().join("quorate"), programs.path().join("quorate-playground"));
    // Beside the program itself there may be a real one.
    fs::hard_link(env!("CARGO_BIN_EXE_quorate"), &program).expect("both are in the target folder");
    fs::write(&playground, "#!/bin/sh\nprintf 'played %s\\n' \"$*\"\n").expect("the folder is writable");
    fs::set_permissions(&playground, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let mut command = Command::new(program);
    command.arg("learn").arg("--dir").arg(workspace.path()).arg("play").args(arguments);
    command.env_remove("COLUMNS").env("LC_ALL", "C").assert()
}

#[cfg(unix)]
#[test]
fn an_attack_is_played_with_its_goal_and_the_answer_before_is_kept() {
    let workspace = workspace();
    learn(&workspace, &["show", ATTACK]).success().stdout(contains(format!("quorate learn play {ATTACK}")));
    let goal = workspace.path().join("play").join(format!("{ATTACK}.json"));
    let asked = format!("played --goal {} --port 0 --no-open\n", goal.display());
    let played = play(&workspace, &[ATTACK, "--port", "0", "--no-open"]).success();
    played.stdout(contains(asked).and(contains("A copy of your answer").not()));
    let goal = json(goal);
    let answer = std::path::absolute(workspace.path().join(FILE)).expect("there is a current folder");
    assert_eq!(goal["answer"], answer.to_str().expect("temporary folders have plain names"));
    assert_eq!(goal["commands_max"], 9);
    assert!(goal["text"]["en"].as_str().is_some_and(|text| text.contains("# Two chosen values")));
    hand_in(&workspace, FILE, SOLUTION);
    for _ in 0..2 {
        play(&workspace, &[ATTACK]).success().stdout(contains("A copy of your answer is in "));
    }
    let kept = fs::read_dir(workspace.path().join("kept")).expect("it was made").count();
    assert_eq!(kept, 1, "the same answer is kept once");
    play(&workspace, &["paxos-promise"]).code(2).stderr(contains("only schedules can be played").and(contains(ATTACK)));
}
