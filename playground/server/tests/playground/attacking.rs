//! Tests of exercises that are played: the goal is on the page, and what reaches it is saved.

use std::fs;
use std::path::{Path, PathBuf};

use quorate_exercises::course::{COURSE, find};
use quorate_exercises::goal::Goal;
use quorate_exercises::grade::attack::attack;
use quorate_exercises::{AnswerKind, Exercise, Grading, GradingVerdict, Language};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::page::Page;
use crate::running::Running;

const PLAYED: &str = "attack-two-values";

/// A folder with the goal of an exercise. Returns the goal's path and the answer's.
fn goal(exercise: &'static Exercise) -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let (goal, answer) = (folder.path().join("goal.json"), folder.path().join(exercise.file()));
    let text = Goal::of(exercise, answer.clone(), Language::English).expect("it is an attack");
    fs::write(&goal, serde_json::to_string(&text).expect("it is JSON")).expect("the folder is writable");
    (folder, goal, answer)
}

fn attacks() -> impl Iterator<Item = &'static Exercise> {
    COURSE.iter().filter(|exercise| exercise.kind == AnswerKind::Attack)
}

fn solution(exercise: &Exercise) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../exercises/course").join(exercise.folder);
    fs::read_to_string(folder.join("solution.scenario")).expect("each attack has one")
}

fn path_of(file: &Path) -> &str {
    file.to_str().expect("temporary folders have plain names")
}

fn served(goal: &Path) -> Running {
    Running::start(&["--goal", path_of(goal)])
}

/// Hands a schedule in, as the page does: the verdict.
fn hand_in(server: &Running, schedule: &str) -> Value {
    serde_json::from_str(&server.post("answer", schedule).body).expect("it answers JSON")
}

fn is_solved(exercise: &'static Exercise, text: &str) -> bool {
    attack(exercise, text, &mut Grading::new(1)).verdict == GradingVerdict::Passed
}

#[test]
fn what_reaches_the_goal_is_saved_and_passes() {
    for exercise in attacks() {
        let (_folder, goal, answer) = goal(exercise);
        let server = served(&goal);
        assert_eq!(hand_in(&server, &solution(exercise)), json!({"ok": true}), "{}", exercise.id);
        let saved = fs::read_to_string(&answer).expect("it is saved");
        assert!(is_solved(exercise, &saved), "{}", exercise.id);
    }
}

#[test]
fn what_does_not_reach_it_is_refused_with_the_reason() {
    let exercise = find(PLAYED).expect("the course has it");
    let (_folder, goal, answer) = goal(exercise);
    let server = served(&goal);
    let right = solution(exercise);
    let why = |schedule: &str| hand_in(&server, schedule)["why"].as_str().unwrap_or_default().to_owned();
    let (before, after) = right.split_once("hold A").expect("it holds a message");
    assert_eq!(why("cluster raft nodes=3\n"), "opening");
    assert_eq!(why(&right.replace("propose", "prpose")), "unreadable");
    assert_eq!(why(right.split("release").next().unwrap_or_default()), "holds");
    assert_eq!(why(&format!("{before}run\nrun\nrun\nrun\nrun\nrun\nhold A{after}")), "budget");
    // With a rule that the schedule itself breaks, the correct system is no better.
    assert_eq!(why(&format!("{before}rules * no-promise-check\nhold A{after}")), "by-the-book");
    assert!(!answer.exists(), "nothing is saved but what reaches the goal");
}

#[test]
fn the_page_does_not_learn_where_the_file_is_and_without_a_goal_nothing_is_written() {
    let (folder, goal, _) = goal(find(PLAYED).expect("the course has it"));
    let start = served(&goal).get("start.json").body;
    assert!(start.contains("AtMostOneChosen") && start.contains("attack_two_values.scenario"), "{start}");
    assert!(!start.contains(path_of(folder.path())), "{start}");
    let answer = Running::start(&[]).post("answer", "cluster raft nodes=3\n");
    assert_eq!(answer.status, 404);
    assert!(answer.body.contains("no exercise is played here"), "{}", answer.body);
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_the_answer_is_not_followed() {
    let exercise = find(PLAYED).expect("the course has it");
    let (folder, goal, answer) = goal(exercise);
    let other = folder.path().join("other");
    fs::write(&other, "mine").expect("the folder is writable");
    std::os::unix::fs::symlink(&other, &answer).expect("there are links");
    let verdict = hand_in(&served(&goal), &solution(exercise));
    assert_eq!(verdict["why"], "file");
    assert_eq!(fs::read_to_string(&other).expect("it is there"), "mine");
}

#[test]
fn what_is_no_goal_is_refused_before_anything_starts() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let file = folder.path().join("goal.json");
    let says = |text: &str| {
        fs::write(&file, text).expect("the folder is writable");
        let (code, errors) = Running::fail(&["--goal", path_of(&file), "--no-open"]);
        assert_eq!(code, Some(2));
        errors
    };
    for text in ["", "{}", "[1]"] {
        assert!(says(text).contains("is no goal as `quorate learn play` writes it"), "{text}");
    }
}

#[test]
fn an_attack_is_won_on_the_page() {
    let exercise = find(PLAYED).expect("the course has it");
    let (_folder, goal, answer) = goal(exercise);
    let Some(mut page) = Page::with(&["--goal", path_of(&goal)], true, "") else { return };
    assert!(page.tab.text("#task[open]").contains("Two chosen values"), "the task is shown first");
    assert_eq!(page.tab.count("#task table tr"), 6);
    page.click("#task form button");
    assert_eq!(page.tab.count("#task[open]"), 0);
    assert_eq!(page.tab.text("#goal-count"), "0 of 9 commands");
    for line in ["hold A * Accept", "propose A 8", "run", "propose B 5", "run"] {
        page.command(line);
    }
    assert_eq!(page.tab.text("#goal-count"), "5 of 9 commands");
    assert!(!answer.exists());
    page.command("release");
    page.command("run");
    assert!(page.tab.text("#goal-verdict.reached").contains("attack_two_values.scenario"), "{}", page.message());
    assert!(is_solved(exercise, &fs::read_to_string(&answer).expect("it is saved")));
    page.tab.picture("playground-goal");
    page.click("#undo");
    assert_eq!(page.tab.count("#goal-verdict:not([hidden])"), 0);
    page.is_content();
}
