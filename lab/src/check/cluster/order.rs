//! Which deliveries sleep: the bookkeeping of [`Reductions::order`](super::Reductions::order), where it is argued.

use std::sync::Arc;

use quorate_protocol::Machine;

use super::action::{Action, Stimulus};
use super::parts::Flight;
use super::state::State;

/// The positions in a state's network whose messages need not arrive next, as far as there are bits: the others are awake.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct Asleep(u64);

impl Asleep {
    /// Whether the message at a position sleeps.
    pub(super) fn has(self, position: usize) -> bool {
        position < u64::BITS as usize && self.0 & (1 << position) != 0
    }

    fn put(&mut self, position: usize) {
        if position < u64::BITS as usize {
            self.0 |= 1 << position;
        }
    }
}

/// What sleeps after a step of this node: messages to other nodes that were there before, if they slept then, or if their
/// delivery comes before this step in the order of actions.
///
/// Deliveries stand in the order of the network, after what nodes say to themselves and before all the rest.
pub(super) fn asleep_after<M: Machine, I>(before: &State<M, I>, action: &Action<M>, after: &State<M, I>) -> Asleep {
    let Action::Step { node, stimulus, crash: None } = action else { return Asleep::default() };
    let earlier = match stimulus {
        Stimulus::Own => 0,
        Stimulus::Message(position) => *position,
        Stimulus::Timer(_) | Stimulus::Request { .. } => before.network.len(),
    };
    let mut asleep = Asleep::default();
    let mut known = before.network.iter().enumerate().peekable();
    for (place, flight) in after.network.iter().enumerate() {
        while known.next_if(|(_, old)| is_before(old, flight)).is_some() {}
        let old = known.next_if(|(_, old)| is_same(old, flight));
        if let Some((position, _)) = old
            && flight.to != *node
            && (position < earlier || before.asleep.has(position))
        {
            asleep.put(place);
        }
    }
    asleep
}

fn is_before<M: Machine>(one: &Arc<Flight<M>>, other: &Arc<Flight<M>>) -> bool {
    !Arc::ptr_eq(one, other) && one < other
}

fn is_same<M: Machine>(one: &Arc<Flight<M>>, other: &Arc<Flight<M>>) -> bool {
    Arc::ptr_eq(one, other) || one == other
}
