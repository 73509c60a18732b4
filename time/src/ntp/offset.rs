//! A signed span of time, in nanoseconds: offsets, corrections, measured durations.

use std::fmt;

use quorate_protocol::{Duration, Time, nanos};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Units with their length in nanoseconds, each before those that end in the same letters.
const UNITS: [(&str, u64); 4] = [("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000)];

/// Signed span of time. It is written in the largest unit in which it is at least 1, as `-2.5ms`.
///
/// ```
/// use quorate_protocol::{Duration, Time};
/// use quorate_time::ntp::Offset;
///
/// let back = Offset::between(Time::from_millis(5_000), Time::from_millis(3_500));
/// assert_eq!(back.to_string(), "-1.5s");
/// assert_eq!(back.applied(Time::from_millis(5_000)), Time::from_millis(3_500));
/// assert_eq!(back.magnitude(), Duration::from_millis(1_500));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Offset(i64);

impl Offset {
    /// No offset.
    pub const ZERO: Offset = Offset(0);

    /// An offset in nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        Offset(nanos)
    }

    /// The offset in nanoseconds.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// The way from one time to another: negative if the other is earlier. At most 292 years.
    pub fn between(from: Time, to: Time) -> Self {
        Offset::clamped(i128::from(to.as_nanos()) - i128::from(from.as_nanos()))
    }

    /// The time that is later by this offset, between zero and [`Time::MAX`].
    pub fn applied(self, time: Time) -> Time {
        let shifted = (i128::from(time.as_nanos()) + i128::from(self.0)).max(0);
        Time::from_nanos(u64::try_from(shifted).unwrap_or(u64::MAX))
    }

    /// The length, without the sign.
    pub const fn magnitude(self) -> Duration {
        Duration::from_nanos(self.0.unsigned_abs())
    }

    /// The sum, at most 292 years.
    #[must_use]
    pub const fn plus(self, other: Offset) -> Offset {
        Offset(self.0.saturating_add(other.0))
    }

    /// The difference, at most 292 years.
    #[must_use]
    pub const fn minus(self, other: Offset) -> Offset {
        Offset(self.0.saturating_sub(other.0))
    }

    /// The nearest offset to so many nanoseconds.
    pub(crate) fn clamped(nanos: i128) -> Offset {
        let least = i128::from(i64::MIN);
        Offset(i64::try_from(nanos.clamp(least, i128::from(i64::MAX))).unwrap_or_default())
    }
}

impl From<Duration> for Offset {
    fn from(span: Duration) -> Self {
        Offset(i64::try_from(nanos(span)).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let (unit, length) = UNITS.iter().rev().find(|(_, length)| all >= *length).unwrap_or(&UNITS[0]);
        let (whole, rest) = (all / length, all % length);
        if rest == 0 {
            return write!(f, "{sign}{whole}{unit}");
        }
        let digits = length.ilog10() as usize;
        let rest = format!("{rest:0digits$}");
        write!(f, "{sign}{whole}.{}{unit}", rest.trim_end_matches('0'))
    }
}

impl Serialize for Offset {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Offset {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        parsed(&text).ok_or_else(|| D::Error::custom(format_args!("'{text}' is not an offset such as -2.5ms")))
    }
}

fn parsed(text: &str) -> Option<Offset> {
    let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (number, length) = UNITS.iter().find_map(|(unit, length)| Some((text.strip_suffix(unit)?, *length)))?;
    let (whole, rest) = number.split_once('.').unwrap_or((number, ""));
    let digits = length.ilog10() as usize;
    if rest.len() > digits {
        return None;
    }
    let rest: i128 = if rest.is_empty() { 0 } else { format!("{rest:0<digits$}").parse().ok()? };
    let all = whole.parse::<i128>().ok()?.checked_mul(i128::from(length))?.checked_add(rest)?;
    i64::try_from(if is_negative { -all } else { all }).ok().map(Offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_written_exactly_and_read_back() {
        for (nanos, text) in [
            (0, "0ns"),
            (-1, "-1ns"),
            (2_500_000, "2.5ms"),
            (-1_000_000_000, "-1s"),
            (7_200_000_000_001, "7200.000000001s"),
            (i64::MIN, "-9223372036.854775808s"),
        ] {
            let offset = Offset::from_nanos(nanos);
            assert_eq!(offset.to_string(), text);
            let json = serde_json::to_string(&offset).unwrap();
            assert_eq!(serde_json::from_str::<Offset>(&json).unwrap(), offset);
        }
        let error = serde_json::from_str::<Offset>("\"soon\"").unwrap_err().to_string();
        assert!(error.starts_with("'soon' is not an offset such as -2.5ms"), "{error}");
    }
}
