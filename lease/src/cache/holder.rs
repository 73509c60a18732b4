//! Cache node: answers reads locally while its lease runs, otherwise asks the server, and gives
//! data back on recall (Leases §2).

use std::collections::BTreeMap;

use quorate_protocol::{Context, NodeId, Outbox, RequestId, Time};

use super::rules::CacheRule;
use super::{Cache, Command, Datum, Fact, Message, Reply, View};
use crate::name::Name;
use crate::rules::{InputRule, StaleGrantRule};

type Out = Outbox<Cache>;

/// A datum cached under a lease.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Cached {
    datum: Datum,
    /// End of the term, on this node's clock.
    until: Time,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Holder {
    booted: Time,
    cached: BTreeMap<Name, Cached>,
    /// Per datum, the time up to which everything requested has been given back.
    returned: BTreeMap<Name, Time>,
    /// Reads waiting for the server, each with the time of its request.
    waiting: BTreeMap<Name, Vec<(Time, RequestId)>>,
}

impl Holder {
    pub(crate) fn boot(now: Time) -> Self {
        let (cached, returned, waiting) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Holder { booted: now, cached, returned, waiting }
    }

    pub(crate) fn request(
        &mut self,
        cx: &Context<Cache>,
        ticket: RequestId,
        command: Command,
        now: Time,
        out: &mut Out,
    ) {
        match command {
            Command::Read { key } => self.read(cx, ticket, key, now, out),
            Command::Write { .. } => {
                let server = cx.config.server;
                out.because(InputRule::NotMyRole)
                    .why(format_args!("{server} writes"))
                    .reply(ticket, Reply::AskServer { server });
            }
        }
    }

    fn read(&mut self, cx: &Context<Cache>, ticket: RequestId, key: Name, now: Time, out: &mut Out) {
        match self.cached.get(&key) {
            Some(cached) if cx.rules.may_act(cached.until, now).allows() => {
                let datum = cached.datum.clone();
                out.because(CacheRule::ReadCached)
                    .why(format_args!("held until {}", cached.until))
                    .emit(Fact::CachedRead { key, version: datum.version })
                    .reply(ticket, Reply::Read { datum });
            }
            _ => {
                self.cached.remove(&key);
                let waiting = self.waiting.entry(key.clone()).or_default();
                waiting.retain(|(_, waits)| *waits != ticket);
                waiting.push((now, ticket));
                out.because(CacheRule::Fetch)
                    .why(format_args!("{key} is not held"))
                    .send(cx.config.server, Message::Fetch { key, sent: now });
            }
        }
    }

    /// Handles a datum granted under a lease.
    pub(crate) fn lent(&mut self, cx: &Context<Cache>, key: Name, datum: Datum, sent: Time, now: Time, out: &mut Out) {
        let until = cx.rules.counts_from(sent, now) + cx.rules.holder_term(&cx.config.terms);
        if sent < self.booted {
            out.because(StaleGrantRule::GrantOfAnotherLife).why(format_args!("asked for at {sent}"));
        } else if self.returned.get(&key).is_some_and(|&returned| sent <= returned) {
            out.because(CacheRule::IgnoreOldLoan).why(format_args!("asked for at {sent}, and given back since"));
            self.told(&key, &datum, sent, out);
        } else if !cx.rules.may_act(until, now).allows() {
            self.told(&key, &datum, sent, out);
        } else if self.cached.get(&key).is_some_and(|cached| cached.until >= until) {
            out.because(StaleGrantRule::HeldAlready).why(format_args!("{key} is held for longer"));
        } else {
            let mut because = out.because(CacheRule::KeepCached);
            because.why(format_args!("{key}, for {:?} from now", until.since(now)));
            // The lease runs, so the datum is current: all waiting reads can be answered, whenever
            // they were asked.
            for (_, ticket) in self.waiting.remove(&key).unwrap_or_default() {
                because
                    .emit(Fact::CachedRead { key: key.clone(), version: datum.version })
                    .reply(ticket, Reply::Read { datum: datum.clone() });
            }
            self.cached.insert(key, Cached { datum, until });
        }
    }

    /// Handles a datum sent without a lease. It answers only the reads that came before the
    /// request: for a later one it may be stale.
    pub(crate) fn told(&mut self, key: &Name, datum: &Datum, sent: Time, out: &mut Out) {
        let mut because = out.because(CacheRule::UseOnce);
        because.why(format_args!("{key} as of a question at {sent}"));
        let Some(waiting) = self.waiting.get_mut(key) else { return };
        debug_assert!(!waiting.is_empty(), "a datum that nobody waits for is not among those waited for");
        for (_, ticket) in waiting.extract_if(.., |(asked, _)| *asked <= sent) {
            because.reply(ticket, Reply::Read { datum: datum.clone() });
        }
        if waiting.is_empty() {
            self.waiting.remove(key);
        }
    }

    /// Handles a recall: drops the datum and gives back its lease.
    pub(crate) fn recall(&mut self, from: NodeId, key: Name, now: Time, out: &mut Out) {
        self.cached.remove(&key);
        self.returned.insert(key.clone(), now);
        out.because(CacheRule::GiveUp)
            .why(format_args!("{key}, and whatever is still on its way"))
            .send(from, Message::Returned { key, sent: now });
    }

    pub(crate) fn view(&self) -> View {
        View::Cache { cached: self.cached.len(), waiting: self.waiting.len() }
    }
}
