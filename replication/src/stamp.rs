//! Stamps: a clock reading with the node that made it, so that no two writes have the same.

use std::fmt;
use std::str::FromStr;

use quorate_protocol::{Date, NodeId, Permutation, Permute, Time};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Reading of the clock that orders writes. A wall clock sets `wall`, a logical clock `count`, a
/// hybrid one both.
///
/// Shown as `42.004` (seconds of the wall clock), `7` (a count) or `42.004+1`; of a wall clock that
/// is set to a date, `2026-03-01T12:00:42.004`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Tick {
    /// Wall-clock part; zero for a logical clock.
    pub wall: Time,
    /// Logical part.
    pub count: u64,
}

impl Tick {
    /// The reading of a logical clock.
    pub const fn logical(count: u64) -> Self {
        Tick { wall: Time::ZERO, count }
    }

    /// The reading of a wall clock.
    pub const fn wall(wall: Time) -> Self {
        Tick { wall, count: 0 }
    }

    /// The next reading of the logical part.
    #[must_use]
    pub const fn next(self) -> Self {
        Tick { count: self.count.saturating_add(1), ..self }
    }
}

impl fmt::Display for Tick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tick { wall, count } = *self;
        if wall == Time::ZERO {
            return write!(f, "{count}");
        }
        if Date(wall) >= Date::YEAR_2000 {
            write!(f, "{}", Date(wall))?;
        } else {
            let (seconds, nanos) = (wall.as_nanos() / NANOS, wall.as_nanos() % NANOS);
            let digits = format!("{nanos:09}");
            // At least milliseconds, and no digit that says nothing.
            let (millis, rest) = digits.split_at(3);
            write!(f, "{seconds}.{millis}{}", rest.trim_end_matches('0'))?;
        }
        if count > 0 { write!(f, "+{count}") } else { Ok(()) }
    }
}

const NANOS: u64 = 1_000_000_000;

/// Error: a text that is no clock reading or stamp.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadStamp {
    text: String,
}

impl fmt::Display for BadStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is no stamp: write its clock and its node, as in 7@n1 or 42.004@n1", self.text)
    }
}

impl std::error::Error for BadStamp {}

fn read(text: &str) -> Option<Tick> {
    if text.contains('T') {
        let (date, count) =
            text.split_once('+').map_or(Some((text, 0)), |(date, count)| Some((date, count.parse().ok()?)))?;
        let Date(wall) = date.parse().ok()?;
        return Some(Tick { wall, count });
    }
    let Some((seconds, rest)) = text.split_once('.') else { return Some(Tick::logical(text.parse().ok()?)) };
    let (digits, count) = match rest.split_once('+') {
        Some((digits, count)) => (digits, count.parse().ok()?),
        None => (rest, 0),
    };
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    let nanos: u64 = format!("{digits:0<9}").parse().ok()?;
    let seconds: u64 = seconds.parse().ok()?;
    let wall = Time::from_nanos(seconds.checked_mul(NANOS)?.checked_add(nanos)?);
    Some(Tick { wall, count })
}

impl FromStr for Tick {
    type Err = BadStamp;

    fn from_str(text: &str) -> Result<Self, BadStamp> {
        read(text).ok_or_else(|| BadStamp { text: text.to_owned() })
    }
}

/// Stamp of a write: the reading of the writer's clock, then the writer's id. The id decides ties,
/// so the order is total and every node finds the same one.
///
/// In a register with siblings a stamp is a *dot*: the count of the node's writes to that key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Stamp {
    /// The clock reading.
    pub tick: Tick,
    /// The node that took the write.
    pub node: NodeId,
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}@{}", self.tick, self.node))
    }
}

impl FromStr for Stamp {
    type Err = BadStamp;

    fn from_str(text: &str) -> Result<Self, BadStamp> {
        let parts = |(tick, node): (&str, &str)| Some(Stamp { tick: read(tick)?, node: node.parse().ok()? });
        text.split_once('@').and_then(parts).ok_or_else(|| BadStamp { text: text.to_owned() })
    }
}

impl Permute for Stamp {
    fn permuted(&self, by: &Permutation) -> Self {
        Stamp { node: self.node.permuted(by), ..*self }
    }
}

quorate_protocol::no_node_ids!(Tick);

macro_rules! as_text {
    ($type:ident, $raw:ty, $to:expr, $from:expr) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    return serializer.collect_str(self);
                }
                let to: fn(&$type) -> $raw = $to;
                to(self).serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    return String::deserialize(deserializer)?.parse().map_err(de::Error::custom);
                }
                let from: fn($raw) -> $type = $from;
                Deserialize::deserialize(deserializer).map(from)
            }
        }
    };
}

as_text!(Tick, (Time, u64), |tick| (tick.wall, tick.count), |(wall, count)| Tick { wall, count });
as_text!(Stamp, (Tick, NodeId), |stamp| (stamp.tick, stamp.node), |(tick, node)| Stamp { tick, node });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_written_as_it_reads_and_read_back() {
        for (wall, count, text) in [
            (0, 7, "7@n1"),
            (42_004_000_000, 0, "42.004@n1"),
            (42_000_000_001, 3, "42.000000001+3@n1"),
            (1, 0, "0.000000001@n1"),
            (1_772_366_442_004_000_000, 0, "2026-03-01T12:00:42.004@n1"),
            (1_772_366_442_004_000_000, 1, "2026-03-01T12:00:42.004+1@n1"),
            (u64::MAX, u64::MAX, "2554-07-21T23:34:33.709551615+18446744073709551615@n1"),
        ] {
            let stamp = Stamp { tick: Tick { wall: Time::from_nanos(wall), count }, node: NodeId(0) };
            assert_eq!(serde_json::to_string(&stamp).unwrap(), format!("\"{text}\""));
            assert_eq!(text.parse(), Ok(stamp));
        }
        for text in ["", "7", "@n1", "7@", "x@n1", "4.@n1", "4.0000000001@n1", "2026-02-30T12:00@n1"] {
            let error = text.parse::<Stamp>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("'{text}' is no stamp")), "{error}");
        }
    }

    #[test]
    fn ties_are_decided_by_the_node() {
        let [one, two] = [0, 1].map(|node| Stamp { tick: Tick::logical(5), node: NodeId(node) });
        assert!(one < two && two < Stamp { tick: Tick::logical(6), ..one });
    }
}
