//! The rulebook: each decision of a replicated register as one small pure function.
//!
//! The roles consult it and do the rest. To see the purpose of a rule, replace it and run the same
//! schedule:
//!
//! ```
//! use quorate_protocol::Ruling::Refuse;
//! use quorate_replication::register::{BY_THE_BOOK, RegisterRule, Rulebook};
//!
//! // A read that returns the newest version without putting it on a majority.
//! const NO_WRITE_BACK: Rulebook =
//!     Rulebook { write_back: |_, _| Refuse(RegisterRule::OnMajority), ..BY_THE_BOOK };
//!
//! assert!(BY_THE_BOOK.write_back(1, 2).allows());
//! assert!(!NO_WRITE_BACK.write_back(1, 2).allows());
//! ```

use quorate_protocol::Ruling::{self, Allow, Refuse};
use quorate_protocol::{Duration, Time};

use super::config::{Order, Session};
use super::rules::RegisterRule;
use super::version::{Seen, Version};
use crate::{Stamp, Tick};

quorate_protocol::rulebook! {
    /// The decisions of a replicated register. [`BY_THE_BOOK`] follows the papers exactly.
    pub struct Rulebook;

    /// RIFL §3: whether a write begins. `last` is the number of the newest write of the same client
    /// that has begun here.
    fn begins(last: Option<u64>, number: u64) -> Ruling<RegisterRule> {
        match last {
            Some(last) if last == number => Refuse(RegisterRule::RepeatedRequest),
            Some(last) if last > number => Refuse(RegisterRule::Overtaken),
            _ => Allow(RegisterRule::WriteHere),
        }
    }

    /// ABD §3: the size of a quorum among that many replicas: any two meet.
    fn quorum(replicas: usize) -> usize {
        replicas / 2 + 1
    }

    /// ABD §3: whether a replica's answer counts. `before` is the number of its answers counted in
    /// this phase.
    fn counts(before: u32) -> Ruling<RegisterRule> {
        if before == 0 { Allow(RegisterRule::CountAnswer) } else { Refuse(RegisterRule::CountedBefore) }
    }

    /// ABD §3: whether a phase is over.
    fn enough(rules: &Rulebook, answers: usize, replicas: usize) -> Ruling<RegisterRule> {
        if answers >= rules.quorum(replicas) { Allow(RegisterRule::Complete) } else { Refuse(RegisterRule::CountAnswer) }
    }

    /// Lynch and Shvartsman 1997 §4: whether a write asks a majority for the newest stamp before it
    /// chooses its own.
    fn write_asks_first() -> bool {
        true
    }

    /// Lynch and Shvartsman 1997 §4: the stamp of a write: above the `newest` that a majority
    /// reported, and above the writer's own `last`.
    fn next_tag(newest: Tick, last: Tick) -> Tick {
        newest.max(last).next()
    }

    /// ABD §3: whether a read must put the newest version on a majority before it returns it.
    /// `holding` is the number of replicas that reported it.
    fn write_back(holding: usize, quorum: usize) -> Ruling<RegisterRule> {
        if holding < quorum { Allow(RegisterRule::WriteBack) } else { Refuse(RegisterRule::OnMajority) }
    }

    /// ABD §3: whether a replica stores a version that it is sent.
    fn takes(rules: &Rulebook, held: Option<Stamp>, sent: Stamp) -> Ruling<RegisterRule> {
        match held {
            Some(held) if !rules.newer(sent, held) => Refuse(RegisterRule::KeepNewer),
            _ => Allow(RegisterRule::StoreNewer),
        }
    }

    /// ABD §3: whether a replica has a version on disk before it acknowledges it.
    fn writes_before_ack() -> bool {
        true
    }

    /// RFC 677 §3: whether the first of two stamps is the newer one. The node decides ties, so that
    /// all replicas decide alike.
    fn newer(one: Stamp, other: Stamp) -> bool {
        one > other
    }

    /// The clock reading for a new write: of the wall clock, strictly above the writer's own last
    /// one (RFC 677 §3); of a Lamport clock (Lamport 1978, IR1); of a hybrid clock (Kulkarni 2014
    /// §3); or the number of the write (Preguiça 2010 §3). `clock` is the last reading.
    fn stamp(order: Order, clock: Tick, wall: Time) -> Tick {
        match order {
            Order::Wall => Tick::wall(wall.max(clock.wall + Duration::from_nanos(1))),
            Order::Lamport | Order::Vector => clock.next(),
            Order::Hybrid if wall > clock.wall => Tick::wall(wall),
            Order::Hybrid => clock.next(),
        }
    }

    /// The clock after a stamp was received: a logical or hybrid clock is never behind one that it
    /// has seen (Lamport 1978, IR2; Kulkarni 2014 §3); a wall clock does not look.
    fn on_receive(order: Order, clock: Tick, theirs: Tick) -> Tick {
        match order {
            Order::Lamport | Order::Hybrid => clock.max(theirs),
            Order::Wall | Order::Vector => clock,
        }
    }

    /// Kulkarni 2014 §4: whether a stamp from elsewhere is accepted, given the own wall clock and
    /// the distance that it may be `ahead`.
    fn accepts_stamp(order: Order, wall: Time, theirs: Tick, ahead: Duration) -> Ruling<RegisterRule> {
        match order {
            Order::Wall | Order::Hybrid if theirs.wall > wall + ahead => Refuse(RegisterRule::FutureStamp),
            _ => Allow(RegisterRule::LastWriterWins),
        }
    }

    /// Whether the first version replaces the second: by the higher stamp (RFC 677 §3), or because
    /// its writer had read it (Preguiça 2010 §3).
    fn replaces(rules: &Rulebook, order: Order, one: &Version, other: &Version) -> bool {
        match order {
            Order::Vector => one.seen.covers(other.stamp),
            _ => rules.newer(one.stamp, other.stamp),
        }
    }

    /// Preguiça 2010 §3: the writes that a new version replaces: those that its writer had read.
    /// `held` are all that the replica knows of.
    fn context(read: &Seen, held: &Seen) -> Seen {
        _ = held;
        read.clone()
    }

    /// Preguiça 2010 §3: whether knowing the first `known` writes of a replica and the one numbered
    /// `dot` is knowing all up to it: only without a gap.
    fn follows(known: u64, dot: u64) -> bool {
        dot == known + 1
    }

    /// Demers 1987 §1: whether a new version is sent to the others at once.
    fn pushes() -> bool {
        true
    }

    /// Demers 1987 §1: whether a replica that was sent copies of a key has better ones to send
    /// back.
    fn has_better(mine: &[Version], theirs: &[Version]) -> bool {
        mine.iter().any(|version| !theirs.contains(version))
    }

    /// Terry 1994 §3: whether a session demands of a read a stamp that it `wrote` itself, or one
    /// that it has read.
    fn demands(session: Session, wrote: bool) -> bool {
        match session {
            Session::Off => false,
            Session::ReadYourWrites => wrote,
            Session::MonotonicReads => !wrote,
        }
    }

    /// Terry 1994 §3: whether the versions held show a write of the session, or a newer one.
    fn covers(rules: &Rulebook, order: Order, held: &[Version], token: Stamp) -> bool {
        held.iter().any(|version| {
            version.stamp == token
                || match order {
                    Order::Vector => version.seen.covers(token),
                    _ => rules.newer(version.stamp, token),
                }
        })
    }

    /// Terry 1994 §3: whether a replica may answer a read.
    fn may_answer(covered: bool) -> Ruling<RegisterRule> {
        if covered { Allow(RegisterRule::ReadHere) } else { Refuse(RegisterRule::WaitForSession) }
    }
}
