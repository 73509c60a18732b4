//! `quorate learn grade-all`: grades the submissions of a class, each exercise of each student in a
//! process of its own.

mod grader;
mod junit;
mod report;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use indicatif::ProgressBar;
use quorate::exercises::course::COURSE;
use quorate::exercises::grading::{GradingOutcome, GradingVerdict};
use quorate::exercises::submission::{Submission, SubmissionError, Submissions};
use quorate::exercises::{Exercise, Language};
use quorate::lab::plural;
use quorate::lab::script::shown;
use quorate::lab::trace::nearest;

use super::{find, grade, results};
use crate::cli::failure::Failure;
use crate::cli::interrupt::Interrupt;
use crate::cli::output::Output;
use grader::Grader;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The submissions: a folder with a folder for each student, which holds answer files, or the
    /// `learning` folder
    #[arg(value_name = "SUBMISSIONS")]
    submissions: PathBuf,
    /// Grade this exercise; may be given more than once. By default the whole course is graded
    #[arg(long = "exercise", value_name = "ID", value_parser = find)]
    exercises: Vec<&'static Exercise>,
    /// Grade this student alone
    #[arg(long, value_name = "STUDENT")]
    only: Option<String>,
    /// Seed of the random cases, for all students; by default a new one. Reports do not tell it
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Time limit for the build of an answer, and again for all its cases, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    time_limit: u64,
    /// Folder of the reports, with a folder for each student
    #[arg(long, value_name = "FOLDER", default_value = "reports")]
    reports: PathBuf,
    /// Save all points and messages as JSON (`-`: to standard output, and print nothing else)
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Save them as JUnit XML, which CI systems read (`-`: to standard output, and print nothing
    /// else)
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// Grades of a student.
struct StudentGrades {
    student: String,
    grades: Vec<Grade>,
    /// Remarks on the submission, such as links that were left behind.
    remarks: Vec<String>,
}

/// Grade of an exercise.
struct Grade {
    exercise: &'static Exercise,
    points: u32,
    mark: Mark,
    message: String,
}

/// Kind of a grade.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Mark {
    Passed,
    Failed,
    DoesNotBuild,
    /// It did not answer in time, or ended on its own.
    Stopped,
    NotHandedIn,
    /// The grader came to no verdict.
    NotGraded,
}

impl Mark {
    const ALL: [Mark; 6] =
        [Mark::Passed, Mark::Failed, Mark::DoesNotBuild, Mark::Stopped, Mark::NotHandedIn, Mark::NotGraded];

    const fn word(self) -> &'static str {
        match self {
            Mark::Passed => "passed",
            Mark::Failed => "failed",
            Mark::DoesNotBuild => "not compiled",
            Mark::Stopped => "stopped",
            Mark::NotHandedIn => "not handed in",
            Mark::NotGraded => "not graded",
        }
    }
}

impl Grade {
    /// The grade for an outcome, without its private seed.
    fn new(exercise: &'static Exercise, mut outcome: GradingOutcome) -> Self {
        if let GradingVerdict::Failed(broke) = &mut outcome.verdict {
            broke.seed = None;
        }
        let mark = match &outcome.verdict {
            GradingVerdict::Passed => Mark::Passed,
            GradingVerdict::Failed(_) | GradingVerdict::Unfinished => Mark::Failed,
            GradingVerdict::Unreadable { .. } => Mark::DoesNotBuild,
            GradingVerdict::Panicked { .. }
            | GradingVerdict::Endless { .. }
            | GradingVerdict::Greedy { .. }
            | GradingVerdict::Lost { .. } => Mark::Stopped,
        };
        Grade { exercise, points: outcome.points, mark, message: results::message(&outcome) }
    }

    fn without_points(exercise: &'static Exercise, mark: Mark, message: impl Into<String>) -> Self {
        Grade { exercise, points: 0, mark, message: message.into() }
    }
}

impl StudentGrades {
    fn points(&self) -> u32 {
        self.grades.iter().map(|grade| grade.points).sum()
    }

    fn marked(&self, mark: Mark) -> impl Iterator<Item = &Grade> {
        self.grades.iter().filter(move |grade| grade.mark == mark)
    }
}

pub(super) fn grade_all(arguments: &Arguments, language: Language, output: &mut Output) -> Result<(), Failure> {
    if [&arguments.json, &arguments.junit].into_iter().all(|path| path.as_deref() == Some(Path::new("-"))) {
        return Err(Failure::unusable("--json and --junit cannot both go to the standard output; name a file for one"));
    }
    let submissions = arguments.submissions()?;
    arguments.check_reports()?;
    let seed = arguments.seed.unwrap_or_else(grade::drawn);
    let interrupt = Interrupt::listen()?;
    let grader = Grader {
        program: grade::this_program()?,
        language,
        seed,
        time_limit: Duration::from_secs(arguments.time_limit),
        interrupt: &interrupt,
    };
    let exercises = arguments.exercises();
    let mut notes = BTreeSet::new();
    let mut class = Vec::new();
    let bar = grade::bar(submissions.students.len() * exercises.len());
    bar.set_message("building what answers depend on");
    grader.prepare(&exercises)?;
    for submission in &submissions.students {
        if interrupt.signal().is_some() {
            break;
        }
        class.extend(grade_student(submission, &exercises, &grader, &bar, &mut notes, &arguments.reports)?);
    }
    bar.finish_and_clear();
    notes.iter().for_each(super::warn);
    if let Some(path) = &arguments.json {
        results::write(&report::json(&class, &exercises, seed)?, path, output)?;
    }
    if let Some(path) = &arguments.junit {
        results::write(&junit::text(&class), path, output)?;
    }
    if !arguments.is_quiet() {
        report::table(&class, &exercises, seed, &submissions.others, output)?;
        output.line("")?;
        output.line(format_args!("Reports: {}", arguments.reports.join("STUDENT").join(report::FILE).display()))?;
    }
    if let Some(signal) = interrupt.signal() {
        let done = format!("{} of {} graded", class.len(), plural(submissions.students.len() as u64, "submission"));
        return Err(Failure::interrupted(signal, done));
    }
    match class.iter().filter(|student| student.marked(Mark::NotGraded).next().is_some()).count() {
        0 => Ok(()),
        students => Err(Failure::broke(format_args!(
            "{} not graded completely; the reports say why",
            plural(students as u64, "submission")
        ))),
    }
}

impl Arguments {
    /// Exercises to grade, in course order.
    fn exercises(&self) -> Vec<&'static Exercise> {
        let is_asked = |exercise: &&Exercise| self.exercises.is_empty() || self.exercises.contains(exercise);
        COURSE.iter().filter(is_asked).collect()
    }

    fn is_quiet(&self) -> bool {
        [&self.json, &self.junit].into_iter().flatten().any(|path| path == Path::new("-"))
    }

    fn submissions(&self) -> Result<Submissions, Failure> {
        let mut found = Submissions::list(&self.submissions).map_err(Failure::unusable)?;
        let folder = self.submissions.display();
        if let Some(only) = &self.only {
            let near = nearest(only, found.students.iter().map(|each| each.student.as_str())).map(str::to_owned);
            found.students.retain(|each| each.student == *only);
            found.others.clear();
            if found.students.is_empty() {
                let hint = near.map_or_else(String::new, |near| format!("; did you mean '{near}'?"));
                return Err(Failure::unusable(format_args!("{folder} has no folder '{}'{hint}", shown(only))));
            }
        }
        match found.students.is_empty() {
            true => Err(Failure::unusable(format_args!(
                "{folder} has no folders; put the answers of each student into one"
            ))),
            false => Ok(found),
        }
    }

    /// Refuses reports among the submissions, where the next grading would take them for some.
    fn check_reports(&self) -> Result<(), Failure> {
        let real = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path));
        let unusable = |error: std::io::Error| Failure::unusable(format_args!("{}: {error}", self.reports.display()));
        let parent = self.reports.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if real(&self.reports).map_err(unusable)?.starts_with(real(&self.submissions).map_err(unusable)?)
            || real(parent).map_err(unusable)?.starts_with(real(&self.submissions).map_err(unusable)?)
        {
            return Err(Failure::unusable(format_args!(
                "the reports would be among the submissions, in {}; choose another folder with --reports",
                self.submissions.display()
            )));
        }
        Ok(())
    }
}

/// Grades the answers of a student, and writes the report. `None` if a signal came meanwhile.
fn grade_student(
    submission: &Submission,
    exercises: &[&'static Exercise],
    grader: &Grader<'_>,
    bar: &ProgressBar,
    notes: &mut BTreeSet<String>,
    reports: &Path,
) -> Result<Option<StudentGrades>, Failure> {
    let mut student = StudentGrades { student: submission.student.clone(), grades: Vec::new(), remarks: Vec::new() };
    let mut report = report::Report::begin(&reports.join(&submission.student), exercises)?;
    let unpacked = match submission.unpack() {
        Ok(unpacked) => unpacked,
        // The grader's own folder cannot be used: neither for the others.
        Err(error @ SubmissionError::Workspace(_)) => return Err(Failure::unusable(error)),
        Err(error) => {
            let refused = |exercise| Grade::without_points(exercise, Mark::NotGraded, error.to_string());
            student.grades = exercises.iter().copied().map(refused).collect();
            bar.inc(exercises.len() as u64);
            report.end(&student)?;
            return Ok(Some(student));
        }
    };
    student.remarks = unpacked.left_behind.iter().map(|left| format!("not taken: {left}")).collect();
    for exercise in exercises.iter().copied() {
        bar.set_message(format!("{} {}", shown(&submission.student), exercise.id));
        let grade = if unpacked.is_missing(exercise) {
            Grade::without_points(exercise, Mark::NotHandedIn, "nothing was handed in")
        } else {
            let graded = grader.grade(&unpacked, exercise)?;
            if grader.interrupt.signal().is_some() {
                return Ok(None);
            }
            notes.extend(graded.notes);
            report.add(&graded.said, &unpacked.workspace.report(exercise))?;
            match graded.outcome {
                Ok(outcome) => Grade::new(exercise, outcome),
                Err(why) => Grade::without_points(exercise, Mark::NotGraded, why),
            }
        };
        student.grades.push(grade);
        bar.inc(1);
    }
    report.end(&student)?;
    Ok(Some(student))
}
