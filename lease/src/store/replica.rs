//! Replica of the fenced store: refuses writes below its mark, and persists the mark before it
//! answers.

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, NodeId, Outbox};

use super::rules::StoreRule;
use super::{Disk, Fact, Fence, FencedStore, Message, Record, Version};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Replica {
    pub(crate) mark: Option<Fence>,
    pub(crate) newest: Option<Version>,
}

impl Replica {
    pub(crate) fn boot(disk: &Disk) -> Self {
        Replica { mark: disk.mark, newest: disk.newest.clone() }
    }

    pub(crate) fn mark(&mut self, from: NodeId, fence: Fence, out: &mut Outbox<FencedStore>) {
        match self.mark {
            Some(mark) if mark > fence => {
                out.because(StoreRule::RefuseOpen)
                    .why(format_args!("marked with {mark}, this is {fence}"))
                    .send(from, Message::Refused { fence, mark });
            }
            before => {
                let newest = self.newest.clone();
                let mut because = out.because(StoreRule::Mark);
                because.why(format_args!("everything below {fence} is refused from now on"));
                if before != Some(fence) {
                    self.mark = Some(fence);
                    because.persist(Record::Marked { fence });
                }
                because.send(from, Message::Marked { fence, newest });
            }
        }
    }

    pub(crate) fn put(
        &mut self,
        cx: &Context<FencedStore>,
        from: NodeId,
        version: Version,
        out: &mut Outbox<FencedStore>,
    ) {
        let (fence, count) = (version.fence, version.count);
        // Among fronts with the same token, their ids decide, so that equal tokens are ordered too.
        let ruling = match self.mark {
            Some(mark) if mark.token == fence.token && mark > fence => Refuse(StoreRule::RefusePut),
            mark => cx.rules.stores(mark.map(|mark| mark.token), fence.token),
        };
        match (ruling, self.mark) {
            (Allow(rule), _) => {
                let mut because = out.because(rule);
                because.why(format_args!("write {count} under {fence}"));
                if self.mark < Some(fence) {
                    self.mark = Some(fence);
                    because.persist(Record::Marked { fence });
                }
                if self.newest.as_ref().is_none_or(|newest| (newest.fence, newest.count) < (fence, count)) {
                    let (token, value) = (fence.token, version.value.clone());
                    because.persist(Record::Stored { version: version.clone() });
                    because.emit(Fact::WriteAccepted { token, value });
                    self.newest = Some(version);
                }
                because.send(from, Message::Stored { fence, count });
            }
            (Refuse(rule), mark) => {
                let mut because = out.because(rule);
                because.emit(Fact::WriteRefused { token: fence.token, highest: mark.map(|mark| mark.token) });
                if let Some(mark) = mark {
                    because
                        .why(format_args!("marked with {mark}, this is under {fence}"))
                        .send(from, Message::Refused { fence, mark });
                }
            }
        }
    }
}
