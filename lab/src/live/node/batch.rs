//! End of a batch (group commit): sync first, then send; and the crashes in between.

use quorate_protocol::{Duration, Machine};

use super::{Arrival, End, Node};
use crate::env::{CrashMoment, Survival};
use crate::trace::{DropReason, Happened, Lane, MessageId};

use super::super::mail::Hands;
use super::super::storage_error::StorageError;
use super::super::tape::Cause;

/// Span by which a node reserves clock readings in advance: it costs one sync each time.
const RESERVE: Duration = Duration::from_secs(10);

impl<M: Machine> Node<'_, M> {
    /// Ends a batch: makes its records durable, then sends its output.
    pub(super) fn flush(&mut self) -> Result<Option<End>, StorageError> {
        self.reserve_clock()?;
        if let Some(moment) = self.doom.filter(|moment| moment.strikes(self.records.len(), self.mail.letters())) {
            return self.meet(moment).map(Some);
        }
        self.save(self.records.len())?;
        self.records.clear();
        self.host.tally.sent += self.mail.letters() as u64;
        let Node { common, host, mail, now, .. } = self;
        // Time has passed since the batch began, which matters only to random delays and the trace.
        let now = if host.outlook.is_calm() && !common.traced { *now } else { common.now() };
        mail.send(&mut Hands { common, tape: &mut host.tape, outlook: &mut host.outlook, now });
        self.host.tape.settle();
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
            self.host.tally.records += count as u64;
            self.host.tally.syncs += 1;
        }
        Ok(())
    }

    /// Crashes in the middle of a flush. A batch is cut like a single step.
    fn meet(&mut self, moment: CrashMoment) -> Result<End, StorageError> {
        let all = self.records.len();
        let survival = Survival::of(Some(moment), all);
        self.save(survival.records)?;
        self.cut_short(survival);
        Ok(End::Crashed { lost: survival.lost(all) })
    }

    /// Reduces the batch to the part that survives the crash; the rest is discarded.
    fn cut_short(&mut self, survival: Survival) {
        let last = self.mail.last_of(survival.sends);
        self.host.tape.take_back(survival, last);
        let now = self.common.now();
        let Node { common, host, mail, .. } = self;
        let sent = mail.send_until(last, &mut Hands { common, tape: &mut host.tape, outlook: &mut host.outlook, now });
        host.tally.sent += sent as u64;
        host.tape.settle();
        self.tell(survival.of_batch());
    }

    pub(super) fn hands(&mut self) -> Hands<'_, M> {
        let Node { common, host, now, .. } = self;
        Hands { common, tape: &mut host.tape, outlook: &mut host.outlook, now: *now }
    }

    /// Number of records that are not durable yet.
    pub(in super::super) fn unsaved(&self) -> u32 {
        self.records.len() as u32
    }

    /// Discards all unsent output and all undelivered input.
    pub(in super::super) fn fall_silent(&mut self) {
        // A crash in the middle of a flush has settled the batch already.
        self.cut_short(Survival::of(Some(CrashMoment::BeforePersist { kept: 0 }), self.records.len()));
        let me = self.host.id;
        let own = std::mem::take(&mut self.own).into_iter().map(|(msg, _)| (Lane::Node(me), msg));
        let mut lost: Vec<(Lane, MessageId)> = own.collect();
        lost.extend(self.delayed.drain().map(|arrival| match arrival {
            Arrival::Letter(from, letter) => (Lane::Node(from), letter.msg),
            Arrival::Petition(petition) => (Lane::Client(petition.ticket.client), petition.msg),
        }));
        for parcel in std::mem::take(&mut self.backlog) {
            parcel.messages(|lane, msg| lost.push((lane, msg)));
        }
        let now = self.common.now();
        for (lane, msg) in lost {
            let drop = || Happened::Drop { msg, reason: DropReason::Crashed };
            self.host.tape.note_of(Some(lane), now, Cause::Carried(msg), drop);
        }
    }
}
