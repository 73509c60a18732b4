//! Raft: leader-based consensus, as a pure state machine in which every step cites the rule behind
//! it.
//!
//! A cluster replicates a log. One node at a time is the leader: it alone accepts commands, appends
//! them to its log and sends them to the others. An entry that a majority has stored is committed:
//! it survives as long as a majority of the disks does, and is applied to every node's
//! [`StateMachine`] in the same order. Time is divided into terms, each with at most one leader; a
//! node that does not hear from a leader for an election timeout starts an election in the next
//! term.
//!
//! # Reading this crate beside the paper
//!
//! | file | contents | source |
//! |---|---|---|
//! | `rulebook` | every decision as one small pure function, the [`Rulebook`] | Figure 2 |
//! | `rules` | the rules by name, [`RaftRule`], with their citations | all |
//! | `election` | timeouts, votes, the restriction to up-to-date logs | Raft §5.2, §5.4.1 |
//! | `replication` | the leader's side: append, send, probe, count, back up | Raft §5.3, dissertation §3.5 |
//! | `consistency` | the follower's side: check, truncate, store, acknowledge | Raft §5.3 |
//! | `commit` | what a leader may commit; applying committed entries | Raft §5.3, §5.4.2 |
//! | `log` | the log; `log/store`: how nodes share equal entries in memory | Raft §5.3 |
//! | `session` | client sessions: a repeated command is applied once | Raft §8, dissertation §6.3 |
//! | `prevote` | PreVote: asks for votes before the term changes | dissertation §9.6 |
//! | `checkquorum` | CheckQuorum and leader stickiness | dissertation §6.2, §4.2.3 |
//! | `transfer` | leadership transfer | dissertation §3.10 |
//! | `compaction` | log compaction, and snapshots for followers far behind | Raft §7 |
//! | `membership`, `reconfiguration` | the configuration, and single-server changes of it | dissertation ch. 4 |
//! | `joint` | joint consensus: any change of the voters | Raft §6 |
//! | `read_index` | ReadIndex: linearizable reads without the log | dissertation §6.4 |
//! | `invariants` | safety properties | Figure 3 |
//! | `node`, `role`, `machine` | the state, and the dispatch of inputs by role | Figure 2 |
//! | `position`, `entry`, `membership`, `snapshot`, `disk` | data that nodes store | Figure 2 |
//! | `message`, `client`, `fact`, `config`, `view` | inputs and outputs | Figure 2 |
//!
//! Data modules do not import protocol logic, and there are no import cycles.
//!
//! # Example
//!
//! The comparison of logs and the majority's index are plain functions; [`Raft`] is a whole node,
//! here stepped manually; `quorate_lab` runs clusters:
//!
//! ```
//! use quorate_protocol::NodeId;
//! use quorate_raft::{BY_THE_BOOK, LogIndex, Position, Settings, majority_value};
//!
//! // Raft §5.4.1: the later term wins, however long the other log is.
//! assert!(BY_THE_BOOK.up_to_date(Position::new(1, 3), Position::new(9, 2)));
//! // Raft §5.3: an entry that two of three nodes have stored may be committed.
//! let membership = Settings::nodes(3).build()?.first_membership();
//! let stored = [7, 5, 0].map(LogIndex);
//! let committed =
//!     majority_value(&BY_THE_BOOK, &membership, LogIndex(0), (NodeId(0), stored[0]), |node| stored[node.index()]);
//! assert_eq!(committed, LogIndex(5));
//! # Ok::<(), quorate_raft::ConfigError>(())
//! ```
//!
//! # Messages
//!
//! | message | from, to | answer |
//! |---|---|---|
//! | `RequestVote` | candidate, voters | `VoteGranted`, `VoteRefused` |
//! | `RequestPreVote` | a node that may become a candidate, voters | `PreVoteGranted`, `PreVoteRefused` |
//! | `AppendEntries` | leader, each member | `Appended`, `AppendRefused` |
//! | `InstallSnapshot` | leader, a follower far behind | `ChunkStored`, after the last chunk `Appended` |
//! | `TimeoutNow` | leader, its successor | a `RequestVote` to all |
//!
//! # Safety properties
//!
//! [`invariants()`] returns Figure 3 as code, to be checked after every step of a run:
//! [`ElectionSafety`], [`LeaderAppendOnly`], [`LogMatching`], [`LeaderCompleteness`],
//! [`StateMachineSafety`]; and that terms and commit indexes never decrease and that a node votes
//! once per term. They hold for [`BY_THE_BOOK`] under any loss, delay, duplication and reordering
//! of messages and any number of crashes, as long as the disks keep what was written. A rulebook
//! with one wrong decision violates them:
//!
//! ```
//! use quorate_protocol::{NodeId, Ruling};
//! use quorate_raft::{BY_THE_BOOK, Candidate, Position, RaftRule, Rulebook, Term, Voter};
//!
//! // Votes for everybody who asks, as often as asked.
//! const GENEROUS: Rulebook = Rulebook { vote: |_, _, _| Ruling::Allow(RaftRule::GrantVote), ..BY_THE_BOOK };
//!
//! let last = Position::new(4, 2);
//! let me = Voter { term: Term(3), vote: Some(NodeId(1)), last, hears_leader: false, leads: false };
//! let late = Candidate { node: NodeId(2), term: Term(3), last };
//! assert_eq!(BY_THE_BOOK.vote(late, me), Ruling::Refuse(RaftRule::RefuseVoteGiven));
//! assert!(GENEROUS.vote(late, me).allows());
//! ```
//!
//! # What to know before use
//!
//! - Optional parts are off by default; each is switched on separately in [`Settings`]. A cluster
//!   that changes its members should have `check_quorum` on: a removed node does not know that it
//!   was removed, and would force elections (Raft §6).
//! - A client keeps its [`RequestId`](quorate_protocol::RequestId) when it repeats a command.
//!   Sessions are never closed; each keeps the newest `session_replies` answers.
//! - Reads are not part of a session: a repeated query is evaluated again.
//! - A node whose disk was wiped or damaged must come back under a new id (dissertation §3.8).
//!   [`Disk::check`] detects damage that shows in the records; it cannot detect a blank disk, which
//!   looks like a first boot.
//! - Snapshot chunks are counted in [pieces](StateMachine::Piece), not bytes. Taking a snapshot
//!   costs time and memory proportional to the size of the state.
//! - Terms and indexes are 64 bits and saturate, whatever a message or a disk says. A node in the
//!   last term starts no election, because it has no other vote to give.

mod checkquorum;
mod client;
mod commit;
mod compaction;
mod config;
mod consistency;
mod counter;
mod disk;
mod election;
mod entry;
mod fact;
mod invariants;
mod joint;
mod kv;
mod log;
mod machine;
mod membership;
mod message;
mod node;
mod position;
mod prevote;
mod read_index;
mod reconfiguration;
mod replication;
mod role;
mod rulebook;
mod rules;
mod session;
mod snapshot;
mod state_machine;
mod symmetry;
mod transfer;
mod view;

pub use client::{Command, Refusal, Reply};
pub use commit::majority_value;
pub use config::{Config, ConfigError, ConfigWarning, Settings, Snapshots};
pub use counter::{Add, Counter, CounterQuery};
pub use disk::{Disk, DiskError, Record};
pub use entry::{Configuration, Entry, Payload};
pub use fact::Fact;
pub use invariants::{
    ElectionSafety, Invariants, LeaderAppendOnly, LeaderCompleteness, LogMatching, MonotoneCommit, MonotoneTerm,
    OneVotePerTerm, StateMachineSafety, invariants,
};
pub use kv::{KeyValue, KeyValueCommand, KeyValueQuery, KeyValueReply};
pub use log::{Batch, Entries, Log};
pub use membership::{ChangeError, ConfigChange, Membership};
pub use message::{
    AppendEntries, AppendRefused, Appended, ChunkStored, Conflict, InstallSnapshot, Message, RequestVote, Timer,
};
pub use node::Raft;
pub use position::{LogIndex, Position, Term};
pub use role::Role;
pub use rulebook::{AppendSpan, BY_THE_BOOK, Candidate, Election, ElectionKind, Rulebook, Voter};
pub use rules::RaftRule;
pub use session::{Session, SessionLookup, Sessions};
pub use snapshot::{Piece, Snapshot};
pub use state_machine::StateMachine;
pub use symmetry::NodeAgnostic;
pub use view::{FollowerView, ReplicationStateName, View};
