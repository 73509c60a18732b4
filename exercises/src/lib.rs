//! A course in consensus that grades itself.
//!
//! An exercise is a file with something missing. What is missing is one decision of a paper, a small machine, a whole protocol, a
//! schedule that breaks a system, or the rule by which somebody notices that it is broken. Grading runs what the learner wrote
//! under the same simulator, checker and scenarios that hold the reference to its paper, and shows the smallest run that went wrong.
//!
//! | module | what it holds |
//! |---|---|
//! | [`course`] | the exercises, in order; page, hints and skeleton of each lie in `exercises/course/` |
//! | [`exam`] | a grading under way: its cases, its seeds, and what came of it |
//! | [`grade`] | how answers are tried, by the kind of exercise |
//! | [`answer`] | what can be tried |
//! | [`asking`] | a learner's program, in a process of its own: its questions, its limits |
//! | [`desk`] | the learner's folder: files, skeletons, failures, progress |
//! | [`marking`] | building answers, asking them and saying what came of it |
//!
//! Beside each skeleton lies a solution; `cargo test -p quorate-exercises` proves that skeletons fail as they should, that solutions
//! pass, that no bug of the zoo does, that other right answers do as well, and that other wrong ones do not.
//!
//! The names of the zoo and of the exercises meet in the kill matrix: each bug of [`quorate_bugs`] fails the exercise that
//! is about its rule.

pub mod answer;
pub mod asking;
pub mod course;
pub mod desk;
pub mod exam;
pub mod grade;
pub mod marking;

pub use answer::Answer;
pub use course::{COURSE, Exercise, Kind, Part};
pub use exam::{Broke, Exam, Failed, Outcome, Verdict};
pub use quorate_answer::{unfinished, yours};

/// Imports for every exercise.
pub mod prelude {
    pub use quorate_protocol::Ruling::{self, Allow, Refuse};
    pub use quorate_protocol::{Duration, LocalTime, NodeId, Time};

    pub use crate::{hand_in, unfinished};
}

/// What exercises about network and time are written with.
pub mod network {
    pub use quorate_protocol::{ClientId, Ticket};

    pub use crate::grade::network::calls::{Call, Memory, at_most_once};
    pub use crate::grade::network::clocks::{Clock, Stamp, lamport_clock};
    pub use crate::grade::network::quorums::{Quorum, majority};
    pub use crate::grade::network::timeouts::{Attempt, Caller, Operation, Report, retry_safely};
}

/// Imports for exercises that build a whole machine.
pub mod build {
    pub use quorate_protocol::{Answer, Because, Context, Disk, Input, Machine, Never, Outbox, Ticket};

    pub use crate::grade::build::{BuiltLease, BuiltPaxos, BuiltRaft};
}

/// Imports for exercises about Paxos.
pub mod paxos {
    // In an answer `Disk` is the trait, as in `build`.
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
    // Under another name: an answer that folds records itself implements the trait `Disk`.
    pub use quorate_lease::Disk as Stable;
    pub use quorate_lease::cache::CacheRule;
    pub use quorate_lease::majority::MajorityRule;
    pub use quorate_lease::replicated::ReplicatedRule;
    pub use quorate_lease::store::StoreRule;
    pub use quorate_lease::{
        Attempt, BY_THE_BOOK, Command, Config, CountRule, Drift, Fact, HolderRule, InputRule, LeaseId, Loss, Message,
        Mode, Name, Record, RecordRule, RenewalRule, Reply, Rulebook, Sequencer, SingleRule, StaleGrantRule, Standing,
        Terms, Timer, Token, Value, View,
    };
}
