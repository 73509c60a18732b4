//! Symmetry reduction of the parts shared by Basic and Multi-Paxos: ballots, counts, invariants.

use quorate_protocol::{Renamed, Renaming, nameless};

use crate::ballot::Ballot;
use crate::entry::Slot;
use crate::invariants::{
    AtMostOneChosen, ChosenWasProposed, LearnedWasChosen, LearnersAgree, PromisesNeverDecrease, Votes,
};
use crate::phase_1::Heard;
use crate::promise::Word;
use crate::tally::{Tally, Vote};
use crate::value::{Proposal, Value};

nameless!(Value, Slot, ChosenWasProposed);

impl Renamed for Heard {
    fn renamed(&self, by: &Renaming) -> Self {
        let mut heard = self.0.renamed(by);
        heard.sort_unstable();
        Heard(heard)
    }
}

impl Renamed for Word {
    fn renamed(&self, by: &Renaming) -> Self {
        let mut word = self.clone();
        word.promised = word.promised.renamed(by);
        word
    }
}

impl<V: Renamed> Renamed for Tally<V> {
    fn renamed(&self, by: &Renaming) -> Self {
        let one = |vote: &Vote<V>| Vote { from: vote.from.renamed(by), proposal: vote.proposal.renamed(by) };
        let mut votes: Vec<Vote<V>> = self.votes.iter().map(one).collect();
        votes.sort_unstable_by_key(|vote| vote.from);
        Tally { votes }
    }
}

impl Renamed for Ballot {
    fn renamed(&self, by: &Renaming) -> Self {
        Ballot { node: self.node.renamed(by), ..*self }
    }
}

impl<V: Renamed> Renamed for Proposal<V> {
    fn renamed(&self, by: &Renaming) -> Self {
        Proposal { ballot: self.ballot.renamed(by), value: self.value.renamed(by) }
    }
}

impl<C: Renamed + Ord> Renamed for Votes<C> {
    fn renamed(&self, by: &Renaming) -> Self {
        Votes { quorums: self.quorums, open: self.open.renamed(by) }
    }
}

impl<C: Renamed + Ord> Renamed for AtMostOneChosen<C> {
    fn renamed(&self, by: &Renaming) -> Self {
        AtMostOneChosen { votes: self.votes.renamed(by), chosen: self.chosen.renamed(by) }
    }
}

impl<C: Renamed + Ord> Renamed for LearnedWasChosen<C> {
    fn renamed(&self, by: &Renaming) -> Self {
        LearnedWasChosen { votes: self.votes.renamed(by), chosen: self.chosen.renamed(by) }
    }
}

impl<C: Renamed + Ord> Renamed for LearnersAgree<C> {
    fn renamed(&self, by: &Renaming) -> Self {
        LearnersAgree { learned: self.learned.renamed(by) }
    }
}

impl Renamed for PromisesNeverDecrease {
    fn renamed(&self, by: &Renaming) -> Self {
        PromisesNeverDecrease { promised: self.promised.renamed(by) }
    }
}
