//! The decisions of NTP, and of the use of clocks.

use quorate_protocol::Ruling::{self, Allow, Refuse};
use quorate_protocol::{Duration, Time};

use super::discipline::Thresholds;
use super::offset::Offset;
use super::rules::NtpRule;
use super::stopwatch::Readings;
use crate::{Drift, Interval, marzullo};

quorate_protocol::rulebook! {
    /// Rulebook of NTP. [`BY_THE_BOOK`] is RFC 5905.
    pub struct Rulebook;

    /// RFC 5905 §8: the offset of the source's clock from the host's, by the four timestamps.
    fn offset(t1: Time, t2: Time, t3: Time, t4: Time) -> Offset {
        let sum = i128::from(Offset::between(t1, t2).as_nanos()) + i128::from(Offset::between(t4, t3).as_nanos());
        Offset::clamped(sum / 2)
    }

    /// RFC 5905 §8: the delay of the round trip, without the time at the source. It is at least
    /// zero, whatever the rates of the clocks.
    fn delay(t1: Time, t2: Time, t3: Time, t4: Time) -> Duration {
        t4.since(t1).saturating_sub(t3.since(t2))
    }

    /// RFC 5905 §11.1: the error of a sample, in both directions: half the delay, because either
    /// half of the round trip may have been all of it, the dispersion of the source, and the drift.
    fn distance(delay: Duration, dispersion: Duration, age: Duration, drift: Drift) -> Duration {
        // A nanosecond for the half that rounding cuts off.
        let grown = drift.longest(age + delay).saturating_sub(age + delay);
        delay / 2 + dispersion + grown + Duration::from_nanos(1)
    }

    /// RFC 5905 §11.2: whether so many sources are enough.
    fn enough(answers: usize, sources: usize) -> Ruling<NtpRule> {
        if answers * 2 > sources { Allow(NtpRule::Slew) } else { Refuse(NtpRule::AwaitSources) }
    }

    /// RFC 5905 §11.2.1: the time that the answers allow, if a majority of all sources meets. Of
    /// these answers as many may be wrong as of all sources, because the silent ones may all be
    /// right: the reading has every point that is in enough of them (Marzullo 1984).
    fn trusted(intervals: &[Interval], sources: usize) -> Option<Interval> {
        let wrong = sources.saturating_sub(1) / 2;
        marzullo(intervals, sources / 2 + 1)?;
        marzullo(intervals, intervals.len().saturating_sub(wrong))
    }

    /// RFC 5905 §11.2.2: the offset of the source with the least distance, among those that agree;
    /// each is given with its distance.
    fn preferred(truechimers: &[(Offset, Duration)]) -> Option<Offset> {
        truechimers.iter().min_by_key(|(_, distance)| *distance).map(|(offset, _)| *offset)
    }

    /// RFC 5905 §11.1: a reading, so much time of the host's clock later.
    fn aged(reading: Interval, passed: Duration, drift: Drift) -> Interval {
        reading.aged(passed, drift)
    }

    /// RFC 5905 §11.3: what becomes of an offset that has been above the step threshold for that
    /// span; `None` at the first correction after a start.
    fn discipline(offset: Offset, above_for: Option<Duration>, thresholds: Thresholds) -> Ruling<NtpRule> {
        let size = offset.magnitude();
        let panic = if above_for.is_none() { thresholds.panic_at_boot } else { thresholds.panic };
        match above_for {
            _ if size > panic => Refuse(NtpRule::Panic),
            _ if size <= thresholds.step => Allow(NtpRule::Slew),
            Some(span) if span < thresholds.stepout => Refuse(NtpRule::AwaitStepout),
            _ => Allow(NtpRule::Step),
        }
    }

    /// RFC 5905 §11.1: whether a clock of this error counts as synchronised.
    fn synchronised(error: Duration, limit: Duration) -> Ruling<NtpRule> {
        if error <= limit { Allow(NtpRule::TellTime) } else { Refuse(NtpRule::NotSynchronised) }
    }

    /// POSIX §2.8.5: the duration between two readings of a host's clocks.
    fn elapsed(begun: Readings, now: Readings) -> Offset {
        Offset::between(begun.monotonic, now.monotonic)
    }

    /// POSIX §2.8.5: the rest of a wait of that span.
    fn left_to_wait(begun: Readings, span: Duration, now: Readings) -> Duration {
        span.saturating_sub(now.monotonic.since(begun.monotonic))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Time {
        Time::from_millis(millis)
    }

    const fn span(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// The source is 100 ms ahead; the request takes 10 ms, the response 30 ms, the source 5 ms.
    #[test]
    fn an_asymmetric_path_costs_half_the_asymmetry() {
        let stamps = (ms(1000), ms(1110), ms(1115), ms(1045));
        let offset = BY_THE_BOOK.offset(stamps.0, stamps.1, stamps.2, stamps.3);
        assert_eq!(offset, Offset::from_nanos(90_000_000), "10 ms less than the truth");
        let delay = BY_THE_BOOK.delay(stamps.0, stamps.1, stamps.2, stamps.3);
        assert_eq!(delay, span(40));
        let distance = BY_THE_BOOK.distance(delay, Duration::ZERO, Duration::ZERO, Drift::default());
        assert_eq!(distance, span(20) + Duration::from_nanos(1), "the error is within half the delay");
    }

    #[test]
    fn an_offset_is_slewed_or_stepped_or_a_panic() {
        let thresholds = Thresholds::default();
        let judge = |millis: i64, above_for| {
            BY_THE_BOOK.discipline(Offset::from_nanos(millis * 1_000_000), above_for, thresholds)
        };
        let running = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(judge(-128, running(0)), Allow(NtpRule::Slew));
        assert_eq!(judge(129, running(899)), Refuse(NtpRule::AwaitStepout));
        assert_eq!(judge(129, running(900)), Allow(NtpRule::Step));
        assert_eq!(judge(129, None), Allow(NtpRule::Step), "at once after a start");
        assert_eq!(judge(-1_000_001, running(9999)), Refuse(NtpRule::Panic));
        assert_eq!(judge(1_000_001, None), Refuse(NtpRule::Panic));
    }

    #[test]
    fn the_most_exact_source_is_preferred() {
        let of = |millis: i64, distance| (Offset::from_nanos(millis * 1_000_000), span(distance));
        assert_eq!(BY_THE_BOOK.preferred(&[of(7, 9), of(-3, 2), of(5, 2)]), Some(Offset::from_nanos(-3_000_000)));
        assert_eq!(BY_THE_BOOK.preferred(&[]), None);
    }

    #[test]
    fn a_majority_is_of_all_sources() {
        assert!(BY_THE_BOOK.enough(2, 3).allows() && !BY_THE_BOOK.enough(1, 3).allows());
        assert!(BY_THE_BOOK.enough(1, 1).allows() && !BY_THE_BOOK.enough(2, 4).allows());
        let two = [Interval::new(ms(10), ms(14)), Interval::new(ms(12), ms(16))];
        assert_eq!(BY_THE_BOOK.trusted(&two, 3), Some(Interval::new(ms(10), ms(16))), "one of the two may be wrong");
        assert_eq!(BY_THE_BOOK.trusted(&two, 2), Some(Interval::new(ms(12), ms(14))));
        let apart = [two[0], Interval::new(ms(15), ms(16))];
        assert_eq!(BY_THE_BOOK.trusted(&apart, 3), None, "no majority meets");
        assert_eq!(BY_THE_BOOK.trusted(&two, 4), None);
    }
}
