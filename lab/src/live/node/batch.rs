//! End of a batch (group commit): sync first, then send; and the crashes in between.

use quorate_protocol::{Duration, Machine};

use super::{Arrival, End, Node};
use crate::env::{CrashPoint, Survival};
use crate::trace::{DropReason, Lane, MessageId, TypedEvent};

use super::super::outgoing::SendContext;
use super::super::storage_error::StorageError;
use super::super::thread_trace::Cause;

/// Span by which a node reserves clock readings in advance: it costs one sync each time.
const RESERVE: Duration = Duration::from_secs(10);

impl<M: Machine> Node<'_, M> {
    /// Ends a batch: makes its records durable, then sends its output.
    pub(super) fn flush(&mut self) -> Result<Option<End>, StorageError> {
        self.reserve_clock()?;
        if let Some(moment) =
            self.pending_crash.filter(|moment| moment.applies(self.records.len(), self.outgoing.envelopes()))
        {
            return self.crash_now(moment).map(Some);
        }
        self.save(self.records.len())?;
        self.records.clear();
        self.host.stats.sent += self.outgoing.envelopes() as u64;
        let Node { common, host, outgoing, now, .. } = self;
        // Time has passed since the batch began, which matters only to random delays and the trace.
        let now = if host.link_view.is_clear() && !common.traced { *now } else { common.now() };
        outgoing.send(&mut SendContext {
            common,
            thread_trace: &mut host.thread_trace,
            link_view: &mut host.link_view,
            now,
        });
        self.host.thread_trace.settle();
        self.tell(Survival::WHOLE);
        Ok(None)
    }

    /// Makes sure, before any output is sent, that the clock of the next run starts above all
    /// readings that the machine has seen in this one.
    fn reserve_clock(&mut self) -> Result<(), StorageError> {
        if size_of::<M::Clock>() == 0 {
            return Ok(());
        }
        let shown = self.host.clock.read(self.now).monotonic;
        if shown >= self.host.reserved {
            let until = shown + RESERVE;
            self.host.storage.reserve_clock(until)?;
            self.host.reserved = until;
        }
        Ok(())
    }

    /// Makes the first `count` records of the batch durable.
    fn save(&mut self, count: usize) -> Result<(), StorageError> {
        if count > 0 {
            self.host.storage.write(&self.records[..count])?;
            self.host.stats.records += count as u64;
            self.host.stats.syncs += 1;
        }
        Ok(())
    }

    /// Crashes in the middle of a flush. A batch is cut like a single step.
    fn crash_now(&mut self, moment: CrashPoint) -> Result<End, StorageError> {
        let all = self.records.len();
        let survival = Survival::of(Some(moment), all);
        self.save(survival.records)?;
        self.cut_short(survival);
        Ok(End::Crashed { lost: survival.lost(all) })
    }

    /// Reduces the batch to the part that survives the crash; the rest is discarded.
    fn cut_short(&mut self, survival: Survival) {
        let last = self.outgoing.last_of(survival.sends);
        self.host.thread_trace.roll_back(survival, last);
        let now = self.common.now();
        let Node { common, host, outgoing, .. } = self;
        let sent = outgoing.send_until(
            last,
            &mut SendContext { common, thread_trace: &mut host.thread_trace, link_view: &mut host.link_view, now },
        );
        host.stats.sent += sent as u64;
        host.thread_trace.settle();
        self.tell(survival.of_batch());
    }

    pub(super) fn send_cx(&mut self) -> SendContext<'_, M> {
        let Node { common, host, now, .. } = self;
        SendContext { common, thread_trace: &mut host.thread_trace, link_view: &mut host.link_view, now: *now }
    }

    /// Number of records that are not durable yet.
    pub(in super::super) fn unsaved(&self) -> u32 {
        self.records.len() as u32
    }

    /// Discards all unsent output and all undelivered input.
    pub(in super::super) fn fall_silent(&mut self) {
        // A crash in the middle of a flush has settled the batch already.
        self.cut_short(Survival::of(Some(CrashPoint::BeforePersist { kept: 0 }), self.records.len()));
        let me = self.host.id;
        let own = std::mem::take(&mut self.own).into_iter().map(|(msg, _)| (Lane::Node(me), msg));
        let mut lost: Vec<(Lane, MessageId)> = own.collect();
        lost.extend(self.delayed.drain().map(|arrival| match arrival {
            Arrival::Message(from, envelope) => (Lane::Node(from), envelope.msg),
            Arrival::Request(request) => (Lane::Client(request.ticket.client), request.msg),
        }));
        for input in std::mem::take(&mut self.backlog) {
            input.messages(|lane, msg| lost.push((lane, msg)));
        }
        let now = self.common.now();
        for (lane, msg) in lost {
            let drop = || TypedEvent::Drop { msg, reason: DropReason::Crashed };
            self.host.thread_trace.note_of(Some(lane), now, Cause::Carried(msg), drop);
        }
    }
}
