//! Bugs of leases, locks and fencing. All machines of the lease crate share one rulebook, so one
//! [`NamedRulebook`] serves them all; each bug names the machine that shows it.

use quorate_lease::cache::CacheRule;
use quorate_lease::majority::MajorityRule;
use quorate_lease::replicated::ReplicatedRule;
use quorate_lease::{BY_THE_BOOK, LeaseState, Rulebook, Sequencer, SingleRule, Terms, Token};
use quorate_protocol::Ruling::{self, Allow};
use quorate_protocol::{Duration, LocalTime, NodeId, Time};

use crate::Breaks::Invariant;
use crate::Discovery::{Scenario, Search, Seed, Stages};

pub mod two_step;

bugs! {
    /// Rulebook of leases: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    HEARTBEAT_ONLY = "heartbeat-only" of Lease {
        summary: "A monitor names a new primary when the old one is no longer heard, without a lease.",
        story: "The link between monitor and primary is cut, and nothing else. The primary goes on, and the monitor makes another.",
        source: "the classical monitor",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a partition between monitor and primary",
        discovery: Seed { nodes: 2, seed: 0, faults: "none,partitions=4,pauses=4,outage=500ms", necessary_events: 2 },
        correct_rule: "HeldByOther",
        fn grants(standing: LeaseState, asks: NodeId) -> Ruling<SingleRule> {
            BY_THE_BOOK.grants(LeaseState { ended: standing.ended || standing.suspected, ..standing }, asks)
        }
    }

    COUNTS_FROM_REPLY = "counts-from-reply" of Lease {
        summary: "The holder's term starts when the answer arrives.",
        story: "The answer was on its way for a while. The granter has counted that time, the holder has not.",
        source: "Gray and Cheriton, Leases",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a slow answer",
        discovery: Search { steps: 9 },
        correct_rule: "GrantTooLate",
        fn counts_from(_: Time, received: Time) -> Time {
            received
        }
    }

    NO_DRIFT_MARGIN = "no-drift-margin" of Lease {
        summary: "The holder counts as long as the granter does.",
        story: "The holder's clock runs slow, or the granter's fast, each within its bound. The granter is through first.",
        source: "Gray and Cheriton, Leases",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "clocks that drift within the bound",
        discovery: Search { steps: 9 },
        correct_rule: "GrantTooLate",
        fn holder_term(terms: &Terms) -> Duration {
            terms.granter()
        }
    }

    WALL_CLOCK = "wall-clock" of Lease {
        summary: "Deadlines are kept on the wall clock.",
        story: "Somebody sets the holder's clock back, and its lease is longer by that.",
        source: "classical",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a clock that is set",
        discovery: Search { steps: 6 },
        correct_rule: "HeldByOther",
        fn clock(now: LocalTime) -> Time {
            now.wall
        }
    }

    RESTART_GRANTS_AT_ONCE = "restart-grants-at-once" of Lease {
        summary: "A granter that restarts grants at once.",
        story: "It has forgotten a grant, or cannot know how much of it is left, and gives the lease to the next one who asks.",
        source: "Gray and Cheriton, Leases",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a restart of the granter within a term",
        discovery: Search { steps: 7 },
        correct_rule: "WaitOut",
        fn quarantine(_: &Terms) -> Duration {
            Duration::ZERO
        }
    }

    QUARANTINE_SHORT = "quarantine-short" of Lease {
        summary: "A granter that restarts waits a nanosecond too few.",
        story: "The longest lease that it may have granted ends exactly then, on the slowest clock.",
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
        summary: "A holder checks its lease, works, and acts without another look.",
        story: "The process pauses between the check and the act, for longer than a term.",
        source: "Kleppmann 2016",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a pause of more than a term",
        discovery: Seed { nodes: 2, seed: 7, faults: "none,partitions=4,pauses=4,outage=500ms", necessary_events: 2 },
        correct_rule: "LeaseOver",
        fn checks_again() -> bool {
            false
        }
    }

    TOKEN_NOT_CHECKED = "token-not-checked" of Lease {
        summary: "The resource does not look at tokens.",
        story: "A write is late: its sender has lost the lease, and its successor has written. The late one wins.",
        source: "Kleppmann 2016",
        breaks: Invariant("TokensNeverDecrease"),
        needs: "a pause, or a slow write",
        discovery: Seed { nodes: 2, seed: 0, faults: "none,partitions=4,pauses=4,outage=500ms", necessary_events: 1 },
        correct_rule: "RefuseShared",
        fn admits(_: Option<Token>, _: Sequencer) -> Ruling<SingleRule> {
            Allow(SingleRule::AcceptWrite)
        }
    }

    TOKEN_RANDOM = "token-random" of Lease {
        summary: "Tokens are unique, and in no order.",
        story: "The resource can tell two holders apart, and not which of them is the later.",
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
        summary: "Each replica checks tokens for itself, and no majority is marked first.",
        story: "A late write of the old holder reaches a majority that the new token has not touched yet.",
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
        summary: "A release frees whatever lease there is.",
        story: "The releaser's own lease expired long ago. What it frees is somebody else's.",
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
        summary: "A release that a renewal has overtaken still frees the lease.",
        story: "The holder gave up, restarted, and was renewed. Then its release arrives.",
        source: "found here",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a late release, a restart",
        discovery: Seed { nodes: 3, seed: 6178, faults: "harsh", necessary_events: 11 },
        correct_rule: "RefuseRelease",
        fn releases(granted: Token, _: Time, named: Token, sent: Time) -> Ruling<SingleRule> {
            BY_THE_BOOK.releases(granted, Time::ZERO, named, sent)
        }
    }

    RELEASE_IGNORES_BALLOT = "release-ignores-ballot" of MajorityLease {
        summary: "An acceptor takes a release for whatever it has accepted.",
        story: "A delayed release arrives after the lease was acquired anew, and frees the new one.",
        source: "PaxosLease 2012; that an answer is about its own ballot alone is Paxos Made Simple §2.2",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a message that is late",
        discovery: Stages { steps: 33 },
        correct_rule: "IgnoreRelease",
        fn release_frees(_: bool) -> Ruling<MajorityRule> {
            Allow(MajorityRule::AcceptorReleases)
        }
    }

    FAILED_RENEWAL_EXTENDS = "failed-renewal-extends" of Lease {
        summary: "A refused renewal extends the holder's authority.",
        story: "The holder hears no, and goes on for another term.",
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
        summary: "A leader that hands over keeps its own lease.",
        story: "The next leader is elected at once, without waiting, for it was asked to. The old one still reads alone.",
        source: "etcd #12704",
        breaks: Invariant("NoStaleRead"),
        needs: "a transfer and a slow link",
        discovery: Seed { nodes: 3, seed: 241, faults: "none,partitions=4,pauses=4,outage=500ms", necessary_events: 7 },
        correct_rule: "LayDownLease",
        fn lays_down_for_transfer() -> bool {
            false
        }
    }

    SUCCESSOR_DOES_NOT_WAIT = "successor-does-not-wait" of RaftLease {
        summary: "A new leader counts its predecessor's leases from when they were granted.",
        story: "It does not know when that was. It expires a lease that its holder still counts on.",
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
        story: "What its predecessor committed may stand in its log uncommitted: it answers without.",
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
        summary: "Followers vote for others while they have promised their leader not to.",
        story: "The leader reads alone because it trusts that promise, and another has been elected.",
        source: "Ongaro's dissertation §6.4.1",
        breaks: Invariant("NoStaleRead"),
        needs: "a partition of the leader",
        discovery: Seed { nodes: 3, seed: 674, faults: "none,partitions=4,pauses=4,outage=500ms", necessary_events: 14 },
        correct_rule: "WithholdCandidacy",
        fn withholds_vote(_: bool, _: bool) -> bool {
            false
        }
    }

    WRITE_AT_ONCE = "write-at-once" of CacheLease {
        summary: "A server changes what clients have cached without waiting for their leases.",
        story: "The write completes, and a cache goes on answering with what was before.",
        source: "Gray and Cheriton, Leases",
        breaks: Invariant("NoStaleRead"),
        needs: "a cache that is cut off",
        discovery: Seed { nodes: 3, seed: 0, faults: "harsh", necessary_events: 3 },
        correct_rule: "WaitForHolders",
        fn may_write(_: usize, _: bool) -> Ruling<CacheRule> {
            Allow(CacheRule::Write)
        }
    }

    NO_LOCK_DELAY = "no-lock-delay" of Lease {
        summary: "The next holder is admitted while requests of the previous one are still under way.",
        story: "For a resource that cannot check tokens the only help is to wait. Without the wait a late write lands after the new holder's.",
        source: "Chubby §2.4",
        breaks: Invariant("TokensNeverDecrease"),
        needs: "a resource that cannot check, a slow write",
        discovery: Seed { nodes: 2, seed: 0, faults: "none,partitions=4,pauses=4,outage=500ms", necessary_events: 1 },
        correct_rule: "RefuseShared",
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
