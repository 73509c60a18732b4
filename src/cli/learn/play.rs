//! `quorate learn play`: the playground with the broken system of an attack.

use std::ffi::OsString;

use clap::Args;
use quorate::exercises::course::COURSE;
use quorate::exercises::workspace::Workspace;
use quorate::exercises::{AnswerKind, Exercise, Language};

use super::find;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::play::{Server, hand_over};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The attack, such as attack-two-values
    #[arg(value_name = "ID", value_parser = find_attack)]
    exercise: &'static Exercise,
    #[command(flatten)]
    server: Server,
}

fn find_attack(id: &str) -> Result<&'static Exercise, String> {
    let exercise = find(id)?;
    if exercise.kind == AnswerKind::Attack {
        return Ok(exercise);
    }
    let attacks = COURSE.iter().filter(|exercise| exercise.kind == AnswerKind::Attack);
    let attacks: Vec<&str> = attacks.map(|exercise| exercise.id).collect();
    Err(format!("its answer is no schedule, and only schedules can be played: {}", attacks.join(", ")))
}

pub(super) fn play(
    arguments: &Arguments,
    language: Language,
    workspace: &Workspace,
    output: &mut Output,
) -> Result<(), Failure> {
    let exercise = arguments.exercise;
    let goal = workspace.write_goal(exercise, language)?;
    let goal = goal.ok_or_else(|| Failure::unusable(format_args!("{} has no goal to play for", exercise.id)))?;
    let file = workspace.file(exercise);
    if let Some(kept) = workspace.keep(exercise)? {
        output.line(format_args!("A copy of your answer is in {}.", kept.display()))?;
    }
    output.prose(&format!("A schedule that reaches the goal is saved in {}.", file.display()))?;
    output.flush()?;
    let goal: [OsString; 2] = ["--goal".into(), goal.into()];
    hand_over(goal.into_iter().chain(arguments.server.arguments()))
}
