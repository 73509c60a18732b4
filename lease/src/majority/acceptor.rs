//! PaxosLease acceptor: promises, accepts a lease for a term, forgets it.

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, Duration, NodeId, Outbox, Time};

use super::node::MajorityLease;
use super::rules::MajorityRule;
use super::{Ballot, Message, Timer};
use crate::rules::HolderRule;

/// An accepted lease.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Granted {
    pub(crate) ballot: Ballot,
    pub(crate) expires: Time,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Acceptor {
    pub(crate) silent_until: Option<Time>,
    pub(crate) promised: Option<Ballot>,
    pub(crate) accepted: Option<Granted>,
}

impl Acceptor {
    /// Starts without state, so it starts with a quarantine, even the first time, which it cannot
    /// tell from a restart.
    pub(crate) fn boot(cx: &Context<MajorityLease>, now: Time, out: &mut Outbox<MajorityLease>) -> Self {
        let Context { config, rules, .. } = *cx;
        let silence = rules.quarantine(&config.terms);
        out.because(MajorityRule::StayQuarantined)
            .why(format_args!("silent for {silence:?}, whatever it has forgotten"));
        let silent_until = Some(now + silence);
        Acceptor { silent_until, promised: None, accepted: None }
    }

    /// Whether the quarantine is still running; cites the rule if it is.
    fn keeps_silent(&mut self, cx: &Context<MajorityLease>, now: Time, out: &mut Outbox<MajorityLease>) -> bool {
        self.silent_until = self.silent_until.filter(|&end| !cx.rules.has_ended(end, now));
        if let Some(end) = self.silent_until {
            out.because(MajorityRule::StayQuarantined).why(format_args!("for another {:?}", end.since(now)));
        }
        self.silent_until.is_some()
    }

    /// The accepted lease, if it has not ended.
    fn running(&self, cx: &Context<MajorityLease>, now: Time) -> Option<Granted> {
        self.accepted.filter(|granted| !cx.rules.has_ended(granted.expires, now))
    }

    /// Asserts that the promise is never below the accepted ballot.
    fn assert_promised(&self) {
        debug_assert!(self.accepted.map(|granted| granted.ballot) <= self.promised);
    }

    pub(crate) fn prepare(
        &mut self,
        cx: &Context<MajorityLease>,
        from: NodeId,
        ballot: Ballot,
        now: Time,
        out: &mut Outbox<MajorityLease>,
    ) {
        if self.keeps_silent(cx, now, out) {
            return;
        }
        match self.promised {
            Some(promised) if promised > ballot => {
                out.because(MajorityRule::RefusePrepare)
                    .why(format_args!("{promised} was promised, which is above {ballot}"))
                    .send(from, Message::Refused { ballot, promised });
            }
            _ => match self.running(cx, now).map(|granted| granted.ballot.node) {
                Some(owner) if !cx.rules.leaves_open(Some(owner), ballot.node) => {
                    out.because(MajorityRule::ReportOwner)
                        .why(format_args!("{owner} holds the lease"))
                        .send(from, Message::Promise { ballot, owner: Some(owner) });
                }
                owner => {
                    self.promised = Some(ballot);
                    self.assert_promised();
                    out.because(MajorityRule::Promise)
                        .why(format_args!("{ballot}, and nobody else holds the lease"))
                        .send(from, Message::Promise { ballot, owner });
                }
            },
        }
    }

    pub(crate) fn propose(
        &mut self,
        cx: &Context<MajorityLease>,
        from: NodeId,
        ballot: Ballot,
        now: Time,
        out: &mut Outbox<MajorityLease>,
    ) {
        if self.keeps_silent(cx, now, out) {
            return;
        }
        let running = self.running(cx, now).map(|granted| granted.ballot);
        match (self.promised, running) {
            (Some(promised), _) if promised > ballot => {
                out.because(MajorityRule::RefuseAccept)
                    .why(format_args!("{promised} was promised, which is above {ballot}"))
                    .send(from, Message::Refused { ballot, promised });
            }
            (_, Some(held)) if !cx.rules.leaves_open(Some(held.node), ballot.node) => {
                self.assert_promised();
                out.because(MajorityRule::RefuseRunning)
                    .why(format_args!("the lease of {held} runs"))
                    .send(from, Message::Refused { ballot, promised: self.promised.unwrap_or(ballot) });
            }
            _ => {
                let term = cx.config.terms.granter();
                self.promised = Some(ballot);
                // A repeated proposal must not extend the term that its first copy started: the
                // holder does not count on more.
                let expires = match self.accepted {
                    Some(granted) if granted.ballot == ballot => granted.expires,
                    _ => now + term,
                };
                self.accepted = Some(Granted { ballot, expires });
                self.assert_promised();
                out.because(MajorityRule::Accept)
                    .why(format_args!("{ballot}, for {:?}", expires.since(now)))
                    .send(from, Message::Accepted { ballot })
                    .arm(Timer::Forget, expires.since(now).saturating_add(Duration::from_nanos(1)));
            }
        }
    }

    pub(crate) fn release(
        &mut self,
        cx: &Context<MajorityLease>,
        from: NodeId,
        ballot: Ballot,
        out: &mut Outbox<MajorityLease>,
    ) {
        match cx.rules.release_frees(self.accepted.is_some_and(|granted| granted.ballot == ballot)) {
            Allow(rule) => {
                self.accepted = None;
                out.because(rule).why(format_args!("{from} gives back {ballot}")).disarm(Timer::Forget);
            }
            Refuse(rule) => {
                out.because(rule).why(format_args!("{ballot} is not what was accepted"));
            }
        }
    }

    pub(crate) fn forget(&mut self, cx: &Context<MajorityLease>, now: Time, out: &mut Outbox<MajorityLease>) {
        match self.running(cx, now) {
            Some(granted) => {
                let left = granted.expires.since(now).saturating_add(Duration::from_nanos(1));
                out.because(HolderRule::HoldOn).arm(Timer::Forget, left);
            }
            None => {
                self.accepted = None;
                out.because(MajorityRule::AcceptorForgets);
            }
        }
    }
}
