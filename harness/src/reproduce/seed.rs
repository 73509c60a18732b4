//! Reproduction of a bug in a random run: the minimised run, or a run that never reaches its goal.

use quorate_bugs::{FAULT_WINDOW, NamedRulebookOf};
use quorate_lab::sim::{Experiment, RunVerdict, World, duration};
use quorate_lab::trace::Document;
use quorate_protocol::{Invariant, Machine};

use super::{Reproduction, instead};
use crate::TargetError;
use crate::experiments::{Planned, RunParameters, SimTarget};

/// Maximum number of attempts to minimise a run.
const RUNS_MAX: usize = 5_000;

pub(super) fn run(nodes: u32, seed: u64, faults: &str) -> Result<RunParameters, TargetError> {
    let fault_plan = faults.parse().map_err(|error| format!("'{faults}': {error}"))?;
    Ok(RunParameters { nodes, seed, fault_plan, span: duration(FAULT_WINDOW).map_err(|error| error.to_string())? })
}

pub(super) fn reproduce<S: SimTarget>(
    rules: NamedRulebookOf<S::Machine>,
    run: &RunParameters,
) -> Result<Reproduction, TargetError> {
    let whole = S::plan(rules, run)?;
    match whole.run(S::reached).verdict {
        RunVerdict::Reached { .. } => Err("nothing breaks, and the run reaches its goal".into()),
        RunVerdict::Missed => starved::<S>(whole, run),
        RunVerdict::Broke(_) => broke::<S>(&whole, run),
    }
}

/// Minimises the run, and repeats the minimised run under the papers' rules.
fn broke<S: SimTarget>(whole: &Planned<S>, run: &RunParameters) -> Result<Reproduction, TargetError> {
    let shrunk = whole.shrink(RUNS_MAX).ok_or("the run cannot be replayed")?;
    let (schedule, detail) = (shrunk.ingredients(&whole.setup.names), shrunk.violation.broken.to_string());
    let with_bug = shrunk.experiment;
    let mut book = S::plan(NamedRulebookOf::<S::Machine>::default(), run)?;
    book.setup.conditions = with_bug.setup.conditions;
    book.requests.clone_from(&with_bug.requests);
    book.faults.clone_from(&with_bug.faults);
    book.message_faults.clone_from(&with_bug.message_faults);
    book.recovery_window = with_bug.recovery_window;
    let length = schedule.len();
    let (_, document) = traced(with_bug, |_| false);
    let (verdict, by_the_book) = traced(book, |_| false);
    Ok(Reproduction {
        broken: shrunk.violation.broken.invariant.to_owned(),
        detail,
        schedule,
        length,
        by_the_book: match verdict {
            RunVerdict::Broke(violation) => Some(violation.to_string()),
            RunVerdict::Reached { .. } | RunVerdict::Missed => None,
        },
        instead: instead(&document, &by_the_book),
    })
}

/// Repeats the run under the papers' rules, where it reaches its goal.
fn starved<S: SimTarget>(whole: Planned<S>, run: &RunParameters) -> Result<Reproduction, TargetError> {
    let faults = || whole.faults.iter().map(|(at, fault)| format!("at {at}  {fault}")).collect();
    let (length, schedule) = (whole.faults.len(), whole.setup.names.scope(faults));
    let (_, document) = traced(whole, S::reached);
    let (verdict, by_the_book) = traced(S::plan(NamedRulebookOf::<S::Machine>::default(), run)?, S::reached);
    Ok(Reproduction {
        broken: format!("never {}", S::GOAL),
        detail: format!("the run never {}, although everything was healed", S::GOAL),
        schedule,
        length,
        by_the_book: match verdict {
            RunVerdict::Reached { .. } => None,
            RunVerdict::Missed => Some(format!("never {}", S::GOAL)),
            RunVerdict::Broke(violation) => Some(violation.to_string()),
        },
        instead: instead(&document, &by_the_book),
    })
}

fn traced<M: Machine, I: Invariant<M>>(
    mut experiment: Experiment<M, I>,
    goal: impl FnMut(&World<M, I>) -> bool,
) -> (RunVerdict, Document) {
    experiment.setup.traced = true;
    let outcome = experiment.run(goal);
    let document = outcome.world.recording().map(|recording| recording.document()).unwrap_or_default();
    (outcome.verdict, document)
}
