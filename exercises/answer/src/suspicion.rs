//! The exercise on the level of suspicion: the trait that the learner implements, and the loop that
//! answers the grader's questions about it.
//!
//! Numbers with a point travel as their bits: JSON has no infinity, and loses digits.

use std::marker::PhantomData;

use quorate_protocol::Duration;

use crate::network::{given, told};
use crate::serve::Answers;
use crate::wire::Question;

/// Rhythm of a node's heartbeats, in seconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rhythm {
    /// Mean of the intervals.
    pub mean: f64,
    /// Standard deviation of the intervals.
    pub deviation: f64,
}

/// Failure detector that says how suspicious a silence is.
pub trait Suspicion: 'static {
    /// Intervals that are kept after another heartbeat, the oldest first. `kept` are those before
    /// it, `interval` is the new one, `window` the largest number that is kept, at least 1.
    fn observe(kept: &[Duration], interval: Duration, window: usize) -> Vec<Duration>;

    /// Rhythm that follows from the intervals kept. `first` is the interval that is assumed if
    /// there is none yet, `least` the smallest deviation.
    fn rhythm(kept: &[Duration], first: Duration, least: Duration) -> Rhythm;

    /// Level of suspicion after this silence.
    fn phi(silence: Duration, rhythm: Rhythm) -> f64;

    /// Whether a node is suspected. `phi` is `None` if the node was never heard.
    fn suspects(phi: Option<f64>, threshold: f64) -> bool;
}

/// Hands in this failure detector.
pub fn level_of_suspicion<T: Suspicion>() -> impl Answers {
    LevelOfSuspicion::<T>(PhantomData)
}

struct LevelOfSuspicion<T>(PhantomData<T>);

impl<T: Suspicion> Answers for LevelOfSuspicion<T> {
    fn answer(&mut self, question: &Question<'_>) -> Option<String> {
        match question.what {
            "observe" => {
                let (kept, interval, window): (Vec<Duration>, Duration, usize) = given(question)?;
                told(&T::observe(&kept, interval, window))
            }
            "rhythm" => {
                let (kept, first, least): (Vec<Duration>, Duration, Duration) = given(question)?;
                let Rhythm { mean, deviation } = T::rhythm(&kept, first, least);
                told(&(mean.to_bits(), deviation.to_bits()))
            }
            "phi" => {
                let (silence, mean, deviation) = given(question)?;
                let rhythm = Rhythm { mean: f64::from_bits(mean), deviation: f64::from_bits(deviation) };
                told(&T::phi(silence, rhythm).to_bits())
            }
            "suspects" => {
                let (phi, threshold): (Option<u64>, u64) = given(question)?;
                told(&T::suspects(phi.map(f64::from_bits), f64::from_bits(threshold)))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Plain;

    impl Suspicion for Plain {
        fn observe(_: &[Duration], interval: Duration, window: usize) -> Vec<Duration> {
            vec![interval; window]
        }

        fn rhythm(kept: &[Duration], first: Duration, least: Duration) -> Rhythm {
            let mean = kept.first().unwrap_or(&first).as_secs_f64();
            Rhythm { mean, deviation: least.as_secs_f64() }
        }

        fn phi(silence: Duration, rhythm: Rhythm) -> f64 {
            silence.as_secs_f64() / (rhythm.mean - rhythm.deviation)
        }

        fn suspects(phi: Option<f64>, threshold: f64) -> bool {
            phi.is_none_or(|phi| phi > threshold)
        }
    }

    #[test]
    fn numbers_travel_as_they_are_infinite_ones_as_well() {
        let mut answers = level_of_suspicion::<Plain>();
        let mut ask = |what: &str, given: String| {
            answers.answer(&Question { number: 1, state: 0, from: None, gone: "-", what, given: &given })
        };
        let second = r#"{"secs":1,"nanos":0}"#;
        assert_eq!(ask("observe", format!("[[],{second},2]")), Some(format!("[{second},{second}]")));
        let one = 1_f64.to_bits();
        assert_eq!(ask("rhythm", format!("[[],{second},{second}]")), Some(format!("[{one},{one}]")));
        assert_eq!(ask("phi", format!("[{second},{one},{one}]")), Some(f64::INFINITY.to_bits().to_string()));
        assert_eq!(ask("suspects", format!("[null,{one}]")).as_deref(), Some("true"));
        assert_eq!(ask("suspects", format!("[{one},{one}]")).as_deref(), Some("false"));
        assert_eq!(ask("trusts", "[]".to_owned()), None);
        assert_eq!(ask("phi", "[1]".to_owned()), None);
    }
}
