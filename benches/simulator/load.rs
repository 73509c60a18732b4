//! Load of the simulator benchmark: five nodes with heartbeats and 64 messages in flight between
//! every two of them.

use quorate_protocol::{Context, Duration, Input, Machine, Never, NodeId, Outbox, rules};
use serde::{Deserialize, Serialize};

/// Number of messages in flight from each node to each other node.
pub(crate) const OUTSTANDING: usize = 64;
pub(crate) const NODES: u32 = 5;
pub(crate) const HEARTBEAT: Duration = Duration::from_millis(50);
pub(crate) const LATENCY_MIN: Duration = Duration::from_millis(1);
pub(crate) const LATENCY_MAX: Duration = Duration::from_millis(10);
pub(crate) const LOSS_PERCENT: u32 = 1;

/// A message of exactly 64 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) kind: Kind,
    pub(crate) ball: u32,
    pub(crate) payload: [u64; 7],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Kind {
    Heartbeat,
    Acknowledge,
    Ping,
    Pong,
}

const _: () = assert!(size_of::<Message>() == 64);

rules! {
    /// Rules of the load.
    pub(crate) enum LoadRule {
        Beat: "benches §1", "tell everyone that we live, and serve anew the balls that were lost";
        Acknowledge: "benches §1", "answer a heartbeat";
        Note: "benches §1", "an acknowledged heartbeat needs no answer";
        Return: "benches §2", "answer a ping with a pong";
        ServeAgain: "benches §2", "answer a pong with the next ping";
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Load {
    /// Per peer, a bit for each message that came back since the last heartbeat.
    seen: [u64; NODES as usize],
    pub(crate) returned: u64,
}

impl Machine for Load {
    type Config = ();
    type Rulebook = ();
    type Message = Message;
    type Timer = ();
    type Command = Never;
    type Reply = Never;
    type Fact = Never;
    type Rule = LoadRule;
    type Record = Never;
    type Disk = ();
    type Clock = ();
    type View = ();

    fn boot(_: &Context<Self>, _: &(), out: &mut Outbox<Self>) -> Self {
        out.because(LoadRule::Beat).arm((), Duration::ZERO);
        Load { seen: [0; NODES as usize], returned: 0 }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Fire(()) => {
                let mut beat = out.because(LoadRule::Beat);
                for peer in (0..NODES).map(NodeId).filter(|peer| *peer != cx.me) {
                    beat.send(peer, Message { kind: Kind::Heartbeat, ball: 0, payload: [0; 7] });
                    let lost = !std::mem::take(&mut self.seen[peer.index()]);
                    for ball in (0..OUTSTANDING as u32).filter(|ball| lost >> ball & 1 == 1) {
                        beat.send(peer, Message { kind: Kind::Ping, ball, payload: [1; 7] });
                    }
                }
                beat.arm((), HEARTBEAT);
            }
            Input::Deliver { from, message } => match message.kind {
                Kind::Heartbeat => {
                    out.because(LoadRule::Acknowledge).send(from, Message { kind: Kind::Acknowledge, ..message });
                }
                Kind::Acknowledge => {
                    out.because(LoadRule::Note);
                }
                Kind::Ping => {
                    out.because(LoadRule::Return).send(from, Message { kind: Kind::Pong, ..message });
                }
                Kind::Pong => {
                    self.seen[from.index()] |= 1 << message.ball;
                    self.returned += 1;
                    out.because(LoadRule::ServeAgain).send(from, Message { kind: Kind::Ping, ..message });
                }
            },
            Input::Request { command, .. } => match command {},
        }
    }

    fn view(&self, _: &Context<Self>) {}
}
