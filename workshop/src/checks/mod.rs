//! Exhaustive searches of each protocol: how much may happen, what must hold, and what must be reached.
//!
//! A bug of the zoo needs so many ballots, crashes or clocks to be seen, and no more: each protocol says here what, so that
//! the search for it stays small.

mod cache;
mod counter;
mod lease;
mod majority;
mod multi_paxos;
mod paxos;
mod raft;
mod raft_lease;
mod reigns;
mod stages;
mod store;

use quorate_bugs::BookOf;
use std::error::Error;

use quorate_lab::check::{Cluster, Shared, State};
use quorate_lab::script::{Schedule, Untold};
use quorate_lab::trace::Recording;
use quorate_protocol::Invariant;
pub use raft::{CarelessTerms, Terms, TermsOf};
pub use reigns::{CarelessReigns, FreshReads, MatchNeverDecreases, Reigns, ReignsOf};
pub use stages::{Unreached, by_way_of, by_way_of_within};

/// A protocol that can be searched exhaustively.
pub trait Examined {
    /// The protocol.
    type Machine: Shared;
    /// What must hold after every step.
    type Invariants: Invariant<Self::Machine> + Sync;

    /// What the command line calls it.
    const NAME: &'static str;

    /// How much should happen to see what this rulebook does; by the book, as much as can be searched within a minute.
    fn budget(rules: BookOf<Self::Machine>) -> Budget;

    /// The cluster within that budget, every node for itself.
    ///
    /// # Errors
    /// If there can be no such cluster, or nothing can happen to it.
    fn apart(rules: BookOf<Self::Machine>, budget: &Budget) -> Result<Searched<Self>, Box<dyn Error>> {
        Self::governed(rules, rules, budget)
    }

    /// The cluster in which a bug would show, every node for itself, under any rules: by the book, say.
    ///
    /// # Errors
    /// As for [`apart`](Self::apart).
    fn governed(
        bug: BookOf<Self::Machine>,
        rules: BookOf<Self::Machine>,
        budget: &Budget,
    ) -> Result<Searched<Self>, Box<dyn Error>>;

    /// The cluster within that budget, in which states are one that differ only in the names of nodes that are alike.
    ///
    /// # Errors
    /// As for [`apart`](Self::apart), or if the nodes are not alike, or too many.
    fn cluster(rules: BookOf<Self::Machine>, budget: &Budget) -> Result<Searched<Self>, Box<dyn Error>> {
        Self::apart(rules, budget)
    }

    /// What a search must reach, or else it has shown nothing.
    fn goals(budget: &Budget) -> Vec<Goal<Self>>;

    /// What the search for a bug passes through, one after the other; nothing if breadth alone gets there.
    fn stages(rules: BookOf<Self::Machine>) -> Vec<Goal<Self>> {
        let _ = rules;
        Vec::new()
    }

    /// The schedule of a [replayed](Cluster::replay) path that ends in a violation, for a scenario.
    ///
    /// # Errors
    /// [`Untold`]: nothing breaks in it, or there are no words for something in it.
    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, Untold>;
}

/// The cluster that is searched.
pub type Searched<E> = Cluster<<E as Examined>::Machine, <E as Examined>::Invariants>;

/// A goal, and whether a state reaches it.
pub type Goal<E> = (&'static str, fn(&State<<E as Examined>::Machine, <E as Examined>::Invariants>) -> bool);

/// How much may happen in a search.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budget {
    /// How many nodes: of Paxos and of leases from a majority, acceptors; of the fenced store,
    /// replicas; of leases on Raft, servers.
    pub nodes: u32,
    /// How many requests clients make; of Paxos, each of another proposer.
    pub requests: u32,
    /// How many timers may fire.
    pub firings: u32,
    /// How many messages may arrive once more.
    pub duplicates: u32,
    /// How many crashes there may be.
    pub crashes: u32,
    /// How many restarts there may be.
    pub restarts: u32,
    /// How many ticks of the clock there are, for protocols that read it.
    pub ticks: u32,
    /// After how many actions the search ends, if it does not end before.
    pub depth: Option<u32>,
}
