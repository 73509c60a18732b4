//! Bugs of a load balancer: guesses that are taken for knowledge, and absences without a plan.

use quorate_protocol::Ruling::{self, Allow};
use quorate_time::balancer::{BY_THE_BOOK, BalancerRule, Rulebook};

use crate::Breaks::Invariant;
use crate::Discovery::{Scenario, Search};

bugs! {
    /// Rulebook of a load balancer: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    EJECTS_THEM_ALL = "ejects-them-all" of Balancer {
        summary: "However few servers look healthy, the balancer believes its probes.",
        story: "Three servers at 60 % of their capacity, and one crashes. The other two have 90 %, then more than they can do; their answers to probes wait behind work, so they look dead, one after the other. In the end nobody is sent to, although two of three live.",
        source: "istio/api #496, envoy #2671 (the guard, and a question about it)",
        breaks: Invariant("NeverNobody"),
        needs: "1 request, and no answer to a round of probes",
        discovery: Search { steps: 2 },
        correct_rule: "FailOpen",
        fn fail_open(_: usize, _: usize, _: u32) -> bool {
            false
        }
    }

    REPEATS_UNSAFE_REQUEST = "repeats-unsafe-request" of Balancer {
        summary: "The requests of a server that is taken for dead are sent to another one, safe to repeat or not.",
        story: "A server is slow, and taken for dead. It does the payment all the same, and so does the server that the balancer sends it to next.",
        source: "nginx proxy_next_upstream non_idempotent; Kleppmann 2017, chapter 8",
        breaks: Invariant("RepeatedIfSafe"),
        needs: "1 request, and no answer to a round of probes",
        discovery: Search { steps: 2 },
        correct_rule: "InDoubt",
        fn may_repeat(_: bool) -> Ruling<BalancerRule> {
            Allow(BalancerRule::Repeat)
        }
    }

    TOLD_BY_AN_OLD_REPORT = "told-by-an-old-report" of Balancer {
        summary: "A report that a process has died takes down the one that was started since.",
        story: "The operating system reports that a process is gone. The report is late; the process is started again, answers a probe, and is taken down for the end of its former life.",
        source: "Das 2002 §4.2, incarnation numbers",
        breaks: Invariant("OnlyNewReports"),
        needs: "a report that is late, and a restart",
        discovery: Scenario { scenario: "balancer-late-report", commands: 8 },
        correct_rule: "OldReport",
        fn believes(_: u64, _: u64) -> Ruling<BalancerRule> {
            Allow(BalancerRule::BelieveReport)
        }
    }

    DRAINS_WITHOUT_WAITING = "drains-without-waiting" of Balancer {
        summary: "A server that announces its absence is gone at once.",
        story: "The server says that it is about to collect garbage, and begins. A request that it has taken on waits for the whole pause, which is the very thing that the announcement was to spare it.",
        source: "Kubernetes, termination of Pods: endpoints are removed while the container stops",
        breaks: Invariant("DrainedIsEmpty"),
        needs: "1 request in the queue of a server that is to leave",
        discovery: Scenario { scenario: "balancer-planned-absence", commands: 4 },
        correct_rule: "StillBusy",
        fn drained(_: bool, _: usize) -> Ruling<BalancerRule> {
            Allow(BalancerRule::Drained)
        }
    }

    RESTARTS_ALL_AT_ONCE = "restarts-all-at-once" of Balancer {
        summary: "Every server that wants to leave may.",
        story: "An operator restarts the servers to empty their memory, and orders all of them at once. Each is drained in perfect order, and none is left to send to.",
        source: "SRE book, chapter 22: planned outages that overload the rest",
        breaks: Invariant("EnoughRemain"),
        needs: "2 servers that are to leave",
        discovery: Scenario { scenario: "balancer-rolling-restart", commands: 9 },
        correct_rule: "MustStay",
        fn may_leave(_: usize, _: usize) -> Ruling<BalancerRule> {
            Allow(BalancerRule::MayLeave)
        }
    }
}
