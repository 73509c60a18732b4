//! Conditions of the network: loss, duplication and delay of messages.

use std::fmt;
use std::str::FromStr;

use quorate_protocol::Duration;

use super::setting::{BadCondition, duration};

/// A probability in parts per million.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Ppm(u32);

impl Ppm {
    /// Never.
    pub const ZERO: Ppm = Ppm(0);
    /// Always.
    pub const ONE: Ppm = Ppm(1_000_000);

    /// Creates a probability, of at most [`Ppm::ONE`].
    pub const fn new(ppm: u32) -> Self {
        Ppm(if ppm > 1_000_000 { 1_000_000 } else { ppm })
    }

    /// Creates a probability in per cent, of at most 100.
    pub const fn percent(percent: u32) -> Self {
        Ppm::new(percent.saturating_mul(10_000))
    }

    /// Returns the parts per million.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Ppm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 10_000, self.0 % 10_000);
        match rest {
            0 => write!(f, "{whole}%"),
            _ => write!(f, "{whole}.{}%", format!("{rest:04}").trim_end_matches('0')),
        }
    }
}

impl FromStr for Ppm {
    type Err = BadCondition;

    /// Parses `2%`, `0.5%` (up to four decimals) or `500ppm`.
    fn from_str(text: &str) -> Result<Self, BadCondition> {
        let bad = || BadCondition::new(text, "a probability such as 2%, 0.5% or 500ppm, at most 100%");
        let ppm = match text.strip_suffix("ppm") {
            Some(number) => number.parse::<u32>().map_err(|_| bad())?,
            None => {
                let number = text.strip_suffix('%').ok_or_else(bad)?;
                let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
                if decimals.len() > 4 || !decimals.bytes().all(|digit| digit.is_ascii_digit()) {
                    return Err(bad());
                }
                let whole: u32 = whole.parse().map_err(|_| bad())?;
                let decimals: u32 = format!("{decimals:0<4}").parse().map_err(|_| bad())?;
                whole.checked_mul(10_000).and_then(|ppm| ppm.checked_add(decimals)).ok_or_else(bad)?
            }
        };
        if ppm > Ppm::ONE.0 { Err(bad()) } else { Ok(Ppm(ppm)) }
    }
}

/// Latency of a message: a distribution.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Latency {
    /// Constant.
    Exactly(Duration),
    /// Uniformly distributed.
    Uniform {
        /// Minimum.
        min: Duration,
        /// Maximum.
        max: Duration,
    },
    /// Exponentially distributed above a minimum: mostly short, sometimes long, without an upper
    /// limit, as caused by queues in a network.
    Exponential {
        /// Minimum.
        min: Duration,
        /// Mean, at least `min`.
        mean: Duration,
    },
}

impl Latency {
    /// Latency of a healthy network: one to five milliseconds.
    pub const USUAL: Latency = Latency::Uniform { min: Duration::from_millis(1), max: Duration::from_millis(5) };
    /// Largest mean latency of a healthy network.
    const HEALTHY_MEAN: Duration = Duration::from_millis(10);

    /// Returns the mean.
    pub fn mean(&self) -> Duration {
        match *self {
            Latency::Exactly(span) => span,
            Latency::Uniform { min, max } => min.saturating_add(max) / 2,
            Latency::Exponential { mean, .. } => mean,
        }
    }

    /// Returns this latency if it is healthy, with a minimum of at most 5 ms and a mean of at most
    /// 10 ms; otherwise the usual one.
    #[must_use]
    pub fn healed(self) -> Self {
        let Latency::Uniform { max, .. } = Latency::USUAL else { return self };
        if self.min() <= max && self.mean() <= Latency::HEALTHY_MEAN { self } else { Latency::USUAL }
    }

    /// Returns the minimum.
    pub const fn min(&self) -> Duration {
        match *self {
            Latency::Exactly(span) => span,
            Latency::Uniform { min, .. } | Latency::Exponential { min, .. } => min,
        }
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Latency::Exactly(span) => write!(f, "{span:?}"),
            Latency::Uniform { min, max } => write!(f, "{min:?}..{max:?}"),
            Latency::Exponential { min, mean } => write!(f, "{min:?}~{mean:?}"),
        }
    }
}

impl FromStr for Latency {
    type Err = BadCondition;

    /// Parses `5ms`, `1ms..10ms` (uniform) or `1ms~5ms` (exponential, from a minimum and a mean).
    fn from_str(text: &str) -> Result<Self, BadCondition> {
        let bad =
            || BadCondition::new(text, "a latency such as 5ms, 1ms..10ms or 1ms~5ms, with the smaller value first");
        let pair = |first: &str, second: &str| {
            let (first, second) = (duration(first)?, duration(second)?);
            if first <= second { Ok((first, second)) } else { Err(bad()) }
        };
        if let Some((min, max)) = text.split_once("..") {
            let (min, max) = pair(min, max)?;
            Ok(Latency::Uniform { min, max })
        } else if let Some((min, mean)) = text.split_once('~') {
            let (min, mean) = pair(min, mean)?;
            Ok(Latency::Exponential { min, mean })
        } else {
            duration(text).map(Latency::Exactly)
        }
    }
}

/// Conditions of a link, in one direction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Conditions {
    /// Probability that a message is lost.
    pub loss: Ppm,
    /// Probability that a message is duplicated.
    pub duplication: Ppm,
    /// Latency of a message.
    pub latency: Latency,
    /// Probability of an extra delay ([`extra_delay`](Self::extra_delay)), which lets other
    /// messages overtake.
    pub extra_delay_rate: Ppm,
    /// The extra delay.
    pub extra_delay: Latency,
}

impl Conditions {
    /// A network without loss or duplication, and with the same latency for every message, so that
    /// messages stay in order.
    pub const fn steady(latency: Duration) -> Self {
        Conditions {
            loss: Ppm::ZERO,
            duplication: Ppm::ZERO,
            latency: Latency::Exactly(latency),
            extra_delay_rate: Ppm::ZERO,
            extra_delay: Latency::Exactly(Duration::ZERO),
        }
    }

    /// Returns the conditions after healing: without loss, duplication and extra delays, and with a
    /// [healthy](Latency::healed) latency.
    pub fn healed(self) -> Self {
        let latency = self.latency.healed();
        Conditions { loss: Ppm::ZERO, duplication: Ppm::ZERO, extra_delay_rate: Ppm::ZERO, latency, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_back_as_they_are_written() {
        for text in ["0%", "2%", "0.5%", "12.3456%", "100%"] {
            assert_eq!(text.parse::<Ppm>().unwrap().to_string(), text);
        }
        assert_eq!("500ppm".parse(), Ok(Ppm::new(500)));
        for text in ["5ms", "1ms..10ms", "1ms~5ms", "0ns", "1.5s"] {
            assert_eq!(text.parse::<Latency>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_slow_network_is_healed_and_a_healthy_one_stays_as_it_is() {
        for text in ["0ns", "5ms", "1ms..5ms", "1ms~10ms", "1ms..19ms"] {
            let latency: Latency = text.parse().unwrap();
            assert_eq!(latency.healed(), latency);
        }
        for text in ["6ms", "500ms", "1ms..20ms", "1ms~11ms", "8ms..9ms"] {
            assert_eq!(text.parse::<Latency>().unwrap().healed(), Latency::USUAL, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for text in ["", "%", "2", "101%", "-1%", "1.23456%", "1..%", "9999999999ppm", "x%", "1.+5%"] {
            assert!(text.parse::<Ppm>().unwrap_err().to_string().starts_with(&format!("'{text}' is not")), "{text}");
        }
        for text in ["", "ms", "5", "5d", "-5ms", "+5ms", "10ms..1ms", "1ms..", "99999999999999999999s", "9e9s"] {
            assert!(text.parse::<Latency>().is_err(), "{text}");
        }
    }
}
