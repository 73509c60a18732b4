//! What a client has to send: one parcel for each node that it turns to.

use quorate_protocol::{ClientId, Machine, NodeId};

use super::mail::Hands;
use super::threads::Sender;
use super::wire::{Parcel, Petition, Word};

/// Requests that leave together.
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

    /// Lets everything leave that has to.
    pub(super) fn send(&mut self, client: ClientId, back: &Sender<Word<M>>, hands: &mut Hands<'_, M>) {
        self.count = 0;
        for (index, waiting) in self.petitions.iter_mut().enumerate().filter(|(_, waiting)| !waiting.is_empty()) {
            let room = Vec::with_capacity(waiting.len());
            let petitions = expose(std::mem::replace(waiting, room), hands);
            // What the trace says of the request is handed over before the request can arrive.
            hands.hand_over();
            // The other end of the door is kept by `Common`, so it is never closed.
            _ = hands.common.posts[index].door.send(Parcel::Petitions { client, back: back.clone(), petitions });
        }
    }
}

/// Lets the weather have its way with requests.
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
