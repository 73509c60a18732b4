//! Bugs of Raft, most of them found in real implementations.

use std::collections::BTreeSet;

use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{self, Allow};
use quorate_raft::{
    Ballot, ByTheBook, Candidate, Conflict, LogIndex, Membership, Overlap, Position, RaftRule, Rulebook, Term, Voter,
    Write,
};

use crate::Breaks::{Invariant, Progress};
use crate::Found::{Search, Seed, Stages, Story};

shelf! {
    $
    /// The rulebook of Raft: to the letter, or with one bug.
    pub enum Book;

    Figure8 = "figure-8" of Raft {
        says: "A leader commits an entry of an earlier term by counting its copies.",
        story: "An old entry reaches a majority and is called committed. The next leader has a newer last term and never saw it: it overwrites the entry everywhere.",
        source: "Raft §5.4.2, Figure 8; PySyncObj#169",
        breaks: Invariant("LeaderCompleteness"),
        needs: "5 nodes (or 3 and three terms), 2 crashes",
        found: Stages { steps: 18 },
        instead: "HoldEarlierTerm",
        fn leader_commit(
            &self,
            commit: LogIndex,
            replicated: LogIndex,
            _: Term,
            _: &dyn Fn(LogIndex) -> Option<Term>,
        ) -> LogIndex {
            commit.max(replicated)
        }
    }

    StaleVoteReply = "stale-vote-reply" of Raft {
        says: "A vote of an earlier term is counted.",
        story: "The answer to a candidate's first election comes in its second. Its voter has voted for another since: two leaders of one term.",
        source: "Xraft#33",
        breaks: Invariant("ElectionSafety"),
        needs: "3 nodes, 2 terms",
        found: Search { steps: 7 },
        instead: "IgnoreStale",
        fn counts_vote(&self, answer: Ballot, standing: Ballot) -> Ruling<RaftRule> {
            ByTheBook.counts_vote(Ballot { term: standing.term, ..answer }, standing)
        }
    }

    StepDownClearsVote = "step-down-clears-vote" of Raft {
        says: "Stepping down within a term clears the vote.",
        story: "A candidate follows the leader of its own term, forgets that it voted for itself, and votes a second time in that term.",
        source: "CCF #5891, #8094",
        breaks: Invariant("OneVotePerTerm"),
        needs: "5 nodes, 1 term",
        found: Search { steps: 10 },
        instead: "RefuseVoteGiven",
        fn vote_after_step_down(&self, _: Term, _: Term, _: Option<NodeId>) -> Option<NodeId> {
            None
        }
    }

    PreVoteAsVote = "prevote-as-vote" of Raft {
        says: "A pre-vote is taken for a vote.",
        story: "A pre-vote promises nothing, and one that comes late is counted in the election after it: its sender has voted for another.",
        source: "canonical/raft #196",
        breaks: Invariant("ElectionSafety"),
        needs: "3 nodes with PreVote",
        found: Search { steps: 10 },
        instead: "IgnoreStale",
        fn counts_vote(&self, answer: Ballot, standing: Ballot) -> Ruling<RaftRule> {
            ByTheBook.counts_vote(Ballot { poll: standing.poll, ..answer }, standing)
        }
    }

    VoteNotDurable = "vote-not-durable" of Raft {
        says: "The vote is not on disk when it is given.",
        story: "A voter restarts, has forgotten whom it voted for, and votes again in the same term.",
        source: "Raft Figure 2, State",
        breaks: Invariant("OneVotePerTerm"),
        needs: "3 nodes, a restart",
        found: Search { steps: 5 },
        instead: "RefuseVoteGiven",
        fn durable_before_answer(&self, write: Write) -> bool {
            write != Write::Vote
        }
    }

    LogNotDurable = "log-not-durable" of Raft {
        says: "Entries are acknowledged before they are on disk.",
        story: "The leader counts the copy and commits; the follower restarts without it, and elects somebody who lacks it, too.",
        source: "ZOOKEEPER-4646",
        breaks: Invariant("LeaderCompleteness"),
        needs: "3 nodes, a restart",
        found: Search { steps: 10 },
        instead: "CountAck",
        fn durable_before_answer(&self, write: Write) -> bool {
            write != Write::Log
        }
    }

    IgnoresLogCheck = "ignores-log-check" of Raft {
        says: "Votes are given without a look at the candidate's log.",
        story: "A node that missed the committed entries is elected, and its log becomes everybody's.",
        source: "Raft §5.4.1",
        breaks: Invariant("LeaderCompleteness"),
        needs: "3 nodes, 2 terms",
        found: Search { steps: 8 },
        instead: "RefuseVoteOutdated",
        fn up_to_date(&self, _: Position, _: Position) -> bool {
            true
        }
    }

    LengthOnlyCheck = "length-only-check" of Raft {
        says: "The longer log counts as more up to date, whatever its last term.",
        story: "A deposed leader's long tail of entries that nobody has beats a shorter log with the committed one.",
        source: "Raft §5.4.1",
        breaks: Invariant("LeaderCompleteness"),
        needs: "3 nodes, 3 terms",
        found: Stages { steps: 12 },
        instead: "RefuseVoteOutdated",
        fn up_to_date(&self, candidate: Position, mine: Position) -> bool {
            candidate.index >= mine.index
        }
    }

    CommitNotMin = "commit-not-min" of Raft {
        says: "A follower commits as far as the leader has, without regard to what the append covered.",
        story: "A heartbeat matches at entry 1 and says that 2 is committed. The follower's own entry 2 is another one, and it applies that.",
        source: "copycat #265, scylla #9965",
        breaks: Invariant("StateMachineSafety"),
        needs: "3 nodes whose leaders probe before they send entries, 3 terms",
        found: Stages { steps: 16 },
        instead: "FollowCommit",
        fn follower_commit(&self, commit: LogIndex, leader_commit: LogIndex, overlap: Overlap) -> LogIndex {
            commit.max(leader_commit.min(overlap.last))
        }
    }

    CommitRegresses = "commit-regresses" of Raft {
        says: "A late append sets the commit index back.",
        story: "The follower takes over the leader's commit index as it was when the message was sent, though it has heard of a later one.",
        source: "PySyncObj#166",
        breaks: Invariant("MonotoneCommit"),
        needs: "2 nodes, a late message",
        found: Search { steps: 8 },
        instead: "HaveEntries",
        fn follower_commit(&self, _: LogIndex, leader_commit: LogIndex, overlap: Overlap) -> LogIndex {
            leader_commit.min(overlap.covered())
        }
    }

    MatchRegresses = "match-regresses" of Raft {
        says: "A late acknowledgement lowers what the leader knows of a follower.",
        story: "Acknowledgements overtake each other. Taken at their word, they make the leader send again what the follower has, and count fewer copies than there are.",
        source: "RaftOS#25",
        breaks: Invariant("MatchNeverDecreases"),
        needs: "3 nodes, a late answer",
        found: Search { steps: 9 },
        instead: "CountAck",
        fn matched_after_ack(&self, _: LogIndex, acknowledged: LogIndex) -> LogIndex {
            acknowledged
        }
    }

    EmptyAppendTruncates = "empty-append-truncates" of Raft {
        says: "An append without entries cuts the log off behind the entry that it names.",
        story: "A heartbeat is delayed. When it comes the follower has acknowledged more, and throws that away.",
        source: "RaftOS#26",
        breaks: Invariant("MonotoneCommit"),
        needs: "3 nodes, a late heartbeat",
        found: Stages { steps: 12 },
        instead: "HaveEntries",
        fn truncates(&self, overlap: Overlap) -> Option<LogIndex> {
            if overlap.count == 0 { Some(overlap.previous.next()) } else { overlap.conflict }
        }
    }

    TruncateAlways = "truncate-always" of Raft {
        says: "Every append cuts off what follows the entry that it names, conflict or not.",
        story: "Two appends overtake each other. The earlier one, which comes last, removes entries that are acknowledged and perhaps committed.",
        source: "Raft Figure 2, AppendEntries 3",
        breaks: Invariant("MonotoneCommit"),
        needs: "3 nodes, a late append",
        found: Search { steps: 11 },
        instead: "HaveEntries",
        fn truncates(&self, overlap: Overlap) -> Option<LogIndex> {
            Some(overlap.previous.next())
        }
    }

    AckBeyond = "ack-beyond" of Raft {
        says: "A follower acknowledges its whole log, not what the append covered.",
        story: "Behind the entry that matched it has a tail of its own. The leader takes that for its own entries, and commits them.",
        source: "CCF #6016",
        breaks: Invariant("LeaderCompleteness"),
        needs: "3 nodes whose leaders probe before they send entries, 4 terms",
        found: Stages { steps: 15 },
        instead: "CountAck",
        fn acknowledges(&self, overlap: Overlap) -> LogIndex {
            overlap.last
        }
    }

    StaleNackRollback = "stale-nack-rollback" of Raft {
        says: "A refusal moves the leader's idea of what the follower has.",
        story: "The leader reads a refusal as if the follower agreed up to there, and calls committed what nobody else has. The next leader rolls it back.",
        source: "CCF #6016",
        breaks: Invariant("LeaderCompleteness"),
        needs: "3 nodes, 2 terms",
        found: Stages { steps: 12 },
        instead: "BackUp",
        fn matched_after_refusal(&self, matched: LogIndex, refused: LogIndex, _: Conflict) -> LogIndex {
            matched.max(refused)
        }
    }

    LeaderGrantsPreVote = "leader-grants-prevote" of Raft {
        says: "Pre-votes are granted although a leader is alive and heard.",
        story: "A node that was cut off comes back and asks. Everybody, the leader included, lets it stand, and a healthy leader is deposed.",
        source: "DaosRaft#70",
        breaks: Progress("a healthy leader does not stay"),
        needs: "3 nodes with PreVote",
        found: Story { scenario: "raft/prevote-keeps-leader", commands: 8 },
        instead: "RefusePreVoteLeader",
        fn pre_vote(&self, candidate: Candidate, me: Voter) -> Ruling<RaftRule> {
            ByTheBook.pre_vote(candidate, Voter { leads: false, hears_leader: false, ..me })
        }
    }

    PreVoteRefreshes = "prevote-refreshes" of Raft {
        says: "Granting a pre-vote counts as having heard a leader.",
        story: "Whoever grants waits anew, though nobody leads. Nodes that keep asking in vain keep the others from standing.",
        source: "hashicorp/raft #609",
        breaks: Progress("no leader is elected"),
        needs: "3 nodes with PreVote",
        found: Story { scenario: "raft/prevote-in-vain", commands: 28 },
        instead: "StartPreVote",
        fn pre_vote_restarts_timeout(&self) -> bool {
            true
        }
    }

    StuckCandidate = "stuck-candidate" of Raft {
        says: "A leader of an earlier term gets no answer.",
        story: "With CheckQuorum and without PreVote, a node whose term is ahead is not listened to, and listens to nobody. If it does not say so, it stays out for ever.",
        source: "etcd",
        breaks: Progress("a node never comes back into the cluster"),
        needs: "3 nodes with CheckQuorum, without PreVote",
        found: Story { scenario: "raft/one-way-partition", commands: 11 },
        instead: "AdoptHigherTerm",
        fn answers_stale_leader(&self) -> bool {
            false
        }
    }

    ScanBreaks = "scan-breaks" of Raft {
        says: "The search for the commit index breaks off at an entry of an earlier term.",
        story: "It should pass over it. After the first change of leaders nothing is ever committed again.",
        source: "RaftOS#30",
        breaks: Progress("nothing is committed any more"),
        needs: "3 nodes, 2 terms",
        found: Seed { nodes: 3, seed: 8, faults: "none,crashes=1", things: 2 },
        instead: "CommitByCounting",
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
    }

    ConfigBeforeCommit = "config-before-commit" of Raft {
        says: "The members change before the leader has committed an entry of its own term.",
        story: "Two leaders each begin a change that the other does not know, from the same configuration. The majorities of the two results need not meet.",
        source: "Ongaro, raft-dev 2015",
        breaks: Invariant("LeaderCompleteness"),
        needs: "5 nodes, 2 changes, 3 terms",
        found: Stages { steps: 18 },
        instead: "RefuseChangeTooEarly",
        fn may_change(&self, _: bool, _: bool) -> Ruling<RaftRule> {
            Allow(RaftRule::StartChange)
        }
    }

    NonvoterCountsItself = "nonvoter-counts-itself" of Raft {
        says: "A leader without a vote counts its own log towards the majority.",
        story: "It removes itself and leads until that is committed. With its own copy it needs one fewer of the others than a majority.",
        source: "RedisLabs/raft #13",
        breaks: Invariant("LeaderCompleteness"),
        needs: "3 nodes, a removal",
        found: Seed { nodes: 3, seed: 56, faults: "none,crashes=4,outage=100ms", things: 1 },
        instead: "HearLeader",
        fn leader_counts_itself(&self, _: bool) -> bool {
            true
        }
    }

    SnapshotLowersTerm = "snapshot-lowers-term" of Raft {
        says: "Loading a snapshot sets the current term to the snapshot's.",
        story: "The node goes back to a term in which it has voted before, and can vote there again.",
        source: "WRaft#118",
        breaks: Invariant("MonotoneTerm"),
        needs: "3 nodes with snapshots",
        found: Stages { steps: 14 },
        instead: "InstallSnapshot",
        fn term_after_snapshot(&self, _: Term, snapshot: Term) -> Term {
            snapshot
        }
    }

    DeposedRead = "deposed-read" of Raft {
        says: "A leader answers reads without making sure that it still leads.",
        story: "It has been deposed and does not know. The new leader has committed more, and the old one answers from the past.",
        source: "etcd 0.4.1",
        breaks: Invariant("FreshReads"),
        needs: "3 nodes, a partition",
        found: Stages { steps: 14 },
        instead: "NoteReadIndex",
        fn serves_read(&self, _: bool, applied: LogIndex, read_index: LogIndex) -> bool {
            applied >= read_index
        }
    }

    ReadBeforeOwnCommit = "read-before-own-commit" of Raft {
        says: "A new leader notes a read index before it has committed an entry of its own term.",
        story: "Its predecessor had committed more than it knows of. The round of heartbeats confirms that it leads, and not that it knows.",
        source: "Ongaro's dissertation §6.4",
        breaks: Invariant("FreshReads"),
        needs: "3 nodes, 2 terms",
        found: Stages { steps: 13 },
        instead: "ReadTooEarly",
        fn notes_read(&self, _: bool) -> Ruling<RaftRule> {
            Allow(RaftRule::NoteReadIndex)
        }
    }

    PartialConnectivity = "partial-connectivity" of Raft {
        says: "A leader that has lost its majority goes on leading.",
        story: "All reach only A, and A still hears the old leader C, which reaches nobody else. As long as C does not step down A does not stand, and nothing is committed.",
        source: "Cloudflare 2020; Omni-Paxos",
        breaks: Progress("nothing is committed, though A reaches everybody"),
        needs: "5 nodes, a partial partition",
        found: Story { scenario: "raft/partial-connectivity", commands: 15 },
        instead: "LoseQuorum",
        fn keeps_leading(&self, _: bool) -> Ruling<RaftRule> {
            Allow(RaftRule::KeepLeading)
        }
    }
}

decisions! {
    fn majority(count: usize, of: usize) -> bool;
    fn durable_before_answer(write: Write) -> bool;
    fn vote_after_step_down(before: Term, after: Term, vote: Option<NodeId>) -> Option<NodeId>;
    fn may_stand(votes_in_newest: bool, votes_in_earlier: bool) -> Ruling<RaftRule>;
    fn up_to_date(candidate: Position, mine: Position) -> bool;
    fn vote(candidate: Candidate, me: Voter) -> Ruling<RaftRule>;
    fn counts_vote(answer: Ballot, standing: Ballot) -> Ruling<RaftRule>;
    fn elected(votes: &BTreeSet<NodeId>, membership: &Membership) -> bool;
    fn pre_vote(candidate: Candidate, me: Voter) -> Ruling<RaftRule>;
    fn pre_vote_restarts_timeout() -> bool;
    fn heeds_candidate(hears_leader: bool, transfer: bool) -> Ruling<RaftRule>;
    fn keeps_leading(heard_majority: bool) -> Ruling<RaftRule>;
    fn answers_stale_leader() -> bool;
    fn matches(previous: Position, mine: Option<Term>) -> Ruling<RaftRule>;
    fn truncates(overlap: Overlap) -> Option<LogIndex>;
    fn acknowledges(overlap: Overlap) -> LogIndex;
    fn follower_commit(commit: LogIndex, leader_commit: LogIndex, overlap: Overlap) -> LogIndex;
    fn counts_answer(answer: Term, current: Term) -> Ruling<RaftRule>;
    fn matched_after_ack(matched: LogIndex, acknowledged: LogIndex) -> LogIndex;
    fn matched_after_refusal(matched: LogIndex, refused: LogIndex, conflict: Conflict) -> LogIndex;
    fn heeds_refusal(refused: LogIndex, matched: LogIndex, probing: Option<LogIndex>) -> Ruling<RaftRule>;
    fn next_after_refusal(conflict: Conflict, last_of_that_term: Option<LogIndex>) -> LogIndex;
    fn leader_commit(commit: LogIndex, replicated: LogIndex, current: Term, term_at: &dyn Fn(LogIndex) -> Option<Term>) -> LogIndex;
    fn leader_counts_itself(is_voter: bool) -> bool;
    fn applies(applied_before: bool) -> bool;
    fn installs(last: LogIndex, commit: LogIndex) -> Ruling<RaftRule>;
    fn term_after_snapshot(current: Term, snapshot: Term) -> Term;
    fn may_change(change_pending: bool, own_term_committed: bool) -> Ruling<RaftRule>;
    fn may_promote(lacks: u64, limit: u64) -> bool;
    fn notes_read(own_term_committed: bool) -> Ruling<RaftRule>;
    fn serves_read(confirmed: bool, applied: LogIndex, read_index: LogIndex) -> bool;
}
