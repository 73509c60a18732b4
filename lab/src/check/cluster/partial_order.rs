//! Sleep sets (partial-order reduction). [`Reductions::order`](super::Reductions::order) explains
//! why they are sound.

use std::sync::Arc;

use quorate_protocol::Machine;

use super::action::{Action, Stimulus};
use super::interned::Flight;
use super::state::State;

/// A sleep set: positions in a state's network of messages that need not be delivered next. Only
/// the first 64 positions can be in it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct SleepSet(u64);

impl SleepSet {
    /// Whether the message at a position is in the sleep set.
    pub(super) fn contains(self, position: usize) -> bool {
        position < u64::BITS as usize && self.0 & (1 << position) != 0
    }

    fn insert(&mut self, position: usize) {
        if position < u64::BITS as usize {
            self.0 |= 1 << position;
        }
    }
}

/// Returns the sleep set after a step of this node: messages to other nodes that were in the
/// network before, if they were in the sleep set then, or if their delivery comes before this step
/// in the order of actions.
///
/// Deliveries are in the order of the network, after nodes' messages to themselves and before all
/// other actions.
pub(super) fn sleep_set_after<M: Machine, I>(
    before: &State<M, I>,
    action: &Action<M>,
    after: &State<M, I>,
) -> SleepSet {
    let Action::Step { node, stimulus, crash: None } = action else { return SleepSet::default() };
    let earlier = match stimulus {
        Stimulus::Own => 0,
        Stimulus::Message(position) => *position,
        Stimulus::Timer(_) | Stimulus::Request { .. } => before.network.len(),
    };
    let mut sleep_set = SleepSet::default();
    let mut known = before.network.iter().enumerate().peekable();
    for (place, flight) in after.network.iter().enumerate() {
        while known.next_if(|(_, old)| is_before(old, flight)).is_some() {}
        let old = known.next_if(|(_, old)| is_same(old, flight));
        if let Some((position, _)) = old
            && flight.to != *node
            && (position < earlier || before.sleep_set.contains(position))
        {
            sleep_set.insert(place);
        }
    }
    sleep_set
}

fn is_before<M: Machine>(one: &Arc<Flight<M>>, other: &Arc<Flight<M>>) -> bool {
    !Arc::ptr_eq(one, other) && one < other
}

fn is_same<M: Machine>(one: &Arc<Flight<M>>, other: &Arc<Flight<M>>) -> bool {
    Arc::ptr_eq(one, other) || one == other
}
