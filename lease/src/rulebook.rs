//! Rulebook of leases: each decision is one small pure function, and cites its paper.
//!
//! All machines of this crate share the rulebook. A well-known bug is [`BY_THE_BOOK`] with one
//! function replaced:
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

/// State of the primary lease when a node asks for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LeaseState {
    /// Holder of the newest grant, unless it has released it.
    pub holder: Option<NodeId>,
    /// Whether that grant has ended, on the granter's clock.
    pub ended: bool,
    /// Whether the failure detector suspects that holder.
    pub suspected: bool,
    /// Whether the granter may have forgotten a grant that has not ended.
    pub quarantined: bool,
    /// Whether the lock-delay after the end of the grant is still running.
    pub delayed: bool,
    /// Next node in the order of succession, if the lease is free.
    pub turn: Option<NodeId>,
}

/// Status of a request, compared with the newest executed request of the same client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestLookup {
    /// The request has not been executed.
    New,
    /// The request has been executed.
    Done,
    /// A later request was executed: the client no longer waits for this one, executed or not.
    Overtaken,
}

quorate_protocol::rulebook! {
    /// The decisions about leases. [`BY_THE_BOOK`] *is* the literature's correct choice; the rules
    /// that the methods return name the sources.
    pub struct Rulebook;

    // Clocks and terms: Leases §3, §5.

    /// The clock on which terms are counted: the monotonic one, which is never set.
    fn clock(now: LocalTime) -> Time {
        now.monotonic
    }

    /// Start of a holder's term: its request, because the grant was made at some time after that.
    fn counts_from(sent: Time, received: Time) -> Time {
        let _ = received;
        sent
    }

    /// Duration of a holder's term: shorter than the granter's by the worst case of both clocks.
    fn holder_term(terms: &Terms) -> Duration {
        terms.holder()
    }

    /// A holder may act before the end of its term, but not at it.
    fn may_act(until: Time, now: Time) -> Ruling<HolderRule> {
        if now < until { Allow(HolderRule::ActInLease) } else { Refuse(HolderRule::LeaseOver) }
    }

    /// Start of the granter's term: the moment at which the granter reads the request, on its own
    /// clock. The time that the holder has `written` is a reading of another clock (Leases §5).
    fn granted_at(written: Time, read: Time) -> Time {
        let _ = written;
        read
    }

    /// Duration for which a grant binds its granter: that of the term `granted`, whatever term the
    /// granter would ask for on its `own` behalf (Leases §2).
    fn binds_for(granted: Duration, own: Duration) -> Duration {
        let _ = own;
        granted
    }

    /// A grant binds the granter through the last tick of its term: it has ended when the clock is
    /// past that.
    fn has_ended(expires: Time, now: Time) -> bool {
        now > expires
    }

    /// End of a holder's term after a renewal was denied: unchanged.
    fn until_after_denial(until: Time, now: Time, terms: &Terms) -> Time {
        let _ = (now, terms);
        until
    }

    // The granter: Leases §2, §5; Chubby §2.4.

    /// Decides whether a node gets the primary lease: the holder while its grant runs, otherwise
    /// the next in the order of succession once the grant has ended.
    fn grants(state: LeaseState, asks: NodeId) -> Ruling<SingleRule> {
        if state.quarantined {
            return Refuse(SingleRule::WaitOut);
        }
        match state.holder {
            Some(holder) if !state.ended && holder == asks => Allow(SingleRule::RenewPrimary),
            Some(_) if !state.ended => Refuse(SingleRule::HeldByOther),
            Some(holder) if state.delayed && holder != asks => Refuse(SingleRule::LockDelay),
            _ if state.turn != Some(asks) => Refuse(SingleRule::NotYourTurn),
            _ => Allow(SingleRule::GrantPrimary),
        }
    }

    /// Duration of the quarantine of a granter that may have forgotten grants: as long as they can
    /// last.
    fn quarantine(terms: &Terms) -> Duration {
        terms.quarantine()
    }

    /// Duration for which a granter is bound by a grant recalled from disk: a full term from the
    /// restart, because it may have made or renewed it just before (Leases §5).
    fn recalled_term(terms: &Terms) -> Duration {
        terms.granter()
    }

    /// Lock-delay: how long a lease stays vacant that ended without a release (Chubby §2.4).
    fn lock_delay(configured: Duration) -> Duration {
        configured
    }

    /// Token of a grant, given the number of grants up to it: it increases with every grant.
    fn token(grants: u64) -> Token {
        Token(grants)
    }

    /// A release frees the grant that it names, if that grant is the current one and the release
    /// was sent after the request for its last renewal.
    fn releases(granted: Token, renewed_for: Time, named: Token, sent: Time) -> Ruling<SingleRule> {
        if granted == named && sent > renewed_for {
            Allow(SingleRule::TakeRelease)
        } else {
            Refuse(SingleRule::RefuseRelease)
        }
    }

    // Working under a lease, and fencing: Distributed locking; Chubby §2.4.

    /// Whether a holder that checked its lease, and then worked, checks again in the step in which
    /// it acts.
    fn checks_again() -> bool {
        true
    }

    /// Whether a resource writes: only under an exclusive lease, and under a token no lower than
    /// the highest accepted.
    fn admits(highest: Option<Token>, shown: Sequencer) -> Ruling<SingleRule> {
        if shown.mode != Mode::Exclusive {
            Refuse(SingleRule::RefuseShared)
        } else if highest > Some(shown.token) {
            Refuse(SingleRule::RefuseLowerToken)
        } else {
            Allow(SingleRule::AcceptWrite)
        }
    }

    /// Whether a resource that demands the granter's seal believes a sequencer: only if the seal
    /// covers it, as no holder can make it.
    fn believes(sealed: bool) -> Ruling<SingleRule> {
        if sealed { Allow(SingleRule::AcceptWrite) } else { Refuse(SingleRule::RefuseUnsealed) }
    }

    // Majorities: PaxosLease; ABD.

    /// Whether `count` is more than half of the acceptors or replicas.
    fn majority(count: usize, of: usize) -> bool {
        count * 2 > of
    }

    /// An answer counts only for its own ballot, and once per acceptor: identities are counted, not
    /// messages.
    fn counts(current: bool, answered_before: bool) -> Ruling<CountRule> {
        if current && !answered_before { Allow(CountRule::CountPromise) } else { Refuse(CountRule::StaleAnswer) }
    }

    /// An acceptor that reports a running lease leaves it open to its owner only.
    fn leaves_open(reported: Option<NodeId>, me: NodeId) -> bool {
        reported.is_none_or(|owner| owner == me)
    }

    /// A release frees only what was accepted under exactly the ballot that it names; `same` says
    /// whether the two are equal.
    fn release_frees(same: bool) -> Ruling<MajorityRule> {
        if same { Allow(MajorityRule::AcceptorReleases) } else { Refuse(MajorityRule::IgnoreRelease) }
    }

    /// Whether a new holder marks a majority of the replicas with its token before it serves.
    fn marks_first() -> bool {
        true
    }

    /// Whether a replica stores a write: not below its mark.
    fn stores(mark: Option<Token>, token: Token) -> Ruling<StoreRule> {
        if mark > Some(token) { Refuse(StoreRule::RefusePut) } else { Allow(StoreRule::StoreValue) }
    }

    // Duplicate requests: RIFL.

    /// Status of a request, given the newest executed request of the same client. Clients number
    /// their requests and send them one at a time.
    fn known(done: Option<u64>, number: u64) -> RequestLookup {
        match done {
            Some(done) if done == number => RequestLookup::Done,
            Some(done) if done > number => RequestLookup::Overtaken,
            _ => RequestLookup::New,
        }
    }

    // Caches: Leases §2, §5.

    /// Whether a datum may change: only when no lease on it runs, nor any that the server may have
    /// forgotten.
    fn may_write(holders_left: usize, quarantined: bool) -> Ruling<CacheRule> {
        if quarantined {
            Refuse(CacheRule::WaitForForgotten)
        } else if holders_left > 0 {
            Refuse(CacheRule::WaitForHolders)
        } else {
            Allow(CacheRule::Write)
        }
    }

    /// Whether the server grants a lease on a datum: not while a write waits for it, or the write
    /// might never proceed.
    fn lends(write_waits: bool) -> Ruling<CacheRule> {
        if write_waits { Refuse(CacheRule::TellOnly) } else { Allow(CacheRule::Lend) }
    }

    // Leases on Raft: Chubby §2.9; Ongaro §6.4.1.

    /// Start of a lease's term as the leader counts it: when it began to lead, if the grant is
    /// older.
    fn leader_counts_from(began_to_lead: Time, applied: Time) -> Time {
        began_to_lead.max(applied)
    }

    /// Duration of a follower's trust: the granter's term, which is longer than the leader's by the
    /// worst case of both clocks.
    fn trust_term(terms: &Terms) -> Duration {
        terms.granter()
    }

    /// Whether an answer counts as trust: only if it answers the newest request, from which the
    /// leader will count.
    fn counts_trust(asked: Option<Time>, answered: Time) -> bool {
        asked == Some(answered)
    }

    /// Whether a node withholds its vote: while it has promised trust to a leader, unless that
    /// leader transferred its leadership to the candidate.
    fn withholds_vote(trusting: bool, sent_by_leader: bool) -> bool {
        trusting && !sent_by_leader
    }

    /// Duration for which a restarted node withholds its vote, given the longest trust it may have
    /// promised.
    fn distrust_after_restart(trust: Duration) -> Duration {
        trust
    }

    /// Whether a leader gives up its lease before it transfers the leadership.
    fn lays_down_for_transfer() -> bool {
        true
    }

    /// Whether a leader reads locally: its lease runs, and it has applied an entry of its own term,
    /// so that it knows every committed entry of earlier terms.
    fn reads_alone(lease_runs: bool, own_term_applied: bool) -> Ruling<ReplicatedRule> {
        if lease_runs && own_term_applied { Allow(ReplicatedRule::ReadUnderLease) } else { Refuse(ReplicatedRule::ReadByRound) }
    }
}
