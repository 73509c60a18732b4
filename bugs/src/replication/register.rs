//! Bugs of a replicated register.
//!
//! Those of majorities forget that two quorums must meet, in both phases. Those of registers that
//! answer at once are about order: a stamp that does not say what came first, or a context that
//! does not say what was read.

use quorate_protocol::Ruling::{self, Allow, Refuse};
use quorate_protocol::{Duration, Time};
use quorate_replication::register::{BY_THE_BOOK, Order, RegisterRule, Rulebook, Seen};
use quorate_replication::{Stamp, Tick};

use crate::Breaks::{Invariant, Progress};
use crate::Discovery::{Scenario, Search, Seed};

bugs! {
    /// Rulebook of a replicated register: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    NO_WRITE_BACK = "no-write-back" of Register {
        summary: "A majority read returns the newest version without putting it on a majority first.",
        story: "A write has reached one replica. A read that meets this replica returns the new value. The next read meets the other two, and returns the old one.",
        source: "scylladb #29387 and #3696, palantir/cassandra #422; Attiya, Bar-Noy and Dolev 1995 §3",
        breaks: Invariant("CompletedOnMajority"),
        needs: "1 write and 1 read",
        discovery: Search { steps: 6 },
        correct_rule: "WriteBack",
        fn write_back(_: usize, _: usize) -> Ruling<RegisterRule> {
            Refuse(RegisterRule::OnMajority)
        }
    }

    HALF_IS_A_QUORUM = "half-is-a-quorum" of Register {
        summary: "Half of the replicas count as a quorum.",
        story: "Of four replicas two have the write. The other two are a quorum as well, and have never heard of it.",
        source: "Attiya, Bar-Noy and Dolev 1995 §3; Gifford 1979: two quorums must meet",
        breaks: Invariant("CompletedOnMajority"),
        needs: "4 replicas and 1 write",
        discovery: Search { steps: 5 },
        correct_rule: "CountAnswer",
        fn quorum(replicas: usize) -> usize {
            replicas.div_ceil(2)
        }
    }

    ACK_COUNTS_TWICE = "ack-counts-twice" of Register {
        summary: "An answer that comes twice counts twice.",
        story: "Of five replicas one has acknowledged the write, and the network duplicates its message. With the writer that makes three, and two replicas hold the version.",
        source: "Attiya, Bar-Noy and Dolev 1995 §3",
        breaks: Invariant("CompletedOnMajority"),
        needs: "5 replicas, 1 write and a duplicated message",
        discovery: Search { steps: 9 },
        correct_rule: "CountedBefore",
        fn counts(_: u32) -> Ruling<RegisterRule> {
            Allow(RegisterRule::CountAnswer)
        }
    }

    ACK_BEFORE_DISK = "register-ack-before-disk" of Register {
        summary: "A replica acknowledges a version that it has in memory only.",
        story: "The write is complete, on two of three replicas. One of them crashes and comes back without it.",
        source: "Attiya, Bar-Noy and Dolev 1995 §3; Jepsen: acknowledged writes in memory",
        breaks: Invariant("CompletedOnMajority"),
        needs: "1 write and a restart of a replica",
        discovery: Search { steps: 7 },
        correct_rule: "Recall",
        fn writes_before_ack() -> bool {
            false
        }
    }

    OLDER_OVERWRITES = "older-overwrites" of Register {
        summary: "A replica stores what it is sent, also when it holds something newer.",
        story: "Two writes are under way. The message of the older one is slow, and arrives last.",
        source: "Attiya, Bar-Noy and Dolev 1995 §3",
        breaks: Invariant("NeverBackwards"),
        needs: "2 writes",
        discovery: Search { steps: 7 },
        correct_rule: "KeepNewer",
        fn takes(_: &Rulebook, _: Option<Stamp>, _: Stamp) -> Ruling<RegisterRule> {
            Allow(RegisterRule::StoreNewer)
        }
    }

    STAMP_UNASKED = "stamp-unasked" of Register {
        summary: "A writer chooses its stamp from its own copy, without asking a majority.",
        story: "That is right for a single writer. The second one has not heard of the first one's write: it takes a stamp below it, is acknowledged, and no read ever shows it.",
        source: "Lynch and Shvartsman 1997 §4: several writers",
        breaks: Invariant("NoOlderRead"),
        needs: "2 writes at 2 replicas",
        discovery: Search { steps: 6 },
        correct_rule: "CountAnswer",
        fn write_asks_first() -> bool {
            false
        }
    }

    TIE_BY_ARRIVAL = "tie-by-arrival" of Register {
        summary: "Of two versions with equal clocks the one that comes last stays.",
        story: "Two writes at two replicas have the same clock. Each replica hears of the other's write last, and takes it: they have exchanged their values.",
        source: "pmcfadin/cqlite #498; Lamport 1978: ties by process",
        breaks: Invariant("NeverBackwards"),
        needs: "2 writes at 2 replicas",
        discovery: Search { steps: 3 },
        correct_rule: "KnownAlready",
        fn newer(one: Stamp, other: Stamp) -> bool {
            one.tick >= other.tick
        }
    }

    FIRST_COME_STAYS = "first-come-stays" of Register {
        summary: "Of two versions with equal clocks each replica keeps the one that it has.",
        story: "Two writes at two replicas have chosen the same number. A majority acknowledges the second one, of which a replica has kept the first; after that the two never agree, however often they compare.",
        source: "pmcfadin/cqlite #498, the other way round",
        breaks: Invariant("CompletedOnMajority"),
        needs: "2 writes at 2 replicas",
        discovery: Search { steps: 8 },
        correct_rule: "StoreNewer",
        fn newer(one: Stamp, other: Stamp) -> bool {
            one.tick > other.tick
        }
    }

    STAMPS_STAND_STILL = "stamps-stand-still" of Register {
        summary: "The stamps of one writer do not rise from write to write.",
        story: "Two writes at one replica fall into one tick of its clock. They have the same stamp, so the second is taken for a copy of the first and is dropped.",
        source: "projectnessie #6332",
        breaks: Invariant("CauseBeforeEffect"),
        needs: "2 writes of 1 application at 1 replica",
        discovery: Search { steps: 5 },
        correct_rule: "LastWriterWins",
        fn stamp(_: Order, clock: Tick, wall: Time) -> Tick {
            clock.max(Tick::wall(wall))
        }
    }

    NEVER_MERGES = "never-merges" of Register {
        summary: "A replica does not move its clock beyond the stamps that it receives.",
        story: "An application writes at one replica, and then at another one whose clock is behind. Its second write is ordered before its first.",
        source: "NodeDB #264; Lamport 1978, IR2",
        breaks: Invariant("CauseBeforeEffect"),
        needs: "2 writes of 1 application at 2 replicas",
        discovery: Search { steps: 5 },
        correct_rule: "PushWrite",
        fn on_receive(_: Order, clock: Tick, _: Tick) -> Tick {
            clock
        }
    }

    RECEIVE_IGNORES_COUNTER = "receive-ignores-counter" of Register {
        summary: "A hybrid clock that receives a stamp with its own wall-clock part does not look at the count.",
        story: "Both clocks show the same wall-clock time, and the count decides. The writer has read a version with a higher count, and its own write is ordered before it.",
        source: "calimero-network #2662; Kulkarni and others 2014 §3",
        breaks: Invariant("CauseBeforeEffect"),
        needs: "2 writes of 1 application at 2 replicas",
        discovery: Search { steps: 5 },
        correct_rule: "PushWrite",
        fn on_receive(order: Order, clock: Tick, theirs: Tick) -> Tick {
            if theirs.wall > clock.wall { BY_THE_BOOK.on_receive(order, clock, Tick::wall(theirs.wall)) } else { clock }
        }
    }

    SKEWED_COORDINATOR = "skewed-coordinator" of Register {
        summary: "A write is stamped by the wall clock of whichever replica takes it.",
        story: "An application reads a value that was stamped by a fast clock, and writes the next one at a replica with a slow clock. Its write is acknowledged, and loses against what it had read.",
        source: "scylladb #10966 and #7082; Kulkarni and others 2014 §1",
        breaks: Progress("an effect has a later stamp than its cause"),
        needs: "2 writes and a clock that is set",
        discovery: Scenario { scenario: "hybrid-clock-orders-them", commands: 9 },
        correct_rule: "LastWriterWins",
        fn stamp(_: Order, _: Tick, wall: Time) -> Tick {
            Tick::wall(wall)
        }
    }

    FUTURE_STAMP_ACCEPTED = "future-stamp-accepted" of Register {
        summary: "A stamp from the far future is accepted from another node.",
        story: "One clock is set wrong by years, and one write carries its time. Every later write is acknowledged, and invisible.",
        source: "scylladb #5619, yugabyte-db #10628; Kulkarni and others 2014 §4",
        breaks: Progress("later writes are acknowledged and invisible"),
        needs: "1 clock that is set far ahead",
        discovery: Scenario { scenario: "future-stamp-refused", commands: 5 },
        correct_rule: "FutureStamp",
        fn accepts_stamp(_: Order, _: Time, _: Tick, _: Duration) -> Ruling<RegisterRule> {
            Allow(RegisterRule::LastWriterWins)
        }
    }

    SIBLINGS_NEVER_SHED = "siblings-never-shed" of Register {
        summary: "A write does not say what its writer had read.",
        story: "An application reads two siblings, merges them, and writes the result. It becomes a third one, and with every merge there is one more.",
        source: "riak_kv #746, riak_test #383; Preguiça and others 2010 §3",
        breaks: Invariant("SiblingsAreConcurrent"),
        needs: "2 writes of 1 application",
        discovery: Search { steps: 5 },
        correct_rule: "WriteHere",
        fn context(_: &Seen, _: &Seen) -> Seen {
            Seen::default()
        }
    }

    CONTEXT_OF_THE_REPLICA = "context-of-the-replica" of Register {
        summary: "A write replaces all that the replica holds, read by its writer or not.",
        story: "Two clients write without having read each other. The replica takes its own knowledge for that of the second one, and drops the first one's value.",
        source: "Preguiça and others 2010 §2: version vectors of servers",
        breaks: Invariant("NoLostUpdate"),
        needs: "2 writes at 1 replica",
        discovery: Search { steps: 2 },
        correct_rule: "WriteHere",
        fn context(_: &Seen, held: &Seen) -> Seen {
            held.clone()
        }
    }

    FRONTIER_WITH_GAPS = "frontier-with-gaps" of Register {
        summary: "A writer that knows a write of a replica counts as knowing all earlier ones of that replica.",
        story: "A client and an application write at one replica, without having read each other. The application knows its own write, the second. Its next write replaces the first as well, which it has never read.",
        source: "reddb #827; Preguiça and others 2010 §3",
        breaks: Invariant("NoLostUpdate"),
        needs: "3 writes at 1 replica, 2 of them of 1 application",
        discovery: Search { steps: 6 },
        correct_rule: "WriteHere",
        fn follows(_: u64, _: u64) -> bool {
            true
        }
    }

    READS_BACK_FROM_REPLICA = "reads-back-from-replica" of Register {
        summary: "The read after a write is answered by any replica, whatever it has.",
        story: "An application writes at one replica and reads at another, which has not heard of the write.",
        source: "livepeer/studio #2245, multigres #21; Terry and others 1994 §3",
        breaks: Invariant("SessionGuarantee"),
        needs: "1 write and 1 read of 1 application",
        discovery: Search { steps: 6 },
        correct_rule: "WaitForSession",
        fn may_answer(_: bool) -> Ruling<RegisterRule> {
            Allow(RegisterRule::ReadHere)
        }
    }

    WRITE_BEGUN_AGAIN = "write-begun-again" of Register {
        summary: "A replica carries out each copy of a write.",
        story: "The network duplicates the request of a client. Its second copy arrives after another client has overwritten the value, which comes back.",
        source: "Lee and others 2015 (RIFL) §3",
        breaks: Invariant("Linearizable"),
        needs: "a duplicated request",
        discovery: Seed { nodes: 3, seed: 0, faults: "none,duplicate=50%,straggling=20%,straggle=500ms", necessary_events: 4 },
        correct_rule: "RepeatedRequest",
        fn begins(_: Option<u64>, _: u64) -> Ruling<RegisterRule> {
            Allow(RegisterRule::WriteHere)
        }
    }
}
