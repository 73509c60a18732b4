//! Client workload of a random run of Raft.

use quorate_lab::sim::{Asking, Dice};
use quorate_protocol::{ClientId, Duration, NodeId, Time, nanos};
use quorate_raft::{Change, Command, KeyValue, KeyValueCommand, KeyValueQuery};

use super::Parts;
use super::ledger::LEDGER;
use crate::experiments::Run;
use crate::protocols::RaftTarget;

/// Number of requests of each client during the fault window.
const REQUESTS: u64 = 30;
/// Number of operator requests during the fault window.
const ORDERS: u64 = 8;
/// Number of keys besides the ledger.
const KEYS: u64 = 4;

type Plan = Vec<Asking<Command<KeyValue>>>;

/// All requests, ordered by time.
pub(super) fn askings(run: &Run, parts: Parts) -> Plan {
    // Separate from the random streams of the network, the timers and the faults.
    let mut dice = Dice::new(run.seed, u64::MAX - 1);
    let mut askings: Plan = Vec::new();
    let asking = |at, client, command| Asking { at, client, of: None, command };
    for client in RaftTarget::CLIENTS {
        for number in 1..=REQUESTS {
            askings.push(asking(moment(&mut dice, run.span), client, wish(&mut dice, client, number)));
        }
    }
    for _ in 0..ORDERS {
        if let Some(command) = order(&mut dice, run.nodes, parts) {
            askings.push(asking(moment(&mut dice, run.span), RaftTarget::OPERATOR, command));
        }
    }
    // Just after the recovery, which comes when everything due at the end of the fault window is
    // done.
    let healed = Time::ZERO + run.span + Duration::from_nanos(1);
    askings.push(asking(healed, RaftTarget::LATECOMER, append("the last".to_owned())));
    askings.sort_by_key(|asking| asking.at);
    askings
}

fn moment(dice: &mut Dice, span: Duration) -> Time {
    Time::from_nanos(dice.below(nanos(span)))
}

/// Next request of a client: half are appends to the ledger, a third are reads of it, the rest
/// write to other keys.
fn wish(dice: &mut Dice, client: ClientId, number: u64) -> Command<KeyValue> {
    let value = format!("{}.{number}", client.0 + 1);
    match dice.below(12) {
        0..=5 => append(value),
        6..=9 => Command::Read(KeyValueQuery::Get { key: LEDGER.to_owned() }),
        10 => Command::Apply(KeyValueCommand::Put { key: format!("k{}", dice.below(KEYS)), value }),
        _ => Command::Apply(KeyValueCommand::CompareAndSet {
            key: format!("k{}", dice.below(KEYS)),
            expected: None,
            value,
        }),
    }
}

fn append(line: String) -> Command<KeyValue> {
    Command::Apply(KeyValueCommand::Append { key: LEDGER.to_owned(), value: format!("{line};") })
}

/// Next request of the operator, if the seed enables any.
fn order(dice: &mut Dice, nodes: u32, parts: Parts) -> Option<Command<KeyValue>> {
    let anyone = |dice: &mut Dice, count: u32| NodeId(dice.below(u64::from(count)) as u32);
    let spare = NodeId(nodes);
    let roll = dice.below(8);
    if parts.transfers && (roll < 3 || !parts.changes) {
        return Some(Command::TransferLeadership(anyone(dice, nodes)));
    }
    let change = match roll {
        0..=3 => Change::AddLearner(spare),
        4 => Change::AddVoter(spare),
        5 => Change::Remove(anyone(dice, nodes + 1)),
        6 => Change::AddLearner(anyone(dice, nodes + 1)),
        _ => Change::Replace { voters: (0..=nodes).filter(|_| dice.below(4) > 0).map(NodeId).collect() },
    };
    parts.changes.then_some(Command::ChangeMembership(change))
}
