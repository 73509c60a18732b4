//! Under construction.

mod checkquorum;
mod client;
mod commit;
mod config;
mod consistency;
mod counter;
mod disk;
mod election;
mod fact;
mod invariants;
mod joint;
mod kv;
mod log;
mod membership;
mod message;
mod node;
mod prevote;
mod read_index;
mod reconfiguration;
mod replication;
mod role;
mod rule;
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
pub use fact::Fact;
pub use invariants::{
    ElectionSafety, Invariants, LeaderAppendOnly, LeaderCompleteness, LogMatching, MonotoneCommit, MonotoneTerm,
    OneVotePerTerm, StateMachineSafety, invariants,
};
pub use kv::{KeyValue, KeyValueCommand, KeyValueQuery, KeyValueReply};
pub use log::{Batch, Configuration, Entry, Log, Payload};
pub use membership::{Change, ChangeError, Membership};
pub use message::{
    AppendEntries, AppendRefused, Appended, ChunkStored, Conflict, InstallSnapshot, LogIndex, Message, Position,
    RequestVote, Term, Timer,
};
pub use node::Raft;
pub use role::RoleName;
pub use rule::RaftRule;
pub use rules::{Ballot, ByTheBook, Candidate, Overlap, Poll, Rulebook, Voter, Write};
pub use session::{Known, Session, Sessions};
pub use snapshot::{Piece, Snapshot};
pub use state_machine::StateMachine;
pub use view::{FollowerView, PaceName, View};
