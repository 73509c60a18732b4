//! Claims about leases from a single granter, step by step.

use quorate_lab::sim::{CrashPoint, Delivery, Fault};
use quorate_lease::{BY_THE_BOOK, Command, DetectorConfig, Fact, LeaseId, Loss, Message, Reply, Settings, Token};
use quorate_protocol::RequestId;

use crate::common::{A, B, C, CLIENT, Q, S, acts, ask, at, from_disk, ms, settings, start, write};

#[test]
fn the_first_heard_becomes_primary_and_stays_it_by_renewal() {
    let mut world = start(BY_THE_BOOK, settings());
    world.run_until(at(2000)).unwrap();
    assert!(acts(&mut world, A) && !acts(&mut world, B));
    let grants = world.invariants().1.grants();
    assert_eq!(grants.len(), 1, "two seconds of renewals under one token: {grants:?}");
    assert!((1..4).all(|node| ask(&mut world, quorate_protocol::NodeId(node), Command::Serve) == Some(Reply::Served)));
}

#[test]
fn a_lost_grant_is_given_again_and_a_repeated_one_is_harmless() {
    let mut world = start(BY_THE_BOOK, settings());
    let mut losses = 3;
    world.intercept(move |passing| match passing.message {
        Message::Granted { lease: LeaseId::Primary, .. } if losses > 0 => {
            losses -= 1;
            Delivery::Drop
        }
        _ => Delivery::Random,
    });
    world.run_until(at(140)).unwrap();
    assert!(!acts(&mut world, A));
    world.run_until(at(210)).unwrap();
    assert!(acts(&mut world, A));
    let grants = world.invariants().1.grants();
    assert_eq!(grants.len(), 1, "asked again, A was told the same: {grants:?}");
}

/// A renewal that was delayed for long arrives two releases later.
#[test]
fn what_was_granted_before_a_release_does_not_come_back_with_a_late_answer() {
    let mut world = start(BY_THE_BOOK, settings());
    world.run_until(at(510)).unwrap();
    world.intercept(|passing| match passing.message {
        Message::Granted { lease: LeaseId::Primary, .. } => Delivery::Hold,
        _ => Delivery::Random,
    });
    world.run_until(at(555)).unwrap();
    world.intercept_none();
    assert_eq!(world.held(), 1, "a renewal of A's");
    for successor in [A, B] {
        assert!(acts(&mut world, A));
        let released = ask(&mut world, A, Command::Release { successor: Some(successor) });
        assert!(matches!(released, Some(Reply::Released { .. })));
        world.run_for(ms(10)).unwrap();
    }
    world.release(|_| true);
    world.run_for(ms(2)).unwrap();
    assert!(!acts(&mut world, A) && acts(&mut world, B));
}

#[test]
fn a_partition_does_not_revoke_a_grant_but_ends_its_renewal() {
    let mut world = start(BY_THE_BOOK, settings());
    world.run_until(at(500)).unwrap();
    world.inject(Fault::Partition(vec![vec![A]])).unwrap();
    world.run_until(at(700)).unwrap();
    assert!(acts(&mut world, A), "within its term A needs to hear from nobody");
    assert!(!acts(&mut world, B), "and Q cannot take the lease away");
    world.run_until(at(820)).unwrap();
    assert!(!acts(&mut world, A) && acts(&mut world, B));
    let lost = |fact: &Fact| matches!(fact, Fact::LeaseLost { lease: LeaseId::Primary, reason: Loss::Expired, .. });
    assert!(world.invariants().1.0.iter().any(|(_, node, fact)| *node == A && lost(fact)), "A stopped by itself");
}

#[test]
fn a_crashed_holder_is_replaced_after_its_term_and_comes_back_without_its_lease() {
    let mut world = start(BY_THE_BOOK, settings());
    world.run_until(at(500)).unwrap();
    world.inject(Fault::Crash { node: A, point: CrashPoint::BetweenSteps }).unwrap();
    world.inject_at(at(510), Fault::Restart(A));
    world.run_until(at(511)).unwrap();
    assert!(!acts(&mut world, A), "what it was granted before the crash is forgotten");
    world.inject(Fault::Crash { node: A, point: CrashPoint::BetweenSteps }).unwrap();
    world.run_until(at(900)).unwrap();
    assert!(acts(&mut world, B));
}

#[test]
fn a_granter_that_restarts_waits_out_what_it_granted() {
    let mut world = start(BY_THE_BOOK, settings());
    world.run_until(at(500)).unwrap();
    world.inject(Fault::Crash { node: Q, point: CrashPoint::BetweenSteps }).unwrap();
    world.inject(Fault::Restart(Q)).unwrap();
    world.run_until(at(740)).unwrap();
    assert!(acts(&mut world, A), "A may act on");
    world.run_until(at(799)).unwrap();
    assert_eq!(world.invariants().1.grants().len(), 1, "nothing is granted for 300 ms");
    world.run_until(at(860)).unwrap();
    let grants = world.invariants().1.grants();
    assert!(grants.len() == 2 && grants[1].2 > grants[0].2, "tokens go on growing: {grants:?}");
}

#[test]
fn a_granter_that_remembers_renews_at_once_and_grants_nobody_else() {
    let mut world = start(BY_THE_BOOK, from_disk(settings()));
    world.run_until(at(500)).unwrap();
    world.inject(Fault::Crash { node: Q, point: CrashPoint::BetweenSteps }).unwrap();
    world.inject(Fault::Restart(Q)).unwrap();
    world.run_until(at(1500)).unwrap();
    assert!(acts(&mut world, A));
    assert_eq!(world.invariants().1.grants().len(), 1);
}

#[test]
fn a_release_hands_over_at_once_and_to_whom_it_names() {
    let mut world = start(BY_THE_BOOK, settings());
    world.run_until(at(510)).unwrap();
    let released = ask(&mut world, A, Command::Release { successor: Some(C) });
    assert!(matches!(released, Some(Reply::Released { .. })));
    assert!(!acts(&mut world, A));
    world.run_until(at(513)).unwrap();
    assert!(acts(&mut world, C), "a message to Q and one to C: no waiting");
}

#[test]
fn a_lost_release_is_repeated_and_a_late_one_frees_nothing() {
    let mut world = start(BY_THE_BOOK, settings());
    world.run_until(at(510)).unwrap();
    world.intercept(|passing| match passing.message {
        Message::Release { .. } => Delivery::Hold,
        _ => Delivery::Random,
    });
    ask(&mut world, A, Command::Release { successor: Some(B) });
    world.run_until(at(511)).unwrap();
    world.intercept_none();
    world.run_until(at(570)).unwrap();
    assert!(acts(&mut world, B), "A said it again with its next heartbeat");
    world.run_until(at(910)).unwrap();
    ask(&mut world, B, Command::Release { successor: Some(A) });
    world.run_until(at(950)).unwrap();
    assert!(acts(&mut world, A));
    assert_eq!(world.release(|_| true), 1, "the first release, which was held, arrives now");
    world.run_until(at(1000)).unwrap();
    assert!(acts(&mut world, A) && world.machine(Q).unwrap().grantee() == Some(A));
}

#[test]
fn the_next_holder_waits_for_the_lock_delay_unless_the_lease_was_released() {
    let mut world = start(BY_THE_BOOK, Settings { lock_delay: ms(400), ..settings() });
    world.run_until(at(500)).unwrap();
    world.inject(Fault::Partition(vec![vec![A]])).unwrap();
    world.run_until(at(1150)).unwrap();
    assert!(!acts(&mut world, B), "the lease ended at 800 ms and stays vacant");
    world.run_until(at(1230)).unwrap();
    assert!(acts(&mut world, B));
    ask(&mut world, B, Command::Release { successor: Some(C) });
    world.run_until(at(1233)).unwrap();
    assert!(acts(&mut world, C));
}

#[test]
fn a_pause_makes_the_write_late_and_the_fence_refuses_it() {
    let mut world = start(BY_THE_BOOK, Settings { work: ms(20), ..settings() });
    world.run_until(at(500)).unwrap();
    assert_eq!(ask(&mut world, A, write("by A")), None, "it works on it");
    world.inject(Fault::Pause(A)).unwrap();
    world.run_until(at(900)).unwrap();
    ask(&mut world, B, write("by B"));
    world.run_until(at(950)).unwrap();
    world.inject(Fault::Resume(A)).unwrap();
    world.run_until(at(1000)).unwrap();
    assert_eq!(world.machine(S).unwrap().value().map(|value| value.as_str()), Some("by B"));
    let refused = |fact: &Fact| matches!(fact, Fact::WriteRefused { highest: Some(_), .. });
    assert!(world.invariants().1.0.iter().any(|(_, node, fact)| *node == S && refused(fact)));
}

#[test]
fn a_resource_carries_a_write_out_once_however_often_it_arrives() {
    let mut world = start(BY_THE_BOOK, settings());
    world.run_until(at(500)).unwrap();
    let number = |number| RequestId { client: CLIENT, number };
    let accepted = |world: &crate::common::Cluster| {
        let values = world.invariants().1.0.iter().filter_map(|(_, _, fact)| match fact {
            Fact::WriteAccepted { value, .. } => Some(value.as_str().to_owned()),
            _ => None,
        });
        values.collect::<Vec<_>>()
    };
    world.intercept(|passing| match passing.message {
        Message::Write { .. } => Delivery::Duplicate(ms(20)),
        _ => Delivery::Random,
    });
    world.inject_request_as(number(1), A, write("old")).unwrap();
    world.run_until(at(510)).unwrap();
    world.intercept_none();
    world.inject_request_as(number(2), A, write("new")).unwrap();
    world.run_until(at(550)).unwrap();
    assert_eq!(accepted(&world), ["old", "new"], "the network repeated the first, under the same token");
    world.inject_request_as(number(1), A, write("old")).unwrap();
    world.inject(Fault::Crash { node: S, point: CrashPoint::BetweenSteps }).unwrap();
    world.inject(Fault::Restart(S)).unwrap();
    world.inject_request_as(number(2), A, write("new")).unwrap();
    world.run_until(at(600)).unwrap();
    assert_eq!(accepted(&world), ["old", "new"], "the client repeated both, and the resource was restarted");
    let answers: Vec<_> = world.answers(CLIENT).iter().map(|(ticket, reply)| (ticket.number, reply.clone())).collect();
    let written = |number| (number, Reply::Written { token: Token(2) });
    assert_eq!(answers, [written(1), written(2), written(1), written(2)]);
}

#[test]
fn a_copy_of_a_release_gives_nothing_back_that_was_granted_since() {
    let mut world = start(BY_THE_BOOK, settings());
    world.run_until(at(510)).unwrap();
    let number = |number| RequestId { client: CLIENT, number };
    let release = |successor| Command::Release { successor };
    world.inject_request_as(number(1), A, release(Some(B))).unwrap();
    world.run_until(at(600)).unwrap();
    world.inject_request_as(number(2), B, release(Some(A))).unwrap();
    world.run_until(at(700)).unwrap();
    world.inject_request_as(number(1), A, release(Some(B))).unwrap();
    assert!(acts(&mut world, A), "the lease that it has now is another");
    let first = world.answers(CLIENT)[0].clone();
    assert!(world.answers(CLIENT).iter().filter(|answer| **answer == first).count() == 2, "answered as before");
}

/// The first copy was executed while the grant was valid. Its reply is lost, and the second copy
/// arrives when the grant is over.
#[test]
fn a_write_that_was_made_is_not_refused_when_its_grant_has_ended() {
    let check = quorate_lease::FenceCheck::AskGranter;
    let mut world = start(BY_THE_BOOK, Settings { check, ..settings() });
    world.run_until(at(500)).unwrap();
    world.intercept(|passing| match passing.message {
        Message::Write { .. } => Delivery::Duplicate(ms(400)),
        Message::Written { .. } => Delivery::Drop,
        _ => Delivery::Random,
    });
    world.inject_request(CLIENT, A, write("once")).unwrap();
    world.run_until(at(510)).unwrap();
    world.intercept_none();
    world.inject(Fault::Partition(vec![vec![Q, B, C], vec![A, S]])).unwrap();
    world.run_until(at(890)).unwrap();
    world.inject(Fault::Heal).unwrap();
    world.run_until(at(950)).unwrap();
    assert_ne!(world.machine(Q).unwrap().grantee(), Some(A), "its grant is over");
    assert!(matches!(world.answers(CLIENT), [(_, Reply::Written { .. })]), "{:?}", world.answers(CLIENT));
}

#[test]
fn a_resource_that_asks_the_granter_refuses_even_the_first_late_write() {
    let check = quorate_lease::FenceCheck::AskGranter;
    let mut world = start(BY_THE_BOOK, Settings { work: ms(20), check, ..settings() });
    world.run_until(at(500)).unwrap();
    ask(&mut world, A, write("in time"));
    world.run_until(at(530)).unwrap();
    assert_eq!(world.machine(S).unwrap().value().map(|value| value.as_str()), Some("in time"));
    ask(&mut world, A, write("late"));
    world.inject(Fault::Pause(A)).unwrap();
    world.run_until(at(900)).unwrap();
    world.inject(Fault::Resume(A)).unwrap();
    world.run_until(at(1000)).unwrap();
    assert_eq!(world.machine(S).unwrap().value().map(|value| value.as_str()), Some("in time"));
}

#[test]
fn a_wall_clock_that_jumps_changes_nothing() {
    let mut world = start(BY_THE_BOOK, settings());
    for (time, node, nanos) in [(300, A, -9_000_000_000), (400, Q, 9_000_000_000), (600, B, 5_000_000_000)] {
        world.inject_at(at(time), Fault::Jump { node, nanos });
    }
    world.run_until(at(2000)).unwrap();
    assert!(acts(&mut world, A));
    assert_eq!(world.invariants().1.grants().len(), 1);
}

#[test]
fn phi_accrual_and_a_timeout_are_interchangeable_hints() {
    for watch in [DetectorConfig::Timeout { after: ms(150) }, DetectorConfig::phi(ms(50))] {
        let mut world = start(BY_THE_BOOK, Settings { watch, ..settings() });
        world.run_until(at(1000)).unwrap();
        world.inject(Fault::Crash { node: A, point: CrashPoint::BetweenSteps }).unwrap();
        world.run_until(at(1310)).unwrap();
        assert!(acts(&mut world, B), "{watch:?}");
    }
}

/// A holder checks its lease again in the step in which its work ends and it acts.
#[test]
fn work_that_outlasts_the_lease_ends_without_an_act() {
    let mut world = start(BY_THE_BOOK, Settings { work: ms(20), ..settings() });
    world.run_until(at(500)).unwrap();
    ask(&mut world, A, Command::WorkAndAct);
    world.inject(Fault::Pause(A)).unwrap();
    world.run_until(at(900)).unwrap();
    assert!(acts(&mut world, B));
    world.inject(Fault::Resume(A)).unwrap();
    world.run_until(at(901)).unwrap();
    assert_eq!(
        world.answers(quorate_protocol::ClientId(0)).last().map(|(_, reply)| reply.clone()),
        Some(Reply::NotHeld { lease: LeaseId::Primary })
    );
}

#[test]
fn requests_that_make_no_sense_are_answered() {
    let mut world = start(BY_THE_BOOK, Settings { resource: None, ..settings() });
    world.run_until(at(200)).unwrap();
    assert_eq!(ask(&mut world, Q, Command::Act), Some(Reply::NotAHolder));
    assert_eq!(ask(&mut world, A, write("x")), Some(Reply::NoResource));
    assert_eq!(
        ask(&mut world, B, Command::Release { successor: None }),
        Some(Reply::NotHeld { lease: LeaseId::Primary })
    );
    assert_eq!(ask(&mut world, S, Command::Act), Some(Reply::NotAHolder));
}

/// Sequencers say how a lease is held (Chubby §2.4): a node lease does not permit a write.
#[test]
fn a_resource_refuses_a_write_under_a_lease_that_others_have_too() {
    let mut world = start(BY_THE_BOOK, settings());
    world.run_until(at(500)).unwrap();
    for node in [A, B] {
        ask(&mut world, node, Command::WriteShared { value: quorate_lease::Value::from("mine") });
    }
    world.run_until(at(505)).unwrap();
    assert_eq!(world.machine(S).unwrap().value(), None);
    let refused = world.answers(quorate_protocol::ClientId(0)).iter();
    assert_eq!(refused.filter(|(_, reply)| *reply == Reply::WriteRefused { highest: None }).count(), 2);
}
