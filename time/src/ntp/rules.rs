//! The rules of NTP, with their sources.
//!
//! * *RFC 5905*, David Mills and others, *Network Time Protocol Version 4*, 2010.
//! * *POSIX*, *The Open Group Base Specifications Issue 7*, 2018, System Interfaces §2.8.5, on the
//!   realtime and the monotonic clock.

quorate_protocol::rules! {
    /// The rules of NTP, and of the use of clocks.
    pub enum NtpRule {
        Poll: "RFC 5905 §13", "a host asks all its sources at intervals, and shifts their reach registers";
        LongerPoll: "RFC 5905 §13", "while the clock is steady the interval of the polls doubles, up to the longest one";
        Unreachable: "RFC 5905 §13", "no source has answered eight polls: the clock runs on with its last correction";
        Respond: "RFC 5905 §8", "a source answers with the times at which the request came and the response leaves";
        OldResponse: "RFC 5905 §8", "a response whose origin is not the last request, or a second one, does not count";
        Sample: "RFC 5905 §8", "four timestamps give the offset of the clock and the delay of the round trip";
        AwaitSources: "RFC 5905 §11.2", "too few sources have answered to find a falseticker among them";
        NoMajority: "RFC 5905 §11.2.1", "no majority of the sources has a time in common: the clock stays as it is";
        Falseticker: "RFC 5905 §11.2.1", "a source whose interval misses that of the majority does not count";
        KeepReading: "RFC 5905 §10", "the reading from before is still the more exact one";
        Slew: "RFC 5905 §11.3", "a small offset is slewed by at most 500 microseconds in a second";
        AwaitStepout: "RFC 5905 §11.3", "an offset above the step threshold may be a spike: it has to stay";
        Step: "RFC 5905 §11.3", "a large offset that stays, or is there at the start, is stepped";
        Panic: "RFC 5905 §11.3", "an offset above the panic threshold ends the daemon: people have to look";
        Stopped: "RFC 5905 §11.3", "the daemon has ended";
        ClockWasSet: "RFC 5905 §11.3", "the clock was set by another: all samples are of a clock that is gone";
        Alarm: "RFC 5905 §11.1", "the error has grown beyond the limit of the alarm";
        TellTime: "RFC 5905 §11.1", "a reading has a bound: half the round trip, and the drift since the last sample";
        NotSynchronised: "RFC 5905 §11.1", "the bound of the error has grown beyond what counts as synchronised";
        NeverSynchronised: "RFC 5905 §11.1", "without a sample of the clock as it is set now, the error has no bound";
        StartMeasuring: "POSIX §2.8.5", "a duration begins with a reading";
        MeasureDuration: "POSIX §2.8.5", "a duration is the difference of two readings of the monotonic clock";
        NotStarted: "POSIX §2.8.5", "a duration that has not begun has no length";
        BeginWait: "POSIX §2.8.5", "a relative wait ends by the monotonic clock, whatever the wall clock is set to";
        WaitOn: "POSIX §2.8.5", "the span of the wait has not passed";
        EndWait: "POSIX §2.8.5", "the span of the wait has passed";
        WrongRole: "RFC 5905 §3", "sources tell the time, and hosts serve clients";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quorate_protocol::Rule;

    use super::*;

    #[test]
    fn every_rule_has_a_source_and_a_line_of_its_own() {
        let lines: BTreeSet<_> = NtpRule::ALL.iter().map(|rule| rule.summary()).collect();
        assert_eq!(lines.len(), NtpRule::ALL.len());
        for rule in NtpRule::ALL {
            assert!(rule.cite().contains('§'), "{} cites no section", rule.id());
            assert!(!rule.summary().ends_with('.'), "{} is a line, not a sentence", rule.id());
        }
    }
}
