//! Exhaustive searches (model checking) of each protocol: budgets, invariants and goals.
//!
//! A bug of the zoo needs a certain number of ballots, crashes or clock ticks to show. Each
//! protocol states here how many, so that the search for the bug stays small.

mod balancer;
mod broadcast;
mod cache;
mod channel;
mod coordination;
mod counter;
mod generals;
mod lease;
mod locks;
mod majority;
mod multi_paxos;
mod ntp;
mod outbox;
mod paxos;
mod paxos_commit;
mod pbft;
mod primary_backup;
mod pushed;
mod raft;
mod raft_guided;
mod raft_lease;
mod register;
mod saga;
mod snowflake;
mod store;
mod three_phase;
mod true_time;
mod two_phase;
mod waypoints;

use quorate_bugs::NamedRulebookOf;

use quorate_lab::check::{Cluster, State, SyncMachine};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::trace::Recording;
use quorate_protocol::Invariant;

use crate::TargetError;
pub use raft::{CarelessRaftSearch, RaftSearch, RaftSearchOf};
pub use raft_guided::{
    CarelessRaftGuidedSearch, FreshReads, MatchNeverDecreases, RaftGuidedSearch, RaftGuidedSearchOf,
};
pub use waypoints::{Unreached, guided, guided_within};

/// Protocol that can be searched exhaustively.
pub trait SearchTarget: 'static {
    /// State machine of the protocol.
    type Machine: SyncMachine;
    /// Invariants checked after every step.
    type Invariants: Invariant<Self::Machine> + Sync;

    /// Name on the command line.
    const NAME: &'static str;
    /// The schedules that are searched, as far as messages and timers go.
    const NETWORK: &'static str = "messages arrive in any order, or never";

    /// Returns the smallest budget that exposes the bug of this rulebook; for the papers' rulebook,
    /// as much as can be searched within a minute.
    fn budget(rules: NamedRulebookOf<Self::Machine>) -> Budget;

    /// Builds the cluster within that budget, without symmetry reduction.
    ///
    /// # Errors
    /// If there can be no such cluster, or nothing can happen to it.
    fn without_symmetry(rules: NamedRulebookOf<Self::Machine>, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        Self::under_rules(rules, rules, budget)
    }

    /// Builds the cluster in which `bug` would show, without symmetry reduction, but under other
    /// rules: those of the papers, for example.
    ///
    /// # Errors
    /// As for [`without_symmetry`](Self::without_symmetry).
    fn under_rules(
        bug: NamedRulebookOf<Self::Machine>,
        rules: NamedRulebookOf<Self::Machine>,
        budget: &Budget,
    ) -> Result<Searched<Self>, TargetError>;

    /// Builds the cluster within that budget with symmetry reduction: states that differ only in
    /// the names of interchangeable nodes count as one.
    ///
    /// # Errors
    /// As for [`without_symmetry`](Self::without_symmetry), or if the nodes are not
    /// interchangeable, or too many.
    fn cluster(rules: NamedRulebookOf<Self::Machine>, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        Self::without_symmetry(rules, budget)
    }

    /// Goals that a search must reach; a search that misses one has shown nothing.
    fn goals(budget: &Budget) -> Vec<Goal<Self>>;

    /// Waypoints of the search for a bug, in order; empty if plain breadth-first search reaches it.
    fn waypoints(rules: NamedRulebookOf<Self::Machine>) -> Vec<Goal<Self>> {
        let _ = rules;
        Vec::new()
    }

    /// Converts a [replayed](Cluster::replay) path that ends in a violation to a scenario's
    /// schedule.
    ///
    /// # Errors
    /// [`ExportError`]: nothing breaks in it, or some step has no scenario command.
    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError>;
}

/// Cluster that is searched.
pub type Searched<E> = Cluster<<E as SearchTarget>::Machine, <E as SearchTarget>::Invariants>;

/// Goal: its name, and a predicate on states.
pub type Goal<E> = (&'static str, fn(&State<<E as SearchTarget>::Machine, <E as SearchTarget>::Invariants>) -> bool);

/// Whether all nodes from that place on are up and fulfil a condition. A goal must not count it as
/// "all" that the others are down.
fn all_up<M: SyncMachine, I: Invariant<M>>(state: &State<M, I>, from: usize, holds: impl Fn(&M) -> bool) -> bool {
    state.machines().skip(from).all(|machine| machine.is_some_and(&holds))
}

/// Bounds of a search.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budget {
    /// Number of nodes: acceptors for Paxos and majority leases, replicas for the fenced store,
    /// servers for leases on Raft, lieutenants, nodes beside the sender of a broadcast, servers of
    /// TrueTime, hosts of NTP, and generators of ids.
    pub nodes: u32,
    /// Number of client requests; for Paxos, each is sent to another proposer.
    pub requests: u32,
    /// Number of timers that may fire.
    pub firings: u32,
    /// Number of messages that may be duplicated.
    pub duplicates: u32,
    /// Number of crashes.
    pub crashes: u32,
    /// Number of restarts.
    pub restarts: u32,
    /// Number of clock ticks, for protocols that read the clock.
    pub ticks: u32,
    /// Maximum depth of the search in actions; `None` for no limit.
    pub depth: Option<u32>,
}
