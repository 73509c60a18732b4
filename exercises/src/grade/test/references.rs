//! Reference invariants that the protocol crates do not have, because they use facts only.

use std::collections::BTreeMap;

use quorate_paxos::{Ballot, Fact, Paxos};
use quorate_protocol::{Invariant, InvariantViolation, NodeId, StepView};

/// The ballots that an acceptor promises and accepts never decrease, also across crashes (*Paxos
/// Made Simple* §2.2, P1a).
///
/// `PromisesNeverDecrease` inspects the machines for this. From facts alone, a violation shows only
/// at the acceptor's next fact.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct BallotsNeverFall(BTreeMap<NodeId, Ballot>);

impl Invariant<Paxos> for BallotsNeverFall {
    fn check(&mut self, seen: &StepView<'_, Paxos>) -> Result<(), InvariantViolation> {
        for fact in seen.facts() {
            let (Fact::Promised { ballot } | Fact::Accepted { ballot, .. }) = fact else { continue };
            let highest = self.0.entry(seen.node).or_insert(*ballot);
            if ballot < highest {
                let detail =
                    format!("{} has handled ballot {highest}, and now handles the lower ballot {ballot}", seen.node);
                return Err(InvariantViolation::new("BallotsNeverFall", detail));
            }
            *highest = *ballot;
        }
        Ok(())
    }
}
