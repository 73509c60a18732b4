//! `quorate learn`: the exercises.

mod class;
mod grade;
mod play;
mod results;
mod watch;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use quorate::exercises::course::{self, COURSE, Part};
use quorate::exercises::workspace::{CourseProgress, FolderState, Workspace, WorkspaceError};
use quorate::exercises::{AnswerKind, Exercise, Language};
use quorate::lab::script::shown;
use quorate::lab::trace::nearest;

use super::failure::Failure;
use super::output::Output;
use super::wrap;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The folder with your answers; created if it does not exist
    #[arg(long, alias = "desk", global = true, value_name = "FOLDER", default_value = "learning")]
    dir: PathBuf,
    /// Put the exercises into that folder also if it has other files
    #[arg(long, global = true)]
    yes: bool,
    /// Language of pages and hints: en or zh; by default that of the locale
    #[arg(long, global = true, value_name = "LANGUAGE")]
    lang: Option<Language>,
}

impl Arguments {
    /// The language asked for, or that of the locale.
    fn language(&self) -> Language {
        let of_locale = || {
            let set = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(std::env::var_os);
            let locale = set.filter(|value| !value.is_empty()).find_map(|value| value.into_string().ok());
            Language::of_locale(&locale.unwrap_or_default())
        };
        self.lang.unwrap_or_else(of_locale)
    }

    /// Opens the folder of exercises, or makes it and says where it is.
    fn workspace(&self) -> Result<Workspace, Failure> {
        let state = Workspace::look(&self.dir)?;
        match &state {
            FolderState::Foreign(file) if !self.yes => {
                return Err(Failure::unusable(format_args!(
                    "{} has files that are not of the course, such as {}; choose another folder with --dir, or say \
                     --yes to have the {} files of exercises beside them",
                    full(&self.dir),
                    shown(file),
                    COURSE.len()
                )));
            }
            _ => {}
        }
        let workspace = Workspace::set_up(&self.dir)?;
        if state != FolderState::Own {
            warn(format_args!("put {} exercises, a file each, into {}", COURSE.len(), full(&self.dir)));
        }
        Ok(workspace)
    }
}

/// Path of a folder from the root, to show it.
fn full(folder: &Path) -> String {
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf()).display().to_string()
}

#[derive(Subcommand, Debug)]
enum Command {
    /// List the exercises, and which of them you have solved
    List,
    /// Show the task of an exercise; without an id, of the next one
    Show(Which),
    /// Show which exercise is next, and the path of its file
    Next,
    /// Show a hint; each further call shows a more explicit one
    Hint(Which),
    /// Grade an exercise; without an id, the next one
    Grade(grade::Arguments),
    /// Grade the submissions of a class: a folder for each student
    GradeAll(class::Arguments),
    /// Grade an exercise whenever its file is saved, and continue with the next when it is solved
    Watch(Which),
    /// Play an attack in the browser: the schedule that reaches its goal becomes your answer
    Play(play::Arguments),
    /// Reset an exercise to its initial state; your answer is kept in another file
    Reset(Named),
    /// Replace this process by an answer's program, without the rights that it does not need; used
    /// by `grade`
    #[command(hide = true)]
    Confined {
        /// The program
        program: PathBuf,
    },
}

#[derive(Args, Debug)]
struct Which {
    /// The exercise; by default the next one
    #[arg(value_name = "ID", value_parser = find)]
    exercise: Option<&'static Exercise>,
}

#[derive(Args, Debug)]
struct Named {
    /// The exercise
    #[arg(value_name = "ID", value_parser = find)]
    exercise: &'static Exercise,
}

fn find(id: &str) -> Result<&'static Exercise, String> {
    course::find(id).ok_or_else(|| match nearest(id, COURSE.iter().map(|exercise| exercise.id)) {
        Some(near) => format!("there is no exercise with that id; did you mean '{near}'?"),
        None => "there is no exercise with that id; `quorate learn list` shows them".to_owned(),
    })
}

impl From<WorkspaceError> for Failure {
    fn from(error: WorkspaceError) -> Self {
        Failure::unusable(error)
    }
}

pub(crate) fn learn(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let language = arguments.language();
    match &arguments.command {
        Some(Command::Confined { program }) => return grade::become_answer(program),
        // It works in folders of its own.
        Some(Command::GradeAll(arguments)) => return class::grade_all(arguments, language, output),
        _ => {}
    }
    let workspace = arguments.workspace()?;
    let progress = workspace.progress()?;
    warn_of_mended(&progress);
    match &arguments.command {
        None => status(&workspace, &progress, output),
        Some(Command::List) => list(&progress, output),
        Some(Command::Show(which)) => match which.or_next(&progress) {
            Some(exercise) => show(exercise, language, &workspace, output),
            None => finished(output),
        },
        Some(Command::Next) => next(&workspace, &progress, output),
        Some(Command::Hint(which)) => match which.or_next(&progress) {
            Some(exercise) => hint(exercise, language, &workspace, &progress, output),
            None => finished(output),
        },
        Some(Command::Grade(arguments)) => grade::grade(arguments, language, &workspace, &progress, output),
        Some(Command::Watch(which)) => watch::watch(which.exercise, language, &workspace, output),
        Some(Command::Play(arguments)) => play::play(arguments, language, &workspace, output),
        Some(Command::Reset(named)) => reset(named.exercise, &workspace, output),
        Some(Command::Confined { .. } | Command::GradeAll(_)) => Ok(()),
    }
}

impl Which {
    fn or_next(&self, progress: &CourseProgress) -> Option<&'static Exercise> {
        self.exercise.or_else(|| progress.next())
    }
}

/// Prints a note on the standard error that the progress file was damaged, and how it was repaired.
fn warn_of_mended(progress: &CourseProgress) {
    if let Some(mended) = &progress.mended {
        warn(mended);
    }
}

/// Prints a note on the standard error about a problem that does not stop the command.
fn warn(what: impl std::fmt::Display) {
    let text = format!("note: {what}");
    let text = wrap::error_columns().map_or(text.clone(), |width| wrap::lines(&text, width));
    // If the standard error is closed, the note is lost.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Shows the learner's progress and the next exercise.
fn status(workspace: &Workspace, progress: &CourseProgress, output: &mut Output) -> Result<(), Failure> {
    output.line(bar(progress))?;
    output.line(format_args!("Your files: {}", full(workspace.root())))?;
    output.line("")?;
    next(workspace, progress, output)?;
    output.line("")?;
    output.prose(
        "`quorate learn show` shows the task, `quorate learn watch` grades your answer whenever you save it, `quorate learn hint` gives hints, `quorate learn list` lists the course.",
    )
}

/// Progress bar, as in `[######--------------]  12 of 43 solved, 140 of 600 points`.
fn bar(progress: &CourseProgress) -> String {
    const WIDTH: usize = 30;
    let solved = progress.solved();
    let points = |solved_only: bool| -> u32 {
        let counts = |exercise: &&Exercise| !solved_only || progress.of(exercise).solved;
        COURSE.iter().filter(counts).map(|exercise| exercise.points).sum()
    };
    let done = WIDTH * solved / COURSE.len();
    format!(
        "[{}{}]  {solved} of {} solved, {} of {} points",
        "#".repeat(done),
        "-".repeat(WIDTH - done),
        COURSE.len(),
        points(true),
        points(false)
    )
}

fn next(workspace: &Workspace, progress: &CourseProgress, output: &mut Output) -> Result<(), Failure> {
    let Some(exercise) = progress.next() else { return finished(output) };
    let Exercise { id, title, says, minutes, .. } = exercise;
    output.prose(&format!("Next: {id}. {title}: {says}"))?;
    output.line(format_args!("      {}, about {minutes} minutes", workspace.file(exercise).display()))
}

fn finished(output: &mut Output) -> Result<(), Failure> {
    output.prose("You have solved every exercise. `quorate bugs` lists known bugs to study next.")
}

fn list(progress: &CourseProgress, output: &mut Output) -> Result<(), Failure> {
    output.line(bar(progress))?;
    let widest = COURSE.iter().map(|exercise| exercise.id.len()).max().unwrap_or_default();
    let mut part: Option<Part> = None;
    for exercise in COURSE {
        if part != Some(exercise.part) {
            part = Some(exercise.part);
            output.line("")?;
            output.line(exercise.part)?;
        }
        let mark = if progress.of(exercise).solved { "solved" } else { "" };
        let Exercise { id, title, points, .. } = exercise;
        output.line(format_args!("  {mark:6}  {id:widest$}  {points:>3} points  {title}"))?;
    }
    Ok(())
}

fn show(exercise: &Exercise, language: Language, workspace: &Workspace, output: &mut Output) -> Result<(), Failure> {
    output.page(exercise.page(language))?;
    output.line("")?;
    output.line(format_args!("Your file: {}", workspace.file(exercise).display()))?;
    match exercise.kind {
        AnswerKind::Attack => output.line(format_args!("In the browser: quorate learn play {}", exercise.id)),
        _ => Ok(()),
    }
}

fn hint(
    exercise: &'static Exercise,
    language: Language,
    workspace: &Workspace,
    progress: &CourseProgress,
    output: &mut Output,
) -> Result<(), Failure> {
    let levels = exercise.hints(language).levels;
    let read = progress.of(exercise).hints.min(levels.len().saturating_sub(1));
    let Some(text) = levels.get(read) else { return output.line("This exercise has no hints.") };
    output.line(format_args!("{}, hint {} of {}:", exercise.id, read + 1, levels.len()))?;
    output.line("")?;
    output.page(text)?;
    workspace.note(exercise, |standing| standing.hints = read + 1)?;
    Ok(())
}

fn reset(exercise: &Exercise, workspace: &Workspace, output: &mut Output) -> Result<(), Failure> {
    let kept = workspace.reset(exercise)?;
    let file = workspace.file(exercise);
    output.line(format_args!("{} is reset; your previous answer is kept in {}.", file.display(), kept.display()))
}

/// Noun for the learner's work in an exercise.
fn written(kind: AnswerKind) -> &'static str {
    match kind {
        AnswerKind::Rule => "answer",
        AnswerKind::Build => "machine",
        AnswerKind::Attack => "schedule",
        AnswerKind::Test => "invariant",
    }
}
