//! Minimisation by pairs: removes two items that are only possible together.

/// A part of `items` that still fails, and from which no two items can be removed together. Takes
/// as many attempts as there are pairs. `attempt` is that of [`minimise`](crate::delta::minimise).
pub(super) fn without_pairs<T: Clone>(mut items: Vec<T>, mut attempt: impl FnMut(&[T]) -> Option<Vec<T>>) -> Vec<T> {
    let mut second = items.len();
    while second > 1 {
        second -= 1;
        let shorter = (0..second).rev().find_map(|first| {
            let rest = [&items[..first], &items[first + 1..second], &items[second + 1..]].concat();
            attempt(&rest)
        });
        if let Some(shorter) = shorter {
            items = shorter;
            second = items.len();
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delta::minimise;

    #[test]
    fn two_that_need_each_other_go_together() {
        let balanced =
            |part: &[i32]| (part.contains(&1) == part.contains(&3) && part.contains(&2)).then(|| part.to_vec());
        assert_eq!(minimise(vec![1, 2, 3], balanced), [1, 2, 3]);
        assert_eq!(without_pairs(vec![1, 2, 3], balanced), [2]);
    }
}
