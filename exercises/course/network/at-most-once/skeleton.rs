//! At-most-once execution: the server's record of executed calls. Read
//! `quorate learn show at-most-once` first.

use quorate_exercises::network::*;
use quorate_exercises::prelude::*;

/// The server's memory of calls: give it fields.
#[derive(Clone, Default)]
struct Mine {}

impl Memory for Mine {
    /// Decides about a call that has arrived, perhaps not for the first time.
    fn arrived(&self, ticket: RequestId) -> Call {
        unfinished!(ticket)
    }

    /// Records that a call was executed, with its answer. After a restart it is called again for
    /// every executed call, in order.
    fn executed(&mut self, ticket: RequestId, answer: u64) {
        unfinished!(ticket, answer)
    }
}

hand_in!("at-most-once", at_most_once::<Mine>());
