//! The rulebook: each decision of the paper as one small pure function, with the paper for a default.
//!
//! The roles ask it and do the rest. [`ByTheBook`] overrides nothing. To see what a rule is for, override it and run the
//! same schedule: a well-known bug is a rulebook that departs from the paper in one method.
//!
//! ```
//! use quorate_paxos::{Ballot, ByTheBook, Paxos, Rulebook};
//! use quorate_protocol::NodeId;
//!
//! /// Accepting a proposal does not raise the promise. Safe with two ballots, broken with three.
//! #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
//! struct AcceptNoRaise;
//!
//! impl Rulebook for AcceptNoRaise {
//!     fn promised_after_accept(&self, before: Option<Ballot>, _: Ballot) -> Option<Ballot> {
//!         before
//!     }
//! }
//!
//! type Broken = Paxos<AcceptNoRaise>;
//! let accepted = Ballot::new(2, NodeId(0));
//! assert_eq!(ByTheBook.promised_after_accept(None, accepted), Some(accepted));
//! assert_eq!(AcceptNoRaise.promised_after_accept(None, accepted), None);
//! ```

use std::fmt::Debug;
use std::hash::Hash;

use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{self, Allow, Refuse};

use crate::multi::Entry;
use crate::{Ballot, PaxosRule, Phase, Proposal, Quorums, Value};

/// The decisions of Paxos and of Multi-Paxos. Each default method *is* the paper; sections are those of *Paxos Made Simple*.
pub trait Rulebook: Copy + Eq + Hash + Debug + Default + Send + Sync + 'static {
    /// §2.5: the ballot that a proposer uses next is above those it has `tried`.
    ///
    /// It is also above those it has `seen`, which would only be refused, unless a client has `asked` for a round of its own.
    fn next_ballot(&self, me: NodeId, tried: Option<Ballot>, seen: Option<Ballot>, asked: Option<u64>) -> Ballot {
        let above = |ballot: Option<Ballot>| ballot.map_or(1, |ballot| ballot.round.saturating_add(1));
        let wish = asked.unwrap_or_else(|| above(seen)).min(Ballot::ROUND_LIMIT);
        Ballot::new(above(tried).max(wish), me)
    }

    /// §2.2, P2c: a ballot may propose only after its own phase 1. `prepared` is the ballot whose phase 1 the proposer has completed.
    ///
    /// In Multi-Paxos one phase 1 covers all slots (§3), but still only its own ballot.
    fn must_prepare(&self, ballot: Ballot, prepared: Option<Ballot>) -> bool {
        prepared != Some(ballot)
    }

    /// §2.2, phase 1(a): a prepare carries a number and no value.
    fn prepare_carries(&self, own: &Value) -> Option<Value> {
        let _ = own;
        None
    }

    /// §2.2, phase 2(a): a reply counts for the ballot that it answers.
    fn counts(&self, reply: Ballot, current: Ballot) -> Ruling<PaxosRule> {
        if reply == current { Allow(PaxosRule::CountPromise) } else { Refuse(PaxosRule::StaleReply) }
    }

    /// §2.2, phase 2(a): a quorum is a set of acceptors, so none of those already `heard` counts again.
    fn counts_once(&self, from: NodeId, heard: &[NodeId]) -> Ruling<PaxosRule> {
        if heard.contains(&from) { Refuse(PaxosRule::RepeatedPromise) } else { Allow(PaxosRule::CountPromise) }
    }

    /// §2.2 and Flexible Paxos: so many acceptors are a quorum of that phase.
    fn quorum(&self, phase: Phase, acceptors: usize, quorums: Quorums) -> bool {
        acceptors >= quorums.size(phase)
    }

    /// §2.2, P2c: the reported proposal whose value must be proposed; `None` leaves the proposer free.
    ///
    /// `reported` holds what the phase-1 quorum had accepted, in the order in which its promises arrived.
    fn binding<'a, V>(&self, reported: &'a [Proposal<V>]) -> Option<&'a Proposal<V>> {
        reported.iter().max_by_key(|proposal| proposal.ballot)
    }

    /// §2.2, phase 1(b): promise only a ballot above every one promised before.
    ///
    /// Of the same ballot the promise stands and may be repeated, until its proposal has been `accepted`, which is the
    /// ballot of the acceptor's latest vote.
    fn promise(&self, promised: Option<Ballot>, accepted: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
        if promised < Some(asked) {
            Allow(PaxosRule::PromiseHigher)
        } else if promised > Some(asked) {
            Refuse(PaxosRule::RefusePrepare)
        } else if accepted == Some(asked) {
            Refuse(PaxosRule::IgnoreAccepted)
        } else {
            Allow(PaxosRule::PromiseAgain)
        }
    }

    /// §2.2, phase 1(b): a promise reports an accepted proposal under the ballot in which it was accepted.
    ///
    /// `promised` is the highest ballot promised before the one that is being promised.
    fn reported_ballot(&self, accepted: Ballot, promised: Option<Ballot>) -> Ballot {
        let _ = promised;
        accepted
    }

    /// §2.2, P1a: accept a proposal unless a higher ballot was promised. `accepted` is the ballot of the vote that it would replace.
    fn accept(&self, promised: Option<Ballot>, accepted: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
        if promised > Some(asked) {
            Refuse(PaxosRule::RefuseAccept)
        } else if accepted == Some(asked) {
            Allow(PaxosRule::AcceptAgain)
        } else {
            Allow(PaxosRule::Accept)
        }
    }

    /// §2.2, P1a: accepting a ballot is also promising it.
    fn promised_after_accept(&self, before: Option<Ballot>, accepted: Ballot) -> Option<Ballot> {
        before.max(Some(accepted))
    }

    /// §2.3: a vote counts towards the choice of a ballot if it was cast in that ballot.
    fn vote_counts(&self, vote: Ballot, towards: Ballot) -> bool {
        vote == towards
    }

    /// §3, Multi-Paxos: what a new leader proposes in an open slot at or below the last reported one.
    ///
    /// What P2c binds it to, or a no-op if nothing does. `None` would leave a hole, and the log would never get past it.
    fn fill_hole(&self, bound: Option<&Entry>) -> Option<Entry> {
        Some(bound.cloned().unwrap_or_else(Entry::noop))
    }

    /// §2.5: after a restart a proposer still knows the highest ballot that it has used.
    fn recall_tried(&self, written: Option<Ballot>) -> Option<Ballot> {
        written
    }

    /// §2.2: after a restart an acceptor still knows what it promised.
    fn recall_promised(&self, written: Option<Ballot>) -> Option<Ballot> {
        written
    }

    /// §2.2: after a restart an acceptor still knows what it accepted.
    fn recall_accepted<V>(&self, written: Option<Proposal<V>>) -> Option<Proposal<V>> {
        written
    }
}

/// The papers, to the letter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ByTheBook;

impl Rulebook for ByTheBook {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_input_makes_a_proposer_reuse_a_ballot() {
        let me = NodeId(0);
        let huge = Ballot::new(u64::MAX, NodeId(1));
        let mut tried = None;
        for (seen, asked) in [(Some(huge), None), (None, Some(u64::MAX)), (Some(huge), Some(0)), (Some(huge), None)] {
            let next = ByTheBook.next_ballot(me, tried, seen, asked);
            assert!(tried < Some(next), "{next} is not above {tried:?}");
            tried = Some(next);
        }
    }

    #[test]
    fn a_client_may_ask_for_any_round_above_the_used_ones() {
        let me = NodeId(0);
        let (tried, seen) = (Some(Ballot::new(3, me)), Some(Ballot::new(9, NodeId(1))));
        let round = |asked| ByTheBook.next_ballot(me, tried, seen, asked).round;
        assert_eq!([None, Some(2), Some(4), Some(7)].map(round), [10, 4, 4, 7]);
    }
}
