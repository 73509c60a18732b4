//! The rulebook: each decision about a lease as one small pure function, with the papers for a body.
//!
//! All machines of this crate ask the same book. A well-known bug is [`BY_THE_BOOK`] with another function in one place:
//!
//! ```
//! use quorate_lease::{BY_THE_BOOK, Rulebook};
//! use quorate_protocol::Time;
//!
//! // The holder's term starts when the answer arrives. A slow answer makes two primaries.
//! const COUNTS_FROM_REPLY: Rulebook = Rulebook { counts_from: |_sent, received| received, ..BY_THE_BOOK };
//!
//! let (sent, received) = (Time::from_millis(1), Time::from_millis(90));
//! assert_eq!(BY_THE_BOOK.counts_from(sent, received), sent);
//! assert_eq!(COUNTS_FROM_REPLY.counts_from(sent, received), received);
//! ```

use quorate_protocol::Ruling::{self, Allow, Refuse};
use quorate_protocol::{Duration, LocalTime, NodeId, Time};

use crate::cache::rules::CacheRule;
use crate::id::{Mode, Sequencer, Token};
use crate::majority::rules::MajorityRule;
use crate::replicated::rules::ReplicatedRule;
use crate::rules::{CountRule, HolderRule};
use crate::single::rules::SingleRule;
use crate::store::rules::StoreRule;
use crate::terms::Terms;

/// How things stand with the primary lease when somebody wants it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Who was granted it last, unless it gave it back.
    pub holder: Option<NodeId>,
    /// Whether that grant has ended, on the granter's clock.
    pub ended: bool,
    /// Whether the failure detector suspects that holder.
    pub suspected: bool,
    /// Whether the granter may have forgotten a grant that has not ended.
    pub quarantined: bool,
    /// Whether the lock-delay after the end of the grant is still running.
    pub delayed: bool,
    /// Whose turn it would be if nobody held it.
    pub turn: Option<NodeId>,
}

/// What is known of a request, by the newest of the same client that was carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Known {
    /// It has not been carried out.
    New,
    /// It was carried out.
    Done,
    /// A later one was carried out: this one, done or not, is not waited for any more.
    Overtaken,
}

quorate_protocol::rulebook! {
    /// The decisions about leases. [`BY_THE_BOOK`] *is* what the literature asks for; the rules that
    /// they answer with name the sources.
    pub struct Rulebook;

    // Clocks and terms: Leases §3, §5.

    /// The clock that terms are counted on: the monotonic one, which nobody sets.
    fn clock(now: LocalTime) -> Time {
        now.monotonic
    }

    /// From when a holder counts: from its question, because the grant was made at some time after that.
    fn counts_from(sent: Time, received: Time) -> Time {
        let _ = received;
        sent
    }

    /// How long a holder counts: shorter than the granter by the worst case of both clocks.
    fn holder_term(terms: &Terms) -> Duration {
        terms.holder()
    }

    /// A holder may act up to the end of its term, and not at it.
    fn may_act(until: Time, now: Time) -> Ruling<HolderRule> {
        if now < until { Allow(HolderRule::ActInLease) } else { Refuse(HolderRule::LeaseOver) }
    }

    /// A grant binds the granter through the last tick of its term: it has ended when the clock is past that.
    fn has_ended(expires: Time, now: Time) -> bool {
        now > expires
    }

    /// Until when a holder may act after a renewal was refused: no longer than before.
    fn until_after_denial(until: Time, now: Time, terms: &Terms) -> Time {
        let _ = (now, terms);
        until
    }

    // The granter: Leases §2, §5; Chubby §2.4.

    /// Who gets the primary lease: its holder while the grant runs, otherwise the next in turn once the grant has ended.
    fn grants(standing: Standing, asks: NodeId) -> Ruling<SingleRule> {
        if standing.quarantined {
            return Refuse(SingleRule::WaitOut);
        }
        match standing.holder {
            Some(holder) if !standing.ended && holder == asks => Allow(SingleRule::RenewPrimary),
            Some(_) if !standing.ended => Refuse(SingleRule::HeldByOther),
            Some(holder) if standing.delayed && holder != asks => Refuse(SingleRule::LockDelay),
            _ if standing.turn != Some(asks) => Refuse(SingleRule::NotYourTurn),
            _ => Allow(SingleRule::GrantPrimary),
        }
    }

    /// How long a granter keeps silent that may have forgotten grants: as long as they can last.
    fn quarantine(terms: &Terms) -> Duration {
        terms.quarantine()
    }

    /// How long a granter is bound by a grant that it finds on its disk: for a full term from the restart on, because it may have made or
    /// renewed it just before (Leases §5).
    fn recalled_term(terms: &Terms) -> Duration {
        terms.granter()
    }

    /// How long a lease stays vacant that ended without a release (Chubby §2.4).
    fn lock_delay(configured: Duration) -> Duration {
        configured
    }

    /// The token of a grant, given how many grants there were up to it: it grows from grant to grant.
    fn token(grants: u64) -> Token {
        Token(grants)
    }

    /// A release frees the grant that it names, if that is the newest and is newer than the question it was renewed for last.
    fn releases(granted: Token, renewed_for: Time, named: Token, sent: Time) -> Ruling<SingleRule> {
        if granted == named && sent > renewed_for {
            Allow(SingleRule::TakeRelease)
        } else {
            Refuse(SingleRule::RefuseRelease)
        }
    }

    // Working under a lease, and fencing: Distributed locking; Chubby §2.4.

    /// Whether a holder that checked its lease, and then worked, checks again in the very step in which it acts.
    fn checks_again() -> bool {
        true
    }

    /// Whether a resource writes: only under an exclusive lease, and under no lower token than it has accepted.
    fn admits(highest: Option<Token>, shown: Sequencer) -> Ruling<SingleRule> {
        if shown.mode != Mode::Exclusive {
            Refuse(SingleRule::RefuseShared)
        } else if highest > Some(shown.token) {
            Refuse(SingleRule::RefuseLowerToken)
        } else {
            Allow(SingleRule::AcceptWrite)
        }
    }

    // Majorities: PaxosLease; ABD.

    /// More than half of the acceptors or replicas.
    fn majority(count: usize, of: usize) -> bool {
        count * 2 > of
    }

    /// An answer counts in its own ballot, and once for each acceptor: identities are counted, not messages.
    fn counts(current: bool, heard_before: bool) -> Ruling<CountRule> {
        if current && !heard_before { Allow(CountRule::CountPromise) } else { Refuse(CountRule::StaleAnswer) }
    }

    /// An acceptor that reports a lease leaves it to its owner alone.
    fn leaves_open(reported: Option<NodeId>, me: NodeId) -> bool {
        reported.is_none_or(|owner| owner == me)
    }

    /// A release frees what was accepted under the very ballot that it names. `same` says whether it is that one.
    fn release_frees(same: bool) -> Ruling<MajorityRule> {
        if same { Allow(MajorityRule::AcceptorReleases) } else { Refuse(MajorityRule::IgnoreRelease) }
    }

    /// Whether a new holder marks a majority of the replicas with its token before it serves.
    fn marks_first() -> bool {
        true
    }

    /// Whether a replica writes: not below its mark.
    fn stores(mark: Option<Token>, token: Token) -> Ruling<StoreRule> {
        if mark > Some(token) { Refuse(StoreRule::RefusePut) } else { Allow(StoreRule::StoreValue) }
    }

    // Requests that are repeated: RIFL.

    /// Whether a request is new, given the newest of the same client that was carried out. Clients
    /// number their requests, and ask for one thing after the other.
    fn known(done: Option<u64>, number: u64) -> Known {
        match done {
            Some(done) if done == number => Known::Done,
            Some(done) if done > number => Known::Overtaken,
            _ => Known::New,
        }
    }

    // Caches: Leases §2, §5.

    /// Whether a datum may change: when no lease on it runs, and none that the server may have forgotten.
    fn may_write(holders_left: usize, quarantined: bool) -> Ruling<CacheRule> {
        if quarantined {
            Refuse(CacheRule::WaitForForgotten)
        } else if holders_left > 0 {
            Refuse(CacheRule::WaitForHolders)
        } else {
            Allow(CacheRule::Write)
        }
    }

    /// Whether a datum is lent: not while a write waits for it, or the write might wait for ever.
    fn lends(write_waits: bool) -> Ruling<CacheRule> {
        if write_waits { Refuse(CacheRule::TellOnly) } else { Allow(CacheRule::Lend) }
    }

    // Leases on Raft: Chubby §2.9; Ongaro §6.4.1.

    /// From when a leader counts a lease's term: from when it began to lead, if the grant is older than that.
    fn leader_counts_from(began_to_lead: Time, applied: Time) -> Time {
        began_to_lead.max(applied)
    }

    /// How long a follower trusts its leader: as long as granters count, which is longer than the leader counts by the worst case of both clocks.
    fn trust_term(terms: &Terms) -> Duration {
        terms.granter()
    }

    /// Whether an answer is trust: only one to the newest question, from which the leader will count.
    fn counts_trust(asked: Option<Time>, answered: Time) -> bool {
        asked == Some(answered)
    }

    /// Whether a node keeps its vote: while it has promised its trust to a leader, unless that leader sent the candidate.
    fn withholds_vote(trusting: bool, sent_by_leader: bool) -> bool {
        trusting && !sent_by_leader
    }

    /// How long a node that restarts keeps its vote, given the longest trust it may have promised.
    fn distrust_after_restart(trust: Duration) -> Duration {
        trust
    }

    /// Whether a leader that hands over lays its lease down first.
    fn lays_down_for_transfer() -> bool {
        true
    }

    /// Whether a leader reads alone: its lease runs, and it has applied an entry of its own term, so that nothing of an earlier term is in limbo.
    fn reads_alone(lease_runs: bool, own_term_applied: bool) -> Ruling<ReplicatedRule> {
        if lease_runs && own_term_applied { Allow(ReplicatedRule::ReadUnderLease) } else { Refuse(ReplicatedRule::ReadByRound) }
    }
}
