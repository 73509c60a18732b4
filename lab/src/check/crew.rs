//! Threads that share one piece of work and are joined at its end. Nothing is locked: what is shared is only read.

use std::thread;

/// Does the first piece here and every other one on a thread of its own. The results are in the order of the pieces.
///
/// A panic in any of them goes on here.
pub(super) fn share<P: Send, R: Send>(pieces: impl IntoIterator<Item = P>, work: impl Fn(P) -> R + Sync) -> Vec<R> {
    let mut pieces = pieces.into_iter();
    let Some(first) = pieces.next() else { return Vec::new() };
    thread::scope(|scope| {
        let work = &work;
        let others: Vec<_> = pieces.map(|piece| scope.spawn(move || work(piece))).collect();
        let mut results = vec![work(first)];
        for other in others {
            results.push(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        results
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_of_the_pieces() {
        assert_eq!(share(0..5, |piece| piece * 10), [0, 10, 20, 30, 40]);
        assert!(share(0..0, |piece: u32| piece).is_empty());
    }

    #[test]
    fn a_panic_is_not_swallowed() {
        let caught = std::panic::catch_unwind(|| share(0..3, |piece| assert!(piece < 2, "the last piece fails")));
        assert!(caught.is_err());
    }
}
