//! Ranges of seeds on the command line, and the completed seeds of a sweep.

use std::fmt;
use std::str::FromStr;

/// Maximum number of seeds in one sweep: that many runs take hours.
pub(super) const SEEDS_MAX: u64 = 10_000_000;

/// A non-empty range of seeds. It stores its last seed, so that it can include the largest one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Seeds {
    pub(super) first: u64,
    pub(super) last: u64,
}

impl FromStr for Seeds {
    type Err = String;

    /// Parses `0..1000`, without its end, or `0..=999`, with its end, as in Rust.
    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| {
            let bound = format!("'{text}' is not a seed; a seed is a number from 0 to {}", u64::MAX);
            text.parse::<u64>().map_err(|_| bound)
        };
        let Some((first, end)) = text.split_once("..") else {
            return Err("this is not a range of seeds; write 0..1000, or 7..8 for a single seed".to_owned());
        };
        let first = number(first)?;
        let last = match end.strip_prefix('=') {
            Some(last) => Some(number(last)?),
            None => number(end)?.checked_sub(1),
        };
        let seeds = last.filter(|last| first <= *last).map(|last| Seeds { first, last }).ok_or_else(|| {
            format!("there is no seed in {text}; the start must be below the end, which is not included")
        })?;
        match seeds.last - seeds.first {
            0..SEEDS_MAX => Ok(seeds),
            _ => Err(format!("{text} has too many seeds; a sweep has at most {SEEDS_MAX}, so use several sweeps")),
        }
    }
}

impl Seeds {
    pub(super) fn one(seed: u64) -> Self {
        Seeds { first: seed, last: seed }
    }

    /// Number of seeds; at most [`SEEDS_MAX`] in a parsed range.
    pub(super) fn count(self) -> u64 {
        self.last - self.first + 1
    }

    /// Returns the first `count` seeds.
    pub(super) fn up_to(self, count: u64) -> Self {
        Seeds { last: self.last.min(self.first.saturating_add(count - 1)), ..self }
    }

    /// Returns the seeds after `last`.
    pub(super) fn behind(self, last: u64) -> Option<Self> {
        let first = last.checked_add(1).filter(|first| *first <= self.last)?;
        Some(Seeds { first, ..self })
    }
}

impl fmt::Display for Seeds {
    /// Formats the range as on the command line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seeds { first, last } = self;
        match last.checked_add(1) {
            Some(end) => write!(f, "{first}..{end}"),
            None => write!(f, "{first}..={last}"),
        }
    }
}

/// Seeds of the completed runs, as sorted ranges.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Completed(Vec<Seeds>);

impl Completed {
    /// Adds seeds, all of which must be larger than those already added.
    pub(super) fn add(&mut self, mut seeds: Vec<u64>) {
        seeds.sort_unstable();
        for seed in seeds {
            match self.0.last_mut() {
                Some(range) if range.last.checked_add(1) == Some(seed) => range.last = seed,
                _ => self.0.push(Seeds::one(seed)),
            }
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.0.iter().map(|range| range.count()).sum()
    }
}

impl fmt::Display for Completed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ranges: Vec<String> = self.0.iter().map(Seeds::to_string).collect();
        match &ranges[..] {
            [] => f.write_str("none"),
            [ranges @ .., last] if !ranges.is_empty() => write!(f, "{} and {last}", ranges.join(", ")),
            _ => f.write_str(&ranges.concat()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seeds(text: &str) -> Seeds {
        text.parse().unwrap()
    }

    #[test]
    fn a_range_is_read_and_written_as_in_rust() {
        assert_eq!(seeds("3..7"), Seeds { first: 3, last: 6 });
        assert_eq!(seeds("3..=7"), Seeds { first: 3, last: 7 });
        for text in ["0..1", "7..1000", "18446744073709551614..18446744073709551615"] {
            assert_eq!(seeds(text).to_string(), text);
        }
        let last = seeds("18446744073709551614..=18446744073709551615");
        assert_eq!((last.count(), last.to_string().as_str()), (2, "18446744073709551614..=18446744073709551615"));
    }

    #[test]
    fn the_last_seed_of_all_ends_a_range_without_wrapping() {
        let all = seeds("18446744073709551600..=18446744073709551615");
        let batch = all.up_to(10);
        assert_eq!((batch.count(), batch.last), (10, u64::MAX - 6));
        let rest = all.behind(batch.last).unwrap();
        assert_eq!((rest.up_to(10), rest.count()), (rest, 6));
        assert_eq!(all.behind(rest.last), None);
    }

    #[test]
    fn what_is_no_range_or_too_long_is_refused() {
        for (text, says) in [
            ("7", "7..8"),
            ("9..3", "9..3"),
            ("0..0", "no seed"),
            ("4..=3", "no seed"),
            ("0..x", "'x' is not a seed"),
            ("0..=", "'' is not a seed"),
            ("0..18446744073709551616", "18446744073709551616"),
            ("0..10000001", "at most 10000000"),
            ("0..=18446744073709551615", "at most 10000000"),
        ] {
            let error = text.parse::<Seeds>().unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
        assert_eq!(seeds("0..10000000").count(), SEEDS_MAX);
    }

    #[test]
    fn completed_seeds_are_reported_in_ranges() {
        let mut completed = Completed::default();
        assert_eq!((completed.count(), completed.to_string().as_str()), (0, "none"));
        completed.add(vec![2, 0, 1]);
        completed.add(vec![3, 7, 5, 6]);
        assert_eq!((completed.count(), completed.to_string().as_str()), (7, "0..4 and 5..8"));
        completed.add(vec![9]);
        assert_eq!(completed.to_string(), "0..4, 5..8 and 9..10");
    }
}
