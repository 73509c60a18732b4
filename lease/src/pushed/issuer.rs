//! The issuer: pushes a lease with a fixed end, and hears nothing.

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, NodeId, Outbox, RequestId, Time};

use super::Pushed;
use super::config::Ends;
use super::message::{Disk, Issued, Message, Record, Reply, Timer};
use super::rules::PushedRule;
use crate::id::{LeaseId, Token};
use crate::primary::Fact;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Issuer {
    pub(super) issued: Option<Issued>,
    pub(super) next: NodeId,
}

impl Issuer {
    /// A start, the first one or a later one: the lease on disk binds the issuer.
    pub(super) fn boot(cx: &Context<Pushed>, disk: &Disk, out: &mut Outbox<Pushed>) -> Self {
        let bound = |issued: Issued| Issued { end: cx.rules.end_after_restart(issued.end), ..issued };
        let issued = disk.issued.map(bound);
        let first = cx.config.holders.first().copied().unwrap_or(cx.me);
        let next = disk.next.unwrap_or(first);
        if let Some(Issued { holder, token, end }) = issued {
            out.because(PushedRule::RecallLease).why(format_args!("{holder} has {token} until {end}"));
        }
        out.because(PushedRule::NextPush).arm(Timer::Push, cx.config.every);
        Issuer { issued, next }
    }

    /// A client appoints the next holder. It is not told to anybody: the old lease has to end.
    pub(super) fn appoint(
        &mut self,
        cx: &Context<Pushed>,
        (ticket, holder): (RequestId, NodeId),
        now: Time,
        out: &mut Outbox<Pushed>,
    ) {
        let mut because = out.because(PushedRule::TakeAppointment);
        if !cx.config.holders.contains(&holder) {
            because.why(format_args!("{holder} is no holder")).reply(ticket, Reply::Unknown { holder });
            return;
        }
        because.persist(Record::Appointed { holder }).reply(ticket, Reply::Appointed { holder });
        self.next = holder;
        if let Some(issued) = self.issued.as_mut().filter(|issued| issued.holder != holder) {
            issued.end = cx.rules.end_after_appointment(issued.end, now);
        }
    }

    /// Pushes the current lease, extends it, or names the next holder.
    pub(super) fn push(&mut self, cx: &Context<Pushed>, now: Time, out: &mut Outbox<Pushed>) {
        match self.issued {
            None => self.issue(cx, PushedRule::NameHolder, now, out),
            Some(issued) if issued.holder == self.next => self.keep(cx, issued, now, out),
            Some(_) if cx.config.ends == Ends::Version => self.issue(cx, PushedRule::OvertakeVersion, now, out),
            Some(issued) => match cx.rules.may_name(issued.end, now, cx.config.skew) {
                Allow(rule) => self.issue(cx, rule, now, out),
                Refuse(rule) => {
                    out.because(rule)
                        .why(format_args!("{} until {}, and {:?} longer", issued.holder, issued.end, cx.config.skew));
                }
            },
        }
        out.because(PushedRule::NextPush).arm(Timer::Push, cx.config.every);
    }

    /// Names the next holder, under the next token.
    fn issue(&mut self, cx: &Context<Pushed>, rule: PushedRule, now: Time, out: &mut Outbox<Pushed>) {
        let token = Token(self.issued.map_or(0, |issued| issued.token.0) + 1);
        self.bind(cx, rule, Issued { holder: self.next, token, end: now + cx.config.term }, out);
    }

    /// Extends the holder's lease when half of its term is left; until then, sends it again.
    fn keep(&mut self, cx: &Context<Pushed>, issued: Issued, now: Time, out: &mut Outbox<Pushed>) {
        let extends = cx.config.ends == Ends::Instant && issued.end <= now + cx.config.term / 2;
        if extends {
            self.bind(cx, PushedRule::ExtendLease, Issued { end: now + cx.config.term, ..issued }, out);
            return;
        }
        let Issued { holder, token, end } = issued;
        out.because(PushedRule::PushAgain)
            .why(format_args!("{token} of {holder}, as before"))
            .send(holder, Message::Push { token, expires: end, term: cx.config.term });
    }

    /// Is bound by a lease, durably, and then pushes it.
    fn bind(&mut self, cx: &Context<Pushed>, rule: PushedRule, issued: Issued, out: &mut Outbox<Pushed>) {
        let Issued { holder, token, end } = issued;
        self.issued = Some(issued);
        out.because(rule)
            .why(format_args!("{token} for {holder}"))
            .persist(Record::Issued { holder, token, expires: end })
            .emit(Fact::LeaseGranted { lease: LeaseId::Primary, holder, token, expires: end })
            .send(holder, Message::Push { token, expires: end, term: cx.config.term });
    }
}
