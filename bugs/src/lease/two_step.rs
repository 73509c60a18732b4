//! Time-of-check to time-of-use: a resource that checks a token in one step and writes in another.

use quorate_lease::{Attempt, Lease, Message as LeaseMessage, RequestLookup, Sequencer, SingleRule, Value};
use quorate_protocol::Ruling::Allow;
use quorate_protocol::{Context, Effect, Input, Machine, NodeId, Outbox, Variant};
use serde::{Deserialize, Deserializer, Serialize};

use crate::Breaks::Invariant;
use crate::Discovery::Seed;
use crate::wrap::{Either, as_reference, effect, hand_on, outbox, read};

/// The decisions about leases, and one that the papers do not leave open.
#[derive(Clone, Copy, Debug)]
pub struct Rulebook {
    /// The decisions of the papers.
    pub lease: quorate_lease::Rulebook,
    /// Whether the resource checks and writes in one atomic step.
    pub writes_where_it_checks: fn() -> bool,
}

/// The correct rulebook: check and write are one step.
pub const BY_THE_BOOK: Rulebook = Rulebook { lease: quorate_lease::BY_THE_BOOK, writes_where_it_checks: || true };

impl Default for Rulebook {
    /// [`BY_THE_BOOK`].
    fn default() -> Self {
        BY_THE_BOOK
    }
}

bugs! {
    /// Rulebook of a two-step resource: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    CHECK_NOT_ATOMIC = "check-not-atomic" of Lease {
        summary: "The resource checks the token in one step and writes in another.",
        story: "Between the two steps, a write with a later token is checked and done.",
        source: "classical",
        breaks: Invariant("TokensNeverDecrease"),
        needs: "two writes at almost the same time",
        discovery: Seed { nodes: 3, seed: 2508, faults: "none,partitions=4,pauses=4,outage=500ms", necessary_events: 5 },
        correct_rule: "AcceptWrite",
        fn writes_where_it_checks() -> bool {
            false
        }
    }
}

/// A message about leases, or from a resource to itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum Message {
    /// A message of the reference.
    Lease(LeaseMessage),
    /// A message that only a two-step resource sends.
    Later(Later),
}

/// The names of all messages; the last is the one from a resource to itself.
const NAMES: &[&str] = &[
    "Heartbeat",
    "Granted",
    "Denied",
    "Release",
    "Released",
    "Write",
    "Written",
    "WriteRefused",
    "Check",
    "Checked",
    "GrantedUnderSeal",
    "WriteUnderSeal",
    "Apply",
];

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match read(deserializer, NAMES, &["Apply"])? {
            Either::Reference(message) => Message::Lease(message),
            Either::Own(message) => Message::Later(message),
        })
    }
}

/// A message from a two-step resource to itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Later {
    /// Perform the write that was checked.
    Apply {
        /// The sequencer that was checked.
        sequencer: Sequencer,
        /// The node to answer.
        writer: NodeId,
        /// The value to write.
        value: Value,
        /// The client's attempt.
        attempt: Attempt,
    },
}

/// A node of a cluster with a single granter, whose resource may check in one step and write in
/// another.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TwoStepLease {
    lease: Lease,
}

/// The write that a message requests, if only the resource's own state still decides about it.
fn write(from: NodeId, message: &LeaseMessage) -> Option<Later> {
    match message.clone() {
        LeaseMessage::Write { sequencer, value, attempt } => {
            Some(Later::Apply { sequencer, writer: from, value, attempt })
        }
        LeaseMessage::Checked { sequencer, writer, value, attempt, .. } => {
            Some(Later::Apply { sequencer, writer, value, attempt })
        }
        _ => None,
    }
}

impl TwoStepLease {
    fn drive(&mut self, cx: &Context<Lease>, input: Input<Lease>, out: &mut Outbox<Self>) {
        let mut done = outbox(out);
        self.lease.step(cx, input, &mut done);
        hand_on(&done, out, |_, each, because| effect(each, because, Message::Lease));
    }

    /// The rule under which the reference would write now; `None` if it would not.
    fn admitting(&self, cx: &Context<Self>, from: NodeId, message: &LeaseMessage) -> Option<SingleRule> {
        let mut done = Outbox::new();
        self.lease.clone().step(&Self::context(cx), Input::Deliver { from, message: message.clone() }, &mut done);
        let writes = |each: &Effect<Lease>| matches!(each, Effect::Persist(_));
        done.reasons().find(|reason| reason.effects.iter().any(writes)).map(|reason| reason.rule)
    }

    fn deliver(&mut self, cx: &Context<Self>, from: NodeId, message: LeaseMessage, out: &mut Outbox<Self>) {
        if !(cx.rules.writes_where_it_checks)()
            && let Some(later) = write(from, &message)
            && let Some(rule) = self.admitting(cx, from, &message)
        {
            out.because(rule).why(format_args!("checked, to be written later")).send(cx.me, Message::Later(later));
        } else {
            self.drive(&Self::context(cx), Input::Deliver { from, message }, out);
        }
    }

    /// The second step: writes what was checked, whatever has happened since.
    fn apply(&mut self, cx: &Context<Self>, later: Later, out: &mut Outbox<Self>) {
        let Later::Apply { sequencer, writer, value, attempt } = later;
        let blind = quorate_lease::Rulebook {
            known: |_, _| RequestLookup::New,
            admits: |_, _| Allow(SingleRule::AcceptWrite),
            ..cx.rules.lease
        };
        let message = LeaseMessage::Checked { valid: true, sequencer, writer, value, attempt };
        self.drive(&cx.narrow(cx.config, &blind, cx.now), Input::Deliver { from: cx.me, message }, out);
    }
}

impl Variant for TwoStepLease {
    type Reference = Lease;

    fn reference(&self) -> &Lease {
        &self.lease
    }

    fn known(message: &Message) -> Option<&LeaseMessage> {
        match message {
            Message::Lease(message) => Some(message),
            Message::Later(_) => None,
        }
    }

    fn rulebook(lease: quorate_lease::Rulebook) -> Rulebook {
        Rulebook { lease, ..BY_THE_BOOK }
    }

    fn rules(rules: &Rulebook) -> &quorate_lease::Rulebook {
        &rules.lease
    }
}

impl Machine for TwoStepLease {
    as_reference!(Lease);
    type Rulebook = Rulebook;
    type Message = Message;

    fn boot(cx: &Context<Self>, disk: &Self::Disk, out: &mut Outbox<Self>) -> Self {
        let mut done = outbox(out);
        let lease = Lease::boot(&Self::context(cx), disk, &mut done);
        hand_on(&done, out, |_, each, because| effect(each, because, Message::Lease));
        TwoStepLease { lease }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Deliver { from, message: Message::Lease(message) } => self.deliver(cx, from, message, out),
            Input::Deliver { message: Message::Later(later), .. } => self.apply(cx, later, out),
            Input::Fire(timer) => self.drive(&Self::context(cx), Input::Fire(timer), out),
            Input::Request { ticket, command } => {
                self.drive(&Self::context(cx), Input::Request { ticket, command }, out)
            }
        }
    }

    fn view(&self, cx: &Context<Self>) -> Self::View {
        self.lease.view(&Self::context(cx))
    }
}

#[cfg(test)]
mod tests {
    use quorate_lease::{LeaseId, Mode, Token};
    use quorate_protocol::{ClientId, RequestId, Time};

    use super::*;
    use crate::wrap::tests::{names, reads};

    #[test]
    fn messages_are_written_as_the_references_are_and_read_back() {
        let heartbeat = LeaseMessage::Heartbeat { sent: Time::ZERO };
        let json = serde_json::to_string(&heartbeat).unwrap();
        reads(&Message::Lease(heartbeat), &json);
        let sequencer = Sequencer { lease: LeaseId::Primary, mode: Mode::Exclusive, token: Token(5) };
        let attempt = Attempt { ticket: RequestId { client: ClientId(0), number: 1 }, begun: Time::ZERO };
        let later = Later::Apply { sequencer, writer: NodeId(1), value: Value::from("w"), attempt };
        let json = serde_json::to_string(&later).unwrap();
        reads(&Message::Later(later), &json);
        assert!(json.starts_with(r#"{"Apply":{"sequencer":"#), "{json}");
    }

    #[test]
    fn all_messages_are_named() {
        let mut all = names::<LeaseMessage>();
        all.push("Apply".to_owned());
        assert_eq!(all, NAMES);
    }
}
