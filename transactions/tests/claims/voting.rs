//! Votes, locks and requests: BHG §7.3 and §7.4, RIFL.

use quorate_lab::sim::CrashPoint;
use quorate_protocol::NodeId;
use quorate_transactions::two_phase::{BY_THE_BOOK, ConfigError, Message, Outcome, Reply, Settings};

use crate::common::{
    ORDER, PAYMENT, STOCK, T, amounts, ask, buy, change, crash, hold, holder, in_doubt, ms, outcome, release, replies,
    restart, settings, shop, txn,
};

#[test]
fn all_say_yes_and_all_commit() {
    let mut shop = shop(settings(), BY_THE_BOOK);
    ask(&mut shop, 1, buy(3));
    shop.run_for(ms(2)).unwrap();
    assert_eq!(amounts(&shop), [Some(10), Some(10)], "nothing is to be seen before the outcome");
    assert_eq!((holder(&shop, ORDER, "orders"), holder(&shop, STOCK, "apples")), (Some(txn(1, 1)), Some(txn(1, 1))));
    shop.run_for(ms(20)).unwrap();
    assert_eq!(amounts(&shop), [Some(11), Some(7)]);
    assert_eq!((holder(&shop, ORDER, "orders"), holder(&shop, STOCK, "apples")), (None, None));
    assert_eq!(replies(&shop), [Reply::Committed { txn: txn(1, 1) }]);
    assert_eq!(outcome(&shop, PAYMENT, txn(1, 1)), None, "it does not take part");
    assert_eq!(shop.machine(T).unwrap().open().count(), 0, "what all have acknowledged is forgotten");
    assert!(shop.disk(T).unwrap().commits.is_empty());
}

#[test]
fn one_no_aborts_for_all() {
    let mut shop = shop(settings(), BY_THE_BOOK);
    ask(&mut shop, 1, buy(11));
    shop.run_for(ms(20)).unwrap();
    assert_eq!(replies(&shop), [Reply::Aborted { txn: txn(1, 1) }]);
    assert_eq!(amounts(&shop), [Some(10), Some(10)]);
    assert_eq!([ORDER, STOCK].map(|node| outcome(&shop, node, txn(1, 1))), [Some(Outcome::Abort); 2]);
    assert_eq!(holder(&shop, ORDER, "orders"), None);
}

#[test]
fn a_vote_that_does_not_come_aborts_for_all() {
    let mut shop = shop(settings(), BY_THE_BOOK);
    crash(&mut shop, STOCK, CrashPoint::BetweenSteps);
    ask(&mut shop, 1, buy(3));
    shop.run_for(ms(99)).unwrap();
    assert_eq!((replies(&shop), in_doubt(&shop, ORDER)), (vec![], vec![txn(1, 1)]));
    shop.run_for(ms(5)).unwrap();
    assert_eq!(replies(&shop), [Reply::Aborted { txn: txn(1, 1) }]);
    assert_eq!((holder(&shop, ORDER, "orders"), amounts(&shop)[0]), (None, Some(10)));
}

#[test]
fn a_transaction_waits_for_a_locked_row_and_only_for_that() {
    let mut shop = shop(settings(), BY_THE_BOOK);
    hold(&mut shop, T, |message| matches!(message, Message::Yes { txn } if txn.number == 1));
    ask(&mut shop, 1, buy(3));
    shop.run_for(ms(5)).unwrap();
    ask(&mut shop, 2, buy(2));
    ask(&mut shop, 3, [(STOCK, change("pears", -1)), (PAYMENT, change("account", 1))]);
    shop.run_for(ms(20)).unwrap();
    assert_eq!(replies(&shop), [Reply::Committed { txn: txn(1, 3) }], "nobody holds the pears");
    assert_eq!(holder(&shop, STOCK, "apples"), Some(txn(1, 1)));
    release(&mut shop);
    shop.run_for(ms(20)).unwrap();
    assert_eq!(amounts(&shop), [Some(12), Some(5)]);
}

#[test]
fn a_deadlock_between_participants_ends_with_the_vote_timeout() {
    let mut shop = shop(settings(), BY_THE_BOOK);
    hold(&mut shop, STOCK, |message| matches!(message, Message::Prepare { txn, .. } if txn.number == 1));
    ask(&mut shop, 1, buy(3));
    shop.run_for(ms(5)).unwrap();
    ask(&mut shop, 2, buy(2));
    shop.run_for(ms(5)).unwrap();
    release(&mut shop);
    shop.run_for(ms(50)).unwrap();
    assert_eq!((holder(&shop, ORDER, "orders"), holder(&shop, STOCK, "apples")), (Some(txn(1, 1)), Some(txn(1, 2))));
    shop.run_for(ms(60)).unwrap();
    assert_eq!(replies(&shop), [Reply::Aborted { txn: txn(1, 1) }, Reply::Committed { txn: txn(1, 2) }]);
    assert_eq!(amounts(&shop), [Some(11), Some(8)]);
}

#[test]
fn a_repeated_request_is_answered_and_not_begun_again() {
    let mut shop = shop(settings(), BY_THE_BOOK);
    ask(&mut shop, 2, buy(3));
    ask(&mut shop, 2, buy(3));
    shop.run_for(ms(20)).unwrap();
    crash(&mut shop, T, CrashPoint::BetweenSteps);
    restart(&mut shop, T);
    ask(&mut shop, 2, buy(3));
    ask(&mut shop, 1, buy(3));
    shop.run_for(ms(20)).unwrap();
    let done = Reply::Committed { txn: txn(1, 1) };
    assert_eq!(replies(&shop), [done.clone(), done, Reply::Overtaken]);
    assert_eq!(amounts(&shop), [Some(11), Some(7)]);
}

/// A copy of the request is slow, and arrives after the answer and a crash.
#[test]
fn a_client_that_was_told_of_an_abort_can_rely_on_it() {
    let mut shop = shop(settings(), BY_THE_BOOK);
    crash(&mut shop, STOCK, CrashPoint::BetweenSteps);
    ask(&mut shop, 1, buy(3));
    shop.run_for(ms(150)).unwrap();
    restart(&mut shop, STOCK);
    crash(&mut shop, T, CrashPoint::BetweenSteps);
    restart(&mut shop, T);
    ask(&mut shop, 1, buy(3));
    shop.run_for(ms(50)).unwrap();
    let aborted = Reply::Aborted { txn: txn(1, 1) };
    assert_eq!((replies(&shop), amounts(&shop)), (vec![aborted.clone(), aborted], [Some(10), Some(10)]));
}

#[test]
fn a_transaction_changes_rows_of_participants_at_least_one() {
    let mut shop = shop(settings(), BY_THE_BOOK);
    ask(&mut shop, 1, []);
    ask(&mut shop, 2, [(T, change("orders", 1))]);
    ask(&mut shop, 3, [(NodeId(99), change("orders", 1))]);
    assert_eq!(replies(&shop), [Reply::Invalid, Reply::Invalid, Reply::Invalid]);
    ask(&mut shop, 4, [(ORDER, change("orders", i64::MAX)), (STOCK, change("apples", i64::MIN))]);
    shop.run_for(ms(20)).unwrap();
    assert_eq!(replies(&shop)[3], Reply::Aborted { txn: txn(1, 1) }, "such amounts overflow");
}

#[test]
fn a_configuration_without_meaning_is_refused() {
    let refused = |settings: Settings| settings.build().unwrap_err();
    assert_eq!(refused(Settings::new(T, [])), ConfigError::NoParticipants);
    assert_eq!(refused(Settings::new(T, [ORDER, T])), ConfigError::BothRoles { node: T });
    assert_eq!(refused(Settings::new(T, [ORDER, STOCK, ORDER])), ConfigError::NamedTwice { node: ORDER });
    assert_eq!(refused(Settings { opening: -1, ..settings() }), ConfigError::Negative { opening: -1 });
    assert_eq!(refused(Settings { retry: ms(0), ..settings() }), ConfigError::NoTime { what: "retry interval" });
    assert_eq!(refused(Settings { vote_timeout: ms(0), ..settings() }), ConfigError::NoTime { what: "vote timeout" });
}
