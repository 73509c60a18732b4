//! A toy protocol for the simulator's tests: a node writes numbers on request, tells its peers, and
//! replies.

use quorate_protocol::{
    Context, Disk, Disposition, Duration, Input, LocalTime, Machine, NodeId, Outbox, RequestId, Time, rules,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// A number was written.
    Wrote(u32),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Command {
    /// Write both numbers, one record each, then tell all peers the first.
    Write(u32, u32),
    /// Arm a timer for this many milliseconds, or disarm it.
    Wake(Option<u64>),
    /// Redirect the client.
    Elsewhere,
    /// Redirect the client to the next node, on every node.
    Around,
    /// Cite no rule: a faulty step.
    Sulk,
    /// Send this many messages at once.
    Flood(u32),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reply {
    Written,
    NotHere,
    AskNext { node: NodeId },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fact {
    Woke { monotonic: Time, wall: Time },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Record {
    Number(u32),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Numbers(pub Vec<u32>);

impl Disk for Numbers {
    type Record = Record;

    fn apply(&mut self, Record::Number(number): &Record) {
        self.0.push(*number);
    }
}

rules! {
    pub enum CourierRule {
        Write: "tests", "write, then tell, then answer";
        Hear: "tests", "hear what another wrote";
        Wake: "tests", "wake up";
        Redirect: "tests", "send the client to the next node";
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Courier {
    pub written: Vec<u32>,
    pub heard: Vec<(NodeId, u32)>,
}

impl Machine for Courier {
    type Config = u32;
    type Rulebook = ();
    type Message = Message;
    type Timer = ();
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = CourierRule;
    type Record = Record;
    type Disk = Numbers;
    type Clock = LocalTime;
    type View = usize;

    fn boot(_: &Context<Self>, disk: &Numbers, _: &mut Outbox<Self>) -> Self {
        Courier { written: disk.0.clone(), heard: Vec::new() }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command } => self.request(cx, ticket, command, out),
            Input::Deliver { from, message: Message::Wrote(number) } => {
                self.heard.push((from, number));
                out.because(CourierRule::Hear).why(format_args!("{from} wrote {number}"));
            }
            Input::Fire(()) => {
                let LocalTime { monotonic, wall } = cx.now;
                out.because(CourierRule::Wake).emit(Fact::Woke { monotonic, wall });
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> usize {
        self.written.len()
    }

    fn disposition(reply: &Reply) -> Disposition {
        match reply {
            Reply::Written => Disposition::Final,
            Reply::NotHere => Disposition::Redirect(NodeId(1)),
            Reply::AskNext { node } => Disposition::Redirect(*node),
        }
    }
}

impl Courier {
    fn request(&mut self, cx: &Context<Self>, ticket: RequestId, command: Command, out: &mut Outbox<Self>) {
        match command {
            Command::Write(first, second) => {
                self.written.extend([first, second]);
                let mut write = out.because(CourierRule::Write);
                write.persist(Record::Number(first)).persist(Record::Number(second));
                for peer in (0..*cx.config).map(NodeId).filter(|peer| *peer != cx.me) {
                    write.send(peer, Message::Wrote(first));
                }
                write.reply(ticket, Reply::Written);
            }
            Command::Wake(Some(millis)) => {
                out.because(CourierRule::Wake).arm((), Duration::from_millis(millis)).reply(ticket, Reply::Written);
            }
            Command::Wake(None) => {
                out.because(CourierRule::Wake).disarm(()).reply(ticket, Reply::Written);
            }
            Command::Elsewhere if cx.me == NodeId(1) => {
                out.because(CourierRule::Write).reply(ticket, Reply::Written);
            }
            Command::Elsewhere => {
                out.because(CourierRule::Redirect).reply(ticket, Reply::NotHere);
            }
            Command::Around => {
                let node = NodeId((cx.me.0 + 1) % cx.config);
                out.because(CourierRule::Redirect).reply(ticket, Reply::AskNext { node });
            }
            Command::Sulk => {}
            Command::Flood(count) => {
                let mut flood = out.because(CourierRule::Write);
                for number in 0..count {
                    flood.send(NodeId(1), Message::Wrote(number));
                }
                flood.reply(ticket, Reply::Written);
            }
        }
    }
}
