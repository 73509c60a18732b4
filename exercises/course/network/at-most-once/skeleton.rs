//! At most once: a server's memory of what it has executed. Read `quorate learn show at-most-once` first.

use quorate_exercises::network::*;
use quorate_exercises::prelude::*;

/// What the server remembers: give it fields.
#[derive(Clone, Default)]
struct Mine {}

impl Memory for Mine {
    /// A call has arrived, perhaps not for the first time.
    fn arrived(&self, ticket: Ticket) -> Call {
        unfinished!(ticket)
    }

    /// A call has been executed, and this was the answer. After a restart the server tells of all of them again, in order.
    fn executed(&mut self, ticket: Ticket, answer: u64) {
        unfinished!(ticket, answer)
    }
}

hand_in!("at-most-once", at_most_once::<Mine>());
