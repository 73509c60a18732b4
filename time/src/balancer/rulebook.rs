//! The decisions of a balancer and its servers.

use quorate_protocol::Ruling::{self, Allow, Refuse};

use super::rules::BalancerRule;

quorate_protocol::rulebook! {
    /// Rulebook of a balancer. [`BY_THE_BOOK`] is the literature.
    pub struct Rulebook;

    /// Envoy, health checking: whether a server counts as alive after so many probes in a row
    /// without an answer in time, of the number that is configured.
    fn alive(missed: u32, misses: u32) -> Ruling<BalancerRule> {
        if missed < misses { Allow(BalancerRule::Miss) } else { Refuse(BalancerRule::TakeForDead) }
    }

    /// Envoy, health checking: whether the answer to a probe of `round` counts, if `last` was the
    /// last one.
    fn in_time(round: u64, last: u64) -> Ruling<BalancerRule> {
        if round == last { Allow(BalancerRule::AnswerInTime) } else { Refuse(BalancerRule::LateAnswer) }
    }

    /// Envoy, panic threshold: whether all servers are sent to, because so few of them look healthy
    /// that the checks are not believed. `panic` is a share in percent.
    fn fail_open(healthy: usize, servers: usize, panic: u32) -> bool {
        healthy * 100 < servers * panic as usize
    }

    /// SRE book, chapter 22: whether a server with a queue of this length takes a request.
    fn admits(queued: usize, room: usize) -> Ruling<BalancerRule> {
        if queued < room { Allow(BalancerRule::Enqueue) } else { Refuse(BalancerRule::Shed) }
    }

    /// SRE book, chapter 22: whether a request whose server is dead is sent to another one.
    fn may_repeat(repeatable: bool) -> Ruling<BalancerRule> {
        if repeatable { Allow(BalancerRule::Repeat) } else { Refuse(BalancerRule::InDoubt) }
    }

    /// Das 2002 §4.2: whether a report of this life takes a server down whose life is `known`.
    fn believes(known: u64, reported: u64) -> Ruling<BalancerRule> {
        if reported >= known { Allow(BalancerRule::BelieveReport) } else { Refuse(BalancerRule::OldReport) }
    }

    /// SRE book, chapter 22: whether a server may leave while so many others are in service.
    fn may_leave(others: usize, keep: usize) -> Ruling<BalancerRule> {
        if others >= keep { Allow(BalancerRule::MayLeave) } else { Refuse(BalancerRule::MustStay) }
    }

    /// Kleppmann 2017, on garbage collection: whether a server says that it is drained: released by
    /// the balancer, and with nothing in its queue.
    fn drained(is_released: bool, queued: usize) -> Ruling<BalancerRule> {
        if is_released && queued == 0 { Allow(BalancerRule::Drained) } else { Refuse(BalancerRule::StillBusy) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_a_guess_after_some_misses_and_reports_are_knowledge() {
        assert_eq!(BY_THE_BOOK.alive(2, 3), Allow(BalancerRule::Miss));
        assert_eq!(BY_THE_BOOK.alive(3, 3), Refuse(BalancerRule::TakeForDead));
        assert!(BY_THE_BOOK.in_time(4, 4).allows() && !BY_THE_BOOK.in_time(3, 4).allows());
        assert!(BY_THE_BOOK.believes(1, 1).allows() && BY_THE_BOOK.believes(0, 1).allows());
        assert_eq!(BY_THE_BOOK.believes(2, 1), Refuse(BalancerRule::OldReport));
    }

    #[test]
    fn fewer_than_half_healthy_open_the_door_to_all() {
        let opens = |healthy, servers| BY_THE_BOOK.fail_open(healthy, servers, 50);
        assert!(opens(0, 3) && opens(1, 3) && !opens(2, 3) && !opens(1, 2));
        assert!(!BY_THE_BOOK.fail_open(0, 3, 0), "a threshold of 0 never opens");
    }

    #[test]
    fn full_queues_doubts_and_empty_houses_are_refused() {
        assert!(BY_THE_BOOK.admits(1, 2).allows() && !BY_THE_BOOK.admits(2, 2).allows());
        assert!(BY_THE_BOOK.may_repeat(true).allows() && !BY_THE_BOOK.may_repeat(false).allows());
        assert!(BY_THE_BOOK.may_leave(1, 1).allows() && !BY_THE_BOOK.may_leave(1, 2).allows());
        assert!(BY_THE_BOOK.drained(true, 0).allows());
        assert!(!BY_THE_BOOK.drained(false, 0).allows() && !BY_THE_BOOK.drained(true, 1).allows());
    }
}
