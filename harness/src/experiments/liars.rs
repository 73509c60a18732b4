//! Choice of the nodes that lie in a random run.

use quorate_lab::sim::Rng;
use quorate_protocol::NodeId;

/// Draws that number of different nodes, the sender or the commander among them or not, and a lie
/// for each.
pub(super) fn drawn<L: Copy>(rng: &mut Rng, nodes: u32, count: usize, kinds: &[L]) -> Vec<(NodeId, L)> {
    let mut honest: Vec<NodeId> = (0..nodes).map(NodeId).collect();
    let mut liars = Vec::new();
    for _ in 0..count.min(honest.len()) {
        let node = honest.remove(rng.below(honest.len() as u64) as usize);
        liars.push((node, kinds[rng.below(kinds.len() as u64) as usize]));
    }
    liars
}
