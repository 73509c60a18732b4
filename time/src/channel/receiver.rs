//! The receiving side: its network layer, which holds and acknowledges, and its application, which
//! takes.

use std::collections::BTreeMap;

use quorate_protocol::Ruling::{self, Allow, Refuse};
use quorate_protocol::Time;

use super::disk::{Disk, Record};
use super::message::{Connection, Fact, Message, Payload, Segment, Timer};
use super::node::{Cx, Out};
use super::rules::ChannelRule;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Receiver {
    life: u64,
    pub(crate) open: Option<Connection>,
    /// The segments that the application has not taken yet.
    pub(crate) held: BTreeMap<u64, Payload>,
    /// The last segment that is held, or was taken, without a gap before it.
    pub(crate) received: u64,
    /// The largest number that has arrived.
    seen: u64,
    /// The last segment that the application has taken.
    pub(crate) processed: u64,
    /// The time at which a segment has last arrived, on the monotonic clock.
    heard_at: Time,
}

impl Receiver {
    pub(crate) fn boot(disk: &Disk, out: &mut Out) -> Self {
        let life = disk.life + 1;
        out.because(ChannelRule::NewLife).why(format_args!("{life}")).persist(Record::Started { life });
        Receiver::new(life, None, 0, Time::default())
    }

    /// A receiver that holds nothing, and counts the segments up to this one as processed.
    fn new(life: u64, open: Option<Connection>, after: u64, heard_at: Time) -> Self {
        Receiver { life, open, held: BTreeMap::new(), received: after, seen: after, processed: after, heard_at }
    }

    /// Opens a connection for a new life of the sender.
    pub(crate) fn opened(&mut self, cx: &Cx<'_>, life: u64, out: &mut Out) {
        let connection = Connection { sender: life, receiver: self.life };
        match self.open {
            Some(open) if open.sender > life => {
                out.because(ChannelRule::OldLife).why(format_args!("{life}, and {} is known", open.sender));
                return;
            }
            Some(open) if open == connection => {
                out.because(ChannelRule::AcceptAgain).send(cx.config.sender, Message::Opened { connection });
                return;
            }
            _ => {}
        }
        let after = cx.rules.begins_after(self.received);
        *self = Receiver::new(self.life, Some(connection), after, cx.now.monotonic);
        out.because(ChannelRule::Accept)
            .why(format_args!("{connection:?}"))
            .disarm(Timer::Work)
            .send(cx.config.sender, Message::Opened { connection });
    }

    /// Whether a message belongs to the open connection. If not, its sender is told.
    fn belongs(&self, cx: &Cx<'_>, connection: Connection, out: &mut Out) -> bool {
        match cx.rules.belongs(self.open, connection) {
            Allow(_) => true,
            Refuse(rule) => {
                out.because(rule)
                    .why(format_args!("{connection:?}, and {:?} is open", self.open))
                    .send(cx.config.sender, Message::Reset { connection });
                false
            }
        }
    }

    /// Takes a segment from the network.
    pub(crate) fn arrived(&mut self, cx: &Cx<'_>, segment: Segment, out: &mut Out) {
        let Segment { connection, seq, payload, checksum } = segment;
        let computed = cx.rules.checksum(cx.config.checksum, &Segment::bytes(seq, &payload));
        if let Refuse(rule) = cx.rules.intact(computed, checksum) {
            // Nothing in it can be relied on, not even the connection.
            out.because(rule).why(format_args!("segment {seq}: its bytes have the checksum {computed:#x}"));
            return;
        }
        if !self.belongs(cx, connection, out) {
            return;
        }
        if cx.rules.may_forget_peer(cx.now.monotonic.since(self.heard_at)) {
            *self = Receiver::new(self.life, self.open, 0, self.heard_at);
        }
        self.heard_at = cx.now.monotonic;
        let seq = cx.rules.unwrapped(self.received, seq, cx.config.numbers);
        self.seen = self.seen.max(seq);
        let next = self.received.saturating_add(1);
        let last = self.processed.saturating_add(cx.config.room());
        let place = match cx.rules.admits(next, last, seq) {
            Refuse(ChannelRule::OutOfWindow) => self.overflow(cx, next, seq),
            place => place,
        };
        match place {
            Refuse(rule) => {
                out.because(rule).why(format_args!("segment {seq}, and {next} is next"));
            }
            Allow(rule) => self.store(cx, rule, (self.open.unwrap_or(connection), seq, payload), out),
        }
        self.acknowledge(cx, ChannelRule::AckCumulative, out);
    }

    /// Holds a segment until the application takes it.
    fn store(
        &mut self,
        cx: &Cx<'_>,
        rule: ChannelRule,
        (connection, seq, payload): (Connection, u64, Payload),
        out: &mut Out,
    ) {
        out.because(rule).why(format_args!("segment {seq}")).emit(Fact::Stored { connection, seq });
        let was_idle = self.next().is_none();
        self.held.insert(seq, payload);
        if rule == ChannelRule::InOrder {
            self.received = self.received.max(seq);
        }
        while self.held.contains_key(&self.received.saturating_add(1)) {
            self.received += 1;
        }
        if was_idle && self.next().is_some() {
            out.because(ChannelRule::Process).arm(Timer::Work, cx.config.work);
        }
    }

    /// Decides about a segment for which there is no room.
    fn overflow(&mut self, cx: &Cx<'_>, next: u64, seq: u64) -> Ruling<ChannelRule> {
        let place = cx.rules.on_overflow(next, seq);
        if place.allows() {
            self.held.pop_first();
        }
        place
    }

    /// The segment that the application takes next.
    fn next(&self) -> Option<u64> {
        self.held.keys().next().copied().filter(|seq| *seq <= self.received)
    }

    fn acknowledge(&self, cx: &Cx<'_>, rule: ChannelRule, out: &mut Out) {
        let Some(connection) = self.open else { return };
        let received = cx.rules.acknowledges(self.received, self.seen);
        let processed = self.processed;
        let numbers = cx.config.numbers;
        let ack = Message::Ack { connection, received: received % numbers, processed: processed % numbers };
        out.because(rule)
            .why(format_args!("{received} received, {processed} processed"))
            .emit(Fact::Acked { connection, received })
            .send(cx.config.sender, ack);
    }

    /// Says how far it is.
    pub(crate) fn probed(&self, cx: &Cx<'_>, connection: Connection, out: &mut Out) {
        if self.belongs(cx, connection, out) {
            self.acknowledge(cx, ChannelRule::AckProcessed, out);
        }
    }

    /// Lets the application process the next segment.
    pub(crate) fn work(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let next = self.next().and_then(|seq| self.held.remove_entry(&seq));
        let (Some(connection), Some((seq, payload))) = (self.open, next) else {
            out.because(ChannelRule::Process).why(format_args!("there is nothing to process"));
            return;
        };
        self.processed = self.processed.max(seq);
        out.because(ChannelRule::Process)
            .why(format_args!("segment {seq}: {payload}"))
            .persist(Record::Processed { payload: payload.clone() })
            .emit(Fact::Delivered { connection, seq, payload });
        self.acknowledge(cx, ChannelRule::AckProcessed, out);
        if self.next().is_some() {
            out.because(ChannelRule::Process).arm(Timer::Work, cx.config.work);
        }
    }
}
