//! Symmetry reduction of the parts shared by Basic and Multi-Paxos: ballots, counts, invariants.

use quorate_protocol::{Permutation, Permute, no_node_ids};

use crate::ballot::Ballot;
use crate::entry::Slot;
use crate::invariants::{
    AtMostOneChosen, ChosenWasProposed, LearnedWasChosen, LearnersAgree, PromisesNeverDecrease, Votes,
};
use crate::phase_1::PromiseQuorum;
use crate::promise::PromiseState;
use crate::tally::{Tally, Vote};
use crate::value::{Proposal, Value};

no_node_ids!(Value, Slot, ChosenWasProposed);

impl Permute for PromiseQuorum {
    fn permuted(&self, by: &Permutation) -> Self {
        let mut acceptors = self.0.permuted(by);
        acceptors.sort_unstable();
        PromiseQuorum(acceptors)
    }
}

impl Permute for PromiseState {
    fn permuted(&self, by: &Permutation) -> Self {
        let mut promises = self.clone();
        promises.promised = promises.promised.permuted(by);
        promises
    }
}

impl<V: Permute> Permute for Tally<V> {
    fn permuted(&self, by: &Permutation) -> Self {
        let one = |vote: &Vote<V>| Vote { from: vote.from.permuted(by), proposal: vote.proposal.permuted(by) };
        let mut votes: Vec<Vote<V>> = self.votes.iter().map(one).collect();
        votes.sort_unstable_by_key(|vote| vote.from);
        Tally { votes }
    }
}

impl Permute for Ballot {
    fn permuted(&self, by: &Permutation) -> Self {
        Ballot { node: self.node.permuted(by), ..*self }
    }
}

impl<V: Permute> Permute for Proposal<V> {
    fn permuted(&self, by: &Permutation) -> Self {
        Proposal { ballot: self.ballot.permuted(by), value: self.value.permuted(by) }
    }
}

impl<C: Permute + Ord> Permute for Votes<C> {
    fn permuted(&self, by: &Permutation) -> Self {
        Votes { quorums: self.quorums, open: self.open.permuted(by) }
    }
}

impl<C: Permute + Ord> Permute for AtMostOneChosen<C> {
    fn permuted(&self, by: &Permutation) -> Self {
        AtMostOneChosen { votes: self.votes.permuted(by), chosen: self.chosen.permuted(by) }
    }
}

impl<C: Permute + Ord> Permute for LearnedWasChosen<C> {
    fn permuted(&self, by: &Permutation) -> Self {
        LearnedWasChosen { votes: self.votes.permuted(by), chosen: self.chosen.permuted(by) }
    }
}

impl<C: Permute + Ord> Permute for LearnersAgree<C> {
    fn permuted(&self, by: &Permutation) -> Self {
        LearnersAgree { learned: self.learned.permuted(by) }
    }
}

impl Permute for PromisesNeverDecrease {
    fn permuted(&self, by: &Permutation) -> Self {
        PromisesNeverDecrease { promised: self.promised.permuted(by) }
    }
}
