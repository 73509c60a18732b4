//! Self-grading course in consensus.
//!
//! An exercise is a file with a missing part: one decision of a paper, a small machine, a complete
//! protocol, a schedule that breaks a system, or an invariant that detects a broken system. Grading
//! runs the learner's code under the same simulator, checker and scenarios that test the reference
//! against its papers, and shows the smallest failing run.
//!
//! | module | contents |
//! |---|---|
//! | [`course`] | the exercises, in order; page, hints and skeleton of each are in `exercises/course/` |
//! | [`grading`] | a grading: its cases, its seeds, and its result |
//! | [`grade`] | tests for each kind of exercise |
//! | [`answer`] | answers that can be graded |
//! | [`asking`] | a learner's program in a process of its own: questions and limits |
//! | [`goal`] | the goal of an attack, for the playground |
//! | [`workspace`] | the learner's folder: files, skeletons, failures, progress |
//! | [`runner`] | building answers, grading them and reporting the result |
//! | [`submission`] | folders that the students of a class handed in |
//!
//! Beside each skeleton is a solution; `cargo test -p quorate-exercises` checks that skeletons fail
//! as they should, that solutions pass, that no bug of the zoo does, that other right answers pass
//! as well, and that other wrong ones fail.
//!
//! The zoo and the exercises are tied together by a kill matrix: each bug of [`quorate_bugs`] fails
//! the exercise that is about its rule.

pub mod answer;
pub mod asking;
pub mod course;
pub mod goal;
pub mod grade;
pub mod grading;
pub mod runner;
pub mod submission;
pub mod workspace;

pub use answer::Answer;
pub use course::{AnswerKind, COURSE, Exercise, Language, Part};
pub use grading::{CaseFailure, Failed, Grading, GradingOutcome, GradingVerdict};
pub use quorate_answer::{unfinished, yours};

/// Imports for every exercise.
pub mod prelude {
    pub use quorate_protocol::Ruling::{self, Allow, Refuse};
    pub use quorate_protocol::{Duration, LocalTime, NodeId, Time};

    pub use crate::{hand_in, unfinished};
}

/// Imports for exercises about network and time.
pub mod network {
    pub use quorate_protocol::{ClientId, RequestId};

    pub use crate::grade::network::calls::{Call, Memory, at_most_once};
    pub use crate::grade::network::clocks::{Clock, Stamp, lamport_clock};
    pub use crate::grade::network::quorums::{Quorum, majority};
    pub use crate::grade::network::timeouts::{Attempt, Caller, Operation, Report, retry_safely};
}

/// Imports for exercises that build a whole machine.
pub mod build {
    pub use quorate_protocol::{Because, Context, Disk, Disposition, Input, Machine, Never, Outbox, RequestId};

    pub use crate::grade::build::{BuiltApRegister, BuiltLease, BuiltPaxos, BuiltRaft, BuiltRedlock, BuiltTwoPhase};
}

/// Imports for exercises about Paxos.
pub mod paxos {
    // In an answer, `Disk` is the trait, as in `build`.
    pub use quorate_paxos::Disk as Stable;
    pub use quorate_paxos::*;
    pub use quorate_protocol::Disk;
}

/// Imports for exercises about Raft.
pub mod raft {
    pub use quorate_raft::*;
}

/// Imports for exercises about leases.
pub mod lease {
    // Renamed, because an answer that applies records itself implements the trait `Disk`.
    pub use quorate_lease::Disk as Stable;
    pub use quorate_lease::cache::CacheRule;
    pub use quorate_lease::majority::MajorityRule;
    pub use quorate_lease::replicated::ReplicatedRule;
    pub use quorate_lease::store::StoreRule;
    pub use quorate_lease::{
        Attempt, BY_THE_BOOK, Command, Config, CountRule, Drift, Fact, HolderRule, InputRule, LeaseId, LeaseState,
        Loss, Message, Mode, Name, Record, RecordRule, RenewalRule, Reply, Rulebook, Sequencer, SingleRule,
        StaleGrantRule, Terms, Timer, Token, Value, View,
    };
}

/// Imports for exercises about locks on Redis and by Redlock.
pub mod lock {
    // Renamed, because an answer that applies records itself implements the trait `Disk`.
    pub use quorate_lease::{Name, Token, Value};
    pub use quorate_locks::Disk as Stable;
    pub use quorate_locks::{
        Answer, AttemptId, BY_THE_BOOK, Command, Config, Entry, ExpiryClock, Fact, Guard, LockRule, LockValue, Loss,
        Message, Persistence, Recipe, Record, Reply, Request, Rulebook, Timer, View, Write,
    };
}

/// Imports for exercises about locks on a coordination service.
pub mod coordination {
    pub use quorate_lease::{Drift, Name, Terms, Token};
    pub use quorate_locks::LockRule;
    pub use quorate_locks::coordination::{
        BY_THE_BOOK, Belief, Child, LockMode, OnWake, Place, Recipe, Rulebook, Zxid,
    };
}

/// Imports for exercises about two-phase commit.
pub mod two_phase {
    // Renamed, because an answer that applies records itself implements the trait `Disk`.
    pub use quorate_transactions::two_phase::Disk as Stable;
    pub use quorate_transactions::two_phase::{
        BY_THE_BOOK, Change, Command, Commit, Config, Decided, Fact, Message, Outcome, Phase, Prepared, Record, Reply,
        RowView, Rulebook, Timer, TwoPhaseRule, View,
    };
    pub use quorate_transactions::{Row, Txn};
}

/// Imports for exercises about Paxos Commit.
pub mod paxos_commit {
    pub use quorate_paxos::{Ballot, Quorums};
    pub use quorate_transactions::paxos_commit::{BY_THE_BOOK, PaxosCommitRule, Rulebook, Vote};
    pub use quorate_transactions::two_phase::Outcome;
}

/// Imports for exercises about the local message table.
pub mod outbox {
    pub use quorate_transactions::Row;
    pub use quorate_transactions::outbox::{BY_THE_BOOK, Fact, Note, OutboxRule, Rulebook, TableChange};
}

/// Imports for exercises about the Byzantine generals.
pub mod generals {
    pub use quorate_byzantine::generals::{BY_THE_BOOK, GeneralsRule, Order, Rulebook};
}

/// Imports for exercises about reliable broadcast.
pub mod broadcast {
    pub use quorate_byzantine::broadcast::{BY_THE_BOOK, Rulebook};
}

/// Imports for exercises about PBFT.
pub mod pbft {
    pub use quorate_byzantine::pbft::{BY_THE_BOOK, Digest, PbftRule, Request, Rulebook};
}

/// Imports for the exercise about sealed tokens.
pub mod seal {
    pub use quorate_byzantine::{Claims, Sealed};

    pub use crate::grade::seals::{Fence, Grant, sealed_token};
}

/// Imports for exercises about replicated registers.
pub mod register {
    // Renamed, because an answer that applies records itself implements the trait `Disk`.
    pub use quorate_replication::register::Disk as Stable;
    pub use quorate_replication::register::{
        Available, BY_THE_BOOK, Command, Config, Copy, Fact, Message, Mode, Order, Record, RegisterRule, Reply,
        Rulebook, Seen, Session, Timer, Version, View,
    };
    pub use quorate_replication::{Key, Stamp, Tick, Value};
}

/// Imports for exercises about a reliable channel.
pub mod channel {
    pub use quorate_time::channel::{Answer, BY_THE_BOOK, ChannelRule, Checksum, Rulebook};
}

/// Imports for exercises about TrueTime.
pub mod true_time {
    pub use quorate_time::true_time::{BY_THE_BOOK, Rulebook, TrueTimeRule};
    pub use quorate_time::{Drift, Interval};
}

/// Imports for exercises about Snowflake ids.
pub mod snowflake {
    pub use quorate_time::snowflake::{BY_THE_BOOK, Backwards, Lease, Next, Rulebook, Slot, SnowflakeRule};
}

/// Imports for the exercise about the level of suspicion.
pub mod suspicion {
    pub use crate::grade::suspicion::{Rhythm, Suspicion, level_of_suspicion};
}

/// Imports for the exercise about hybrid clocks.
pub mod hybrid {
    pub use crate::grade::hybrid::{Hybrid, HybridStamp, hybrid_clock};
}
