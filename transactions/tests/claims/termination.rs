//! Participants in doubt, recovery and cooperative termination: BHG §7.4, presumed abort §3.

use quorate_lab::sim::CrashPoint;
use quorate_transactions::two_phase::{BY_THE_BOOK, Message, Outcome, Settings};

use crate::common::{
    ORDER, PAYMENT, STOCK, Shop, T, amounts, ask, buy, change, crash, hold, holder, in_doubt, ms, outcome, release,
    restart, settings, shop, txn,
};

/// A shop whose coordinator crashes in the step in which it decides to commit the first
/// transaction.
fn dies_deciding(settings: Settings, point: CrashPoint) -> Shop {
    let mut shop = shop(settings, BY_THE_BOOK);
    let account = (PAYMENT, change("account", 1));
    ask(&mut shop, 1, buy(3).into_iter().chain([account]));
    shop.run_for(ms(1)).unwrap();
    crash(&mut shop, T, point);
    shop.run_for(ms(200)).unwrap();
    assert!(shop.machine(T).is_none(), "it has crashed in that step");
    shop
}

#[test]
fn in_doubt_a_participant_waits_for_the_coordinator_however_often_it_restarts() {
    let mut shop = dies_deciding(settings(), CrashPoint::BeforePersist { kept: 0 });
    for _ in 0..3 {
        crash(&mut shop, STOCK, CrashPoint::BetweenSteps);
        restart(&mut shop, STOCK);
        shop.run_for(ms(200)).unwrap();
        assert_eq!((in_doubt(&shop, STOCK), holder(&shop, STOCK, "apples")), (vec![txn(1, 1)], Some(txn(1, 1))));
    }
    restart(&mut shop, T);
    shop.run_for(ms(60)).unwrap();
    assert_eq!([ORDER, STOCK, PAYMENT].map(|node| outcome(&shop, node, txn(1, 1))), [Some(Outcome::Abort); 3]);
    assert_eq!((holder(&shop, STOCK, "apples"), amounts(&shop)), (None, [Some(10), Some(10)]));
}

#[test]
fn a_decision_on_disk_is_announced_after_a_restart() {
    let mut shop = dies_deciding(settings(), CrashPoint::AfterPersist);
    assert_eq!(amounts(&shop), [Some(10), Some(10)]);
    restart(&mut shop, T);
    shop.run_for(ms(20)).unwrap();
    assert_eq!(amounts(&shop), [Some(11), Some(7)]);
    assert_eq!(shop.machine(T).unwrap().open().count(), 0);
}

#[test]
fn half_of_the_commits_leave_the_others_in_doubt_and_not_wrong() {
    let mut shop = dies_deciding(settings(), CrashPoint::AfterSends { sent: 1 });
    assert_eq!(amounts(&shop), [Some(11), Some(10)], "the moment of inconsistency");
    assert_eq!((in_doubt(&shop, ORDER), in_doubt(&shop, STOCK)), (vec![], vec![txn(1, 1)]));
    restart(&mut shop, T);
    shop.run_for(ms(20)).unwrap();
    assert_eq!(amounts(&shop), [Some(11), Some(7)]);
}

#[test]
fn whoever_heard_the_outcome_passes_it_on() {
    let asking = Settings { ask_others: true, ..settings() };
    let shop = dies_deciding(asking, CrashPoint::AfterSends { sent: 1 });
    assert_eq!(amounts(&shop), [Some(11), Some(7)], "while the coordinator is down");
}

#[test]
fn if_all_are_in_doubt_nobody_can_help() {
    let asking = Settings { ask_others: true, ..settings() };
    let shop = dies_deciding(asking, CrashPoint::AfterPersist);
    for node in [ORDER, STOCK, PAYMENT] {
        assert_eq!(in_doubt(&shop, node), [txn(1, 1)]);
    }
}

#[test]
fn whoever_has_not_voted_aborts_and_stays_with_that() {
    let mut shop = shop(Settings { ask_others: true, ..settings() }, BY_THE_BOOK);
    hold(&mut shop, STOCK, |message| matches!(message, Message::Prepare { .. }));
    ask(&mut shop, 1, buy(3));
    shop.run_for(ms(5)).unwrap();
    crash(&mut shop, T, CrashPoint::BetweenSteps);
    shop.run_for(ms(60)).unwrap();
    assert_eq!([ORDER, STOCK].map(|node| outcome(&shop, node, txn(1, 1))), [Some(Outcome::Abort); 2]);
    assert_eq!(holder(&shop, ORDER, "orders"), None, "nobody is blocked, and the coordinator is down");
    crash(&mut shop, STOCK, CrashPoint::BetweenSteps);
    restart(&mut shop, STOCK);
    release(&mut shop);
    shop.run_for(ms(20)).unwrap();
    assert_eq!((outcome(&shop, STOCK, txn(1, 1)), in_doubt(&shop, STOCK)), (Some(Outcome::Abort), vec![]));
}

#[test]
fn a_commit_is_remembered_until_the_last_acknowledgement() {
    let mut shop = shop(settings(), BY_THE_BOOK);
    hold(&mut shop, STOCK, |message| matches!(message, Message::Commit { .. }));
    ask(&mut shop, 1, buy(3));
    shop.run_for(ms(300)).unwrap();
    assert_eq!(shop.disk(T).unwrap().commits.len(), 1);
    crash(&mut shop, T, CrashPoint::BetweenSteps);
    restart(&mut shop, T);
    shop.run_for(ms(300)).unwrap();
    assert_eq!(shop.disk(T).unwrap().commits.len(), 1, "and also after a restart");
    release(&mut shop);
    shop.run_for(ms(20)).unwrap();
    assert!(shop.disk(T).unwrap().commits.is_empty());
    assert_eq!(amounts(&shop), [Some(11), Some(7)]);
}

#[test]
fn no_identifier_is_used_in_two_lives() {
    let mut shop = shop(settings(), BY_THE_BOOK);
    for life in 1..=3 {
        ask(&mut shop, life, buy(1));
        shop.run_for(ms(20)).unwrap();
        assert_eq!(outcome(&shop, STOCK, txn(life, 1)), Some(Outcome::Commit));
        crash(&mut shop, T, CrashPoint::BetweenSteps);
        restart(&mut shop, T);
    }
    assert_eq!(amounts(&shop), [Some(13), Some(7)]);
}
