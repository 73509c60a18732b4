//! Properties that the README promises of every exercise.

use std::collections::BTreeSet;

use quorate_exercises::AnswerKind;
use quorate_exercises::course::{COURSE, Language};
use quorate_exercises::grading::GradingVerdict;

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
        for fresh in [1, 77] {
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
