//! The resource: compares tokens, and so ends a lease that ends by its version.

use std::collections::BTreeMap;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{ClientId, Context, NodeId, Outbox};

use super::Pushed;
use super::message::{Disk, Message, Record};
use crate::id::{Attempt, Token};
use crate::name::Value;
use crate::primary::Fact;
use crate::rules::RecordRule;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Resource {
    pub(super) written: Option<(Token, Value)>,
    /// The newest executed request of each client, with its grant.
    done: BTreeMap<ClientId, (u64, Token)>,
}

impl Resource {
    pub(super) fn boot(disk: &Disk) -> Self {
        Resource { written: disk.written.clone(), done: disk.done.clone() }
    }

    pub(super) fn highest(&self) -> Option<Token> {
        self.written.as_ref().map(|(token, _)| *token)
    }

    /// Writes, or refuses, in the step in which it compares.
    pub(super) fn write(
        &mut self,
        cx: &Context<Pushed>,
        writer: NodeId,
        (token, value, attempt): (Token, Value, Attempt),
        out: &mut Outbox<Pushed>,
    ) {
        let ticket = attempt.ticket;
        match self.done.get(&ticket.client) {
            Some(&(number, token)) if number == ticket.number => {
                out.because(RecordRule::AnswerFromRecord)
                    .why(format_args!("{ticket} was carried out under {token}"))
                    .send(writer, Message::Written { attempt, token });
                return;
            }
            Some(&(number, _)) if number > ticket.number => {
                out.because(RecordRule::Overtaken).why(format_args!("{ticket} is older than what is remembered"));
                return;
            }
            _ => {}
        }
        let highest = self.highest();
        match cx.rules.admits(highest, token) {
            Allow(rule) => {
                self.written = Some((token, value.clone()));
                self.done.insert(ticket.client, (ticket.number, token));
                out.because(rule)
                    .persist(Record::Written { token, value: value.clone(), ticket })
                    .emit(Fact::WriteAccepted { token, value })
                    .send(writer, Message::Written { attempt, token });
            }
            Refuse(rule) => {
                out.because(rule)
                    .why(format_args!("{token} is below the highest"))
                    .emit(Fact::WriteRefused { token, highest })
                    .send(writer, Message::WriteRefused { attempt, highest });
            }
        }
    }
}
