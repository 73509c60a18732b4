//! Granter: watches the holders, and grants the primary lease to one at a time (Leases §2, §5;
//! Chubby §2.4).
//!
//! It is bound by its grants, whether the holder is reachable or not: the only way to revoke a
//! lease is to wait. Its failure detector suggests which node is worth granting to, and nothing
//! else.

use std::collections::BTreeMap;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Because, Context, Duration, NodeId, Outbox, Time};

use super::config::{FenceCheck, Recovery};
use super::detector::Detector;
use super::message::{Disk, Message, Record, Timer};
use super::node::Lease;
use super::rules::SingleRule;
use super::seal::{GrantBody, SealedGrant};
use crate::id::{Attempt, LeaseId, Sequencer, Token};
use crate::name::Value;
use crate::primary::Fact;
use crate::rulebook::LeaseState;
use crate::rules::InputRule;

/// The primary lease as seen by its granter. Times are readings of the granter's clock, except
/// `renewed_for`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Grant {
    pub(crate) holder: NodeId,
    pub(crate) token: Token,
    pub(crate) expires: Time,
    /// The holder's newest request for which it was granted, on the holder's clock; [`Time::MAX`]
    /// for a grant recalled from disk, where this is unknown.
    renewed_for: Time,
}

/// State of one watched holder.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Watched {
    detector: Detector,
    /// Its newest request, on its own clock.
    asked: Time,
    /// Its node lease: grant and end.
    node_lease: Option<(Token, Time)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Granter {
    watched: BTreeMap<NodeId, Watched>,
    pub(crate) primary: Option<Grant>,
    /// Number of grants made, over all restarts.
    grants: u64,
    /// End of the quarantine after a restart, during which nothing is granted.
    pub(crate) silent_until: Option<Time>,
    /// Successor named by the last primary.
    successor: Option<NodeId>,
    /// The last primary, which comes last in the order of succession.
    last_holder: Option<NodeId>,
}

/// The end of a grant for a request that was `sent` then, by its holder's clock, and is read `now`.
fn expiry(cx: &Context<Lease>, sent: Time, now: Time) -> Time {
    cx.rules.granted_at(sent, now) + cx.rules.binds_for(cx.config.terms.granter(), cx.config.own_term)
}

/// The message of a grant, sealed if the resource demands it.
fn granted(cx: &Context<Lease>, lease: LeaseId, holder: NodeId, token: Token, sent: Time) -> Message {
    match cx.config.check {
        FenceCheck::NewestSeen | FenceCheck::AskGranter => Message::Granted { lease, token, sent },
        FenceCheck::GrantersSeal => {
            let grant = SealedGrant::new(cx, GrantBody { lease, holder, token });
            Message::GrantedUnderSeal { grant, sent }
        }
    }
}

impl Granter {
    pub(crate) fn boot(cx: &Context<Lease>, disk: &Disk, now: Time, out: &mut Outbox<Lease>) -> Self {
        let Context { config, .. } = *cx;
        let detector = Detector::new(config.watch);
        let watched = Watched { detector, asked: Time::ZERO, node_lease: None };
        let mut granter = Granter {
            watched: config.holders.iter().map(|&node| (node, watched.clone())).collect(),
            primary: None,
            grants: disk.grants,
            silent_until: None,
            successor: None,
            last_holder: disk.primary.map(|(holder, _)| holder),
        };
        granter.recover(cx, disk, now, out);
        granter
    }

    /// Restores the grants made before the restart, which still bind (Leases §5).
    fn recover(&mut self, cx: &Context<Lease>, disk: &Disk, now: Time, out: &mut Outbox<Lease>) {
        let review = cx.config.terms.renew_every();
        match (cx.config.recovery, disk.primary) {
            (_, None) => {
                out.because(SingleRule::KeepWatch).why(format_args!("no grant is on disk")).arm(Timer::Review, review);
            }
            (Recovery::WaitOut, Some(_)) => {
                let silence = cx.rules.quarantine(&cx.config.terms);
                self.silent_until = Some(now + silence);
                out.because(SingleRule::WaitOut)
                    .why(format_args!("grants made before the restart may last for {silence:?}"))
                    .arm(Timer::Review, past(silence));
            }
            (Recovery::FromDisk, Some((holder, token))) => {
                let expires = now + cx.rules.recalled_term(&cx.config.terms);
                // The last renewal is not on disk, so no release frees the grant: a late release
                // may be older than a renewal that the holder relies on.
                self.primary = Some(Grant { holder, token, expires, renewed_for: Time::MAX });
                out.because(SingleRule::RecallGrant)
                    .why(format_args!("{holder} was granted {token}, perhaps just now"))
                    .arm(Timer::Review, review);
            }
        }
    }

    /// Handles a holder's heartbeat, which is also its request.
    pub(crate) fn heartbeat(
        &mut self,
        cx: &Context<Lease>,
        from: NodeId,
        sent: Time,
        now: Time,
        out: &mut Outbox<Lease>,
    ) {
        let Some(watched) = self.watched.get_mut(&from) else {
            out.because(InputRule::NotMyRole).why(format_args!("{from} is not configured as a holder"));
            return;
        };
        watched.detector.heard(now);
        watched.asked = watched.asked.max(sent);
        self.grant_node(cx, from, sent, now, out);
        match cx.rules.grants(self.lease_state(cx, now), from) {
            Allow(SingleRule::RenewPrimary) => self.renew(cx, from, sent, now, out),
            Allow(rule) => self.grant(cx, rule, from, sent, now, out),
            Refuse(rule) => {
                let holder = self.primary.filter(|grant| !cx.rules.has_ended(grant.expires, now));
                let holder = holder.map(|grant| grant.holder);
                let mut because = out.because(rule);
                self.explain(rule, from, now, &mut because);
                because.send(from, Message::Denied { sent, holder });
            }
        }
    }

    /// Grants a node lease, which every node that is heard gets.
    fn grant_node(&mut self, cx: &Context<Lease>, from: NodeId, sent: Time, now: Time, out: &mut Outbox<Lease>) {
        let Some(watched) = self.watched.get_mut(&from) else {
            debug_assert!(false, "only those that are watched are granted anything");
            return;
        };
        let expires = expiry(cx, sent, now);
        let lease = LeaseId::Node(from);
        let running = watched.node_lease.filter(|(_, end)| !cx.rules.has_ended(*end, now));
        let token = match running {
            Some((token, _)) => {
                out.because(SingleRule::RenewNode).send(from, granted(cx, lease, from, token, sent));
                token
            }
            None => {
                self.grants = self.grants.saturating_add(1);
                let token = cx.rules.token(self.grants);
                out.because(SingleRule::GrantNode)
                    .why(format_args!("{from} is heard"))
                    .persist(Record::Granted { grants: self.grants, lease, holder: from, token })
                    .emit(Fact::LeaseGranted { lease, holder: from, token, expires })
                    .send(from, granted(cx, lease, from, token, sent));
                token
            }
        };
        watched.node_lease = Some((token, expires));
    }

    fn lease_state(&self, cx: &Context<Lease>, now: Time) -> LeaseState {
        let held = self.primary.as_ref();
        let delay = cx.rules.lock_delay(cx.config.lock_delay);
        let ended = held.is_none_or(|grant| cx.rules.has_ended(grant.expires, now));
        LeaseState {
            holder: held.map(|grant| grant.holder),
            ended,
            suspected: held.is_some_and(|grant| self.suspects(grant.holder, now)),
            quarantined: self.silent_until.is_some_and(|end| !cx.rules.has_ended(end, now)),
            delayed: ended && held.is_some_and(|grant| !cx.rules.has_ended(grant.expires + delay, now)),
            turn: self.turn(cx, now),
        }
    }

    fn suspects(&self, node: NodeId, now: Time) -> bool {
        self.watched.get(&node).is_none_or(|watched| watched.detector.suspects(now))
    }

    /// The next primary: the first node in the order of succession that is not suspected.
    fn turn(&self, cx: &Context<Lease>, now: Time) -> Option<NodeId> {
        self.succession(cx).find(|&node| !self.suspects(node, now))
    }

    /// Order of succession: the successor named by the last primary, then all holders in the
    /// configured order, from the one after the last primary.
    fn succession<'a>(&'a self, cx: &'a Context<Lease>) -> impl Iterator<Item = NodeId> + 'a {
        let holders = &cx.config.holders;
        let last = self.last_holder.and_then(|last| holders.iter().position(|&node| node == last));
        let first = last.map_or(0, |position| position + 1);
        let round = holders.iter().cycle().skip(first).take(holders.len()).copied();
        self.successor.into_iter().chain(round.filter(|&node| Some(node) != self.successor))
    }

    /// Silent nodes that precede a holder in the order of succession, to explain its grant.
    fn passed_over(&self, cx: &Context<Lease>, holder: NodeId, now: Time) -> String {
        let before = self.succession(cx).take_while(|&node| node != holder);
        let silent = before.filter_map(|node| Some((node, self.watched.get(&node)?.detector.last()?)));
        silent.map(|(node, last)| format!(", and {node} is suspected after {:?} of silence", now.since(last))).collect()
    }

    fn grant(
        &mut self,
        cx: &Context<Lease>,
        rule: SingleRule,
        holder: NodeId,
        sent: Time,
        now: Time,
        out: &mut Outbox<Lease>,
    ) {
        debug_assert!(self.watched.contains_key(&holder), "only those that are watched are granted anything");
        self.grants = self.grants.saturating_add(1);
        let token = cx.rules.token(self.grants);
        let (expires, lease) = (expiry(cx, sent, now), LeaseId::Primary);
        let passed_over = if out.explains() { self.passed_over(cx, holder, now) } else { String::new() };
        let before = self.primary.replace(Grant { holder, token, expires, renewed_for: sent });
        (self.successor, self.last_holder, self.silent_until) = (None, Some(holder), None);
        let mut because = out.because(rule);
        match before {
            Some(grant) => {
                because.why(format_args!("the grant to {} ended at {}{passed_over}", grant.holder, grant.expires))
            }
            None => because.why(format_args!("nobody holds the lease{passed_over}")),
        };
        because
            .persist(Record::Granted { grants: self.grants, lease, holder, token })
            .emit(Fact::LeaseGranted { lease, holder, token, expires })
            .send(holder, granted(cx, lease, holder, token, sent))
            .arm(Timer::Review, self.next_review(cx, now));
    }

    fn renew(&mut self, cx: &Context<Lease>, from: NodeId, sent: Time, now: Time, out: &mut Outbox<Lease>) {
        // A faulty rulebook may renew a lease that nobody holds.
        let Some(grant) = &mut self.primary else { return };
        grant.expires = expiry(cx, sent, now);
        grant.renewed_for = grant.renewed_for.max(sent);
        let Grant { holder, token, expires, .. } = *grant;
        let lease = LeaseId::Primary;
        out.because(SingleRule::RenewPrimary)
            .why(format_args!("{from} keeps {token}"))
            .emit(Fact::LeaseGranted { lease, holder, token, expires })
            .send(from, granted(cx, lease, from, token, sent));
    }

    fn explain(&self, rule: SingleRule, from: NodeId, now: Time, because: &mut Because<'_, Lease>) {
        match (rule, &self.primary) {
            (SingleRule::HeldByOther | SingleRule::LockDelay, Some(grant)) if grant.expires >= now => {
                let left = grant.expires.since(now);
                because.why(format_args!("{} may still act for {left:?} by this clock", grant.holder));
            }
            (SingleRule::HeldByOther | SingleRule::LockDelay, Some(grant)) => {
                because.why(format_args!("{} held the lease until {}", grant.holder, grant.expires));
            }
            (SingleRule::WaitOut, _) => {
                let left = self.silent_until.map_or(Duration::ZERO, |end| end.since(now));
                because.why(format_args!("grants of before the restart may last for another {left:?}"));
            }
            _ => {
                because.why(format_args!("it is not the turn of {from}"));
            }
        }
    }

    /// Checks whether, with the passage of time, another node may become primary.
    pub(crate) fn review(&mut self, cx: &Context<Lease>, now: Time, out: &mut Outbox<Lease>) {
        let state = self.lease_state(cx, now);
        let candidate = state.turn.filter(|&turn| state.ended || state.holder != Some(turn));
        match candidate.map(|node| (node, cx.rules.grants(state, node))) {
            Some((node, Allow(rule))) => {
                let asked = self.watched.get(&node).map_or(Time::ZERO, |watched| watched.asked);
                self.grant(cx, rule, node, asked, now, out);
            }
            Some((node, Refuse(rule))) => {
                let next = self.next_review(cx, now);
                let mut because = out.because(rule);
                self.explain(rule, node, now, &mut because);
                because.arm(Timer::Review, next);
            }
            None => {
                out.because(SingleRule::KeepWatch).arm(Timer::Review, self.next_review(cx, now));
            }
        }
    }

    /// Delay until the next review, or until the next moment at which a timeout changes the state
    /// if that is sooner.
    fn next_review(&self, cx: &Context<Lease>, now: Time) -> Duration {
        let delay = cx.rules.lock_delay(cx.config.lock_delay);
        let expires = self.primary.as_ref().map(|grant| grant.expires);
        let ends = [expires, expires.map(|end| end + delay), self.silent_until];
        let upcoming = ends.into_iter().flatten().filter(|&end| !cx.rules.has_ended(end, now));
        let soonest = upcoming.map(|end| past(end.since(now))).min();
        soonest.map_or(cx.config.terms.renew_every(), |soonest| soonest.min(cx.config.terms.renew_every()))
    }

    /// Handles the primary's release of its lease.
    pub(crate) fn release(
        &mut self,
        cx: &Context<Lease>,
        from: NodeId,
        (token, sent): (Token, Time),
        successor: Option<NodeId>,
        now: Time,
        out: &mut Outbox<Lease>,
    ) {
        if let Some(watched) = self.watched.get_mut(&from) {
            watched.detector.heard(now);
        }
        let Some(grant) = self.primary else {
            out.because(SingleRule::RefuseRelease)
                .why(format_args!("nobody holds the lease"))
                .send(from, Message::Released { token });
            return;
        };
        match cx.rules.releases(grant.token, grant.renewed_for, token, sent) {
            Allow(rule) => {
                self.primary = None;
                self.last_holder = Some(grant.holder);
                self.successor = successor.filter(|node| self.watched.contains_key(node));
                out.because(rule)
                    .why(format_args!("{from} gives back {token}"))
                    .persist(Record::Released { token })
                    .send(from, Message::Released { token });
                self.review(cx, now, out);
            }
            Refuse(rule) => {
                let mut because = out.because(rule);
                because.why(format_args!("{} holds {}, this is about {token}", grant.holder, grant.token));
                if grant.token != token {
                    because.send(from, Message::Released { token });
                }
            }
        }
    }

    /// Handles a resource's question whether a grant is still valid.
    pub(crate) fn check(
        &self,
        cx: &Context<Lease>,
        (from, writer): (NodeId, NodeId),
        sequencer: Sequencer,
        (value, attempt): (Value, Attempt),
        now: Time,
        out: &mut Outbox<Lease>,
    ) {
        let granted = match sequencer.lease {
            LeaseId::Primary => self.primary.map(|grant| (grant.token, grant.expires)),
            LeaseId::Node(node) => self.watched.get(&node).and_then(|watched| watched.node_lease),
        };
        let valid =
            granted.is_some_and(|(token, expires)| token == sequencer.token && !cx.rules.has_ended(expires, now));
        out.because(SingleRule::CheckSequencer)
            .why(format_args!("{} {}", sequencer.token, if valid { "still binds" } else { "binds no more" }))
            .send(from, Message::Checked { valid, sequencer, writer, value, attempt });
    }
}

/// Shortest delay after which a clock is past a duration.
fn past(span: Duration) -> Duration {
    span.saturating_add(Duration::from_nanos(1))
}
