//! Causal consistency and causal memory, by the bad patterns of Bouajjani et al. (2017).

use std::collections::BTreeSet;

use super::level::{Pattern, Witness};
use super::operations::Operations;
use super::order::Order;
use super::saturate::{Reason, saturate};

/// Searches for a bad pattern of causal consistency: `CyclicCO`, `WriteCOInitRead`, `WriteCORead`.
pub(super) fn causal(operations: &Operations, order: &Order) -> Option<Witness> {
    let words = |operation: usize| &operations.list[operation].words;
    for (read, source) in operations.reads() {
        if let Some(write) = source.filter(|write| order.has(read, *write)) {
            let why = format!("{} returns the value of {}, which causally follows it", words(read), words(write));
            return Some(operations.witness(write, read, Pattern::CyclicCO, why));
        }
    }
    for (read, source) in operations.reads() {
        for other in operations.writes_beside(read).filter(|other| order.has(*other, read)) {
            let (pattern, tail) = match source {
                None => (Pattern::WriteCOInitRead, "but returns the initial value".to_owned()),
                Some(write) if write != other && order.has(write, other) => {
                    (Pattern::WriteCORead, format!("but returns what {} wrote before that", words(write)))
                }
                Some(_) => continue,
            };
            let why = format!("{} causally follows {}, {tail}", words(read), words(other));
            return Some(operations.witness(other, read, pattern, why));
        }
    }
    None
}

/// Searches for a bad pattern of causal memory: those of causal consistency, `WriteHBInitRead` and
/// `CyclicHB`.
pub(super) fn causal_memory(operations: &Operations, order: &Order) -> Option<Witness> {
    if let Some(witness) = causal(operations, order) {
        return Some(witness);
    }
    let sessions: BTreeSet<_> = operations.list.iter().map(|operation| operation.client).collect();
    sessions.into_iter().find_map(|client| {
        let contradiction = saturate(operations, &mut order.clone(), Some(client))?;
        let pattern = match contradiction.reason {
            Reason::Initial => Pattern::WriteHBInitRead,
            _ => Pattern::CyclicHB,
        };
        let order = format!("in any order for client {}", client.0);
        Some(contradiction.witness(operations, pattern, &order))
    })
}
