//! Grading of exercises about network and time: small machines with one part that messages and
//! clocks make hard.
//!
//! | module | what the learner writes | what must hold |
//! |---|---|---|
//! | [`timeouts`] | a caller's retries and reports when no answer arrives | `HonestReport`, `AddedOnce`, `UsefulReport`, `KeepsAsking` |
//! | [`calls`] | a server's record of executed calls | `AtMostOnce`, `OneAnswer` |
//! | [`clocks`] | a logical clock, and the order that it makes | `ClockCondition`, `TotalOrder` |
//! | [`quorums`] | a quorum system | `ReadsSeeWrites`, `QuorumsMeet`, `CrashesBorne` |
//!
//! None of them is a protocol of the reference, so each module contains its machine, too. It runs
//! in the simulator as protocols do, under the same random faults, and failures are shown in the
//! same way.

mod beyond;
pub mod calls;
pub mod clocks;
mod opaque;
pub mod quorums;
pub mod timeouts;

pub(super) use opaque::Opaque;
use quorate_harness::experiments::RunParameters;
use quorate_lab::sim::{ClientRequest, RetryPolicy, Rng};
use quorate_protocol::{ClientId, Duration, NodeId, Time, nanos};

/// Random stream of the clients, separate from those of the network, the timers and the faults.
pub(super) fn client_rng(run: &RunParameters) -> Rng {
    Rng::new(run.seed, u64::MAX - 1)
}

/// Random time in the first half of a run's fault window.
pub(super) fn early(run: &RunParameters, rng: &mut Rng) -> Time {
    Time::from_nanos(rng.below(nanos(run.span) / 2))
}

/// Requests of three clients: each has a node work, or write to another one.
pub(super) fn letters<C>(
    run: &RunParameters,
    rng: &mut Rng,
    command: impl Fn(Option<NodeId>) -> C,
) -> Vec<ClientRequest<C>> {
    let mut requests: Vec<_> = (0..24)
        .map(|number| {
            let to = NodeId(rng.below(u64::from(run.nodes)) as u32);
            let of = NodeId(number % run.nodes);
            let at = early(run, rng);
            let command = command((to != of).then_some(to));
            ClientRequest { at, client: ClientId(number % 3), of: Some(of), command }
        })
        .collect();
    requests.sort_by_key(|request| request.at);
    requests
}

/// Retry policy: clients send a request once. Retries are up to the machines.
pub(super) const ONCE: RetryPolicy = RetryPolicy { timeout: Duration::from_secs(30), attempts: 1, rotates: false };

/// Retry policy: clients retry until they are answered.
pub(super) const STUBBORN: RetryPolicy =
    RetryPolicy { timeout: Duration::from_millis(100), attempts: u32::MAX, rotates: false };

#[cfg(test)]
pub(super) mod tests {
    use crate::answer::{Answer, grade};
    use crate::course;
    use crate::grading::{Grading, GradingVerdict};

    /// Invariant that an answer breaks, and whether there is a trace of it; `None` if it passes.
    pub(in crate::grade) fn breaks(id: &str, answer: &impl Answer) -> Option<(String, bool)> {
        let exercise = course::find(id).expect("the course has it");
        let mut grading = Grading::new(5);
        match grade(exercise, answer, &mut grading).verdict {
            GradingVerdict::Passed => None,
            GradingVerdict::Failed(broke) => Some((broke.what, broke.trace.is_some())),
            other => panic!("{id}: {other:?}"),
        }
    }

    /// Expected result of a wrong answer: this invariant breaks, with a trace.
    pub(in crate::grade) fn shown(what: &str) -> Option<(String, bool)> {
        Some((what.to_owned(), true))
    }
}
