//! Spans of time in traces, as they are written: `2.5ms`.

use quorate_protocol::{Duration, nanos};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

/// Units with their length in nanoseconds, each before those that end in the same letters.
const UNITS: [(&str, u64); 4] = [("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000)];

/// Writes a span in the largest unit in which it is at least 1, exactly.
pub(super) fn serialize<S: Serializer>(span: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&text(*span))
}

/// Writes a span, if there is one.
pub(super) fn serialize_any<S: Serializer>(span: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
    match span {
        Some(span) => to.serialize_some(&text(*span)),
        None => to.serialize_none(),
    }
}

/// Reads a span as it is written.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    parsed(&text).ok_or_else(|| D::Error::custom(format_args!("'{text}' is not a span of time such as 2.5ms")))
}

fn text(span: Duration) -> String {
    let all = nanos(span);
    let (unit, length) = UNITS.iter().rev().find(|(_, length)| all >= *length).unwrap_or(&UNITS[0]);
    let (whole, rest) = (all / length, all % length);
    if rest == 0 {
        return format!("{whole}{unit}");
    }
    let digits = length.ilog10() as usize;
    let rest = format!("{rest:0digits$}");
    format!("{whole}.{}{unit}", rest.trim_end_matches('0'))
}

fn parsed(text: &str) -> Option<Duration> {
    let (number, length) = UNITS.iter().find_map(|(unit, length)| Some((text.strip_suffix(unit)?, *length)))?;
    let (whole, rest) = number.split_once('.').unwrap_or((number, ""));
    let digits = length.ilog10() as usize;
    if rest.len() > digits {
        return None;
    }
    let rest: u64 = if rest.is_empty() { 0 } else { format!("{rest:0<digits$}").parse().ok()? };
    let whole: u64 = whole.parse().ok()?;
    Some(Duration::from_nanos(whole.checked_mul(length)?.checked_add(rest)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_they_are_written() {
        let spans = [
            (0, "0ns"),
            (999, "999ns"),
            (1_500, "1.5us"),
            (2_000_000, "2ms"),
            (2_000_001, "2.000001ms"),
            (60_000_000_000, "60s"),
            (u64::MAX, "18446744073.709551615s"),
        ];
        for (nanos, written) in spans {
            assert_eq!(text(Duration::from_nanos(nanos)), written);
            assert_eq!(parsed(written), Some(Duration::from_nanos(nanos)));
        }
        for wrong in ["", "2", "ms", "1.0000000001s", "99999999999s", "-1s", "1.xs"] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }
}
