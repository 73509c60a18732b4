//! Recent requests of a client that were carried out: what a resource remembers, so that a
//! repetition changes nothing (RIFL).

use std::collections::VecDeque;

use crate::id::Token;

/// So many requests of a client are remembered. It may have fewer than that under way: what is
/// older than all of them is refused.
const REMEMBERED: usize = 16;

/// The newest requests of a client that were carried out, each with the grant it was made under.
///
/// A request that is late is not one that was done: it is left to the fence, as long as it is not
/// older than all that is remembered.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Recent {
    /// The newest request that is no longer remembered.
    forgotten: Option<u64>,
    /// In the order of their numbers.
    done: VecDeque<(u64, Token)>,
}

impl Recent {
    /// The grant under which a request was carried out.
    pub(crate) fn token(&self, number: u64) -> Option<Token> {
        let place = self.done.binary_search_by_key(&number, |(done, _)| *done).ok()?;
        Some(self.done[place].1)
    }

    /// The request that decides what is known of this one: itself, if it was carried out, or the
    /// newest that is no longer remembered.
    pub(crate) fn decides(&self, number: u64) -> Option<u64> {
        self.token(number).map_or(self.forgotten, |_| Some(number))
    }

    /// A request was carried out.
    pub(crate) fn note(&mut self, number: u64, token: Token) {
        let place = self.done.partition_point(|(done, _)| *done < number);
        self.done.insert(place, (number, token));
        debug_assert!(self.done.iter().is_sorted_by_key(|(done, _)| *done), "it is searched by halves");
        if self.done.len() > REMEMBERED {
            self.forgotten = self.forgotten.max(self.done.pop_front().map(|(oldest, _)| oldest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_known_until_newer_ones_push_it_out_and_then_counts_as_overtaken() {
        let mut recent = Recent::default();
        let last = REMEMBERED as u64 + 1;
        for number in (1..=last).filter(|number| *number != 5) {
            recent.note(number, Token(number * 10));
        }
        assert_eq!((recent.token(1), recent.decides(1)), (Some(Token(10)), Some(1)));
        assert_eq!((recent.decides(5), recent.decides(last + 1)), (None, None), "late, and new");
        recent.note(5, Token(7));
        assert_eq!((recent.token(5), recent.token(1)), (Some(Token(7)), None));
        assert_eq!(
            (recent.decides(1), recent.decides(5)),
            (Some(1), Some(5)),
            "the first is forgotten, and so refused"
        );
    }
}
