//! Parsing of settings: durations, and the error for values that cannot be parsed.

use std::fmt;

use quorate_protocol::Duration;

/// Parses a duration such as `150ms`, `2s`, `10us` or `500ns`; up to nine decimals are allowed.
///
/// # Errors
/// [`BadCondition`] if the unit is missing or unknown, the number is malformed, or the duration is
/// over 584 years.
///
/// ```
/// use quorate_lab::env::duration;
/// use quorate_protocol::Duration;
///
/// assert_eq!(duration("1.5ms"), Ok(Duration::from_micros(1500)));
/// assert_eq!(duration("1.5h"), Ok(Duration::from_secs(5400)));
/// assert!(duration("7").unwrap_err().to_string().contains("150ms"));
/// ```
pub fn duration(text: &str) -> Result<Duration, BadCondition> {
    let bad =
        || BadCondition::new(text, "a duration with a unit, such as 150ms, 2s, 5m, 1h or 500ns, of at most 584 years");
    let units = [
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    let (number, unit) =
        units.iter().find_map(|(name, nanos)| Some((text.strip_suffix(name)?, *nanos))).ok_or_else(bad)?;
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    if decimals.len() > 9 || !decimals.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(bad());
    }
    if !whole.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(bad());
    }
    let whole: u64 = whole.parse().map_err(|_| bad())?;
    let billionths: u64 = format!("{decimals:0<9}").parse().map_err(|_| bad())?;
    let fraction = (u128::from(billionths) * u128::from(unit) / 1_000_000_000) as u64;
    let nanos = whole.checked_mul(unit).and_then(|nanos| nanos.checked_add(fraction)).ok_or_else(bad)?;
    Ok(Duration::from_nanos(nanos))
}

/// A setting that cannot be parsed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadCondition {
    text: String,
    expected: &'static str,
}

impl BadCondition {
    pub(super) fn new(text: &str, expected: &'static str) -> Self {
        BadCondition { text: text.to_owned(), expected }
    }
}

impl fmt::Display for BadCondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is not {}", self.text, self.expected)
    }
}

impl std::error::Error for BadCondition {}
