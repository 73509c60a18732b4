//! What a timeout tells: whether to ask again, and what to say. Read `quorate learn show retry-safely` first.

use quorate_exercises::network::*;
use quorate_exercises::prelude::*;

/// Your desk.
struct Mine;

impl Caller for Mine {
    /// Whether to attempt a call again that no attempt has got an `Answered` for, so far. `attempts` are in order, the oldest first.
    fn asks_again(operation: Operation, attempts: &[Attempt]) -> bool {
        unfinished!(operation, attempts)
    }

    /// What to tell the user when there are no more attempts.
    fn report(attempts: &[Attempt]) -> Report {
        unfinished!(attempts)
    }
}

hand_in!("retry-safely", retry_safely::<Mine>());
