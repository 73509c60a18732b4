//! Dates: readings of wall clocks as people write them.

use std::fmt;
use std::str::FromStr;

use crate::time::{Duration, Time, nanos};

/// A reading of a wall clock whose zero is the beginning of 1970: a day and a time of day, without
/// time zones and leap seconds.
///
/// ```
/// use quorate_protocol::Date;
///
/// let noon: Date = "2026-03-01T12:00:42.004".parse()?;
/// assert_eq!(noon.to_string(), "2026-03-01T12:00:42.004");
/// assert_eq!("2026-03-01".parse::<Date>()?.to_string(), "2026-03-01T00:00:00.000");
/// # Ok::<(), quorate_protocol::BadDate>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Date(pub Time);

/// Nanoseconds of a second and of a day.
const SECOND: u64 = 1_000_000_000;
const DAY: u64 = 24 * 60 * 60 * SECOND;

const FIRST_YEAR: u64 = 1970;

impl Date {
    /// The beginning of the year 2000. A reading before it is that of a clock that has never been
    /// set.
    pub const YEAR_2000: Date = Date(Time::from_nanos(10_957 * DAY));

    /// The beginning of this day.
    #[must_use]
    pub const fn midnight(self) -> Date {
        Date(Time::from_nanos(self.0.as_nanos() / DAY * DAY))
    }

    /// The moment of this day at which a clock shows that time of day.
    #[must_use]
    pub fn at(self, time_of_day: Duration) -> Date {
        Date(self.midnight().0 + time_of_day)
    }
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_of_month(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

const fn days_of_year(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

/// The year, month and day of a number of days since the beginning of 1970.
fn day_of(mut days: u64) -> (u64, u64, u64) {
    let mut year = FIRST_YEAR;
    while days >= days_of_year(year) {
        days -= days_of_year(year);
        year += 1;
    }
    let mut month = 1;
    while days >= days_of_month(year, month) {
        days -= days_of_month(year, month);
        month += 1;
    }
    (year, month, days + 1)
}

impl fmt::Display for Date {
    /// At least milliseconds, and no digit that says nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.as_nanos();
        let (year, month, day) = day_of(shown / DAY);
        let (seconds, rest) = (shown % DAY / SECOND, format!("{:09}", shown % SECOND));
        let (millis, more) = rest.split_at(3);
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let more = more.trim_end_matches('0');
        write!(f, "{year}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{millis}{more}")
    }
}

/// Reads a time of day such as `12:00` or `12:00:42.004`.
pub fn time_of_day(text: &str) -> Option<Duration> {
    let mut parts = text.split(':');
    let (hours, minutes) = (number(parts.next()?, 23)?, number(parts.next()?, 59)?);
    let (seconds, fraction) = match parts.next() {
        None => (0, 0),
        Some(seconds) => {
            let (whole, digits) = seconds.split_once('.').unwrap_or((seconds, "0"));
            let is_fraction = (1..=9).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
            let fraction = format!("{digits:0<9}");
            (number(whole, 59)?, is_fraction.then(|| fraction.parse().ok()).flatten()?)
        }
    };
    if parts.next().is_some() {
        return None;
    }
    Some(Duration::from_nanos(((hours * 60 + minutes) * 60 + seconds) * SECOND + fraction))
}

/// A number of two digits, at most this one.
fn number(text: &str, most: u64) -> Option<u64> {
    let is_number = text.len() == 2 && text.bytes().all(|digit| digit.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && *number <= most)
}

fn read(text: &str) -> Option<Date> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, time_of_day(time)?),
        None => (text, Duration::ZERO),
    };
    let mut parts = date.split('-');
    let year: u64 = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let (month, day) = (number(parts.next()?, 12)?, number(parts.next()?, 31)?);
    let is_day = parts.next().is_none() && month >= 1 && (1..=days_of_month(year, month)).contains(&day);
    // The last nanosecond that a time can hold is of that year.
    if !is_day || !(FIRST_YEAR..=2554).contains(&year) {
        return None;
    }
    let years: u64 = (FIRST_YEAR..year).map(days_of_year).sum();
    let months: u64 = (1..month).map(|month| days_of_month(year, month)).sum();
    let midnight = (years + months + day - 1).checked_mul(DAY)?;
    Some(Date(Time::from_nanos(midnight.checked_add(nanos(time))?)))
}

impl FromStr for Date {
    type Err = BadDate;

    fn from_str(text: &str) -> Result<Self, BadDate> {
        read(text).ok_or_else(|| BadDate { text: text.to_owned() })
    }
}

/// Error: a text that is no date.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadDate {
    text: String,
}

impl fmt::Display for BadDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is no date from 1970 on: write 2026-03-01 or 2026-03-01T12:00:42.004", self.text)
    }
}

impl std::error::Error for BadDate {}

#[cfg(test)]
mod tests {
    use super::*;

    /// As late as a time can be.
    const LAST: &str = "2554-07-21T23:34:33.709551615";

    #[test]
    fn a_date_is_written_as_it_reads_and_read_back() {
        for (nanos, text) in [
            (0, "1970-01-01T00:00:00.000"),
            (59 * DAY + 1, "1970-03-01T00:00:00.000000001"),
            (Date::YEAR_2000.0.as_nanos(), "2000-01-01T00:00:00.000"),
            (951_782_400 * SECOND + 500_000_000, "2000-02-29T00:00:00.500"),
            (1_772_366_442 * SECOND + 4_000_000, "2026-03-01T12:00:42.004"),
            (4_107_542_399 * SECOND, "2100-02-28T23:59:59.000"),
        ] {
            let date = Date(Time::from_nanos(nanos));
            assert_eq!(date.to_string(), text);
            assert_eq!(text.parse(), Ok(date));
        }
        assert_eq!(Date(Time::MAX).to_string(), LAST);
        assert_eq!(LAST.parse(), Ok(Date(Time::MAX)));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "42",
            "2026-3-1",
            "2026-02-29",
            "2100-02-29",
            "2026-13-01",
            "2026-00-10",
            "1969-12-31",
            "2026-03-01T",
            "2026-03-01T24:00",
            "2026-03-01T12:60",
            "2026-03-01T12",
            "2026-03-01T12:00:00.",
            "2026-03-01T12:00:00:00",
            "+026-03-01",
            "2554-07-21T23:34:33.709551616",
            "2554-12-31",
            "9999-01-01",
            "2026-03-01T12:00:+1",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        let said = "2026-02-29".parse::<Date>().unwrap_err().to_string();
        assert_eq!(said, "'2026-02-29' is no date from 1970 on: write 2026-03-01 or 2026-03-01T12:00:42.004");
    }

    #[test]
    fn a_time_of_day_is_within_its_day() {
        let noon = "2026-03-01T12:00".parse::<Date>().unwrap();
        let said = time_of_day("00:00:42.004").map(|time| noon.at(time).to_string());
        assert_eq!(said.as_deref(), Some("2026-03-01T00:00:42.004"));
        assert_eq!(time_of_day("23:59"), Some(Duration::from_secs(86_340)));
        assert_eq!(["12", "1:00", "12:00:60", "12:00:00.0000000001"].map(time_of_day), [None; 4]);
    }
}
