//! Lock server: a few commands on keys, some of which expire (Redis; a table with a unique index).

use std::collections::BTreeMap;

use quorate_lease::Name;
use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Because, Context, NodeId, Outbox, Ruling, Time};

use crate::disk::Disk;
use crate::id::{AttemptId, LockValue};
use crate::message::{Entry, Fact, Message, Record};
use crate::node::Lock;
use crate::rules::LockRule;
use crate::service::{Answer, Request};

type Out = Outbox<Lock>;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Server {
    pub(crate) keys: BTreeMap<Name, Entry>,
    count: u64,
    /// End of the time for which it takes no part after a restart, on its clock.
    pub(crate) away_until: Option<Time>,
}

/// The asking node and its attempt.
#[derive(Clone, Copy)]
struct Caller {
    node: NodeId,
    attempt: AttemptId,
}

impl Server {
    pub(crate) fn boot(cx: &Context<Lock>, disk: &Disk, out: &mut Out) -> Self {
        let mut server = Server { keys: disk.keys.clone(), count: disk.count, away_until: None };
        if disk.started {
            let (now, delay) = (server.now(cx), cx.config.restart_delay);
            server.away_until = Some(cx.rules.away_until(now, delay)).filter(|until| *until > now);
        } else if !cx.config.restart_delay.is_zero() {
            out.because(LockRule::StayAway)
                .why(format_args!("a first start: nothing is forgotten"))
                .persist(Record::Started);
        }
        server
    }

    fn now(&self, cx: &Context<Lock>) -> Time {
        cx.rules.expiry_clock(cx.config.expiry, cx.now)
    }

    pub(crate) fn asked(
        &mut self,
        cx: &Context<Lock>,
        from: NodeId,
        attempt: AttemptId,
        request: Request,
        out: &mut Out,
    ) {
        let now = self.now(cx);
        if let Some(until) = self.away_until {
            if now < until {
                out.because(LockRule::StayAway).why(format_args!("until {until}"));
                return;
            }
            self.away_until = None;
        }
        let caller = Caller { node: from, attempt };
        match request {
            Request::Insert { key, value } => {
                self.set(cx, caller, key, Entry { value, by: attempt, expires: None }, true, out)
            }
            Request::SetIfAbsent { key, value, ttl } => {
                self.expire(cx, &key, now, out);
                self.set(cx, caller, key, Entry { value, by: attempt, expires: ttl.map(|ttl| now + ttl) }, false, out);
            }
            Request::Expire { key, ttl } => {
                self.expire(cx, &key, now, out);
                self.set_expiry(cx, caller, key, now + ttl, |_| Allow(LockRule::SetExpiry), out);
            }
            Request::ExpireIfEqual { key, value, ttl } => {
                self.expire(cx, &key, now, out);
                let ruling = |entry: &Entry| cx.rules.extends(entry.value, value);
                self.set_expiry(cx, caller, key, now + ttl, ruling, out);
            }
            Request::Delete { key } => {
                self.expire(cx, &key, now, out);
                self.delete(cx, caller, key, |_| Allow(LockRule::DeleteKey), out);
            }
            Request::DeleteIfEqual { key, value } => {
                self.expire(cx, &key, now, out);
                self.delete(cx, caller, key, |entry| cx.rules.deletes(entry.value, value), out);
            }
            Request::DeleteOwn { key, last } => {
                let is_own = |entry: &Entry| entry.by.owner == last.owner && entry.by <= last;
                let ruling = |entry: &Entry| {
                    if is_own(entry) { Allow(LockRule::DeleteOwnRows) } else { Refuse(LockRule::KeepOthersKey) }
                };
                self.delete(cx, caller, key, ruling, out);
            }
            Request::Get { key } => {
                self.expire(cx, &key, now, out);
                let value: Option<LockValue> = self.keys.get(&key).map(|entry| entry.value);
                tell(&mut out.because(LockRule::ReportKey), caller, Answer::Value { value });
            }
        }
    }

    /// Removes the key if its time to live is over.
    fn expire(&mut self, cx: &Context<Lock>, key: &Name, now: Time, out: &mut Out) {
        let Some(entry) = self.keys.get(key) else { return };
        if !cx.rules.is_expired(entry.expires, now) {
            return;
        }
        let attempt = entry.by;
        self.keys.remove(key);
        let mut because = out.because(LockRule::KeyExpired);
        because.why(format_args!("{attempt} had set it, and it is {now}"));
        because.emit(Fact::KeyExpired { key: key.clone(), attempt });
        if cx.rules.keeps_keys(cx.config.persistence) {
            because.persist(Record::Deleted { key: key.clone() });
        }
    }

    fn set(&mut self, cx: &Context<Lock>, caller: Caller, key: Name, entry: Entry, is_row: bool, out: &mut Out) {
        let stored = self.keys.get(&key).copied();
        match cx.rules.sets(stored.map(|stored| stored.value)) {
            Allow(rule) => {
                self.count += 1;
                let token = cx.rules.token(self.count);
                let mut because = out.because(if is_row { LockRule::InsertRow } else { rule });
                because.why(format_args!("{token}"));
                if cx.rules.keeps_count(cx.config.persistence) {
                    because.persist(Record::Counted { count: self.count });
                }
                if cx.rules.keeps_keys(cx.config.persistence) {
                    because.persist(Record::Stored { key: key.clone(), entry });
                }
                because.emit(Fact::KeySet { key: key.clone(), attempt: entry.by, expires: entry.expires });
                self.keys.insert(key, entry);
                tell(&mut because, caller, Answer::Set { token });
            }
            Refuse(rule) => {
                let mut because = out.because(if is_row { LockRule::DuplicateRow } else { rule });
                if let Some(stored) = stored {
                    because.why(format_args!("its value is {}", stored.value));
                }
                tell(&mut because, caller, Answer::Exists);
            }
        }
    }

    fn set_expiry(
        &mut self,
        cx: &Context<Lock>,
        caller: Caller,
        key: Name,
        expires: Time,
        ruling: impl FnOnce(&Entry) -> Ruling<LockRule>,
        out: &mut Out,
    ) {
        let Some(entry) = self.keys.get_mut(&key) else {
            tell(&mut out.because(LockRule::NoKeyToExpire), caller, Answer::Expiring { exists: false });
            return;
        };
        let rule = match ruling(entry) {
            Allow(rule) => rule,
            Refuse(rule) => {
                let mut because = out.because(rule);
                because.why(format_args!("its value is {}", entry.value));
                tell(&mut because, caller, Answer::Expiring { exists: false });
                return;
            }
        };
        let is_longer = entry.expires.replace(expires).is_some();
        let entry = *entry;
        let mut because = out.because(rule);
        because.why(format_args!("until {expires}"));
        if is_longer {
            because.emit(Fact::KeyExtended { key: key.clone(), attempt: entry.by, by: caller.attempt });
        }
        if cx.rules.keeps_keys(cx.config.persistence) {
            because.persist(Record::Stored { key, entry });
        }
        tell(&mut because, caller, Answer::Expiring { exists: true });
    }

    fn delete(
        &mut self,
        cx: &Context<Lock>,
        caller: Caller,
        key: Name,
        ruling: impl FnOnce(&Entry) -> Ruling<LockRule>,
        out: &mut Out,
    ) {
        let Some(entry) = self.keys.get(&key).copied() else {
            tell(&mut out.because(LockRule::NothingToDelete), caller, Answer::Deleted { deleted: false });
            return;
        };
        match ruling(&entry) {
            Allow(rule) => {
                self.keys.remove(&key);
                let mut because = out.because(rule);
                if cx.rules.keeps_keys(cx.config.persistence) {
                    because.persist(Record::Deleted { key: key.clone() });
                }
                because.emit(Fact::KeyDeleted { key, attempt: entry.by, by: caller.attempt });
                tell(&mut because, caller, Answer::Deleted { deleted: true });
            }
            Refuse(rule) => {
                let mut because = out.because(rule);
                because.why(format_args!("its value is {}", entry.value));
                tell(&mut because, caller, Answer::Deleted { deleted: false });
            }
        }
    }
}

fn tell(because: &mut Because<'_, Lock>, caller: Caller, answer: Answer) {
    because.send(caller.node, Message::Told { attempt: caller.attempt, answer });
}
