//! Violations in a scenario: one ends the run, unless the script expects it and goes on.

use super::args::Args;
use super::problem::ScriptProblem;
use super::protocol::Protocol;
use super::scenario_run::ScenarioRun;
use crate::sim::{RunError, Violation};
use quorate_protocol::Invariant;

impl<P: Protocol> ScenarioRun<P> {
    /// Records a violation: it ends the run, not the script. An invalid fault is an error of the
    /// script.
    pub(super) fn note_violation(&mut self, result: Result<(), RunError>) -> Result<(), ScriptProblem> {
        match result {
            Ok(()) => Ok(()),
            Err(RunError::Refused(misfit)) => Err(ScriptProblem::refused(self.names().scope(|| misfit.to_string()))),
            Err(RunError::Violation(violation)) => {
                self.violation = Some(violation);
                Ok(())
            }
        }
    }

    /// Fails if a violation has ended the run.
    pub(super) fn may_go_on(&self) -> Result<(), ScriptProblem> {
        match &self.violation {
            Some(violation) => Err(ScriptProblem::Over { told: self.told(violation) }),
            None => Ok(()),
        }
    }

    /// `continue`: goes on after a violation that the script expects.
    pub(super) fn go_on(&mut self, mut args: Args<'_>) -> Result<(), ScriptProblem> {
        let known: Vec<&'static str> = self.world.invariants().summaries().iter().map(|each| each.name).collect();
        let find = |name: &str| known.iter().find(|known| **known == name).copied();
        let unknown = |name: &str| ScriptProblem::unknown("invariant", name, known.iter().copied());
        let also: Result<Vec<_>, _> = args.rest().map(|name| find(name).ok_or_else(|| unknown(name))).collect();
        let also = also?;
        args.finish()?;
        match &self.violation {
            None => return Err(ScriptProblem::refused("no invariant is broken, so the run goes on; remove this line")),
            Some(violation) if !self.violation_expected => {
                let invariant = violation.broken.invariant;
                return Err(ScriptProblem::refused(format_args!(
                    "say first what is broken, and then continue: expect violation={invariant}"
                )));
            }
            Some(_) => {}
        }
        self.world.accept_violation(also);
        self.accepted = self.violation.take();
        self.violation_expected = false;
        Ok(())
    }

    /// A violation as a text, with the names of the run.
    pub(super) fn told(&self, violation: &Violation) -> String {
        self.names().scope(|| violation.to_string())
    }

    /// Whether no invariant is broken.
    pub(super) fn is_unbroken(&self) -> bool {
        self.violation.is_none()
    }

    /// The invariant that is broken.
    pub(super) fn broken(&self) -> Option<&'static str> {
        self.violation.as_ref().map(|violation| violation.broken.invariant)
    }

    /// `expect violation=…`: the run has ended with this violation.
    pub(super) fn expect_violation(&mut self, invariant: &str) -> Result<(), ScriptProblem> {
        let actual = match self.broken() {
            Some(broken) if broken == invariant => {
                self.violation_expected = true;
                return Ok(());
            }
            Some(broken) => format!("{broken} is"),
            None => "every invariant holds".to_owned(),
        };
        Err(ScriptProblem::Unmet { expected: format!("{invariant} to be broken"), actual })
    }
}
