//! Report on many runs, and on the first failed one.

use indicatif::HumanCount;
use quorate::experiments::Judged;
use quorate::found::Storied;
use quorate::lab::sim::Violation;
use quorate::protocol::{Duration, Names};

use super::seeds::Completed;
use super::sweep::Results;
use super::{Arguments, Plan};
use crate::cli::failure::Failure;
use crate::cli::screen::{Screen, Showing};

impl<S: Storied> Plan<'_, S> {
    pub(super) fn report(&self, results: &Results<S::Machine>, screen: &mut Screen) -> Result<(), Failure> {
        let Arguments { nodes, seeds, span, faults, .. } = self.arguments;
        let Results { coverage, waits, events, judged, missed, broken, completed, .. } = results;
        screen.line(format_args!("{}, {nodes} nodes, seeds {seeds}, {span:?} of faults in each run", S::NAME))?;
        screen.line(format_args!("faults: {faults}"))?;
        screen.line("")?;
        let mut row =
            |count: u64, what: &str| screen.line(format_args!("{:>14}  {what}", HumanCount(count).to_string()));
        row(completed.count(), "runs")?;
        row(waits.len() as u64, S::GOAL)?;
        row(missed.len() as u64, "did not, although everything was healed")?;
        row(broken.len() as u64, "broke an invariant")?;
        for (count, what) in S::met(coverage) {
            row(count, what)?;
        }
        row(*events, "simulated events")?;
        screen.line("")?;
        if let (Some(worst), Some(median)) = (waits.last(), waits.get(waits.len() / 2)) {
            let (median, worst) = (Duration::from_nanos(*median), Duration::from_nanos(*worst));
            screen.line(format_args!("From the healing to the goal: median {median:.1?}, worst {worst:.1?}."))?;
        }
        screen.line(judgement(judged))?;
        let part = self.part(completed);
        if let Some(part) = &part {
            screen.prose(part)?;
        }
        if let Some((seed, violation, names)) = broken.first() {
            return Err(self.explain(*seed, violation, names, screen));
        }
        match missed.first() {
            Some(seed) => {
                self.arguments.keeping.excuse(screen)?;
                let replay = self.replay(*seed);
                Err(Failure::broke(format_args!("seed {seed} never {}; see it with\n  {replay}", S::GOAL)))
            }
            None => {
                screen.line(match part {
                    None => "Every invariant held after every step.",
                    Some(_) => "In these runs every invariant held after every step.",
                })?;
                self.arguments.keeping.excuse(screen)?;
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
            None => "Ended because there are broken runs enough".to_owned(),
        };
        Some(format!("{why}: {}. Of the other seeds nothing is known.", self.done(completed)))
    }

    fn done(&self, completed: &Completed) -> String {
        let (count, all) = (HumanCount(completed.count()), HumanCount(self.arguments.seeds.count()));
        format!("{count} of {all} runs are complete, those of seeds {completed}")
    }

    /// Shows the shrunk run that violates the invariant, and the command for the full run.
    fn explain(&self, seed: u64, violation: &Violation, names: &Names, screen: &mut Screen) -> Failure {
        let shown = || -> Result<(), Failure> {
            let experiment = self.experiment(seed)?;
            let Some(mut shrunk) = experiment.shrink_unless(self.stop(), SHRINKING_RUNS_MAX) else { return Ok(()) };
            let least = if shrunk.complete { "The least that must" } else { "What must at most" };
            screen.line(format_args!("Seed {seed} breaks an invariant. {least} happen for it:"))?;
            screen.line("")?;
            screen.line(shrunk.schedule(names))?;
            screen.line("")?;
            shrunk.experiment.setup.traced = true;
            let world = shrunk.experiment.run_to_end().world;
            if let Some(recording) = world.recording() {
                screen.trace(&recording.document(), Showing { why: true, ..self.arguments.showing })?;
                screen.line("")?;
            }
            self.keep(seed, &experiment, screen)?;
            Ok(screen.flush()?)
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
fn judgement(judged: &Judged) -> String {
    let Judged { histories, operations, undecided } = *judged;
    let said = format!("Judged {} client operations in {} histories", HumanCount(operations), HumanCount(histories));
    match undecided {
        0 => said + ".",
        _ => format!("{said}, {} of which would have taken too long to decide.", HumanCount(undecided)),
    }
}

const SHRINKING_RUNS_MAX: usize = 5_000;
