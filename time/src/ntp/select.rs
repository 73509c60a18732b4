//! Selection by a host: the best sample of each source, the majority among these, and the most
//! exact of that, to which the clock is corrected.

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Duration, NodeId, Time};

use super::host::{Cx, Host, Out};
use super::message::{Fact, Timer};
use super::offset::Offset;
use super::rules::NtpRule;
use crate::Interval;

/// A measurement. Its offset is that of the host's clock without a correction, so that it stays
/// right while the correction changes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Sample {
    pub(super) offset: Offset,
    pub(super) delay: Duration,
    pub(super) dispersion: Duration,
    /// On the monotonic clock.
    pub(super) at: Time,
}

/// The time that a majority agreed on, with its moment on the monotonic clock.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Agreed {
    /// The bound.
    pub(super) reading: Interval,
    /// The offset of the best sample. The bound is rarely the same on both sides of it, so that the
    /// middle would be an offset that no source has.
    offset: Offset,
    at: Time,
}

/// The best sample of a source.
struct Candidate {
    source: NodeId,
    offset: Offset,
    distance: Duration,
    interval: Interval,
}

impl Host {
    /// The best sample of each source that can be reached.
    fn candidates(&self, cx: &Cx<'_>) -> Vec<Candidate> {
        let distance = |sample: &Sample| {
            let age = cx.now.monotonic.since(sample.at);
            cx.rules.distance(sample.delay, sample.dispersion, age, cx.config.drift)
        };
        let reachable = self.peers.iter().filter(|(_, peer)| peer.reach != 0);
        let best =
            reachable.filter_map(|(source, peer)| Some((*source, peer.samples.iter().min_by_key(|s| distance(s))?)));
        best.map(|(source, sample)| {
            let (offset, distance) = (sample.offset, distance(sample));
            let interval = Interval::around(offset.applied(cx.now.wall), distance);
            Candidate { source, offset, distance, interval }
        })
        .collect()
    }

    /// The time that was agreed on last, as it is now: its bound has grown.
    pub(super) fn agreed(&self, cx: &Cx<'_>) -> Option<Agreed> {
        let agreed = self.synced?;
        let reading = cx.rules.aged(agreed.reading, cx.now.monotonic.since(agreed.at), cx.config.drift);
        Some(Agreed { reading, ..agreed })
    }

    /// Finds the time that a majority agrees on, and corrects the clock.
    pub(super) fn select(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let candidates = self.candidates(cx);
        let sources = cx.config.sources.len();
        if let Refuse(rule) = cx.rules.enough(candidates.len(), sources) {
            out.because(rule).why(format_args!("{} of {sources}", candidates.len()));
            return;
        }
        let all: Vec<Interval> = candidates.iter().map(|it| it.interval).collect();
        let Some(reading) = cx.rules.trusted(&all, sources) else {
            out.because(NtpRule::NoMajority).why(format_args!("{} of {sources} sources", all.len()));
            return;
        };
        self.note_falsetickers(&candidates, reading, out);
        let before = self.agreed(cx);
        if let Some(before) = before.filter(|it| it.reading.meets(reading) && it.reading.width() < reading.width()) {
            self.steady.1 = self.above_since.is_none();
            out.because(NtpRule::KeepReading).why(format_args!("{reading} is wider"));
            // A spike that stays has to be stepped, although the reading is an old one.
            if self.above_since.is_some() {
                self.correct(cx, before, out);
            }
            return;
        }
        let is_truechimer = |it: &&Candidate| reading.contains(it.offset.applied(cx.now.wall));
        let truechimers: Vec<_> = candidates.iter().filter(is_truechimer).map(|it| (it.offset, it.distance)).collect();
        // Intervals may meet where none of them has its own offset.
        let middle = || Offset::between(cx.now.wall, reading.middle());
        let offset = cx.rules.preferred(&truechimers).unwrap_or_else(middle);
        let agreed = Agreed { reading, offset, at: cx.now.monotonic };
        self.synced = Some(agreed);
        self.correct(cx, agreed, out);
    }

    fn note_falsetickers(&mut self, candidates: &[Candidate], reading: Interval, out: &mut Out) {
        for Candidate { source, interval, .. } in candidates {
            if interval.meets(reading) {
                self.falsetickers.remove(source);
            } else if self.falsetickers.insert(*source) {
                out.because(NtpRule::Falseticker)
                    .why(format_args!("{interval} misses {reading}"))
                    .emit(Fact::Falseticker { source: *source });
            }
        }
    }

    /// Corrects the clock towards the offset that was agreed on.
    fn correct(&mut self, cx: &Cx<'_>, agreed: Agreed, out: &mut Out) {
        let (now, thresholds) = (cx.now.monotonic, cx.config.thresholds);
        let offset = agreed.offset.minus(self.correction.at(now));
        if offset.magnitude() <= thresholds.step {
            self.above_since = None;
        } else if self.is_corrected {
            self.above_since.get_or_insert(now);
        }
        let at_boot = !self.is_corrected;
        let above_for = (!at_boot).then(|| self.above_since.map_or(Duration::ZERO, |since| now.since(since)));
        let ruling = cx.rules.discipline(offset, above_for, thresholds);
        self.steady.1 = ruling == Allow(NtpRule::Slew) && offset.magnitude() <= agreed.reading.error();
        let (Allow(rule) | Refuse(rule)) = ruling;
        match ruling {
            Allow(NtpRule::Step) => {
                self.is_corrected = true;
                self.above_since = None;
                self.correction.step(now, offset);
                out.because(rule).emit(Fact::Stepped { by: offset, at_boot });
            }
            Allow(_) => {
                self.is_corrected = true;
                self.correction.slew(now, offset);
                let mut because = out.because(rule);
                because.why(format_args!("towards {}", agreed.offset.applied(cx.now.wall)));
                if offset != Offset::ZERO {
                    because.emit(Fact::Slewed { by: offset });
                }
            }
            Refuse(NtpRule::Panic) => {
                self.is_stopped = true;
                self.synced = None;
                out.because(rule).disarm(Timer::Poll).emit(Fact::Panicked { offset });
            }
            Refuse(_) => {
                out.because(rule).why(format_args!("{offset}, for {above_for:?}"));
            }
        }
    }
}
