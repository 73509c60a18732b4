//! Permutation of node ids (symmetry reduction): loyal lieutenants are interchangeable, as they
//! decide by counting. Traitors tell recipients apart by their ids, so the reduction is sound only
//! among recipients whom they treat alike.

use quorate_protocol::{Permutation, Permute, no_node_ids};

use super::invariants::{LoyalAgree, LoyalObey};
use super::message::{Command, Message, Order, Timer};
use super::node::General;

no_node_ids!(Order, Timer, Command, LoyalAgree, LoyalObey);

impl Permute for Message {
    fn permuted(&self, by: &Permutation) -> Self {
        let Message::Say { path, order } = self;
        Message::Say { path: path.permuted(by), order: *order }
    }
}

impl Permute for General {
    fn permuted(&self, by: &Permutation) -> Self {
        General { got: self.got.permuted(by), order: self.order }
    }
}
