//! The contract of each protocol with its clients: of which object their answers must be the
//! answers.
//!
//! The invariants of a protocol look at its nodes. A client sees no node, only what it asks for and
//! what it is told; so at the end of every random run that is judged too, as a history of one
//! object that does one thing at a time ([linearizability](quorate_lab::linearizability)). Each
//! protocol is held to what it documents:
//!
//! | protocol | what clients use | what is judged |
//! |---|---|---|
//! | `paxos` | [one decision](PaxosAnswers) | all are told one value, which somebody had proposed by then |
//! | `multi-paxos` | [a log](MultiPaxosAnswers) | each command has one slot, above the slots that were known when it was asked for |
//! | `raft` | [a key-value store](RaftAnswers) | every answer of a put, append, compare-and-set or read; not an operator's orders |
//! | `lease` | [a primary lease and its fenced resource](LeaseAnswers) | grants that act follow each other in the order of their tokens; so do the writes of the resource, each once |
//! | `lease-majority` | [a primary lease](MajorityAnswers) | grants that act follow each other, none comes back; their ballots need not rise, for acceptors forget |
//! | `lease-store` | [a register](StoreAnswers) | an opening reads, a write writes |
//! | `lease-cache` | [registers with versions](CacheAnswers) | every read and write, by whichever cache |
//! | `lease-raft` | [a table of leases](TableAnswers) | no row is older than one that was told before; a grant is given back once |
//!
//! A lease promises no more of its node's acts than their order; what it protects is judged where
//! it is, at the resource. What an answer leaves open, such as "this node does not serve", is taken
//! as it is meant: an attempt may have taken effect, or may yet.
//!
//! A request that was repeated is one operation. If two of its answers tell of two effects it was
//! carried out twice, and that is an error by itself. That each attempt to act, or to
//! read, is answered for itself is no such effect. Neither is a release: who holds leases has nothing of it on disk, so a copy that
//! comes after a restart gives back what was granted since. That ends a lease early, as the end of its term does.

mod history;
pub mod lease;
pub mod paxos;
pub mod raft;

use std::fmt::Debug;
use std::hash::Hash;
use std::marker::PhantomData;
use std::ops::AddAssign;

use quorate_lab::linearizability::Model;
use quorate_protocol::{Broken, Heard, Invariant, Machine, Observed, Unexplained};

use history::Asked;
pub use lease::{CacheAnswers, LeaseAnswers, MajorityAnswers, StoreAnswers, TableAnswers};
pub use paxos::{MultiPaxosAnswers, PaxosAnswers};
pub use raft::RaftAnswers;

/// What an operation of a contract is.
pub type Op<M, C> = <<C as Contract<M>>::Object as Model>::Op;
/// What it returns.
pub type Return<M, C> = <<C as Contract<M>>::Object as Model>::Return;

/// The object that the clients of a protocol may think they use.
pub trait Contract<M: Machine>: Copy + Eq + Hash + Debug + Default + Send + 'static {
    /// What it does, one operation at a time.
    type Object: Model;

    /// The object at first.
    fn object() -> Self::Object;

    /// The operation that a request is; `None` if the contract says nothing of it.
    fn operation(command: &M::Command) -> Option<Op<M, Self>>;

    /// What an answer says that the operation returned; `None` if it leaves open whether that took
    /// effect.
    fn returned(command: &M::Command, reply: &M::Reply) -> Option<Return<M, Self>>;

    /// Whether an attempt of a request may return something else than one that was answered before:
    /// what only looks may, what has an effect has it once.
    fn may_differ(operation: &Op<M, Self>, before: &Return<M, Self>, returned: &Return<M, Self>) -> bool {
        let _ = before;
        Self::object().only_reads(operation, Some(returned))
    }

    /// Whether an answer may be owed to an operation of which no answer is known. What no answer
    /// may be owed to is left out: it makes no difference, and search is exponential in it.
    fn owed_to(operation: &Op<M, Self>, returned: &Return<M, Self>) -> bool {
        let _ = (operation, returned);
        true
    }
}

/// How much was judged.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Judged {
    /// Histories: one for each run that came to its end.
    pub histories: u64,
    /// Operations whose answer was judged.
    pub operations: u64,
    /// Histories of which too much would have had to be tried to know.
    pub undecided: u64,
}

impl AddAssign for Judged {
    fn add_assign(&mut self, other: Self) {
        self.histories += other.histories;
        self.operations += other.operations;
        self.undecided += other.undecided;
    }
}

/// The answers of a run are those of the object of a contract. It judges at the end of a run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Answers<C> {
    judged: Judged,
    contract: PhantomData<fn() -> C>,
}

impl<C> Answers<C> {
    /// How much was judged.
    pub fn judged(&self) -> Judged {
        self.judged
    }
}

impl<M: Machine, C: Contract<M>> Invariant<M> for Answers<C> {
    fn check(&mut self, _: &Observed<'_, M>) -> Result<(), Broken> {
        Ok(())
    }

    fn conclude(&mut self, heard: &[Heard<M>]) -> Result<(), Unexplained> {
        let asked = Asked::<M, C>::all(heard)?;
        self.judged += history::judge(heard, &asked)?;
        Ok(())
    }
}
