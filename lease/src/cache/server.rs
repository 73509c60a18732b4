//! Server of the cache leases: grants leases, recalls them, and writes a datum when no lease on it
//! is left (Leases §2, §5).

use std::collections::{BTreeMap, VecDeque};

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, Duration, NodeId, Outbox, RequestId, Time};

use super::rules::CacheRule;
use super::{Cache, Datum, Disk, Fact, Message, Record, Reply, Timer, View};
use crate::name::{Name, Value};
use crate::rulebook::RequestLookup;
use crate::rules::{InputRule, RecordRule};

type Out = Outbox<Cache>;

/// A lease on a datum.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Loan {
    /// The holder's newest request that it answers, on the holder's clock.
    sent: Time,
    /// End of the lease, on the server's clock.
    expires: Time,
    recalled: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Server {
    disk: Disk,
    /// Lease holders of each datum. A datum without holders has no entry.
    loans: BTreeMap<Name, BTreeMap<NodeId, Loan>>,
    /// Waiting writes of each datum, in order.
    waiting: BTreeMap<Name, VecDeque<(RequestId, Value)>>,
    silent_until: Time,
}

impl Server {
    pub(crate) fn boot(cx: &Context<Cache>, disk: &Disk, now: Time) -> Self {
        let Context { config, rules, .. } = *cx;
        let silent_until = now + rules.quarantine(&config.terms);
        let (loans, waiting) = (BTreeMap::new(), BTreeMap::new());
        Server { disk: disk.clone(), loans, waiting, silent_until }
    }

    fn datum(&self, key: &Name) -> Datum {
        self.disk.data.get(key).cloned().unwrap_or_default()
    }

    /// Handles a cache's request for a datum.
    pub(crate) fn fetch(&mut self, cx: &Context<Cache>, from: NodeId, key: Name, sent: Time, now: Time, out: &mut Out) {
        let datum = self.datum(&key);
        match cx.rules.lends(self.waiting.contains_key(&key)) {
            Allow(rule) => {
                let expires = now + cx.config.terms.granter();
                let loans = self.loans.entry(key.clone()).or_default();
                let loan = loans.entry(from).or_insert(Loan { sent, expires, recalled: false });
                *loan = Loan { sent: loan.sent.max(sent), expires, recalled: false };
                out.because(rule)
                    .why(format_args!("{key} stays as it is until {expires}"))
                    .emit(Fact::Lent { key: key.clone(), holder: from, expires })
                    .send(from, Message::Lent { key, datum, sent });
            }
            Refuse(rule) => {
                out.because(rule)
                    .why(format_args!("a write waits for {key}"))
                    .send(from, Message::Told { key, datum, sent });
            }
        }
    }

    /// Answers a read locally: every change goes through the server, so it needs no lease.
    pub(crate) fn read(&self, ticket: RequestId, key: &Name, out: &mut Out) {
        out.because(CacheRule::TellOnly).reply(ticket, Reply::Read { datum: self.datum(key) });
    }

    pub(crate) fn write(
        &mut self,
        cx: &Context<Cache>,
        ticket: RequestId,
        key: Name,
        value: Value,
        now: Time,
        out: &mut Out,
    ) {
        let (number, version) = self.disk.done.get(&ticket.client).copied().unzip();
        match cx.rules.known(number, ticket.number) {
            RequestLookup::Done => {
                // A faulty rulebook may say so even of an unknown client.
                let version = version.unwrap_or_default();
                out.because(RecordRule::AnswerFromRecord).reply(ticket, Reply::Written { version });
                return;
            }
            RequestLookup::Overtaken => {
                out.because(RecordRule::Overtaken).reply(ticket, Reply::Overtaken);
                return;
            }
            RequestLookup::New => {}
        }
        if self.waiting.values().flatten().any(|(waits, _)| *waits == ticket) {
            out.because(InputRule::RepeatedRequest).why(format_args!("{ticket} waits already"));
            return;
        }
        self.waiting.entry(key.clone()).or_default().push_back((ticket, value));
        self.review(cx, &key, now, out);
    }

    /// Handles a datum given back by a cache.
    pub(crate) fn returned(
        &mut self,
        cx: &Context<Cache>,
        from: NodeId,
        key: &Name,
        sent: Time,
        now: Time,
        out: &mut Out,
    ) {
        let loans = self.loans.get_mut(key);
        match loans.and_then(|loans| loans.get(&from).filter(|loan| loan.sent <= sent).copied().map(|_| loans)) {
            Some(loans) => {
                loans.remove(&from);
                out.because(CacheRule::TakeBack).why(format_args!("{from} has given {key} back"));
                if self.waiting.contains_key(key) {
                    self.review(cx, key, now, out);
                }
            }
            None => {
                out.because(CacheRule::IgnoreReturn).why(format_args!("no loan of {key} to {from} is as old as that"));
            }
        }
    }

    /// Executes the waiting writes of a datum if no lease prevents it.
    pub(crate) fn review(&mut self, cx: &Context<Cache>, key: &Name, now: Time, out: &mut Out) {
        let rules = cx.rules;
        if let Some(loans) = self.loans.get_mut(key) {
            loans.retain(|_, loan| !rules.has_ended(loan.expires, now));
        }
        if self.loans.get(key).is_some_and(BTreeMap::is_empty) {
            self.loans.remove(key);
        }
        let left = self.loans.get(key).map_or(0, BTreeMap::len);
        let quarantined = !rules.has_ended(self.silent_until, now);
        if !self.waiting.contains_key(key) {
            out.because(CacheRule::KeepWatch).why(format_args!("no write waits for {key}"));
            return;
        }
        debug_assert!(
            self.waiting.values().all(|writes| !writes.is_empty()),
            "a datum without a write waits for nothing"
        );
        match cx.rules.may_write(left, quarantined) {
            Allow(rule) => self.change(rule, key, out),
            Refuse(rule) => self.wait(rule, key, now, out),
        }
    }

    fn change(&mut self, rule: CacheRule, key: &Name, out: &mut Out) {
        for (ticket, value) in self.waiting.remove(key).into_iter().flatten() {
            let version = self.datum(key).version.saturating_add(1);
            let datum = Datum { version, value: Some(value) };
            let record = Record::Wrote { key: key.clone(), datum, ticket };
            quorate_protocol::Disk::apply(&mut self.disk, &record);
            out.because(rule)
                .why(format_args!("nobody holds {key}"))
                .persist(record)
                .emit(Fact::WriteCompleted { key: key.clone(), version })
                .reply(ticket, Reply::Written { version })
                .disarm(Timer::Review(key.clone()));
        }
    }

    /// Recalls the leases, and waits until they are given back or expire.
    fn wait(&mut self, rule: CacheRule, key: &Name, now: Time, out: &mut Out) {
        let mut last = self.silent_until;
        let loans = self.loans.get_mut(key);
        last = loans.iter().flat_map(|loans| loans.values()).map(|loan| loan.expires).fold(last, Time::max);
        let mut because = out.because(rule);
        let left = last.since(now);
        because
            .why(format_args!("{left:?} at the most"))
            .arm(Timer::Review(key.clone()), left.saturating_add(Duration::from_nanos(1)));
        if !loans.as_ref().is_some_and(|loans| loans.values().any(|loan| !loan.recalled)) {
            return;
        }
        let mut because = out.because(CacheRule::Recall);
        for (&holder, loan) in loans.into_iter().flatten().filter(|(_, loan)| !loan.recalled) {
            loan.recalled = true;
            because.send(holder, Message::Recall { key: key.clone() });
        }
    }

    pub(crate) fn view(&self) -> View {
        View::Server {
            data: self.disk.data.len(),
            loans: self.loans.len(),
            waiting: self.waiting.len(),
            silent_until: Some(self.silent_until),
        }
    }
}
