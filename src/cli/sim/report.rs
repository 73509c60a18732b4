//! Report on many runs, and on the first failed one.

use indicatif::HumanCount;
use quorate::experiments::AnswerStats;
use quorate::lab::sim::Violation;
use quorate::protocol::{Duration, Names};

use super::seeds::Completed;
use super::sweep::Results;
use super::{Arguments, Plan};
use crate::cli::failure::Failure;
use crate::cli::output::Output;

impl Plan<'_> {
    pub(super) fn report(&self, results: &Results, output: &mut Output) -> Result<(), Failure> {
        let Arguments { nodes, seeds, span, faults, .. } = self.arguments;
        let Results { coverage, waits, events, checked, missed, broken, completed, .. } = results;
        output.line(format_args!(
            "{}, {} nodes, seeds {seeds}, {span:?} of faults in each run",
            self.simulated.name(),
            self.simulated.nodes(*nodes)
        ))?;
        let assumed = self.simulated.within_assumptions(faults);
        output.line(format_args!("faults: {assumed}"))?;
        if assumed != *faults {
            let asked = format!(
                "Left out of what was asked for is what {} assumes not to happen: {faults}",
                self.simulated.name()
            );
            output.line(asked)?;
        }
        output.line("")?;
        let mut row =
            |count: u64, what: &str| output.line(format_args!("{:>14}  {what}", HumanCount(count).to_string()));
        row(completed.count(), "runs")?;
        row(waits.len() as u64, self.simulated.goal())?;
        row(missed.len() as u64, "missed that goal, although everything was healed")?;
        row(broken.len() as u64, "broke an invariant")?;
        for (count, what) in coverage {
            row(*count, what)?;
        }
        row(*events, "simulated events")?;
        output.line("")?;
        if let (Some(worst), Some(median)) = (waits.last(), waits.get(waits.len() / 2)) {
            let (median, worst) = (Duration::from_nanos(*median), Duration::from_nanos(*worst));
            output.line(format_args!("Time from healing to the goal: median {median:.1?}, maximum {worst:.1?}."))?;
        }
        output.line(answer_summary(checked))?;
        let part = self.part(completed);
        if let Some(part) = &part {
            output.prose(part)?;
        }
        if let Some((seed, violation, names)) = broken.first() {
            return Err(self.explain(*seed, violation, names, output));
        }
        match missed.first() {
            Some(seed) => {
                self.arguments.export.report_unwritten(output)?;
                let replay = self.replay(*seed);
                Err(Failure::broke(format_args!(
                    "seed {seed} never {}; see it with\n  {replay}",
                    self.simulated.goal()
                )))
            }
            None => {
                output.line(match part {
                    None => "Every invariant held after every step.",
                    Some(_) => "In these runs every invariant held after every step.",
                })?;
                self.arguments.export.report_unwritten(output)?;
                match self.interrupt.signal().filter(|_| part.is_some()) {
                    None => Ok(()),
                    Some(signal) => Err(Failure::interrupted(signal, self.done(completed))),
                }
            }
        }
    }

    /// If not all runs were completed, describes which were.
    fn part(&self, completed: &Completed) -> Option<String> {
        if completed.count() == self.arguments.seeds.count() {
            return None;
        }
        let why = match self.interrupt.signal() {
            Some(signal) => format!("Interrupted by {signal}"),
            None => "Stopped after enough broken runs".to_owned(),
        };
        Some(format!("{why}: {}. The other seeds were not run.", self.done(completed)))
    }

    fn done(&self, completed: &Completed) -> String {
        let (count, all) = (HumanCount(completed.count()), HumanCount(self.arguments.seeds.count()));
        format!("{count} of {all} runs are complete, seeds {completed}")
    }

    /// Shows the shrunk run that violates the invariant, and the command for the full run.
    fn explain(&self, seed: u64, violation: &Violation, names: &Names, output: &mut Output) -> Failure {
        let shown = || -> Result<(), Failure> {
            let planned = self.plan(seed)?;
            let Some(shrunk) = planned.shrink_unless(self.stop(), SHRINKING_RUNS_MAX, names) else { return Ok(()) };
            let run = if shrunk.complete { "minimal" } else { "shortened" };
            output.line(format_args!("Seed {seed} breaks an invariant. The {run} failing run:"))?;
            output.line("")?;
            output.line(shrunk.schedule)?;
            output.line("")?;
            output.trace(&shrunk.document, &self.arguments.showing.with_reasons())?;
            output.line("")?;
            self.keep(seed, &*planned, output)?;
            Ok(output.flush()?)
        };
        match { shown }() {
            Err(failure) => failure,
            Ok(()) => {
                let violation = names.scope(|| violation.to_string());
                Failure::broke(format_args!("{violation}; see the whole run with\n  {}", self.replay(seed)))
            }
        }
    }
}

/// Describes the amount of client history that was checked.
fn answer_summary(checked: &AnswerStats) -> String {
    let AnswerStats { histories, operations, undecided } = *checked;
    let (calls, runs) = (HumanCount(operations), HumanCount(histories));
    let noun = if histories == 1 { "history" } else { "histories" };
    let said = format!("Checked {calls} client operations in {runs} {noun} for linearizability");
    match undecided {
        0 => said + ".",
        _ => format!("{said}; {} of the histories would have taken too long to decide.", HumanCount(undecided)),
    }
}

const SHRINKING_RUNS_MAX: usize = 5_000;
