//! The rulebook: each decision of the paper as one small pure function.
//!
//! The roles consult it and do the rest. To see the purpose of a rule, replace it and run the same
//! schedule: a well-known bug is [`BY_THE_BOOK`] with one function replaced.
//!
//! ```
//! use quorate_paxos::{BY_THE_BOOK, Ballot, Rulebook};
//! use quorate_protocol::NodeId;
//!
//! // Accepting a proposal does not raise the promise. Safe with two ballots, broken with three.
//! const ACCEPT_NO_RAISE: Rulebook = Rulebook { promised_after_accept: |before, _| before, ..BY_THE_BOOK };
//!
//! let accepted = Ballot::new(2, NodeId(0));
//! assert_eq!(BY_THE_BOOK.promised_after_accept(None, accepted), Some(accepted));
//! assert_eq!(ACCEPT_NO_RAISE.promised_after_accept(None, accepted), None);
//! ```

use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{self, Allow, Refuse};

use crate::ballot::Ballot;
use crate::entry::Entry;
use crate::quorums::{Phase, Quorums};
use crate::rules::PaxosRule;

quorate_protocol::rulebook! {
    /// The decisions of Paxos and of Multi-Paxos. [`BY_THE_BOOK`] follows the paper exactly;
    /// sections are those of *Paxos Made Simple*.
    pub struct Rulebook;

    /// §2.5: the ballot that a proposer uses next is above those it has `tried`.
    ///
    /// It is also above those it has `seen`, below which it would only be refused, unless a client
    /// has `asked` for a particular round.
    fn next_ballot(me: NodeId, tried: Option<Ballot>, seen: Option<Ballot>, asked: Option<u64>) -> Ballot {
        let above = |ballot: Option<Ballot>| ballot.map_or(1, |ballot| ballot.round.saturating_add(1));
        let wish = asked.unwrap_or_else(|| above(seen)).min(Ballot::ROUND_LIMIT);
        Ballot::new(above(tried).max(wish), me)
    }

    /// §2.2, P2c: a ballot must complete its own phase 1 before it proposes. `prepared` is the
    /// ballot whose phase 1 the proposer has completed.
    ///
    /// In Multi-Paxos one phase 1 covers all slots (§3), but still only its own ballot.
    fn must_prepare(ballot: Ballot, prepared: Option<Ballot>) -> bool {
        prepared != Some(ballot)
    }

    /// §2.2, phase 2(a): a reply counts only for the ballot that it answers.
    fn counts(reply: Ballot, current: Ballot) -> Ruling<PaxosRule> {
        if reply == current { Allow(PaxosRule::CountPromise) } else { Refuse(PaxosRule::StaleReply) }
    }

    /// §2.2, phase 2(a): a quorum is a set of acceptors, so one that is in `heard` does not count
    /// again.
    fn counts_once(from: NodeId, heard: &[NodeId]) -> Ruling<PaxosRule> {
        if heard.contains(&from) { Refuse(PaxosRule::RepeatedPromise) } else { Allow(PaxosRule::CountPromise) }
    }

    /// §2.2 and Flexible Paxos: whether this many acceptors are a quorum of that phase.
    fn quorum(phase: Phase, acceptors: usize, quorums: Quorums) -> bool {
        acceptors >= quorums.size(phase)
    }

    /// §2.2, P2c: index of the reported proposal that must be proposed again; `None` leaves the
    /// proposer free.
    ///
    /// `reported` holds the ballots in which the phase-1 quorum had accepted something, in the
    /// order in which its promises arrived.
    fn value_to_propose(reported: &[Ballot]) -> Option<usize> {
        (0..reported.len()).max_by_key(|&place| reported[place])
    }

    /// §2.2, phase 2(a): whether the reported value is proposed again before anyone is told of it:
    /// it is, because the reports of a quorum of phase 1 do not say that it was chosen.
    ///
    /// So a proposer that only wants to know what was chosen completes what it finds.
    fn completes_reported() -> bool {
        true
    }

    /// §2.2, phase 1(b): promise only a ballot above every one promised before.
    ///
    /// A promise of the same ballot stands and may be repeated, until the ballot's proposal has
    /// been accepted: `accepted` is the ballot of the acceptor's latest vote.
    fn promise(promised: Option<Ballot>, accepted: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
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

    /// §2.2, phase 1(b): a promise reports an accepted proposal under the ballot in which it was
    /// accepted.
    ///
    /// `promised` is the highest ballot promised before the one that is being promised.
    fn reported_ballot(accepted: Ballot, promised: Option<Ballot>) -> Ballot {
        let _ = promised;
        accepted
    }

    /// §2.2, P1a: accept a proposal unless a higher ballot was promised. `accepted` is the ballot
    /// of the vote that it would replace.
    fn accept(promised: Option<Ballot>, accepted: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
        if promised > Some(asked) {
            Refuse(PaxosRule::RefuseAccept)
        } else if accepted == Some(asked) {
            Allow(PaxosRule::AcceptAgain)
        } else {
            Allow(PaxosRule::Accept)
        }
    }

    /// §2.2, P1a: accepting in a ballot also promises it.
    fn promised_after_accept(before: Option<Ballot>, accepted: Ballot) -> Option<Ballot> {
        before.max(Some(accepted))
    }

    /// §2.3: a vote counts towards a ballot only if it was cast in that ballot.
    fn vote_counts(vote: Ballot, towards: Ballot) -> bool {
        vote == towards
    }

    /// §3, Multi-Paxos: the entry that a new leader proposes in an open slot at or below the last
    /// reported one.
    ///
    /// It is the entry that P2c requires, or a no-op if there is none. `None` would leave a gap,
    /// which the log would never get past.
    fn fill_hole(bound: Option<&Entry>) -> Option<Entry> {
        Some(bound.cloned().unwrap_or_else(Entry::noop))
    }

    /// §2.5: after a restart a proposer still knows the highest ballot that it has used.
    fn recall_tried(written: Option<Ballot>) -> Option<Ballot> {
        written
    }

    /// §2.2: after a restart an acceptor still knows its promise.
    fn recall_promised(written: Option<Ballot>) -> Option<Ballot> {
        written
    }

    /// §2.2: whether an acceptor still knows after a restart the proposal that it accepted in this
    /// ballot.
    fn recall_accepted(written: Ballot) -> bool {
        let _ = written;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_input_makes_a_proposer_reuse_a_ballot() {
        let me = NodeId(0);
        let huge = Ballot::new(u64::MAX, NodeId(1));
        let mut tried = None;
        for (seen, asked) in [(Some(huge), None), (None, Some(u64::MAX)), (Some(huge), Some(0)), (Some(huge), None)] {
            let next = BY_THE_BOOK.next_ballot(me, tried, seen, asked);
            assert!(tried < Some(next), "{next} is not above {tried:?}");
            tried = Some(next);
        }
    }

    #[test]
    fn a_client_may_ask_for_any_round_above_the_used_ones() {
        let me = NodeId(0);
        let (tried, seen) = (Some(Ballot::new(3, me)), Some(Ballot::new(9, NodeId(1))));
        let round = |asked| BY_THE_BOOK.next_ballot(me, tried, seen, asked).round;
        assert_eq!([None, Some(2), Some(4), Some(7)].map(round), [10, 4, 4, 7]);
    }
}
