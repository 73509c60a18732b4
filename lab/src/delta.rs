//! Delta debugging: removes everything that a failure does not need.

/// Returns a subset of `items` that still fails and from which no single item can be removed, after
/// the ddmin algorithm of Zeller and Hildebrandt (2002): halves first, then ever smaller parts,
/// from the end to the beginning.
///
/// `attempt` tries a subset. If that still fails, it returns the items that took effect.
pub fn minimise<T: Clone>(mut items: Vec<T>, mut attempt: impl FnMut(&[T]) -> Option<Vec<T>>) -> Vec<T> {
    let mut size = items.len().div_ceil(2).max(1);
    loop {
        let before = items.len();
        let mut end = before;
        while end > 0 {
            let start = end.saturating_sub(size);
            let rest = [&items[..start], &items[end..]].concat();
            // Fewer items may have taken effect than were tried, before the gap as well as after
            // it.
            if let Some(shorter) = attempt(&rest) {
                items = shorter;
            }
            end = start.min(items.len());
        }
        match (items.len() < before, size) {
            (true, 1) => {}
            (false, 1) => return items,
            _ => size = size.div_ceil(2).min(items.len().div_ceil(2)).max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_what_matters() {
        let mut attempts = 0;
        let kept = minimise((0..100).collect(), |part: &[i32]| {
            attempts += 1;
            [17, 42, 99].iter().all(|item| part.contains(item)).then(|| part.to_vec())
        });
        assert_eq!(kept, [17, 42, 99]);
        assert!(attempts < 200, "{attempts} attempts");
    }

    #[test]
    fn a_failure_that_needs_nothing_shrinks_to_nothing() {
        assert_eq!(minimise(vec![1, 2, 3], |part| Some(part.to_vec())), [0; 0]);
        assert_eq!(minimise(Vec::<i32>::new(), |part| Some(part.to_vec())), [0; 0]);
        assert_eq!(minimise(vec![1], |part| (part == [1]).then(|| part.to_vec())), [1]);
    }

    #[test]
    fn what_did_not_take_place_is_left_out_at_once() {
        // An odd number only takes effect if the even number before it is there.
        let kept = minimise((0..40).collect(), |part: &[i32]| {
            let took_place = |item: &&i32| **item % 2 == 0 || part.contains(&(**item - 1));
            let made: Vec<i32> = part.iter().filter(took_place).copied().collect();
            made.contains(&31).then_some(made)
        });
        assert_eq!(kept, [30, 31]);
    }
}
