//! Permutation of node ids (symmetry reduction): honest nodes but the sender are interchangeable,
//! as they decide by counting. A liar that equivocates tells recipients apart by their ids, so the
//! reduction is sound only among recipients whom it treats alike.

use quorate_protocol::{Permutation, Permute, no_node_ids};

use super::invariants::{SameValue, SendersValue};
use super::message::{Command, Message, Value};
use super::node::Broadcast;

no_node_ids!(Value, Message, Command, SameValue, SendersValue);

impl Permute for Broadcast {
    fn permuted(&self, by: &Permutation) -> Self {
        Broadcast { echoes: self.echoes.permuted(by), readies: self.readies.permuted(by), ..*self }
    }
}
