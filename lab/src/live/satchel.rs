//! Outgoing requests of a client: one batch for each node.

use quorate_protocol::{ClientId, Machine, NodeId};

use super::mail::Hands;
use super::threads::Sender;
use super::wire::{Parcel, Petition, Word};

/// Requests that are sent together.
#[derive(Debug)]
pub(super) struct Satchel<M: Machine> {
    /// By node.
    petitions: Vec<Vec<Petition<M>>>,
    count: usize,
}

impl<M: Machine> Satchel<M> {
    pub(super) fn new(nodes: usize) -> Self {
        Satchel { petitions: (0..nodes).map(|_| Vec::new()).collect(), count: 0 }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn put(&mut self, to: NodeId, petition: Petition<M>) {
        self.petitions[to.index()].push(petition);
        self.count += 1;
    }

    /// Sends all waiting requests.
    pub(super) fn send(&mut self, client: ClientId, back: &Sender<Word<M>>, hands: &mut Hands<'_, M>) {
        self.count = 0;
        for (index, waiting) in self.petitions.iter_mut().enumerate().filter(|(_, waiting)| !waiting.is_empty()) {
            let room = Vec::with_capacity(waiting.len());
            let petitions = expose(std::mem::replace(waiting, room), hands);
            // The trace of the request is handed over before the request can arrive.
            hands.hand_over();
            // `Common` keeps the receiving end, so the channel is never closed.
            _ = hands.common.posts[index].door.send(Parcel::Petitions { client, back: back.clone(), petitions });
        }
    }
}

/// Applies the network's loss, duplication and delay to requests.
fn expose<M: Machine>(waiting: Vec<Petition<M>>, hands: &mut Hands<'_, M>) -> Vec<Petition<M>> {
    if hands.outlook.is_calm() {
        return waiting;
    }
    let mut sent = Vec::with_capacity(waiting.len());
    for petition in waiting {
        let passage = hands.outlook.anywhere(hands.now);
        hands.carry(petition.msg, passage, |msg, due| sent.push(Petition { msg, due, ..petition.clone() }));
    }
    sent
}
