//! Clients of transactions: three of them move amounts between participants, also against each
//! other, so that transactions wait for rows, deadlock and are refused.

use std::collections::BTreeMap;

use quorate_lab::sim::{ClientRequest, RetryPolicy, Rng};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time, nanos};
use quorate_transactions::Row;
use quorate_transactions::two_phase::{Change, Command};

use super::RunParameters;

/// The node that takes the requests: coordinator, first leader or orchestrator.
pub(super) const TAKES_REQUESTS: NodeId = NodeId(0);
/// Number of clients during the fault window.
const CLIENTS: u64 = 3;
/// Client that comes after the recovery.
pub(super) const LATECOMER: ClientId = ClientId(3);
/// Mean time between two requests.
const PACE: Duration = Duration::from_millis(60);

/// Retry policy: clients retry until the end of the run.
pub(super) const STUBBORN: RetryPolicy =
    RetryPolicy { timeout: Duration::from_millis(250), attempts: u32::MAX, rotates: false };

/// A move of up to six from one participant to another; with a single participant, a payment.
/// Participants have the ids from `first`.
fn transfer(rng: &mut Rng, nodes: u32, first: u32) -> Command {
    let nodes = u64::from(nodes);
    let from = rng.below(nodes);
    let to = (from + 1 + rng.below(nodes.saturating_sub(1).max(1))) % nodes;
    let by = 1 + rng.below(6) as i64;
    let mut change = |by| Change { row: Row::from(if rng.below(3) == 0 { "b" } else { "a" }), by };
    let changes = [(to, change(by)), (from, change(-by))];
    let changes: BTreeMap<_, _> =
        changes.into_iter().map(|(node, change)| (NodeId(first + node as u32), change)).collect();
    Command::Transact { changes }
}

/// Requests of a run, whose participants have the ids from `first`.
pub(super) fn requests(run: &RunParameters, first: u32) -> Vec<ClientRequest<Command>> {
    let mut rng = Rng::new(run.seed, u64::MAX - 1);
    let count = nanos(run.span) / nanos(PACE);
    let mut requests: Vec<_> = (0..count)
        .map(|_| ClientRequest {
            at: Time::from_nanos(rng.below(nanos(run.span))),
            client: ClientId(rng.below(CLIENTS) as u32),
            of: Some(TAKES_REQUESTS),
            command: transfer(&mut rng, run.nodes, first),
        })
        .collect();
    requests.sort_by_key(|request| request.at);
    let everybody = (0..run.nodes).map(|node| (NodeId(first + node), Change { row: Row::from("a"), by: 1 }));
    let at = Time::ZERO + run.span + Duration::from_nanos(1);
    let command = Command::Transact { changes: everybody.collect() };
    requests.push(ClientRequest { at, client: LATECOMER, of: Some(TAKES_REQUESTS), command });
    requests
}

/// Names of a cluster in which those nodes come before the participants.
pub(super) fn names<'a>(first: impl IntoIterator<Item = &'a str>, run: &RunParameters) -> Names {
    let participants = (1..=run.nodes).map(|number| format!("n{number}"));
    let nodes = first.into_iter().map(str::to_owned).chain(participants);
    Names::new(nodes, ["c1", "c2", "c3", "latecomer"])
}
