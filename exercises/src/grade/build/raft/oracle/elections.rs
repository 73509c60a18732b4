//! Terms, votes and leaders (Raft §5.1, §5.2, §5.4.1).

use std::collections::BTreeMap;

use quorate_protocol::{InvariantViolation, NodeId, Time};
use quorate_raft::{KeyValue, Message, Position, Term};

/// Record of terms, votes and leaders.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Elections {
    voters: usize,
    /// Intervals in which no node may campaign.
    still: Vec<(Time, Time)>,
    /// Latest term in which each node has sent a message.
    terms: BTreeMap<NodeId, Term>,
    /// Vote of each node; a candidate has voted for itself.
    votes: BTreeMap<(Term, NodeId), NodeId>,
    /// Last log position stated by each candidate.
    stood: BTreeMap<(Term, NodeId), Position>,
    leaderships: BTreeMap<Term, Leadership>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Leadership {
    leader: NodeId,
    since: Time,
    /// Whether it has crashed since.
    fallen: bool,
}

impl Elections {
    pub(super) fn new(voters: usize, still: Vec<(Time, Time)>) -> Self {
        let (terms, votes, stood, leaderships) = Default::default();
        Elections { voters, still, terms, votes, stood, leaderships }
    }

    /// Leader of the latest term, unless it has crashed since its election.
    pub(super) fn leader(&self) -> Option<NodeId> {
        self.leaderships
            .last_key_value()
            .filter(|(_, leadership)| !leadership.fallen)
            .map(|(_, leadership)| leadership.leader)
    }

    /// Whether this is the first term that the node has led.
    pub(super) fn only_led(&self, node: NodeId, term: Term) -> bool {
        self.leaderships
            .iter()
            .find(|(_, leadership)| leadership.leader == node)
            .is_some_and(|(first, _)| *first == term)
    }

    /// Whether a node has ever led.
    pub(super) fn ever_led(&self, node: NodeId) -> bool {
        self.leaderships.values().any(|leadership| leadership.leader == node)
    }

    /// Times at which elections were won.
    pub(super) fn won(&self) -> impl Iterator<Item = Time> {
        self.leaderships.values().map(|leadership| leadership.since)
    }

    /// Records a crash or a restart of a node.
    pub(super) fn falls(&mut self, node: NodeId) {
        self.leaderships
            .values_mut()
            .filter(|leadership| leadership.leader == node)
            .for_each(|leadership| leadership.fallen = true);
    }

    /// Checks the term of a message, which must not be lower than that of the node's earlier
    /// messages.
    pub(super) fn speaks(&mut self, node: NodeId, message: &Message<KeyValue>) -> Result<(), InvariantViolation> {
        let Some(term) = message.term() else { return Ok(()) };
        let before = self.terms.entry(node).or_insert(term);
        if *before > term {
            let detail = format!("{node} sent messages in term {before}, and now sends in the earlier term {term}");
            return Err(InvariantViolation::new("TermsNeverDecrease", detail));
        }
        *before = term;
        Ok(())
    }

    /// Checks a vote, or a candidacy, which is a vote for itself.
    pub(super) fn votes(
        &mut self,
        node: NodeId,
        to: NodeId,
        at: Time,
        message: &Message<KeyValue>,
    ) -> Result<(), InvariantViolation> {
        match message {
            Message::VoteGranted { term } => self.vote(node, to, *term),
            Message::RequestVote(asked) => {
                if let Some((from, _)) = self.still.iter().find(|(from, until)| *from <= at && at <= *until) {
                    let detail = format!(
                        "{node} campaigns for term {}, although since {from} there has been a leader whose messages reach every node",
                        asked.term
                    );
                    return Err(InvariantViolation::new("HealthyLeaderStays", detail));
                }
                self.stood.insert((asked.term, node), asked.last);
                self.vote(node, node, asked.term)
            }
            _ => Ok(()),
        }
    }

    fn vote(&mut self, node: NodeId, candidate: NodeId, term: Term) -> Result<(), InvariantViolation> {
        let first = *self.votes.entry((term, node)).or_insert(candidate);
        if first == candidate {
            return Ok(());
        }
        let detail = format!("{node} has voted for {first} in term {term}, and now votes for {candidate}");
        Err(InvariantViolation::new("OneVotePerTerm", detail))
    }

    /// Checks a won election: by a majority, once in a term, and by a node that has all committed
    /// entries.
    pub(super) fn wins(
        &mut self,
        node: NodeId,
        term: Term,
        at: Time,
        committed: Position,
    ) -> Result<(), InvariantViolation> {
        if let Some(leadership) = self.leaderships.get(&term) {
            let detail =
                format!("{} was elected in term {term}, and now {node} reports its own election", leadership.leader);
            return Err(InvariantViolation::new("ElectionSafety", detail));
        }
        let votes = self.votes.range((term, NodeId(0))..=(term, NodeId(u32::MAX)));
        let votes = votes.filter(|(_, candidate)| **candidate == node).count();
        if votes * 2 <= self.voters {
            let detail =
                format!("{node} reports its election in term {term}, but has {votes} votes of {}", self.voters);
            return Err(InvariantViolation::new("ElectedByMajority", detail));
        }
        let last = self.stood.get(&(term, node)).copied().unwrap_or_default();
        if (last.term, last.index) < (committed.term, committed.index) {
            let detail = format!(
                "{node} is elected in term {term} with a log that ends with {last}, but {committed} is committed"
            );
            return Err(InvariantViolation::new("LeaderCompleteness", detail));
        }
        self.leaderships.insert(term, Leadership { leader: node, since: at, fallen: false });
        Ok(())
    }

    /// Checks that a node acts as leader only in a term that it has won, and without a crash since.
    pub(super) fn leads(&self, node: NodeId, term: Term) -> Result<(), InvariantViolation> {
        if self.leaderships.get(&term).is_some_and(|leadership| leadership.leader == node && !leadership.fallen) {
            return Ok(());
        }
        let detail =
            format!("{node} sends messages as the leader of term {term}, but has not reported its election in it");
        Err(InvariantViolation::new("OnlyLeadersAppend", detail))
    }
}
