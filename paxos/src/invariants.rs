//! Safety invariants: the requirements of *Paxos Made Simple* §2.1, and the promise that they
//! depend on.
//!
//! The invariants observe the cluster from outside. The votes of acceptors decide what is chosen,
//! whether or not anybody has learned it, and learners are checked against that. In Multi-Paxos
//! each slot is checked separately.
//!
//! They count votes, and compare with what the same node did before. They are therefore independent
//! of the order in which different nodes act, which saves a checker work
//! ([`Invariant::COMMUTES`]).
//!
//! They rely on the facts of the steps that they are shown. A driver whose crash discards a step
//! together with its records must not show that step: nothing of it was written or sent.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Display};
use std::hash::Hash;

use quorate_protocol::{Invariant, InvariantViolation, Machine, NodeId, StepView};

use crate::ballot::{Ballot, DisplayBallot};
use crate::config::Config;
use crate::entry::Slot;
use crate::quorums::Quorums;
use crate::value::Value;

/// All invariants, for instances that choose a `C`.
pub type Safety<C = Value> =
    (AtMostOneChosen<C>, LearnedWasChosen<C>, LearnersAgree<C>, ChosenWasProposed, PromisesNeverDecrease);

/// The invariants of a cluster that chooses one value, whatever its rulebook.
///
/// For a log see [`multi::invariants`](crate::multi::invariants).
pub fn invariants(config: &Config) -> Safety {
    safety(config)
}

pub(crate) fn safety<C: Clone + Ord>(config: &Config) -> Safety<C> {
    (
        AtMostOneChosen::new(config),
        LearnedWasChosen::new(config),
        LearnersAgree::new(),
        ChosenWasProposed::default(),
        PromisesNeverDecrease::default(),
    )
}

/// A machine whose facts the invariants can read: [Basic Paxos](crate::Paxos), its
/// [variants](quorate_protocol::Variant), and [Multi-Paxos](crate::multi::MultiPaxos).
pub trait Observable: Machine {
    /// The type of what one instance of the algorithm chooses.
    type Choice: Clone + Eq + Ord + Hash + Debug + Display + Send + 'static;

    /// The vote or the learned choice in a fact, if it is one.
    fn observe(fact: &Self::Fact) -> Option<Observation<Self::Choice>>;

    /// The value in a command.
    fn wanted(command: &Self::Command) -> &Value;

    /// The client's value in a choice; `None` for a no-op, which no client requests.
    fn value(choice: &Self::Choice) -> Option<&Value>;

    /// Prefix of a violation's description: the slot, where there are several.
    fn place(slot: Slot) -> String;

    /// The highest ballot that the machine's acceptor has promised.
    fn promised(&self) -> Option<Ballot>;
}

/// An observed vote, or an observed learning of a choice.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Observation<C> {
    /// Whether an acceptor voted or a learner learned.
    pub kind: ObservationKind,
    /// The instance of the algorithm; [`Slot::FIRST`] in Basic Paxos, which has one.
    pub slot: Slot,
    /// The ballot.
    pub ballot: Ballot,
    /// The value accepted or learned.
    pub choice: C,
}

/// Kind of an observation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ObservationKind {
    /// An acceptor voted.
    Accepted,
    /// A learner learned a choice.
    Learned,
}

/// The votes of all acceptors, by proposal, until a quorum has chosen it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Votes<C> {
    pub(crate) quorums: Quorums,
    pub(crate) open: BTreeMap<(Slot, Ballot, C), BTreeSet<NodeId>>,
}

impl<C: Clone + Ord> Votes<C> {
    fn new(config: &Config) -> Self {
        Votes { quorums: config.quorums(), open: BTreeMap::new() }
    }

    /// Counts a vote; true if it makes a quorum. Votes for a choice already known need not be
    /// counted.
    fn completes(&mut self, from: NodeId, vote: &Observation<C>) -> bool {
        let voters = self.open.entry((vote.slot, vote.ballot, vote.choice.clone())).or_default();
        voters.insert(from);
        voters.len() >= self.quorums.phase_2
    }

    /// Discards the votes for a value once it is chosen.
    fn close(&mut self, slot: Slot, choice: &C) {
        self.open.retain(|(open_slot, _, open), _| *open_slot != slot || open != choice);
    }
}

/// Only a single value is chosen (*Paxos Made Simple* §2.1).
///
/// A value counts as chosen when a phase-2 quorum of acceptors has accepted it in one ballot, and
/// also when a learner says so, because that is what clients act on.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AtMostOneChosen<C: Ord = Value> {
    pub(crate) votes: Votes<C>,
    pub(crate) chosen: BTreeMap<Slot, (Ballot, C)>,
}

impl<C: Clone + Ord> AtMostOneChosen<C> {
    /// Creates the invariant for the quorums of this configuration.
    pub fn new(config: &Config) -> Self {
        AtMostOneChosen { votes: Votes::new(config), chosen: BTreeMap::new() }
    }

    /// The value chosen in each slot, and the first ballot that chose it, whether or not anybody
    /// has learned it.
    pub fn chosen(&self) -> &BTreeMap<Slot, (Ballot, C)> {
        &self.chosen
    }
}

impl<M: Observable> Invariant<M> for AtMostOneChosen<M::Choice> {
    const COMMUTES: bool = true;

    fn check(&mut self, step: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for said in observations(step) {
            let known = self.chosen.get(&said.slot);
            if known.is_some_and(|(_, choice)| *choice == said.choice) {
                continue;
            }
            if said.kind == ObservationKind::Accepted && !self.votes.completes(step.node, &said) {
                continue;
            }
            if let Some((ballot, choice)) = known {
                let (place, second, in_ballot) = (M::place(said.slot), &said.choice, said.ballot);
                let detail = format!("{place}{choice} was chosen in {ballot}, and {second} in {in_ballot}");
                return Err(InvariantViolation::new("AtMostOneChosen", detail));
            }
            self.votes.close(said.slot, &said.choice);
            self.chosen.insert(said.slot, (said.ballot, said.choice));
        }
        Ok(())
    }
}

/// A value is learned only if it has been chosen (*Paxos Made Simple* §2.1).
///
/// A learner that miscounts violates this long before it violates [`AtMostOneChosen`], if it ever
/// does.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LearnedWasChosen<C: Ord = Value> {
    pub(crate) votes: Votes<C>,
    pub(crate) chosen: BTreeSet<(Slot, C)>,
}

impl<C: Clone + Ord> LearnedWasChosen<C> {
    /// Creates the invariant for the quorums of this configuration.
    pub fn new(config: &Config) -> Self {
        LearnedWasChosen { votes: Votes::new(config), chosen: BTreeSet::new() }
    }
}

impl<M: Observable> Invariant<M> for LearnedWasChosen<M::Choice> {
    const COMMUTES: bool = true;

    fn check(&mut self, step: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for said in observations(step) {
            let key = (said.slot, said.choice.clone());
            if self.chosen.contains(&key) {
                continue;
            }
            match said.kind {
                ObservationKind::Accepted => {
                    if self.votes.completes(step.node, &said) {
                        self.votes.close(said.slot, &said.choice);
                        self.chosen.insert(key);
                    }
                }
                ObservationKind::Learned => {
                    let (place, learner, choice) = (M::place(said.slot), step.node, &said.choice);
                    let size = self.votes.quorums.phase_2;
                    let detail =
                        format!("{place}{learner} learned {choice}, which no {size} acceptors accepted in one ballot");
                    return Err(InvariantViolation::new("LearnedWasChosen", detail));
                }
            }
        }
        Ok(())
    }
}

/// All learners learn the same value.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LearnersAgree<C: Ord = Value> {
    pub(crate) learned: BTreeMap<Slot, (NodeId, C)>,
}

impl<C: Ord> LearnersAgree<C> {
    /// Creates the invariant: nothing has been learned yet.
    pub fn new() -> Self {
        LearnersAgree { learned: BTreeMap::new() }
    }
}

impl<C: Ord> Default for LearnersAgree<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M: Observable> Invariant<M> for LearnersAgree<M::Choice> {
    const COMMUTES: bool = true;

    fn check(&mut self, step: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for said in observations(step).filter(|said| said.kind == ObservationKind::Learned) {
            let first = self.learned.entry(said.slot).or_insert_with(|| (step.node, said.choice.clone()));
            if first.1 != said.choice {
                let (place, learner, second) = (M::place(said.slot), step.node, &said.choice);
                let detail = format!("{place}{} learned {}, and {learner} learned {second}", first.0, first.1);
                return Err(InvariantViolation::new("LearnersAgree", detail));
            }
        }
        Ok(())
    }
}

/// Only a proposed value is chosen (*Paxos Made Simple* §2.1): one that a client requested.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct ChosenWasProposed {
    pub(crate) asked: BTreeSet<Value>,
}

impl<M: Observable> Invariant<M> for ChosenWasProposed {
    const COMMUTES: bool = true;

    fn requested(&mut self, _: NodeId, command: &M::Command) {
        let value = M::wanted(command);
        if !self.asked.contains(value) {
            self.asked.insert(value.clone());
        }
    }

    fn check(&mut self, step: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for said in observations(step) {
            if let Some(value) = M::value(&said.choice).filter(|value| !self.asked.contains(value)) {
                let (place, node) = (M::place(said.slot), step.node);
                let verb = if said.kind == ObservationKind::Accepted { "accepted" } else { "learned" };
                let detail = format!("{place}{node} {verb} {value}, which no client had asked for");
                return Err(InvariantViolation::new("ChosenWasProposed", detail));
            }
        }
        Ok(())
    }
}

/// An acceptor's promise never decreases, not even over a crash (*Paxos Made Simple* §2.2, P1a).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct PromisesNeverDecrease {
    pub(crate) promised: BTreeMap<NodeId, Ballot>,
}

impl<M: Observable> Invariant<M> for PromisesNeverDecrease {
    const COMMUTES: bool = true;

    fn check(&mut self, step: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        let Some(machine) = step.machine() else { return Ok(()) };
        let (now, before) = (machine.promised(), self.promised.get(&step.node).copied());
        match (now, before) {
            (Some(now), _) if Some(now) >= before => {
                self.promised.insert(step.node, now);
                Ok(())
            }
            (None, None) => Ok(()),
            _ => {
                let (node, before, now) = (step.node, DisplayBallot(before), DisplayBallot(now));
                let detail = format!("{node} had promised {before}, and now it stands by {now}");
                Err(InvariantViolation::new("PromisesNeverDecrease", detail))
            }
        }
    }
}

fn observations<'a, M: Observable>(
    step: &StepView<'a, M>,
) -> impl Iterator<Item = Observation<M::Choice>> + use<'a, M> {
    step.facts().filter_map(M::observe)
}
