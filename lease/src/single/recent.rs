//! Deduplication window: recent executed requests of a client, so that a duplicate is not executed
//! again (RIFL).

use std::collections::VecDeque;

use crate::id::Token;

/// Number of requests of a client that are remembered. It may have fewer than that in flight: a
/// request older than all of them is refused.
const REMEMBERED: usize = 16;

/// The newest executed requests of a client, each with its grant.
///
/// A late request is not necessarily a duplicate: it is left to the fence, unless it is older than
/// all remembered requests.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Recent {
    /// The newest request no longer remembered.
    forgotten: Option<u64>,
    /// Ordered by request number.
    done: VecDeque<(u64, Token)>,
}

impl Recent {
    /// The grant under which a request was executed.
    pub(crate) fn token(&self, number: u64) -> Option<Token> {
        let place = self.done.binary_search_by_key(&number, |(done, _)| *done).ok()?;
        Some(self.done[place].1)
    }

    /// The request that determines the status of this one: itself, if it is remembered as executed,
    /// otherwise the newest no longer remembered.
    pub(crate) fn decides(&self, number: u64) -> Option<u64> {
        self.token(number).map_or(self.forgotten, |_| Some(number))
    }

    /// Records an executed request.
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
