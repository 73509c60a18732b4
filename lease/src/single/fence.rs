//! Fencing: a resource that refuses late writes (*How to do distributed locking*; Chubby §2.4).
//!
//! A lease keeps two nodes from acting at once. It cannot recall a write that is already in flight,
//! delayed in the network or in a paused process. So every write carries the [token](crate::Token)
//! of its grant, and the resource, which sees all writes, refuses a token below one that it has
//! accepted. It checks and writes in one step, and the token survives its crashes.
//!
//! A resource may also ask the granter whether the grant is still valid. That catches a late write
//! even before the next primary has written, but it takes a message, during which the state may
//! change, so tokens are compared in any case.
//!
//! Tokens are numbers that holders write into their messages, so a holder that lies gets past every
//! comparison. A resource may demand the granter's [seal](crate::SealedGrant) on them.
//!
//! Tokens distinguish grants, not two copies of a write under one grant. So the resource records
//! the newest executed requests of each client, in the same durable write as the value, and answers
//! a duplicate without writing again (RIFL).

use std::collections::BTreeMap;
use std::fmt;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{ClientId, Context, NodeId, Outbox, RequestId};

use super::config::FenceCheck;
use super::message::{Disk, Message, Record};
use super::node::Lease;
use super::recent::Recent;
use super::rules::SingleRule;
use super::seal::SealedGrant;
use crate::id::{Attempt, Sequencer, Token};
use crate::name::Value;
use crate::primary::Fact;
use crate::rulebook::RequestLookup;
use crate::rules::RecordRule;

/// A write request with its sequencer.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Asked {
    pub(crate) writer: NodeId,
    pub(crate) sequencer: Sequencer,
    pub(crate) value: Value,
    pub(crate) attempt: Attempt,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Resource {
    written: Option<(Token, Value)>,
    /// The newest executed requests of each client.
    done: BTreeMap<ClientId, Recent>,
}

impl Resource {
    pub(crate) fn boot(disk: &Disk) -> Self {
        Resource { written: disk.written.clone(), done: disk.done.clone() }
    }

    /// The highest token accepted.
    pub(crate) fn highest(&self) -> Option<Token> {
        self.written.as_ref().map(|(token, _)| *token)
    }

    /// The value written last.
    pub(crate) fn value(&self) -> Option<&Value> {
        self.written.as_ref().map(|(_, value)| value)
    }

    pub(crate) fn write(
        &mut self,
        cx: &Context<Lease>,
        asked: Asked,
        seal: Option<SealedGrant>,
        out: &mut Outbox<Lease>,
    ) {
        match cx.config.check {
            FenceCheck::NewestSeen => self.check(cx, asked, out),
            FenceCheck::GrantersSeal => {
                let flaw = SealedGrant::flaw(seal, cx.config.granter, asked.writer, asked.sequencer);
                match (cx.rules.believes(flaw.is_none()), flaw) {
                    (Refuse(rule), Some(flaw)) => self.refuse_as(rule, asked, Some(format_args!("{flaw}")), out),
                    (Refuse(rule), None) => self.refuse_as(rule, asked, None, out),
                    (Allow(_), _) => self.check(cx, asked, out),
                }
            }
            FenceCheck::AskGranter => {
                let Asked { writer, sequencer, value, attempt } = asked;
                out.because(SingleRule::AskGranter)
                    .why(format_args!("about {}", sequencer.token))
                    .send(cx.config.granter, Message::Check { sequencer, writer, value, attempt });
            }
        }
    }

    /// Handles the granter's answer. The end of a grant does not affect a write executed before it.
    pub(crate) fn checked(&mut self, cx: &Context<Lease>, valid: bool, asked: Asked, out: &mut Outbox<Lease>) {
        let is_new = self.known(cx, asked.attempt.ticket).0 == RequestLookup::New;
        if valid || !is_new { self.check(cx, asked, out) } else { self.refuse(SingleRule::RefuseInvalid, asked, out) }
    }

    /// Status of a request, and the grant under which it was executed, if it was.
    fn known(&self, cx: &Context<Lease>, ticket: RequestId) -> (RequestLookup, Option<Token>) {
        let recent = self.done.get(&ticket.client);
        let decides = recent.and_then(|recent| recent.decides(ticket.number));
        (cx.rules.known(decides, ticket.number), recent.and_then(|recent| recent.token(ticket.number)))
    }

    /// Compares with the highest token accepted, unless the request was executed before.
    fn check(&mut self, cx: &Context<Lease>, asked: Asked, out: &mut Outbox<Lease>) {
        let ticket = asked.attempt.ticket;
        match self.known(cx, ticket) {
            (RequestLookup::Done, Some(token)) => {
                out.because(RecordRule::AnswerFromRecord)
                    .why(format_args!("{ticket} was carried out under {token}"))
                    .send(asked.writer, Message::Written { attempt: asked.attempt, token });
                return;
            }
            (RequestLookup::Done | RequestLookup::Overtaken, _) => {
                // It is no longer known whether it was executed, but the client does not wait for
                // the answer.
                out.because(RecordRule::Overtaken).why(format_args!("{ticket} is older than all that is remembered"));
                return;
            }
            (RequestLookup::New, _) => {}
        }
        match cx.rules.admits(self.highest(), asked.sequencer) {
            Refuse(rule) => self.refuse(rule, asked, out),
            Allow(rule) => self.apply(rule, asked, out),
        }
    }

    fn apply(&mut self, rule: SingleRule, asked: Asked, out: &mut Outbox<Lease>) {
        let (token, value) = (asked.sequencer.token, asked.value);
        let mut because = out.because(rule);
        match self.highest() {
            Some(highest) => because.why(format_args!("{token}, the highest so far is {highest}")),
            None => because.why(format_args!("{token} is the first")),
        };
        let ticket = asked.attempt.ticket;
        because
            .persist(Record::Written { token, value: value.clone(), ticket })
            .emit(Fact::WriteAccepted { token, value: value.clone() })
            .send(asked.writer, Message::Written { attempt: asked.attempt, token });
        self.written = Some((token, value));
        self.done.entry(ticket.client).or_default().note(ticket.number, token);
    }

    fn refuse(&self, rule: SingleRule, asked: Asked, out: &mut Outbox<Lease>) {
        let token = asked.sequencer.token;
        match self.highest() {
            Some(highest) => {
                self.refuse_as(rule, asked, Some(format_args!("{token}, but {highest} was accepted")), out);
            }
            None => self.refuse_as(rule, asked, None, out),
        }
    }

    fn refuse_as(&self, rule: SingleRule, asked: Asked, why: Option<fmt::Arguments<'_>>, out: &mut Outbox<Lease>) {
        let (token, highest) = (asked.sequencer.token, self.highest());
        let mut because = out.because(rule);
        if let Some(why) = why {
            because.why(why);
        }
        because
            .emit(Fact::WriteRefused { token, highest })
            .send(asked.writer, Message::WriteRefused { attempt: asked.attempt, highest });
    }
}
