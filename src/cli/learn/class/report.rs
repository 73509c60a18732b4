//! Reports on a class: one for each student, one table, one JSON file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use quorate::exercises::Exercise;
use quorate::exercises::grading::page_beside;
use quorate::lab::plural;
use quorate::lab::script::shown;
use serde::Serialize;

use super::{Mark, StudentGrades};
use crate::cli::failure::Failure;
use crate::cli::learn::results::{self, Results, Test};
use crate::cli::output::Output;

/// File name of a student's report.
pub(super) const FILE: &str = "report.txt";
/// File name of the points in the format of Gradescope.
const RESULTS: &str = "results.json";
/// Maximum number of exercises that a line of the table names.
const NAMED_MAX: usize = 4;

/// Report for a student, in a folder of its own.
pub(super) struct Report {
    folder: PathBuf,
    text: String,
}

impl Report {
    /// Makes the folder. Files of an earlier grading of these exercises are removed.
    pub(super) fn begin(folder: &Path, exercises: &[&Exercise]) -> Result<Self, Failure> {
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        let pages = exercises.iter().map(|exercise| format!("{}.html", exercise.id));
        for name in pages.chain([FILE.to_owned(), RESULTS.to_owned()]) {
            let path = folder.join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unwritable(&path, &error)),
                _ => {}
            }
        }
        Ok(Report { folder: folder.to_path_buf(), text: String::new() })
    }

    /// Adds what the grader says of an exercise, and the page that it drew.
    pub(super) fn add(&mut self, said: &str, outcome: &Path) -> Result<(), Failure> {
        self.text.push_str(&format!("{}\n{}\n", "-".repeat(RULE), said.trim_end()));
        let page = page_beside(outcome);
        let Some(name) = page.file_name().filter(|_| page.exists()) else { return Ok(()) };
        let copy = self.folder.join(name);
        fs::copy(&page, &copy).map(drop).map_err(|error| unwritable(&copy, &error))
    }

    /// Saves the report, and the points beside it.
    pub(super) fn end(self, student: &StudentGrades) -> Result<(), Failure> {
        let max: u32 = student.grades.iter().map(|grade| grade.exercise.points).sum();
        let mut text = format!("{}: {} of {max} points\n\n", shown(&student.student), student.points());
        let widest = student.grades.iter().map(|grade| grade.exercise.id.len()).max().unwrap_or_default();
        for grade in &student.grades {
            let (id, word, of) = (grade.exercise.id, grade.mark.word(), grade.exercise.points);
            text.push_str(&format!("  {id:widest$}  {:>3} of {of:>3}  {word}\n", grade.points));
        }
        for remark in &student.remarks {
            text.push_str(&format!("\n{}\n", shown(remark)));
        }
        for grade in student.marked(Mark::NotGraded) {
            text.push_str(&format!("\n{}: {}\n", grade.exercise.id, grade.message));
        }
        text.push_str(&self.text);
        let report = self.folder.join(FILE);
        fs::write(&report, text).map_err(|error| unwritable(&report, &error))?;
        let points = self.folder.join(RESULTS);
        let text = results::json(&Results::new(tests(student)))?;
        fs::write(&points, text).map_err(|error| unwritable(&points, &error))
    }
}

/// Width of the line between two exercises.
const RULE: usize = 80;

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::unusable(format_args!("{}: {error}", path.display()))
}

fn tests(student: &StudentGrades) -> Vec<Test> {
    let test = |grade: &super::Grade| {
        Test::new(grade.exercise, grade.points, grade.mark == Mark::Passed, grade.message.clone())
    };
    student.grades.iter().map(test).collect()
}

/// Grades of a class.
#[derive(Serialize)]
struct Class<'a> {
    seed: u64,
    max_score: u32,
    students: Vec<Student<'a>>,
}

#[derive(Serialize)]
struct Student<'a> {
    student: &'a str,
    #[serde(flatten)]
    results: Results,
    remarks: &'a [String],
}

/// The grades as JSON: the seed, and for each student the same as in the format of Gradescope.
pub(super) fn json(class: &[StudentGrades], exercises: &[&Exercise], seed: u64) -> Result<String, Failure> {
    let students = class.iter().map(|graded| Student {
        student: &graded.student,
        results: Results::new(tests(graded)),
        remarks: &graded.remarks,
    });
    results::json(&Class { seed, max_score: max(exercises), students: students.collect() })
}

fn max(exercises: &[&Exercise]) -> u32 {
    exercises.iter().map(|exercise| exercise.points).sum()
}

/// Prints a line for each student. `others` are entries of the folder that are not submissions.
pub(super) fn table(
    class: &[StudentGrades],
    exercises: &[&Exercise],
    seed: u64,
    others: &[String],
    output: &mut Output,
) -> Result<(), Failure> {
    let max = max(exercises);
    output.prose(&format!(
        "{}, {}, {max} points. Seed of the random cases: {seed}.",
        plural(class.len() as u64, "submission"),
        plural(exercises.len() as u64, "exercise"),
    ))?;
    output.line("")?;
    let names: Vec<String> = class.iter().map(|student| shown(&student.student)).collect();
    let widest = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    let digits = max.to_string().len();
    for (student, name) in class.iter().zip(&names) {
        output.entry(name, widest, &format!("{:>digits$} points: {}", student.points(), summary(student)))?;
    }
    if !others.is_empty() {
        output.line("")?;
        output.prose(&format!("Not a folder, and not graded: {}.", shown(&others.join(", "))))?;
    }
    Ok(())
}

/// Numbers of grades by kind, with the names of few.
fn summary(student: &StudentGrades) -> String {
    let of_kind = |mark: Mark| {
        let ids: Vec<&str> = student.marked(mark).map(|grade| grade.exercise.id).collect();
        match (mark, ids.len()) {
            (_, 0) => None,
            (Mark::Passed | Mark::NotHandedIn, many) => Some(format!("{many} {}", mark.word())),
            (_, many) if many > NAMED_MAX => Some(format!("{many} {}", mark.word())),
            (_, many) => Some(format!("{many} {} ({})", mark.word(), ids.join(", "))),
        }
    };
    Mark::ALL.into_iter().filter_map(of_kind).collect::<Vec<_>>().join(", ")
}
