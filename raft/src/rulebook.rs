//! The rulebook: each decision of the papers (Raft Figure 2) as a small pure function of
//! [`Rulebook`].
//!
//! [`BY_THE_BOOK`] implements the papers. The other modules are the mechanics around these
//! decisions. A known bug of a Raft implementation is a rulebook with one function replaced, and so
//! is the solution of an exercise.
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

/// The kind of an election (Raft §5.2, dissertation §9.6).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ElectionKind {
    /// The trial election, which changes no node's term.
    PreVote,
    /// The real election.
    Vote,
}

/// An election in a term, held by a candidate; every answer belongs to one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Election {
    /// The kind of election.
    pub kind: ElectionKind,
    /// The term being voted on.
    pub term: Term,
}

/// A candidate that requests a vote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The candidate's id.
    pub node: NodeId,
    /// The term of the election.
    pub term: Term,
    /// The last entry of its log.
    pub last: Position,
}

/// The node whose vote is requested.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Voter {
    /// The voter's current term.
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

/// An AppendEntries request, compared with the follower's log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AppendSpan {
    /// The entry before the new ones; it matches the follower's.
    pub previous: LogIndex,
    /// Number of entries in the request.
    pub count: u64,
    /// The first of them whose index holds an entry of another term in the follower's log.
    pub conflict: Option<LogIndex>,
    /// The follower's last entry.
    pub last: LogIndex,
}

impl AppendSpan {
    /// The last entry that the request covers.
    pub const fn covered(&self) -> LogIndex {
        self.previous.plus(self.count)
    }
}

quorate_protocol::rulebook! {
    /// The decisions of Raft. [`BY_THE_BOOK`] decides as the papers say.
    pub struct Rulebook;

    /// Majority: more than half (Raft §5.2).
    fn majority(count: usize, of: usize) -> bool {
        count * 2 > of
    }

    /// The vote after stepping down: cleared in a new term, kept within a term (Raft §5.1, §5.2).
    fn vote_after_step_down(before: Term, after: Term, vote: Option<NodeId>) -> Option<NodeId> {
        if after == before { vote } else { None }
    }

    // Elections: Raft §5.2, §5.4.1.

    /// Whether to start an election: only with a vote in the newest configuration, or in an earlier
    /// one that may still be restored, because until then the others may need this node's log
    /// (dissertation §4.2.2, Figure 4.6).
    fn may_campaign(votes_in_newest: bool, votes_in_earlier: bool) -> Ruling<RaftRule> {
        if votes_in_newest || votes_in_earlier {
            Allow(RaftRule::ElectionTimeout)
        } else {
            Refuse(RaftRule::WaitWithoutVote)
        }
    }

    /// Compares logs: the later last term is more up to date; with equal terms, the longer log
    /// (Raft §5.4.1).
    fn up_to_date(candidate: Position, mine: Position) -> bool {
        (candidate.term, candidate.index) >= (mine.term, mine.index)
    }

    /// RequestVote, receiver (Raft Figure 2): a current term, no vote for another node in it, an
    /// up-to-date log.
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

    /// Whether a node votes whose own configuration gives it no vote: it does, because it may have
    /// been made a voter without knowing it yet (dissertation §4.2.1).
    fn votes_without_vote() -> bool {
        true
    }

    /// Whether refusing a vote restarts the voter's election timeout: no, only granting one does
    /// (Raft Figure 2, Followers).
    fn refusal_restarts_timeout() -> bool {
        false
    }

    /// Whether an answer counts: only in the election it answers, same kind and same term
    /// (Raft §5.2, dissertation §9.6).
    fn counts_vote(answer: Election, current: Election) -> Ruling<RaftRule> {
        match current.kind {
            _ if answer != current => Refuse(RaftRule::IgnoreStale),
            ElectionKind::Vote => Allow(RaftRule::CountVote),
            ElectionKind::PreVote => Allow(RaftRule::CountPreVote),
        }
    }

    /// Whether the votes win: a majority of the voters; in joint consensus, of each configuration
    /// (Raft §5.2, §6).
    fn elected(rules: &Rulebook, votes: &BTreeSet<NodeId>, membership: &Membership) -> bool {
        membership
            .groups()
            .all(|group| rules.majority(group.iter().filter(|voter| votes.contains(voter)).count(), group.len()))
    }

    /// Pre-vote, receiver: as a vote, but refused while a leader is heard (dissertation §9.6).
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

    /// Whether granting a pre-vote restarts the voter's election timeout: no, because it promises
    /// nothing (dissertation §9.6).
    fn pre_vote_restarts_timeout() -> bool {
        false
    }

    /// Whether to consider a candidate: not while a leader is heard, unless that leader started the
    /// election (dissertation §4.2.3).
    fn considers_candidate(hears_leader: bool, transfer: bool) -> Ruling<RaftRule> {
        if hears_leader && !transfer { Refuse(RaftRule::DisregardCandidate) } else { Allow(RaftRule::AdoptHigherTerm) }
    }

    /// Whether to obey a leader that tells this node to campaign at once: only in the term that it
    /// leads (dissertation §3.10).
    fn obeys_timeout_now(sent: Term, current: Term) -> Ruling<RaftRule> {
        if sent == current { Allow(RaftRule::ObeyTimeoutNow) } else { Refuse(RaftRule::IgnoreStale) }
    }

    /// Whether to keep leading at the end of an election timeout: only if a majority was heard
    /// (dissertation §6.2).
    fn keeps_leading(heard_majority: bool) -> Ruling<RaftRule> {
        if heard_majority { Allow(RaftRule::KeepLeading) } else { Refuse(RaftRule::LoseQuorum) }
    }

    // Replication: Raft §5.3.

    /// Whether to tell a leader of an earlier term that its term is over (Raft §5.1).
    fn answers_stale_leader() -> bool {
        true
    }

    /// The consistency check: the entry before the new ones is in the log, with the same term
    /// (Raft §5.3).
    fn matches(previous: Position, mine: Option<Term>) -> Ruling<RaftRule> {
        match mine {
            None => Refuse(RaftRule::RefuseMissing),
            Some(term) if term != previous.term => Refuse(RaftRule::RefuseConflicting),
            Some(_) => Allow(RaftRule::AppendEntries),
        }
    }

    /// The first entry to remove: the first real conflict, and none without one (Raft Figure 2,
    /// AppendEntries 3).
    fn truncates(span: AppendSpan) -> Option<LogIndex> {
        span.conflict
    }

    /// The match index to acknowledge: what the request covered, not what else is in the log
    /// (Raft §5.3).
    fn acknowledges(span: AppendSpan) -> LogIndex {
        span.covered()
    }

    /// The commit index of a follower: the leader's, but no entry that this request did not cover,
    /// and never lower than before (Raft Figure 2, AppendEntries 5).
    fn follower_commit(commit: LogIndex, leader_commit: LogIndex, span: AppendSpan) -> LogIndex {
        commit.max(leader_commit.min(span.covered()))
    }

    /// Whether an answer counts: only in the term in which it was given (Raft §5.1).
    fn counts_answer(answer: Term, current: Term) -> Ruling<RaftRule> {
        if answer == current { Allow(RaftRule::CountAck) } else { Refuse(RaftRule::IgnoreStale) }
    }

    /// The match index after an acknowledgement. A delayed one must not lower it (Raft Figure 2,
    /// matchIndex).
    fn matched_after_ack(matched: LogIndex, acknowledged: LogIndex) -> LogIndex {
        matched.max(acknowledged)
    }

    /// Whether to act on a refusal: the refused index must be above the match index and, while the
    /// leader is probing, must be the index that it probed (Raft §5.3).
    fn heeds_refusal(refused: LogIndex, matched: LogIndex, probing: Option<LogIndex>) -> Ruling<RaftRule> {
        if refused > matched && probing.is_none_or(|asked| asked == refused) {
            Allow(RaftRule::BackUp)
        } else {
            Refuse(RaftRule::IgnoreOldRefusal)
        }
    }

    /// The next index after a refusal: behind the leader's last entry of the conflicting term if it
    /// has one, else the follower's first entry of that term (end of Raft §5.3).
    fn next_after_refusal(conflict: Conflict, last_of_that_term: Option<LogIndex>) -> LogIndex {
        last_of_that_term.map_or(conflict.first, LogIndex::next)
    }

    // Commitment: Raft §5.3, §5.4.2.

    /// The commit index of a leader when a majority stores everything up to `replicated`: replicas
    /// are counted only for entries of the leader's own term (Raft §5.4.2).
    fn leader_commit(
        commit: LogIndex,
        replicated: LogIndex,
        current: Term,
        term_at: &dyn Fn(LogIndex) -> Option<Term>,
    ) -> LogIndex {
        if replicated > commit && term_at(replicated) == Some(current) { replicated } else { commit }
    }

    /// Whether the leader counts its own log towards a majority: only if it is a voter
    /// (dissertation §4.2.2).
    fn leader_counts_itself(is_voter: bool) -> bool {
        is_voter
    }

    /// Whether to apply a command: only if its session does not know it yet (Raft §8,
    /// dissertation §6.3).
    fn applies(applied_before: bool) -> bool {
        !applied_before
    }

    // Snapshots: Raft §7.

    /// Whether to install a snapshot: only if it covers more than is committed here (Raft §7).
    fn installs(last: LogIndex, commit: LogIndex) -> Ruling<RaftRule> {
        if last > commit { Allow(RaftRule::InstallSnapshot) } else { Refuse(RaftRule::IgnoreOldSnapshot) }
    }

    /// Whether the entries behind a snapshot stay in the log: only if the log has the snapshot's
    /// last entry, with the same term (Raft Figure 13, 6 and 7).
    fn keeps_log_behind_snapshot(last: Position, mine: Option<Term>) -> bool {
        mine == Some(last.term)
    }

    /// The term after installing a snapshot: unchanged, because a snapshot describes the past
    /// (Raft §7).
    fn term_after_snapshot(current: Term, snapshot: Term) -> Term {
        let _ = snapshot;
        current
    }

    // Membership: dissertation ch. 4, Raft §6.

    /// Whether to start a membership change: one at a time (dissertation §4.1), and not before an
    /// entry of the leader's own term is committed (the 2015 fix).
    fn may_change(change_pending: bool, own_term_committed: bool) -> Ruling<RaftRule> {
        if change_pending {
            Refuse(RaftRule::RefuseChangePending)
        } else if !own_term_committed {
            Refuse(RaftRule::RefuseChangeTooEarly)
        } else {
            Allow(RaftRule::StartChange)
        }
    }

    /// The last entry whose configuration is in force on a node: the last of its log, whether or
    /// not it is committed (Raft §6, dissertation §4.1).
    fn configured_up_to(last: LogIndex, commit: LogIndex) -> LogIndex {
        let _ = commit;
        last
    }

    /// Whether the leader leaves the joint configuration for the new one: only once the joint one
    /// is committed (Raft §6).
    fn leaves_joint(committed: bool) -> bool {
        committed
    }

    /// Whether to make a learner a voter: only if it lacks at most `limit` entries
    /// (dissertation §4.2.1).
    fn may_promote(lacks: u64, limit: u64) -> bool {
        lacks <= limit
    }

    // Reads: dissertation §6.4.

    /// Whether to record a read index: only after an entry of the leader's own term is committed;
    /// before that, the leader's commit index may be out of date.
    fn notes_read(own_term_committed: bool) -> Ruling<RaftRule> {
        if own_term_committed { Allow(RaftRule::NoteReadIndex) } else { Refuse(RaftRule::ReadTooEarly) }
    }

    /// Whether to answer a read: once a majority has confirmed the leader since the query arrived,
    /// and the read index is applied.
    fn serves_read(confirmed: bool, applied: LogIndex, read_index: LogIndex) -> bool {
        confirmed && applied >= read_index
    }
}
