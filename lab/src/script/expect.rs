//! The `expect` command, and the parsing of assertions.

use quorate_protocol::{Invariant, Machine};

use super::claim::{Claim, common_claim};
use super::play::Play;
use super::problem::Problem;
use super::protocol::{Protocol, ProtocolClaim};
use super::usage::CLAIMS;
use super::words::Words;
use crate::trace::{EventId, Recording};

/// Shows an assertion the events since `next`, and advances `next`.
pub(super) fn watch<M: Machine, I: Invariant<M>>(
    claim: &mut dyn Claim<M, I>,
    recording: &Recording<M>,
    next: &mut EventId,
) {
    let skipped = usize::try_from(next.get() - 1).unwrap_or(usize::MAX);
    for (_, event) in recording.iter().skip(skipped) {
        claim.see(event.lane, &event.what);
    }
    *next = recording.next_id();
}

impl<P: Protocol> Play<P> {
    /// Parses an assertion: one of the protocol's own, or one that every protocol has.
    pub(super) fn claim(&self, words: &mut Words<'_>) -> Result<ProtocolClaim<P>, Problem> {
        let names = self.names();
        if Self::is_own_claim(words) {
            let name = words.need("a claim")?;
            return P::claim(name, words, &names);
        }
        if let Some(claim) = common_claim(words, &names)? {
            return Ok(claim);
        }
        let known = P::CLAIMS.iter().chain(CLAIMS).map(|usage| usage.name());
        match words.take() {
            Some(word) => Err(Problem::unknown("claim", word, known)),
            None => match words.remaining_options().next() {
                Some((key, _)) => Err(Problem::unknown("claim", key, known)),
                None => Err(Problem::Missing { what: "a claim", usage: words.usage() }),
            },
        }
    }

    /// `expect`: fails unless the assertion holds.
    pub(super) fn expect(&mut self, mut words: Words<'_>) -> Result<(), Problem> {
        if let Some(invariant) = words.option("violation") {
            let invariant = invariant.to_owned();
            words.finish()?;
            return self.expect_violation(&invariant);
        }
        self.look(1)?;
        let mut claim = self.claim(&mut words)?;
        words.finish()?;
        let names = self.names();
        names.scope(|| {
            if let Some(recording) = self.world.recording() {
                let mut next = EventId::FIRST;
                watch(&mut *claim, recording, &mut next);
            }
            claim.holds(&self.world).map_err(|actual| Problem::Unmet { expected: claim.says(), actual })
        })
    }

    /// `expect violation=…`: the run has ended with this violation.
    fn expect_violation(&mut self, invariant: &str) -> Result<(), Problem> {
        let actual = match self.broken() {
            Some(broken) if broken == invariant => {
                self.foretold = true;
                return Ok(());
            }
            Some(broken) => format!("{broken} is"),
            None => "every invariant holds".to_owned(),
        };
        Err(Problem::Unmet { expected: format!("{invariant} to be broken"), actual })
    }
}
