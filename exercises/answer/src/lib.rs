//! All that an answer to an exercise is written with.
//!
//! An answer is a program of its own, and this is its only dependency: the types of the protocols, the contract of machines, and the
//! loop that answers the grader's questions. Rulebooks and machines of the reference are not exported. The verdict is none of the
//! answer's business: it never learns what is right, and the grader believes nothing but what it has asked for and compared itself.
//!
//! | module | what it holds |
//! |---|---|
//! | [`prelude`], [`network`], [`paxos`], [`raft`], [`lease`], [`build`], [`grade`] | what skeletons import |
//! | [`serve`] | reading questions, answering them |
//! | [`wire`] | the form of questions and answers, for both sides |
//! | [`decisions`] | which decisions there are, for both sides |
//!
//! In a learner's folder this crate goes by the name of `quorate_exercises`.

mod built;
#[macro_use]
pub mod decisions;
pub mod network;
pub mod serve;
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
    pub use quorate_protocol::{Answer, Because, Context, Disk, Input, Machine, Never, Outbox, Ticket};

    pub use crate::built::{Built, BuiltLease, BuiltPaxos, BuiltRaft};
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
    // In an answer `Disk` is the trait, as in `build`.
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
        AppendEntries, AppendRefused, Appended, Ballot, Batch, Candidate, ChunkStored, Command, Config, Configuration,
        Conflict, Entry, Fact, InstallSnapshot, KeyValue, KeyValueCommand, KeyValueQuery, KeyValueReply, Known,
        LogIndex, Membership, Message, Overlap, Payload, Piece, Poll, Position, RaftRule, Refusal, Reply, RequestVote,
        RoleName, Session, Sessions, Snapshot, StateMachine, Term, Timer, Voter,
    };

    pub use crate::decisions::raft::Rulebook;
}

/// Imports for exercises about leases.
pub mod lease {
    // Under another name: an answer that folds records itself implements the trait `Disk`.
    pub use quorate_lease::Disk as Stable;
    pub use quorate_lease::cache::CacheRule;
    pub use quorate_lease::majority::MajorityRule;
    pub use quorate_lease::replicated::ReplicatedRule;
    pub use quorate_lease::store::StoreRule;
    pub use quorate_lease::{
        Attempt, Command, Config, CountRule, Drift, Fact, HolderRule, InputRule, LeaseId, Loss, Message, Mode, Name,
        Record, RecordRule, RenewalRule, Reply, Sequencer, SingleRule, StaleGrantRule, Standing, Timer, Token, Value,
        View,
    };

    pub use crate::decisions::lease::{Rulebook, Terms};
}

#[doc(hidden)]
pub mod hidden {
    pub use cap::Cap;
    pub use std::alloc::System;
}

/// How much memory an answer may use while it is graded.
pub const MEMORY_BYTES_MAX: usize = 1 << 30;

/// The gap in a skeleton. It takes what there is to decide with, so that the compiler does not call it unused.
#[macro_export]
macro_rules! unfinished {
    ($($given:expr),* $(,)?) => {{
        $(let _ = &$given;)*
        ::std::panic::panic_any($crate::Unfinished)
    }};
}

/// A decision as a field of a rulebook says it: by its own name, or by what stands behind the colon.
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

/// What an exercise ends with: whose answer this is, and the answer. It makes the program that answers the grader's questions.
///
/// An answer that is decisions is a rulebook with these and no others: `Rulebook { promise }`, or `Rulebook { promise: |..| .. }`. The
/// rest of it are the papers', and the grader's.
#[macro_export]
macro_rules! hand_in {
    ($exercise:literal, $rulebook:ident { $($decision:ident $(: $yours:expr)?),+ $(,)? }) => {
        $crate::hand_in!(
            $exercise,
            $rulebook { $($decision: Some($crate::yours!($decision $(: $yours)?)),)+ ..$rulebook::NONE }
        );
    };
    ($exercise:literal, $answer:expr) => {
        /// The answer.
        pub fn answer() -> impl $crate::Answers {
            $answer
        }

        // What the answer may use. Beyond it the process ends, and the grader says why.
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
