//! Invariants of Paxos Commit: those of atomic commitment, and one of its own.

use std::collections::{BTreeMap, BTreeSet};

use quorate_paxos::Proposal;
use quorate_protocol::{Invariant, InvariantSummary, InvariantViolation, NodeId, StepView};

use super::message::{Fact, Vote};
use super::node::PaxosCommit;
use crate::command::Outcome;
use crate::id::Txn;
use crate::two_phase::{AmountsAddUp, CommitNeedsEveryYes, EachRequestOnce, SameOutcome, YesStays};

/// One vote per instance (GL §4.2): the acceptors choose at most one vote of each participant, and
/// a leader decides by what they have chosen.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct OneVoteChosen {
    pub(super) participants: BTreeMap<Txn, BTreeSet<NodeId>>,
    /// The acceptors of each vote in its ballot, by transaction and participant.
    pub(super) accepted: BTreeMap<(Txn, NodeId), BTreeMap<Proposal<Vote>, BTreeSet<NodeId>>>,
    pub(super) chosen: BTreeMap<(Txn, NodeId), Vote>,
}

impl OneVoteChosen {
    /// Counts a vote that an acceptor has accepted.
    fn count(
        &mut self,
        acceptor: NodeId,
        instance: (Txn, NodeId),
        vote: Proposal<Vote>,
        majority: usize,
    ) -> Result<(), InvariantViolation> {
        let acceptors = self.accepted.entry(instance).or_default().entry(vote.clone()).or_default();
        acceptors.insert(acceptor);
        if acceptors.len() < majority {
            return Ok(());
        }
        let first = *self.chosen.entry(instance).or_insert(vote.value);
        if first == vote.value {
            return Ok(());
        }
        let (txn, participant) = instance;
        let detail = format!("{first} was chosen for {participant} in {txn}, and now {vote}");
        Err(InvariantViolation::new("OneVoteChosen", detail))
    }

    /// Checks a decision against the chosen votes.
    fn decided(&self, node: NodeId, txn: Txn, outcome: Outcome) -> Result<(), InvariantViolation> {
        let Some(participants) = self.participants.get(&txn) else { return Ok(()) };
        let mut chosen = participants.iter().map(|participant| self.chosen.get(&(txn, *participant)));
        let is_right = match outcome {
            Outcome::Commit => chosen.all(|vote| vote == Some(&Vote::Prepared)),
            Outcome::Abort => chosen.any(|vote| vote == Some(&Vote::Aborted)),
        };
        if is_right {
            return Ok(());
        }
        let detail = format!("{node} has it that {txn} is {outcome}, and the acceptors have not chosen so");
        Err(InvariantViolation::new("OneVoteChosen", detail))
    }
}

impl Invariant<PaxosCommit> for OneVoteChosen {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "OneVoteChosen",
            "The acceptors choose at most one vote of each participant, and a leader decides by what they have chosen.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, PaxosCommit>) -> Result<(), InvariantViolation> {
        for fact in seen.facts() {
            match fact {
                Fact::Began { txn, participants, .. } => {
                    self.participants.insert(*txn, participants.clone());
                }
                Fact::Accepted { txn, ballot, votes } => {
                    let majority = seen.constants.config().quorums().phase_2;
                    for (participant, value) in votes {
                        let vote = Proposal { ballot: *ballot, value: *value };
                        self.count(seen.node, (*txn, *participant), vote, majority)?;
                    }
                }
                Fact::Decided { txn, outcome } => self.decided(seen.node, *txn, *outcome)?,
                Fact::Prepared { .. } | Fact::Finished { .. } => {}
            }
        }
        Ok(())
    }
}

/// All invariants of Paxos Commit.
pub type Safety = (SameOutcome, CommitNeedsEveryYes, YesStays, AmountsAddUp, EachRequestOnce, OneVoteChosen);
