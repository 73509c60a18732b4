//! Single granter: how long a grant binds it, and which grants do (Leases §2, §5).

use quorate_lease::{
    Attempt, BY_THE_BOOK, Config, Disk, Fact, Lease, LeaseId, LeaseState, Message, Mode, Recovery, Sequencer, Settings,
    SingleRule, Token, Value,
};
use quorate_protocol::{NodeId, Ruling, Time};

use super::{GRANTER_TERM, Hand, QUARANTINE, TICK, ms, terms, ticket};
use crate::common::{A, B, C, Q, S, at};

type Granter = Hand<Lease>;

fn config(recovery: Recovery) -> Config {
    Settings { recovery, ..Settings::new(Q, [A, B, C], terms()) }.build().unwrap()
}

fn granter(recovery: Recovery) -> Granter {
    Hand::boot(Q, config(recovery), at(0))
}

/// Sends a heartbeat. Returns the token of the primary lease, if it is granted or renewed.
fn asks(granter: &mut Granter, node: NodeId, now: Time) -> Option<Token> {
    granter.deliver(now, node, Message::Heartbeat { sent: now });
    granter.sent().into_iter().find_map(|message| match message {
        Message::Granted { lease: LeaseId::Primary, token, .. } => Some(token),
        _ => None,
    })
}

/// Asserts that B gets nothing at the last tick of A's term, and the lease one tick later.
fn ends_at(granter: &mut Granter, end: Time) {
    assert_eq!(asks(granter, B, end), None, "the grant binds through the last tick");
    assert!(matches!(granter.sent().last(), Some(Message::Denied { holder: Some(A) | None, .. })));
    assert!(asks(granter, B, end + TICK).is_some(), "and no longer");
}

#[test]
fn a_grant_binds_through_the_last_tick_of_the_granters_term() {
    let mut granter = granter(Recovery::WaitOut);
    assert!(asks(&mut granter, A, at(1000)).is_some());
    ends_at(&mut granter, at(1000) + GRANTER_TERM);
}

#[test]
fn a_renewal_binds_for_another_full_term_under_the_same_token() {
    let mut granter = granter(Recovery::WaitOut);
    let granted = asks(&mut granter, A, at(1000));
    assert_eq!(asks(&mut granter, A, at(1000) + GRANTER_TERM), granted, "asked at the last tick, it is renewed");
    ends_at(&mut granter, at(1000) + GRANTER_TERM + GRANTER_TERM);
}

/// §5: the grant may have been made just before the crash, so it binds for the granter's whole term
/// from the restart on.
#[test]
fn a_grant_that_is_recalled_from_disk_binds_for_the_granters_whole_term() {
    let mut granter = granter(Recovery::FromDisk);
    let granted = asks(&mut granter, A, at(1000));
    granter.restart(at(2000));
    assert_eq!(asks(&mut granter, A, at(2100)), granted, "its holder may renew at once");
    granter.restart(at(3000));
    ends_at(&mut granter, at(3000) + GRANTER_TERM);
}

/// §5: a granter that knows only the number of its grants is silent for as long as any holder may
/// still act.
#[test]
fn a_granter_that_waits_out_its_grants_is_silent_through_the_whole_quarantine() {
    let mut granter = granter(Recovery::WaitOut);
    asks(&mut granter, A, at(1000));
    granter.restart(at(2000));
    assert_eq!(asks(&mut granter, A, at(2100)), None, "nor does it know who held it");
    ends_at(&mut granter, at(2000) + QUARANTINE);
}

/// §5: a second restart in a row starts the quarantine again.
#[test]
fn a_second_restart_begins_the_quarantine_anew() {
    let mut granter = granter(Recovery::WaitOut);
    asks(&mut granter, A, at(1000));
    granter.restart(at(2000));
    granter.restart(at(2100));
    ends_at(&mut granter, at(2100) + QUARANTINE);
}

/// Chubby §2.4: no other node gets the lease before the lock-delay is over.
#[test]
fn a_lock_delay_begins_at_the_end_of_the_granters_term() {
    let settings = Settings { lock_delay: ms(70), ..Settings::new(Q, [A, B, C], terms()) };
    let mut granter = Hand::boot(Q, settings.build().unwrap(), at(0));
    asks(&mut granter, A, at(1000));
    ends_at(&mut granter, at(1000) + GRANTER_TERM + ms(70));
}

/// §4: a release hands over to the next node that is heard; a late duplicate releases no later
/// grant, nor does it after a restart.
#[test]
fn a_release_frees_only_the_grant_that_it_names() {
    let mut granter = granter(Recovery::FromDisk);
    let first = asks(&mut granter, A, at(1000)).unwrap();
    assert_eq!(asks(&mut granter, B, at(1004)), None);
    let release = |sent| Message::Release { token: first, sent, successor: Some(B) };
    granter.deliver(at(1010), A, release(at(1005)));
    let second = asks(&mut granter, B, at(1020)).expect("B was heard, and named");
    assert!(second > first);
    granter.deliver(at(1040), A, release(at(1035)));
    assert_eq!(asks(&mut granter, A, at(1050)), None, "a repeated release of an older grant");
    granter.restart(at(1060));
    assert_eq!((asks(&mut granter, A, at(1070)), asks(&mut granter, B, at(1080))), (None, Some(second)));
}

/// Chubby §2.4: a release sent no later than the newest renewed request is from before that
/// renewal.
#[test]
fn a_release_frees_nothing_unless_it_is_newer_than_the_last_renewal() {
    for (sent, frees) in [(1199, false), (1200, false), (1201, true)] {
        let mut granter = granter(Recovery::WaitOut);
        let token = asks(&mut granter, A, at(1000)).unwrap();
        asks(&mut granter, A, at(1200));
        assert_eq!(asks(&mut granter, B, at(1205)), None);
        granter.deliver(at(1210), A, Message::Release { token, sent: at(sent), successor: None });
        assert_eq!(asks(&mut granter, B, at(1220)).is_some(), frees, "said at {sent} ms");
    }
}

/// The holder gave up its lease, restarted and was renewed; then the granter restarts, and does not
/// know of the renewal. The late release must not free the grant that the holder relies on, even if
/// another request from before the release arrives in the meantime.
#[test]
fn a_release_frees_no_grant_that_was_recalled_from_disk() {
    let mut granter = granter(Recovery::FromDisk);
    let token = asks(&mut granter, A, at(1000)).unwrap();
    assert_eq!(asks(&mut granter, A, at(1200)), Some(token), "asked in its next life");
    granter.restart(at(1210));
    granter.deliver(at(1220), A, Message::Heartbeat { sent: at(1050) });
    granter.deliver(at(1230), A, Message::Release { token, sent: at(1100), successor: Some(B) });
    assert_eq!(asks(&mut granter, B, at(1240)), None, "A may act until its term is over");
    ends_at(&mut granter, at(1220) + GRANTER_TERM);
}

/// *Distributed locking*: each grant, of whatever lease, has a token above all earlier ones, even
/// across restarts.
#[test]
fn tokens_rise_over_restarts() {
    for recovery in [Recovery::WaitOut, Recovery::FromDisk] {
        let mut granter = granter(recovery);
        let mut tokens = Vec::new();
        let mut now = at(1000);
        for holder in [A, B, C, A, B] {
            asks(&mut granter, holder, now);
            tokens.extend(granter.facts().into_iter().filter_map(|fact| match fact {
                Fact::LeaseGranted { token, .. } => Some(token),
                _ => None,
            }));
            granter.restart(now + ms(10));
            now = now + ms(1000);
        }
        assert!(tokens.len() >= 10, "a node lease and the primary lease each time: {tokens:?}");
        assert!(tokens.is_sorted_by(|earlier, later| earlier < later), "{recovery:?}: {tokens:?}");
    }
}

/// A grant of a node lease alone is counted on disk like any other, or its token would be used
/// again after a restart.
#[test]
fn the_token_of_a_node_lease_is_used_once_over_restarts() {
    for recovery in [Recovery::WaitOut, Recovery::FromDisk] {
        let mut granter = granter(recovery);
        asks(&mut granter, A, at(1000));
        let node_token = |granter: &mut Granter, node, now| {
            granter.deliver(now, node, Message::Heartbeat { sent: now });
            granter.sent().into_iter().find_map(|message| match message {
                Message::Granted { lease: LeaseId::Node(_), token, .. } => Some(token),
                _ => None,
            })
        };
        let before = node_token(&mut granter, B, at(1010));
        granter.restart(at(1020));
        let after = node_token(&mut granter, C, at(1030));
        assert!(before.is_some() && after > before, "{recovery:?}: {before:?}, then {after:?}");
    }
}

/// §5: a node lease is not the primary lease: its record makes no node primary.
#[test]
fn a_node_lease_is_not_taken_for_the_primary_lease_after_a_restart() {
    let mut granter = granter(Recovery::FromDisk);
    let held = asks(&mut granter, A, at(1000));
    assert_eq!(asks(&mut granter, B, at(1010)), None, "B has a node lease now, and no more");
    granter.restart(at(1020));
    assert_eq!(asks(&mut granter, B, at(1030)), None);
    assert_eq!(asks(&mut granter, A, at(1040)), held);
}

/// Chubby §2.4: a sequencer is valid exactly while its grant binds the granter.
#[test]
fn a_sequencer_is_good_through_the_last_tick_of_its_grant() {
    let mut granter = granter(Recovery::WaitOut);
    let token = asks(&mut granter, A, at(1000)).unwrap();
    let mut valid = |lease, token, now| {
        let sequencer = Sequencer { lease, mode: Mode::Exclusive, token };
        let attempt = Attempt { ticket: ticket(1), begun: at(0) };
        granter.deliver(now, S, Message::Check { sequencer, writer: A, value: Value::from("x"), attempt });
        matches!(granter.sent()[..], [Message::Checked { valid: true, .. }])
    };
    let end = at(1000) + GRANTER_TERM;
    let node = LeaseId::Node(A);
    let node_token = Token(token.0 - 1);
    for (lease, token) in [(LeaseId::Primary, token), (node, node_token)] {
        assert!(valid(lease, token, end) && !valid(lease, token, end + TICK), "{lease}");
        assert!(!valid(lease, Token(token.0 + 7), end), "another grant of {lease}");
    }
    assert!(!valid(LeaseId::Primary, node_token, end) && !valid(LeaseId::Node(B), node_token, end));
}

/// §2: a node lease that has ended is granted again, under a new token.
#[test]
fn a_node_lease_keeps_its_token_through_its_last_tick() {
    let mut granter = granter(Recovery::WaitOut);
    let mut node_token = |now| {
        granter.deliver(now, A, Message::Heartbeat { sent: now });
        granter.sent().into_iter().find_map(|message| match message {
            Message::Granted { lease: LeaseId::Node(_), token, .. } => Some(token),
            _ => None,
        })
    };
    let first = node_token(at(1000));
    assert_eq!(node_token(at(1000) + GRANTER_TERM), first);
    let anew = node_token(at(1000) + GRANTER_TERM + GRANTER_TERM + TICK);
    assert!(anew > first, "{anew:?} after {first:?}");
}

/// A disk may say anything: a granter whose grants have reached the end of their numbers does not
/// overflow.
#[test]
fn a_granter_that_has_run_out_of_numbers_goes_on_with_the_last() {
    let disk = Disk { grants: u64::MAX, ..Disk::default() };
    let mut granter = Granter::boot_with(Q, config(Recovery::FromDisk), disk, at(0));
    assert_eq!(asks(&mut granter, A, at(1000)), Some(Token(u64::MAX)));
    assert_eq!(asks(&mut granter, A, at(9000)), Some(Token(u64::MAX)), "the first grant has ended");
}

/// §2: a free lease goes to the next in the order of succession, and to nobody else.
#[test]
fn a_free_lease_is_granted_in_turn() {
    let free =
        LeaseState { holder: None, ended: true, suspected: false, quarantined: false, delayed: false, turn: Some(A) };
    assert_eq!(BY_THE_BOOK.grants(free, A), Ruling::Allow(SingleRule::GrantPrimary));
    assert_eq!(BY_THE_BOOK.grants(free, B), Ruling::Refuse(SingleRule::NotYourTurn));
    assert_eq!(BY_THE_BOOK.grants(LeaseState { turn: None, ..free }, A), Ruling::Refuse(SingleRule::NotYourTurn));
}
