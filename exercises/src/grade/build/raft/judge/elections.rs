//! Terms, votes and leaders (Raft §5.1, §5.2, §5.4.1).

use std::collections::BTreeMap;

use quorate_protocol::{Broken, NodeId, Time};
use quorate_raft::{KeyValue, Message, Position, Term};

/// Who spoke in which term, voted for whom, and led.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Elections {
    voters: usize,
    /// Nobody may stand between these.
    still: Vec<(Time, Time)>,
    /// The latest term in which each node has spoken.
    terms: BTreeMap<NodeId, Term>,
    /// Whom each node has voted for; who stands has voted for itself.
    votes: BTreeMap<(Term, NodeId), NodeId>,
    /// What a candidate said of its log.
    stood: BTreeMap<(Term, NodeId), Position>,
    reigns: BTreeMap<Term, Reign>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Reign {
    leader: NodeId,
    since: Time,
    /// It has crashed since.
    fallen: bool,
}

impl Elections {
    pub(super) fn new(voters: usize, still: Vec<(Time, Time)>) -> Self {
        let (terms, votes, stood, reigns) = Default::default();
        Elections { voters, still, terms, votes, stood, reigns }
    }

    /// Who leads the latest term, unless it is down or has forgotten.
    pub(super) fn leader(&self) -> Option<NodeId> {
        self.reigns.last_key_value().filter(|(_, reign)| !reign.fallen).map(|(_, reign)| reign.leader)
    }

    /// Whether a node leads a term, and has led none before.
    pub(super) fn only_led(&self, node: NodeId, term: Term) -> bool {
        self.reigns.iter().find(|(_, reign)| reign.leader == node).is_some_and(|(first, _)| *first == term)
    }

    /// Whether a node has led at any time.
    pub(super) fn ever_led(&self, node: NodeId) -> bool {
        self.reigns.values().any(|reign| reign.leader == node)
    }

    /// When elections were won.
    pub(super) fn won(&self) -> impl Iterator<Item = Time> {
        self.reigns.values().map(|reign| reign.since)
    }

    /// A node is down, or has just started.
    pub(super) fn falls(&mut self, node: NodeId) {
        self.reigns.values_mut().filter(|reign| reign.leader == node).for_each(|reign| reign.fallen = true);
    }

    /// A message is said in a term, which is never lower than that of what was said before.
    pub(super) fn speaks(&mut self, node: NodeId, message: &Message<KeyValue>) -> Result<(), Broken> {
        let Some(term) = message.term() else { return Ok(()) };
        let before = self.terms.entry(node).or_insert(term);
        if *before > term {
            let detail = format!("{node} had spoken in term {before}, and now speaks in term {term}");
            return Err(Broken::new("TermsNeverDecrease", detail));
        }
        *before = term;
        Ok(())
    }

    /// A vote is given, or a candidate stands, which is a vote for itself.
    pub(super) fn votes(
        &mut self,
        node: NodeId,
        to: NodeId,
        at: Time,
        message: &Message<KeyValue>,
    ) -> Result<(), Broken> {
        match message {
            Message::VoteGranted { term } => self.vote(node, to, *term),
            Message::RequestVote(asked) => {
                if let Some((from, _)) = self.still.iter().find(|(from, until)| *from <= at && at <= *until) {
                    let detail = format!(
                        "{node} stands for term {}, and since {from} there has been a leader that everybody hears",
                        asked.term
                    );
                    return Err(Broken::new("HealthyLeaderStays", detail));
                }
                self.stood.insert((asked.term, node), asked.last);
                self.vote(node, node, asked.term)
            }
            _ => Ok(()),
        }
    }

    fn vote(&mut self, node: NodeId, candidate: NodeId, term: Term) -> Result<(), Broken> {
        let first = *self.votes.entry((term, node)).or_insert(candidate);
        if first == candidate {
            return Ok(());
        }
        let detail = format!("{node} has voted for {first} in term {term}, and now votes for {candidate}");
        Err(Broken::new("OneVotePerTerm", detail))
    }

    /// An election is won: by a majority, once in a term, and by somebody who has all that is committed.
    pub(super) fn wins(&mut self, node: NodeId, term: Term, at: Time, committed: Position) -> Result<(), Broken> {
        if let Some(reign) = self.reigns.get(&term) {
            let detail = format!("{} was elected in term {term}, and now {node} says that it is", reign.leader);
            return Err(Broken::new("ElectionSafety", detail));
        }
        let votes = self.votes.range((term, NodeId(0))..=(term, NodeId(u32::MAX)));
        let votes = votes.filter(|(_, candidate)| **candidate == node).count();
        if votes * 2 <= self.voters {
            let detail =
                format!("{node} says that it is elected in term {term}, and has {votes} votes of {}", self.voters);
            return Err(Broken::new("ElectedByMajority", detail));
        }
        let last = self.stood.get(&(term, node)).copied().unwrap_or_default();
        if (last.term, last.index) < (committed.term, committed.index) {
            let detail = format!(
                "{node} is elected in term {term} with a log that ends with {last}, and {committed} is committed"
            );
            return Err(Broken::new("LeaderCompleteness", detail));
        }
        self.reigns.insert(term, Reign { leader: node, since: at, fallen: false });
        Ok(())
    }

    /// Only who was elected in a term, and has not crashed since, speaks as its leader.
    pub(super) fn leads(&self, node: NodeId, term: Term) -> Result<(), Broken> {
        if self.reigns.get(&term).is_some_and(|reign| reign.leader == node && !reign.fallen) {
            return Ok(());
        }
        let detail = format!("{node} speaks as the leader of term {term}, and has not said that it was elected in it");
        Err(Broken::new("OnlyLeadersAppend", detail))
    }
}
