//! Figure 2 as code: every decision of the papers is one small pure function of the [`Rulebook`].
//!
//! [`BY_THE_BOOK`] *is* the papers. The other files are the mechanics around these decisions. A known bug of a Raft
//! implementation is a rulebook with another function in one place, and so is the answer to an exercise.
//!
//! ```
//! use quorate_protocol::{NodeId, Ruling};
//! use quorate_raft::{BY_THE_BOOK, Candidate, Position, RaftRule, Rulebook, Term, Voter};
//!
//! // A classical bug: the longer log wins, whatever its last term.
//! const LENGTH_ONLY: Rulebook = Rulebook { up_to_date: |candidate, mine| candidate.index >= mine.index, ..BY_THE_BOOK };
//!
//! let (long_and_old, short_and_new) = (Position::new(5, 1), Position::new(2, 3));
//! assert!(!BY_THE_BOOK.up_to_date(long_and_old, short_and_new));
//! assert!(LENGTH_ONLY.up_to_date(long_and_old, short_and_new));
//!
//! // What uses the decision decides otherwise, too: this candidate gets the vote.
//! let candidate = Candidate { node: NodeId(1), term: Term(4), last: long_and_old };
//! let me = Voter { term: Term(4), vote: None, last: short_and_new, hears_leader: false, leads: false };
//! assert_eq!(BY_THE_BOOK.vote(candidate, me), Ruling::Refuse(RaftRule::RefuseVoteOutdated));
//! assert_eq!(LENGTH_ONLY.vote(candidate, me), Ruling::Allow(RaftRule::GrantVote));
//! ```

use std::collections::BTreeSet;

use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{self, Allow, Refuse};

use crate::membership::Membership;
use crate::message::Conflict;
use crate::position::{LogIndex, Position, Term};
use crate::rules::RaftRule;

/// The two kinds of election (Raft §5.2, dissertation §9.6).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Poll {
    /// The trial run, which changes nobody's term.
    PreVote,
    /// The real one.
    Vote,
}

/// A poll in a term: what a candidate holds, and what an answer belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ballot {
    /// Which kind.
    pub poll: Poll,
    /// The term that is voted on.
    pub term: Term,
}

/// A candidate who asks for a vote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// Who.
    pub node: NodeId,
    /// The term it stands for.
    pub term: Term,
    /// The last entry of its log.
    pub last: Position,
}

/// The node whose vote is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Voter {
    /// Its term.
    pub term: Term,
    /// Its vote in that term.
    pub vote: Option<NodeId>,
    /// The last entry of its log.
    pub last: Position,
    /// Whether it has heard the leader within the minimum election timeout.
    pub hears_leader: bool,
    /// Whether it is the leader.
    pub leads: bool,
}

/// An append, seen beside the follower's log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Overlap {
    /// The entry before the new ones; it matches.
    pub previous: LogIndex,
    /// How many entries it carries.
    pub count: u64,
    /// The first of them that the follower has with another term.
    pub conflict: Option<LogIndex>,
    /// The follower's last entry.
    pub last: LogIndex,
}

impl Overlap {
    /// The last entry that the append speaks of.
    pub const fn covered(&self) -> LogIndex {
        self.previous.plus(self.count)
    }
}

quorate_protocol::rulebook! {
    /// Raft's decisions. [`BY_THE_BOOK`] is what the papers say.
    pub struct Rulebook;

    /// More than half (Raft §5.2).
    fn majority(count: usize, of: usize) -> bool {
        count * 2 > of
    }

    /// The vote after a step down: gone with the old term, kept within a term (Raft §5.1, §5.2).
    fn vote_after_step_down(before: Term, after: Term, vote: Option<NodeId>) -> Option<NodeId> {
        if after == before { vote } else { None }
    }

    // Elections: Raft §5.2, §5.4.1.

    /// Stand for election: with a vote in the newest configuration, or in an earlier one that is not known to be replaced
    /// for good, because until then the others may need this node's log (dissertation §4.2.2, Figure 4.6).
    fn may_stand(votes_in_newest: bool, votes_in_earlier: bool) -> Ruling<RaftRule> {
        if votes_in_newest || votes_in_earlier {
            Allow(RaftRule::ElectionTimeout)
        } else {
            Refuse(RaftRule::WaitWithoutVote)
        }
    }

    /// The later last term is more up to date; with equal terms the longer log (Raft §5.4.1).
    fn up_to_date(candidate: Position, mine: Position) -> bool {
        (candidate.term, candidate.index) >= (mine.term, mine.index)
    }

    /// RequestVote, receiver (Raft Figure 2): the current term, no other vote in it, an up-to-date log.
    fn vote(rules: &Rulebook, candidate: Candidate, me: Voter) -> Ruling<RaftRule> {
        if candidate.term < me.term {
            Refuse(RaftRule::RefuseVoteStaleTerm)
        } else if me.vote.is_some_and(|vote| vote != candidate.node) {
            Refuse(RaftRule::RefuseVoteGiven)
        } else if !rules.up_to_date(candidate.last, me.last) {
            Refuse(RaftRule::RefuseVoteOutdated)
        } else {
            Allow(RaftRule::GrantVote)
        }
    }

    /// An answer counts only in the very poll it answers: same kind, same term (Raft §5.2, dissertation §9.6).
    fn counts_vote(answer: Ballot, standing: Ballot) -> Ruling<RaftRule> {
        match standing.poll {
            _ if answer != standing => Refuse(RaftRule::IgnoreStale),
            Poll::Vote => Allow(RaftRule::CountVote),
            Poll::PreVote => Allow(RaftRule::CountPreVote),
        }
    }

    /// Elected by a majority of the voters; in joint consensus by a majority of each configuration (Raft §5.2, §6).
    fn elected(rules: &Rulebook, votes: &BTreeSet<NodeId>, membership: &Membership) -> bool {
        membership
            .groups()
            .all(|group| rules.majority(group.iter().filter(|voter| votes.contains(voter)).count(), group.len()))
    }

    /// A pre-vote: as a vote, but not while a leader is heard (dissertation §9.6).
    fn pre_vote(rules: &Rulebook, candidate: Candidate, me: Voter) -> Ruling<RaftRule> {
        if me.leads || me.hears_leader {
            Refuse(RaftRule::RefusePreVoteLeader)
        } else if candidate.term <= me.term {
            Refuse(RaftRule::RefusePreVoteStaleTerm)
        } else if !rules.up_to_date(candidate.last, me.last) {
            Refuse(RaftRule::RefusePreVoteOutdated)
        } else {
            Allow(RaftRule::GrantPreVote)
        }
    }

    /// Whether granting a pre-vote restarts the voter's election timeout: no, nothing has been promised (dissertation §9.6).
    fn pre_vote_restarts_timeout() -> bool {
        false
    }

    /// Listen to a candidate: not while a leader is heard, unless that leader sent it (dissertation §4.2.3).
    fn heeds_candidate(hears_leader: bool, transfer: bool) -> Ruling<RaftRule> {
        if hears_leader && !transfer { Refuse(RaftRule::DisregardCandidate) } else { Allow(RaftRule::AdoptHigherTerm) }
    }

    /// Go on leading at the end of an election timeout: only if a majority was heard (dissertation §6.2).
    fn keeps_leading(heard_majority: bool) -> Ruling<RaftRule> {
        if heard_majority { Allow(RaftRule::KeepLeading) } else { Refuse(RaftRule::LoseQuorum) }
    }

    // Replication: Raft §5.3.

    /// Tell a leader of an earlier term that it is over (Raft §5.1).
    fn answers_stale_leader() -> bool {
        true
    }

    /// The consistency check: the entry before the new ones is here, with the same term (Raft §5.3).
    fn matches(previous: Position, mine: Option<Term>) -> Ruling<RaftRule> {
        match mine {
            None => Refuse(RaftRule::RefuseMissing),
            Some(term) if term != previous.term => Refuse(RaftRule::RefuseConflicting),
            Some(_) => Allow(RaftRule::AppendEntries),
        }
    }

    /// From where to remove entries: from the first real conflict, and not without one (Raft Figure 2, AppendEntries 3).
    fn truncates(overlap: Overlap) -> Option<LogIndex> {
        overlap.conflict
    }

    /// What to acknowledge: what the append covered, not what else is in the log (Raft §5.3).
    fn acknowledges(overlap: Overlap) -> LogIndex {
        overlap.covered()
    }

    /// What a follower commits: the leader's commit index, but nothing that this append did not cover, and
    /// never less than before (Raft Figure 2, AppendEntries 5).
    fn follower_commit(commit: LogIndex, leader_commit: LogIndex, overlap: Overlap) -> LogIndex {
        commit.max(leader_commit.min(overlap.covered()))
    }

    /// An answer counts only in the term it was given (Raft §5.1).
    fn counts_answer(answer: Term, current: Term) -> Ruling<RaftRule> {
        if answer == current { Allow(RaftRule::CountAck) } else { Refuse(RaftRule::IgnoreStale) }
    }

    /// How far a follower agrees after an acknowledgement. Late ones must not lower it (Raft Figure 2, matchIndex).
    fn matched_after_ack(matched: LogIndex, acknowledged: LogIndex) -> LogIndex {
        matched.max(acknowledged)
    }

    /// A refusal is news if nothing since has settled the index: it is above what is known to agree, and while
    /// the leader is still looking for the place, it is the one that was asked (Raft §5.3).
    fn heeds_refusal(refused: LogIndex, matched: LogIndex, probing: Option<LogIndex>) -> Ruling<RaftRule> {
        if refused > matched && probing.is_none_or(|asked| asked == refused) {
            Allow(RaftRule::BackUp)
        } else {
            Refuse(RaftRule::IgnoreOldRefusal)
        }
    }

    /// Where to try next: behind the leader's last entry of the conflicting term if it has one, else at the follower's
    /// first entry of that term (end of Raft §5.3).
    fn next_after_refusal(conflict: Conflict, last_of_that_term: Option<LogIndex>) -> LogIndex {
        last_of_that_term.map_or(conflict.first, LogIndex::next)
    }

    // Commitment: Raft §5.3, §5.4.2.

    /// What a leader may call committed, when a majority holds all up to `replicated`: it counts replicas only for
    /// entries of its own term (Raft §5.4.2).
    fn leader_commit(
        commit: LogIndex,
        replicated: LogIndex,
        current: Term,
        term_at: &dyn Fn(LogIndex) -> Option<Term>,
    ) -> LogIndex {
        if replicated > commit && term_at(replicated) == Some(current) { replicated } else { commit }
    }

    /// Whether the leader counts its own log towards a majority: only with a vote (dissertation §4.2.2).
    fn leader_counts_itself(is_voter: bool) -> bool {
        is_voter
    }

    /// Apply a command only if its session does not know it yet (Raft §8, dissertation §6.3).
    fn applies(applied_before: bool) -> bool {
        !applied_before
    }

    // Snapshots: Raft §7.

    /// Install a snapshot only if it holds more than is committed here (Raft §7).
    fn installs(last: LogIndex, commit: LogIndex) -> Ruling<RaftRule> {
        if last > commit { Allow(RaftRule::InstallSnapshot) } else { Refuse(RaftRule::IgnoreOldSnapshot) }
    }

    /// The term after a snapshot has been installed: a snapshot is the past and does not change it (Raft §7).
    fn term_after_snapshot(current: Term, snapshot: Term) -> Term {
        let _ = snapshot;
        current
    }

    // Membership: dissertation ch. 4, Raft §6.

    /// Start a change: one at a time (dissertation §4.1), and not before an entry of the leader's own term is committed (the 2015 fix).
    fn may_change(change_pending: bool, own_term_committed: bool) -> Ruling<RaftRule> {
        if change_pending {
            Refuse(RaftRule::RefuseChangePending)
        } else if !own_term_committed {
            Refuse(RaftRule::RefuseChangeTooEarly)
        } else {
            Allow(RaftRule::StartChange)
        }
    }

    /// Make a learner a voter: when it lacks no more than so many entries (dissertation §4.2.1).
    fn may_promote(lacks: u64, limit: u64) -> bool {
        lacks <= limit
    }

    // Reads: dissertation §6.4.

    /// Note a read index: only after an entry of the leader's own term is committed, else its commit index may be old.
    fn notes_read(own_term_committed: bool) -> Ruling<RaftRule> {
        if own_term_committed { Allow(RaftRule::NoteReadIndex) } else { Refuse(RaftRule::ReadTooEarly) }
    }

    /// Answer a read: once a majority has confirmed the leader since the question came, and its index is applied.
    fn serves_read(confirmed: bool, applied: LogIndex, read_index: LogIndex) -> bool {
        confirmed && applied >= read_index
    }
}
