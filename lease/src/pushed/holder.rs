//! A holder: takes a pushed lease, and says nothing to its issuer.

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, Duration, Outbox, RequestId, Time};

use super::Pushed;
use super::config::Ends;
use super::message::{Command, Message, Reply, Timer};
use super::rules::PushedRule;
use crate::id::{Attempt, LeaseId, Token};
use crate::name::Value;
use crate::primary::{Fact, Loss};
use crate::rules::{HolderRule, InputRule};

/// A lease as its holder reads it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Held {
    pub(super) token: Token,
    /// The end, as the holder reads it.
    pub(super) end: Time,
    /// Time at which the holder stops.
    pub(super) stops: Time,
    /// Whether it has not been found over yet.
    pub(super) runs: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Holder {
    /// The newest lease, kept when it is over: an earlier one does not come back.
    pub(super) held: Option<Held>,
}

impl Holder {
    pub(super) fn boot(cx: &Context<Pushed>, out: &mut Outbox<Pushed>) -> Self {
        if let Some(interval) = cx.config.act_every {
            out.because(HolderRule::LeaseOver).why(format_args!("no lease yet")).arm(Timer::Act, interval);
        }
        Holder { held: None }
    }

    /// Grant under which this node may act by itself at that time.
    pub(super) fn acts(&self, cx: &Context<Pushed>, now: Time) -> Option<Token> {
        let held = self.held.filter(|held| held.runs && cx.config.ends == Ends::Instant)?;
        cx.rules.may_act(held.stops, now).allows().then_some(held.token)
    }

    /// Handles a push, in whatever order it arrives, and however often.
    pub(super) fn pushed(
        &mut self,
        cx: &Context<Pushed>,
        (token, end, term): (Token, Time, Duration),
        now: Time,
        out: &mut Outbox<Pushed>,
    ) {
        let end = cx.rules.holder_end(end, now, term);
        match cx.rules.takes(self.held.map(|held| (held.token, held.end)), token, end) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{token} until {end}"));
            }
            Allow(_) if cx.config.ends == Ends::Version => {
                self.held = Some(Held { token, end, stops: end, runs: false });
                out.because(PushedRule::TakeVersion).why(format_args!("{token}, until a higher one"));
            }
            Allow(rule) => self.take(cx, (token, end), rule, now, out),
        }
    }

    fn take(
        &mut self,
        cx: &Context<Pushed>,
        (token, end): (Token, Time),
        rule: PushedRule,
        now: Time,
        out: &mut Outbox<Pushed>,
    ) {
        let stops = cx.rules.stops_at(end, cx.config.skew);
        let runs = cx.rules.may_act(stops, now).allows();
        let before = self.held.replace(Held { token, end, stops, runs });
        if runs {
            out.because(rule)
                .why(format_args!("{token} ends at {end}, on every clock"))
                .emit(Fact::LeaseHeld { lease: LeaseId::Primary, token, until: stops })
                .arm(Timer::Lapse, stops.since(now));
            return;
        }
        let mut because = out.because(PushedRule::EndHasPassed);
        because.why(format_args!("{token} ended at {end}"));
        if let Some(Held { token, .. }) = before.filter(|before| before.runs) {
            let reason = Loss::Expired;
            because.emit(Fact::LeaseLost { lease: LeaseId::Primary, token, reason });
        }
    }

    /// The timer of the end. Its duration was counted on another clock than the end.
    pub(super) fn lapse(&mut self, cx: &Context<Pushed>, now: Time, out: &mut Outbox<Pushed>) {
        let Some(held) = self.held.as_mut().filter(|held| held.runs) else {
            out.because(HolderRule::LeaseOver);
            return;
        };
        if cx.rules.may_act(held.stops, now).allows() {
            out.because(HolderRule::HoldOn).arm(Timer::Lapse, held.stops.since(now));
            return;
        }
        held.runs = false;
        let (token, reason) = (held.token, Loss::Expired);
        out.because(HolderRule::Lapse).why(format_args!("it ends at {}", held.end)).emit(Fact::LeaseLost {
            lease: LeaseId::Primary,
            token,
            reason,
        });
    }

    pub(super) fn request(
        &mut self,
        cx: &Context<Pushed>,
        (ticket, command): (RequestId, Command),
        now: Time,
        out: &mut Outbox<Pushed>,
    ) {
        match command {
            Command::Act => self.act(cx, Some(ticket), now, out),
            Command::Write { value } => self.write(cx, ticket, value, now, out),
            Command::Appoint { .. } => {
                out.because(InputRule::NotMyRole).reply(ticket, Reply::NotMyRole);
            }
        }
    }

    /// Checks the lease and acts, in one step.
    pub(super) fn act(&mut self, cx: &Context<Pushed>, ticket: Option<RequestId>, now: Time, out: &mut Outbox<Pushed>) {
        let acts = self.acts(cx, now);
        let mut because = match (acts, self.held) {
            (Some(token), _) => {
                let mut because = out.because(HolderRule::ActInLease);
                because.emit(Fact::Acted { lease: LeaseId::Primary, token });
                because
            }
            (None, Some(_)) if cx.config.ends == Ends::Version => out.because(PushedRule::VersionCannotAct),
            (None, _) => out.because(HolderRule::LeaseOver),
        };
        match (ticket, cx.config.act_every) {
            (Some(ticket), _) => {
                because.reply(ticket, acts.map_or(Reply::NotHeld, |token| Reply::Acted { token }));
            }
            (None, Some(interval)) => {
                because.arm(Timer::Act, interval);
            }
            (None, None) => {}
        }
    }

    /// Writes to the resource, under the lease's token.
    fn write(&mut self, cx: &Context<Pushed>, ticket: RequestId, value: Value, now: Time, out: &mut Outbox<Pushed>) {
        let Some(resource) = cx.config.resource else {
            out.because(InputRule::NotMyRole).reply(ticket, Reply::NoResource);
            return;
        };
        let version = self.held.filter(|_| cx.config.ends == Ends::Version).map(|held| held.token);
        let Some(token) = version.or_else(|| self.acts(cx, now)) else {
            out.because(HolderRule::LeaseOver).reply(ticket, Reply::NotHeld);
            return;
        };
        let attempt = Attempt { ticket, begun: now };
        out.because(PushedRule::SendFenced)
            .why(format_args!("under {token}"))
            .send(resource, Message::Write { token, value, attempt });
    }

    /// Handles the resource's answer.
    pub(super) fn answered(&self, attempt: Attempt, reply: Reply, out: &mut Outbox<Pushed>) {
        out.because(HolderRule::AnswerWriter).reply(attempt.ticket, reply);
    }
}
