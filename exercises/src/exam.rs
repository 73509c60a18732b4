//! A grading under way: one case after the other, until one fails.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use quorate_lab::trace::Document;
use serde::{Deserialize, Serialize};

/// What came of a grading.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// The exercise.
    pub exercise: String,
    /// The seed that the fresh cases were drawn from: with it the same grading can be made again.
    pub fresh: u64,
    /// The cases that passed, each with what was tried.
    pub passed: Vec<String>,
    /// How it ended.
    pub verdict: Verdict,
    /// The points that it earned.
    pub points: u32,
}

/// How a grading ended.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every case passed.
    Passed,
    /// The skeleton's gap is still there.
    Unfinished,
    /// A case failed.
    Failed(Broke),
    /// The answer panicked.
    Panicked {
        /// In which case.
        case: String,
        /// What it said, and where.
        message: String,
    },
    /// No case came to its end for too long.
    Endless {
        /// In which case.
        case: String,
        /// After how many seconds it was stopped.
        seconds: u64,
    },
    /// It asked for more memory than there is for it.
    Greedy {
        /// In which case.
        case: String,
        /// How much there is, in megabytes.
        megabytes: u64,
    },
    /// It is no program, or no scenario, at all.
    Unreadable {
        /// What the compiler, or the reader, says.
        message: String,
    },
    /// It ended in some other way.
    Lost {
        /// In which case.
        case: String,
        /// How.
        message: String,
    },
}

impl Outcome {
    /// Whether every case passed.
    pub fn is_passed(&self) -> bool {
        self.verdict == Verdict::Passed
    }
}

/// What went wrong in a case.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Broke {
    /// The case.
    #[serde(default)]
    pub case: String,
    /// What broke: the name of an invariant, or `Progress`.
    pub what: String,
    /// How, in a sentence.
    pub detail: String,
    /// The seed of the run, if it was a random one.
    pub seed: Option<u64>,
    /// How much of what was asked for is there all the same: so many of so many.
    pub part: Option<(u32, u32)>,
    /// The smallest run that goes wrong so; it is saved beside the report.
    #[serde(skip)]
    pub trace: Option<Box<Document>>,
}

impl Broke {
    /// Something that never may happen has happened, or something that must has not.
    pub fn new(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Broke { case: String::new(), what: what.into(), detail: detail.into(), seed: None, part: None, trace: None }
    }

    /// In the random run of this seed.
    #[must_use]
    pub fn in_seed(self, seed: u64) -> Self {
        Broke { seed: Some(seed), ..self }
    }

    /// So many of so many were right all the same: they earn their part of the points.
    #[must_use]
    pub fn earning(self, right: u32, of: u32) -> Self {
        Broke { part: Some((right, of)), ..self }
    }

    /// As this trace shows.
    #[must_use]
    pub fn shown_by(self, trace: Document) -> Self {
        Broke { trace: Some(Box::new(trace)), ..self }
    }
}

/// A case has failed, and the exam knows how: there is no use in going on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Failed;

/// A grading under way.
#[derive(Debug, Default)]
pub struct Exam {
    fresh: u64,
    passed: Vec<String>,
    broke: Option<Broke>,
    /// The case that has begun last.
    under_way: String,
}

impl Exam {
    /// An exam whose fresh cases are drawn from this seed.
    pub fn new(fresh: u64) -> Self {
        Exam { fresh, ..Exam::default() }
    }

    /// The seed that fresh cases are drawn from.
    pub fn fresh(&self) -> u64 {
        self.fresh
    }

    /// So many seeds that are the same in each grading, and so many that are new in each.
    pub fn seeds(&self, fixed: u64, fresh: u64) -> impl Iterator<Item = u64> + use<> {
        // Far from the fixed ones, wherever the fresh ones start.
        let start = (1 << 32) + (self.fresh % (1 << 40)) * 1_024;
        (0..fixed).chain(start..start + fresh)
    }

    /// Tries a case. It says what it tried, or what went wrong.
    ///
    /// # Errors
    /// [`Failed`], if the case went wrong.
    pub fn case(
        &mut self,
        title: impl Into<String>,
        trial: impl FnOnce(&Self) -> Result<String, Broke>,
    ) -> Result<(), Failed> {
        let title = title.into();
        crate::asking::case_begins();
        self.under_way.clone_from(&title);
        match trial(self) {
            Ok(tried) => {
                self.passed.push(format!("{title}: {tried}"));
                Ok(())
            }
            Err(broke) => {
                self.broke = Some(Broke { case: title, ..broke });
                Err(Failed)
            }
        }
    }

    /// The case that has begun last.
    pub fn under_way(&self) -> &str {
        &self.under_way
    }

    /// How many cases passed.
    pub fn passed(&self) -> usize {
        self.passed.len()
    }

    /// What came of it.
    pub fn outcome(&self, exercise: &crate::Exercise) -> Outcome {
        let verdict = match &self.broke {
            Some(broke) => Verdict::Failed(broke.clone()),
            // A grading that tried nothing has shown nothing.
            None if self.passed.is_empty() => {
                Verdict::Lost { case: String::new(), message: "nothing was tried".to_owned() }
            }
            None => Verdict::Passed,
        };
        let points = match &verdict {
            Verdict::Passed => exercise.points,
            Verdict::Failed(Broke { part: Some((right, of)), .. }) => exercise.points * right / (*of).max(1),
            _ => 0,
        };
        Outcome { exercise: exercise.id.to_owned(), fresh: self.fresh, passed: self.passed.clone(), verdict, points }
    }

    /// Saves a report of what came of it, and the trace of a failure beside it.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn save(&self, outcome: &Outcome, report: &Path) -> io::Result<()> {
        let trace = trace_beside(report);
        // An old one would tell of another failure, and a link would lead elsewhere.
        remove(&trace)?;
        remove(report)?;
        if let Some(document) = self.broke.as_ref().and_then(|broke| broke.trace.as_ref()) {
            document.write_jsonl(&mut File::create(trace)?)?;
        }
        fs::write(report, serde_json::to_string_pretty(outcome)? + "\n")
    }
}

/// Removes a file, or a link to one, if it is there.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Where the trace of a failure lies, beside its report.
pub fn trace_beside(report: &Path) -> PathBuf {
    report.with_extension("jsonl")
}
