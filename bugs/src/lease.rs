//! Bugs of leases, locks and fencing. All machines of the lease crate share one rulebook, so one
//! [`NamedRulebook`] serves them all. Each bug names the machine that shows it, and after it the
//! others that make the same decision.

use quorate_lease::cache::CacheRule;
use quorate_lease::majority::MajorityRule;
use quorate_lease::replicated::ReplicatedRule;
use quorate_lease::{BY_THE_BOOK, LeaseState, Rulebook, Sequencer, SingleRule, Terms, Token};
use quorate_protocol::Ruling::{self, Allow};
use quorate_protocol::{Duration, LocalTime, NodeId, Time};

use crate::Breaks::Invariant;
use crate::Discovery::{Scenario, Search, Seed, Stages};

pub mod pushed;
pub mod two_step;

bugs! {
    /// Rulebook of leases: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    HEARTBEAT_ONLY = "heartbeat-only" of Lease {
        summary: "A monitor appoints a new primary when the heartbeats of the old one stop, without a lease.",
        story: "Only the link between A and Q is cut, and only for a moment. Q misses one heartbeat of A, counts it as dead, and makes B primary. The news to A is slow. B acts, and so does A.",
        source: "the classical heartbeat monitor",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a partition between monitor and primary",
        discovery: Scenario { scenario: "lease/lease-prevents-dual-primary", commands: 11 },
        correct_rule: "HeldByOther",
        fn grants(state: LeaseState, asks: NodeId) -> Ruling<SingleRule> {
            BY_THE_BOOK.grants(LeaseState { ended: state.ended || state.suspected, ..state }, asks)
        }
    }

    COUNTS_FROM_REPLY = "counts-from-reply" of Lease, MajorityLease, CacheLease, RaftLease {
        summary: "The holder's term starts when the grant arrives.",
        story: "The grant was in flight for a while. The granter counted that time, the holder did not.",
        source: "Gray and Cheriton, Leases",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a slow grant",
        discovery: Search { steps: 9 },
        correct_rule: "GrantTooLate",
        fn counts_from(_: Time, received: Time) -> Time {
            received
        }
    }

    NO_DRIFT_MARGIN = "no-drift-margin" of Lease, MajorityLease, CacheLease, RaftLease {
        summary: "The holder counts the same term as the granter, without a margin for clock drift.",
        story: "The holder's clock runs slow, or the granter's fast, each within its bound. The term ends at the granter first.",
        source: "Gray and Cheriton, Leases",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "clocks that drift within the bound",
        discovery: Search { steps: 9 },
        correct_rule: "GrantTooLate",
        fn holder_term(terms: &Terms) -> Duration {
            terms.granter()
        }
    }

    WALL_CLOCK = "wall-clock" of Lease, MajorityLease, CacheLease, RaftLease {
        summary: "Deadlines are measured on the wall clock.",
        story: "A's clock jumps back by an hour, which extends its lease by that hour. A is partitioned, and its term ends at Q, which makes B primary. B acts, and so does A.",
        source: "classical",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a clock that is set back",
        discovery: Scenario { scenario: "lease/clock-jump", commands: 11 },
        correct_rule: "Lapse",
        fn clock(now: LocalTime) -> Time {
            now.wall
        }
    }

    OWN_LEASE_LENGTH = "own-lease-length" of Lease {
        summary: "A node that waits for a lease to end counts by its own configuration, not by the term of the lease.",
        story: "A holds a lease of 30 s, and is cut off from Q. Q is configured for 10 s. After these it takes the lease for ended, and B becomes primary. B acts, and so does A.",
        source: "fabric8 kubernetes-client #7160: each candidate counts by its own lease duration",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "two configurations, a partition",
        discovery: Scenario { scenario: "lease/term-of-the-grant-counts", commands: 5 },
        correct_rule: "HeldByOther",
        fn binds_for(_: Duration, own: Duration) -> Duration {
            own
        }
    }

    STAMP_OF_ANOTHER_CLOCK = "stamp-of-another-clock" of Lease {
        summary: "An observer judges a lease by the time that its holder wrote, on the observer's own clock.",
        story: "The wall clock of Q is a minute ahead of A's. A holds the lease and renews it, and writes the time. To Q the stamp is a minute old, and the lease has ended. B becomes primary. B acts, and so does A.",
        source: "Gray and Cheriton, Leases §5; kubernetes client-go, leaderelection: clock skew",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "wall clocks that differ by more than a term",
        discovery: Scenario { scenario: "lease/stamp-of-another-clock", commands: 4 },
        correct_rule: "HeldByOther",
        fn granted_at(written: Time, _: Time) -> Time {
            written
        }
        fn clock(now: LocalTime) -> Time {
            now.wall
        }
    }

    RESTART_GRANTS_AT_ONCE = "restart-grants-at-once" of Lease, MajorityLease, CacheLease {
        summary: "A restarted granter grants at once.",
        story: "It has forgotten a grant, or cannot know its remaining time, and grants the lease to the next node that asks.",
        source: "Gray and Cheriton, Leases",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a restart of the granter within a term",
        discovery: Search { steps: 7 },
        correct_rule: "WaitOut",
        fn quarantine(_: &Terms) -> Duration {
            Duration::ZERO
        }
    }

    QUARANTINE_SHORT = "quarantine-short" of Lease, MajorityLease, CacheLease {
        summary: "A restarted granter waits one nanosecond too short.",
        story: "The longest lease that it may have granted ends exactly one nanosecond later, on the slowest clock.",
        source: "the drift inequality",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a restart of the granter, clocks at the bound",
        discovery: Scenario { scenario: "lease/quarantine-to-the-nanosecond", commands: 22 },
        correct_rule: "WaitOut",
        fn quarantine(terms: &Terms) -> Duration {
            terms.quarantine().saturating_sub(Duration::from_nanos(1))
        }
    }

    CHECK_THEN_ACT = "check-then-act" of Lease {
        summary: "A holder checks its lease, works, and acts without checking again.",
        story: "A checks its lease and works. It is paused for longer than its term, and another node becomes primary. A resumes, and at the end of its work it acts, as it had checked.",
        source: "Kleppmann 2016",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a pause of more than a term",
        discovery: Scenario { scenario: "lease/pause-then-act", commands: 9 },
        correct_rule: "ActInLease",
        fn checks_again() -> bool {
            false
        }
    }

    TOKEN_NOT_CHECKED = "token-not-checked" of Lease {
        summary: "The resource does not check tokens.",
        story: "A checks its lease, begins to write, and is paused. Its term ends; B becomes primary and writes. A resumes, and sends its write. S, whose disk has B's token, accepts it: the older value overwrites the newer one.",
        source: "Kleppmann 2016",
        breaks: Invariant("TokensNeverDecrease"),
        needs: "a pause, or a slow write",
        discovery: Scenario { scenario: "lease/fence-refuses-late-write", commands: 11 },
        correct_rule: "RefuseLowerToken",
        fn admits(_: Option<Token>, _: Sequencer) -> Ruling<SingleRule> {
            Allow(SingleRule::AcceptWrite)
        }
    }

    GRANT_SEAL_NOT_CHECKED = "grant-seal-not-checked" of Lease {
        summary: "The resource takes a token under any seal, or under none, for the granter's.",
        story: "S demands the granter's seal on each grant. A lies: it writes 99 into a write whose seal is on another grant. S sees that the seal does not cover it, and writes all the same.",
        source: "Chubby §2.4: a sequencer is an opaque string",
        breaks: Invariant("TokensNeverDecrease"),
        needs: "a holder that lies",
        discovery: Scenario { scenario: "liars/sealed-token", commands: 13 },
        correct_rule: "RefuseUnsealed",
        fn believes(_: bool) -> Ruling<SingleRule> {
            Allow(SingleRule::AcceptWrite)
        }
    }

    TOKEN_RANDOM = "token-random" of Lease {
        summary: "Tokens are unique, but not ordered.",
        story: "The resource can distinguish two holders, but cannot tell which of them is the later one.",
        source: "Kleppmann 2016",
        breaks: Invariant("TokensNeverDecrease"),
        needs: "a late write",
        discovery: Seed { nodes: 2, seed: 303, faults: "none,partitions=4,pauses=4,outage=500ms", necessary_events: 4 },
        correct_rule: "Hold",
        fn token(grants: u64) -> Token {
            // Multiplying by an odd number mixes the upper bits; ten of them keep the token
            // readable.
            Token(grants.wrapping_mul(0xc2b2_ae3d_27d4_eb4f) >> 54)
        }
    }

    REPLICA_FENCE_ONLY = "replica-fence-only" of FencedStore {
        summary: "Each replica checks tokens for itself, without first marking a majority with the new token.",
        story: "A late write of the old holder reaches a majority of replicas that have not seen the new token yet.",
        source: "compare Attiya, Bar-Noy and Dolev 1995",
        breaks: Invariant("NoLostWrite"),
        needs: "3 replicas, a late write",
        discovery: Seed { nodes: 3, seed: 0, faults: "harsh", necessary_events: 3 },
        correct_rule: "Mark",
        fn marks_first() -> bool {
            false
        }
    }

    UNLOCK_OTHERS = "unlock-others" of Lease {
        summary: "A release ends the current lease, whoever holds it.",
        story: "The sender's own lease expired long ago. The release ends the lease of another node.",
        source: "classical",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a late release",
        discovery: Seed { nodes: 2, seed: 0, faults: "none,partitions=4,pauses=4,outage=500ms", necessary_events: 1 },
        correct_rule: "RefuseRelease",
        fn releases(_: Token, _: Time, _: Token, _: Time) -> Ruling<SingleRule> {
            Allow(SingleRule::TakeRelease)
        }
    }

    RELEASE_IGNORES_RENEWAL = "release-ignores-renewal" of Lease {
        summary: "A release that is older than a renewal still ends the lease.",
        story: "The holder released the lease, restarted, and was granted a renewal. Then the release arrives.",
        source: "found by this library",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a late release, a restart",
        discovery: Seed { nodes: 3, seed: 6178, faults: "harsh", necessary_events: 11 },
        correct_rule: "RefuseRelease",
        fn releases(granted: Token, _: Time, named: Token, sent: Time) -> Ruling<SingleRule> {
            BY_THE_BOOK.releases(granted, Time::ZERO, named, sent)
        }
    }

    RELEASE_IGNORES_BALLOT = "release-ignores-ballot" of MajorityLease {
        summary: "An acceptor applies a release to any lease that it has accepted.",
        story: "A delayed release arrives after the lease was acquired again, and ends the new one.",
        source: "PaxosLease 2012; that a message is about its own ballot only is Paxos Made Simple §2.2",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a delayed message",
        discovery: Stages { steps: 33 },
        correct_rule: "IgnoreRelease",
        fn release_frees(_: bool) -> Ruling<MajorityRule> {
            Allow(MajorityRule::AcceptorReleases)
        }
    }

    FAILED_RENEWAL_EXTENDS = "failed-renewal-extends" of Lease, RaftLease {
        summary: "A refused renewal extends the lease at the holder.",
        story: "The holder receives the refusal, and continues for another term.",
        source: "classical",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a restart of the granter",
        discovery: Seed { nodes: 2, seed: 7, faults: "none,crashes=4,outage=400ms", necessary_events: 2 },
        correct_rule: "ActInLease",
        fn until_after_denial(until: Time, now: Time, terms: &Terms) -> Time {
            until.max(now + terms.holder())
        }
    }

    TRANSFER_KEEPS_LEASE = "transfer-keeps-lease" of RaftLease {
        summary: "A leader that transfers its leadership keeps its own lease.",
        story: "n2 transfers its leadership to n1, and is partitioned. n1 is elected at once, without waiting, because n2 asked it to campaign, and A acquires a lock there. n2 still answers a query under its own lease.",
        source: "etcd #12704",
        breaks: Invariant("NoStaleRead"),
        needs: "a transfer and a slow link",
        discovery: Scenario { scenario: "lease/leader-lease-transfer", commands: 13 },
        correct_rule: "LayDownLease",
        fn lays_down_for_transfer() -> bool {
            false
        }
    }

    SUCCESSOR_DOES_NOT_WAIT = "successor-does-not-wait" of RaftLease {
        summary: "A new leader counts the terms of earlier leases from the time of their grants.",
        story: "It does not know that time. It expires a lease that its holder still considers valid.",
        source: "hashicorp/raft #108; Chubby §2.9",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a failover within a term",
        discovery: Seed { nodes: 3, seed: 2, faults: "harsh", necessary_events: 2 },
        correct_rule: "CountDown",
        fn leader_counts_from(_: Time, _: Time) -> Time {
            Time::ZERO
        }
    }

    LIMBO_READ = "limbo-read" of RaftLease {
        summary: "A new leader reads under its lease before it has applied an entry of its own term.",
        story: "Entries that its predecessor committed may be in its log but not yet committed: the answer does not reflect them.",
        source: "Ongaro's dissertation §6.4",
        breaks: Invariant("NoStaleRead"),
        needs: "a new leader with an uncommitted tail",
        discovery: Seed { nodes: 3, seed: 5, faults: "harsh", necessary_events: 17 },
        correct_rule: "ReadByRound",
        fn reads_alone(lease_runs: bool, _: bool) -> Ruling<ReplicatedRule> {
            BY_THE_BOOK.reads_alone(lease_runs, true)
        }
    }

    VOTES_WHILE_TRUSTING = "votes-while-trusting" of RaftLease {
        summary: "Followers vote for other nodes although they have promised their leader not to.",
        story: "n2 leads, answers queries alone because it relies on that promise, and is partitioned. n3 is elected all the same, and A acquires a lock there. n2 answers the next query without it.",
        source: "Ongaro's dissertation §6.4.1",
        breaks: Invariant("NoStaleRead"),
        needs: "a partition of the leader",
        discovery: Scenario { scenario: "lease/leader-lease-read", commands: 16 },
        correct_rule: "WithholdCandidacy",
        fn withholds_vote(_: bool, _: bool) -> bool {
            false
        }
    }

    WRITE_AT_ONCE = "write-at-once" of CacheLease {
        summary: "A server changes data that clients have cached without waiting for their leases.",
        story: "A and B have cached what S holds, and B cannot be reached. A client writes at S, which does not wait for B: the write completes, and the next read at B has the old value.",
        source: "Gray and Cheriton, Leases",
        breaks: Invariant("NoStaleRead"),
        needs: "a cache that is partitioned from the server",
        discovery: Scenario { scenario: "lease/cache-write-waits", commands: 12 },
        correct_rule: "WaitForHolders",
        fn may_write(_: usize, forgotten: bool) -> Ruling<CacheRule> {
            BY_THE_BOOK.may_write(0, forgotten)
        }
    }

    NO_LOCK_DELAY = "no-lock-delay" of Lease {
        summary: "The next holder gets the lease while requests of the previous one are still in flight.",
        story: "A writes, its message is delayed on the way to S, and A crashes. Its term ends, and B becomes primary at once and writes. Then A's late write arrives. S cannot check tokens: the only protection would have been to wait.",
        source: "Chubby §2.4",
        breaks: Invariant("TokensNeverDecrease"),
        needs: "a resource that cannot check tokens, a slow write",
        discovery: Scenario { scenario: "lease/lock-delay-outlasts-write", commands: 9 },
        correct_rule: "LockDelay",
        fn lock_delay(_: Duration) -> Duration {
            Duration::ZERO
        }

        // Not the bug, but its precondition: a resource that cannot check tokens. One that does
        // needs no delay.
        fn admits(_: Option<Token>, _: Sequencer) -> Ruling<SingleRule> {
            Allow(SingleRule::AcceptWrite)
        }
    }
}
