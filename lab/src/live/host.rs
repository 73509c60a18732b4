//! Per-node data that outlives the node's thread, and the start and end of that thread.

use std::panic::{AssertUnwindSafe, catch_unwind};

use quorate_protocol::{Machine, NodeId, Time};

use super::error::{FailureCause, NodeFailure};
use super::links::LinkView;
use super::node::{End, Node};
use super::storage::Storage;
use super::thread_trace::{Cause, ThreadTrace};
use super::threads::{Arc, Ordering};
use super::wire::Common;
use crate::env::{HostClock, Rng};
use crate::trace::{DropReason, Lane, TypedEvent};

/// Statistics of one node, over all its incarnations.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct NodeStats {
    /// Number of boots.
    pub boots: u32,
    /// Number of inputs that its machine handled.
    pub steps: u64,
    /// Number of messages sent to other nodes.
    pub sent: u64,
    /// Number of records made durable.
    pub records: u64,
    /// Number of syncs of its disk: one for each batch of inputs with records.
    pub syncs: u64,
}

pub(super) struct Host<M: Machine> {
    pub(super) id: NodeId,
    pub(super) storage: Box<dyn Storage<M::Disk>>,
    pub(super) thread_trace: ThreadTrace<M>,
    pub(super) clock: HostClock,
    /// Upper bound of the clock readings that the storage has reserved.
    pub(super) reserved: Time,
    pub(super) link_view: LinkView,
    pub(super) incarnation: u32,
    pub(super) stats: NodeStats,
}

impl<M: Machine> Host<M> {
    /// A node that has not booted yet. Its clock continues above all readings of earlier runs.
    pub(super) fn new(id: NodeId, common: &Common<M>, (storage, clock): (Box<dyn Storage<M::Disk>>, Time)) -> Self {
        Host {
            id,
            storage,
            thread_trace: ThreadTrace::new(Some(id.into()), common.traced),
            clock: HostClock::starting_at(clock),
            reserved: clock,
            link_view: LinkView::new(&common.links, Rng::new(common.seed, 2 * u64::from(id.0))),
            incarnation: 0,
            stats: NodeStats::default(),
        }
    }

    /// Drops the messages that arrived while the node was down.
    pub(super) fn drain_inbox(&mut self, common: &Common<M>) {
        let now = common.now();
        let mut lose = |lane: Lane, msg| {
            let lost = || TypedEvent::Drop { msg, reason: DropReason::Crashed };
            self.thread_trace.note_of(Some(lane), now, Cause::Carried(msg), lost);
        };
        for input in common.inboxes[self.id.index()].receiver.try_iter() {
            input.messages(&mut lose);
        }
    }

    /// Runs the node's thread from boot to end. Returns the host however the thread ended.
    pub(super) fn live(mut self, common: &Arc<Common<M>>, disk: &M::Disk) -> Self {
        common.names.scope(|| {
            let (id, host) = (self.id, &mut self);
            let booted = catch_unwind(AssertUnwindSafe(move || {
                // Moved in, so that the node that borrows from it may leave the closure.
                let host = host;
                Node::boot(common, host, disk)
            }));
            match booted {
                Err(panic) => close(common, id, Err(FailureCause::Panic(said(&*panic)))),
                Ok(mut node) => {
                    let ended = catch_unwind(AssertUnwindSafe(|| node.run()));
                    let ended = match ended {
                        Ok(Ok(end)) => Ok(end),
                        Ok(Err(error)) => Err(FailureCause::Storage(error)),
                        Err(panic) => Err(FailureCause::Panic(said(&*panic))),
                    };
                    let lost = match ended {
                        Ok(End::Shutdown) => None,
                        Ok(End::Crashed { lost }) => Some(lost),
                        Err(_) => Some(node.unsaved()),
                    };
                    close(common, id, ended);
                    if let Some(lost) = lost {
                        node.fall_silent();
                        node.host.clock.resume(common.now());
                        node.host.thread_trace.note(common.now(), Cause::None, || TypedEvent::Crash {
                            lost,
                            wiped: false,
                            restored: None,
                        });
                    }
                    node.outgoing.notify_down();
                }
            }
        });
        self
    }
}

/// Records the failure, if any, and then marks the node as down, so that the cause is visible
/// first.
fn close<M: Machine>(common: &Common<M>, node: NodeId, ended: Result<End, FailureCause>) {
    if let Err(cause) = ended {
        common.fail(NodeFailure { node, name: node.to_string(), cause });
    }
    common.inboxes[node.index()].up.store(false, Ordering::Release);
}

/// The message of a panic.
pub(super) fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("(no message)").to_owned()
}
