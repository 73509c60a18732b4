//! Values for unit cases: small ones, which cover every relative order, and the same orders among
//! large ones.
//!
//! An answer that is right for small numbers may be wrong for others, because it compares in 32
//! bits, or has a limit of its own. So every question is repeated near the limits of common integer
//! sizes, and with numbers drawn from the seed of the grading.

use quorate_lab::sim::Rng;

/// Substitutes for the numbers 1, 2, 3 and so on, in the same order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::grade) struct Scale([u64; Scale::LENGTH as usize]);

impl Scale {
    /// Number of substitutes.
    pub(in crate::grade) const LENGTH: u64 = 16;

    /// Scale of the consecutive numbers after `base`.
    const fn after(base: u64) -> Self {
        let mut points = [0; Self::LENGTH as usize];
        let mut place = 0;
        while place < points.len() {
            points[place] = base + place as u64 + 1;
            place += 1;
        }
        Scale(points)
    }

    /// Substitute for a small number, from 1. Zero means "none" and stays zero.
    pub(in crate::grade) fn at(&self, small: u64) -> u64 {
        usize::try_from(small).ok().and_then(|small| self.0.get(small.checked_sub(1)?)).copied().unwrap_or(small)
    }

    /// Number just before the first substitute.
    pub(in crate::grade) const fn base(&self) -> u64 {
        self.0[0] - 1
    }
}

/// Highest number in scales for decisions that add to their arguments, with room above for gaps.
const HIGHEST: u64 = u64::MAX - (1 << 20);

/// Limits of common number sizes, and some plausible mistaken ones.
const LIMITS: [u64; 8] = [98, 254, 998, 65_534, (1 << 31) - 2, (1 << 32) - 2, (1 << 53) - 2, (1 << 63) - 2];

/// Number of random scales, of each kind: consecutive and with gaps.
const DRAWN: usize = 8;

/// Draws numbers of all sizes: first the length in bits, then the rest.
pub(in crate::grade) fn any_size(rng: &mut Rng, most: u64) -> u64 {
    let bits = 64 - most.leading_zeros();
    let length = 1 + rng.below(u64::from(bits)) as u32;
    rng.within(1, most.min(u64::MAX >> (64 - length)))
}

/// Scales of a grading, the plain one first.
pub(in crate::grade) fn scales(rng: &mut Rng) -> Vec<Scale> {
    let mut scales = vec![Scale::after(0)];
    scales.extend(LIMITS.map(Scale::after));
    scales.push(Scale::after(HIGHEST - Scale::LENGTH));
    for _ in 0..DRAWN {
        scales.push(Scale::after(any_size(rng, HIGHEST - Scale::LENGTH)));
        scales.push(spread(rng));
    }
    scales
}

/// Scale that ends at the largest number: for decisions that only compare, and do not add.
pub(in crate::grade) const fn last() -> Scale {
    Scale::after(u64::MAX - Scale::LENGTH)
}

fn spread(rng: &mut Rng) -> Scale {
    let mut points = [0; Scale::LENGTH as usize];
    points.fill_with(|| any_size(rng, HIGHEST - Scale::LENGTH));
    points.sort_unstable();
    // Small random numbers may repeat.
    for place in 1..points.len() {
        points[place] = points[place].max(points[place - 1] + 1);
    }
    Scale(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scale_has_the_order_of_small_numbers_and_some_reach_every_limit() {
        let mut scales = scales(&mut Rng::new(5, 0));
        scales.push(last());
        for scale in &scales {
            let points: Vec<u64> = (1..=Scale::LENGTH).map(|small| scale.at(small)).collect();
            assert!(points.is_sorted_by(|a, b| a < b), "{points:?}");
            assert_eq!(scale.at(0), 0);
        }
        for limit in [1, 100, 255, 256, 65_536, 1 << 32, 1 << 53, u64::MAX] {
            assert!(scales.iter().any(|scale| (1..=Scale::LENGTH).any(|small| scale.at(small) == limit)), "{limit}");
        }
    }

    #[test]
    fn other_seeds_draw_other_numbers_of_all_sizes() {
        let drawn = |seed| scales(&mut Rng::new(seed, 0));
        assert_ne!(drawn(1), drawn(2));
        let mut rng = Rng::new(7, 0);
        let sizes: std::collections::BTreeSet<u32> =
            (0..2_000).map(|_| any_size(&mut rng, u64::MAX).leading_zeros()).collect();
        assert_eq!(sizes.len(), 64);
    }
}
