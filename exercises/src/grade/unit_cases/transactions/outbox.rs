//! Unit cases for the decisions of the local message table.

use quorate_protocol::{ClientId, RequestId};
use quorate_transactions::Row;
use quorate_transactions::outbox::{Note, Rulebook, TableChange};

use crate::course::Exercise;
use crate::grade::unit_cases::{EITHER, LAST, UnitCases, ask};
use crate::grading::{Failed, Grading};

/// Tests the decisions of an exercise about the local message table.
pub(in crate::grade) fn outbox(rules: Rulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    let ask: Option<fn(Rulebook, &mut UnitCases)> = match exercise.id {
        "txn-one-write" => Some(one_write),
        "txn-let-go" => Some(let_go),
        "txn-handled-once" => Some(handled_once),
        _ => None,
    };
    UnitCases::put(grading, LAST, ask.map(|ask| move |cases: &mut UnitCases| ask(rules, cases)))
}

/// Whether these are one transaction with both changes, in any order.
fn is_one_write(transactions: &[Vec<TableChange>], changes: [&TableChange; 2]) -> bool {
    let [both] = transactions else { return false };
    both.len() == 2 && changes.iter().all(|change| both.contains(change))
}

fn one_write(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for (id, number) in [(1, 1), (2, 1), (3, 5)].map(|(id, number)| (scale.at(id), scale.at(number))) {
            let note = Note { item: Row::from("apples"), units: number };
            let order = TableChange::InsertOrder { id, ticket: RequestId { client: ClientId(0), number } };
            let message = TableChange::InsertMessage { id, note: note.clone() };
            let answer = rules.places(order.clone(), message.clone());
            let page = "order and message are written in one local transaction";
            cases.note(is_one_write(&answer, [&order, &message]), page, || {
                format!("places(order: {order:?}, message: {message:?}) answers {answer:?}")
            });
            let (change, kept) = (TableChange::Ship { note }, TableChange::KeepId { id });
            let answer = rules.books(change.clone(), kept.clone());
            let page = "the change and the message's id are written in one local transaction";
            cases.note(is_one_write(&answer, [&change, &kept]), page, || {
                format!("books(change: {change:?}, id: {kept:?}) answers {answer:?}")
            });
        }
    }
}

fn let_go(rules: Rulebook, cases: &mut UnitCases) {
    ask!(cases, rules.deletes_unconfirmed(), |deletes| !deletes, "a message may be lost after it was sent");
    ask!(cases, rules.writes_queue(), |writes| writes, "the sender deletes what the broker has confirmed");
    ask!(cases, rules.removes_unacknowledged(), |removes| !removes, "a message may be lost after it was delivered");
    ask!(cases, rules.acknowledges_unhandled(), |early| !early, "the receiver may crash before it has handled it");
    for scale in cases.scales_to_the_end() {
        let all: Vec<u64> = (1..=5).map(|id| scale.at(id)).collect();
        for table in [&all[..0], &all[..1], &all[1..4], &all[2..], &all] {
            for confirmed in all.iter().copied() {
                ask!(
                    cases,
                    rules.deletes(confirmed, table),
                    // A number that is not in the table does no harm.
                    |leaving| leaving.iter().all(|id| *id == confirmed)
                        && (!leaving.is_empty() || !table.contains(&confirmed)),
                    "a confirmation deletes the message that it names, and no other"
                );
            }
        }
    }
}

fn handled_once(rules: Rulebook, cases: &mut UnitCases) {
    for known in EITHER {
        ask!(
            cases,
            rules.handles(known),
            |ruling| ruling.allows() != known,
            "a message is handled exactly if its id is unknown"
        );
    }
    let drawn = cases.drawn(1 << 40).into_iter().filter_map(|newer| usize::try_from(newer).ok());
    for newer in (0..=4).chain(drawn.collect::<Vec<_>>()).chain([usize::MAX]) {
        ask!(cases, rules.keeps_id(newer), |keeps| keeps, "a copy may arrive after any number of newer messages");
    }
    for scale in cases.scales_to_the_end() {
        for number in (1..=5).map(|number| scale.at(number)) {
            let last = None;
            ask!(cases, rules.begins(last, number), |ruling| ruling.allows(), "the first request of a client is new");
            for last in (1..=5).map(|last| Some(scale.at(last))) {
                ask!(
                    cases,
                    rules.begins(last, number),
                    |ruling| ruling.allows() == (Some(number) > last),
                    "only a request above the newest one that was carried out is new"
                );
            }
        }
    }
}
