//! Raft: consensus by a strong leader, as a pure state machine whose every step cites the rule behind it.
//!
//! A cluster keeps copies of a log. One node at a time leads: it alone takes commands, appends them to its log and
//! sends them to the others. What a majority has stored is committed, survives as long as a majority of the disks
//! does, and is fed to every node's [`StateMachine`] in the same order. Time is divided into terms, each with at most
//! one leader; whoever hears nothing from a leader for a while stands for election in the next term.
//!
//! # Reading this crate beside the paper
//!
//! | file | what it holds | source |
//! |---|---|---|
//! | `rulebook` | every decision as one small pure function, the [`Rulebook`] | Figure 2 |
//! | `rules` | the rules by name, [`RaftRule`], with their citations | all |
//! | `election` | timeouts, votes, the restriction to up-to-date logs | Raft §5.2, §5.4.1 |
//! | `replication` | the leader's half: append, send, probe, count, back up | Raft §5.3, dissertation §3.5 |
//! | `consistency` | the follower's half: check, truncate, store, acknowledge | Raft §5.3 |
//! | `commit` | what a leader may call committed; applying it | Raft §5.3, §5.4.2 |
//! | `log` | the log; in `log/store` how nodes share what they agree on | Raft §5.3 |
//! | `session` | a repeated command is applied once | Raft §8, dissertation §6.3 |
//! | `prevote` | would you vote for me? | dissertation §9.6 |
//! | `checkquorum` | leaders without a majority; candidates against a healthy leader | dissertation §6.2, §4.2.3 |
//! | `transfer` | a leader chooses its successor | dissertation §3.10 |
//! | `compaction` | snapshots in place of the log, also for those far behind | Raft §7 |
//! | `membership`, `reconfiguration` | who belongs, and changing it one by one | dissertation ch. 4 |
//! | `joint` | changing it at will | Raft §6 |
//! | `read_index` | linearizable reads without the log | dissertation §6.4 |
//! | `invariants` | what must never happen | Figure 3 |
//! | `node`, `role`, `machine` | the state, and the way of each input to its role | Figure 2 |
//! | `position`, `entry`, `membership`, `snapshot`, `disk` | what nodes keep | Figure 2 |
//! | `message`, `client`, `fact`, `config`, `view` | what goes in and out | Figure 2 |
//!
//! Data imports no mechanics, and no module imports one that imports it.
//!
//! # Messages
//!
//! | message | from, to | answered by |
//! |---|---|---|
//! | `RequestVote` | candidate, voters | `VoteGranted`, `VoteRefused` |
//! | `RequestPreVote` | a node that may soon be a candidate, voters | `PreVoteGranted`, `PreVoteRefused` |
//! | `AppendEntries` | leader, each member | `Appended`, `AppendRefused` |
//! | `InstallSnapshot` | leader, a follower far behind | `ChunkStored`, after the last chunk `Appended` |
//! | `TimeoutNow` | leader, its successor | a `RequestVote` to all |
//!
//! # What never happens
//!
//! [`invariants()`] gives Figure 3 as code, to be judged after every step of a run: [`ElectionSafety`], [`LeaderAppendOnly`],
//! [`LogMatching`], [`LeaderCompleteness`], [`StateMachineSafety`]; and that terms, votes and commit indexes only go
//! forward. They hold for [`BY_THE_BOOK`] under any loss, delay, repetition and reordering of messages and any number
//! of crashes, as long as disks keep what they were given. A rulebook with one wrong decision breaks them:
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
//! - What is optional is off by default and switched on in [`Settings`], each part alone. A cluster that changes its members
//!   should have `check_quorum` on: a node that was removed does not know it, and would force elections (Raft §6).
//! - A client keeps its [`Ticket`](quorate_protocol::Ticket) when it repeats a command. Sessions are never closed;
//!   each keeps the newest `session_replies` answers.
//! - Reads are not in sessions: a repeated question is answered anew.
//! - A node whose disk was wiped or damaged must come back under a new id (dissertation §3.8). Damage that shows in the
//!   records is noticed, see [`Disk::check`]; a blank disk looks like a first boot and is not.
//! - Chunks of a snapshot are counted in [pieces](StateMachine::Piece), not bytes. Taking one costs as much as the state is large.
//! - Terms and indexes are 64 bits and saturate.

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
mod renamed;
mod replication;
mod role;
mod rulebook;
mod rules;
mod session;
mod snapshot;
mod state_machine;
mod transfer;
mod view;

pub use client::{Command, Refusal, Reply};
pub use config::{Config, ConfigError, Settings, Snapshots};
pub use counter::{Add, Counter, HowMany};
pub use disk::{Disk, DiskError, Record};
pub use entry::{Configuration, Entry, Payload};
pub use fact::Fact;
pub use invariants::{
    ElectionSafety, Invariants, LeaderAppendOnly, LeaderCompleteness, LogMatching, MonotoneCommit, MonotoneTerm,
    OneVotePerTerm, StateMachineSafety, invariants,
};
pub use kv::{KeyValue, KeyValueCommand, KeyValueQuery, KeyValueReply};
pub use log::{Batch, Entries, Log};
pub use membership::{Change, ChangeError, Membership};
pub use message::{
    AppendEntries, AppendRefused, Appended, ChunkStored, Conflict, InstallSnapshot, Message, RequestVote, Timer,
};
pub use node::Raft;
pub use position::{LogIndex, Position, Term};
pub use renamed::Impersonal;
pub use role::RoleName;
pub use rulebook::{BY_THE_BOOK, Ballot, Candidate, Overlap, Poll, Rulebook, Voter};
pub use rules::RaftRule;
pub use session::{Known, Session, Sessions};
pub use snapshot::{Piece, Snapshot};
pub use state_machine::StateMachine;
pub use view::{FollowerView, PaceName, View};
