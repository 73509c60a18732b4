//! Machine for [`quorums`](super): nodes that each keep a copy, and query each other on behalf of
//! clients.

use std::collections::BTreeMap;

use quorate_protocol::{
    Context, Duration, Input, Invariant, InvariantViolation, Machine, NodeId, Outbox, RequestId, StepView, Time,
};
use serde::{Deserialize, Serialize};

use super::super::Opaque;

quorate_protocol::rules! {
    /// Rules of a replicated value.
    pub(super) enum CopyRule {
        Write: "Attiya, Bar-Noy and Dolev 1995, §3", "the writer numbers its value and sends it to all replicas";
        Read: "Attiya, Bar-Noy and Dolev 1995, §3", "a reader asks all replicas for their newest value";
        Store: "Attiya, Bar-Noy and Dolev 1995, §3", "a replica stores a newer value, and acknowledges it";
        Show: "Attiya, Bar-Noy and Dolev 1995, §3", "a replica reports its value";
        Wait: "Gifford 1979, §2", "too few replies so far";
        Written: "Gifford 1979, §2", "a write is complete when a quorum has stored it";
        Found: "Gifford 1979, §2", "the newest value that a quorum reports is the last written one";
        Repeat: "Attiya, Bar-Noy and Dolev 1995, §3", "messages can be lost, so the request is sent again";
        Late: "Gifford 1979, §2", "a reply beyond the quorum changes nothing";
    }
}

/// Interval between retransmissions of a request.
const PATIENCE: Duration = Duration::from_millis(200);
/// Only node that writes, so that versions are ordered.
pub(super) const WRITER: NodeId = NodeId(0);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Message {
    Store { question: u64, version: u64 },
    Stored { question: u64 },
    Look { question: u64 },
    Holds { question: u64, version: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Timer {
    Again { question: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Command {
    Write,
    Read,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Reply {
    Written { version: u64 },
    Read { version: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Fact {
    Written { version: u64 },
    ReadBegins { question: u64 },
    Read { question: u64, version: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Record {
    Holds { version: u64 },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Stored(u64);

impl quorate_protocol::Disk for Stored {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        let Record::Holds { version } = record;
        self.0 = *version;
    }
}

/// Quorum predicate: a function of the members, and of the nodes that have answered.
pub(super) type IsQuorum = fn(&[NodeId], &[NodeId]) -> bool;

/// Members, and their quorum system.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Cluster {
    pub(super) members: Vec<NodeId>,
    pub(super) everybody: Vec<NodeId>,
    pub(super) is_quorum: Opaque<IsQuorum>,
}

/// Request to all nodes, with the answers so far.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Question {
    ticket: RequestId,
    command: Command,
    version: u64,
    heard: Vec<NodeId>,
}

/// Node with a copy, which also queries the others on behalf of clients.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Keeper {
    holds: u64,
    written: u64,
    questions: u64,
    open: BTreeMap<u64, Question>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct View {
    holds: u64,
    heard: Vec<Vec<NodeId>>,
}

impl Keeper {
    fn begin(&mut self, cx: &Context<Self>, ticket: RequestId, command: Command, out: &mut Outbox<Self>) {
        self.questions += 1;
        let number = self.questions;
        let version = match command {
            Command::Write => {
                self.written += 1;
                self.written
            }
            Command::Read => {
                out.because(CopyRule::Read).emit(Fact::ReadBegins { question: number });
                0
            }
        };
        let rule = if command == Command::Write { CopyRule::Write } else { CopyRule::Read };
        self.open.insert(number, Question { ticket, command, version, heard: Vec::new() });
        self.ask(cx, rule, number, out);
    }

    fn ask(&mut self, cx: &Context<Self>, rule: CopyRule, number: u64, out: &mut Outbox<Self>) {
        let Some(Question { command, version, .. }) = self.open.get(&number) else { return };
        let mut because = out.because(rule);
        because.arm(Timer::Again { question: number }, PATIENCE);
        for &node in &cx.config.everybody {
            because.send(
                node,
                match command {
                    Command::Write => Message::Store { question: number, version: *version },
                    Command::Read => Message::Look { question: number },
                },
            );
        }
    }

    /// Handles an answer: completes the request if there are enough now.
    fn hear(&mut self, cx: &Context<Self>, from: NodeId, number: u64, shown: u64, out: &mut Outbox<Self>) {
        let Some(question) = self.open.get_mut(&number) else {
            out.because(CopyRule::Late).why(format_args!("request {number} is complete"));
            return;
        };
        question.heard.push(from);
        question.version = question.version.max(shown);
        let Question { ticket, command, version, heard } = question.clone();
        let members = &cx.config.members;
        if !(cx.config.is_quorum.0)(members, &heard) {
            out.because(CopyRule::Wait).why(format_args!("{heard:?} of {members:?} have answered"));
            return;
        }
        self.open.remove(&number);
        let (rule, fact, reply) = match command {
            Command::Write => (CopyRule::Written, Fact::Written { version }, Reply::Written { version }),
            Command::Read => (CopyRule::Found, Fact::Read { question: number, version }, Reply::Read { version }),
        };
        out.because(rule)
            .why(format_args!("{heard:?} of {members:?} have answered"))
            .disarm(Timer::Again { question: number })
            .emit(fact)
            .reply(ticket, reply);
    }
}

impl Machine for Keeper {
    type Config = Cluster;
    type Rulebook = ();
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = CopyRule;
    type Record = Record;
    type Disk = Stored;
    type Clock = ();
    type View = View;

    fn boot(_: &Context<Self>, disk: &Stored, _: &mut Outbox<Self>) -> Self {
        Keeper { holds: disk.0, written: disk.0, questions: 0, open: BTreeMap::new() }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command } => self.begin(cx, ticket, command, out),
            Input::Deliver { from, message: Message::Store { question, version } } => {
                let mut because = out.because(CopyRule::Store);
                because.why(format_args!("it had version {}", self.holds));
                if version > self.holds {
                    self.holds = version;
                    because.persist(Record::Holds { version });
                }
                because.send(from, Message::Stored { question });
            }
            Input::Deliver { from, message: Message::Look { question } } => {
                out.because(CopyRule::Show).send(from, Message::Holds { question, version: self.holds });
            }
            Input::Deliver { from, message: Message::Stored { question } } => self.hear(cx, from, question, 0, out),
            Input::Deliver { from, message: Message::Holds { question, version } } => {
                self.hear(cx, from, question, version, out);
            }
            Input::Fire(Timer::Again { question }) => self.ask(cx, CopyRule::Repeat, question, out),
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        View { holds: self.holds, heard: self.open.values().map(|question| question.heard.clone()).collect() }
    }
}

/// Invariant: a read returns the value written when it began, or a newer one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Reads {
    written: u64,
    began: BTreeMap<(NodeId, u64), u64>,
    /// Time of the latest answer.
    pub(super) settled: Time,
}

impl Invariant<Keeper> for Reads {
    fn check(&mut self, seen: &StepView<'_, Keeper>) -> Result<(), InvariantViolation> {
        for fact in seen.facts() {
            match fact {
                Fact::ReadBegins { question } => {
                    self.began.insert((seen.node, *question), self.written);
                    continue;
                }
                Fact::Written { version } => self.written = self.written.max(*version),
                Fact::Read { question, version } => {
                    let before = self.began.get(&(seen.node, *question)).copied().unwrap_or_default();
                    if *version < before {
                        let detail = format!(
                            "{} read version {version}, although version {before} was written before the read",
                            seen.node
                        );
                        return Err(InvariantViolation::new("ReadsSeeWrites", detail));
                    }
                }
            }
            self.settled = seen.at;
        }
        Ok(())
    }
}
