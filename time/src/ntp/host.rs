//! A host: it polls its sources, keeps their samples, and tells the time.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{ClientId, Context, Duration, NodeId, Outbox, RequestId, Time};

use super::discipline::Correction;
use super::message::{Command, Fact, Message, Reply, Timer};
use super::node::Ntp;
use super::offset::Offset;
use super::rules::NtpRule;
use super::select::{Agreed, Sample};
use super::stopwatch::{Readings, Waiting};

pub(crate) type Cx<'a> = Context<'a, Ntp>;
pub(crate) type Out = Outbox<Ntp>;

/// Samples that are kept of each source (RFC 5905 §10).
const SAMPLES: usize = 8;
/// Steady polls after which the interval doubles.
const STEADY_POLLS: u8 = 4;

/// Association of a host with a source.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Peer {
    /// A bit for each of the last eight polls: whether it was answered. The newest is the lowest.
    pub(crate) reach: u8,
    /// The request that has no response yet: its time on the host's clock.
    asked: Option<Time>,
    pub(super) samples: Vec<Sample>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Host {
    pub(crate) peers: BTreeMap<NodeId, Peer>,
    pub(crate) correction: Correction,
    /// The distance of the wall clock from the monotonic one, which changes only if it is set.
    set_to: Offset,
    pub(super) synced: Option<Agreed>,
    /// Whether the clock was corrected since the start.
    pub(crate) is_corrected: bool,
    /// Since when the offset has been above the step threshold.
    pub(super) above_since: Option<Time>,
    pub(crate) poll_every: Duration,
    /// Steady polls in a row, and whether the present one is.
    pub(super) steady: (u8, bool),
    pub(super) falsetickers: BTreeSet<NodeId>,
    is_alarmed: bool,
    /// Whether the daemon has ended by a panic.
    pub(crate) is_stopped: bool,
    pub(crate) begun: BTreeMap<ClientId, Readings>,
    pub(crate) waiting: BTreeMap<RequestId, Waiting>,
}

impl Host {
    pub(crate) fn boot(cx: &Cx<'_>, out: &mut Out) -> Self {
        let mut host = Host {
            peers: cx.config.sources.iter().map(|source| (*source, Peer::default())).collect(),
            correction: Correction::none(cx.now.monotonic),
            set_to: Offset::between(cx.now.monotonic, cx.now.wall),
            synced: None,
            is_corrected: false,
            above_since: None,
            poll_every: cx.config.poll,
            steady: (0, false),
            falsetickers: BTreeSet::new(),
            is_alarmed: false,
            is_stopped: false,
            begun: BTreeMap::new(),
            waiting: BTreeMap::new(),
        };
        host.poll(cx, out);
        host
    }

    /// The disciplined time.
    pub(crate) fn time(&self, cx: &Cx<'_>) -> Time {
        self.correction.at(cx.now.monotonic).applied(cx.now.wall)
    }

    /// The bound of its error: the true time is no further away, by the last reading.
    pub(crate) fn error(&self, cx: &Cx<'_>) -> Option<Duration> {
        let reading = self.agreed(cx)?.reading;
        let time = self.time(cx);
        let to = |end| Offset::between(time, end).magnitude();
        Some(to(reading.earliest).max(to(reading.latest)))
    }

    /// Whether the host counts itself synchronised, with the rule for that.
    pub(crate) fn status(&self, cx: &Cx<'_>) -> (bool, NtpRule) {
        match self.error(cx).map(|error| cx.rules.synchronised(error, cx.config.max_error)) {
            None => (false, NtpRule::NeverSynchronised),
            Some(Allow(rule)) => (true, rule),
            Some(Refuse(rule)) => (false, rule),
        }
    }

    /// Notices that another has set the wall clock since the last step, and forgets the samples:
    /// they are of a clock that is gone.
    pub(crate) fn notice_set(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let set_to = Offset::between(cx.now.monotonic, cx.now.wall);
        let by = set_to.minus(self.set_to);
        if by == Offset::ZERO {
            return;
        }
        self.set_to = set_to;
        self.synced = None;
        self.above_since = None;
        let polls_rarely = std::mem::replace(&mut self.poll_every, cx.config.poll) > cx.config.poll;
        self.steady = (0, false);
        for peer in self.peers.values_mut() {
            peer.samples.clear();
            peer.asked = None;
        }
        out.because(NtpRule::ClockWasSet).emit(Fact::ClockSet { by });
        // The next poll comes no later than it would have: a clock may be set again and again.
        if polls_rarely && !self.is_stopped {
            out.because(NtpRule::Poll).arm(Timer::Poll, cx.config.poll);
        }
    }

    /// Asks all sources.
    pub(crate) fn poll(&mut self, cx: &Cx<'_>, out: &mut Out) {
        if self.is_stopped {
            out.because(NtpRule::Stopped);
            return;
        }
        self.adapt_interval(cx, out);
        let now = cx.now.wall;
        let mut because = out.because(NtpRule::Poll);
        for (source, peer) in &mut self.peers {
            peer.reach <<= 1;
            peer.asked = Some(now);
            because.send(*source, Message::Request { sent: now });
        }
        because.arm(Timer::Poll, self.poll_every);
        if self.is_corrected && self.peers.values().all(|peer| peer.reach == 0) {
            out.because(NtpRule::Unreachable).why(format_args!("the error is within {:?}", self.error(cx)));
        }
        self.check_alarm(cx, out);
    }

    /// Doubles the interval of the polls while the clock is steady.
    fn adapt_interval(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let (count, is_steady) = self.steady;
        if !is_steady {
            self.steady = (0, false);
            self.poll_every = cx.config.poll;
            return;
        }
        self.steady = (count.saturating_add(1), false);
        if self.steady.0 >= STEADY_POLLS && self.poll_every < cx.config.max_poll {
            self.steady.0 = 0;
            self.poll_every = (self.poll_every * 2).min(cx.config.max_poll);
            out.because(NtpRule::LongerPoll).why(format_args!("every {:?}", self.poll_every));
        }
    }

    fn check_alarm(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let Some(limit) = cx.config.alarm.filter(|_| self.is_corrected) else { return };
        let error = self.error(cx);
        let was_alarmed = self.is_alarmed;
        self.is_alarmed = error.is_none_or(|error| error > limit);
        if self.is_alarmed && !was_alarmed {
            out.because(NtpRule::Alarm)
                .why(format_args!("{error:?} is more than {limit:?}"))
                .emit(Fact::Alarm { error: error.map(Offset::from) });
        }
    }

    /// Takes a response as a sample, if it answers the last request.
    pub(crate) fn response(&mut self, cx: &Cx<'_>, from: NodeId, message: Message, out: &mut Out) {
        let Message::Response { sent, receive_timestamp, transmit_timestamp, dispersion, .. } = message else {
            out.because(NtpRule::WrongRole).why(format_args!("{from} asks a host for the time"));
            return;
        };
        if self.is_stopped {
            out.because(NtpRule::Stopped).why(format_args!("{from} answers"));
            return;
        }
        let Some(peer) = self.peers.get_mut(&from).filter(|peer| peer.asked == Some(sent)) else {
            out.because(NtpRule::OldResponse).why(format_args!("of {from}, to the request of {sent}"));
            return;
        };
        peer.asked = None;
        peer.reach |= 1;
        let (t2, t3, t4) = (receive_timestamp, transmit_timestamp, cx.now.wall);
        let sample = Sample {
            offset: cx.rules.offset(sent, t2, t3, t4),
            delay: cx.rules.delay(sent, t2, t3, t4),
            dispersion: dispersion.magnitude(),
            at: cx.now.monotonic,
        };
        peer.samples.insert(0, sample);
        peer.samples.truncate(SAMPLES);
        let seen = sample.offset.minus(self.correction.at(cx.now.monotonic));
        out.because(NtpRule::Sample).why(format_args!("offset {seen}, delay {:?}", sample.delay));
        self.select(cx, out);
    }

    /// Handles a request of a client.
    pub(crate) fn asked(&mut self, cx: &Cx<'_>, ticket: RequestId, command: Command, out: &mut Out) {
        match command {
            Command::Time => self.tell(cx, ticket, out),
            Command::Start => self.start(cx, ticket, out),
            Command::Elapsed => self.elapsed(cx, ticket, out),
            Command::Wait { span } => self.wait(cx, ticket, span, out),
        }
    }

    /// Tells the time. A host that is not synchronised tells it, too, and says so.
    fn tell(&self, cx: &Cx<'_>, ticket: RequestId, out: &mut Out) {
        let (timestamp, error) = (self.time(cx), self.error(cx).map(Offset::from));
        let (synchronised, rule) = self.status(cx);
        // A host never tells that it has lost its sources: its stratum stays what it was.
        let stratum = if self.is_corrected { cx.config.stratum + 1 } else { 16 };
        let mut because = out.because(rule);
        if let Some(error) = error {
            because.why(format_args!("it is off by {error} at most"));
        }
        because
            .emit(Fact::Read { timestamp, error, synchronised })
            .reply(ticket, Reply::Time { timestamp, error, synchronised, stratum });
    }
}
