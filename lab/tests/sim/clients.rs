//! Clients: timeouts, retries, redirects, and giving up.

use quorate_lab::env::{Conditions, CrashPoint, Fault, Ppm, RetryPolicy};
use quorate_lab::sim::ClientStats;
use quorate_lab::trace::TypedEvent;

use crate::courier::{Command, Reply};
use crate::{CLIENT, ONE, TWO, ms, setup, write};

fn patience(timeout: u64, attempts: u32, rotates: bool) -> RetryPolicy {
    RetryPolicy { timeout: ms(timeout), attempts, rotates }
}

#[test]
fn a_client_is_answered_and_asks_the_next_thing() {
    let mut world = setup().start();
    write(&mut world, ONE, 1);
    write(&mut world, TWO, 3);
    world.run_for(ms(20)).unwrap();
    assert_eq!(world.client_stats(CLIENT), ClientStats { asked: 2, answered: 2, ..ClientStats::default() });
    let tickets: Vec<u64> = world.answers(CLIENT).iter().map(|(ticket, _)| ticket.number).collect();
    assert_eq!(tickets, [1, 2]);
    assert!(world.clients_are_idle());
}

#[test]
fn a_client_without_an_answer_asks_again_with_the_same_ticket() {
    let mut world = setup().retry_policy(patience(100, 3, false)).start();
    world.inject(Fault::Crash { node: ONE, point: CrashPoint::AfterPersist }).unwrap();
    write(&mut world, ONE, 1);
    world.run_for(ms(50)).unwrap();
    world.inject(Fault::Restart(ONE)).unwrap();
    world.run_for(ms(100)).unwrap();
    assert_eq!(world.client_stats(CLIENT), ClientStats { asked: 1, answered: 1, retries: 1, ..ClientStats::default() });
    assert_eq!(world.disk(ONE).unwrap().0, [1, 2, 1, 2], "the node cannot know that it was the same request");
    let requests = world.recording().unwrap().iter().filter_map(|(_, event)| match event.what {
        TypedEvent::Request { ticket, .. } => Some(ticket.number),
        _ => None,
    });
    assert_eq!(requests.collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn a_client_gives_up_after_its_last_attempt() {
    let mut world = setup().retry_policy(patience(100, 3, false)).start();
    world.inject(Fault::Crash { node: ONE, point: CrashPoint::BetweenSteps }).unwrap();
    write(&mut world, ONE, 1);
    write(&mut world, TWO, 1);
    world.run_for(ms(299)).unwrap();
    assert_eq!(world.client_stats(CLIENT).given_up, 0);
    world.run_for(ms(20)).unwrap();
    assert_eq!(world.client_stats(CLIENT), ClientStats { asked: 2, answered: 1, given_up: 1, retries: 2, late: 0 });
}

#[test]
fn a_roaming_client_asks_the_next_node() {
    let mut world = setup().retry_policy(patience(100, 3, true)).start();
    world.inject(Fault::Crash { node: ONE, point: CrashPoint::BetweenSteps }).unwrap();
    write(&mut world, ONE, 1);
    world.run_for(ms(150)).unwrap();
    assert_eq!(world.disk(TWO).unwrap().0, [1, 2]);
}

#[test]
fn a_redirected_client_asks_where_it_is_sent() {
    let mut world = setup().start();
    world.ask(CLIENT, Some(ONE), Command::Elsewhere);
    world.run_for(ms(20)).unwrap();
    assert_eq!(world.answers(CLIENT).iter().map(|(_, reply)| reply.clone()).collect::<Vec<_>>(), [Reply::Written]);
    assert_eq!(world.client_stats(CLIENT).retries, 1);
}

#[test]
fn a_client_that_is_sent_in_circles_gives_up() {
    let mut world = setup().retry_policy(patience(100, 5, false)).start();
    world.ask(CLIENT, Some(ONE), Command::Around);
    world.run_for(ms(1_000)).unwrap();
    let stats = world.client_stats(CLIENT);
    assert_eq!((stats.asked, stats.answered, stats.given_up), (1, 0, 1));
    assert_eq!(stats.retries, 7, "after three redirects it waits for its timeout: 4 attempts, then 4 more");
}

#[test]
fn an_answer_that_comes_too_late_is_told_from_one_that_does_not_come() {
    let mut world = setup().conditions(Conditions::steady(ms(80))).retry_policy(patience(100, 2, false)).start();
    write(&mut world, ONE, 1);
    world.run_for(ms(1_000)).unwrap();
    assert_eq!(world.client_stats(CLIENT), ClientStats { asked: 1, answered: 1, retries: 1, late: 1, given_up: 0 });
    let late = world.recording().unwrap().iter().filter_map(|(_, event)| match event.what {
        TypedEvent::Answer { late, .. } => Some(late),
        _ => None,
    });
    assert_eq!(late.collect::<Vec<_>>(), [false, true]);
}

#[test]
fn lost_requests_and_lost_answers_both_make_a_client_ask_again() {
    let conditions = Conditions { loss: Ppm::percent(50), ..Conditions::steady(ms(1)) };
    let mut world = setup().conditions(conditions).retry_policy(patience(10, 100, false)).start();
    for _ in 0..50 {
        world.ask(CLIENT, Some(ONE), Command::Wake(None));
    }
    world.run_for(ms(100_000)).unwrap();
    let tally = world.client_stats(CLIENT);
    assert_eq!(tally.answered, 50);
    let arrived =
        world.recording().unwrap().iter().filter(|(_, event)| matches!(event.what, TypedEvent::Request { .. }));
    let arrived = arrived.count() as u64;
    assert!(arrived > 50, "some answers were lost");
    assert!(tally.retries + 50 > arrived, "some requests were lost");
}
