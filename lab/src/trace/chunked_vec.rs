//! Chunked vector: grows without moving its items.

/// Items in chunks: growing by doubling would copy a long recording repeatedly and touch twice the
/// memory.
#[derive(Clone, Debug)]
pub(super) struct ChunkedVec<T> {
    chunks: Vec<Vec<T>>,
}

const CHUNK: usize = 1 << 12;

impl<T> ChunkedVec<T> {
    pub(super) const fn new() -> Self {
        ChunkedVec { chunks: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.chunks.last().map_or(0, |last| (self.chunks.len() - 1) * CHUNK + last.len())
    }

    pub(super) fn last(&self) -> Option<&T> {
        self.chunks.last()?.last()
    }

    pub(super) fn get(&self, index: usize) -> Option<&T> {
        self.chunks.get(index / CHUNK)?.get(index % CHUNK)
    }

    /// Appends an item and returns its index.
    pub(super) fn push(&mut self, item: T) -> usize {
        let index = self.len();
        match self.chunks.last_mut() {
            Some(last) if last.len() < CHUNK => last.push(item),
            // The first chunk grows on demand: most recordings are short.
            None => self.chunks.push(vec![item]),
            Some(_) => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(item);
                self.chunks.push(chunk);
            }
        }
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_keep_their_index() {
        let mut pile = ChunkedVec::new();
        for number in 0..3 * CHUNK + 7 {
            assert_eq!(pile.push(number), number);
            assert_eq!((pile.len(), pile.last()), (number + 1, Some(&number)));
        }
        for number in 0..pile.len() {
            assert_eq!(pile.get(number), Some(&number));
        }
        assert_eq!(pile.get(pile.len()), None);
    }
}
