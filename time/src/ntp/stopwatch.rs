//! Durations and waits of a host's clients.

use quorate_protocol::{ClientId, Duration, RequestId, Time};

use super::host::{Cx, Host, Out};
use super::message::{Fact, Reply, Timer};
use super::offset::Offset;
use super::rules::NtpRule;

/// Readings of a host's clocks at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Readings {
    /// The monotonic clock, which is never set.
    pub monotonic: Time,
    /// The disciplined wall clock, which shows the time of day.
    pub time: Time,
}

/// A wait of a client.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Waiting {
    begun: Readings,
    span: Duration,
}

impl Host {
    fn readings(&self, cx: &Cx<'_>) -> Readings {
        Readings { monotonic: cx.now.monotonic, time: self.time(cx) }
    }

    /// Begins to measure a duration.
    pub(crate) fn start(&mut self, cx: &Cx<'_>, ticket: RequestId, out: &mut Out) {
        self.begun.insert(ticket.client, self.readings(cx));
        out.because(NtpRule::StartMeasuring)
            .emit(Fact::Started { client: ticket.client })
            .reply(ticket, Reply::Started);
    }

    /// Tells the duration since then.
    pub(crate) fn elapsed(&self, cx: &Cx<'_>, ticket: RequestId, out: &mut Out) {
        let client: ClientId = ticket.client;
        let Some(begun) = self.begun.get(&client) else {
            out.because(NtpRule::NotStarted).reply(ticket, Reply::NotStarted);
            return;
        };
        let now = self.readings(cx);
        let span = cx.rules.elapsed(*begun, now);
        out.because(NtpRule::MeasureDuration)
            .why(format_args!("{span}"))
            .emit(Fact::Measured { client, span })
            .reply(ticket, Reply::Elapsed { span });
    }

    /// Begins a wait. A request that waits already goes on.
    pub(crate) fn wait(&mut self, cx: &Cx<'_>, ticket: RequestId, span: Offset, out: &mut Out) {
        if self.waiting.contains_key(&ticket) {
            out.because(NtpRule::WaitOn).why(format_args!("{ticket} waits already"));
            return;
        }
        let length = span.magnitude();
        self.waiting.insert(ticket, Waiting { begun: self.readings(cx), span: length });
        out.because(NtpRule::BeginWait)
            .emit(Fact::WaitBegun { ticket, span: Offset::from(length) })
            .arm(Timer::Wait { ticket }, length);
    }

    /// Ends a wait whose span has passed.
    pub(crate) fn waited(&mut self, cx: &Cx<'_>, ticket: RequestId, out: &mut Out) {
        let Some(waiting) = self.waiting.get(&ticket) else {
            out.because(NtpRule::EndWait).why(format_args!("{ticket} does not wait"));
            return;
        };
        let left = cx.rules.left_to_wait(waiting.begun, waiting.span, self.readings(cx));
        if left.is_zero() {
            self.waiting.remove(&ticket);
            out.because(NtpRule::EndWait).emit(Fact::Waited { ticket }).reply(ticket, Reply::Waited);
        } else {
            out.because(NtpRule::WaitOn)
                .emit(Fact::WaitsOn { ticket, left: Offset::from(left) })
                .arm(Timer::Wait { ticket }, left);
        }
    }
}
