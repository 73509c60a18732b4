//! Judgement of a history: every level, one after the other.

use super::causal::{causal, causal_memory};
use super::level::{Judgement, Level, Outcome, Pattern, Undecided, Witness};
use super::operations::Operations;
use super::saturate::saturate;
use super::sequential::sequential;
use super::sessions::Sessions;
use super::{BadHistory, ReadWrite};
use crate::linearizability::{History, Limits, Refutation, Verdict, check};

/// Judges a history of registers at every [`Level`]. `limits` bound the linearizability check; the
/// other limits are [`SEQUENTIAL_MAX`](super::SEQUENTIAL_MAX) and
/// [`STATES_MAX`](super::STATES_MAX). The same history and limits give the same judgement.
///
/// See [the module](super) for an example.
///
/// # Errors
/// [`BadHistory`]: not a history of reads and writes with unique values, or too long.
pub fn judge<M: ReadWrite>(model: &M, history: &History<M>, limits: Limits) -> Result<Judgement, BadHistory> {
    let operations = Operations::of(model, history)?;
    let order = operations.causal();
    let sessions = Sessions { operations: &operations, causal: &order };
    let outcomes = Level::ALL.map(|level| match level {
        Level::Linearizable => match check(model, history, limits).verdict {
            Verdict::Linearizable { .. } => Outcome::Holds,
            Verdict::Unknown { stop, .. } => Outcome::Undecided(Undecided::Stopped(stop)),
            Verdict::NotLinearizable(refutation) => Outcome::Broken(not_linearizable(&operations, &refutation)),
        },
        Level::Sequential => sequential(&operations, &order),
        Level::CausalMemory => causal_memory(&operations, &order).into(),
        Level::Causal => causal(&operations, &order).into(),
        Level::ReadYourWrites => sessions.read_your_writes().into(),
        Level::MonotonicReads => sessions.monotonic_reads().into(),
        Level::MonotonicWrites => sessions.monotonic_writes().into(),
        Level::WritesFollowReads => sessions.writes_follow_reads().into(),
        Level::Convergent => sessions.convergent(),
    });
    Ok(Judgement { outcomes })
}

/// Names two operations that no order in real time has both in place. The checker knows only the
/// answer that it cannot explain.
fn not_linearizable(operations: &Operations, refutation: &Refutation) -> Witness {
    if let Some(contradiction) = saturate(operations, &mut operations.real_time(), None) {
        return contradiction.witness(operations, Pattern::NoOrder, "in real time");
    }
    let culprit = refutation.unplaced.first().copied().unwrap_or(crate::linearizability::CallId(0));
    let last = refutation.order.last().copied().unwrap_or(culprit);
    let words = |id| operations.list.iter().find(|operation| operation.call == id).map_or("a call", |o| &o.words);
    let why = format!("no order in real time has a place for {} beside {}", words(culprit), words(last));
    Witness { first: last, second: culprit, pattern: Pattern::Exhausted, why }
}
