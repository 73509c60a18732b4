//! Properties that the README promises of every exercise.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use quorate_exercises::AnswerKind;
use quorate_exercises::course::{COURSE, Language};
use quorate_exercises::grading::{DECISION, GradingVerdict};

use crate::answers::fresh_seeds;
use crate::{skeletons, solutions};

#[test]
fn every_skeleton_is_unfinished_and_says_so() {
    for (id, grade) in skeletons::ALL {
        let outcome = grade(1);
        assert_eq!(outcome.verdict, GradingVerdict::Unfinished, "{id}");
        assert_eq!(outcome.points, 0, "{id}");
    }
}

#[test]
fn every_solution_passes_whatever_the_fresh_cases() {
    for (id, grade) in solutions::ALL {
        for fresh in fresh_seeds(1) {
            let outcome = grade(fresh);
            assert_eq!(outcome.verdict, GradingVerdict::Passed, "{id}");
            assert!(outcome.points > 0 && !outcome.passed.is_empty(), "{id}");
        }
    }
}

#[test]
fn no_exercise_of_the_course_is_left_out() {
    let written: BTreeSet<&str> = solutions::ALL.iter().map(|(id, _)| *id).collect();
    let listed: BTreeSet<&str> =
        COURSE.iter().filter(|exercise| exercise.kind != AnswerKind::Attack).map(|exercise| exercise.id).collect();
    assert_eq!(written, listed);
}

#[test]
fn every_exercise_has_a_page_three_hints_and_a_word_on_what_will_be_seen() {
    for exercise in COURSE {
        let id = exercise.id;
        assert!(exercise.page(Language::English).starts_with(&format!("# {}\n", exercise.title)), "{id}");
        for section in ["## What you write", "## What you will see when it is wrong"] {
            assert!(exercise.page(Language::English).contains(section), "{id}: {section}");
        }
        let hints = exercise.hints(Language::English);
        assert_eq!(hints.levels.len(), 3, "{id}");
        assert!(hints.known().count() > 0, "{id}: no hint goes by what broke");
    }
}

/// A wrong decision on its own comes last in a grading, without a run to look at.
#[test]
fn every_rule_has_a_hint_on_a_wrong_decision_in_both_languages() {
    for exercise in COURSE.iter().filter(|exercise| exercise.kind == AnswerKind::Rule) {
        for language in [Language::English, Language::Chinese] {
            let hint = exercise.hint_on(language, DECISION).unwrap_or_default();
            assert!(hint.chars().count() >= 20, "{}: {hint:?}", exercise.id);
            assert_eq!(exercise.hint_on(language, "NoSuchInvariant"), None);
        }
    }
}

/// Text without the spaces that only format it, and without comments.
fn squeezed(code: &str) -> String {
    let code = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    code.flat_map(|line| line.chars().filter(|char| !char.is_whitespace())).collect()
}

#[test]
fn every_page_of_a_machine_sends_a_message_as_the_solution_does_and_names_the_types_documentation() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = root.parent().expect("it is in the project");
    for exercise in COURSE.iter().filter(|exercise| exercise.kind == AnswerKind::Build) {
        let id = exercise.id;
        let files = fs::read_dir(root.join("course").join(exercise.folder)).expect("it is there");
        let paths = files.map(|file| file.expect("it is there").path());
        let sources = paths.filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
        let solution: String =
            sources.map(|path| squeezed(&fs::read_to_string(path).expect("it is readable"))).collect();
        for language in [Language::English, Language::Chinese] {
            let page = exercise.page(language);
            let code: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("    ")).collect();
            let (commands, code): (Vec<&str>, Vec<&str>) =
                code.into_iter().partition(|line| line.starts_with("cargo "));
            let code = code.join("\n");
            assert!(code.contains(".send("), "{id}: no message is sent in\n{code}");
            for statement in squeezed(&code).split_terminator(';') {
                assert!(solution.contains(statement), "{id}: {statement} is not in the solution");
            }
            let packages: Vec<&str> =
                commands.iter().flat_map(|command| command.split(" -p quorate-").skip(1)).collect();
            assert_eq!(packages.len(), 2, "{id}: {commands:?}");
            for package in packages {
                assert!(project.join(package.trim()).join("Cargo.toml").exists(), "{id}: {package}");
            }
            let paths = page.split('`').filter(|span| span.ends_with(".rs") && span.contains("/src/"));
            for path in paths {
                assert!(project.join(path).exists(), "{id}: {path}");
            }
        }
    }
}
