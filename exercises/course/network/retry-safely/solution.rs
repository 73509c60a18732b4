//! What a timeout tells: whether to ask again, and what to say.

use quorate_exercises::network::*;
use quorate_exercises::prelude::*;

/// A desk that says no more than it knows.
struct Mine;

impl Caller for Mine {
    fn asks_again(operation: Operation, attempts: &[Attempt]) -> bool {
        match operation {
            Operation::Set => true,
            // After a silence it may have been added, or may yet be.
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
