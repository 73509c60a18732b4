//! A server: its reading of the time, and transactions that wait for their stamps to pass.

use std::collections::BTreeMap;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, Duration, NodeId, Outbox, RequestId, Time};

use super::disk::{Disk, Record};
use super::message::{Command, Fact, Message, Reply, Timer};
use super::node::TrueTime;
use super::rules::TrueTimeRule;
use crate::Interval;

pub(crate) type Cx<'a> = Context<'a, TrueTime>;
pub(crate) type Out = Outbox<TrueTime>;

/// A reading, with the moment at which it was right: a reading of the server's monotonic clock.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Dated {
    reading: Interval,
    at: Time,
}

impl Dated {
    /// The reading as of now.
    fn now(self, cx: &Cx<'_>) -> Interval {
        cx.rules.aged(self.reading, cx.now.monotonic.since(self.at), cx.config.drift)
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Server {
    /// The moment of the present poll, on the monotonic clock. It is in the messages as well, as
    /// the origin timestamp of RFC 5905 §8, so that an answer to an earlier poll does not count.
    pub(crate) asked_at: Time,
    /// The answers to the present poll.
    answers: BTreeMap<NodeId, Dated>,
    /// The newest reading that enough masters agreed on.
    synced: Option<Dated>,
    /// Whether the clock has left its bound.
    pub(crate) left: bool,
    stamps: BTreeMap<RequestId, Time>,
    last_stamp: Option<Time>,
    /// Transactions that wait for their stamps to pass.
    pub(crate) waiting: BTreeMap<RequestId, Time>,
}

impl Server {
    pub(crate) fn boot(cx: &Cx<'_>, disk: &Disk, out: &mut Out) -> Self {
        let mut server = Server {
            asked_at: cx.now.monotonic,
            answers: BTreeMap::new(),
            synced: None,
            left: false,
            stamps: disk.stamps.clone(),
            last_stamp: disk.stamps.values().max().copied(),
            waiting: BTreeMap::new(),
        };
        server.poll(cx, out);
        server
    }

    /// The reading as of now, of whatever error.
    pub(crate) fn reading(&self, cx: &Cx<'_>) -> Option<Interval> {
        self.synced.filter(|_| !self.left).map(|synced| synced.now(cx))
    }

    /// Asks all masters.
    pub(crate) fn poll(&mut self, cx: &Cx<'_>, out: &mut Out) {
        self.asked_at = cx.now.monotonic;
        self.answers.clear();
        let mut because = out.because(TrueTimeRule::Poll);
        for master in &cx.config.masters {
            because.send(*master, Message::Ask { sent: self.asked_at });
        }
        because.arm(Timer::Poll, cx.config.poll);
    }

    /// Counts a master's answer.
    pub(crate) fn told(&mut self, cx: &Cx<'_>, from: NodeId, sent: Time, reading: Interval, out: &mut Out) {
        if sent != self.asked_at || self.answers.contains_key(&from) || !cx.config.masters.contains(&from) {
            out.because(TrueTimeRule::OldPoll)
                .why(format_args!("the poll of {sent} at {from}, and this is that of {}", self.asked_at));
            return;
        }
        let round_trip = cx.now.monotonic.since(self.asked_at);
        let reading = cx.rules.on_arrival(reading, round_trip, cx.config.drift);
        self.answers.insert(from, Dated { reading, at: cx.now.monotonic });
        out.because(TrueTimeRule::CountAnswer)
            .why(format_args!("{from} says {reading}, {round_trip:?} after the poll"));
        match cx.rules.enough(self.answers.len(), cx.config.faulty) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{} of {} masters", self.answers.len(), cx.config.masters.len()));
            }
            Allow(_) => self.synchronise(cx, out),
        }
    }

    /// Takes the reading that the masters agree on.
    fn synchronise(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let answers: Vec<Interval> = self.answers.values().map(|answer| answer.now(cx)).collect();
        let Some(measured) = cx.rules.trusted(&answers, cx.config.faulty) else {
            out.because(TrueTimeRule::NoAgreement).why(format_args!("{} answers", answers.len()));
            return;
        };
        if self.left {
            out.because(TrueTimeRule::HasLeft).why(format_args!("{measured} is not trusted to its clock"));
            return;
        }
        let predicted = self.synced.map(|synced| synced.now(cx));
        if let Some(predicted) = predicted {
            if let Refuse(rule) = cx.rules.keeps_bound(predicted, measured) {
                self.left = true;
                out.because(rule)
                    .why(format_args!("its clock says {predicted}, the masters {measured}"))
                    .emit(Fact::Left { predicted, measured });
                return;
            }
            if predicted.width() < measured.width() {
                out.because(TrueTimeRule::KeepReading).why(format_args!("{predicted} is within {measured}"));
                return;
            }
        }
        self.synced = Some(Dated { reading: measured, at: cx.now.monotonic });
        out.because(TrueTimeRule::Synchronise)
            .why(format_args!("{measured}"))
            .emit(Fact::Synchronised { interval: measured });
    }

    /// Reads the time (`TT.now`).
    ///
    /// # Errors
    /// The rule that forbids it: there is no reading, or its error is too large.
    fn now(&self, cx: &Cx<'_>, out: &mut Out) -> Result<Interval, TrueTimeRule> {
        if self.left {
            return Err(TrueTimeRule::HasLeft);
        }
        let interval = self.reading(cx).ok_or(TrueTimeRule::NeverSynchronised)?;
        match cx.rules.serves(interval.error(), cx.config.max_error) {
            Refuse(rule) => Err(rule),
            Allow(rule) => {
                out.because(rule).why(format_args!("{interval}")).emit(Fact::Read { interval });
                Ok(interval)
            }
        }
    }

    /// Handles a request of a client.
    pub(crate) fn asked(&mut self, cx: &Cx<'_>, ticket: RequestId, command: Command, out: &mut Out) {
        match command {
            Command::Now => match self.now(cx, out) {
                Ok(interval) => {
                    out.because(TrueTimeRule::ReadTime).reply(ticket, Reply::Now { interval });
                }
                Err(rule) => {
                    out.because(rule).reply(ticket, Reply::Unsynchronised);
                }
            },
            Command::Commit => self.commit(cx, ticket, out),
        }
    }

    /// Begins to commit a transaction.
    fn commit(&mut self, cx: &Cx<'_>, ticket: RequestId, out: &mut Out) {
        out.because(TrueTimeRule::Begin).emit(Fact::Begun { ticket });
        let stamp = match self.stamps.get(&ticket) {
            Some(stamp) => {
                out.because(TrueTimeRule::SameStamp).why(format_args!("{stamp}"));
                *stamp
            }
            None => {
                let now = match self.now(cx, out) {
                    Ok(now) => now,
                    Err(rule) => {
                        out.because(rule).reply(ticket, Reply::Unsynchronised);
                        return;
                    }
                };
                let stamp = cx.rules.stamp(now, self.last_stamp);
                out.because(TrueTimeRule::StampLatest)
                    .why(format_args!("{stamp} in {now}"))
                    .persist(Record::Stamped { ticket, timestamp: stamp })
                    .emit(Fact::Stamped { ticket, timestamp: stamp });
                self.stamps.insert(ticket, stamp);
                self.last_stamp = self.last_stamp.max(Some(stamp));
                stamp
            }
        };
        self.waiting.insert(ticket, stamp);
        self.try_commit(cx, ticket, out);
    }

    /// Commits a transaction whose stamp has passed, or waits on.
    pub(crate) fn try_commit(&mut self, cx: &Cx<'_>, ticket: RequestId, out: &mut Out) {
        let Some(stamp) = self.waiting.get(&ticket).copied() else {
            out.because(TrueTimeRule::CommitWait).why(format_args!("{ticket} does not wait"));
            return;
        };
        let now = match self.now(cx, out) {
            Ok(now) => now,
            Err(rule) => {
                out.because(rule).arm(Timer::Wait { ticket }, cx.config.poll);
                return;
            }
        };
        match cx.rules.commit_wait(now, stamp) {
            Allow(rule) => {
                self.waiting.remove(&ticket);
                out.because(rule)
                    .why(format_args!("{stamp} is before {now}"))
                    .disarm(Timer::Wait { ticket })
                    .emit(Fact::Committed { ticket, timestamp: stamp })
                    .reply(ticket, Reply::Committed { timestamp: stamp });
            }
            Refuse(rule) => {
                // The first moment at which the earliest time is past the stamp.
                let missing = stamp.since(now.earliest).saturating_add(Duration::from_nanos(1));
                let wait = cx.config.drift.wait_for(missing);
                out.because(rule)
                    .why(format_args!("{stamp} may not have passed at {now}: wait for {wait:?}"))
                    .arm(Timer::Wait { ticket }, wait);
            }
        }
    }
}
