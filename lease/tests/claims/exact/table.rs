//! Holder of a lease in the table on Raft: start of its terms, and which replies it accepts (Leases
//! §2 to §4; Raft §8).

use quorate_lease::replicated::{
    Command, Config, Fact, Message, RaftLease, Reply, Row, Settings, TableCommand, TableReply, Timer,
};
use quorate_lease::{Name, Token};
use quorate_protocol::{NodeId, Time};
use quorate_raft as raft;

use super::{HOLDER_TERM, Hand, before, terms};
use crate::common::at;

const N1: NodeId = NodeId(0);
const N2: NodeId = NodeId(1);
const A: NodeId = NodeId(10);
const B: NodeId = NodeId(11);

type Holder = Hand<RaftLease>;

fn config() -> Config {
    let (servers, holders) = (raft::Settings::nodes(3), vec![A, B]);
    Settings { servers, holders, terms: terms(), trust: terms(), act_every: None }.build().unwrap()
}

fn x() -> Name {
    Name::from("x")
}

fn holder() -> Holder {
    Hand::boot(A, config(), at(1000))
}

/// The request that the last step sent: its number and its command.
fn question(holder: &Holder) -> (u64, TableCommand) {
    let asked = |message| match message {
        Message::Ask { number, command } => Some((number, command)),
        _ => None,
    };
    holder.sent().into_iter().find_map(asked).expect("a question is sent")
}

/// Requests the lease, by a client's command or by the timer. Returns the number of the holder's
/// request.
fn wants(holder: &mut Holder, now: Time, request: u64) -> u64 {
    holder.ask(now, request, Command::Acquire { lease: x() });
    question(holder).0
}

fn row(holder: NodeId, token: u64) -> Option<Row> {
    Some(Row { holder, token: Token(token), renewals: 0 })
}

fn answered(holder: &mut Holder, now: Time, number: u64, row: Option<Row>) {
    let reply = raft::Reply::Applied(TableReply { row, changes: 1 });
    holder.deliver(now, N1, Message::Answer { number, reply });
}

fn acts(holder: &mut Holder, now: Time) -> bool {
    holder.ask(now, u64::MAX, Command::Act { lease: x() });
    matches!(holder.replies()[..], [Reply::Acted { .. }])
}

fn stops_at(holder: &mut Holder, end: Time) {
    assert!(acts(holder, before(end)) && !acts(holder, end));
}

#[test]
fn a_lease_of_the_table_counts_from_the_question_for_the_holders_term() {
    let mut holder = holder();
    let number = wants(&mut holder, at(1010), 1);
    answered(&mut holder, at(1040), number, row(A, 1));
    stops_at(&mut holder, at(1010) + HOLDER_TERM);
}

#[test]
fn a_renewal_in_the_table_counts_from_its_own_question() {
    let mut holder = holder();
    let number = wants(&mut holder, at(1010), 1);
    answered(&mut holder, at(1020), number, row(A, 1));
    holder.fire(at(1030), Timer::Renew(x()));
    let (number, command) = question(&holder);
    assert_eq!(command, TableCommand::Renew { lease: x(), token: Token(1) });
    answered(&mut holder, at(1050), number, row(A, 1));
    stops_at(&mut holder, at(1030) + HOLDER_TERM);
}

/// A request that is redirected to the leader is the same request, and counts from when it was
/// first sent.
#[test]
fn a_question_that_is_redirected_counts_from_when_it_was_first_sent() {
    let mut holder = holder();
    let number = wants(&mut holder, at(1010), 1);
    let reply = raft::Reply::Redirect { leader: Some(N2) };
    holder.deliver(at(1030), N1, Message::Answer { number, reply });
    assert_eq!(question(&holder).0, number);
    answered(&mut holder, at(1040), number, row(A, 1));
    stops_at(&mut holder, at(1010) + HOLDER_TERM);
}

#[test]
fn an_answer_at_the_end_of_its_term_is_worth_nothing() {
    for (arrives, holds) in [(before(at(1070)), true), (at(1070), false)] {
        let mut holder = holder();
        let number = wants(&mut holder, at(1010), 1);
        answered(&mut holder, arrives, number, row(A, 1));
        assert_eq!(holder.facts().iter().any(|fact| matches!(fact, Fact::LeaseHeld { .. })), holds);
    }
}

/// A reply counts only for its own request: not for a later one, nor for one from before a restart.
#[test]
fn an_answer_counts_for_its_own_question_alone() {
    let mut holder = holder();
    let first = wants(&mut holder, at(1010), 1);
    holder.fire(at(1030), Timer::Renew(x()));
    let second = question(&holder).0;
    answered(&mut holder, at(1040), first, row(A, 1));
    assert!(!acts(&mut holder, at(1041)), "the question was asked anew, and this answers the old one");
    answered(&mut holder, at(1042), second, row(A, 1));
    assert!(acts(&mut holder, at(1043)));
    holder.restart(at(1050));
    let third = wants(&mut holder, at(1050), 1);
    for number in [first, second] {
        answered(&mut holder, at(1051), number, row(A, 1));
        assert!(!acts(&mut holder, at(1052)), "asked for in an earlier life");
    }
    answered(&mut holder, at(1053), third, row(A, 2));
    assert!(acts(&mut holder, at(1054)));
}

#[test]
fn anothers_lease_is_not_taken_and_ends_nothing() {
    let mut holder = holder();
    let number = wants(&mut holder, at(1010), 1);
    answered(&mut holder, at(1020), number, row(B, 1));
    assert!(!acts(&mut holder, at(1021)));
    holder.fire(at(1030), Timer::Renew(x()));
    let number = question(&holder).0;
    answered(&mut holder, at(1035), number, row(A, 2));
    holder.fire(at(1050), Timer::Renew(x()));
    let number = question(&holder).0;
    answered(&mut holder, at(1060), number, row(B, 3));
    stops_at(&mut holder, at(1030) + HOLDER_TERM);
}

/// The row in the reply to a watch grants nothing.
#[test]
fn only_an_answer_to_an_acquisition_or_a_renewal_is_a_grant() {
    let mut holder = holder();
    holder.ask(at(1010), 1, Command::Watch { lease: x() });
    let number = question(&holder).0;
    answered(&mut holder, at(1020), number, row(A, 1));
    assert!(!acts(&mut holder, at(1021)), "the term of that grant began at some time before");
}

/// §4: a holder that released its lease stops at once, and no reply that was in flight restores
/// that grant.
#[test]
fn a_grant_that_was_given_back_does_not_come_back() {
    let mut holder = holder();
    let number = wants(&mut holder, at(1010), 1);
    answered(&mut holder, at(1015), number, row(A, 1));
    let released = holder.ask(at(1020), 2, Command::Release { lease: x() }).replies();
    assert_eq!(released, [Reply::Released { token: Token(1) }]);
    let release = question(&holder).0;
    assert!(!acts(&mut holder, at(1021)));
    answered(&mut holder, at(1022), release, row(A, 1));
    assert!(!acts(&mut holder, at(1023)), "the table had not heard of it, perhaps");
}

/// §4: nor when the lease is wanted again: the next grant has another token.
#[test]
fn a_lease_that_is_wanted_again_is_held_under_another_grant_alone() {
    let mut holder = holder();
    let number = wants(&mut holder, at(1010), 1);
    answered(&mut holder, at(1015), number, row(A, 1));
    holder.ask(at(1020), 2, Command::Release { lease: x() });
    let release = question(&holder).0;
    answered(&mut holder, at(1025), release, None);
    let again = wants(&mut holder, at(1030), 3);
    answered(&mut holder, at(1035), again, row(A, 1));
    assert!(!acts(&mut holder, at(1036)), "that is what was given back");
    holder.fire(at(1050), Timer::Renew(x()));
    let (number, command) = question(&holder);
    assert_eq!(command, TableCommand::Acquire { lease: x(), holder: A });
    answered(&mut holder, at(1055), number, row(A, 2));
    assert!(acts(&mut holder, at(1056)));
}

/// A holder that has lost its lease acquires it again: it does not renew a grant that may have
/// expired in the table.
#[test]
fn a_lease_that_has_lapsed_is_acquired_and_not_renewed() {
    let mut holder = holder();
    let number = wants(&mut holder, at(1010), 1);
    answered(&mut holder, at(1020), number, row(A, 1));
    holder.fire(at(1010) + HOLDER_TERM, Timer::Renew(x()));
    assert_eq!(question(&holder).1, TableCommand::Acquire { lease: x(), holder: A });
}
