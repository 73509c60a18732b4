//! A common misreading of Paxos: a prepare carries a value, and acceptors report it as if they had
//! accepted it.

use quorate_paxos::{Ballot, Message as PaxosMessage, Paxos, Proposal, Value};
use quorate_protocol::{Context, Input, Machine, Outbox, Permutation, Permute, Variant};
use serde::{Deserialize, Deserializer, Serialize};

use crate::Breaks::Invariant;
use crate::Discovery::Stages;
use crate::wrap::{Either, as_reference, effect, hand_on, outbox, read};

/// The decisions of Paxos, and one that the paper does not leave open.
#[derive(Clone, Copy, Debug)]
pub struct Rulebook {
    /// The decisions of the paper.
    pub paxos: quorate_paxos::Rulebook,
    /// The value that a prepare carries, given the value that the proposer wants to propose (*Paxos
    /// Made Simple* §2.2, phase 1(a)).
    pub prepare_carries: fn(&Value) -> Option<Value>,
}

/// The correct rulebook: a prepare carries a number and no value.
pub const BY_THE_BOOK: Rulebook = Rulebook { paxos: quorate_paxos::BY_THE_BOOK, prepare_carries: |_| None };

impl Default for Rulebook {
    /// [`BY_THE_BOOK`].
    fn default() -> Self {
        BY_THE_BOOK
    }
}

bugs! {
    /// Rulebook of the misreading: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    PREPARE_CARRIES_VALUE = "prepare-carries-value" of Paxos {
        summary: "A prepare carries a value, which acceptors report as if they had accepted it.",
        story: "A common misunderstanding of Paxos. A value that was only prepared, with a higher number than the chosen one, is reported and wins.",
        source: "popular descriptions; in Paxos Made Simple §2.2, phase 1(a), a prepare carries only a number",
        breaks: Invariant("AtMostOneChosen"),
        needs: "3 ballots",
        discovery: Stages { steps: 16 },
        correct_rule: "Prepare",
        fn prepare_carries(own: &Value) -> Option<Value> {
            Some(own.clone())
        }
    }
}

/// A message of Paxos, or of its misreading.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(untagged)]
pub enum Message {
    /// A message of the paper.
    Paxos(PaxosMessage),
    /// A message that the paper does not have.
    Retold(Retelling),
}

/// The names of all messages; the last is the one that Paxos does not have.
const NAMES: &[&str] =
    &["Prepare", "Promise", "Accept", "Refused", "Accepted", "Chosen", "AskAccepted", "AskChosen", "PrepareWithValue"];

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match read(deserializer, NAMES, &["PrepareWithValue"])? {
            Either::Reference(message) => Message::Paxos(message),
            Either::Own(message) => Message::Retold(message),
        })
    }
}

/// A message that only the misreading has.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Retelling {
    /// A prepare with a value that acceptors treat as accepted.
    PrepareWithValue {
        /// The ballot to be promised.
        ballot: Ballot,
        /// The value that the proposer wants to propose.
        value: Value,
    },
}

/// A node of Basic Paxos whose prepares may carry a value.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RetoldPaxos {
    paxos: Paxos,
    /// The value carried by the latest promised prepare, if it carried one.
    carried: Option<Proposal>,
}

impl RetoldPaxos {
    /// Contents of a promise's report: the accepted proposal, or the value carried by a prepare
    /// whose ballot is at least as high.
    fn report(
        &self,
        cx: &Context<Self>,
        accepted: Option<Proposal>,
        promised_before: Option<Ballot>,
    ) -> Option<Proposal> {
        let voted = self.paxos.accepted().map(|vote| vote.ballot);
        match self.carried.as_ref().filter(|carried| Some(carried.ballot) >= voted) {
            None => accepted,
            Some(Proposal { ballot, value }) => {
                let ballot = cx.rules.paxos.reported_ballot(*ballot, promised_before);
                Some(Proposal { ballot, value: value.clone() })
            }
        }
    }

    /// Lets the reference handle an input, and rewrites its messages. Returns whether it promised.
    fn drive(&mut self, cx: &Context<Self>, input: Input<Paxos>, out: &mut Outbox<Self>) -> bool {
        let (mut done, mut has_promised) = (outbox(out), false);
        let promised_before = self.paxos.promised();
        let inner = Self::context(cx);
        self.paxos.step(&inner, input, &mut done);
        let carries = || {
            let own = self.paxos.view(&inner).proposer?.wants?;
            (cx.rules.prepare_carries)(&own)
        };
        hand_on(&done, out, |_, each, because| {
            effect(each, because, |message| match message {
                PaxosMessage::Prepare { ballot } => match carries() {
                    Some(value) => Message::Retold(Retelling::PrepareWithValue { ballot, value }),
                    None => Message::Paxos(PaxosMessage::Prepare { ballot }),
                },
                PaxosMessage::Promise { ballot, accepted } => {
                    has_promised = true;
                    let accepted = self.report(cx, accepted, promised_before);
                    Message::Paxos(PaxosMessage::Promise { ballot, accepted })
                }
                message => Message::Paxos(message),
            });
        });
        has_promised
    }
}

impl Variant for RetoldPaxos {
    type Reference = Paxos;

    fn reference(&self) -> &Paxos {
        &self.paxos
    }

    fn known(message: &Message) -> Option<&PaxosMessage> {
        match message {
            Message::Paxos(message) => Some(message),
            Message::Retold(_) => None,
        }
    }

    fn rulebook(paxos: quorate_paxos::Rulebook) -> Rulebook {
        Rulebook { paxos, ..BY_THE_BOOK }
    }

    fn rules(rules: &Rulebook) -> &quorate_paxos::Rulebook {
        &rules.paxos
    }
}

impl Machine for RetoldPaxos {
    as_reference!(Paxos);
    type Rulebook = Rulebook;
    type Message = Message;

    fn boot(cx: &Context<Self>, disk: &Self::Disk, out: &mut Outbox<Self>) -> Self {
        let mut done = outbox(out);
        let paxos = Paxos::boot(&Self::context(cx), disk, &mut done);
        hand_on(&done, out, |_, each, because| effect(each, because, Message::Paxos));
        RetoldPaxos { paxos, carried: None }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        let (input, carried) = match input {
            Input::Deliver { from, message: Message::Retold(Retelling::PrepareWithValue { ballot, value }) } => {
                let message = PaxosMessage::Prepare { ballot };
                (Input::Deliver { from, message }, Some(Proposal { ballot, value }))
            }
            Input::Deliver { from, message: Message::Paxos(message) } => (Input::Deliver { from, message }, None),
            Input::Fire(timer) => (Input::Fire(timer), None),
            Input::Request { ticket, command } => (Input::Request { ticket, command }, None),
        };
        if self.drive(cx, input, out) && carried.is_some() {
            self.carried = carried;
        }
    }

    fn view(&self, cx: &Context<Self>) -> Self::View {
        self.paxos.view(&Self::context(cx))
    }
}

impl Permute for RetoldPaxos {
    fn permuted(&self, by: &Permutation) -> Self {
        RetoldPaxos { paxos: self.paxos.permuted(by), carried: self.carried.permuted(by) }
    }
}

impl Permute for Message {
    fn permuted(&self, by: &Permutation) -> Self {
        match self {
            Message::Paxos(message) => Message::Paxos(message.permuted(by)),
            Message::Retold(Retelling::PrepareWithValue { ballot, value }) => {
                Message::Retold(Retelling::PrepareWithValue { ballot: ballot.permuted(by), value: value.clone() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use quorate_protocol::NodeId;

    use super::*;
    use crate::wrap::tests::{names, reads};

    #[test]
    fn messages_are_written_as_the_papers_are_and_read_back() {
        let (ballot, value) = (Ballot::new(2, NodeId(0)), Value::from(8));
        reads(&Message::Paxos(PaxosMessage::Prepare { ballot }), r#"{"Prepare":{"ballot":"2.n1"}}"#);
        reads(&Message::Paxos(PaxosMessage::AskChosen), r#""AskChosen""#);
        let told = Message::Retold(Retelling::PrepareWithValue { ballot, value });
        reads(&told, r#"{"PrepareWithValue":{"ballot":"2.n1","value":"8"}}"#);
    }

    #[test]
    fn all_messages_are_named() {
        let mut all = names::<PaxosMessage>();
        all.push("PrepareWithValue".to_owned());
        assert_eq!(all, NAMES);
    }
}
