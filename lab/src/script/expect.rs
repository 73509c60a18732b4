//! The `expect` command, and the parsing of assertions.

use quorate_protocol::{Invariant, Machine};

use super::args::Args;
use super::assertion::{Assertion, common_assertion};
use super::problem::ScriptProblem;
use super::protocol::{Protocol, ProtocolAssertion};
use super::scenario_run::ScenarioRun;
use super::usage::ASSERTIONS;
use crate::trace::{EventId, Recording};

/// Shows an assertion the events since `next`, and advances `next`.
pub(super) fn watch<M: Machine, I: Invariant<M>>(
    assertion: &mut dyn Assertion<M, I>,
    recording: &Recording<M>,
    next: &mut EventId,
) {
    let skipped = usize::try_from(next.get() - 1).unwrap_or(usize::MAX);
    for (_, event) in recording.iter().skip(skipped) {
        assertion.see(event.lane, &event.what);
    }
    *next = recording.next_id();
}

impl<P: Protocol> ScenarioRun<P> {
    /// Parses an assertion: one of the protocol's own, or one that every protocol has.
    pub(super) fn assertion(&self, args: &mut Args<'_>) -> Result<ProtocolAssertion<P>, ScriptProblem> {
        let names = self.names();
        if Self::is_own_assertion(args) {
            let name = args.need("an assertion")?;
            return P::assertion(name, args, &names);
        }
        if let Some(assertion) = common_assertion(args, &names)? {
            return Ok(assertion);
        }
        let known = P::ASSERTIONS.iter().chain(ASSERTIONS).map(|usage| usage.name());
        match args.take() {
            Some(word) => Err(ScriptProblem::unknown("assertion", word, known)),
            None => match args.remaining_options().next() {
                Some((key, _)) => Err(ScriptProblem::unknown("assertion", key, known)),
                None => Err(ScriptProblem::Missing { what: "an assertion", usage: args.usage() }),
            },
        }
    }

    /// `expect`: fails unless the assertion holds.
    pub(super) fn expect(&mut self, mut args: Args<'_>) -> Result<(), ScriptProblem> {
        if let Some(invariant) = args.option("violation") {
            let invariant = invariant.to_owned();
            args.finish()?;
            return self.expect_violation(&invariant);
        }
        self.look(1)?;
        let mut assertion = self.assertion(&mut args)?;
        args.finish()?;
        let names = self.names();
        names.scope(|| {
            if let Some(recording) = self.world.recording() {
                let mut next = EventId::FIRST;
                watch(&mut *assertion, recording, &mut next);
            }
            assertion.holds(&self.world).map_err(|actual| ScriptProblem::Unmet { expected: assertion.says(), actual })
        })
    }
}
