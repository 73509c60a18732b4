//! Bugs of leases, locks and fencing. All machines of the lease crate ask the same rulebook, so one [`Book`] serves them all;
//! each bug says which machine shows it.

use quorate_lease::{ByTheBook, LeaseRule, Rulebook, Sequencer, Standing, Terms, Token};
use quorate_protocol::Ruling::{self, Allow};
use quorate_protocol::{Duration, LocalTime, NodeId, Time};

use crate::Breaks::Invariant;
use crate::Found::{Search, Seed, Stages, Story};

shelf! {
    $
    /// The rulebook of leases: to the letter, or with one bug.
    pub enum Book;

    HeartbeatOnly = "heartbeat-only" of Lease {
        says: "A monitor names a new primary when the old one is no longer heard, without a lease.",
        story: "The link between monitor and primary is cut, and nothing else. The primary goes on, and the monitor makes another.",
        source: "the classical monitor",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a partition between monitor and primary",
        found: Seed { nodes: 2, seed: 0, faults: "none,partitions=4,pauses=4,outage=500ms", things: 2 },
        instead: "HeldByOther",
        fn grants(&self, standing: Standing, asks: NodeId) -> Ruling<LeaseRule> {
            ByTheBook.grants(Standing { ended: standing.ended || standing.suspected, ..standing }, asks)
        }
    }

    CountsFromReply = "counts-from-reply" of Lease {
        says: "The holder's term starts when the answer arrives.",
        story: "The answer was on its way for a while. The granter has counted that time, the holder has not.",
        source: "Gray and Cheriton, Leases",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a slow answer",
        found: Search { steps: 9 },
        instead: "GrantTooLate",
        fn counts_from(&self, _: Time, received: Time) -> Time {
            received
        }
    }

    NoDriftMargin = "no-drift-margin" of Lease {
        says: "The holder counts as long as the granter does.",
        story: "The holder's clock runs slow, or the granter's fast, each within its bound. The granter is through first.",
        source: "Gray and Cheriton, Leases",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "clocks that drift within the bound",
        found: Search { steps: 9 },
        instead: "GrantTooLate",
        fn holder_term(&self, terms: &Terms) -> Duration {
            terms.granter()
        }
    }

    WallClock = "wall-clock" of Lease {
        says: "Deadlines are kept on the wall clock.",
        story: "Somebody sets the holder's clock back, and its lease is longer by that.",
        source: "classical",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a clock that is set",
        found: Search { steps: 6 },
        instead: "HeldByOther",
        fn clock(&self, now: LocalTime) -> Time {
            now.wall
        }
    }

    RestartGrantsAtOnce = "restart-grants-at-once" of Lease {
        says: "A granter that restarts grants at once.",
        story: "It has forgotten a grant, or cannot know how much of it is left, and gives the lease to the next one who asks.",
        source: "Gray and Cheriton, Leases",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a restart of the granter within a term",
        found: Search { steps: 7 },
        instead: "WaitOut",
        fn quarantine(&self, _: &Terms) -> Duration {
            Duration::ZERO
        }
    }

    QuarantineShort = "quarantine-short" of Lease {
        says: "A granter that restarts waits a nanosecond too few.",
        story: "The longest lease that it may have granted ends exactly then, on the slowest clock.",
        source: "the drift inequality",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a restart of the granter, clocks at the bound",
        found: Story { scenario: "lease/quarantine-to-the-nanosecond", commands: 22 },
        instead: "WaitOut",
        fn quarantine(&self, terms: &Terms) -> Duration {
            terms.quarantine().saturating_sub(Duration::from_nanos(1))
        }
    }

    CheckThenAct = "check-then-act" of Lease {
        says: "A holder checks its lease, works, and acts without another look.",
        story: "The process pauses between the check and the act, for longer than a term.",
        source: "Kleppmann 2016",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a pause of more than a term",
        found: Seed { nodes: 2, seed: 7, faults: "none,partitions=4,pauses=4,outage=500ms", things: 2 },
        instead: "LeaseOver",
        fn checks_again(&self) -> bool {
            false
        }
    }

    TokenNotChecked = "token-not-checked" of Lease {
        says: "The resource does not look at tokens.",
        story: "A write is late: its sender has lost the lease, and its successor has written. The late one wins.",
        source: "Kleppmann 2016",
        breaks: Invariant("TokensNeverDecrease"),
        needs: "a pause, or a slow write",
        found: Seed { nodes: 2, seed: 0, faults: "none,partitions=4,pauses=4,outage=500ms", things: 1 },
        instead: "RefuseShared",
        fn admits(&self, _: Option<Token>, _: Sequencer) -> Ruling<LeaseRule> {
            Allow(LeaseRule::AcceptWrite)
        }
    }

    TokenRandom = "token-random" of Lease {
        says: "Tokens are unique, and in no order.",
        story: "The resource can tell two holders apart, and not which of them is the later.",
        source: "Kleppmann 2016",
        breaks: Invariant("TokensNeverDecrease"),
        needs: "a late write",
        found: Seed { nodes: 2, seed: 303, faults: "none,partitions=4,pauses=4,outage=500ms", things: 4 },
        instead: "Hold",
        fn token(&self, grants: u64) -> Token {
            // Multiplying by an odd number mixes the upper bits; ten of them are short enough to be read.
            Token(grants.wrapping_mul(0xc2b2_ae3d_27d4_eb4f) >> 54)
        }
    }

    CheckNotAtomic = "check-not-atomic" of Lease {
        says: "The resource checks the token in one step and writes in another.",
        story: "Between the two, the write of a later token is checked and done.",
        source: "classical",
        breaks: Invariant("TokensNeverDecrease"),
        needs: "two writes that come close together",
        found: Seed { nodes: 3, seed: 2508, faults: "none,partitions=4,pauses=4,outage=500ms", things: 5 },
        instead: "AcceptWrite",
        fn writes_where_it_checks(&self) -> bool {
            false
        }
    }

    ReplicaFenceOnly = "replica-fence-only" of FencedStore {
        says: "Each replica checks tokens for itself, and no majority is marked first.",
        story: "A late write of the old holder reaches a majority that the new token has not touched yet.",
        source: "compare Attiya, Bar-Noy and Dolev 1995",
        breaks: Invariant("NoLostWrite"),
        needs: "3 replicas, a late write",
        found: Seed { nodes: 3, seed: 0, faults: "harsh", things: 3 },
        instead: "Mark",
        fn marks_first(&self) -> bool {
            false
        }
    }

    UnlockOthers = "unlock-others" of Lease {
        says: "A release frees whatever lease there is.",
        story: "The releaser's own lease expired long ago. What it frees is somebody else's.",
        source: "classical",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a late release",
        found: Seed { nodes: 2, seed: 0, faults: "none,partitions=4,pauses=4,outage=500ms", things: 1 },
        instead: "RefuseRelease",
        fn releases(&self, _: Token, _: Time, _: Token, _: Time) -> Ruling<LeaseRule> {
            Allow(LeaseRule::TakeRelease)
        }
    }

    ReleaseIgnoresRenewal = "release-ignores-renewal" of Lease {
        says: "A release that a renewal has overtaken still frees the lease.",
        story: "The holder gave up, restarted, and was renewed. Then its release arrives.",
        source: "found here",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a late release, a restart",
        found: Seed { nodes: 3, seed: 6178, faults: "harsh", things: 11 },
        instead: "RefuseRelease",
        fn releases(&self, granted: Token, _: Time, named: Token, sent: Time) -> Ruling<LeaseRule> {
            ByTheBook.releases(granted, Time::ZERO, named, sent)
        }
    }

    ReleaseIgnoresBallot = "release-ignores-ballot" of MajorityLease {
        says: "An acceptor takes a release for whatever it has accepted.",
        story: "A delayed release arrives after the lease was acquired anew, and frees the new one.",
        source: "PaxosLease 2012; that an answer is about its own ballot alone is Paxos Made Simple §2.2",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a message that is late",
        found: Stages { steps: 33 },
        instead: "IgnoreRelease",
        fn release_frees(&self, _: bool) -> Ruling<LeaseRule> {
            Allow(LeaseRule::AcceptorReleases)
        }
    }

    FailedRenewalExtends = "failed-renewal-extends" of Lease {
        says: "A refused renewal extends the holder's authority.",
        story: "The holder hears no, and goes on for another term.",
        source: "classical",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a restart of the granter",
        found: Seed { nodes: 2, seed: 7, faults: "none,crashes=4,outage=400ms", things: 2 },
        instead: "ActInLease",
        fn until_after_denial(&self, until: Time, now: Time, terms: &Terms) -> Time {
            until.max(now + terms.holder())
        }
    }

    TransferKeepsLease = "transfer-keeps-lease" of RaftLease {
        says: "A leader that hands over keeps its own lease.",
        story: "The next leader is elected at once, without waiting, for it was asked to. The old one still reads alone.",
        source: "etcd #12704",
        breaks: Invariant("NoStaleRead"),
        needs: "a transfer and a slow link",
        found: Seed { nodes: 3, seed: 241, faults: "none,partitions=4,pauses=4,outage=500ms", things: 7 },
        instead: "LayDownLease",
        fn lays_down_for_transfer(&self) -> bool {
            false
        }
    }

    SuccessorDoesNotWait = "successor-does-not-wait" of RaftLease {
        says: "A new leader counts its predecessor's leases from when they were granted.",
        story: "It does not know when that was. It expires a lease that its holder still counts on.",
        source: "hashicorp/raft #108; Chubby §2.9",
        breaks: Invariant("AtMostOnePrimary"),
        needs: "a failover within a term",
        found: Seed { nodes: 3, seed: 2, faults: "harsh", things: 2 },
        instead: "CountDown",
        fn leader_counts_from(&self, _: Time, _: Time) -> Time {
            Time::ZERO
        }
    }

    LimboRead = "limbo-read" of RaftLease {
        says: "A new leader reads under its lease before it has applied an entry of its own term.",
        story: "What its predecessor committed may stand in its log uncommitted: it answers without.",
        source: "Ongaro's dissertation §6.4",
        breaks: Invariant("NoStaleRead"),
        needs: "a new leader with an uncommitted tail",
        found: Seed { nodes: 3, seed: 5, faults: "harsh", things: 17 },
        instead: "ReadByRound",
        fn reads_alone(&self, lease_runs: bool, _: bool) -> Ruling<LeaseRule> {
            ByTheBook.reads_alone(lease_runs, true)
        }
    }

    VotesWhileTrusting = "votes-while-trusting" of RaftLease {
        says: "Followers vote for others while they have promised their leader not to.",
        story: "The leader reads alone because it trusts that promise, and another has been elected.",
        source: "Ongaro's dissertation §6.4.1",
        breaks: Invariant("NoStaleRead"),
        needs: "a partition of the leader",
        found: Seed { nodes: 3, seed: 674, faults: "none,partitions=4,pauses=4,outage=500ms", things: 14 },
        instead: "WithholdCandidacy",
        fn withholds_vote(&self, _: bool, _: bool) -> bool {
            false
        }
    }

    WriteAtOnce = "write-at-once" of CacheLease {
        says: "A server changes what clients have cached without waiting for their leases.",
        story: "The write completes, and a cache goes on answering with what was before.",
        source: "Gray and Cheriton, Leases",
        breaks: Invariant("NoStaleRead"),
        needs: "a cache that is cut off",
        found: Seed { nodes: 3, seed: 0, faults: "harsh", things: 3 },
        instead: "WaitForHolders",
        fn may_write(&self, _: usize, _: bool) -> Ruling<LeaseRule> {
            Allow(LeaseRule::Write)
        }
    }

    NoLockDelay = "no-lock-delay" of Lease {
        says: "The next holder is admitted while requests of the previous one are still under way.",
        story: "For a resource that cannot check tokens the only help is to wait. Without the wait a late write lands after the new holder's.",
        source: "Chubby §2.4",
        breaks: Invariant("TokensNeverDecrease"),
        needs: "a resource that cannot check, a slow write",
        found: Seed { nodes: 2, seed: 0, faults: "none,partitions=4,pauses=4,outage=500ms", things: 1 },
        instead: "RefuseShared",
        fn lock_delay(&self, _: Duration) -> Duration {
            Duration::ZERO
        }

        // Not the bug, but what makes it matter: a resource that cannot check. One that does needs no delay.
        fn admits(&self, _: Option<Token>, _: Sequencer) -> Ruling<LeaseRule> {
            Allow(LeaseRule::AcceptWrite)
        }
    }
}

decisions! {
    fn clock(now: LocalTime) -> Time;
    fn counts_from(sent: Time, received: Time) -> Time;
    fn holder_term(terms: &Terms) -> Duration;
    fn may_act(until: Time, now: Time) -> Ruling<LeaseRule>;
    fn has_ended(expires: Time, now: Time) -> bool;
    fn until_after_denial(until: Time, now: Time, terms: &Terms) -> Time;
    fn grants(standing: Standing, asks: NodeId) -> Ruling<LeaseRule>;
    fn quarantine(terms: &Terms) -> Duration;
    fn lock_delay(configured: Duration) -> Duration;
    fn token(grants: u64) -> Token;
    fn releases(granted: Token, renewed_for: Time, named: Token, sent: Time) -> Ruling<LeaseRule>;
    fn checks_again() -> bool;
    fn admits(highest: Option<Token>, shown: Sequencer) -> Ruling<LeaseRule>;
    fn writes_where_it_checks() -> bool;
    fn majority(count: usize, of: usize) -> bool;
    fn counts(current: bool, heard_before: bool) -> Ruling<LeaseRule>;
    fn leaves_open(reported: Option<NodeId>, me: NodeId) -> bool;
    fn release_frees(same: bool) -> Ruling<LeaseRule>;
    fn marks_first() -> bool;
    fn stores(mark: Option<Token>, token: Token) -> Ruling<LeaseRule>;
    fn may_write(holders_left: usize, quarantined: bool) -> Ruling<LeaseRule>;
    fn lends(write_waits: bool) -> Ruling<LeaseRule>;
    fn leader_counts_from(began_to_lead: Time, applied: Time) -> Time;
    fn withholds_vote(trusting: bool, sent_by_leader: bool) -> bool;
    fn distrust_after_restart(trust: Duration) -> Duration;
    fn lays_down_for_transfer() -> bool;
    fn reads_alone(lease_runs: bool, own_term_applied: bool) -> Ruling<LeaseRule>;
}
