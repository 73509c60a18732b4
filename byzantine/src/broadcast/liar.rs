//! Liars: nodes that take the honest step, and tell others something else.

use std::fmt;

use quorate_protocol::{Context, Input, NodeId, Outbox};
use serde::{Deserialize, Serialize};

use super::message::{Message, Value};
use super::node::Broadcast;
use super::rules::BroadcastRule;
use crate::retell;

/// Kind of a lie.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Lie {
    /// Sends nothing.
    Silent,
    /// Sends nodes with an odd id another value.
    Equivocating,
    /// As sender equivocates; otherwise tells each node that it echoes, and is ready for, the value
    /// that the node has said.
    SupportsAll,
}

impl Lie {
    /// All kinds.
    pub const ALL: [Lie; 3] = [Lie::Silent, Lie::Equivocating, Lie::SupportsAll];

    fn rule(self) -> BroadcastRule {
        match self {
            Lie::Silent => BroadcastRule::LieSilent,
            Lie::Equivocating => BroadcastRule::LieEquivocate,
            Lie::SupportsAll => BroadcastRule::LieSupportAll,
        }
    }
}

impl fmt::Display for Lie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Lie::Silent => "silent",
            Lie::Equivocating => "equivocating",
            Lie::SupportsAll => "supports-all",
        })
    }
}

/// The step of a liar: the honest one, with other messages.
pub(super) fn step(
    node: &mut Broadcast,
    cx: &Context<'_, Broadcast>,
    lie: Lie,
    input: Input<Broadcast>,
    out: &mut Outbox<Broadcast>,
) {
    let heard = match &input {
        Input::Deliver { from, message: Message::Echo { value } } if *from != cx.me => Some((*from, *value)),
        _ => None,
    };
    let mut honest = retell::inner(out);
    node.honest(cx, input, &mut honest);
    let sends = retell::all_but_sends(&honest, out);
    let mut because = out.because(lie.rule());
    for (to, message) in sends {
        match lie {
            Lie::Silent => {}
            Lie::Equivocating => _ = because.send(to, two_faced(to, message)),
            Lie::SupportsAll if matches!(message, Message::Initial { .. }) => {
                because.send(to, two_faced(to, message));
            }
            Lie::SupportsAll => {}
        }
    }
    if let (Lie::SupportsAll, Some((from, value))) = (lie, heard) {
        because.send(from, Message::Echo { value }).send(from, Message::Ready { value });
    }
}

/// The truth for nodes with an even id, another value for the others.
fn two_faced(to: NodeId, message: Message) -> Message {
    if to.0.is_multiple_of(2) {
        return message;
    }
    let other = |value: Value| Value(value.0 ^ 1);
    match message {
        Message::Initial { value } => Message::Initial { value: other(value) },
        Message::Echo { value } => Message::Echo { value: other(value) },
        Message::Ready { value } => Message::Ready { value: other(value) },
    }
}
