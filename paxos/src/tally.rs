//! Counting of votes by learners (*Paxos Made Simple* §2.3): per instance, which is a slot in
//! Multi-Paxos.

use quorate_protocol::NodeId;

use crate::ballot::Ballot;
use crate::quorums::{Phase, Quorums};
use crate::rulebook::Rulebook;
use crate::value::Proposal;

/// The latest vote of each acceptor, which bounds the memory whatever the number of ballots.
///
/// A vote that arrives after a later one of the same acceptor is discarded. If its ballot chose a
/// value, later ballots choose the same one (P2), so the choice is learned from them.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Tally<V> {
    pub(crate) votes: Vec<Vote<V>>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Vote<V> {
    pub(crate) from: NodeId,
    pub(crate) proposal: Proposal<V>,
}

/// Result of counting a vote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Count {
    /// The acceptor had cast the same vote before.
    Repeated,
    /// The acceptor has cast a vote in this later ballot.
    Older(Ballot),
    /// No quorum yet: the number of acceptors that have accepted the ballot so far.
    Short(usize),
    /// This vote completes a quorum of this size.
    Quorum(usize),
    /// The quorum was complete without it.
    Late,
}

impl<V> Default for Tally<V> {
    fn default() -> Self {
        Tally { votes: Vec::new() }
    }
}

impl<V: Clone + Eq> Tally<V> {
    pub(crate) fn count(
        &mut self,
        rules: &Rulebook,
        quorums: Quorums,
        from: NodeId,
        ballot: Ballot,
        value: &V,
    ) -> Count {
        let vote = Vote { from, proposal: Proposal { ballot, value: value.clone() } };
        match self.votes.binary_search_by_key(&from, |vote| vote.from) {
            Err(place) => self.votes.insert(place, vote),
            Ok(place) => {
                let latest = &mut self.votes[place];
                if *latest == vote {
                    return Count::Repeated;
                } else if latest.proposal.ballot > ballot {
                    return Count::Older(latest.proposal.ballot);
                }
                *latest = vote;
            }
        }
        debug_assert!(
            self.votes.is_sorted_by(|a, b| a.from < b.from),
            "each acceptor has one vote, and they are in order"
        );
        let counted =
            |vote: &&Vote<V>| rules.vote_counts(vote.proposal.ballot, ballot) && vote.proposal.value == *value;
        // A rulebook may count nothing, not even the vote just received.
        let count = self.votes.iter().filter(counted).count();
        if !rules.quorum(Phase::Two, count, quorums) {
            Count::Short(count)
        } else if rules.quorum(Phase::Two, count.saturating_sub(1), quorums) {
            Count::Late
        } else {
            Count::Quorum(count)
        }
    }
}
