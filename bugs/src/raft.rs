//! Bugs of Raft, most of them found in real implementations.

use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{self, Allow};
use quorate_raft::{AppendSpan, BY_THE_BOOK, Candidate, Election, LogIndex, Position, RaftRule, Rulebook, Term, Voter};

use crate::Breaks::{Invariant, Progress};
use crate::Discovery::{Scenario, Search, Seed, Stages};

pub mod careless;

bugs! {
    /// Rulebook of Raft: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    FIGURE_8 = "figure-8" of Raft {
        summary: "A leader commits an entry of an earlier term by counting its copies.",
        story: "n1 leads term 1 and n2 leads term 2, and each keeps an entry that no other node has. n1 leads term 3 and sends its old entry to n3: that is a majority, and n1 counts it as committed. n2, whose last entry is of term 2, is elected for term 4 with the vote of n3, and will overwrite the committed entry everywhere.",
        source: "Raft §5.4.2, Figure 8; PySyncObj#169",
        breaks: Invariant("LeaderCompleteness"),
        needs: "3 nodes and 4 terms (the paper's figure has 5 nodes: run figure-8 --bug figure-8)",
        discovery: Stages { steps: 18 },
        correct_rule: "HoldEarlierTerm",
        fn leader_commit(
            commit: LogIndex,
            replicated: LogIndex,
            _: Term,
            _: &dyn Fn(LogIndex) -> Option<Term>,
        ) -> LogIndex {
            commit.max(replicated)
        }
    }

    STALE_VOTE_REPLY = "stale-vote-reply" of Raft {
        summary: "A vote of an earlier term is counted.",
        story: "A vote of a candidate's first election arrives during its second one. The voter has voted for another candidate since: there are two leaders in one term.",
        source: "Xraft#33",
        breaks: Invariant("ElectionSafety"),
        needs: "3 nodes, 2 terms",
        discovery: Search { steps: 7 },
        correct_rule: "IgnoreStale",
        fn counts_vote(answer: Election, current: Election) -> Ruling<RaftRule> {
            BY_THE_BOOK.counts_vote(Election { term: current.term, ..answer }, current)
        }
    }

    STEP_DOWN_CLEARS_VOTE = "step-down-clears-vote" of Raft {
        summary: "Stepping down within a term clears the vote.",
        story: "A candidate follows the leader of its own term, forgets that it voted for itself, and votes a second time in that term.",
        source: "CCF #5891, #8094",
        breaks: Invariant("OneVotePerTerm"),
        needs: "5 nodes, 1 term",
        discovery: Search { steps: 10 },
        correct_rule: "RefuseVoteGiven",
        fn vote_after_step_down(_: Term, _: Term, _: Option<NodeId>) -> Option<NodeId> {
            None
        }
    }

    PRE_VOTE_AS_VOTE = "prevote-as-vote" of Raft {
        summary: "A pre-vote is counted as a vote.",
        story: "A pre-vote promises nothing, and a late one is counted in the election after it, although its sender has voted for another candidate.",
        source: "canonical/raft #196",
        breaks: Invariant("ElectionSafety"),
        needs: "3 nodes with PreVote",
        discovery: Search { steps: 10 },
        correct_rule: "IgnoreStale",
        fn counts_vote(answer: Election, current: Election) -> Ruling<RaftRule> {
            BY_THE_BOOK.counts_vote(Election { kind: current.kind, ..answer }, current)
        }
    }

    IGNORES_LOG_CHECK = "ignores-log-check" of Raft {
        summary: "Votes are granted without checking the candidate's log.",
        story: "A node without the committed entries is elected, and its log replaces that of all others.",
        source: "Raft §5.4.1",
        breaks: Invariant("LeaderCompleteness"),
        needs: "3 nodes, 2 terms",
        discovery: Search { steps: 8 },
        correct_rule: "RefuseVoteOutdated",
        fn up_to_date(_: Position, _: Position) -> bool {
            true
        }
    }

    LENGTH_ONLY_CHECK = "length-only-check" of Raft {
        summary: "The longer log counts as more up to date, regardless of its last term.",
        story: "A deposed leader's long tail of entries that no other node has wins over a shorter log with the committed entry.",
        source: "Raft §5.4.1",
        breaks: Invariant("LeaderCompleteness"),
        needs: "3 nodes, 3 terms",
        discovery: Stages { steps: 12 },
        correct_rule: "RefuseVoteOutdated",
        fn up_to_date(candidate: Position, mine: Position) -> bool {
            candidate.index >= mine.index
        }
    }

    COMMIT_NOT_MIN = "commit-not-min" of Raft {
        summary: "A follower adopts the leader's commit index, even beyond the entries that the append covered.",
        story: "A heartbeat matches at entry 1 and says that 2 is committed. The follower has a different entry 2, and applies that one.",
        source: "copycat #265, scylla #9965",
        breaks: Invariant("StateMachineSafety"),
        needs: "3 nodes whose leaders probe before they send entries, 3 terms",
        discovery: Stages { steps: 16 },
        correct_rule: "FollowCommit",
        fn follower_commit(commit: LogIndex, leader_commit: LogIndex, span: AppendSpan) -> LogIndex {
            commit.max(leader_commit.min(span.last))
        }
    }

    COMMIT_REGRESSES = "commit-regresses" of Raft {
        summary: "A late append lowers the commit index.",
        story: "The follower adopts the leader's commit index from when the message was sent, although it already knows a later one.",
        source: "PySyncObj#166",
        breaks: Invariant("MonotoneCommit"),
        needs: "2 nodes, a late message",
        discovery: Search { steps: 8 },
        correct_rule: "HaveEntries",
        fn follower_commit(_: LogIndex, leader_commit: LogIndex, span: AppendSpan) -> LogIndex {
            leader_commit.min(span.covered())
        }
    }

    MATCH_REGRESSES = "match-regresses" of Raft {
        summary: "A late acknowledgement lowers a follower's match index.",
        story: "Acknowledgements are reordered. The leader then sends entries again that the follower has, and counts fewer copies than there are.",
        source: "RaftOS#25",
        breaks: Invariant("MatchNeverDecreases"),
        needs: "3 nodes, a late acknowledgement",
        discovery: Search { steps: 9 },
        correct_rule: "CountAck",
        fn matched_after_ack(_: LogIndex, acknowledged: LogIndex) -> LogIndex {
            acknowledged
        }
    }

    EMPTY_APPEND_TRUNCATES = "empty-append-truncates" of Raft {
        summary: "An append without entries truncates the log after the entry that it names.",
        story: "A heartbeat is delayed. When it arrives, the follower has acknowledged later entries, and deletes them.",
        source: "RaftOS#26",
        breaks: Invariant("MonotoneCommit"),
        needs: "3 nodes, a late heartbeat",
        discovery: Stages { steps: 12 },
        correct_rule: "HaveEntries",
        fn truncates(span: AppendSpan) -> Option<LogIndex> {
            if span.count == 0 { Some(span.previous.next()) } else { span.conflict }
        }
    }

    TRUNCATE_ALWAYS = "truncate-always" of Raft {
        summary: "Every append truncates the log after its previous entry, even without a conflict.",
        story: "Two appends are reordered. The earlier one, which arrives last, removes entries that are acknowledged and perhaps committed.",
        source: "Raft Figure 2, AppendEntries 3",
        breaks: Invariant("MonotoneCommit"),
        needs: "3 nodes, a late append",
        discovery: Search { steps: 11 },
        correct_rule: "HaveEntries",
        fn truncates(span: AppendSpan) -> Option<LogIndex> {
            Some(span.previous.next())
        }
    }

    ACK_BEYOND = "ack-beyond" of Raft {
        summary: "A follower acknowledges its whole log, not only the entries that the append covered.",
        story: "After the matching entry its log has a different tail. The leader counts that as copies of its own entries, and commits them.",
        source: "CCF #6016",
        breaks: Invariant("LeaderCompleteness"),
        needs: "3 nodes whose leaders probe before they send entries, 4 terms",
        discovery: Stages { steps: 15 },
        correct_rule: "CountAck",
        fn acknowledges(span: AppendSpan) -> LogIndex {
            span.last
        }
    }

    LEADER_GRANTS_PRE_VOTE = "leader-grants-prevote" of Raft {
        summary: "Pre-votes are granted although there is contact with a leader.",
        story: "A node returns from a partition and asks for pre-votes. All nodes, including the leader, grant them, and a healthy leader is deposed.",
        source: "DaosRaft#70",
        breaks: Progress("a healthy leader is deposed"),
        needs: "3 nodes with PreVote",
        discovery: Scenario { scenario: "raft/prevote-keeps-leader", commands: 8 },
        correct_rule: "RefusePreVoteLeader",
        fn pre_vote(_: &Rulebook, candidate: Candidate, me: Voter) -> Ruling<RaftRule> {
            BY_THE_BOOK.pre_vote(candidate, Voter { leads: false, hears_leader: false, ..me })
        }
    }

    PRE_VOTE_REFRESHES = "prevote-refreshes" of Raft {
        summary: "Granting a pre-vote counts as contact with a leader.",
        story: "A node that grants a pre-vote restarts its election timeout, although there is no leader. Nodes that keep asking without success prevent the others from campaigning.",
        source: "hashicorp/raft #609",
        breaks: Progress("no leader is elected"),
        needs: "3 nodes with PreVote",
        discovery: Scenario { scenario: "raft/prevote-in-vain", commands: 28 },
        correct_rule: "StartPreVote",
        fn pre_vote_restarts_timeout() -> bool {
            true
        }
    }

    REFUSED_VOTE_RESTARTS_TIMEOUT = "refused-vote-restarts-timeout" of Raft {
        summary: "Refusing a vote restarts the voter's election timeout.",
        story: "n1 lacks an entry, so n2 and n3 refuse it their votes. Both begin to wait anew all the same, so a candidate that can never win holds off those that can.",
        source: "Students' Guide to Raft, Livelocks; Raft Figure 2, Followers",
        breaks: Progress("no leader is elected"),
        needs: "3 nodes, one with an older log",
        discovery: Scenario { scenario: "raft/refused-vote-keeps-timeout", commands: 6 },
        correct_rule: "ElectionTimeout",
        fn refusal_restarts_timeout() -> bool {
            true
        }
    }

    LEARNER_REFUSES_VOTE = "learner-refuses-vote" of Raft {
        summary: "A node that considers itself a learner refuses its vote.",
        story: "n1 and n2 have made n3 a voter, and n3 does not know it yet. n1 crashes. n2 needs the vote of n3, which refuses it as a learner: no leader is ever elected again.",
        source: "Ongaro's dissertation §4.1, §4.2.1: a server votes whether or not its own configuration includes it",
        breaks: Progress("no leader is elected any more"),
        needs: "3 nodes, a promotion that the new voter has not heard of",
        discovery: Scenario { scenario: "raft/promoted-learner-votes", commands: 8 },
        correct_rule: "GrantVote",
        fn votes_without_vote() -> bool {
            false
        }
    }

    STALE_TIMEOUT_NOW = "stale-timeout-now" of Raft {
        summary: "A TimeoutNow of an earlier term is obeyed.",
        story: "n1 tells n2 to campaign at once, and the message is slow. n3 has been elected when it arrives. n2 campaigns, past PreVote and CheckQuorum, and a healthy leader is deposed.",
        source: "Ongaro's dissertation §3.10; Raft §5.1: a message of an earlier term is refused",
        breaks: Progress("a healthy leader is deposed"),
        needs: "3 nodes, a slow TimeoutNow",
        discovery: Scenario { scenario: "raft/stale-timeout-now", commands: 9 },
        correct_rule: "IgnoreStale",
        fn obeys_timeout_now(_: Term, _: Term) -> Ruling<RaftRule> {
            Allow(RaftRule::ObeyTimeoutNow)
        }
    }

    STUCK_CANDIDATE = "stuck-candidate" of Raft {
        summary: "A leader of an earlier term gets no reply.",
        story: "With CheckQuorum and without PreVote, a node with a higher term is ignored by the others, and ignores them. Without its reply it stays isolated forever.",
        source: "etcd",
        breaks: Progress("a node never rejoins the cluster"),
        needs: "3 nodes with CheckQuorum, without PreVote",
        discovery: Scenario { scenario: "raft/one-way-partition", commands: 11 },
        correct_rule: "AdoptHigherTerm",
        fn answers_stale_leader() -> bool {
            false
        }
    }

    SCAN_BREAKS = "scan-breaks" of Raft {
        summary: "The search for the commit index stops at an entry of an earlier term.",
        story: "It should skip that entry. After the first change of leader no entry is ever committed again.",
        source: "RaftOS#30",
        breaks: Progress("no entry is committed any more"),
        needs: "3 nodes, 2 terms",
        discovery: Seed { nodes: 3, seed: 8, faults: "none,crashes=1", necessary_events: 2 },
        correct_rule: "CommitByCounting",
        fn leader_commit(
            commit: LogIndex,
            replicated: LogIndex,
            current: Term,
            term_at: &dyn Fn(LogIndex) -> Option<Term>,
        ) -> LogIndex {
            let scan = (commit.0 + 1..=replicated.0).map(LogIndex);
            scan.take_while(|index| term_at(*index) == Some(current)).last().unwrap_or(commit)
        }
    }

    CONFIG_BEFORE_COMMIT = "config-before-commit" of Raft {
        summary: "A membership change starts before the leader has committed an entry of its own term.",
        story: "Two leaders each start a change that the other does not know, from the same configuration. The majorities of the two results need not intersect.",
        source: "Ongaro, raft-dev 2015",
        breaks: Invariant("LeaderCompleteness"),
        needs: "5 nodes, 2 changes, 3 terms",
        discovery: Stages { steps: 18 },
        correct_rule: "RefuseChangeTooEarly",
        fn may_change(_: bool, _: bool) -> Ruling<RaftRule> {
            Allow(RaftRule::StartChange)
        }
    }

    NONVOTER_COUNTS_ITSELF = "nonvoter-counts-itself" of Raft {
        summary: "A leader without a vote counts its own log towards the majority.",
        story: "It removes itself and leads until that is committed. By counting its own copy it commits with one copy fewer than a majority of the members.",
        source: "RedisLabs/raft #13",
        breaks: Invariant("LeaderCompleteness"),
        needs: "3 nodes, a removal",
        discovery: Seed { nodes: 3, seed: 56, faults: "none,crashes=4,outage=100ms", necessary_events: 1 },
        correct_rule: "HearLeader",
        fn leader_counts_itself(_: bool) -> bool {
            true
        }
    }

    JOINT_LEFT_EARLY = "joint-left-early" of Raft {
        summary: "The leader leaves the joint configuration before that is committed.",
        story: "n1, n4 and n5 are to replace n1, n2 and n3. n2 and n3 are partitioned. n1 appends the joint configuration and at once the new one, which n4 and n5 commit with it. n2 and n3 have heard of neither, and elect n2 without the entries that n1 has committed.",
        source: "Raft §6: only once the joint configuration is committed is it safe to create the new one",
        breaks: Invariant("LeaderCompleteness"),
        needs: "5 nodes, a replacement, a partition",
        discovery: Scenario { scenario: "raft/joint-configuration-is-committed-first", commands: 8 },
        correct_rule: "RefuseChangePending",
        fn leaves_joint(_: bool) -> bool {
            true
        }
    }

    CONFIG_AT_COMMIT = "config-at-commit" of Raft {
        summary: "A configuration is in force on a node only once the node knows that it is committed.",
        story: "n3 is cut off. n1 removes it, and then n2. n2 has stored the first removal and crashes. n1, which has no other member left, has committed more when n2 restarts. n2 does not know what is committed, so it counts by the configuration of the beginning, and n3 elects n2.",
        source: "Raft §6, dissertation §4.1: a server always uses the latest configuration in its log",
        breaks: Invariant("LeaderCompleteness"),
        needs: "3 nodes, 2 removals, a restart",
        discovery: Scenario { scenario: "raft/configuration-counts-when-stored", commands: 14 },
        correct_rule: "CommitByCounting",
        fn configured_up_to(_: LogIndex, commit: LogIndex) -> LogIndex {
            commit
        }
    }

    LOG_KEPT_UNDER_SNAPSHOT = "log-kept-under-snapshot" of Raft {
        summary: "A log that conflicts with a snapshot stays behind it.",
        story: "n3 led term 1 and has entries that no other node has. n1 leads term 2 and sends n3 its snapshot. n3 installs it and keeps its own entries, which begin after another entry than the snapshot ends with. It refuses every entry that n1 sends from then on.",
        source: "Raft Figure 13, InstallSnapshot 7; openraft, conflicting logs are deleted when a snapshot is installed",
        breaks: Progress("a follower never catches up"),
        needs: "3 nodes with snapshots, a conflicting log",
        discovery: Scenario { scenario: "raft/snapshot-over-conflicting-log", commands: 18 },
        correct_rule: "InstallSnapshot",
        fn keeps_log_behind_snapshot(_: Position, _: Option<Term>) -> bool {
            true
        }
    }

    SNAPSHOT_LOWERS_TERM = "snapshot-lowers-term" of Raft {
        summary: "Loading a snapshot sets the current term to the snapshot's.",
        story: "The node returns to an earlier term in which it has voted, and can vote again in it.",
        source: "WRaft#118",
        breaks: Invariant("MonotoneTerm"),
        needs: "3 nodes with snapshots",
        discovery: Stages { steps: 14 },
        correct_rule: "InstallSnapshot",
        fn term_after_snapshot(_: Term, snapshot: Term) -> Term {
            snapshot
        }
    }

    DEPOSED_READ = "deposed-read" of Raft {
        summary: "A leader answers reads without confirming that it still leads.",
        story: "It was deposed without knowing it. The new leader has committed more, and the old one returns stale data.",
        source: "etcd 0.4.1",
        breaks: Invariant("FreshReads"),
        needs: "3 nodes, a partition",
        discovery: Stages { steps: 14 },
        correct_rule: "NoteReadIndex",
        fn serves_read(_: bool, applied: LogIndex, read_index: LogIndex) -> bool {
            applied >= read_index
        }
    }

    READ_BEFORE_OWN_COMMIT = "read-before-own-commit" of Raft {
        summary: "A new leader records a read index before it has committed an entry of its own term.",
        story: "Its predecessor committed more than it knows. The round of heartbeats confirms that it leads, not that its commit index is current.",
        source: "Ongaro's dissertation §6.4",
        breaks: Invariant("FreshReads"),
        needs: "3 nodes, 2 terms",
        discovery: Stages { steps: 13 },
        correct_rule: "ReadTooEarly",
        fn notes_read(_: bool) -> Ruling<RaftRule> {
            Allow(RaftRule::NoteReadIndex)
        }
    }

    PARTIAL_CONNECTIVITY = "partial-connectivity" of Raft {
        summary: "A leader that has lost its majority stays leader.",
        story: "C leads. Of the links among B, C, D and E none is left: each of them reaches only the fifth node, which still receives the heartbeats of C. As long as C does not step down, the fifth node does not campaign, and nothing is committed.",
        source: "Cloudflare 2020; Omni-Paxos",
        breaks: Progress("nothing is committed, although A reaches all nodes"),
        needs: "5 nodes, a partial partition",
        discovery: Scenario { scenario: "raft/partial-connectivity", commands: 15 },
        correct_rule: "LoseQuorum",
        fn keeps_leading(_: bool) -> Ruling<RaftRule> {
            Allow(RaftRule::KeepLeading)
        }
    }
}
