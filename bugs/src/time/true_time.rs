//! Bugs of TrueTime and commit wait. In none of them a clock or a master is worse than the
//! configuration allows for, unless the story says so.

use quorate_protocol::Ruling::{self, Allow};
use quorate_protocol::{Duration, Time};
use quorate_time::true_time::{BY_THE_BOOK, Rulebook, TrueTimeRule};
use quorate_time::{Drift, Interval, densest};

use crate::Breaks::Invariant;
use crate::Discovery::Scenario;

bugs! {
    /// Rulebook of TrueTime: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    NO_WAIT = "no-wait" of TrueTime {
        summary: "A transaction is committed at once, without waiting until its stamp has passed.",
        story: "A has not reached the masters for 30 s, so its interval is wide. It takes the latest time in it as the stamp, and tells its client at once. The stamp is still to come: a server with a narrower interval gives a smaller one to the next transaction.",
        source: "cockroachdb/cockroach #61110",
        breaks: Invariant("StampHasPassed"),
        needs: "1 transaction",
        discovery: Scenario { scenario: "truetime-commit-wait", commands: 4 },
        correct_rule: "CommitWait",
        fn commit_wait(_: Interval, _: Time) -> Ruling<TrueTimeRule> {
            Allow(TrueTimeRule::Commit)
        }
    }

    STAMP_AT_EARLIEST = "stamp-at-earliest" of TrueTime {
        summary: "The stamp is the earliest time that it may be, not the latest.",
        story: "B commits with a narrow interval, and its client is told. Then a transaction begins at A, which was cut off from the masters and has a wide interval: the earliest time of it lies before B's stamp.",
        source: "Corbett 2012 §4.1.2",
        breaks: Invariant("ExternalConsistency"),
        needs: "2 transactions on servers whose errors differ",
        discovery: Scenario { scenario: "truetime-overlap-has-no-order", commands: 7 },
        correct_rule: "StampLatest",
        fn stamp(now: Interval, _: Option<Time>) -> Time {
            now.earliest
        }
    }

    INTERVAL_DOES_NOT_GROW = "interval-does-not-grow" of TrueTime {
        summary: "A reading is as exact after 30 s as it was when the masters answered.",
        story: "The clock of A is fast by 200 microseconds in a second, as it may be. After 29 s it is ahead by more than the error that the masters' answer had.",
        source: "Corbett 2012 §3",
        breaks: Invariant("IntervalContainsTruth"),
        needs: "a clock that drifts within its bound",
        discovery: Scenario { scenario: "truetime-interval-grows", commands: 6 },
        correct_rule: "ReadTime",
        fn aged(reading: Interval, passed: Duration, _: Drift) -> Interval {
            Interval::new(reading.earliest + passed, reading.latest + passed)
        }
    }

    ONE_MASTER_BELIEVED = "one-master-believed" of TrueTime {
        summary: "A server believes one time master, and does not compare it with the others.",
        story: "The master M1 is wrong by twelve years, as the USNO's time servers once were. A server takes its answer.",
        source: "USNO time servers, 19 November 2012",
        breaks: Invariant("IntervalContainsTruth"),
        needs: "a master whose clock is wrong",
        discovery: Scenario { scenario: "truetime-master-off-by-years", commands: 2 },
        correct_rule: "Synchronise",
        fn trusted(_: &Rulebook, answers: &[Interval], _: usize) -> Option<Interval> {
            answers.first().copied()
        }
    }

    MOST_POPULAR_TIME = "most-popular-time" of TrueTime {
        summary: "The time is where most of the intervals meet.",
        story: "The clock of M3 is 3 ms fast. Its interval meets those of the others, but not where the true time is, and the region in which all three agree misses it.",
        source: "RFC 5905 §11.2.1; Marzullo 1984",
        breaks: Invariant("IntervalContainsTruth"),
        needs: "a master whose clock is wrong",
        discovery: Scenario { scenario: "truetime-most-popular-time", commands: 2 },
        correct_rule: "Synchronise",
        fn trusted(_: &Rulebook, answers: &[Interval], _: usize) -> Option<Interval> {
            densest(answers).map(|(_, region)| region)
        }
    }

    DELAY_IGNORED = "delay-ignored" of TrueTime {
        summary: "A master's answer counts as if it had taken no time.",
        story: "Each message takes 9 ms. What the masters say was right when they said it; the server takes it for the time at which it hears it.",
        source: "Corbett 2012 §3; RFC 5905 §8",
        breaks: Invariant("IntervalContainsTruth"),
        needs: "messages that take longer than twice the error of a master",
        discovery: Scenario { scenario: "truetime-slow-answers", commands: 1 },
        correct_rule: "CountAnswer",
        fn on_arrival(told: Interval, _: Duration, _: Drift) -> Interval {
            told
        }
    }

    FLAG_INSTEAD_OF_ERROR = "flag-instead-of-error" of TrueTime {
        summary: "A server that was synchronised once counts as synchronised, whatever its error is.",
        story: "A is cut off from all masters. After a minute its error exceeds what is allowed, and it goes on to serve.",
        source: "systemd #13245; iopsystems/rezolus #1058",
        breaks: Invariant("ErrorWithinLimit"),
        needs: "a server that is cut off",
        discovery: Scenario { scenario: "truetime-cut-off", commands: 7 },
        correct_rule: "ErrorTooLarge",
        fn serves(_: Duration, _: Duration) -> Ruling<TrueTimeRule> {
            Allow(TrueTimeRule::ReadTime)
        }
    }

    BAD_CLOCK_STAYS = "bad-clock-stays" of TrueTime {
        summary: "A server whose clock has left its bound is synchronised again, and stays.",
        story: "The clock of A is fast by 1000 microseconds in a second, five times as much as it may be. The masters show it at the next poll, and A stays. Before the poll after that it is wrong again.",
        source: "Corbett 2012 §3",
        breaks: Invariant("IntervalContainsTruth"),
        needs: "a clock that drifts beyond its bound",
        discovery: Scenario { scenario: "truetime-clock-leaves", commands: 5 },
        correct_rule: "LeaveCluster",
        fn keeps_bound(_: Interval, _: Interval) -> Ruling<TrueTimeRule> {
            Allow(TrueTimeRule::Synchronise)
        }
    }
}
