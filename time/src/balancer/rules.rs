//! The rules of a balancer, with their sources.
//!
//! * *Kleppmann 2017*, Martin Kleppmann, *Designing Data-Intensive Applications*, chapter 8.
//! * *SRE book*, Betsy Beyer and others, *Site Reliability Engineering*, 2016: chapter 20, *Load
//!   Balancing in the Datacenter*; 21, *Handling Overload*; 22, *Addressing Cascading Failures*.
//! * *Envoy*, *Architecture overview: upstream clusters*, on health checking and the panic
//!   threshold.
//! * *Das 2002*, Abhinandan Das and others, *SWIM: Scalable Weakly-consistent Infection-style
//!   Process Group Membership Protocol*.

quorate_protocol::rules! {
    /// The rules of a balancer.
    pub enum BalancerRule {
        NewLife: "Das 2002 §4.2", "a start is counted on disk, so that a report names the process that it is about";
        ProbeAll: "Envoy §Health checking", "every server is probed in each interval";
        AnswerProbe: "Envoy §Health checking", "a server that is alive answers";
        ProbeWaits: "SRE book §22", "a probe waits behind the work that came before it: an overloaded server looks dead";
        AnswerInTime: "Envoy §Health checking", "the last probe is answered: the server is alive";
        LateAnswer: "Envoy §Health checking", "an answer to an earlier probe is too late, and counts as none";
        TakeForDead: "Kleppmann 2017 §Detecting Faults", "so many probes in a row were not answered: nothing is sent to that server";
        Miss: "Kleppmann 2017 §Detecting Faults", "a probe without an answer proves nothing yet";
        Route: "SRE book §20", "requests go to the servers in service, one after the other";
        FailOpen: "Envoy §Panic threshold", "too few servers look healthy: rather the checks are wrong than all of them, so all are sent to";
        NoneLeft: "Envoy §Panic threshold", "there is no server that could be sent to";
        KnownRequest: "SRE book §21", "a request that is under way is not sent again";
        Overtaken: "SRE book §21", "a request older than one of its client that is answered is not sent";
        Enqueue: "SRE book §22", "a server works on one request after the other";
        Shed: "SRE book §22", "a server whose queue is full refuses at once";
        SeenBefore: "SRE book §21", "a repeated message is answered as before, or dropped";
        WorkDone: "SRE book §22", "a request is done, and the next one begins";
        TellClient: "SRE book §21", "the client hears what a server has said";
        TryAnother: "SRE book §21", "a server that refuses has done nothing: another one is asked";
        Overloaded: "SRE book §21", "all have refused: the client is told so";
        Repeat: "SRE book §22", "a request that is safe to repeat goes to another server";
        InDoubt: "Kleppmann 2017 §Unreliable Networks", "it may have been done: only the client may decide to repeat it";
        OldAnswer: "SRE book §21", "nobody waits for this answer any more";
        ReportDown: "Kleppmann 2017 §Detecting Faults", "who knows that a process or a link is gone says so at once";
        BelieveReport: "Kleppmann 2017 §Detecting Faults", "a report is knowledge: nothing is sent to that server, without waiting for probes";
        OldReport: "Das 2002 §4.2", "a report of a former life says nothing about the process that runs now";
        UnknownProcess: "Das 2002 §4.2", "a reporter that has not seen a process start cannot say which one has ended";
        Register: "Das 2002 §4.2", "a process that starts tells its operating system";
        UpAgain: "Das 2002 §4.2", "a later life, or an answer to a later probe, outdates the report";
        AnnounceLeave: "Kleppmann 2017 §Limiting the impact of garbage collection", "a planned absence is announced before it begins";
        MayLeave: "Kleppmann 2017 §Limiting the impact of garbage collection", "enough others are in service: nothing more is sent to the server";
        MustStay: "SRE book §22", "too few others are in service: the server stays until one is back";
        Release: "Kleppmann 2017 §Limiting the impact of garbage collection", "all that was sent is answered: the server may go";
        Drained: "Kleppmann 2017 §Limiting the impact of garbage collection", "the server has nothing left: nobody waits for its absence";
        StillBusy: "Kleppmann 2017 §Limiting the impact of garbage collection", "work that was taken on is finished first";
        Return: "Kleppmann 2017 §Limiting the impact of garbage collection", "the absence is over, and requests come again";
        OldStanding: "Das 2002 §4.2", "an earlier word of a server does not replace a later one";
        WrongRole: "SRE book §20", "balancers route, servers work, reporters report";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quorate_protocol::Rule;

    use super::*;

    #[test]
    fn every_rule_has_a_source_and_a_line_of_its_own() {
        let lines: BTreeSet<_> = BalancerRule::ALL.iter().map(|rule| rule.summary()).collect();
        assert_eq!(lines.len(), BalancerRule::ALL.len());
        for rule in BalancerRule::ALL {
            assert!(rule.cite().contains('§'), "{} cites no section", rule.id());
            assert!(!rule.summary().ends_with('.'), "{} is a line, not a sentence", rule.id());
        }
    }
}
