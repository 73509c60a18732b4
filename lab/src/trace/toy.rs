//! Test machine with one of everything that a recording can hold; it never steps.

use quorate_protocol::{Context, Input, Machine, NodeId, Outbox, rules};
use serde::{Deserialize, Serialize};

use super::{Recording, RunInfo};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Message {
    Ping,
    Count { round: u32, from: NodeId },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Timer {
    Election,
    Expiry(String),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Fact {
    Chosen { value: u32 },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct View {
    pub(crate) round: u32,
    pub(crate) leader: Option<NodeId>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Disk;

impl quorate_protocol::Disk for Disk {
    type Record = u32;

    fn apply(&mut self, _: &u32) {}
}

rules! {
    /// The toy's rules.
    pub(crate) enum Toy {
        Start: "Toys §1", "a request starts a round";
        Follow: "Toys §2", "follow the highest round";
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Node;

impl Machine for Node {
    type Config = ();
    type Rulebook = ();
    type Message = Message;
    type Timer = Timer;
    type Command = u32;
    type Reply = bool;
    type Fact = Fact;
    type Rule = Toy;
    type Record = u32;
    type Disk = Disk;
    type Clock = ();
    type View = View;

    fn boot(_: &Context<Self>, _: &Disk, _: &mut Outbox<Self>) -> Self {
        Node
    }

    fn step(&mut self, _: &Context<Self>, _: Input<Self>, out: &mut Outbox<Self>) {
        out.because(Toy::Start);
    }

    fn view(&self, _: &Context<Self>) -> View {
        View { round: 0, leader: None }
    }
}

/// An empty recording with nodes A and X and the client carol.
pub(crate) fn empty() -> Recording<Node> {
    let names = quorate_protocol::Names::new(["A", "X"], ["carol"]);
    Recording::new(RunInfo { protocol: "toy".into(), title: "One of each".into(), seed: Some(7), names })
}
