//! Marzullo's intersection: the time that enough sources agree on, if a few of them lie.
//!
//! If at most `f` of `n` intervals are wrong, the true time is in at least `n - f` of them. The
//! smallest interval that contains every such point contains the true time, and it cannot be
//! narrowed further without more knowledge.

use quorate_protocol::Time;

use crate::Interval;

/// The smallest interval around all points that are in at least `needed` of these intervals; `None`
/// if there is no such point, or `needed` is zero.
///
/// ```
/// use quorate_protocol::Time;
/// use quorate_time::{Interval, marzullo};
///
/// let ms = |one, other| Interval::new(Time::from_millis(one), Time::from_millis(other));
/// // One of three is wrong by an hour, and is not heard.
/// let sources = [ms(8, 12), ms(11, 13), ms(3_600_010, 3_600_012)];
/// assert_eq!(marzullo(&sources, 2), Some(ms(11, 12)));
/// ```
pub fn marzullo(intervals: &[Interval], needed: usize) -> Option<Interval> {
    let mut found: Option<Interval> = None;
    for (span, depth) in regions(intervals) {
        if depth >= needed && needed > 0 {
            let earliest = found.map_or(span.earliest, |found| found.earliest);
            found = Some(Interval { earliest, latest: span.latest });
        }
    }
    found
}

/// The first region in which most of the intervals meet, with the number of them.
///
/// It is the most popular answer, and not always the right one: a wrong interval that overlaps a
/// part of the right ones pulls it away from the true time, which is why [`marzullo`] keeps every
/// point that enough of them contain.
pub fn densest(intervals: &[Interval]) -> Option<(usize, Interval)> {
    let mut best: Option<(usize, Interval)> = None;
    for (span, depth) in regions(intervals) {
        if best.is_none_or(|(most, _)| depth > most) {
            best = Some((depth, span));
        }
    }
    best
}

/// The regions between two ends next to each other, in order of time, each with the number of
/// intervals that contain all of it. At one time, beginnings come before ends: ends belong to their
/// intervals.
fn regions(intervals: &[Interval]) -> Vec<(Interval, usize)> {
    let begin = |interval: &Interval| (interval.earliest, false);
    let end = |interval: &Interval| (interval.latest, true);
    let mut edges: Vec<(Time, bool)> = intervals.iter().map(begin).chain(intervals.iter().map(end)).collect();
    edges.sort_unstable();
    let mut depth = 0;
    let mut regions = Vec::new();
    for (index, (at, is_end)) in edges.iter().enumerate() {
        if *is_end {
            depth -= 1
        } else {
            depth += 1
        }
        if let Some((next, _)) = edges.get(index + 1) {
            regions.push((Interval { earliest: *at, latest: *next }, depth));
        }
    }
    regions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(earliest: u64, latest: u64) -> Interval {
        Interval::new(Time::from_millis(earliest), Time::from_millis(latest))
    }

    #[test]
    fn intervals_that_touch_meet_in_a_point() {
        assert_eq!(marzullo(&[ms(1, 5), ms(5, 9)], 2), Some(ms(5, 5)));
        assert_eq!(marzullo(&[ms(1, 4), ms(5, 9)], 2), None);
        assert_eq!(marzullo(&[ms(3, 3), ms(3, 3)], 2), Some(ms(3, 3)));
        assert_eq!((marzullo(&[], 1), marzullo(&[ms(1, 2)], 0), densest(&[])), (None, None, None));
    }

    #[test]
    fn every_point_in_enough_of_them_is_kept() {
        // Either of the outer pairs may be the honest one.
        let sources = [ms(0, 4), ms(3, 11), ms(10, 14)];
        assert_eq!(marzullo(&sources, 2), Some(ms(3, 11)));
        assert_eq!(densest(&sources), Some((2, ms(3, 4))));
    }

    /// One in three may lie. True time is 10: the liar's interval touches both, but not there.
    #[test]
    fn the_most_popular_region_may_miss_the_truth() {
        let sources = [ms(8, 12), ms(9, 13), ms(11, 15)];
        assert_eq!(densest(&sources), Some((3, ms(11, 12))));
        assert!(marzullo(&sources, 2).unwrap().contains(Time::from_millis(10)));
    }

    /// All placements of three short intervals, of which two contain the true time.
    #[test]
    fn the_truth_is_never_lost_while_few_lie() {
        let truth = Time::from_millis(6);
        let mut cases = 0;
        for one in 3..=6 {
            for two in 3..=6 {
                for liar in 0..=12 {
                    let sources = [ms(one, one + 3), ms(two, two + 3), ms(liar, liar + 3)];
                    let found = marzullo(&sources, 2).expect("two of them contain it");
                    assert!(found.contains(truth), "{sources:?}");
                    assert!(found.width() <= ms(0, 6).width());
                    cases += 1;
                }
            }
        }
        assert_eq!(cases, 208);
    }
}
