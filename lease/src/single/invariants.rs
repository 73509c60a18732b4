//! Invariants of a cluster with a single granter.

use std::collections::BTreeSet;

use quorate_protocol::{Invariant, InvariantSummary, InvariantViolation, RequestId, StepView, Variant};

use super::message::Record;
use super::node::Lease;
use crate::exclusion::{self, AtMostOnePrimary, LeaseEvent, Observable, TokensNeverDecrease};
use crate::id::{LeaseId, Token};
use crate::primary::Fact;

/// Type of all invariants of a cluster with a single granter.
pub type Safety = (AtMostOnePrimary<LeaseId>, TokensNeverDecrease);

/// All invariants of a cluster with a single granter, under any rulebook.
pub fn invariants() -> Safety {
    (AtMostOnePrimary::default(), TokensNeverDecrease::default())
}

/// A resource executes a write once, however often it arrives.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct EachWriteOnce {
    written: BTreeSet<RequestId>,
}

impl<M: Variant<Reference = Lease>> Invariant<M> for EachWriteOnce {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("EachWriteOnce", "A resource executes a write once, however often it arrives.")]
    }

    fn check(&mut self, step: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for record in step.out.records() {
            if let Record::Written { token, ticket, .. } = record
                && !self.written.insert(*ticket)
            {
                let detail = format!("{} wrote {ticket} under {token}, and had written it before", step.node);
                return Err(InvariantViolation::new("EachWriteOnce", detail));
            }
        }
        Ok(())
    }
}

impl<M: Variant<Reference = Lease>> Observable for M {
    type Name = LeaseId;

    fn observe(fact: &Fact) -> Option<(LeaseId, Token, LeaseEvent)> {
        exclusion::observe(fact)
    }

    fn accepted(fact: &Fact) -> Option<Token> {
        match fact {
            Fact::WriteAccepted { token, .. } => Some(*token),
            _ => None,
        }
    }
}
