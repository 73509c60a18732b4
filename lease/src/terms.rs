//! Lease terms and clock drift: the safety inequality, in whole nanoseconds.
//!
//! A holder counts its term from the moment at which it *sent* its request, the granter from the
//! moment at which it granted, which is later. With perfect clocks equal terms would therefore be
//! safe. Real clocks run, within a bound ρ, at a rate of 1−ρ to 1+ρ. In the worst case the holder's
//! clock is the slowest and the granter's the fastest. The holder's term then lasts
//! `holder / (1−ρ)` in real time and the granter's `granter / (1+ρ)`, so it is safe exactly if
//!
//! > `holder ≤ granter · (1−ρ) / (1+ρ)`
//!
//! (the shortened term of Gray and Cheriton 1989, §3, with a bound on drift for their bound on
//! skew; §5 describes the effect of faulty clocks). Readings of different clocks are never
//! compared, so their absolute values do not matter.
//!
//! A reading is rounded down to a tick, and the tick may have begun long before. The inequality is
//! exact all the same, because a holder stops *at* its last tick (`now < sent + term`), and a
//! granter waits until it is *past* its own (`now > granted + term`).

use std::fmt;

use quorate_protocol::{Duration, nanos};
use serde::{Deserialize, Serialize};

const MILLION: u128 = 1_000_000;

/// The longest duration that may be configured, a year: far below any overflow.
pub const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Bound on the drift of a clock's rate, in parts per million: in one second the clock advances by
/// `1−ρ` to `1+ρ` seconds.
///
/// ```
/// use quorate_lease::Drift;
///
/// assert_eq!(Drift::from_ppm(200)?.to_string(), "200 ppm");
/// assert!(Drift::from_ppm(1_000_000).is_err());
/// # Ok::<(), quorate_lease::TermError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Drift(u32);

impl Drift {
    /// Perfect clocks.
    pub const NONE: Drift = Drift(0);

    /// Creates a bound from parts per million.
    ///
    /// # Errors
    /// [`TermError::DriftNotBelowOne`] for a million or more: such a clock may stand still, and
    /// then no term ever ends.
    pub const fn from_ppm(ppm: u32) -> Result<Self, TermError> {
        if ppm < MILLION as u32 { Ok(Drift(ppm)) } else { Err(TermError::DriftNotBelowOne { ppm }) }
    }

    /// The bound in parts per million, below a million.
    pub const fn ppm(self) -> u32 {
        self.0
    }

    /// The lowest rate of a clock, in millionths.
    const fn slowest(self) -> u128 {
        MILLION - self.0 as u128
    }

    /// The highest rate of a clock, in millionths.
    const fn fastest(self) -> u128 {
        MILLION + self.0 as u128
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ppm", self.0)
    }
}

/// The longest term that a holder may count from its request, when the granter counts
/// `granter_term` from its grant.
///
/// Rounded down to the nanosecond; one more would not be safe.
///
/// ```
/// use quorate_lease::{Drift, safe_holder_term};
/// use quorate_protocol::Duration;
///
/// let half = Drift::from_ppm(500_000)?;
/// assert_eq!(safe_holder_term(Duration::from_millis(300), half), Duration::from_millis(100));
/// # Ok::<(), quorate_lease::TermError>(())
/// ```
pub const fn safe_holder_term(granter_term: Duration, drift: Drift) -> Duration {
    let term = nanos(granter_term) as u128 * drift.slowest() / drift.fastest();
    Duration::from_nanos(term as u64)
}

/// Duration of the quarantine of a granter that may have forgotten its grants, on its own clock,
/// when the longest term that a holder may still count is `longest_holder_term`:
/// `holder · (1+ρ) / (1−ρ)`.
///
/// Rounded up to the nanosecond; one less would not be safe. At most `u64::MAX` ns, and exact for
/// terms of up to [`LONGEST`] with a drift of up to 99 %.
pub const fn quarantine(longest_holder_term: Duration, drift: Drift) -> Duration {
    let span = (nanos(longest_holder_term) as u128 * drift.fastest()).div_ceil(drift.slowest());
    Duration::from_nanos(if span > u64::MAX as u128 { u64::MAX } else { span as u64 })
}

/// Terms of a lease, checked against each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Terms {
    granter: Duration,
    holder: Duration,
    renew_every: Duration,
    drift: Drift,
}

impl Terms {
    /// Checks that the terms are safe together.
    ///
    /// # Errors
    /// [`TermError`] with the inequality that fails: a duration is zero or longer than a year, the
    /// holder's term is too long for the granter's, or it ends before it is renewed.
    ///
    /// ```
    /// use quorate_lease::{Drift, Terms};
    /// use quorate_protocol::Duration;
    ///
    /// let ms = Duration::from_millis;
    /// let error = Terms::new(ms(100), ms(100), ms(20), Drift::from_ppm(1000)?).unwrap_err();
    /// assert_eq!(error.to_string(), "the holder's term is too long: 100ms <= 100ms * (1 - 0.001) / (1 + 0.001) is false, \
    ///     choose at most 99.800199ms for the holder");
    /// # Ok::<(), quorate_lease::TermError>(())
    /// ```
    pub fn new(granter: Duration, holder: Duration, renew_every: Duration, drift: Drift) -> Result<Self, TermError> {
        for (what, span) in
            [("the granter's term", granter), ("the holder's term", holder), ("the renewal interval", renew_every)]
        {
            check_span(what, span)?;
        }
        let safe = safe_holder_term(granter, drift);
        if holder > safe {
            return Err(TermError::HolderTooLong { holder, granter, drift, safe });
        }
        if renew_every >= holder {
            return Err(TermError::RenewalTooLate { renew_every, holder });
        }
        Ok(Terms { granter, holder, renew_every, drift })
    }

    /// Terms with the longest holder's term that is safe with this granter's term, renewed every
    /// third of it.
    ///
    /// # Errors
    /// [`TermError`], as for [`new`](Self::new).
    pub fn longest(granter: Duration, drift: Drift) -> Result<Self, TermError> {
        let holder = safe_holder_term(granter, drift);
        Terms::new(granter, holder, holder / 3, drift)
    }

    /// Duration for which a grant binds its granter, from the grant, on the granter's clock.
    pub const fn granter(&self) -> Duration {
        self.granter
    }

    /// Duration for which a holder may act, from its request, on the holder's clock.
    pub const fn holder(&self) -> Duration {
        self.holder
    }

    /// Interval between a holder's requests, on its clock.
    pub const fn renew_every(&self) -> Duration {
        self.renew_every
    }

    /// Bound on clock drift.
    pub const fn drift(&self) -> Drift {
        self.drift
    }

    /// Duration of the quarantine of a granter that has forgotten its grants. At most the granter's
    /// term.
    pub const fn quarantine(&self) -> Duration {
        quarantine(self.holder, self.drift)
    }
}

/// Refuses a zero duration and one longer than [`LONGEST`].
pub(crate) fn check_span(what: &'static str, span: Duration) -> Result<(), TermError> {
    if span.is_zero() {
        Err(TermError::Zero { what })
    } else if span > LONGEST {
        Err(TermError::TooLong { what, span })
    } else {
        Ok(())
    }
}

/// Invalid terms.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum TermError {
    /// The drift is not below one (`ρ < 1` is false): such a clock may stand still, and bounds
    /// nothing.
    DriftNotBelowOne {
        /// The drift asked for, in parts per million.
        ppm: u32,
    },
    /// A duration is zero.
    Zero {
        /// The duration's name.
        what: &'static str,
    },
    /// A duration is longer than [`LONGEST`].
    TooLong {
        /// The duration's name.
        what: &'static str,
        /// The duration.
        span: Duration,
    },
    /// The holder might still act after the granter has granted to another node:
    /// `holder ≤ granter · (1−ρ)/(1+ρ)` is false.
    HolderTooLong {
        /// The holder's term.
        holder: Duration,
        /// The granter's term.
        granter: Duration,
        /// The bound on drift.
        drift: Drift,
        /// The longest safe term for the holder.
        safe: Duration,
    },
    /// The term would end before it is renewed: `renewal < holder` is false.
    RenewalTooLate {
        /// The renewal interval.
        renew_every: Duration,
        /// The holder's term.
        holder: Duration,
    },
}

impl fmt::Display for TermError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TermError::DriftNotBelowOne { ppm } => {
                write!(f, "a drift of {ppm} ppm: {ppm} < 1000000 is false, choose a bound that clocks can keep")
            }
            TermError::Zero { what } => write!(f, "{what} is zero: choose at least 1 ns, better several round trips"),
            TermError::TooLong { what, span } => {
                write!(f, "{what} is too long: {span:?} <= {LONGEST:?} is false, choose at most a year")
            }
            TermError::HolderTooLong { holder, granter, drift, safe } => {
                let rho = Fraction(drift.ppm());
                write!(
                    f,
                    "the holder's term is too long: {holder:?} <= {granter:?} * (1 - {rho}) / (1 + {rho}) is false, \
                     choose at most {safe:?} for the holder"
                )
            }
            TermError::RenewalTooLate { renew_every, holder } => write!(
                f,
                "the renewal comes too late: {renew_every:?} < {holder:?} is false, choose a third of the holder's term"
            ),
        }
    }
}

impl std::error::Error for TermError {}

/// Parts per million as a decimal fraction of one.
struct Fraction(u32);

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("0.{:06}", self.0);
        let trimmed = digits.trim_end_matches('0').trim_end_matches('.');
        f.write_str(if trimmed == "0" { "0" } else { trimmed })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whether a holder on the slowest clock can act, at some real instant, after a granter on the
    /// fastest clock may grant again. The request and the grant are at time zero: any delay only
    /// helps.
    fn overlap(holder: Duration, granter: Duration, drift: Drift) -> bool {
        // The holder acts before holder / (1−ρ), the granter grants after granter / (1+ρ).
        let (holder, granter) = (u128::from(nanos(holder)), u128::from(nanos(granter)));
        holder * drift.fastest() > granter * drift.slowest()
    }

    /// The same for the rounded readings of simulated clocks, at every real instant around the
    /// boundary.
    fn readings_overlap(holder: u128, granter: u128, drift: Drift, sent: u128, delay: u128) -> bool {
        let slow = |at: u128| at * drift.slowest() / MILLION;
        let fast = |at: u128| at * drift.fastest() / MILLION;
        let (asked, granted) = (slow(sent), fast(sent + delay));
        let boundary = sent + holder * MILLION / drift.slowest();
        (boundary.saturating_sub(4)..boundary + 4)
            .any(|at| slow(at) < asked + holder && at >= sent + delay && fast(at) > granted + granter)
    }

    proptest! {
        #[test]
        fn the_longest_safe_term_is_safe_and_one_nanosecond_more_is_not(
            granter in 1..=nanos(LONGEST), ppm in 0..1_000_000_u32,
        ) {
            let (granter, drift) = (Duration::from_nanos(granter), Drift::from_ppm(ppm).unwrap());
            let safe = safe_holder_term(granter, drift);
            prop_assert!(!overlap(safe, granter, drift));
            prop_assert!(overlap(safe + Duration::from_nanos(1), granter, drift));
        }

        #[test]
        fn the_shortest_quarantine_is_safe_and_one_nanosecond_less_is_not(
            holder in 1..=nanos(LONGEST), ppm in 0..990_000_u32,
        ) {
            let (holder, drift) = (Duration::from_nanos(holder), Drift::from_ppm(ppm).unwrap());
            let silence = quarantine(holder, drift);
            prop_assert!(!overlap(holder, silence, drift));
            prop_assert!(overlap(holder, silence - Duration::from_nanos(1), drift));
        }

        #[test]
        fn rounded_readings_do_not_break_the_safe_term(
            granter in 1..10_000_000_u64, ppm in 0..900_000_u32, sent in 0..1_000_000_u128, delay in 0..1_000_u128,
        ) {
            let drift = Drift::from_ppm(ppm).unwrap();
            let holder = nanos(safe_holder_term(Duration::from_nanos(granter), drift));
            prop_assert!(!readings_overlap(holder.into(), granter.into(), drift, sent, delay));
        }

        #[test]
        fn a_holder_never_needs_a_longer_silence_than_its_grant(granter in 1..=nanos(LONGEST), ppm in 0..1_000_000_u32) {
            let (granter, drift) = (Duration::from_nanos(granter), Drift::from_ppm(ppm).unwrap());
            prop_assert!(quarantine(safe_holder_term(granter, drift), drift) <= granter);
        }
    }

    #[test]
    fn the_boundary_shows_in_the_readings_of_clocks_too() {
        let drift = Drift::from_ppm(500_000).unwrap();
        assert!(!readings_overlap(100, 300, drift, 0, 0));
        assert!(readings_overlap(101, 300, drift, 0, 0));
        assert!(!readings_overlap(101, 300, drift, 0, 1), "a delay of the grant is a margin");
    }

    #[test]
    fn each_impossible_term_is_refused_with_its_numbers() {
        let ms = Duration::from_millis;
        let said = |granter, holder, renew| Terms::new(granter, holder, renew, Drift::NONE).unwrap_err().to_string();
        assert_eq!(
            said(Duration::ZERO, ms(1), ms(1)),
            "the granter's term is zero: choose at least 1 ns, better several round trips"
        );
        assert!(said(ms(9), Duration::ZERO, ms(1)).starts_with("the holder's term is zero"));
        assert!(said(ms(9), ms(9), Duration::ZERO).starts_with("the renewal interval is zero"));
        assert!(said(Duration::MAX, ms(9), ms(1)).starts_with("the granter's term is too long"));
        assert!(
            said(ms(9), ms(10), ms(1)).starts_with("the holder's term is too long: 10ms <= 9ms * (1 - 0) / (1 + 0)")
        );
        assert!(said(ms(9), ms(9), ms(9)).starts_with("the renewal comes too late: 9ms < 9ms is false"));
        assert!(Drift::from_ppm(1_000_000).unwrap_err().to_string().contains("1000000 < 1000000 is false"));
        assert_eq!(Terms::new(ms(9), ms(9), ms(8), Drift::NONE).unwrap().quarantine(), ms(9));
    }
}
