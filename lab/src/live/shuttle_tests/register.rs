//! A protocol small enough to be explored: two registers that record every payment, the first one
//! only after the second.

use std::collections::BTreeSet;

use quorate_protocol::{Context, Disk, Disposition, Input, Machine, Never, NodeId, Outbox, RequestId, rules};
use serde::{Deserialize, Serialize};

rules! {
    /// The rules of recording payments.
    pub enum RegisterRule {
        Forward: "no paper", "let the other till book first";
        Book: "no paper", "book a payment that is not booked yet";
        Known: "no paper", "a payment that is booked is not booked again";
        SendAway: "no paper", "the first till is the one to ask";
    }
}

/// A message between the registers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// Record this payment.
    Please(RequestId),
    /// The payment is recorded.
    Done(RequestId),
}

/// A reply to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reply {
    /// Both registers have recorded the payment.
    Booked,
    /// Redirect to the other register.
    NotHere,
}

/// The payments that a register has recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Book(pub BTreeSet<RequestId>);

impl Disk for Book {
    type Record = RequestId;

    fn apply(&mut self, ticket: &RequestId) {
        assert!(self.0.insert(*ticket), "{ticket} is booked twice");
    }
}

/// One of two registers. The first takes payments.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Register {
    booked: BTreeSet<RequestId>,
}

const FIRST: NodeId = NodeId(0);
const SECOND: NodeId = NodeId(1);

impl Register {
    /// Records the payment here, unless it is recorded already, and confirms it.
    fn book(&mut self, cx: &Context<Self>, ticket: RequestId, out: &mut Outbox<Self>) {
        let new = self.booked.insert(ticket);
        let mut because = out.because(if new { RegisterRule::Book } else { RegisterRule::Known });
        if new {
            because.persist(ticket);
        }
        match cx.me {
            FIRST => because.reply(ticket, Reply::Booked),
            _ => because.send(FIRST, Message::Done(ticket)),
        };
    }
}

impl Machine for Register {
    type Config = ();
    type Rulebook = ();
    type Message = Message;
    type Timer = Never;
    type Command = ();
    type Reply = Reply;
    type Fact = Never;
    type Rule = RegisterRule;
    type Record = RequestId;
    type Disk = Book;
    type Clock = ();
    type View = usize;

    fn boot(_: &Context<Self>, disk: &Book, _: &mut Outbox<Self>) -> Self {
        Register { booked: disk.0.clone() }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, .. } if cx.me != FIRST => {
                out.because(RegisterRule::SendAway).reply(ticket, Reply::NotHere);
            }
            Input::Request { ticket, .. } if self.booked.contains(&ticket) => self.book(cx, ticket, out),
            Input::Request { ticket, .. } => {
                out.because(RegisterRule::Forward).send(SECOND, Message::Please(ticket));
            }
            Input::Deliver { message: Message::Please(ticket) | Message::Done(ticket), .. } => {
                self.book(cx, ticket, out)
            }
            Input::Fire(never) => match never {},
        }
    }

    fn view(&self, _: &Context<Self>) -> usize {
        self.booked.len()
    }

    fn disposition(reply: &Reply) -> Disposition {
        match reply {
            Reply::Booked => Disposition::Final,
            Reply::NotHere => Disposition::Redirect(FIRST),
        }
    }
}
