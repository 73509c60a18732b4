//! The rules of Snowflake ids, with their sources.
//!
//! * *Snowflake README*, Twitter, *snowflake*, 2010: the README of the service.
//! * *Gray and Cheriton 1989*, Cary Gray and David Cheriton, *Leases: An Efficient Fault-Tolerant
//!   Mechanism for Distributed File Cache Consistency*.
//! * *Leaf*, Meituan, *Leaf: a distributed id generation service*, 2017: its section on snowflake
//!   mode keeps the worker number in a registry, and the last time outside the process.

quorate_protocol::rules! {
    /// The rules of Snowflake ids.
    pub enum SnowflakeRule {
        Claim: "Leaf §snowflake", "a generator claims its worker number from the registry, again and again";
        Lease: "Gray and Cheriton 1989 §2", "a worker number is leased, up to a tick, and above those of its former holders";
        Renew: "Gray and Cheriton 1989 §2", "the holder's lease is extended";
        Recycle: "Gray and Cheriton 1989 §2", "the number of a holder that is silent goes to another node, above the ticks of the former lease";
        NoWorkerFree: "Snowflake README §Solution", "all worker numbers are held by nodes that were heard of lately";
        Hold: "Leaf §snowflake", "the generator stores its lease before it makes ids under it";
        OldLease: "Gray and Cheriton 1989 §2", "a lease that ends no later than the present one says nothing new";
        NoLease: "Gray and Cheriton 1989 §2", "without a lease that covers the tick there are no ids";
        BeforeLease: "Gray and Cheriton 1989 §2", "former holders may have used this tick: the generator waits for a later one";
        Reserve: "Leaf §snowflake", "ticks are reserved on disk before they are used";
        Resume: "Leaf §snowflake", "after a restart all ticks that were reserved count as used";
        FirstOfTick: "Snowflake README §Solution", "in a new tick the sequence begins at 0";
        NextInTick: "Snowflake README §Solution", "within a tick the sequence counts";
        TickExhausted: "Snowflake README §Solution", "the sequence of this tick is used up: protect from a rollover, wait for the next tick";
        ClockBack: "Snowflake README §System Clock Dependency", "the clock is behind the last tick that was used: refuse to make ids";
        WaitForClock: "Snowflake README §System Clock Dependency", "the clock is behind by little: wait until it is past the last tick that was used";
        OutOfTicks: "Snowflake README §Solution", "41 bits hold the ticks of 69 years from the epoch, and no others";
        AwaitTurn: "Snowflake README §Solution", "requests are served in the order in which they came";
        WrongRole: "Snowflake README §Solution", "the registry leases numbers, and generators make ids";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quorate_protocol::Rule;

    use super::*;

    #[test]
    fn every_rule_has_a_source_and_a_line_of_its_own() {
        let lines: BTreeSet<_> = SnowflakeRule::ALL.iter().map(|rule| rule.summary()).collect();
        assert_eq!(lines.len(), SnowflakeRule::ALL.len());
        for rule in SnowflakeRule::ALL {
            assert!(rule.cite().contains('§'), "{} cites no section", rule.id());
            assert!(!rule.summary().ends_with('.'), "{} is a line, not a sentence", rule.id());
        }
    }
}
