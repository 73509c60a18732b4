//! Safe retries: whether to retry after a timeout, and what to report.

use quorate_exercises::network::*;
use quorate_exercises::prelude::*;

/// A client that reports no more than it knows.
struct Mine;

impl Caller for Mine {
    fn asks_again(operation: Operation, attempts: &[Attempt]) -> bool {
        match operation {
            Operation::Set => true,
            // After a timeout the value may have been added, or may still be.
            Operation::Add => !attempts.contains(&Attempt::TimedOut),
        }
    }

    fn report(attempts: &[Attempt]) -> Report {
        let saw = |attempt| attempts.contains(&attempt);
        match (saw(Attempt::Answered), saw(Attempt::TimedOut)) {
            (true, _) => Report::Done,
            (false, true) => Report::Unknown,
            (false, false) => Report::NotDone,
        }
    }
}

hand_in!("retry-safely", retry_safely::<Mine>());
