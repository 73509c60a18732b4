//! *Paxos Made Simple* §2.4: liveness, and how two duelling proposers can prevent it.

use quorate_paxos::{Backoff, Ballot, Config, ConfigError, Paxos, PaxosRule, Retry, Stage, Timer};
use quorate_protocol::{Delay, Duration};

use crate::cluster::{A, B, Cluster, L, X, Y, Z, apart};

type Basic = Cluster<Paxos>;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn with_retry(retry: Retry) -> Config {
    Config::builder([A, B], [X, Y, Z], [L]).retry(retry).build().unwrap()
}

/// §2.2: a proposer that learns of a higher ballot abandons its own, pauses, and then exceeds it.
#[test]
fn an_overtaken_proposal_is_abandoned() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose_in(B, "9", 7);
    cluster.propose(A, "8");
    for acceptor in [X, Y, Z] {
        cluster.pass(B, acceptor);
    }
    cluster.pass(A, X);
    let done = cluster.pass(X, A);
    assert_eq!(done.rules, [PaxosRule::Abandon]);
    assert_eq!(done.sent(), []);
    assert_eq!(cluster.view(A).proposer.unwrap().stage, Stage::BackingOff);
    cluster.pass(A, Y);
    let second = cluster.pass(Y, A);
    assert_eq!((second.rules, second.effects), (vec![PaxosRule::StaleReply], vec![]));
    cluster.fire(A, Timer::Retry);
    assert_eq!(cluster.node(A).highest_ballot_used(), Some(Ballot::new(8, A)));
}

/// §2.1: messages can be lost. A ballot that gets no answers in time is replaced by a higher one.
#[test]
fn a_lost_message_is_made_good_by_a_higher_ballot() {
    let mut cluster = Basic::paxos(&apart());
    let (ticket, _) = cluster.propose(A, "8");
    cluster.flying.clear();
    let done = cluster.fire(A, Timer::Retry);
    assert_eq!(done.rules, [PaxosRule::Retry]);
    cluster.exchange(A, &[X, Y, Z]);
    cluster.flying.clear();
    cluster.fire(A, Timer::Retry);
    cluster.settle();
    assert_eq!(cluster.node(A).highest_ballot_used(), Some(Ballot::new(3, A)));
    assert_eq!(cluster.chosen(L), Some("8"));
    assert_eq!(cluster.replies.len(), 1);
    assert_eq!(cluster.replies[0].0, ticket);
}

/// The pause after a refusal is drawn from a range that doubles with each consecutive failure, up
/// to the cap.
#[test]
fn the_back_off_doubles_up_to_its_cap() {
    let retry = Retry { timeout: ms(100), backoff: Backoff::Exponential { unit: ms(10), cap: ms(50) } };
    let mut cluster = Basic::paxos(&with_retry(retry));
    let retry_delay = |cluster: &Basic| cluster.timers[&(A, Timer::Retry)];
    let mut rounds = (2..).step_by(2);
    cluster.propose(A, "8");
    let mut pauses = Vec::new();
    let mut waits = vec![retry_delay(&cluster)];
    for _ in 0..4 {
        cluster.propose_in(B, "9", rounds.next().unwrap());
        cluster.pass(B, X);
        cluster.exchange(A, &[X]);
        pauses.push(retry_delay(&cluster));
        cluster.flying.clear();
        cluster.fire(A, Timer::Retry);
        waits.push(retry_delay(&cluster));
    }
    let range = |from, to| Delay::from(ms(from)..ms(to));
    assert_eq!(pauses, [range(10, 20), range(10, 40), range(10, 50), range(10, 50)]);
    assert_eq!(waits, [range(100, 110), range(100, 120), range(100, 140), range(100, 150), range(100, 150)]);
}

/// A cap of one unit, the lowest, makes every pause the same.
#[test]
fn a_cap_of_one_unit_is_a_constant_pause() {
    let retry = Retry { timeout: ms(100), backoff: Backoff::Exponential { unit: ms(10), cap: ms(10) } };
    let mut cluster = Basic::paxos(&with_retry(retry));
    cluster.propose(A, "8");
    for round in [2, 4, 6] {
        cluster.propose_in(B, "9", round);
        cluster.pass(B, X);
        cluster.exchange(A, &[X]);
        assert_eq!(cluster.timers[&(A, Timer::Retry)], Delay::from(ms(10)), "overtaken in round {round}");
        cluster.flying.clear();
        cluster.fire(A, Timer::Retry);
    }
}

/// §2.4: two proposers that never back off can preempt each other for ever. Nothing unsafe happens,
/// but there is no progress.
#[test]
fn without_back_off_two_proposers_can_duel_for_ever() {
    let mut cluster = Basic::paxos(&with_retry(Retry::without_backoff(ms(25))));
    cluster.propose(A, "8");
    cluster.exchange(A, &[X, Y, Z]);
    cluster.propose_in(B, "9", 2);
    let mut duellists = [(A, B), (B, A)].into_iter().cycle();
    for _ in 0..50 {
        let (late, early) = duellists.next().unwrap();
        cluster.exchange(early, &[X, Y, Z]);
        cluster.exchange(late, &[X, Y, Z]);
        for acceptor in [X, Y, Z] {
            cluster.try_pass(acceptor, late);
        }
        assert_eq!(cluster.timers[&(late, Timer::Retry)], Delay::from(Duration::ZERO), "it does not pause");
        cluster.fire(late, Timer::Retry);
    }
    assert_eq!(
        cluster.node(A).highest_ballot_used().unwrap().round.max(cluster.node(B).highest_ballot_used().unwrap().round),
        52
    );
    assert!([X, Y, Z].iter().all(|&acceptor| cluster.node(acceptor).accepted().is_none()));
    assert_eq!((cluster.chosen(L), cluster.violated()), (None, vec![]));
    cluster.settle_without(&[A]);
    assert_eq!(cluster.chosen(L), Some("9"), "one of them holding back ends it");
}

/// A client may name the round, up to a limit: the paper lets a proposer choose any number it has
/// not used.
#[test]
fn a_request_that_names_a_round_begins_a_ballot_at_once() {
    let mut cluster = Basic::paxos(&apart());
    for (asked, used) in [(4, 4), (2, 5), (9, 9), (u64::MAX, Ballot::ROUND_LIMIT)] {
        cluster.propose_in(A, "8", asked);
        assert_eq!(cluster.node(A).highest_ballot_used(), Some(Ballot::new(used, A)));
    }
    cluster.settle();
    assert_eq!(cluster.replies.len(), 4, "all of them are answered in the end");
}

/// Waits of zero would be a busy loop.
#[test]
fn a_wait_of_zero_is_refused() {
    let build = |retry| Config::builder([A], [X], [L]).retry(retry).build().unwrap_err();
    let error = build(Retry::without_backoff(Duration::ZERO));
    assert_eq!(error.to_string(), "the retry timeout is zero: choose at least 1 ns, better several round trips");
    let backoff = Backoff::Exponential { unit: Duration::ZERO, cap: ms(1) };
    assert_eq!(build(Retry { timeout: ms(1), backoff }), ConfigError::NoWait { what: "the back-off unit" });
    let backoff = Backoff::Exponential { unit: ms(2), cap: ms(1) };
    let error = build(Retry { timeout: ms(1), backoff });
    assert_eq!(error.to_string(), "the back-off cap 1ms is below its unit 2ms: choose a cap of at least 2ms");
    let error = Config::builder([A], [X], [L]).catch_up(Some(Duration::ZERO.into())).build().unwrap_err();
    assert_eq!(error, ConfigError::NoWait { what: "the catch-up delay" });
}
