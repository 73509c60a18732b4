//! The values that questions are asked with: small ones, which show every order there is, and the same orders among large ones.
//!
//! An answer that is right for small numbers may be wrong for others: it compares in 32 bits, or has a limit of its own. So every
//! question is asked again where numbers of all sizes have their limits, and among numbers drawn from the seed of the grading.

use quorate_lab::sim::Dice;

/// Numbers in the place of 1, 2, 3 and so on, in the same order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::grade) struct Scale([u64; Scale::LENGTH as usize]);

impl Scale {
    /// So many numbers there are.
    pub(in crate::grade) const LENGTH: u64 = 16;

    /// The numbers behind that one, without gaps.
    const fn after(base: u64) -> Self {
        let mut points = [0; Self::LENGTH as usize];
        let mut place = 0;
        while place < points.len() {
            points[place] = base + place as u64 + 1;
            place += 1;
        }
        Scale(points)
    }

    /// The number in the place of a small one, from 1. Where 0 is none at all it stays so.
    pub(in crate::grade) fn at(&self, small: u64) -> u64 {
        usize::try_from(small).ok().and_then(|small| self.0.get(small.checked_sub(1)?)).copied().unwrap_or(small)
    }

    /// What lies just before the first.
    pub(in crate::grade) const fn base(&self) -> u64 {
        self.0[0] - 1
    }
}

/// The largest number after which an answer may still want to leave some out.
const HIGHEST: u64 = u64::MAX - (1 << 20);

/// Where numbers of some size end, or where somebody may think that they do.
const LIMITS: [u64; 8] = [98, 254, 998, 65_534, (1 << 31) - 2, (1 << 32) - 2, (1 << 53) - 2, (1 << 63) - 2];

/// How many scales are drawn, without gaps and with.
const DRAWN: usize = 8;

/// Draws numbers of all sizes: the length in binary first, and then the rest.
pub(in crate::grade) fn any_size(dice: &mut Dice, most: u64) -> u64 {
    let bits = 64 - most.leading_zeros();
    let length = 1 + dice.below(u64::from(bits)) as u32;
    dice.within(1, most.min(u64::MAX >> (64 - length)))
}

/// The scales of a grading: first the plain one.
pub(in crate::grade) fn scales(dice: &mut Dice) -> Vec<Scale> {
    let mut scales = vec![Scale::after(0)];
    scales.extend(LIMITS.map(Scale::after));
    scales.push(Scale::after(HIGHEST - Scale::LENGTH));
    for _ in 0..DRAWN {
        scales.push(Scale::after(any_size(dice, HIGHEST - Scale::LENGTH)));
        scales.push(spread(dice));
    }
    scales
}

/// The scale that ends with the last number there is: for answers that compare, and do not count on.
pub(in crate::grade) const fn last() -> Scale {
    Scale::after(u64::MAX - Scale::LENGTH)
}

fn spread(dice: &mut Dice) -> Scale {
    let mut points = [0; Scale::LENGTH as usize];
    points.fill_with(|| any_size(dice, HIGHEST - Scale::LENGTH));
    points.sort_unstable();
    // Small numbers come up twice.
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
        let mut scales = scales(&mut Dice::new(5, 0));
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
        let drawn = |seed| scales(&mut Dice::new(seed, 0));
        assert_ne!(drawn(1), drawn(2));
        let mut dice = Dice::new(7, 0);
        let sizes: std::collections::BTreeSet<u32> =
            (0..2_000).map(|_| any_size(&mut dice, u64::MAX).leading_zeros()).collect();
        assert_eq!(sizes.len(), 64);
    }
}
