//! API for answers to exercises.
//!
//! An answer is a program of its own, and this crate is its only dependency: protocol types, the
//! `Machine` contract, and the loop that answers the grader's questions. The reference rulebooks
//! and machines are not exported. An answer never learns whether it is right: the grader trusts
//! only answers that it has requested and compared itself.
//!
//! | module | contents |
//! |---|---|
//! | [`prelude`], [`network`], [`paxos`], [`raft`], [`lease`], [`lock`], [`coordination`], [`two_phase`], [`paxos_commit`], [`outbox`], [`register`], [`generals`], [`broadcast`], [`pbft`], [`seal`], [`channel`], [`true_time`], [`snowflake`], [`hybrid`], [`suspicion`], [`build`], [`grade`] | imports of skeletons |
//! | [`serve`] | question loop |
//! | [`wire`] | wire form of questions and answers, for both sides |
//! | [`decisions`] | list of decisions, for both sides |
//!
//! In a learner's folder this crate is named `quorate_exercises`.

mod built;
#[macro_use]
pub mod decisions;
pub mod hybrid;
pub mod network;
pub mod seal;
pub mod serve;
pub mod suspicion;
mod watch;
pub mod wire;

pub use serve::{Answers, Unfinished};

/// Imports for every exercise.
pub mod prelude {
    pub use quorate_protocol::Ruling::{self, Allow, Refuse};
    pub use quorate_protocol::{Duration, LocalTime, NodeId, Time};

    pub use crate::{hand_in, unfinished};
}

/// Imports for exercises that build a whole machine.
pub mod build {
    pub use quorate_protocol::{Because, Context, Disk, Disposition, Input, Machine, Never, Outbox, RequestId};

    pub use crate::built::{Built, BuiltApRegister, BuiltLease, BuiltPaxos, BuiltRaft, BuiltRedlock, BuiltTwoPhase};
}

/// Imports for exercises about invariants.
pub mod grade {
    /// Watchers.
    pub mod test {
        pub use crate::watch::{Watch, Watcher};
    }
}

/// Imports for exercises about Paxos.
pub mod paxos {
    pub use quorate_paxos::{
        AcceptorView, Ballot, Command, Config, Fact, LearnerView, Message, PaxosRule, Phase, Proposal, ProposerView,
        Quorums, Record, Reply, Stage, Timer, Value, View, VoteView,
    };
    // In an answer, `Disk` is the trait, as in `build`.
    pub use quorate_paxos::Disk as Stable;

    pub use crate::decisions::paxos::Rulebook;

    /// Imports for exercises about a log of decisions.
    pub mod multi {
        pub use quorate_paxos::multi::Entry;
    }
}

/// Imports for exercises about Raft.
pub mod raft {
    pub use quorate_raft::{
        AppendEntries, AppendRefused, AppendSpan, Appended, Batch, Candidate, ChunkStored, Command, Config,
        Configuration, Conflict, Election, ElectionKind, Entry, Fact, InstallSnapshot, KeyValue, KeyValueCommand,
        KeyValueQuery, KeyValueReply, LogIndex, Membership, Message, Payload, Piece, Position, RaftRule, Refusal,
        Reply, RequestVote, Role, Session, SessionLookup, Sessions, Snapshot, StateMachine, Term, Timer, Voter,
    };

    pub use crate::decisions::raft::Rulebook;
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
        Attempt, Command, Config, CountRule, Drift, Fact, HolderRule, InputRule, LeaseId, LeaseState, Loss, Message,
        Mode, Name, Record, RecordRule, RenewalRule, Reply, Sequencer, SingleRule, StaleGrantRule, Timer, Token, Value,
        View,
    };

    pub use crate::decisions::lease::{Rulebook, Terms};
}

/// Imports for exercises about locks on Redis and by Redlock.
pub mod lock {
    // Renamed, because an answer that applies records itself implements the trait `Disk`.
    pub use quorate_lease::{Name, Token, Value};
    pub use quorate_locks::Disk as Stable;
    pub use quorate_locks::{
        Answer, AttemptId, Command, Config, Entry, ExpiryClock, Fact, Guard, LockRule, LockValue, Loss, Message,
        Persistence, Recipe, Record, Reply, Request, Timer, View, Write,
    };

    pub use crate::decisions::lock::Rulebook;
}

/// Imports for exercises about locks on a coordination service.
pub mod coordination {
    pub use quorate_lease::{Drift, Name, Token};
    pub use quorate_locks::LockRule;
    pub use quorate_locks::coordination::{Belief, Child, LockMode, OnWake, Place, Recipe, Zxid};

    pub use crate::decisions::coordination::Rulebook;
    pub use crate::decisions::lease::Terms;
}

/// Imports for exercises about two-phase commit.
pub mod two_phase {
    // Renamed, because an answer that applies records itself implements the trait `Disk`.
    pub use quorate_transactions::two_phase::Disk as Stable;
    pub use quorate_transactions::two_phase::{
        Change, Command, Commit, Config, Decided, Fact, Message, Outcome, Phase, Prepared, Record, Reply, RowView,
        Timer, TwoPhaseRule, View,
    };
    pub use quorate_transactions::{Row, Txn};

    pub use crate::decisions::transactions::two_phase::Rulebook;
}

/// Imports for exercises about Paxos Commit.
pub mod paxos_commit {
    pub use quorate_paxos::{Ballot, Quorums};
    pub use quorate_transactions::paxos_commit::{PaxosCommitRule, Vote};
    pub use quorate_transactions::two_phase::Outcome;

    pub use crate::decisions::transactions::paxos_commit::Rulebook;
}

/// Imports for exercises about the local message table.
pub mod outbox {
    pub use quorate_transactions::Row;
    pub use quorate_transactions::outbox::{Fact, Note, OutboxRule, TableChange};

    pub use crate::decisions::transactions::outbox::Rulebook;
}

/// Imports for exercises about replicated registers.
pub mod register {
    // Renamed, because an answer that applies records itself implements the trait `Disk`.
    pub use quorate_replication::register::Disk as Stable;
    pub use quorate_replication::register::{
        Available, Command, Config, Copy, Fact, Message, Mode, Order, Record, RegisterRule, Reply, Seen, Session,
        Timer, Version, View,
    };
    pub use quorate_replication::{Key, Stamp, Tick, Value};

    pub use crate::decisions::register::Rulebook;
}

/// Imports for exercises about the Byzantine generals.
pub mod generals {
    pub use quorate_byzantine::generals::{GeneralsRule, Order};

    pub use crate::decisions::liars::generals::Rulebook;
}

/// Imports for exercises about reliable broadcast.
pub mod broadcast {
    pub use crate::decisions::liars::broadcast::Rulebook;
}

/// Imports for exercises about PBFT.
pub mod pbft {
    pub use quorate_byzantine::pbft::{Digest, PbftRule, Request};

    pub use crate::decisions::liars::pbft::Rulebook;
}

/// Imports for exercises about a reliable channel.
pub mod channel {
    pub use quorate_time::channel::{Answer, ChannelRule};

    pub use crate::decisions::time::Checksum;
    pub use crate::decisions::time::channel::Rulebook;
}

/// Imports for exercises about TrueTime.
pub mod true_time {
    pub use quorate_time::true_time::TrueTimeRule;

    pub use crate::decisions::time::true_time::Rulebook;
    pub use crate::decisions::time::{Drift, Interval};
}

/// Imports for exercises about Snowflake ids.
pub mod snowflake {
    pub use quorate_time::snowflake::{Backwards, Lease, Next, Slot, SnowflakeRule};

    pub use crate::decisions::time::snowflake::Rulebook;
}

#[doc(hidden)]
pub mod hidden {
    pub use cap::Cap;
    pub use std::alloc::System;
}

/// Memory limit of an answer during grading, in bytes.
pub const MEMORY_BYTES_MAX: usize = 1 << 30;

/// Placeholder in a skeleton. It uses its arguments, to avoid unused-variable warnings.
#[macro_export]
macro_rules! unfinished {
    ($($given:expr),* $(,)?) => {{
        $(let _ = &$given;)*
        ::std::panic::panic_any($crate::Unfinished)
    }};
}

/// Expression for a decision in a rulebook: its own name, or the expression after the colon.
#[doc(hidden)]
#[macro_export]
macro_rules! yours {
    ($decision:ident) => {
        $decision
    };
    ($decision:ident: $yours:expr) => {
        $yours
    };
}

/// Hands in an answer: the last item of every exercise. It generates the program that answers the
/// grader's questions.
///
/// An answer that consists of decisions is a rulebook with only these: `Rulebook { promise }`, or
/// `Rulebook { promise: |..| .. }`. The grader makes all others as the papers do.
#[macro_export]
macro_rules! hand_in {
    ($exercise:literal, $rulebook:ident { $($decision:ident $(: $yours:expr)?),+ $(,)? }) => {
        $crate::hand_in!(
            $exercise,
            $rulebook { $($decision: Some($crate::yours!($decision $(: $yours)?)),)+ ..$rulebook::NONE }
        );
    };
    ($exercise:literal, $answer:expr) => {
        /// Returns the answer.
        #[allow(clippy::needless_update, reason = "an answer may be about every decision of a small rulebook")]
        pub fn answer() -> impl $crate::Answers {
            $answer
        }

        // Memory limit of the answer. Beyond it the process ends, and the grader reports the
        // reason.
        #[cfg(not(test))]
        #[global_allocator]
        static MEMORY: $crate::hidden::Cap<$crate::hidden::System> =
            $crate::hidden::Cap::new($crate::hidden::System, $crate::MEMORY_BYTES_MAX);

        #[cfg(not(test))]
        fn main() -> ::std::process::ExitCode {
            $crate::serve::serve($exercise, answer())
        }
    };
}
