//! The decisions of TrueTime and commit wait.

use quorate_protocol::Ruling::{self, Allow, Refuse};
use quorate_protocol::{Duration, Time};

use super::rules::TrueTimeRule;
use crate::{Drift, Interval, marzullo};

quorate_protocol::rulebook! {
    /// Rulebook of TrueTime. [`BY_THE_BOOK`] is the paper.
    pub struct Rulebook;

    /// Corbett 2012 §3: the reading at the arrival of a master's answer, which took at most
    /// `round_trip` on the server's clock.
    fn on_arrival(told: Interval, round_trip: Duration, drift: Drift) -> Interval {
        told.delayed(drift.longest(round_trip))
    }

    /// Corbett 2012 §3: a reading, so much time of the server's clock later. The error grows with
    /// the drift that is allowed for.
    fn aged(reading: Interval, passed: Duration, drift: Drift) -> Interval {
        reading.aged(passed, drift)
    }

    /// RFC 5905 §11.2.1: whether so many answers are enough, if some of them may be lies.
    fn enough(answers: usize, faulty: usize) -> Ruling<TrueTimeRule> {
        if answers > 2 * faulty { Allow(TrueTimeRule::Synchronise) } else { Refuse(TrueTimeRule::AwaitAnswers) }
    }

    /// RFC 5905 §11.2.1: the number of intervals that contain the true time for certain.
    fn agreeing(answers: usize, faulty: usize) -> usize {
        answers.saturating_sub(faulty)
    }

    /// RFC 5905 §11.2.1 (Marzullo 1984): the reading that the answers allow.
    fn trusted(rules: &Rulebook, answers: &[Interval], faulty: usize) -> Option<Interval> {
        marzullo(answers, rules.agreeing(answers.len(), faulty))
    }

    /// Corbett 2012 §3: whether the server's clock has kept its bound: the reading that it predicts
    /// meets the one of the masters.
    fn keeps_bound(predicted: Interval, measured: Interval) -> Ruling<TrueTimeRule> {
        if predicted.meets(measured) { Allow(TrueTimeRule::Synchronise) } else { Refuse(TrueTimeRule::LeaveCluster) }
    }

    /// Corbett 2012 §5.3: whether a reading of this error serves.
    fn serves(error: Duration, max_error: Duration) -> Ruling<TrueTimeRule> {
        if error <= max_error { Allow(TrueTimeRule::ReadTime) } else { Refuse(TrueTimeRule::ErrorTooLarge) }
    }

    /// Corbett 2012 §4.1.2, start: the stamp of a transaction that begins to commit now. `last` is
    /// the largest stamp of this server.
    fn stamp(now: Interval, last: Option<Time>) -> Time {
        let above = last.map_or(Time::ZERO, |last| last + Duration::from_nanos(1));
        now.latest.max(above)
    }

    /// Corbett 2012 §4.1.2, commit wait: whether a transaction of this stamp may be seen.
    fn commit_wait(now: Interval, stamp: Time) -> Ruling<TrueTimeRule> {
        if now.after(stamp) { Allow(TrueTimeRule::Commit) } else { Refuse(TrueTimeRule::CommitWait) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Time {
        Time::from_millis(millis)
    }

    fn span(earliest: u64, latest: u64) -> Interval {
        Interval::new(ms(earliest), ms(latest))
    }

    #[test]
    fn two_of_three_outvote_a_liar_and_one_of_two_does_not() {
        assert!(BY_THE_BOOK.enough(3, 1).allows() && !BY_THE_BOOK.enough(2, 1).allows());
        assert!(BY_THE_BOOK.enough(1, 0).allows() && !BY_THE_BOOK.enough(0, 0).allows());
        let answers = [span(10, 14), span(12, 16), span(90, 94)];
        assert_eq!(BY_THE_BOOK.trusted(&answers, 1), Some(span(12, 14)));
        assert_eq!(BY_THE_BOOK.trusted(&answers, 0), None);
    }

    #[test]
    fn an_answer_is_as_old_as_its_round_trip_at_most() {
        let drift = Drift::ppm(200_000).unwrap();
        let read = BY_THE_BOOK.on_arrival(span(10, 12), Duration::from_millis(4), drift);
        assert_eq!(read, span(10, 17));
    }

    #[test]
    fn stamps_are_late_and_larger_than_those_before() {
        assert_eq!(BY_THE_BOOK.stamp(span(10, 14), None), ms(14));
        assert_eq!(BY_THE_BOOK.stamp(span(10, 14), Some(ms(20))), ms(20) + Duration::from_nanos(1));
    }

    #[test]
    fn a_stamp_has_passed_when_the_earliest_time_is_later() {
        assert_eq!(BY_THE_BOOK.commit_wait(span(14, 18), ms(14)), Refuse(TrueTimeRule::CommitWait));
        assert_eq!(BY_THE_BOOK.commit_wait(span(15, 18), ms(14)), Allow(TrueTimeRule::Commit));
    }

    #[test]
    fn an_error_serves_up_to_its_limit() {
        let (fine, limit) = (Duration::from_millis(7), Duration::from_millis(7));
        assert_eq!(BY_THE_BOOK.serves(fine, limit), Allow(TrueTimeRule::ReadTime));
        assert_eq!(BY_THE_BOOK.serves(fine * 2, limit), Refuse(TrueTimeRule::ErrorTooLarge));
        assert!(!BY_THE_BOOK.keeps_bound(span(1, 2), span(3, 4)).allows());
    }
}
