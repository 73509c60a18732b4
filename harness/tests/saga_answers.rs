//! Client contract of sagas: answers and rows that add up, and some that do not.

use std::collections::BTreeMap;

use quorate_harness::experiments::contract::SagaAnswers;
use quorate_protocol::{ClientEvent, ClientEventKind, ClientId, Invariant, NodeId, RequestId, Time};
use quorate_transactions::saga::Saga;
use quorate_transactions::two_phase::{Change, Command, Reply};
use quorate_transactions::{Row, Txn};

const STOCK: NodeId = NodeId(1);
const TXN: Txn = Txn { life: 1, number: 1 };

fn request(number: u64, by: i64, replies: &[Reply]) -> Vec<ClientEvent<Saga>> {
    let changes = BTreeMap::from([(STOCK, Change { row: Row::from("apples"), by })]);
    let told = replies.iter().map(|reply| ClientEventKind::Response { by: NodeId(0), reply: reply.clone() });
    let kinds = [ClientEventKind::Invocation(Command::Transact { changes })].into_iter().chain(told);
    let ticket = RequestId { client: ClientId(0), number };
    kinds.map(|kind| ClientEvent { at: Time::ZERO, ticket, kind }).collect()
}

/// The invariant that these histories break, with so many apples in the end.
fn broken(apples: i64, requests: impl IntoIterator<Item = Vec<ClientEvent<Saga>>>) -> Option<&'static str> {
    let rows = BTreeMap::from([(STOCK, BTreeMap::from([(Row::from("apples"), apples)]))]);
    let mut answers = SagaAnswers::of_rows(10, rows);
    let events: Vec<_> = requests.into_iter().flatten().collect();
    answers.conclude(&events).err().map(|unexplained| unexplained.broken.invariant)
}

const DONE: Reply = Reply::Committed { txn: TXN };
const UNDONE: Reply = Reply::Aborted { txn: TXN };

#[test]
fn the_rows_hold_what_clients_were_told_of_and_nothing_else() {
    let told = || [request(1, -3, &[DONE]), request(2, -4, &[UNDONE])];
    assert_eq!(broken(7, told()), None);
    for apples in [3, 6, 10] {
        assert_eq!(broken(apples, told()), Some("AnswersAddUp"), "{apples} apples");
    }
}

#[test]
fn a_row_that_a_request_without_an_answer_may_change_is_left_out() {
    assert_eq!(broken(3, [request(1, -3, &[DONE]), request(2, -4, &[])]), None);
    assert_eq!(broken(3, [request(1, -3, &[DONE]), request(2, -4, &[Reply::Overtaken])]), None);
}

#[test]
fn two_answers_must_be_the_same() {
    assert_eq!(broken(7, [request(1, -3, &[DONE, DONE])]), None);
    assert_eq!(broken(7, [request(1, -3, &[DONE, UNDONE])]), Some("AnsweredOnce"));
}
