//! Transitive relations on the operations of a history.

/// A transitively closed relation on `0..n`, one row of bits for each element.
#[derive(Clone, Debug)]
pub(super) struct Order {
    rows: Vec<Vec<u64>>,
}

impl Order {
    pub fn new(n: usize) -> Self {
        Order { rows: vec![vec![0; n.div_ceil(64)]; n] }
    }

    pub fn has(&self, before: usize, after: usize) -> bool {
        self.rows[before][after / 64] >> (after % 64) & 1 == 1
    }

    /// Adds a pair and whatever follows from it; returns whether it is new.
    pub fn add(&mut self, before: usize, after: usize) -> bool {
        if self.has(before, after) {
            return false;
        }
        let mut reached = self.rows[after].clone();
        reached[after / 64] |= 1 << (after % 64);
        for element in 0..self.rows.len() {
            if element == before || self.has(element, before) {
                self.rows[element].iter_mut().zip(&reached).for_each(|(row, bits)| *row |= bits);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Order;

    #[test]
    fn an_order_is_closed_whichever_pair_comes_last() {
        let pairs = [(0, 1), (1, 70), (70, 71)];
        for last in 0..3 {
            let mut order = Order::new(72);
            (1..=3).for_each(|step| {
                let (before, after) = pairs[(last + step) % 3];
                assert!(order.add(before, after));
            });
            assert!(order.has(0, 71) && !order.has(71, 0) && !order.has(0, 0));
            assert!(!order.add(0, 70));
        }
    }

    #[test]
    fn on_a_cycle_each_element_precedes_itself() {
        let mut order = Order::new(3);
        [(0, 1), (1, 2), (2, 0)].into_iter().for_each(|(before, after)| assert!(order.add(before, after)));
        assert!((0..3).all(|element| (0..3).all(|other| order.has(element, other))));
    }
}
