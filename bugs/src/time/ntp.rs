//! Bugs of NTP and of the use of clocks.

use quorate_protocol::Duration;
use quorate_protocol::Ruling::{self, Allow};
use quorate_time::ntp::{BY_THE_BOOK, NtpRule, Offset, Readings, Rulebook, Thresholds};
use quorate_time::{Drift, Interval};

use crate::Breaks::Invariant;
use crate::Discovery::Scenario;

bugs! {
    /// Rulebook of NTP: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    ONE_SOURCE_BELIEVED = "one-source-believed" of Ntp {
        summary: "A host follows one time server, and does not compare it with the others.",
        story: "S1 is two hours ahead. A has just started, and takes the first correction as it comes: it is two hours ahead, too, and says that it is synchronised.",
        source: "USNO time servers, 19 November 2012",
        breaks: Invariant("BoundContainsTruth"),
        needs: "a time server that is wrong",
        discovery: Scenario { scenario: "ntp-server-off-by-hours", commands: 3 },
        correct_rule: "NoMajority",
        fn trusted(intervals: &[Interval], _: usize) -> Option<Interval> {
            intervals.first().copied()
        }
    }

    HALF_THE_DELAY_IGNORED = "half-the-delay-ignored" of Ntp {
        summary: "The error of a sample does not contain half the delay of its round trip.",
        story: "Requests take 1 ms, and responses 101 ms. The four timestamps cannot tell which way took how long, so the clock is off by half the difference; it says that it is right within a millisecond or two.",
        source: "RFC 5905 §11.1",
        breaks: Invariant("BoundContainsTruth"),
        needs: "a path that is not as long there as back",
        discovery: Scenario { scenario: "ntp-asymmetric-path", commands: 5 },
        correct_rule: "TellTime",
        fn distance(_: Duration, dispersion: Duration, _: Duration, _: Drift) -> Duration {
            dispersion
        }
    }

    ERROR_DOES_NOT_GROW = "error-does-not-grow" of Ntp {
        summary: "A host states the error of its last synchronisation, however long ago that was.",
        story: "A firewall drops the responses to A. Its clock is fast within its bound, and after a while it is off by more than the error that it states.",
        source: "RFC 5905 §11.1",
        breaks: Invariant("BoundContainsTruth"),
        needs: "a host that is cut off, and drifts within its bound",
        discovery: Scenario { scenario: "ntp-firewall", commands: 5 },
        correct_rule: "TellTime",
        fn aged(reading: Interval, passed: Duration, _: Drift) -> Interval {
            Interval::new(reading.earliest + passed, reading.latest + passed)
        }
    }

    SYNCHRONISED_FOREVER = "synchronised-forever" of Ntp {
        summary: "A host that was synchronised once counts as synchronised, whatever its error is.",
        story: "A firewall drops the responses to A. The flag says that the clock is synchronised, and its error has grown beyond all that counts as such.",
        source: "systemd #13245",
        breaks: Invariant("SynchronisedMeansExact"),
        needs: "a host that is cut off for long",
        discovery: Scenario { scenario: "ntp-firewall", commands: 8 },
        correct_rule: "NotSynchronised",
        fn synchronised(_: Duration, _: Duration) -> Ruling<NtpRule> {
            Allow(NtpRule::TellTime)
        }
    }

    ANY_STEP_TAKEN = "any-step-taken" of Ntp {
        summary: "A host steps its clock by any offset that stays, and never panics.",
        story: "Two of three sources are hours ahead, and a majority. A host that runs takes the step.",
        source: "RFC 5905 §11.3; USNO time servers, 19 November 2012",
        breaks: Invariant("StepsStayBelowPanic"),
        needs: "a majority of wrong time servers",
        discovery: Scenario { scenario: "ntp-panic", commands: 4 },
        correct_rule: "Panic",
        fn discipline(offset: Offset, above_for: Option<Duration>, thresholds: Thresholds) -> Ruling<NtpRule> {
            let (panic, panic_at_boot) = (Duration::MAX, Duration::MAX);
            BY_THE_BOOK.discipline(offset, above_for, Thresholds { panic, panic_at_boot, ..thresholds })
        }
    }

    NEGATIVE_DURATION = "negative-duration" of Ntp {
        summary: "A duration is the difference of two readings of the wall clock.",
        story: "A measures how long a request took. In between its clock is set back by a second: the request has taken less than no time. Cloudflare's DNS servers stopped on such a number.",
        source: "Cloudflare DNS, 1 January 2017",
        breaks: Invariant("DurationsAreReal"),
        needs: "a wall clock that is set in between",
        discovery: Scenario { scenario: "ntp-eight-uses", commands: 8 },
        correct_rule: "MeasureDuration",
        fn elapsed(begun: Readings, now: Readings) -> Offset {
            Offset::between(begun.time, now.time)
        }
    }

    WAITS_ON_THE_WALL = "waits-on-the-wall" of Ntp {
        summary: "A wait ends by the wall clock.",
        story: "A client waits for a second, and the clock is set back by an hour: the wait takes an hour and a second.",
        source: "golang/go #18455, #17168",
        breaks: Invariant("WaitsEnd"),
        needs: "a wall clock that is set back in between",
        discovery: Scenario { scenario: "ntp-wait-and-set-back", commands: 4 },
        correct_rule: "EndWait",
        fn left_to_wait(begun: Readings, span: Duration, now: Readings) -> Duration {
            (begun.time + span).since(now.time)
        }
    }
}
