//! Client contracts: the sequential object to which the answers of each protocol must be
//! linearizable.
//!
//! The invariants of a protocol look at its nodes. A client sees only its requests and answers, so
//! every random run is also checked at its end as a history of one sequential object
//! ([linearizability](quorate_lab::linearizability)). Each protocol is held to its documentation:
//!
//! | protocol | what clients use | what is checked |
//! |---|---|---|
//! | `paxos` | [one decision](PaxosAnswers) | all answers name one value, which had been proposed by then |
//! | `multi-paxos` | [a log](MultiPaxosAnswers) | each command has one slot, above the slots known when it was requested |
//! | `raft` | [a key-value store](RaftAnswers) | every answer to a put, append, compare-and-set or read; not an operator's orders |
//! | `lease` | [a primary lease and its fenced resource](LeaseAnswers) | acting grants follow each other in token order; so do the writes of the resource, each once |
//! | `lease-majority` | [a primary lease](MajorityAnswers) | acting grants follow each other, none comes back; their ballots need not rise, for acceptors forget |
//! | `lease-store` | [a register](StoreAnswers) | an opening reads, a write writes |
//! | `lease-cache` | [registers with versions](CacheAnswers) | every read and write, through any cache |
//! | `lease-pushed` | [a primary lease, appointed, and its fenced resource](PushedAnswers) | acting grants follow each other in token order; so do the writes of the resource |
//! | `lease-raft` | [a table of leases](TableAnswers) | no row is older than one returned before; a grant is released once |
//! | `two-phase` | [amounts that never fall below zero](TwoPhaseAnswers) | every committed transaction, in one order for all participants |
//! | `three-phase` | [the same](TwoPhaseAnswers) | the same |
//! | `paxos-commit` | [the same](TwoPhaseAnswers) | the same |
//! | `register` | [registers by name](RegisterAnswers) | every read and write in consistent mode; in available mode violations are [counted](LinearizableInMajorityMode), and [levels](RegisterLevels) of short histories judged |
//! | `pbft` | [an account](PbftAnswers) | every addition, with the total afterwards |
//! | `outbox` | [orders with rising numbers](OutboxAnswers) | each request is one order, and orders are numbered one by one |
//! | `generals` | orders | nothing: a client learns only that its order is given |
//! | `broadcast` | values | nothing: a client learns only that its value is sent |
//! | `channel` | messages | nothing: that an answer is true is an invariant of the protocol |
//! | `balancer` | requests | nothing: that an answer is true is an invariant of the protocol |
//! | `true-time` | [a clock](ClockAnswers) | no timestamp and no reading is older than one told before |
//! | `ntp` | [a clock](HostClockAnswers) | no reading of a synchronised host is older than one told before, by their errors |
//! | `snowflake` | [ids](IdAnswers) | no order; but no id is told twice |
//! | `saga` | [steps that are all done or all undone](SagaAnswers) | no order, for sagas are not isolated; but the rows hold exactly the changes that clients were told of |
//!
//! For the acts of its node, a lease promises no more than their order; its effects are checked at
//! the resource it protects. An answer such as "this node does not serve" leaves the outcome open:
//! an attempt may have taken effect, or may yet.
//!
//! A retried request is one operation. If two of its answers report two effects, it was executed
//! twice, and that is an error by itself. Attempts to act or to read are answered separately; that
//! is no such effect. Neither is a release: lease holders keep nothing of it on disk, so a copy
//! that arrives after a restart releases what was granted since. That ends a lease early, as the
//! end of its term does.

mod history;
pub mod lease;
mod levels;
pub mod paxos;
pub mod pbft;
pub mod primary_backup;
pub mod raft;
pub mod replication;
pub mod saga;
pub mod time;
pub mod transactions;

use std::fmt::Debug;
use std::hash::Hash;
use std::marker::PhantomData;
use std::ops::AddAssign;

use quorate_lab::linearizability::Model;
use quorate_protocol::{ClientEvent, Invariant, InvariantSummary, InvariantViolation, Machine, StepView, Unexplained};

use history::Asked;
pub use lease::{CacheAnswers, LeaseAnswers, MajorityAnswers, PushedAnswers, StoreAnswers, TableAnswers};
pub use levels::RegisterLevels;
pub use paxos::{MultiPaxosAnswers, PaxosAnswers};
pub use pbft::PbftAnswers;
pub use primary_backup::{LinearizableInSynchronousMode, PrimaryBackupAnswers};
pub use raft::RaftAnswers;
pub use replication::{LinearizableInMajorityMode, RegisterAnswers};
pub use saga::SagaAnswers;
pub use time::{ClockAnswers, HostClockAnswers, IdAnswers};
pub use transactions::{OutboxAnswers, TwoPhaseAnswers};

/// Operation type of a contract.
pub type Op<M, C> = <<C as Contract<M>>::Object as Model>::Op;
/// Return type of a contract.
pub type Return<M, C> = <<C as Contract<M>>::Object as Model>::Return;

/// Contract: the sequential object that the clients of a protocol appear to use.
pub trait Contract<M: Machine>: Copy + Eq + Hash + Debug + Default + Send + 'static {
    /// Sequential model of the object.
    type Object: Model;

    /// Returns the initial object.
    fn object() -> Self::Object;

    /// Returns the operation of a request; `None` if the contract does not cover it.
    fn operation(command: &M::Command) -> Option<Op<M, Self>>;

    /// Returns the result that an answer reports; `None` if the answer leaves open whether the
    /// operation took effect.
    fn returned(command: &M::Command, reply: &M::Reply) -> Option<Return<M, Self>>;

    /// Whether another attempt of a request may return a different result from one already
    /// answered. A read may; an operation with an effect takes effect once.
    fn may_differ(operation: &Op<M, Self>, before: &Return<M, Self>, returned: &Return<M, Self>) -> bool {
        let _ = before;
        Self::object().only_reads(operation, Some(returned))
    }

    /// Whether an unanswered operation may explain this answer. An operation that can explain no
    /// answer is left out: it makes no difference, and the search is exponential in the number of
    /// operations.
    fn owed_to(operation: &Op<M, Self>, returned: &Return<M, Self>) -> bool {
        let _ = (operation, returned);
        true
    }
}

/// Counts of checked histories and operations.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct AnswerStats {
    /// Histories: one for each run that ended.
    pub histories: u64,
    /// Operations whose answer was checked.
    pub operations: u64,
    /// Histories left undecided, because the search exceeded its limits.
    pub undecided: u64,
}

impl AddAssign for AnswerStats {
    fn add_assign(&mut self, other: Self) {
        self.histories += other.histories;
        self.operations += other.operations;
        self.undecided += other.undecided;
    }
}

/// Invariant: the answers of a run are linearizable to the object of a contract. Checked at the end
/// of a run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct LinearizableAnswers<C> {
    checked: AnswerStats,
    contract: PhantomData<fn() -> C>,
}

impl<C> LinearizableAnswers<C> {
    /// Returns the counts of checked histories and operations.
    pub fn answer_stats(&self) -> AnswerStats {
        self.checked
    }
}

impl<M: Machine, C: Contract<M>> Invariant<M> for LinearizableAnswers<C> {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![
            InvariantSummary::new("AnsweredOnce", "No request has two different final answers."),
            InvariantSummary::new(
                "Linearizable",
                "The answers of the run are those of one object that executes one request after another.",
            ),
        ]
    }

    fn check(&mut self, _: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        Ok(())
    }

    fn conclude(&mut self, events: &[ClientEvent<M>]) -> Result<(), Unexplained> {
        let asked = Asked::<M, C>::all(events)?;
        self.checked += history::check_history(events, &asked)?;
        Ok(())
    }
}
