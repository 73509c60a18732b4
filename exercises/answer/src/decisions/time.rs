//! Wire forms of the arguments and results of the decisions about clocks and channels, which a
//! learner's process answers and the grader's process asks for. Each machine has a rulebook of its
//! own.
//!
//! [`Interval`], [`Drift`] and [`Checksum`] here are plain values: the real types compute what the
//! exercises ask for.

use quorate_protocol::Time;
use quorate_time::channel::Answer;
use quorate_time::snowflake::{Backwards, Lease, Next, Slot};

use crate::wire::{WireForm, is_wire_form, rule};

is_wire_form!(u8, Lease, Slot);

/// Reading of a clock that knows its error: true time is between the two ends, both included.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Interval {
    /// The earliest time that it may be.
    pub earliest: Time,
    /// The latest time that it may be, not before `earliest`.
    pub latest: Time,
}

impl WireForm for Interval {
    type As = (Time, Time);

    fn to_wire(&self) -> Self::As {
        (self.earliest, self.latest)
    }

    fn from_wire((earliest, latest): Self::As) -> Option<Self> {
        Some(Interval { earliest, latest })
    }
}

/// Converts the grader's own intervals to those that an answer sees.
impl WireForm for quorate_time::Interval {
    type As = (Time, Time);

    fn to_wire(&self) -> Self::As {
        (self.earliest, self.latest)
    }

    fn from_wire((earliest, latest): Self::As) -> Option<Self> {
        Some(quorate_time::Interval { earliest, latest })
    }
}

/// Bound on the drift of a clock, in parts per million, less than a million.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Drift(u32);

impl Drift {
    /// The bound in parts per million.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl WireForm for Drift {
    type As = u32;

    fn to_wire(&self) -> u32 {
        self.0
    }

    fn from_wire(ppm: u32) -> Option<Self> {
        Some(Drift(ppm))
    }
}

/// Converts the grader's own bound to the one that an answer sees.
impl WireForm for quorate_time::Drift {
    type As = u32;

    fn to_wire(&self) -> u32 {
        self.get()
    }

    fn from_wire(ppm: u32) -> Option<Self> {
        quorate_time::Drift::ppm(ppm).ok()
    }
}

/// Kind of checksum of segments.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Checksum {
    /// The 16-bit sum of TCP.
    Internet,
    /// A 32-bit cyclic redundancy check.
    Crc32,
}

impl WireForm for Checksum {
    type As = bool;

    fn to_wire(&self) -> bool {
        *self == Checksum::Crc32
    }

    fn from_wire(is_crc: bool) -> Option<Self> {
        Some(if is_crc { Checksum::Crc32 } else { Checksum::Internet })
    }
}

/// Converts the grader's own kind to the one that an answer sees.
impl WireForm for quorate_time::channel::Checksum {
    type As = bool;

    fn to_wire(&self) -> bool {
        *self == quorate_time::channel::Checksum::Crc32
    }

    fn from_wire(is_crc: bool) -> Option<Self> {
        use quorate_time::channel::Checksum::{Crc32, Internet};
        Some(if is_crc { Crc32 } else { Internet })
    }
}

impl WireForm for Answer {
    type As = bool;

    fn to_wire(&self) -> bool {
        *self == Answer::Processed
    }

    fn from_wire(is_processed: bool) -> Option<Self> {
        Some(if is_processed { Answer::Processed } else { Answer::Acknowledged })
    }
}

/// The ticks that are waited for, if any.
impl WireForm for Backwards {
    type As = Vec<u64>;

    fn to_wire(&self) -> Vec<u64> {
        match self {
            Backwards::Refuse => vec![],
            Backwards::Wait { ticks } => vec![*ticks],
        }
    }

    fn from_wire(form: Vec<u64>) -> Option<Self> {
        match form[..] {
            [] => Some(Backwards::Refuse),
            [ticks] => Some(Backwards::Wait { ticks }),
            _ => None,
        }
    }
}

/// The place with its reason, or else the ticks by which the clock is behind, if it is.
impl WireForm for Next {
    type As = (Vec<(Slot, String)>, Vec<u64>);

    fn to_wire(&self) -> Self::As {
        match self {
            Next::Take { slot, rule } => (vec![(*slot, quorate_protocol::Rule::id(*rule).to_owned())], vec![]),
            Next::Exhausted => (vec![], vec![]),
            Next::Behind { ticks } => (vec![], vec![*ticks]),
        }
    }

    fn from_wire((places, behind): Self::As) -> Option<Self> {
        match (&places[..], &behind[..]) {
            ([(slot, id)], []) => Some(Next::Take { slot: *slot, rule: rule(id)? }),
            ([], []) => Some(Next::Exhausted),
            ([], [ticks]) => Some(Next::Behind { ticks: *ticks }),
            _ => None,
        }
    }
}

/// Rulebook of a reliable channel.
pub mod channel {
    use quorate_protocol::{Duration, Ruling};
    use quorate_time::channel::{Answer, ChannelRule};

    use super::Checksum;

    macro_rules! declare {
        ($($decisions:tt)+) => { crate::decisions::rulebook! { {} $($decisions)+ } };
    }
    crate::channel_decisions!(declare);
}

/// Rulebook of TrueTime.
pub mod true_time {
    use quorate_protocol::{Duration, Ruling, Time};
    use quorate_time::true_time::TrueTimeRule;

    use super::{Drift, Interval};

    macro_rules! declare {
        ($($decisions:tt)+) => { crate::decisions::rulebook! { {} $($decisions)+ } };
    }
    crate::true_time_decisions!(declare);
}

/// Rulebook of Snowflake.
pub mod snowflake {
    use quorate_protocol::{NodeId, Ruling};
    use quorate_time::snowflake::{Backwards, Lease, Next, Slot, SnowflakeRule};

    use crate::decisions::{given, told};
    use crate::wire::WireForm;

    macro_rules! declare {
        ($($decisions:tt)+) => {
            crate::decisions::rulebook! {
                { covers: fn(Option<Lease>, u64) -> Ruling<SnowflakeRule>, covered; }
                $($decisions)+
            }
        };
    }
    crate::snowflake_decisions!(declare);

    /// Answer to a question about a lease and a tick.
    fn covered(decide: fn(Option<Lease>, u64) -> Ruling<SnowflakeRule>, question: &str) -> Option<String> {
        let (lease, tick) = given(question)?;
        told(&decide(WireForm::from_wire(lease)?, tick))
    }
}

#[cfg(test)]
mod tests {
    use quorate_time::snowflake::SnowflakeRule;

    use super::*;

    fn comes_back<T: WireForm + PartialEq + std::fmt::Debug>(value: T) {
        let json = serde_json::to_string(&value.to_wire()).unwrap();
        assert_eq!(T::from_wire(serde_json::from_str(&json).unwrap()), Some(value), "{json}");
    }

    #[test]
    fn places_intervals_and_settings_come_back_as_they_were() {
        let slot = Slot { tick: u64::MAX, sequence: 3 };
        let next = [Next::Take { slot, rule: SnowflakeRule::NextInTick }, Next::Exhausted, Next::Behind { ticks: 7 }];
        next.into_iter().for_each(comes_back);
        [Backwards::Refuse, Backwards::Wait { ticks: 0 }].into_iter().for_each(comes_back);
        [Answer::Acknowledged, Answer::Processed].into_iter().for_each(comes_back);
        [Checksum::Internet, Checksum::Crc32].into_iter().for_each(comes_back);
        comes_back(Interval { earliest: Time::ZERO, latest: Time::MAX });
        comes_back(Drift(200));
        let theirs = quorate_time::Drift::ppm(200).unwrap();
        assert_eq!(Drift::from_wire(theirs.to_wire()), Some(Drift(200)));
        let theirs = quorate_time::channel::Checksum::Crc32;
        assert_eq!(Checksum::from_wire(theirs.to_wire()), Some(Checksum::Crc32));
        assert_eq!(Next::from_wire((vec![(slot, "NoSuchRule".to_owned())], vec![])), None);
    }
}
