//! Rulebooks that break one rule each: known bugs of real implementations. The harsh runs must catch them, which shows
//! that the bug can be said in one method, and that the runs would notice it.

use std::collections::BTreeMap;

use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{self, Allow};
use quorate_raft::{
    Ballot, ByTheBook, Candidate, Conflict, LogIndex, Overlap, Position, RaftRule, Rulebook, Term, Voter, Write,
};

use crate::seeds::{Run, settings};

macro_rules! rulebook {
    ($name:ident, $method:item) => {
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
        pub(crate) struct $name;

        impl Rulebook for $name {
            $method
        }
    };
}

rulebook!(
    StaleVoteReply,
    fn counts_vote(&self, answer: Ballot, standing: Ballot) -> Ruling<RaftRule> {
        ByTheBook.counts_vote(Ballot { term: standing.term, ..answer }, standing)
    }
);
rulebook!(
    PreVoteAsVote,
    fn counts_vote(&self, answer: Ballot, standing: Ballot) -> Ruling<RaftRule> {
        ByTheBook.counts_vote(Ballot { poll: standing.poll, ..answer }, standing)
    }
);
rulebook!(
    StepDownClearsVote,
    fn vote_after_step_down(&self, _: Term, _: Term, _: Option<NodeId>) -> Option<NodeId> {
        None
    }
);
rulebook!(
    VoteNotDurable,
    fn durable_before_answer(&self, write: Write) -> bool {
        write != Write::Vote
    }
);
rulebook!(
    LogNotDurable,
    fn durable_before_answer(&self, write: Write) -> bool {
        write != Write::Log
    }
);
rulebook!(
    IgnoresLogCheck,
    fn up_to_date(&self, _: Position, _: Position) -> bool {
        true
    }
);
rulebook!(
    LengthOnlyCheck,
    fn up_to_date(&self, candidate: Position, mine: Position) -> bool {
        candidate.index >= mine.index
    }
);
rulebook!(
    VotesTwice,
    fn vote(&self, candidate: Candidate, me: Voter) -> Ruling<RaftRule> {
        ByTheBook.vote(candidate, Voter { vote: None, ..me })
    }
);
rulebook!(
    Figure8,
    fn leader_commit(
        &self,
        commit: LogIndex,
        replicated: LogIndex,
        _: Term,
        _: &dyn Fn(LogIndex) -> Option<Term>,
    ) -> LogIndex {
        commit.max(replicated)
    }
);
rulebook!(
    CommitNotMin,
    fn follower_commit(&self, commit: LogIndex, leader_commit: LogIndex, overlap: Overlap) -> LogIndex {
        commit.max(leader_commit.min(overlap.last))
    }
);
rulebook!(
    CommitRegresses,
    fn follower_commit(&self, _: LogIndex, leader_commit: LogIndex, overlap: Overlap) -> LogIndex {
        leader_commit.min(overlap.covered())
    }
);
rulebook!(
    EmptyAppendTruncates,
    fn truncates(&self, overlap: Overlap) -> Option<LogIndex> {
        if overlap.count == 0 { Some(overlap.previous.next()) } else { overlap.conflict }
    }
);
rulebook!(
    TruncateAlways,
    fn truncates(&self, overlap: Overlap) -> Option<LogIndex> {
        Some(overlap.previous.next())
    }
);
rulebook!(
    NeverTruncates,
    fn truncates(&self, _: Overlap) -> Option<LogIndex> {
        None
    }
);
rulebook!(
    AckBeyond,
    fn acknowledges(&self, overlap: Overlap) -> LogIndex {
        overlap.last
    }
);
rulebook!(
    MatchAfterRefusal,
    fn matched_after_refusal(&self, matched: LogIndex, refused: LogIndex, _: Conflict) -> LogIndex {
        matched.max(refused)
    }
);
rulebook!(
    NoConsistencyCheck,
    fn matches(&self, _: Position, mine: Option<Term>) -> Ruling<RaftRule> {
        mine.map_or(Ruling::Refuse(RaftRule::RefuseMissing), |_| Allow(RaftRule::AppendEntries))
    }
);
rulebook!(
    SmallMajority,
    fn majority(&self, count: usize, of: usize) -> bool {
        count * 2 >= of - 1
    }
);
rulebook!(
    SnapshotLowersTerm,
    fn term_after_snapshot(&self, _: Term, snapshot: Term) -> Term {
        snapshot
    }
);
rulebook!(
    DeposedRead,
    fn serves_read(&self, _: bool, applied: LogIndex, read_index: LogIndex) -> bool {
        applied >= read_index
    }
);
rulebook!(
    ReadBeforeOwnCommit,
    fn notes_read(&self, _: bool) -> Ruling<RaftRule> {
        Allow(RaftRule::NoteReadIndex)
    }
);
rulebook!(
    AppliesTwice,
    fn applies(&self, _: bool) -> bool {
        true
    }
);
rulebook!(
    ConfigBeforeCommit,
    fn may_change(&self, _: bool, _: bool) -> Ruling<RaftRule> {
        Allow(RaftRule::StartChange)
    }
);
rulebook!(
    NonvoterCountsItself,
    fn leader_counts_itself(&self, _: bool) -> bool {
        true
    }
);

rulebook!(
    MatchRegresses,
    fn matched_after_ack(&self, _: LogIndex, acknowledged: LogIndex) -> LogIndex {
        acknowledged
    }
);
rulebook!(
    ScanBreaks,
    fn leader_commit(
        &self,
        commit: LogIndex,
        replicated: LogIndex,
        current: Term,
        term_at: &dyn Fn(LogIndex) -> Option<Term>,
    ) -> LogIndex {
        let scan = (commit.0 + 1..=replicated.0).map(LogIndex);
        scan.take_while(|index| term_at(*index) == Some(current)).last().unwrap_or(commit)
    }
);
rulebook!(
    LeaderGrantsPreVote,
    fn pre_vote(&self, candidate: Candidate, me: Voter) -> Ruling<RaftRule> {
        ByTheBook.pre_vote(candidate, Voter { leads: false, hears_leader: false, ..me })
    }
);
rulebook!(
    PreVoteRefreshes,
    fn pre_vote_restarts_timeout(&self) -> bool {
        true
    }
);
rulebook!(
    StuckCandidate,
    fn answers_stale_leader(&self) -> bool {
        false
    }
);
rulebook!(
    PartialConnectivity,
    fn keeps_leading(&self, _: bool) -> Ruling<RaftRule> {
        Allow(RaftRule::KeepLeading)
    }
);

/// The invariant that breaks first, and after how many runs.
fn caught<R: Rulebook>(most: u64) -> Option<(u64, &'static str)> {
    (0..most).find_map(|seed| {
        let members = [3, 5][seed as usize % 2];
        let mut run = Run::<R>::new(seed, members, settings(seed / 2, members));
        run.nodes.strict = false;
        run.trouble(150);
        run.nodes.broken.map(|broken| (seed + 1, broken.invariant))
    })
}

/// These break so easily that random runs find them.
#[test]
fn harsh_runs_notice_broken_rules() {
    let mut catches = BTreeMap::new();
    macro_rules! hunt {
        ($($name:ident)*) => { $(catches.insert(stringify!($name), caught::<$name>(400));)* };
    }
    hunt!(
        PreVoteAsVote LogNotDurable IgnoresLogCheck LengthOnlyCheck VotesTwice CommitRegresses
        EmptyAppendTruncates TruncateAlways NeverTruncates NoConsistencyCheck SmallMajority SnapshotLowersTerm
        DeposedRead ReadBeforeOwnCommit AppliesTwice NonvoterCountsItself
    );
    let missed: Vec<_> = catches.iter().filter(|(_, catch)| catch.is_none()).map(|(name, _)| name).collect();
    assert!(missed.is_empty(), "not noticed: {missed:?} of {catches:?}");
    assert_eq!(caught::<ByTheBook>(40), None);
}
