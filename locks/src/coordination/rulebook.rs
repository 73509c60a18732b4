//! Rulebook of coordination: the decisions of the service and of the recipes, each a small pure
//! function that cites its source.

use quorate_lease::{Terms, Token};
use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Duration, Ruling, Time};

use super::config::{Belief, Recipe};
use super::recipe::{OnWake, Place};
use super::request::{Child, Zxid};
use super::rules::CoordinationRule;
use crate::rules::LockRule;
use crate::sequencer::LockMode;

quorate_protocol::rulebook! {
    /// The decisions of the coordination service and of its clients. [`BY_THE_BOOK`] is what the
    /// papers say.
    pub struct Rulebook;

    /// ZooKeeper §4.4: only the leader expires sessions. Clients' heartbeats reach it through the
    /// log.
    fn counts_sessions(leads: bool) -> bool {
        leads
    }

    /// Chubby §2.9: a new leader counts every session's timeout from when it began to lead.
    fn leader_counts_from(leads_since: Option<Time>, touched: Time) -> Time {
        leads_since.map_or(touched, |since| since.max(touched))
    }

    /// ZooKeeper §4.4: a session has expired when the leader has counted its whole timeout.
    fn has_ended(end: Time, now: Time) -> bool {
        now > end
    }

    /// ZooKeeper §4.4: an expiry has no effect if there was another heartbeat since the one that
    /// the leader counted from.
    fn expires_after(touches: u64) -> Option<u64> {
        Some(touches)
    }

    /// ZooKeeper §2.1: ephemeral nodes go with their session. Chubby §2.4: with a lock-delay, they
    /// go so long after its expiry. `None`: they never go.
    fn frees_after(lock_delay: Duration) -> Option<Duration> {
        Some(lock_delay)
    }

    /// ZooKeeper §4.4: a client counts its session from when it sent the heartbeat that was
    /// answered.
    fn counts_from(sent: Time, answered: Time) -> Time {
        let _ = answered;
        sent
    }

    /// For how long a client counts: less than the service, by what clocks may drift.
    fn client_term(terms: &Terms) -> Duration {
        terms.holder()
    }

    /// Chubby §2.8: whether a client acts under its lock. ZooKeeper's client does until it is told.
    fn may_act(belief: Belief, until: Time, now: Time) -> Ruling<LockRule> {
        match belief {
            Belief::UntilTold => Allow(LockRule::ActInTime),
            Belief::OwnClock if now < until => Allow(LockRule::ActInTime),
            Belief::OwnClock => Refuse(LockRule::LockOver),
        }
    }

    /// ZooKeeper §4.4: a client that is told of the end of its session has lost its lock.
    fn loses_when_told() -> bool {
        true
    }

    /// ZooKeeper §2.4, line 3: whether a node that is ahead keeps another from having the lock.
    fn blocks(mine: LockMode, other: LockMode) -> bool {
        mine == LockMode::Exclusive || other == LockMode::Exclusive
    }

    /// ZooKeeper §2.4: the order of the queue is that of the numbers; etcd: of the revisions.
    fn place(recipe: Recipe, child: &Child) -> Place {
        match (recipe, child.sequence) {
            (Recipe::Sequential, Some(sequence)) => Place(sequence),
            _ => Place(child.created.0),
        }
    }

    /// ZooKeeper §2.4, Simple Locks without Herd Effect: whether a client watches all that want the
    /// lock, and not its predecessor alone.
    fn watches_all(recipe: Recipe) -> bool {
        let _ = recipe;
        false
    }

    /// ZooKeeper §2.4, lines 5 and 6: whether a client looks again when the node that it wants to
    /// watch is gone.
    fn checks_again() -> bool {
        true
    }

    /// ZooKeeper §2.4, line 6: what a notification means.
    fn on_wake() -> OnWake {
        OnWake::LookAgain
    }

    /// ZooKeeper §2.4: who gives up deletes its node.
    fn leaves_queue() -> bool {
        true
    }

    /// ZooKeeper §2.4: who wants the lock, of the children of the lock's node.
    fn contends(recipe: Recipe, child: &Child) -> bool {
        recipe != Recipe::Sequential || LockMode::of(child).is_some()
    }

    /// ZooKeeper: the fencing token is the zxid that created the node; etcd: the revision.
    fn token(created: Zxid) -> Token {
        Token(created.0)
    }
}

/// The rule under which a client has the lock.
pub(crate) fn first_in_line(mode: LockMode) -> CoordinationRule {
    match mode {
        LockMode::Exclusive => CoordinationRule::SmallestHolds,
        LockMode::Shared => CoordinationRule::ReadersShare,
    }
}
