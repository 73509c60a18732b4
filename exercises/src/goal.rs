//! Goal of an attack exercise, as the playground shows it: the broken system, what is to break, the
//! largest number of commands, the page of the exercise, and the file for the answer.

use std::path::PathBuf;

use serde::Serialize;

use crate::course::{Exercise, Language};
use crate::grade::attack::{FREE, System};

/// Goal of an attack exercise. As JSON it is what `quorate-playground --goal FILE` reads.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Goal {
    /// Id of the exercise.
    pub exercise: &'static str,
    /// Title of the exercise.
    pub title: &'static str,
    /// Cluster line of the broken system.
    pub cluster: &'static str,
    /// The same line without the bug.
    pub by_the_book: &'static str,
    /// Invariant to break.
    pub invariant: &'static str,
    /// Maximum number of commands.
    pub commands_max: usize,
    /// Commands that do not count.
    pub free: &'static [&'static str],
    /// Page of the exercise, in Markdown, by language.
    pub text: GoalText,
    /// Code of the reader's language.
    pub language: &'static str,
    /// File for a schedule that reaches the goal.
    pub answer: PathBuf,
}

/// Page of an exercise in the languages of the course.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct GoalText {
    /// English.
    pub en: &'static str,
    /// Chinese.
    pub zh: &'static str,
}

impl Goal {
    /// Goal of an exercise whose answer belongs into this file; `None` if it is not an attack.
    pub fn of(exercise: &'static Exercise, answer: PathBuf, language: Language) -> Option<Self> {
        let system = System::of(exercise.id)?;
        Some(Goal {
            exercise: exercise.id,
            title: exercise.title,
            cluster: system.opening,
            by_the_book: system.by_the_book(),
            invariant: system.invariant,
            commands_max: system.commands_max,
            free: &FREE,
            text: GoalText { en: exercise.page(Language::English), zh: exercise.page(Language::Chinese) },
            language: language.code(),
            answer,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::{AnswerKind, COURSE};

    #[test]
    fn every_attack_has_a_goal_and_nothing_else_has_one() {
        for exercise in COURSE {
            let goal = Goal::of(exercise, PathBuf::from(exercise.file()), Language::Chinese);
            assert_eq!(goal.is_some(), exercise.kind == AnswerKind::Attack, "{}", exercise.id);
            let Some(goal) = goal else { continue };
            assert!(goal.cluster.starts_with(goal.by_the_book) && goal.cluster != goal.by_the_book);
            assert!(goal.text.en.contains(goal.invariant) && goal.text.zh.contains(goal.invariant), "{}", exercise.id);
            assert_eq!(goal.language, "zh");
        }
    }
}
