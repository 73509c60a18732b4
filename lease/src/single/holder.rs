//! Holder: requests leases, counts their terms from its requests, acts while they run, and stops by
//! itself (Leases §2, §3).
//!
//! It needs no message to know that it must stop. It cannot stop what it has already sent: a late
//! write is for the resource to refuse, which is why it carries a [`Sequencer`].
//!
//! It persists nothing: a restart ends its leases, and makes it forget its releases. A granter that
//! has not heard of a release renews the same grant for the restarted holder, and then refuses the
//! release when it arrives.

use std::collections::BTreeMap;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, NodeId, Outbox, RequestId, Time};

use super::message::{Command, Message, Timer};
use super::node::Lease;
use super::rules::SingleRule;
use super::seal::SealedGrant;
use crate::id::{Attempt, LeaseId, Mode, Sequencer, Token};
use crate::name::Value;
use crate::primary::{Fact, Loss, Reply};
use crate::releases::Releases;
use crate::rules::{HolderRule, InputRule, RenewalRule, StaleGrantRule};

/// A lease as seen by its holder.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Held {
    pub(crate) token: Token,
    /// End of the term on this node's clock: the first tick at which the node may not act.
    pub(crate) until: Time,
    /// The granter's seal, if it gave one.
    seal: Option<SealedGrant>,
}

/// Release of the primary lease, which the holder repeats until the granter acknowledges it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Given {
    token: Token,
    /// Time when the holder stopped acting.
    at: Time,
    successor: Option<NodeId>,
    acknowledged: bool,
}

/// Work in progress for a client.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Job {
    lease: LeaseId,
    token: Token,
    seal: Option<SealedGrant>,
    /// Value to write to the resource; `None` for an act.
    value: Option<Value>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Holder {
    booted: Time,
    pub(crate) node_lease: Option<Held>,
    pub(crate) primary: Option<Held>,
    given: Option<Given>,
    jobs: BTreeMap<Attempt, Job>,
    releases: Releases,
}

impl Holder {
    pub(crate) fn boot(cx: &Context<Lease>, now: Time, out: &mut Outbox<Lease>) -> Self {
        let Context { config, .. } = *cx;
        let holder = Holder {
            booted: now,
            node_lease: None,
            primary: None,
            given: None,
            jobs: BTreeMap::new(),
            releases: Releases::default(),
        };
        holder.heartbeat(cx, now, out);
        if let Some(interval) = config.act_every {
            out.because(HolderRule::LeaseOver).why(format_args!("not primary yet")).arm(Timer::Act, interval);
        }
        holder
    }

    /// Sends a heartbeat, which requests the leases. The reply repeats its time, so it need not be
    /// recorded.
    ///
    /// A release that the granter may not know of is sent instead: a heartbeat would renew the
    /// released grant.
    pub(crate) fn heartbeat(&self, cx: &Context<Lease>, now: Time, out: &mut Outbox<Lease>) {
        let message = match self.given {
            Some(Given { token, successor, acknowledged: false, .. }) => {
                Message::Release { token, sent: now, successor }
            }
            _ => Message::Heartbeat { sent: now },
        };
        out.because(RenewalRule::Ask)
            .send(cx.config.granter, message)
            .arm(Timer::Heartbeat, cx.config.terms.renew_every());
    }

    /// Handles a grant or a renewal.
    pub(crate) fn granted(
        &mut self,
        cx: &Context<Lease>,
        lease: LeaseId,
        (token, seal): (Token, Option<SealedGrant>),
        sent: Time,
        now: Time,
        out: &mut Outbox<Lease>,
    ) {
        let until = cx.rules.counts_from(sent, now) + cx.rules.holder_term(&cx.config.terms);
        let held = if lease == LeaseId::Primary { self.primary } else { self.node_lease };
        if sent < self.booted {
            out.because(StaleGrantRule::GrantOfAnotherLife)
                .why(format_args!("asked for at {sent}, started again at {}", self.booted));
        } else if lease == LeaseId::Primary && self.given.is_some_and(|given| sent <= given.at) {
            // Applies to any number of releases since then: the reply may have been in flight for
            // long.
            out.because(RenewalRule::GrantAfterRelease).why(format_args!("{token}, asked for at {sent}"));
        } else if cx.rules.may_act(until, now).allows() {
            match held {
                Some(held) if held.until >= until => {
                    out.because(StaleGrantRule::HeldAlready).why(format_args!("held until {} as it is", held.until));
                }
                _ => self.hold(lease, Held { token, until, seal }, now, out),
            }
        } else {
            out.because(RenewalRule::GrantTooLate).why(format_args!("asked for at {sent}, worthless since {until}"));
        }
    }

    fn hold(&mut self, lease: LeaseId, held: Held, now: Time, out: &mut Outbox<Lease>) {
        let Held { token, until, .. } = held;
        match lease {
            LeaseId::Primary => self.primary = Some(held),
            LeaseId::Node(_) => self.node_lease = Some(held),
        }
        out.because(RenewalRule::Hold)
            .why(format_args!("{token}, for {:?} from now", until.since(now)))
            .emit(Fact::LeaseHeld { lease, token, until })
            .arm(Timer::Lapse(lease), until.since(now));
    }

    /// Handles a denial. By itself it changes nothing: the earlier grant is still valid.
    pub(crate) fn denied(&mut self, cx: &Context<Lease>, holder: Option<NodeId>, now: Time, out: &mut Outbox<Lease>) {
        if let Some(held) = &mut self.primary {
            held.until = cx.rules.until_after_denial(held.until, now, &cx.config.terms);
        }
        let mut because = out.because(RenewalRule::TakeDenial);
        match holder {
            Some(holder) => because.why(format_args!("{holder} may be primary")),
            None => because.why(format_args!("nobody may be primary now")),
        };
    }

    /// Handles the timer for the end of a lease.
    pub(crate) fn expire(&mut self, cx: &Context<Lease>, lease: LeaseId, now: Time, out: &mut Outbox<Lease>) {
        let held = if lease == LeaseId::Primary { &mut self.primary } else { &mut self.node_lease };
        match *held {
            Some(Held { until, .. }) if cx.rules.may_act(until, now).allows() => {
                out.because(HolderRule::HoldOn)
                    .why(format_args!("it lasts until {until}"))
                    .arm(Timer::Lapse(lease), until.since(now));
            }
            Some(Held { token, until, .. }) => {
                *held = None;
                out.because(HolderRule::Lapse).why(format_args!("{token} ended at {until}")).emit(Fact::LeaseLost {
                    lease,
                    token,
                    reason: Loss::Expired,
                });
            }
            None => {
                out.because(HolderRule::Lapse).why(format_args!("it is over already"));
            }
        }
    }

    /// Handles a client's command.
    pub(crate) fn request(
        &mut self,
        cx: &Context<Lease>,
        ticket: RequestId,
        command: Command,
        now: Time,
        out: &mut Outbox<Lease>,
    ) {
        match command {
            Command::Serve => self.serve(cx, ticket, now, out),
            Command::Act => self.act(cx, Some(ticket), now, out),
            Command::WorkAndAct => self.begin(cx, ticket, LeaseId::Primary, None, now, out),
            Command::Write { .. } | Command::WriteShared { .. } if cx.config.resource.is_none() => {
                out.because(InputRule::NotMyRole)
                    .why(format_args!("no resource is configured"))
                    .reply(ticket, Reply::NoResource);
            }
            Command::Write { value } => self.begin(cx, ticket, LeaseId::Primary, Some(value), now, out),
            Command::WriteShared { value } => self.begin(cx, ticket, LeaseId::Node(cx.me), Some(value), now, out),
            Command::Release { successor } => self.give_back(cx, ticket, successor, now, out),
        }
    }

    fn serve(&self, cx: &Context<Lease>, ticket: RequestId, now: Time, out: &mut Outbox<Lease>) {
        match self.node_lease {
            Some(held) if cx.rules.may_act(held.until, now).allows() => {
                out.because(SingleRule::ServeInLease)
                    .why(format_args!("held until {}", held.until))
                    .reply(ticket, Reply::Served);
            }
            _ => {
                let lease = LeaseId::Node(cx.me);
                out.because(HolderRule::LeaseOver).reply(ticket, Reply::NotHeld { lease });
            }
        }
    }

    /// Checks the lease and acts in one step, so that nothing can come in between. Without a ticket
    /// the node acts by itself, and periodically.
    pub(crate) fn act(&mut self, cx: &Context<Lease>, ticket: Option<RequestId>, now: Time, out: &mut Outbox<Lease>) {
        let lease = LeaseId::Primary;
        let ruling = self.primary.map(|held| (held, cx.rules.may_act(held.until, now)));
        let (reply, mut because) = match ruling {
            Some((Held { token, until, .. }, Allow(rule))) => {
                let mut because = out.because(rule);
                because.why(format_args!("held until {until}")).emit(Fact::Acted { lease, token });
                (Reply::Acted { token }, because)
            }
            Some((Held { token, until, .. }, Refuse(rule))) => {
                self.primary = None;
                let mut because = out.because(rule);
                because.why(format_args!("{token} ended at {until}")).emit(Fact::LeaseLost {
                    lease,
                    token,
                    reason: Loss::Expired,
                });
                (Reply::NotHeld { lease }, because)
            }
            None => (Reply::NotHeld { lease }, out.because(HolderRule::LeaseOver)),
        };
        match (ticket, cx.config.act_every) {
            (Some(ticket), _) => because.reply(ticket, reply),
            (None, Some(interval)) => because.arm(Timer::Act, interval),
            (None, None) => &mut because,
        };
    }

    /// Checks the lease, then starts the work. The check says nothing about the time when the work
    /// ends.
    fn begin(
        &mut self,
        cx: &Context<Lease>,
        ticket: RequestId,
        lease: LeaseId,
        value: Option<Value>,
        now: Time,
        out: &mut Outbox<Lease>,
    ) {
        if self.jobs.keys().any(|attempt| attempt.ticket == ticket) {
            out.because(InputRule::RepeatedRequest).why(format_args!("{ticket} is under way"));
            return;
        }
        let held = if lease == LeaseId::Primary { self.primary } else { self.node_lease };
        match held.map(|held| (held, cx.rules.may_act(held.until, now))) {
            Some((held, Allow(_))) => {
                let attempt = Attempt { ticket, begun: now };
                self.jobs.insert(attempt, Job { lease, token: held.token, seal: held.seal, value });
                out.because(SingleRule::BeginWork)
                    .why(format_args!("held until {}", held.until))
                    .arm(Timer::Work(attempt), cx.config.work);
            }
            Some((_, Refuse(rule))) => {
                out.because(rule).reply(ticket, Reply::NotHeld { lease });
            }
            None => {
                out.because(HolderRule::LeaseOver).reply(ticket, Reply::NotHeld { lease });
            }
        }
    }

    /// Ends the work: acts, or sends the write.
    pub(crate) fn finish(&mut self, cx: &Context<Lease>, attempt: Attempt, now: Time, out: &mut Outbox<Lease>) {
        let Some(job) = self.jobs.get(&attempt) else {
            out.because(InputRule::RepeatedRequest).why(format_args!("nobody waits for it"));
            return;
        };
        let (lease, token, seal) = (job.lease, job.token, job.seal);
        if let Some(value) = job.value.clone() {
            let Some(resource) = cx.config.resource else {
                debug_assert!(false, "a write is begun only where there is a resource");
                return;
            };
            let mode = if lease == LeaseId::Primary { Mode::Exclusive } else { Mode::Shared };
            let sequencer = Sequencer { lease, mode, token };
            let mut because = out.because(SingleRule::SendFenced);
            because.why(format_args!("{value}, under {token}"));
            because.send(
                resource,
                match seal {
                    Some(grant) => Message::WriteUnderSeal { sequencer, value, attempt, grant },
                    None => Message::Write { sequencer, value, attempt },
                },
            );
            return;
        }
        self.jobs.remove(&attempt);
        if cx.rules.checks_again() {
            return self.act(cx, Some(attempt.ticket), now, out);
        }
        out.because(HolderRule::ActInLease)
            .why(format_args!("the lease held when the work began"))
            .emit(Fact::Acted { lease, token })
            .reply(attempt.ticket, Reply::Acted { token });
    }

    /// Handles the resource's reply to a write.
    pub(crate) fn answered(&mut self, attempt: Attempt, reply: Reply, out: &mut Outbox<Lease>) {
        match self.jobs.remove(&attempt) {
            Some(_) => {
                out.because(HolderRule::AnswerWriter).reply(attempt.ticket, reply);
            }
            None => {
                out.because(HolderRule::AnswerWriter).why(format_args!("nobody waits for it any more"));
            }
        }
    }

    /// Stops acting, then releases the lease.
    fn give_back(
        &mut self,
        cx: &Context<Lease>,
        ticket: RequestId,
        successor: Option<NodeId>,
        now: Time,
        out: &mut Outbox<Lease>,
    ) {
        let lease = LeaseId::Primary;
        if let Some((rule, reply)) = self.releases.repeated(cx.rules, ticket) {
            let mut because = out.because(rule);
            if let Some(reply) = reply {
                because.reply(ticket, reply);
            }
            return;
        }
        self.releases.note(ticket, self.primary.map(|held| held.token));
        let Some(Held { token, .. }) = self.primary.take() else {
            out.because(HolderRule::LeaseOver).reply(ticket, Reply::NotHeld { lease });
            return;
        };
        self.given = Some(Given { token, at: now, successor, acknowledged: false });
        out.because(HolderRule::GiveBack)
            .why(format_args!("no more acts under {token}"))
            .emit(Fact::LeaseLost { lease, token, reason: Loss::Released })
            .disarm(Timer::Lapse(lease))
            .send(cx.config.granter, Message::Release { token, sent: now, successor })
            .reply(ticket, Reply::Released { token });
    }

    /// Handles the granter's acknowledgement of a release.
    pub(crate) fn released(&mut self, cx: &Context<Lease>, token: Token, now: Time, out: &mut Outbox<Lease>) {
        out.because(RenewalRule::ReleaseHeard).why(format_args!("{token} is free"));
        if let Some(given) = self.given.as_mut().filter(|given| given.token == token && !given.acknowledged) {
            given.acknowledged = true;
            self.heartbeat(cx, now, out);
        }
    }
}
