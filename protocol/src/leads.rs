//! Leadership: machines that know whether they lead.

use std::fmt::Debug;

use crate::{Context, Machine};

/// A machine that elects a leader, a primary or the holder of a lease, and knows whether it is one.
///
/// Several nodes may believe that they lead: a deposed leader does not know it yet. The epoch (a
/// term, a ballot, a fencing token) says who is the newest, as the protocol itself does.
///
/// Drivers offer the answer for the whole cluster, as `world.leader()` of the simulator does.
pub trait Leads: Machine {
    /// Epoch of leadership: a leader of a later one has deposed those of earlier ones.
    type Epoch: Ord + Debug;

    /// The epoch in which this node leads, by what it knows and its clock shows; `None` if it does
    /// not lead.
    fn leads(&self, cx: &Context<Self>) -> Option<Self::Epoch>;
}
