//! What a node has around it that outlives its thread, and the thread's beginning and end.

use std::panic::{AssertUnwindSafe, catch_unwind};

use quorate_protocol::{Machine, NodeId, Time};

use super::error::{Failure, FailureCause};
use super::node::{End, Node};
use super::storage::Storage;
use super::tape::{Cause, Tape};
use super::threads::{Arc, Ordering};
use super::weather::Outlook;
use super::wire::Common;
use crate::env::{Dice, HostClock};
use crate::trace::{DropReason, Happened, Lane};

/// What one node has done so far, over all its lives.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct NodeTally {
    /// How often it booted.
    pub boots: u32,
    /// Inputs that its machine handled.
    pub steps: u64,
    /// Messages that it sent to others.
    pub sent: u64,
    /// Records that it made durable.
    pub records: u64,
    /// Times that it waited for its disk, once for each batch of inputs with records.
    pub syncs: u64,
}

pub(super) struct Host<M: Machine> {
    pub(super) id: NodeId,
    pub(super) storage: Box<dyn Storage<M::Disk>>,
    pub(super) tape: Tape<M>,
    pub(super) clock: HostClock,
    /// Bound up to which the clock may show without the storage knowing.
    pub(super) reserved: Time,
    pub(super) outlook: Outlook,
    pub(super) incarnation: u32,
    pub(super) tally: NodeTally,
}

impl<M: Machine> Host<M> {
    /// A node that has not booted yet. Its clock goes on from where that of an earlier run may have
    /// been.
    pub(super) fn new(id: NodeId, common: &Common<M>, (storage, clock): (Box<dyn Storage<M::Disk>>, Time)) -> Self {
        Host {
            id,
            storage,
            tape: Tape::new(Some(id.into()), common.traced),
            clock: HostClock::starting_at(clock),
            reserved: clock,
            outlook: Outlook::new(&common.weather, Dice::new(common.seed, 2 * u64::from(id.0))),
            incarnation: 0,
            tally: NodeTally::default(),
        }
    }

    /// What reached the door while nobody was at home is lost.
    pub(super) fn sweep_doorstep(&mut self, common: &Common<M>) {
        let now = common.now();
        let mut lose = |lane: Lane, msg| {
            let lost = || Happened::Drop { msg, reason: DropReason::Crashed };
            self.tape.note_of(Some(lane), now, Cause::Carried(msg), lost);
        };
        for parcel in common.posts[self.id.index()].inbox.try_iter() {
            parcel.messages(&mut lose);
        }
    }

    /// The thread's work, from boot to end. Whatever ends it, the host comes back.
    pub(super) fn live(mut self, common: &Arc<Common<M>>, disk: &M::Disk) -> Self {
        common.names.scope(|| {
            let (id, host) = (self.id, &mut self);
            let booted = catch_unwind(AssertUnwindSafe(move || {
                // Moved in, so that what is borrowed from it may leave the closure.
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
                        Ok(End::Retired) => None,
                        Ok(End::Crashed { lost }) => Some(lost),
                        Err(_) => Some(node.unsaved()),
                    };
                    close(common, id, ended);
                    if let Some(lost) = lost {
                        node.fall_silent();
                        node.host.tape.note(common.now(), Cause::None, || Happened::Crash { lost, wiped: false });
                    }
                    node.mail.say_farewell();
                }
            }
        });
        self
    }
}

/// The node is down from now on, and whoever looks for the reason finds it.
fn close<M: Machine>(common: &Common<M>, node: NodeId, ended: Result<End, FailureCause>) {
    if let Err(cause) = ended {
        common.fail(Failure { node, name: node.to_string(), cause });
    }
    common.posts[node.index()].up.store(false, Ordering::Release);
}

/// What a panic said.
pub(super) fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("(no message)").to_owned()
}
