//! Bugs of Snowflake ids. A clock that goes back, a restart or a full tick suffices for each.

use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{self, Allow};
use quorate_time::snowflake::{BY_THE_BOOK, Lease, Next, Rulebook, Slot, SnowflakeRule};

use crate::Breaks::Invariant;
use crate::Discovery::Scenario;

bugs! {
    /// Rulebook of Snowflake ids: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    BACK_IS_NOT_CHECKED = "back-is-not-checked" of Snowflake {
        summary: "Any other tick than that of the last id begins a new sequence, also an earlier one.",
        story: "A makes an id. Its clock is set back, and A makes ids of ticks that it has used before: the next id is smaller than the last one, and soon one of them is the same.",
        source: "bwmarrin/snowflake #20; apache/dolphinscheduler #6742",
        breaks: Invariant("IncreasingAtEachNode"),
        needs: "2 requests and a clock that is set back",
        discovery: Scenario { scenario: "snowflake-clock-goes-back", commands: 4 },
        correct_rule: "WaitForClock",
        fn next(last: Option<Slot>, tick: u64, last_sequence: u32) -> Next {
            BY_THE_BOOK.next(last.filter(|last| last.tick == tick), tick, last_sequence)
        }
    }

    SEQUENCE_ROLLS_OVER = "sequence-rolls-over" of Snowflake {
        summary: "The sequence begins at 0 again within a tick.",
        story: "A has made as many ids in a tick as a sequence can count. The next id has the sequence 0 again, and the same tick.",
        source: "Snowflake README §Solution",
        breaks: Invariant("UniqueIds"),
        needs: "more requests in a tick than there are sequences",
        discovery: Scenario { scenario: "snowflake-sequence-used-up", commands: 4 },
        correct_rule: "TickExhausted",
        fn next(last: Option<Slot>, tick: u64, last_sequence: u32) -> Next {
            match BY_THE_BOOK.next(last, tick, last_sequence) {
                Next::Exhausted => Next::Take { slot: Slot { tick, sequence: 0 }, rule: SnowflakeRule::FirstOfTick },
                next => next,
            }
        }
    }

    GENERATOR_PER_CALL = "generator-per-call" of Snowflake {
        summary: "Each request gets a generator of its own, which remembers no id.",
        story: "Two requests reach A within a tick. Each of them gets the sequence 0.",
        source: "goSnowFlake #11",
        breaks: Invariant("UniqueIds"),
        needs: "2 requests in a tick",
        discovery: Scenario { scenario: "snowflake-sequence-used-up", commands: 3 },
        correct_rule: "NextInTick",
        fn next(_: Option<Slot>, tick: u64, last_sequence: u32) -> Next {
            BY_THE_BOOK.next(None, tick, last_sequence)
        }
    }

    WAIT_ENDS_IN_THE_PAST = "wait-ends-in-the-past" of Snowflake {
        summary: "The wait for the next tick ends in any other tick, also in an earlier one.",
        story: "A has used up a tick and waits for the next one. Meanwhile its clock is set back, so that the tick is another one: an earlier one. A goes on there.",
        source: "hutool #874 and #1206",
        breaks: Invariant("IncreasingAtEachNode"),
        needs: "a tick that is used up, and a clock that is set back",
        discovery: Scenario { scenario: "snowflake-wait-and-back", commands: 7 },
        correct_rule: "WaitForClock",
        fn after_wait(full: u64, tick: u64) -> Option<u64> {
            (tick != full).then_some(tick)
        }
    }

    OLD_TICK_AFTER_WAIT = "old-tick-after-wait" of Snowflake {
        summary: "After the wait for the next tick the id is built with the tick from before.",
        story: "A has used up a tick and waits for the next one. When that comes, A has the tick from before in a variable, and the sequence begins at 0: that id exists.",
        source: "s-yadav/FlakeId #10; snowflake-id #3",
        breaks: Invariant("UniqueIds"),
        needs: "more requests in a tick than there are sequences",
        discovery: Scenario { scenario: "snowflake-sequence-used-up", commands: 5 },
        correct_rule: "FirstOfTick",
        fn after_wait(full: u64, tick: u64) -> Option<u64> {
            (tick > full).then_some(full)
        }
    }

    RESTART_FORGETS_LAST_TICK = "restart-forgets-last-tick" of Snowflake {
        summary: "A generator that restarts does not know which ticks it has used.",
        story: "A makes an id, crashes, and is set back before it boots. In memory it had guarded against that; after the restart it makes the same id again.",
        source: "hazelcast #17975; seata #3527",
        breaks: Invariant("IncreasingAtEachNode"),
        needs: "2 requests, a crash and a clock that is set back",
        discovery: Scenario { scenario: "snowflake-restart", commands: 7 },
        correct_rule: "Resume",
        fn resumes(_: Option<u64>, _: u32) -> Option<Slot> {
            None
        }
    }

    WORKER_BY_CHANCE = "worker-by-chance" of Snowflake {
        summary: "A generator makes its worker number itself, of its address and process.",
        story: "In containers all processes are the first one, and addresses repeat. A and B have the same number, and make the same id in the same tick.",
        source: "baomidou/mybatis-plus #1877 and #5233; pig #1258",
        breaks: Invariant("UniqueIds"),
        needs: "2 generators and 2 requests in a tick",
        discovery: Scenario { scenario: "snowflake-parts-of-an-id", commands: 3 },
        correct_rule: "Hold",
        fn own_lease(_: NodeId) -> Option<Lease> {
            Some(Lease { worker: 0, above: 0, through: u64::MAX })
        }
    }

    NUMBER_WITHOUT_FENCE = "number-without-fence" of Snowflake {
        summary: "The next holder of a worker number may use the ticks of the former one.",
        story: "A is cut off from the registry R, which leases its number to B. The clock of B is behind, and B makes ids of ticks that A has used.",
        source: "Gray and Cheriton 1989 §2",
        breaks: Invariant("UniqueIds"),
        needs: "a number that changes hands, and a clock that is behind",
        discovery: Scenario { scenario: "snowflake-number-changes-hands", commands: 7 },
        correct_rule: "Recycle",
        fn fence(_: u64) -> u64 {
            0
        }
    }

    SMALLER_NUMBER_IN_TICK = "smaller-number-in-tick" of Snowflake {
        summary: "A generator goes on within a tick under a smaller worker number.",
        story: "B makes an id, and gets a smaller worker number in the same tick. The tick of the next id is the same, and its number is smaller: so is the id.",
        source: "Snowflake README §Solution",
        breaks: Invariant("IncreasingAtEachNode"),
        needs: "3 generators, and a number that changes within a tick",
        discovery: Scenario { scenario: "snowflake-smaller-number", commands: 10 },
        correct_rule: "TickExhausted",
        fn ends_tick(_: u32, _: u32) -> bool {
            false
        }
    }

    LEASE_OUTLIVED = "lease-outlived" of Snowflake {
        summary: "A generator goes on with a worker number whose lease is over.",
        story: "A is cut off from the registry R, which leases its number to B. A goes on under the number, and the two make the same id.",
        source: "Gray and Cheriton 1989 §2",
        breaks: Invariant("UniqueIds"),
        needs: "a number that changes hands",
        discovery: Scenario { scenario: "snowflake-number-changes-hands", commands: 11 },
        correct_rule: "NoLease",
        fn covers(lease: Option<Lease>, tick: u64) -> Ruling<SnowflakeRule> {
            match lease {
                Some(lease) if tick > lease.above => Allow(SnowflakeRule::Hold),
                _ => BY_THE_BOOK.covers(lease, tick),
            }
        }
    }
}
