//! Safe retries: whether to retry after a timeout, and what to report. Read
//! `quorate learn show retry-safely` first.

use quorate_exercises::network::*;
use quorate_exercises::prelude::*;

/// Your client.
struct Mine;

impl Caller for Mine {
    /// Whether to retry a call of which no attempt was `Answered` so far. `attempts` are in order,
    /// the oldest first.
    fn asks_again(operation: Operation, attempts: &[Attempt]) -> bool {
        unfinished!(operation, attempts)
    }

    /// The report to the user when there are no more attempts.
    fn report(attempts: &[Attempt]) -> Report {
        unfinished!(attempts)
    }
}

hand_in!("retry-safely", retry_safely::<Mine>());
