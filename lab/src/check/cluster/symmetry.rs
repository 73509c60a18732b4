//! Symmetry reduction: states that differ only in the names of interchangeable nodes are treated as
//! one.
//!
//! Clarke, Jha, Enders and Filkorn (*Exploiting symmetry in temporal logic model checking*, 1996),
//! Ip and Dill (*Better verification through symmetry*, 1996): if a permutation of the nodes maps
//! every run to a run, it is enough to search one state of each equivalence class. Here a class is
//! identified by the smallest fingerprint of its states under all permutations. The states
//! themselves are never renamed, so a counterexample is an actual run; and as a permutation does
//! not change the length of a run, it is a shortest one.
//!
//! The reduction is sound if the machines and invariants treat the nodes alike: decide by equality
//! of ids and by counting, not by their order. So the acceptors of Paxos are interchangeable, its
//! proposers are not: ballots compare by their proposer. A machine may send its *messages* in the
//! order of ids; a crash *between* two of them breaks the symmetry, and is refused.

use std::hash::{BuildHasher, Hasher};

use foldhash::quality::FixedState;
use quorate_protocol::{Invariant, Machine, NodeId, Permutation, Permute};

use super::state::{Envelope, Node, State};
use super::{Bounds, Cluster, Request};
use crate::check::{CheckError, fingerprint};

/// Maximum number of permutations: more cost more than they save.
const MOST: usize = 720;

/// A machine that can be searched up to symmetry: all parts of its states can be renamed by a
/// permutation. Implemented for all such machines.
pub trait Symmetric: Machine<Message: Permute, Timer: Permute, Command: Permute, Disk: Permute> + Permute {}

impl<M: Machine<Message: Permute, Timer: Permute, Command: Permute, Disk: Permute> + Permute> Symmetric for M {}

/// Applies permutations to the parts of a state. A trait object, so that clusters without symmetry
/// need no such bounds.
trait Renamer<M: Machine, I>: Send + Sync {
    fn node(&self, node: &Node<M>, by: &Permutation) -> Node<M>;
    fn message(&self, message: &M::Message, by: &Permutation) -> M::Message;
    fn invariants(&self, invariants: &I, by: &Permutation) -> I;
}

/// The renamer of types that implement [`Permute`].
struct ByItself;

impl<M: Symmetric, I: Permute> Renamer<M, I> for ByItself {
    fn node(&self, node: &Node<M>, by: &Permutation) -> Node<M> {
        let mut renamed = Node {
            machine: node.machine.permuted(by),
            disk: node.disk.permuted(by),
            inbox: node.inbox.permuted(by),
            timers: node.timers.clone(),
            ..*node
        };
        renamed.timers.iter_mut().for_each(|armed| armed.timer = armed.timer.permuted(by));
        renamed.timers.sort();
        renamed
    }

    fn message(&self, message: &M::Message, by: &Permutation) -> M::Message {
        message.permuted(by)
    }

    fn invariants(&self, invariants: &I, by: &Permutation) -> I {
        invariants.permuted(by)
    }
}

/// The permutations of a cluster, without the identity.
pub(super) struct Symmetry<M: Machine, I> {
    renamings: Vec<Permutation>,
    renamer: Box<dyn Renamer<M, I>>,
}

impl<M: Symmetric, I: Invariant<M> + Permute> Symmetry<M, I> {
    pub(super) fn new(groups: &[Vec<NodeId>], nodes: usize, bounds: &Bounds<M>) -> Result<Self, CheckError> {
        validate(groups, nodes, bounds)?;
        let mut orders: Vec<Vec<NodeId>> = vec![(0..nodes as u32).map(NodeId).collect()];
        for group in groups {
            let count = (1..=group.len()).try_fold(orders.len(), usize::checked_mul).unwrap_or(usize::MAX);
            if count > MOST {
                return Err(CheckError::TooManyPermutations { permutations: count, limit: MOST });
            }
            orders = orders.iter().flat_map(|before| permuted(before, group)).collect();
        }
        let mut renamings: Vec<Permutation> = orders.into_iter().filter_map(Permutation::new).collect();
        renamings.retain(|renaming| !renaming.is_identity());
        let told_apart =
            |request: &Request<M>| renamings.iter().any(|by| request.command.permuted(by) != request.command);
        if bounds.requests.iter().any(told_apart) {
            return Err(CheckError::NotInterchangeable("a client's command names one of them"));
        }
        Ok(Symmetry { renamings, renamer: Box::new(ByItself) })
    }
}

impl<M: Machine, I: Invariant<M>> Symmetry<M, I> {
    pub(super) fn of_node(&self, node: &Node<M>) -> Box<[u64]> {
        self.renamings.iter().map(|by| fingerprint(&self.renamer.node(node, by))).collect()
    }

    pub(super) fn of_envelope(&self, envelope: &Envelope<M>) -> Box<[u64]> {
        let one = |by: &Permutation| {
            let message = self.renamer.message(&envelope.message, by);
            fingerprint(&Envelope::<M> { to: by.of(envelope.to), from: by.of(envelope.from), message })
        };
        self.renamings.iter().map(one).collect()
    }

    pub(super) fn of_invariants(&self, invariants: &I) -> Box<[u64]> {
        self.renamings.iter().map(|by| fingerprint(&self.renamer.invariants(invariants, by))).collect()
    }
}

impl<M: Machine, I: Invariant<M>> Cluster<M, I> {
    /// Returns the smallest fingerprint of a state under all permutations.
    pub(super) fn of_class(&self, state: &State<M, I>, symmetry: &Symmetry<M, I>) -> u64 {
        let seed = FixedState::with_seed(0x5155_4f52_4154_4532);
        let mut order: Vec<u64> = vec![0; state.hosts.len()];
        // No order of messages is invariant under permutations, so their fingerprints are added up.
        let mut under = |by: Option<(usize, &Permutation)>| {
            let pick = |own: u64, renamed: &[u64]| by.map_or(own, |(index, _)| renamed[index]);
            for (node, host) in (0..).map(NodeId).zip(&state.hosts) {
                let place = by.map_or(node, |(_, renaming)| renaming.of(node));
                order[place.index()] = pick(host.fingerprint, &host.renamed);
            }
            let flights = state.network.iter().map(|flight| pick(flight.fingerprint, &flight.renamed));
            let mut hasher = seed.build_hasher();
            order.iter().for_each(|&fingerprint| hasher.write_u64(fingerprint));
            hasher.write_u64(flights.fold(0, u64::wrapping_add));
            hasher.write_u64(pick(state.watched.fingerprint, &state.watched.renamed));
            state.hash_rest(&mut hasher);
            hasher.finish()
        };
        let own = under(None);
        symmetry.renamings.iter().enumerate().fold(own, |least, by| least.min(under(Some(by))))
    }
}

/// Returns all orders that result from one by permuting the group.
fn permuted(before: &[NodeId], group: &[NodeId]) -> Vec<Vec<NodeId>> {
    let mut orders = vec![Vec::new()];
    for &node in group {
        orders = orders
            .into_iter()
            .flat_map(|order: Vec<NodeId>| {
                (0..=order.len()).map(move |place| {
                    let mut longer = order.clone();
                    longer.insert(place, node);
                    longer
                })
            })
            .collect();
    }
    let one = |order: Vec<NodeId>| {
        let mut to = before.to_vec();
        group.iter().zip(order).for_each(|(from, node)| to[from.index()] = node);
        to
    };
    orders.into_iter().map(one).collect()
}

/// Checks that nothing distinguishes the nodes of a group.
fn validate<M: Machine>(groups: &[Vec<NodeId>], nodes: usize, bounds: &Bounds<M>) -> Result<(), CheckError> {
    let mut members: Vec<NodeId> = groups.iter().flatten().copied().collect();
    members.sort_unstable();
    if let Some(&stranger) = members.iter().find(|node| node.index() >= nodes) {
        return Err(CheckError::NoSuchNode(stranger));
    }
    if members.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(CheckError::NotInterchangeable("a node is named twice"));
    }
    if bounds.crashes > 0 && bounds.crash_points.between_sends {
        let why = "messages are sent in the order of node ids, so a crash between two sends distinguishes nodes; remove `between_sends` from the crash points";
        return Err(CheckError::NotInterchangeable(why));
    }
    if bounds.requests.iter().filter_map(|request| request.of).any(|of| members.contains(&of)) {
        return Err(CheckError::NotInterchangeable("a request is addressed to one of them"));
    }
    let drift = |node: &NodeId| bounds.clocks.as_ref().and_then(|clocks| clocks.drifts.get(node));
    if groups.iter().any(|group| group.windows(2).any(|pair| drift(&pair[0]) != drift(&pair[1]))) {
        return Err(CheckError::NotInterchangeable("their clocks have different drifts"));
    }
    Ok(())
}
