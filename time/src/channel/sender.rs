//! The sending side: windows, acknowledgements, retransmission.

use std::collections::{BTreeMap, VecDeque};

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{ClientId, RequestId, Time};

use super::config::Answer;
use super::disk::{Disk, Record};
use super::message::{Connection, Fact, Message, Payload, Reply, Segment, Timer};
use super::node::{Cx, Out};
use super::rules::ChannelRule;
use crate::rto::Estimator;

/// A segment that the application of the other side has not processed, as far as is known.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct UnderWay {
    ticket: RequestId,
    payload: Payload,
    /// The time at which it was sent first, on the monotonic clock.
    sent_at: Time,
    transmissions: u32,
    /// Whether its client is answered.
    is_told: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Sender {
    life: u64,
    pub(crate) open: Option<Connection>,
    /// Messages that wait for room in the window, or for a connection.
    pub(crate) queue: VecDeque<(RequestId, Payload)>,
    under_way: BTreeMap<u64, UnderWay>,
    /// The last number that was given.
    pub(crate) sent: u64,
    /// The last number that is acknowledged.
    pub(crate) acked: u64,
    /// The last number that is known to be processed.
    processed: u64,
    /// Of each client, the number of its last request that is answered, and the answer: a client
    /// that has asked again does not wait for what it asked before.
    answered: BTreeMap<ClientId, (u64, Reply)>,
    pub(crate) estimator: Estimator,
}

impl Sender {
    pub(crate) fn boot(cx: &Cx<'_>, disk: &Disk, out: &mut Out) -> Self {
        let life = disk.life + 1;
        out.because(ChannelRule::NewLife).why(format_args!("{life}")).persist(Record::Started { life });
        let sender = Sender {
            life,
            open: None,
            queue: VecDeque::new(),
            under_way: BTreeMap::new(),
            sent: 0,
            acked: 0,
            processed: 0,
            answered: BTreeMap::new(),
            estimator: Estimator::new(&cx.config.limits),
        };
        sender.ask_to_open(cx, out);
        sender
    }

    fn ask_to_open(&self, cx: &Cx<'_>, out: &mut Out) {
        out.because(ChannelRule::Open)
            .send(cx.config.receiver, Message::Open { life: self.life })
            .arm(Timer::Resend, self.estimator.timeout());
    }

    /// Number of messages whose fate is not known yet.
    pub(crate) fn pending(&self) -> usize {
        self.queue.len() + self.under_way.len()
    }

    /// Handles a client's message.
    pub(crate) fn asked(&mut self, cx: &Cx<'_>, ticket: RequestId, payload: Payload, out: &mut Out) {
        let answered = self.answered.get(&ticket.client).copied();
        if let Some((_, reply)) = answered.filter(|(number, _)| *number == ticket.number) {
            out.because(ChannelRule::KnownRequest).reply(ticket, reply);
            return;
        }
        let is_known = self.queue.iter().any(|(each, _)| *each == ticket)
            || self.under_way.values().any(|each| each.ticket == ticket && !each.is_told);
        if is_known {
            out.because(ChannelRule::KnownRequest).why(format_args!("{ticket} is under way"));
            return;
        }
        if let Some((number, _)) = answered.filter(|(number, _)| *number > ticket.number) {
            out.because(ChannelRule::Overtaken)
                .why(format_args!("#{number} is answered"))
                .reply(ticket, Reply::Overtaken);
            return;
        }
        out.because(ChannelRule::Queue).why(format_args!("{} wait before it", self.queue.len()));
        self.queue.push_back((ticket, payload));
        self.send_some(cx, out);
    }

    /// Sends what there is room for.
    fn send_some(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let Some(connection) = self.open else { return };
        while cx.rules.may_send(self.sent, self.processed, cx.config.window).allows()
            && let Some((ticket, payload)) = self.queue.pop_front()
        {
            self.sent += 1;
            let seq = self.sent;
            out.because(ChannelRule::SendSegment)
                .why(format_args!("{ticket} is segment {seq}"))
                .emit(Fact::Sent { connection, seq, payload: payload.clone() })
                .send(cx.config.receiver, segment(cx, connection, seq, &payload));
            if self.processed + 1 == seq {
                out.because(ChannelRule::SendSegment).arm(Timer::Resend, self.estimator.timeout());
            }
            let sent_at = cx.now.monotonic;
            self.under_way.insert(seq, UnderWay { ticket, payload, sent_at, transmissions: 1, is_told: false });
        }
        self.tell(cx, connection, out);
    }

    /// The connection is open at the other side.
    pub(crate) fn opened(&mut self, cx: &Cx<'_>, connection: Connection, out: &mut Out) {
        let is_old =
            connection.sender != self.life || self.open.is_some_and(|open| open.receiver >= connection.receiver);
        if is_old {
            out.because(ChannelRule::OldLife).why(format_args!("{connection:?}, and {:?} is open", self.open));
            return;
        }
        if self.open.is_some() {
            self.lose(out);
        }
        self.open = Some(connection);
        out.because(ChannelRule::Establish).why(format_args!("{connection:?}")).disarm(Timer::Resend);
        self.send_some(cx, out);
    }

    /// The other side does not know the connection: opens another one.
    pub(crate) fn reset(&mut self, cx: &Cx<'_>, connection: Connection, out: &mut Out) {
        if self.open != Some(connection) {
            out.because(ChannelRule::OldLife).why(format_args!("{connection:?}, and {:?} is open", self.open));
            return;
        }
        self.lose(out);
        self.ask_to_open(cx, out);
    }

    /// Tells the clients that what was under way is in doubt. It is not sent again: it may have
    /// been processed.
    fn lose(&mut self, out: &mut Out) {
        out.because(ChannelRule::ConnectionLost).why(format_args!("{} are in doubt", self.under_way.len()));
        for each in std::mem::take(&mut self.under_way).into_values().filter(|each| !each.is_told) {
            self.answer(each.ticket, Reply::InDoubt, out);
        }
        (self.open, self.sent, self.acked, self.processed) = (None, 0, 0, 0);
    }

    /// Answers a client. Its last answer is kept, for it may ask again.
    fn answer(&mut self, ticket: RequestId, reply: Reply, out: &mut Out) {
        let last = self.answered.entry(ticket.client).or_insert((ticket.number, reply));
        if last.0 < ticket.number {
            *last = (ticket.number, reply);
        }
        out.because(ChannelRule::TellClient).reply(ticket, reply);
    }

    /// Sends again what was not answered in time.
    pub(crate) fn resend(&mut self, cx: &Cx<'_>, out: &mut Out) {
        self.estimator.back_off(&cx.config.limits);
        out.because(ChannelRule::BackOff).why(format_args!("{:?}", self.estimator.timeout()));
        let Some(connection) = self.open else {
            self.ask_to_open(cx, out);
            return;
        };
        let timeout = self.estimator.timeout();
        let seq = self.acked + 1;
        if let Some(each) = self.under_way.get_mut(&seq) {
            each.transmissions = each.transmissions.saturating_add(1);
            out.because(ChannelRule::Resend)
                .why(format_args!("segment {seq}"))
                .emit(Fact::Resent { connection, seq })
                .send(cx.config.receiver, segment(cx, connection, seq, &each.payload))
                .arm(Timer::Resend, timeout);
        } else if !self.under_way.is_empty() {
            out.because(ChannelRule::Probe)
                .send(cx.config.receiver, Message::Probe { connection })
                .arm(Timer::Resend, timeout);
        }
    }

    /// Counts an acknowledgement, and the application's answer in it.
    pub(crate) fn acked(
        &mut self,
        cx: &Cx<'_>,
        connection: Connection,
        (received, processed): (u64, u64),
        out: &mut Out,
    ) {
        let received = cx.rules.unwrapped(self.acked, received, cx.config.numbers);
        let processed = cx.rules.unwrapped(self.processed, processed, cx.config.numbers);
        let is_new = received > self.acked || processed > self.processed;
        if !cx.rules.belongs(self.open, connection).allows() || !is_new {
            out.because(ChannelRule::OldAck).why(format_args!("{received} received, {processed} processed"));
            return;
        }
        out.because(ChannelRule::CountAck).why(format_args!("{received} received, {processed} processed"));
        if received > self.acked {
            self.measure(cx, received, out);
            for seq in self.acked + 1..=received.min(self.sent) {
                out.because(ChannelRule::CountAck).emit(Fact::Acknowledged { connection, seq });
            }
            self.acked = received.min(self.sent);
        }
        self.processed = self.processed.max(processed.min(self.sent));
        self.tell(cx, connection, out);
        self.send_some(cx, out);
        if self.under_way.is_empty() {
            out.because(ChannelRule::CountAck).disarm(Timer::Resend);
        } else {
            out.because(ChannelRule::CountAck).arm(Timer::Resend, self.estimator.timeout());
        }
    }

    /// Measures the round trip of the last segment that is acknowledged.
    fn measure(&mut self, cx: &Cx<'_>, seq: u64, out: &mut Out) {
        let Some(each) = self.under_way.get(&seq) else { return };
        let round_trip = cx.now.monotonic.since(each.sent_at);
        // An acknowledgement that covers a segment which was sent again may have waited for it.
        let covered = self.under_way.range(self.acked + 1..=seq);
        let transmissions = covered.map(|(_, each)| each.transmissions).max().unwrap_or(1);
        match cx.rules.rtt_sample(transmissions) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("segment {seq} after {transmissions} transmissions"));
            }
            Allow(rule) => {
                let formula = cx.rules.timeout;
                self.estimator.sample(round_trip, &cx.config.limits, formula);
                let timeout = self.estimator.timeout();
                out.because(rule)
                    .why(format_args!("{round_trip:?}, so the timeout is {timeout:?}"))
                    .emit(Fact::Measured { seq, transmissions, round_trip, timeout });
            }
        }
    }

    /// Tells the clients what is known now.
    fn tell(&mut self, cx: &Cx<'_>, connection: Connection, out: &mut Out) {
        let reply = match cx.config.answer {
            Answer::Acknowledged => Reply::Acknowledged,
            Answer::Processed => Reply::Processed,
        };
        let done = cx.rules.done(cx.config.answer, self.sent, self.acked, self.processed);
        let known = self.under_way.range_mut(..=done);
        let news = known.filter_map(|(seq, each)| {
            let was_told = std::mem::replace(&mut each.is_told, true);
            (!was_told).then_some((*seq, each.ticket))
        });
        for (seq, ticket) in news.collect::<Vec<_>>() {
            out.because(ChannelRule::TellClient).emit(Fact::Told { connection, seq, reply });
            self.answer(ticket, reply, out);
        }
        self.under_way = self.under_way.split_off(&(self.processed + 1));
    }
}

fn segment(cx: &Cx<'_>, connection: Connection, seq: u64, payload: &Payload) -> Message {
    let seq = seq % cx.config.numbers;
    let checksum = cx.rules.checksum(cx.config.checksum, &Segment::bytes(seq, payload));
    Message::Data(Segment { connection, seq, payload: payload.clone(), checksum })
}
