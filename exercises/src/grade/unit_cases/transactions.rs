//! Unit cases for the decisions about transactions: two-phase commit, Paxos Commit, and the local
//! message table.

mod outbox;
mod paxos_commit;
mod two_phase;

pub(in crate::grade) use outbox::outbox;
pub(in crate::grade) use paxos_commit::paxos_commit;
pub(in crate::grade) use two_phase::two_phase;

use super::UnitCases;

/// Small counts, each against each, and such pairs near random sizes.
fn counts(cases: &mut UnitCases) -> Vec<(usize, usize)> {
    let few = (1..=5).flat_map(|of| (0..=of).map(move |count| (count, of)));
    let many = cases.drawn(1_000_000).into_iter().filter_map(|of| usize::try_from(of).ok());
    let near = |of: usize| [0, of / 2, of / 2 + 1, of.saturating_sub(1), of].map(move |count| (count.min(of), of));
    few.chain(many.flat_map(near)).collect()
}
