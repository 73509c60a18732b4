//! The common part of runs whose nodes follow references of time, TrueTime's masters or NTP's
//! sources: the first nodes of the cluster, of which the very first may be wrong by any amount.

use quorate_lab::sim::{ClientRequest, Fault, Rng};
use quorate_protocol::{ClientId, Duration, NodeId, Time, nanos};

use super::RunParameters;

const CLIENTS: u64 = 3;
/// The client that asks when the faults are over.
pub(super) const LATECOMER: ClientId = ClientId(3);
/// Mean time between two requests.
const PACE: Duration = Duration::from_millis(50);

/// Requests of clients to the nodes after the references, and `last` of the latecomer.
pub(super) fn requests<C>(
    run: &RunParameters,
    references: u32,
    last: C,
    mut command: impl FnMut(&mut Rng) -> C,
) -> Vec<ClientRequest<C>> {
    let mut rng = Rng::new(run.seed, u64::MAX - 1);
    let mut requests: Vec<_> = (0..nanos(run.span) / nanos(PACE))
        .map(|_| {
            let at = Time::from_nanos(rng.below(nanos(run.span)));
            let client = ClientId(rng.below(CLIENTS) as u32);
            let node = NodeId(references + rng.below(u64::from(run.nodes)) as u32);
            // A few ask a reference, which sends them on.
            let of = Some(if rng.below(8) == 0 { NodeId(0) } else { node });
            ClientRequest { at, client, of, command: command(&mut rng) }
        })
        .collect();
    requests.sort_by_key(|request| request.at);
    let at = Time::ZERO + run.span + Duration::from_secs(1);
    requests.push(ClientRequest { at, client: LATECOMER, of: Some(NodeId(references)), command: last });
    requests
}

/// A reference has a clock that no fault changes: except for the first one, which is the one of
/// three that may be wrong.
pub(super) fn keeps_references(fault: &Fault, references: u32) -> bool {
    match fault {
        Fault::Drift { node, .. } | Fault::Jump { node, .. } => node.0 == 0 || node.0 >= references,
        _ => true,
    }
}
