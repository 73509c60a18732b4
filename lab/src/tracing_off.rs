//! Stub for the `tracing` feature when it is off: no events are emitted.

#[cfg(feature = "live")]
use quorate_protocol::NodeId;
use quorate_protocol::{Context, Machine, Outbox};

use crate::env::Survival;
#[cfg(feature = "live")]
use crate::trace::Value;

/// Target of a protocol's events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Target;

impl Target {
    pub(crate) fn of<M: Machine>() -> Self {
        Target
    }

    #[inline]
    pub(crate) fn is_enabled(self) -> bool {
        false
    }

    pub(crate) fn step<M: Machine>(self, _cx: &Context<M>, _machine: &M, _out: &Outbox<M>, _survival: Survival) {}

    #[cfg(feature = "live")]
    pub(crate) fn state<M: Machine>(self, _cx: &Context<M>, _machine: &M) -> Option<Value> {
        None
    }

    #[cfg(feature = "live")]
    pub(crate) fn step_later<M: Machine>(
        self,
        _node: NodeId,
        _state: Option<&Value>,
        _out: &Outbox<M>,
        _survival: &mut Survival,
    ) {
    }
}
