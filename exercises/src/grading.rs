//! Grading: runs one case after another, until one fails.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use quorate_lab::trace::Document;
use serde::{Deserialize, Serialize};

/// Result of a grading.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct GradingOutcome {
    /// Exercise.
    pub exercise: String,
    /// Seed of the fresh cases; the same seed repeats the grading.
    pub fresh: u64,
    /// Cases that passed, each with a description of what was tried.
    pub passed: Vec<String>,
    /// Verdict.
    pub verdict: GradingVerdict,
    /// Points earned.
    pub points: u32,
}

/// Verdict of a grading.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GradingVerdict {
    /// Every case passed.
    Passed,
    /// The skeleton's placeholder is still there.
    Unfinished,
    /// A case failed.
    Failed(CaseFailure),
    /// The answer panicked.
    Panicked {
        /// Name of the case.
        case: String,
        /// Panic message, with its location.
        message: String,
    },
    /// Timeout: no case was completed for too long.
    Endless {
        /// Name of the case.
        case: String,
        /// Time limit that was exceeded, in seconds.
        seconds: u64,
    },
    /// Out of memory.
    Greedy {
        /// Name of the case.
        case: String,
        /// Memory limit, in megabytes.
        megabytes: u64,
    },
    /// Did not compile, or is not a valid scenario.
    Unreadable {
        /// Message of the compiler or of the scenario parser.
        message: String,
    },
    /// The process ended in some other way.
    Lost {
        /// Name of the case.
        case: String,
        /// Description.
        message: String,
    },
}

impl GradingOutcome {
    /// Whether every case passed.
    pub fn is_passed(&self) -> bool {
        self.verdict == GradingVerdict::Passed
    }
}

/// Name of the failure of a decision that is asked on its own, and not in a run.
pub const DECISION: &str = "Decision";

/// Failure of a case.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CaseFailure {
    /// Name of the case.
    #[serde(default)]
    pub case: String,
    /// Broken invariant, or `Progress`.
    pub what: String,
    /// Description, one sentence.
    pub detail: String,
    /// Seed of the run, if it was a random one.
    pub seed: Option<u64>,
    /// Partial score, as parts and total.
    pub part: Option<(u32, u32)>,
    /// Trace of the smallest run that fails in this way; it is saved beside the report.
    #[serde(skip)]
    pub trace: Option<Box<Document>>,
}

impl CaseFailure {
    /// Creates a failure: a safety violation, or a missed goal.
    pub fn new(what: impl Into<String>, detail: impl Into<String>) -> Self {
        CaseFailure {
            case: String::new(),
            what: what.into(),
            detail: detail.into(),
            seed: None,
            part: None,
            trace: None,
        }
    }

    /// Sets the seed of the random run.
    #[must_use]
    pub fn in_seed(self, seed: u64) -> Self {
        CaseFailure { seed: Some(seed), ..self }
    }

    /// Sets a partial score of `right` out of `of`, which earns that share of the points.
    #[must_use]
    pub fn earning(self, right: u32, of: u32) -> Self {
        CaseFailure { part: Some((right, of)), ..self }
    }

    /// Sets the trace.
    #[must_use]
    pub fn shown_by(self, trace: Document) -> Self {
        CaseFailure { trace: Some(Box::new(trace)), ..self }
    }
}

/// Marker error: a case has failed, and the [`Grading`] has the details. The grading must not
/// continue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Failed;

/// Grading in progress.
#[derive(Debug, Default)]
pub struct Grading {
    fresh: u64,
    passed: Vec<String>,
    broke: Option<CaseFailure>,
    /// Latest case that was started.
    under_way: String,
    /// Whether a failure is shown as it was met.
    verdict_only: bool,
}

impl Grading {
    /// Creates a grading whose fresh cases are drawn from this seed.
    pub fn new(fresh: u64) -> Self {
        Grading { fresh, ..Grading::default() }
    }

    /// Creates a grading for those who ask for the verdict alone: it does not look for the smallest
    /// run that fails, which takes most of the time of a failed grading.
    pub fn verdict_only(fresh: u64) -> Self {
        Grading { verdict_only: true, ..Grading::new(fresh) }
    }

    /// Whether a failure is shown as it was met, and not by the smallest run that can be found.
    pub fn is_verdict_only(&self) -> bool {
        self.verdict_only
    }

    /// Seed of the fresh cases.
    pub fn fresh(&self) -> u64 {
        self.fresh
    }

    /// Seeds of a case: `fixed` ones that are the same in each grading, and `fresh` ones that are
    /// new in each.
    pub fn seeds(&self, fixed: u64, fresh: u64) -> impl Iterator<Item = u64> + use<> {
        // Fresh seeds never overlap the fixed ones.
        let start = (1 << 32) + (self.fresh % (1 << 40)) * 1_024;
        (0..fixed).chain(start..start + fresh)
    }

    /// Runs a case, which returns a description of what it tried, or a failure.
    ///
    /// # Errors
    /// [`Failed`], if the case failed.
    pub fn case(
        &mut self,
        title: impl Into<String>,
        trial: impl FnOnce(&Self) -> Result<String, CaseFailure>,
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
                self.broke = Some(CaseFailure { case: title, ..broke });
                Err(Failed)
            }
        }
    }

    /// Latest case that was started.
    pub fn under_way(&self) -> &str {
        &self.under_way
    }

    /// Number of passed cases.
    pub fn passed(&self) -> usize {
        self.passed.len()
    }

    /// Returns the result so far.
    pub fn outcome(&self, exercise: &crate::Exercise) -> GradingOutcome {
        let verdict = match &self.broke {
            Some(broke) => GradingVerdict::Failed(broke.clone()),
            // A grading without cases has shown nothing.
            None if self.passed.is_empty() => {
                GradingVerdict::Lost { case: String::new(), message: "no case was run".to_owned() }
            }
            None => GradingVerdict::Passed,
        };
        let points = match &verdict {
            GradingVerdict::Passed => exercise.points,
            GradingVerdict::Failed(CaseFailure { part: Some((right, of)), .. }) => {
                exercise.points * right / (*of).max(1)
            }
            _ => 0,
        };
        GradingOutcome {
            exercise: exercise.id.to_owned(),
            fresh: self.fresh,
            passed: self.passed.clone(),
            verdict,
            points,
        }
    }

    /// Saves a report of the result, and the trace of a failure beside it.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn save(&self, outcome: &GradingOutcome, report: &Path) -> io::Result<()> {
        let trace = trace_beside(report);
        // Stale files would describe another failure, and a link would point elsewhere.
        discard(report)?;
        if let Some(document) = self.broke.as_ref().and_then(|broke| broke.trace.as_ref()) {
            document.write_jsonl(&mut File::create(trace)?)?;
        }
        fs::write(report, serde_json::to_string_pretty(outcome)? + "\n")
    }
}

/// Removes a report, with the trace and the page beside it.
///
/// # Errors
/// If a file cannot be removed.
pub fn discard(report: &Path) -> io::Result<()> {
    [report, &trace_beside(report), &page_beside(report)].into_iter().try_for_each(remove)
}

/// Removes a file, or a link to one, if it exists.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Path of a failure's trace, beside its report.
pub fn trace_beside(report: &Path) -> PathBuf {
    report.with_extension("jsonl")
}

/// Path of a failure's page, beside its report.
pub fn page_beside(report: &Path) -> PathBuf {
    report.with_extension("html")
}
