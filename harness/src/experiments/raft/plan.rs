//! Client workload of a random run of Raft.

use quorate_lab::sim::{ClientRequest, Rng};
use quorate_protocol::{ClientId, Duration, NodeId, Time, nanos};
use quorate_raft::{Command, ConfigChange, KeyValue, KeyValueCommand, KeyValueQuery};

use super::Parts;
use super::kv_history::LEDGER;
use crate::experiments::RunParameters;
use crate::protocols::RaftTarget;

/// Number of requests of each client during the fault window.
const REQUESTS: u64 = 30;
/// Number of operator requests during the fault window.
const ORDERS: u64 = 8;
/// Number of keys besides the ledger.
const KEYS: u64 = 4;

type Plan = Vec<ClientRequest<Command<KeyValue>>>;

/// All requests, ordered by time.
pub(super) fn requests(run: &RunParameters, parts: Parts) -> Plan {
    // Separate from the random streams of the network, the timers and the faults.
    let mut rng = Rng::new(run.seed, u64::MAX - 1);
    let mut requests: Plan = Vec::new();
    let request = |at, client, command| ClientRequest { at, client, of: None, command };
    for client in RaftTarget::CLIENTS {
        for number in 1..=REQUESTS {
            requests.push(request(moment(&mut rng, run.span), client, wish(&mut rng, client, number)));
        }
    }
    for _ in 0..ORDERS {
        if let Some(command) = order(&mut rng, run.nodes, parts) {
            requests.push(request(moment(&mut rng, run.span), RaftTarget::OPERATOR, command));
        }
    }
    // Just after the recovery, which comes when everything due at the end of the fault window is
    // done.
    let healed = Time::ZERO + run.span + Duration::from_nanos(1);
    requests.push(request(healed, RaftTarget::LATECOMER, append("the last".to_owned())));
    requests.sort_by_key(|request| request.at);
    requests
}

fn moment(rng: &mut Rng, span: Duration) -> Time {
    Time::from_nanos(rng.below(nanos(span)))
}

/// Next request of a client: half are appends to the ledger, a third are reads of it, the rest
/// write to other keys.
fn wish(rng: &mut Rng, client: ClientId, number: u64) -> Command<KeyValue> {
    let value = format!("{}.{number}", client.0 + 1);
    match rng.below(12) {
        0..=5 => append(value),
        6..=9 => Command::Read(KeyValueQuery::Get { key: LEDGER.to_owned() }),
        10 => Command::Apply(KeyValueCommand::Put { key: format!("k{}", rng.below(KEYS)), value }),
        _ => Command::Apply(KeyValueCommand::CompareAndSet {
            key: format!("k{}", rng.below(KEYS)),
            expected: None,
            value: Some(value),
        }),
    }
}

fn append(line: String) -> Command<KeyValue> {
    Command::Apply(KeyValueCommand::Append { key: LEDGER.to_owned(), value: format!("{line};") })
}

/// Next request of the operator, if the seed enables any.
fn order(rng: &mut Rng, nodes: u32, parts: Parts) -> Option<Command<KeyValue>> {
    let anyone = |rng: &mut Rng, count: u32| NodeId(rng.below(u64::from(count)) as u32);
    let spare = NodeId(nodes);
    let roll = rng.below(8);
    if parts.transfers && (roll < 3 || !parts.changes) {
        return Some(Command::TransferLeadership(anyone(rng, nodes)));
    }
    let change = match roll {
        0..=3 => ConfigChange::AddLearner(spare),
        4 => ConfigChange::AddVoter(spare),
        5 => ConfigChange::Remove(anyone(rng, nodes + 1)),
        6 => ConfigChange::AddLearner(anyone(rng, nodes + 1)),
        _ => ConfigChange::Replace { voters: (0..=nodes).filter(|_| rng.below(4) > 0).map(NodeId).collect() },
    };
    parts.changes.then_some(Command::ChangeMembership(change))
}
