//! The end of a batch: first the disk, then the others; and the crashes that can strike in between.

use quorate_protocol::{Duration, Machine, Time};

use super::{Arrival, End, Node};
use crate::sim::CrashMoment;
use crate::trace::{DropReason, Happened, Lane};

use super::super::mail::Hands;
use super::super::storage_error::StorageError;
use super::super::tape::Cause;

/// For how long in advance a node makes durable what its clock may show: the price is one sync each
/// time.
const RESERVE: Duration = Duration::from_secs(10);

impl<M: Machine> Node<'_, M> {
    /// The end of a batch: first the disk, then the others.
    pub(super) fn flush(&mut self) -> Result<Option<End>, StorageError> {
        self.reserve_clock()?;
        if let Some(moment) = self.doom.filter(|moment| self.strikes(*moment)) {
            return self.meet(moment).map(Some);
        }
        self.save(self.records.len())?;
        self.records.clear();
        self.host.tally.sent += self.mail.letters() as u64;
        let Node { common, host, mail, now, .. } = self;
        // Time has gone by since the batch began, which matters to nobody but the dice and the trace.
        let now = if host.outlook.is_calm() && !common.traced { *now } else { common.now() };
        mail.send(&mut Hands { common, tape: &mut host.tape, outlook: &mut host.outlook, now });
        Ok(None)
    }

    /// Makes sure that the next run's clock goes on from above all that the machine has seen of
    /// this one's, before anybody learns of it.
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

    /// Makes the first records of the batch durable.
    fn save(&mut self, count: usize) -> Result<(), StorageError> {
        if count > 0 {
            self.host.storage.write(&self.records[..count])?;
            self.host.tally.records += count as u64;
            self.host.tally.syncs += 1;
        }
        Ok(())
    }

    /// Whether the crash that the node is doomed to makes the difference now that it stands for.
    fn strikes(&self, moment: CrashMoment) -> bool {
        match moment {
            CrashMoment::BetweenSteps => true,
            CrashMoment::BeforePersist { .. } | CrashMoment::AfterPersist => !self.records.is_empty(),
            CrashMoment::AfterSends { sent } => self.mail.letters() > sent as usize,
        }
    }

    /// Crashes in the middle of a flush.
    fn meet(&mut self, moment: CrashMoment) -> Result<End, StorageError> {
        let all = self.records.len();
        let (kept, sent) = match moment {
            CrashMoment::BetweenSteps => (0, 0),
            CrashMoment::BeforePersist { kept } => ((kept as usize).min(all.saturating_sub(1)), 0),
            CrashMoment::AfterPersist => (all, 0),
            CrashMoment::AfterSends { sent } => (all, sent as usize),
        };
        self.save(kept)?;
        let now = self.common.now();
        self.send_some(sent, now);
        Ok(End::Crashed { lost: (all - kept) as u32 })
    }

    fn send_some(&mut self, count: usize, now: Time) {
        let Node { common, host, mail, .. } = self;
        mail.send_some(count, &mut Hands { common, tape: &mut host.tape, outlook: &mut host.outlook, now });
    }

    pub(super) fn hands(&mut self) -> Hands<'_, M> {
        let Node { common, host, now, .. } = self;
        Hands { common, tape: &mut host.tape, outlook: &mut host.outlook, now: *now }
    }

    /// How many records are not durable yet.
    pub(in super::super) fn unsaved(&self) -> u32 {
        self.records.len() as u32
    }

    /// Everything that waits to be said, and everything that waits to be heard, comes to nothing.
    pub(in super::super) fn fall_silent(&mut self) {
        let now = self.common.now();
        self.send_some(0, now);
        for arrival in self.delayed.drain() {
            let (lane, msg) = match arrival {
                Arrival::Letter(from, letter) => (Lane::Node(from), letter.msg),
                Arrival::Petition(petition) => (Lane::Client(petition.ticket.client), petition.msg),
            };
            let lost = || Happened::Drop { msg, reason: DropReason::Crashed };
            self.host.tape.note_of(Some(lane), now, Cause::Carried(msg), lost);
        }
    }
}
