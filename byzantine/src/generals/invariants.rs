//! The conditions of interactive consistency (§1), checked from outside. They speak of loyal
//! generals only.

use quorate_protocol::{Invariant, InvariantSummary, InvariantViolation, NodeId, StepView};

use super::message::{Fact, Order};
use super::node::General;

fn is_loyal(seen: &StepView<'_, General>, general: NodeId) -> bool {
    seen.constants.of(general, ()).config.lie().is_none()
}

/// IC1: all loyal lieutenants obey the same order.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct LoyalAgree {
    pub(crate) obeyed: Option<Order>,
}

impl Invariant<General> for LoyalAgree {
    /// Both orders leave the same value, unless two steps contradict each other.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("LoyalAgree", "All loyal lieutenants obey the same order (IC1).")]
    }

    fn check(&mut self, seen: &StepView<'_, General>) -> Result<(), InvariantViolation> {
        for fact in seen.facts().filter(|_| is_loyal(seen, seen.node)) {
            let Fact::Obeys { order } = fact else { continue };
            let first = *self.obeyed.get_or_insert(*order);
            if first != *order {
                let detail = format!("{} obeys {order}, and another loyal lieutenant {first}", seen.node);
                return Err(InvariantViolation::new("LoyalAgree", detail));
            }
        }
        Ok(())
    }
}

/// IC2: if the commander is loyal, every loyal lieutenant obeys the order that he sends.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct LoyalObey {
    pub(crate) ordered: Option<Order>,
}

impl Invariant<General> for LoyalObey {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "LoyalObey",
            "If the commander is loyal, every loyal lieutenant obeys the order that he sends (IC2).",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, General>) -> Result<(), InvariantViolation> {
        for fact in seen.facts().filter(|_| is_loyal(seen, seen.node)) {
            match fact {
                Fact::Ordered { order } => self.ordered = Some(*order),
                Fact::Obeys { order } if self.ordered.is_some_and(|ordered| ordered != *order) => {
                    let detail =
                        format!("{} obeys {order}, and the commander has ordered {}", seen.node, order.other());
                    return Err(InvariantViolation::new("LoyalObey", detail));
                }
                Fact::Obeys { .. } => {}
            }
        }
        Ok(())
    }
}

/// Both conditions.
pub type Safety = (LoyalAgree, LoyalObey);
