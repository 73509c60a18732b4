//! Random numbers: one seed, many independent streams, the same on every platform.

use quorate_protocol::nanos;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng};

use super::conditions::{Latency, Ppm};

/// A stream of random numbers.
///
/// xoshiro256++ is a published algorithm with published test vectors, and all numbers are derived
/// from its 64 bits here in integer arithmetic, so a seed gives the same run on every platform and
/// with every release of the libraries.
#[derive(Clone, Debug)]
pub struct Rng(Xoshiro256PlusPlus);

impl Rng {
    /// Creates the stream of that number of the seed. Streams are independent of each other.
    pub fn new(seed: u64, stream: u64) -> Self {
        // An odd multiplier other than SplitMix64's own, which would make neighbouring streams
        // overlap.
        let mixed = seed ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03);
        Rng(Xoshiro256PlusPlus::seed_from_u64(mixed))
    }

    /// Returns 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Returns a number below `end`; 0 if `end` is 0. The bias of the multiplication is below
    /// `end` / 2⁶⁴.
    pub fn below(&mut self, end: u64) -> u64 {
        scale(self.bits(), end)
    }

    /// Returns a number in `min..=max`.
    pub fn within(&mut self, min: u64, max: u64) -> u64 {
        let width = max.saturating_sub(min);
        min + if width == u64::MAX { self.bits() } else { self.below(width + 1) }
    }

    /// Returns true with that probability.
    pub fn chance(&mut self, probability: Ppm) -> bool {
        self.below(u64::from(Ppm::ONE.get())) < u64::from(probability.get())
    }

    /// Makes three independent choices with one draw, each probability exact to half a millionth.
    #[inline]
    pub(crate) fn chances(&mut self, probabilities: [Ppm; 3]) -> [bool; 3] {
        const BITS: u32 = 21;
        let mut bits = self.bits();
        probabilities.map(|probability| {
            let piece = bits & ((1 << BITS) - 1);
            bits >>= BITS;
            (piece * u64::from(Ppm::ONE.get())) >> BITS < u64::from(probability.get())
        })
    }
}

impl Latency {
    /// Maps 64 random bits to a latency in nanoseconds.
    #[inline]
    pub(crate) fn sample(&self, bits: u64) -> u64 {
        match *self {
            Latency::Exactly(span) => nanos(span),
            Latency::Uniform { min, max } => {
                let (min, max) = (nanos(min), nanos(max));
                min + scale(bits, max.saturating_sub(min).saturating_add(1))
            }
            Latency::Exponential { min, mean } => {
                let tail = nanos(mean).saturating_sub(nanos(min));
                nanos(min).saturating_add(exponential(bits, tail))
            }
        }
    }
}

/// Maps 64 random bits uniformly to `0..end`.
fn scale(bits: u64, end: u64) -> u64 {
    ((u128::from(bits) * u128::from(end)) >> 64) as u64
}

/// Maps 64 random bits to an exponential distribution of that mean: `-ln(u) · mean` in fixed point.
fn exponential(bits: u64, mean: u64) -> u64 {
    // ln 2 with 32 fractional bits.
    const LN_2: u128 = 2_977_044_472;
    let minus_log2 = (64 << 32) - log2(bits.max(1));
    // An overflow means a result that exceeds `u64` anyway.
    let scaled = (u128::from(minus_log2) * LN_2).checked_mul(u128::from(mean));
    scaled.and_then(|scaled| u64::try_from(scaled >> 64).ok()).unwrap_or(u64::MAX)
}

/// Binary logarithm with 32 fractional bits (16 of them exact), by repeated squaring.
fn log2(number: u64) -> u64 {
    let whole = u64::from(63 - number.leading_zeros());
    // The mantissa in [1, 2) with 63 fractional bits.
    let mut mantissa = u128::from(number << number.leading_zeros());
    let mut fraction = 0;
    for bit in (16..32).rev() {
        mantissa = (mantissa * mantissa) >> 63;
        if mantissa >= 1 << 64 {
            mantissa >>= 1;
            fraction |= 1 << bit;
        }
    }
    (whole << 32) | fraction
}

#[cfg(test)]
mod tests {
    use super::*;
    use quorate_protocol::Duration;

    #[test]
    fn the_longest_mean_there_is_does_not_overflow() {
        let mean = Duration::from_nanos(u64::MAX);
        let latency = Latency::Exponential { min: Duration::ZERO, mean };
        assert_eq!(latency.sample(1), u64::MAX);
        let shorter = latency.sample(u64::MAX - (u64::MAX >> 4));
        assert!(
            (u64::MAX / 20..u64::MAX / 10).contains(&shorter),
            "{shorter}: a sixteenth less than one makes a fifteenth of the mean"
        );
        let latency = Latency::Uniform { min: Duration::ZERO, max: mean };
        assert!(latency.sample(u64::MAX) >= u64::MAX - 1);
    }

    #[test]
    fn the_stream_of_a_seed_never_changes() {
        let mut rng = Rng::new(7, 0);
        let drawn: Vec<u64> = (0..4).map(|_| rng.below(1_000_000)).collect();
        assert_eq!(drawn, STREAM_OF_SEED_7, "seeds in bug reports would mean other runs");
    }

    /// Computed by an independent implementation of the published algorithms, SplitMix64 and
    /// xoshiro256++.
    const STREAM_OF_SEED_7: [u64; 4] = [55360, 172115, 717576, 427209];

    #[test]
    fn streams_of_one_seed_differ() {
        let firsts: std::collections::BTreeSet<u64> = (0..1000).map(|stream| Rng::new(7, stream).bits()).collect();
        assert_eq!(firsts.len(), 1000);
    }

    #[test]
    fn three_chances_of_one_draw_come_true_independently_and_as_often_as_they_should() {
        let mut rng = Rng::new(3, 0);
        let mut seen = [0_u32; 8];
        for _ in 0..100_000 {
            let [a, b, c] = rng.chances([Ppm::percent(50), Ppm::percent(50), Ppm::percent(50)]);
            seen[usize::from(a) * 4 + usize::from(b) * 2 + usize::from(c)] += 1;
        }
        assert!(seen.iter().all(|count| (12_000..13_000).contains(count)), "{seen:?}");
        assert_eq!(rng.chances([Ppm::ONE, Ppm::ZERO, Ppm::ONE]), [true, false, true]);
    }

    #[test]
    fn draws_keep_to_their_range() {
        let mut rng = Rng::new(1, 2);
        for _ in 0..1000 {
            assert!((3..=5).contains(&rng.within(3, 5)));
        }
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.within(9, 9), 9);
        rng.within(0, u64::MAX);
    }

    #[test]
    fn an_exponential_latency_has_its_mean() {
        let mut rng = Rng::new(1, 0);
        let ms = Duration::from_millis;
        let latency = Latency::Exponential { min: ms(1), mean: ms(5) };
        let drawn: Vec<u64> = (0..100_000).map(|_| latency.sample(rng.bits())).collect();
        let mean = drawn.iter().sum::<u64>() / drawn.len() as u64;
        assert!((4_950_000..5_050_000).contains(&mean), "{mean} ns");
        assert!(drawn.iter().all(|&each| each >= 1_000_000));
        assert!(drawn.iter().any(|&each| each > 20_000_000), "it has a tail");
    }
}
