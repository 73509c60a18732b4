//! Network and time: small machines, each of which asks the learner for one thing that messages and clocks make hard.
//!
//! | module | what the learner writes | what must hold |
//! |---|---|---|
//! | [`timeouts`] | what a caller does and says when no answer comes | `HonestReport`, `AddedOnce`, `UsefulReport`, `KeepsAsking` |
//! | [`calls`] | a server's memory of the calls that it has executed | `AtMostOnce`, `OneAnswer` |
//! | [`clocks`] | a logical clock, and the order that it makes | `ClockCondition`, `TotalOrder` |
//! | [`quorums`] | which sets of nodes are a quorum | `ReadsSeeWrites`, `QuorumsMeet`, `CrashesBorne` |
//!
//! None of them is a protocol of the reference, so each module has its machine, too. It runs in the simulator as protocols do, in
//! the same storms, and what goes wrong is shown in the same way.

mod beyond;
pub mod calls;
pub mod clocks;
mod opaque;
pub mod quorums;
pub mod timeouts;

use opaque::Opaque;
use quorate_lab::sim::{Dice, Patience};
use quorate_protocol::{Duration, Time, nanos};
use quorate_workshop::experiments::Run;

/// Draws what a run's clients do: a stream that neither network nor timers nor faults draw from.
fn clients_dice(run: &Run) -> Dice {
    Dice::new(run.seed, u64::MAX - 1)
}

/// A moment in the first half of a run's storm.
fn early(run: &Run, dice: &mut Dice) -> Time {
    Time::from_nanos(dice.below(nanos(run.span) / 2))
}

/// Clients that ask once: whatever is asked again is asked by the machines.
const ONCE: Patience = Patience { timeout: Duration::from_secs(30), attempts: 1, roams: false };

/// Clients that ask until they are answered.
const STUBBORN: Patience = Patience { timeout: Duration::from_millis(100), attempts: u32::MAX, roams: false };

#[cfg(test)]
mod tests {
    use crate::answer::{Answer, sit};
    use crate::course;
    use crate::exam::{Exam, Verdict};

    /// What breaks when this is handed in, and whether a trace shows it; nothing if nothing does.
    pub(super) fn breaks(id: &str, answer: &impl Answer) -> Option<(String, bool)> {
        let exercise = course::find(id).expect("the course has it");
        let mut exam = Exam::new(5);
        match sit(exercise, answer, &mut exam).verdict {
            Verdict::Passed => None,
            Verdict::Failed(broke) => Some((broke.what, broke.trace.is_some())),
            other => panic!("{id}: {other:?}"),
        }
    }

    /// A wrong answer breaks this, and a trace shows how.
    pub(super) fn shown(what: &str) -> Option<(String, bool)> {
        Some((what.to_owned(), true))
    }
}
