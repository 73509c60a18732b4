//! Invariants over the messages, facts and replies of Paxos machines: each claim is believed, and
//! nodes are held to their earlier claims.
//!
//! The oracle keeps a public record of requests, promises, votes and proposals. Each requirement of
//! *Paxos Made Simple* is an invariant of that record, so a violation is detected when it happens,
//! not only when two values have been chosen.
//!
//! After a crash, a vote may be on a disk although no message has reported it. It counts from its
//! first report.

use std::collections::{BTreeMap, BTreeSet};

use quorate_paxos::{Ballot, Command, Config, Fact, Message, Proposal, Quorums, Reply, Value};
use quorate_protocol::{Effect, Invariant, InvariantViolation, NodeId, StepKind, StepView};

use super::PaxosMachine;

/// Public record of a run.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Oracle {
    quorums: Quorums,
    proposers: Vec<NodeId>,
    acceptors: Vec<NodeId>,
    asked: BTreeSet<Value>,
    /// Highest ballot that each acceptor promised or voted in; a vote implies a promise.
    promised: BTreeMap<NodeId, Ballot>,
    /// Promises for each ballot, by acceptor, with the reported vote.
    reports: BTreeMap<Ballot, BTreeMap<NodeId, Option<Proposal>>>,
    /// Proposed value of each ballot.
    proposed: BTreeMap<Ballot, Value>,
    /// Votes of each ballot, by acceptor. All votes of a ballot are for its proposed value.
    votes: BTreeMap<Ballot, BTreeSet<NodeId>>,
    chosen: Option<Proposal>,
    /// Learners that have reported the chosen value since their last boot.
    knows: BTreeSet<NodeId>,
    messages: u64,
    messages_max: u64,
}

impl Oracle {
    pub(super) fn new(config: &Config, messages_max: u64) -> Self {
        Oracle {
            quorums: config.quorums(),
            proposers: config.proposers().to_vec(),
            acceptors: config.acceptors().to_vec(),
            asked: BTreeSet::new(),
            promised: BTreeMap::new(),
            reports: BTreeMap::new(),
            proposed: BTreeMap::new(),
            votes: BTreeMap::new(),
            chosen: None,
            knows: BTreeSet::new(),
            messages: 0,
            messages_max,
        }
    }

    /// Whether a learner has reported the chosen value, and has not crashed since.
    pub(super) fn knows(&self, learner: NodeId) -> bool {
        self.knows.contains(&learner)
    }

    #[cfg(test)]
    pub(super) fn messages(&self) -> u64 {
        self.messages
    }

    fn fact(&mut self, node: NodeId, fact: &Fact) -> Result<(), InvariantViolation> {
        match fact {
            Fact::Promised { ballot } => self.promises(node, *ballot, self.last_vote(node)),
            Fact::Proposed { ballot, value } => self.proposes(node, *ballot, value),
            Fact::Accepted { ballot, value } => {
                // A vote may be reported again at any time; a new one must not be below the
                // promise.
                if !self.has_voted(node, *ballot) {
                    self.keeps_word(node, *ballot)?;
                }
                self.votes_for(node, *ballot, value)
            }
            Fact::Chosen { ballot, value } => {
                self.says_chosen(node, value, Some(*ballot))?;
                self.knows.insert(node);
                Ok(())
            }
        }
    }

    fn message(&mut self, node: NodeId, message: &Message) -> Result<(), InvariantViolation> {
        self.messages += 1;
        if self.messages > self.messages_max {
            let detail =
                format!("{} messages were sent in this run, and the maximum is {}", self.messages, self.messages_max);
            return Err(InvariantViolation::new("TooManyMessages", detail));
        }
        match message {
            Message::Promise { ballot, accepted } => {
                if let Some(vote) = accepted {
                    self.is_proposal(node, vote.ballot, &vote.value, "reports a vote for")?;
                }
                self.reports_all(node, *ballot, accepted.as_ref())?;
                self.promises(node, *ballot, accepted.clone())
            }
            Message::Accept { ballot, value } => self.proposes(node, *ballot, value),
            Message::Accepted { ballot, value } => self.votes_for(node, *ballot, value),
            Message::Chosen { ballot, value } => self.says_chosen(node, value, Some(*ballot)),
            Message::Prepare { .. } | Message::Refused { .. } | Message::AskAccepted | Message::AskChosen => Ok(()),
        }
    }

    fn reply(&self, node: NodeId, reply: &Reply) -> Result<(), InvariantViolation> {
        match reply {
            Reply::Chosen { value } => self.says_chosen(node, value, None),
            Reply::NotAProposer if self.proposers.contains(&node) => Err(InvariantViolation::new(
                "AnswersAreTrue",
                format!("{node} says that it is not a proposer, but it is one"),
            )),
            Reply::NotAProposer => Ok(()),
        }
    }

    /// P1a for promises: they never decrease, also across crashes.
    fn promises(&mut self, node: NodeId, ballot: Ballot, report: Option<Proposal>) -> Result<(), InvariantViolation> {
        self.keeps_word(node, ballot)?;
        self.promised.insert(node, ballot);
        // A promise repeated after a vote in the same ballot says nothing about votes in lower
        // ballots.
        if report.as_ref().is_none_or(|vote| vote.ballot < ballot) {
            self.reports.entry(ballot).or_default().insert(node, report);
        }
        Ok(())
    }

    fn keeps_word(&self, node: NodeId, ballot: Ballot) -> Result<(), InvariantViolation> {
        match self.promised.get(&node) {
            Some(promised) if ballot < *promised => {
                let detail = format!("{node} has promised {promised}, and now agrees to {ballot}");
                Err(InvariantViolation::new("PromisesAreKept", detail))
            }
            _ => Ok(()),
        }
    }

    /// Phase 1(b): a promise reports the latest vote.
    fn reports_all(&self, node: NodeId, ballot: Ballot, reported: Option<&Proposal>) -> Result<(), InvariantViolation> {
        let Some(vote) = self.last_vote(node) else { return Ok(()) };
        if reported.is_some_and(|reported| reported.ballot >= vote.ballot) {
            return Ok(());
        }
        let reports =
            reported.map_or_else(|| "no vote".to_owned(), |other| format!("only its vote in {}", other.ballot));
        let (last, value) = (vote.ballot, vote.value);
        let detail = format!("{node} promises {ballot} and reports {reports}, but it has voted for {value} in {last}");
        Err(InvariantViolation::new("PromisesReportVotes", detail))
    }

    /// Phase 2(a): a ballot has one proposer and one value, and the value is permitted by a
    /// quorum's reports.
    fn proposes(&mut self, node: NodeId, ballot: Ballot, value: &Value) -> Result<(), InvariantViolation> {
        if ballot.node != node {
            let detail = format!("{node} proposes {value} in {ballot}, which is not its own ballot");
            return Err(InvariantViolation::new("OneValuePerBallot", detail));
        }
        match self.proposed.get(&ballot) {
            Some(before) if before == value => return Ok(()),
            Some(before) => {
                let detail =
                    format!("{node} proposed {before} in {ballot}, and now proposes {value} in the same ballot");
                return Err(InvariantViolation::new("OneValuePerBallot", detail));
            }
            None => {}
        }
        if !self.asked.contains(value) {
            let detail = format!("{node} proposes {value}, which no client requested");
            return Err(InvariantViolation::new("ChosenWasProposed", detail));
        }
        self.is_permitted(node, ballot, value)?;
        self.proposed.insert(ballot, value.clone());
        Ok(())
    }

    /// P2c: there is a quorum of promises whose highest reported vote is for this value, or which
    /// reports no votes.
    fn is_permitted(&self, node: NodeId, ballot: Ballot, value: &Value) -> Result<(), InvariantViolation> {
        let needed = self.quorums.phase_1;
        let reports: Vec<Option<&Proposal>> =
            self.reports.get(&ballot).into_iter().flat_map(BTreeMap::values).map(Option::as_ref).collect();
        if reports.len() < needed {
            let detail =
                format!("{node} proposes {value} in {ballot} with {} promises, but needs {needed}", reports.len());
            return Err(InvariantViolation::new("ProposalsAreSafe", detail));
        }
        let up_to = |limit: Option<Ballot>| reports.iter().filter(|vote| vote.map(|vote| vote.ballot) <= limit).count();
        let bound = reports.iter().flatten().filter(|vote| vote.value == *value).map(|vote| Some(vote.ballot));
        if bound.chain([None]).any(|limit| up_to(limit) >= needed) {
            return Ok(());
        }
        let reported: Vec<String> =
            reports.iter().flatten().map(|vote| format!("{} in {}", vote.value, vote.ballot)).collect();
        let detail = format!("{node} proposes {value} in {ballot}, but its acceptors reported {}", reported.join(", "));
        Err(InvariantViolation::new("ProposalsAreSafe", detail))
    }

    fn is_proposal(&self, node: NodeId, ballot: Ballot, value: &Value, verb: &str) -> Result<(), InvariantViolation> {
        if self.proposed.get(&ballot) == Some(value) {
            return Ok(());
        }
        let detail = format!("{node} {verb} {value} in {ballot}, but no proposer has proposed that value in it");
        Err(InvariantViolation::new("VotesAreForProposals", detail))
    }

    /// Phase 2(b): a vote, and the value chosen by it.
    fn votes_for(&mut self, node: NodeId, ballot: Ballot, value: &Value) -> Result<(), InvariantViolation> {
        if !self.acceptors.contains(&node) {
            return Err(InvariantViolation::new(
                "VotesAreForProposals",
                format!("{node} votes, but it is not an acceptor"),
            ));
        }
        self.is_proposal(node, ballot, value, "votes for")?;
        let voters = self.votes.entry(ballot).or_default();
        voters.insert(node);
        let (votes, first) = (voters.len(), self.promised.entry(node).or_insert(ballot));
        *first = (*first).max(ballot);
        if votes < self.quorums.phase_2 {
            return Ok(());
        }
        match &self.chosen {
            Some(chosen) if chosen.value != *value => {
                let detail = format!("{} was chosen in {}, and {value} in {ballot}", chosen.value, chosen.ballot);
                Err(InvariantViolation::new("AtMostOneChosen", detail))
            }
            Some(_) => Ok(()),
            None => {
                self.chosen = Some(Proposal { ballot, value: value.clone() });
                Ok(())
            }
        }
    }

    /// A claim that a value was chosen must be true.
    fn says_chosen(&self, node: NodeId, value: &Value, ballot: Option<Ballot>) -> Result<(), InvariantViolation> {
        if self.chosen.as_ref().is_some_and(|chosen| chosen.value == *value) {
            return Ok(());
        }
        let (size, place) = (self.quorums.phase_2, ballot.map_or_else(String::new, |ballot| format!(" in {ballot}")));
        let detail =
            format!("{node} reports {value} as chosen{place}, but no {size} acceptors voted for it in one ballot");
        Err(InvariantViolation::new("LearnedWasChosen", detail))
    }

    fn has_voted(&self, node: NodeId, ballot: Ballot) -> bool {
        self.votes.get(&ballot).is_some_and(|voters| voters.contains(&node))
    }

    fn last_vote(&self, node: NodeId) -> Option<Proposal> {
        let (ballot, _) = self.votes.iter().rev().find(|(_, voters)| voters.contains(&node))?;
        Some(Proposal { ballot: *ballot, value: self.proposed.get(ballot)?.clone() })
    }
}

impl<M: PaxosMachine> Invariant<M> for Oracle {
    fn requested(&mut self, _: NodeId, command: &Command) {
        let Command::Propose { value, .. } = command;
        self.asked.insert(value.clone());
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        if seen.kind != StepKind::Step {
            self.knows.remove(&seen.node);
        }
        // A step is atomic: the order of its effects does not matter, so they are checked in the
        // order of the paper.
        for turn in 0..=LAST {
            for effect in seen.out.effects().iter().filter(|effect| place::<M>(effect) == turn) {
                match effect {
                    Effect::Send { message, .. } => self.message(seen.node, message)?,
                    Effect::Reply { reply, .. } => self.reply(seen.node, reply)?,
                    Effect::Emit(fact) => self.fact(seen.node, fact)?,
                    Effect::Persist(_) | Effect::Arm { .. } | Effect::Disarm(_) => {}
                }
            }
        }
        Ok(())
    }
}

/// Order of effects within a step: promises, proposals, votes, chosen values, then all other
/// effects.
fn place<M: PaxosMachine>(effect: &Effect<M>) -> u8 {
    match effect {
        Effect::Emit(Fact::Promised { .. }) => 0,
        Effect::Emit(Fact::Proposed { .. }) | Effect::Send { message: Message::Accept { .. }, .. } => 1,
        Effect::Emit(Fact::Accepted { .. }) => 2,
        Effect::Emit(Fact::Chosen { .. }) => 3,
        _ => LAST,
    }
}

const LAST: u8 = 4;
