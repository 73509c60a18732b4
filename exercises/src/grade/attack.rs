//! Grading of attacks: a schedule, written in the scenario language, that makes a broken system
//! fail.
//!
//! The learner is given a [system](System): a cluster line that names a bug of the zoo, an
//! invariant that this bug can break, and a maximum number of commands. The schedule is run as
//! `quorate run` would run it. It passes if the invariant breaks within that budget, and if the
//! same schedule under the papers' rules breaks nothing, which shows that the bug was the cause.
//!
//! A schedule cannot run forever: the interpreter stops a command that takes thousands of events,
//! and the number of commands is limited.

mod schedule;
mod system;

#[cfg(test)]
mod tests;

use quorate_harness::protocols::registry;
use quorate_lab::script::{RunOptions, RunResult, ScriptProblem, run_scenario, shown};
use quorate_lab::trace::{Document, EventKind};

use crate::course::Exercise;
use crate::grading::{CaseFailure, Failed, Grading, GradingOutcome, GradingVerdict};
pub(crate) use schedule::FREE;
use schedule::{Schedule, Unplayable};
pub use system::{SYSTEMS, System};

/// Grades a schedule: the text of a scenario file.
///
/// It runs in the grader's own process, because it can do only what the scenario language allows.
pub fn attack(exercise: &'static Exercise, text: &str, grading: &mut Grading) -> GradingOutcome {
    let unplayable = match System::of(exercise.id) {
        Some(system) => play(system, exercise, text, grading).err(),
        None => {
            Some(GradingVerdict::Lost { case: String::new(), message: "there is no such system to attack".to_owned() })
        }
    };
    let mut outcome = grading.outcome(exercise);
    if let Some(verdict) = unplayable {
        (outcome.verdict, outcome.points) = (verdict, 0);
    }
    outcome
}

/// Runs a schedule. The error is the reason why it cannot be run.
fn play(system: &System, exercise: &Exercise, text: &str, grading: &mut Grading) -> Result<(), GradingVerdict> {
    let schedule = match Schedule::read(system, text) {
        Ok(schedule) => schedule,
        Err(Unplayable::Empty) => return Err(GradingVerdict::Unfinished),
        Err(Unplayable::Unreadable { line, problem }) => return Err(unreadable(exercise, line, &problem)),
        Err(Unplayable::Otherwise(broke)) => {
            // The grading records the failure; there is nothing to add.
            let _ = grading.case(GIVEN, |_| Err(broke));
            return Ok(());
        }
    };
    let broken = played(&schedule.text).map_err(|(line, problem)| unreadable(exercise, line, &problem))?;
    // Under the papers' rules a later command may become impossible. Only violations matter.
    let by_the_book = played(&schedule.by_the_book);
    let _: Result<(), Failed> = grade_schedule(system, &schedule, broken, by_the_book.ok(), grading);
    Ok(())
}

const GIVEN: &str = "the given system is unchanged";

fn unreadable(exercise: &Exercise, line: usize, problem: &str) -> GradingVerdict {
    GradingVerdict::Unreadable { message: format!("{}, line {line}: {problem}", exercise.file()) }
}

/// Outcome of a schedule.
#[derive(Clone, Debug, Default)]
struct Played {
    document: Document,
    /// Expectation of the schedule that is not met.
    unmet: Option<String>,
}

impl Played {
    /// Broken invariant, with its description.
    fn violation(&self) -> Option<(&str, &str)> {
        self.document.events.iter().find_map(|event| match &event.what {
            EventKind::Violation { invariant, detail } => Some((invariant.as_str(), detail.as_str())),
            _ => None,
        })
    }
}

/// Runs a scenario to its end, or until an invariant breaks or an expectation is not met. The error
/// is a line that cannot be parsed or executed, with its number and a remedy.
fn played(text: &str) -> Result<Played, (usize, String)> {
    let failure = match run_scenario(text, &registry(), RunOptions::default()) {
        Ok(RunResult { document, .. }) => return Ok(Played { document, unmet: None }),
        Err(failure) => *failure,
    };
    let document = failure.document.unwrap_or_default();
    let line = failure.error.line;
    match failure.error.problem {
        // A schedule need not contain expectations: the grader has its own.
        ScriptProblem::Vacuous | ScriptProblem::Broken { .. } | ScriptProblem::Over { .. } => {
            Ok(Played { document, unmet: None })
        }
        unmet @ ScriptProblem::Unmet { .. } => Ok(Played { document, unmet: Some(format!("line {line}: {unmet}")) }),
        problem => Err((line, problem.to_string())),
    }
}

fn grade_schedule(
    system: &System,
    schedule: &Schedule,
    broken: Played,
    by_the_book: Option<Played>,
    grading: &mut Grading,
) -> Result<(), Failed> {
    let (commands, commands_max) = (schedule.commands, system.commands_max);
    grading.case(GIVEN, |_| Ok("the cluster is the given one".to_owned()))?;
    grading.case(format!("{} breaks", system.invariant), |_| breaks(system, broken))?;
    grading.case(format!("within {commands_max} commands"), |_| match commands {
        few if few <= commands_max => Ok(format!("{few} commands")),
        many => Err(CaseFailure::new(
            "Budget",
            format!("the schedule has {many} commands, and the maximum is {commands_max}"),
        )),
    })?;
    grading.case("the same schedule under the correct rulebook", |_| holds(by_the_book))
}

/// Checks that the invariant of the attack breaks under the bug.
fn breaks(system: &System, played: Played) -> Result<String, CaseFailure> {
    let wanted = system.invariant;
    if played.document.events.iter().any(|event| matches!(event.what, EventKind::Forge(_))) {
        let detail =
            "a message is forged, and in this system no node lies; the fault that breaks it is in its rulebook";
        return Err(CaseFailure::new("Forged", detail).shown_by(played.document));
    }
    let broke = match played.violation() {
        Some((invariant, detail)) if invariant == wanted => return Ok(detail.to_owned()),
        Some((invariant, detail)) => CaseFailure::new(
            "AnotherInvariant",
            format!("{invariant} breaks, which also shows the bug, but the goal is to break {wanted}: {detail}"),
        ),
        None => {
            let unmet = played.unmet.as_ref().map_or_else(String::new, |unmet| format!(" ({})", shown(unmet)));
            CaseFailure::new("Holds", format!("the schedule runs to its end, and {wanted} still holds{unmet}"))
        }
    };
    Err(broke.shown_by(played.document))
}

/// Checks that nothing breaks under the papers' rules. A command that is impossible there does not
/// matter.
fn holds(played: Option<Played>) -> Result<String, CaseFailure> {
    let Some(played) = played else {
        return Ok("it cannot be followed to its end, and breaks nothing".to_owned());
    };
    match played.violation() {
        None => Ok("breaks nothing".to_owned()),
        Some((invariant, detail)) => {
            let detail =
                format!("{invariant} breaks under the correct rulebook, too, so the bug is not the cause: {detail}");
            Err(CaseFailure::new("ByTheBook", detail).shown_by(played.document))
        }
    }
}
