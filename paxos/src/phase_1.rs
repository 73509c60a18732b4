//! Phase 1 of a proposer: counting of promises, and the reported proposal that P2c requires (*Paxos
//! Made Simple* §2.2).
//!
//! Basic Paxos has one phase 1 for its value, Multi-Paxos one for all slots; both count alike.

use quorate_protocol::{NodeId, Ruling};

use crate::ballot::Ballot;
use crate::rulebook::Rulebook;
use crate::rules::PaxosRule;
use crate::value::Proposal;

/// The acceptors whose promises count so far: a set under the paper's rules, and therefore kept in
/// order.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct PromiseQuorum(pub(crate) Vec<NodeId>);

impl PromiseQuorum {
    /// Counts a promise, if it is of the current ballot and not counted yet.
    pub(crate) fn count(
        &mut self,
        rules: &Rulebook,
        from: NodeId,
        reply: Ballot,
        current: Ballot,
    ) -> Ruling<PaxosRule> {
        let ruling = match rules.counts(reply, current) {
            Ruling::Allow(_) => rules.counts_once(from, &self.0),
            stale => stale,
        };
        if ruling.allows() {
            let place = self.0.partition_point(|&each| each <= from);
            self.0.insert(place, from);
            debug_assert!(self.0.is_sorted(), "promises are kept in the order of their acceptors");
        }
        ruling
    }
}

/// The reported proposal that the proposer must propose again.
///
/// A rulebook may return an index out of range: then there is none.
pub(crate) fn bound<'a, V>(rules: &Rulebook, reported: &'a [Proposal<V>]) -> Option<&'a Proposal<V>> {
    let ballots: Vec<Ballot> = reported.iter().map(|proposal| proposal.ballot).collect();
    reported.get(rules.value_to_propose(&ballots)?)
}
