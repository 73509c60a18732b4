//! Local reads and writes: an answer at once, and gossip that makes the copies equal again.

use std::collections::BTreeMap;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{NodeId, RequestId};

use super::config::{Available, Order};
use super::message::{Fact, Message, Reply, Timer};
use super::replica::{Asked, Cx, Out, Replica, What, answer_read, answer_write, others, sorry};
use super::rules::RegisterRule;
use super::version::{Seen, Version, known};
use crate::{Key, Stamp, Tick};

type Copies = BTreeMap<Key, Vec<Version>>;

impl Replica {
    /// Starts the timer of anti-entropy. A replica without copies has nothing to compare.
    pub(crate) fn begin_anti_entropy(&self, cx: &Cx<'_>, out: &mut Out) {
        if let Some(available) = cx.config.available()
            && others(cx).next().is_some()
        {
            out.because(RegisterRule::AntiEntropy).arm(Timer::AntiEntropy, available.anti_entropy);
        }
    }

    /// Handles a request.
    pub(crate) fn answer_here(&mut self, cx: &Cx<'_>, available: Available, asked: Asked, out: &mut Out) {
        match asked.what {
            What::Write { .. } => self.write_here(cx, available, asked, out),
            What::Read { .. } => self.read_here(cx, available, asked, out),
        }
    }

    fn write_here(&mut self, cx: &Cx<'_>, available: Available, asked: Asked, out: &mut Out) {
        if self.repeats(cx, &asked, out) {
            return;
        }
        let What::Write { value, saw, seen } = &asked.what else { return };
        let order = available.order;
        for stamp in saw {
            self.hear(cx, available, *stamp);
        }
        let tick = cx.rules.stamp(order, self.last(cx, order, &asked.key), cx.now.wall);
        if order != Order::Vector {
            self.clock = tick;
        }
        let mut context = Seen::default();
        if order == Order::Vector {
            context = cx.rules.context(seen, &self.known(cx, &asked.key));
        }
        let version = Version { value: value.clone(), stamp: Stamp { tick, node: cx.me }, seen: context };
        let begun = self.begin(asked.ticket);
        out.because(RegisterRule::WriteHere).persist(begun);
        self.merge(cx, order, &asked.key, std::slice::from_ref(&version), out);
        answer_write(&asked, &version, RegisterRule::WriteHere, out);
        if cx.rules.pushes() && others(cx).next().is_some() {
            let mut because = out.because(RegisterRule::PushWrite);
            for other in others(cx) {
                let copies = Copies::from([(asked.key.clone(), vec![version.clone()])]);
                because.send(other, Message::Gossip { copies });
            }
        }
        self.wake(cx, available, out);
    }

    /// The last reading of the clock for a write to this key: for siblings, the number of the
    /// node's writes to it.
    fn last(&self, cx: &Cx<'_>, order: Order, key: &Key) -> Tick {
        if order == Order::Vector { Tick::logical(self.known(cx, key).last(cx.me)) } else { self.clock }
    }

    /// All writes to a key that are held, or were replaced by one that is.
    fn known(&self, cx: &Cx<'_>, key: &Key) -> Seen {
        known(self.held(key), cx.rules.follows)
    }

    fn copy_of(&self, key: &Key) -> Copies {
        Copies::from([(key.clone(), self.held(key).to_vec())])
    }

    fn read_here(&mut self, cx: &Cx<'_>, available: Available, asked: Asked, out: &mut Out) {
        let ticket = asked.ticket;
        match cx.rules.may_answer(self.is_covered(cx, available.order, &asked)) {
            Refuse(rule) => {
                out.because(rule)
                    .why(format_args!("{ticket} has seen a write that this replica lacks"))
                    .arm(Timer::Late { ticket }, cx.config.timeout);
                self.waiting.insert(ticket, asked);
                return;
            }
            Allow(rule) => answer_read(&asked, self.held(&asked.key), rule, out),
        }
        if available.read_repair && others(cx).next().is_some() {
            let mut because = out.because(RegisterRule::ReadRepair);
            for other in others(cx) {
                because.send(other, Message::Compare { copies: self.copy_of(&asked.key), whole: false });
            }
        }
    }

    /// Whether this replica shows all that the session of a read has seen.
    fn is_covered(&self, cx: &Cx<'_>, order: Order, asked: &Asked) -> bool {
        let What::Read { token } = &asked.what else { return true };
        token.iter().all(|stamp| cx.rules.covers(order, self.held(&asked.key), *stamp))
    }

    /// Answers the reads that waited for what has come.
    fn wake(&mut self, cx: &Cx<'_>, available: Available, out: &mut Out) {
        let (covered, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|(_, asked)| self.is_covered(cx, available.order, asked));
        self.waiting = waiting;
        let covered: BTreeMap<RequestId, Asked> = covered;
        for (ticket, asked) in covered {
            out.because(RegisterRule::SessionMet).disarm(Timer::Late { ticket });
            answer_read(&asked, self.held(&asked.key), RegisterRule::SessionMet, out);
        }
    }

    /// Refuses a read whose session this replica has not caught up with.
    pub(crate) fn behind(&mut self, ticket: RequestId, out: &mut Out) {
        match self.waiting.remove(&ticket) {
            Some(asked) => sorry(&asked, Reply::Behind, RegisterRule::Behind, out),
            None => {
                out.because(RegisterRule::LateAnswer).why(format_args!("{ticket} is answered"));
            }
        }
    }

    /// Compares all copies with the next of the other replicas.
    pub(crate) fn anti_entropy(&mut self, cx: &Cx<'_>, available: Available, out: &mut Out) {
        let others: Vec<NodeId> = others(cx).collect();
        let Some(peer) = others.get(self.rounds).copied() else { return };
        debug_assert!(!self.copies.is_empty(), "the timer runs from the first copy on");
        out.because(RegisterRule::AntiEntropy)
            .arm(Timer::AntiEntropy, available.anti_entropy)
            .send(peer, Message::Compare { copies: self.copies.clone(), whole: true });
        self.rounds = (self.rounds + 1) % others.len();
    }

    /// Takes what is newer, and sends back what is newer here.
    pub(crate) fn compare(
        &mut self,
        cx: &Cx<'_>,
        available: Available,
        from: NodeId,
        copies: &Copies,
        whole: bool,
        out: &mut Out,
    ) {
        self.gossip(cx, available, copies, out);
        let none = Vec::new();
        let asked = |key: &Key| copies.get(key).or(whole.then_some(&none));
        let better: Copies = self
            .copies
            .iter()
            .filter(|(key, mine)| asked(key).is_some_and(|theirs| cx.rules.has_better(mine, theirs)))
            .map(|(key, mine)| (key.clone(), mine.clone()))
            .collect();
        if !better.is_empty() {
            out.because(RegisterRule::SendBetter).send(from, Message::Gossip { copies: better });
        }
    }

    /// Takes what is newer.
    pub(crate) fn gossip(&mut self, cx: &Cx<'_>, available: Available, copies: &Copies, out: &mut Out) {
        for (key, versions) in copies {
            let (accepted, refused): (Vec<_>, Vec<_>) =
                versions.iter().cloned().partition(|version| self.hear(cx, available, version.stamp));
            if let Some(version) = refused.first() {
                let (stamp, wall) = (version.stamp, Tick::wall(cx.now.wall));
                out.because(RegisterRule::FutureStamp).why(format_args!("{stamp}, and it is {wall} here"));
            }
            self.merge(cx, available.order, key, &accepted, out);
        }
        self.wake(cx, available, out);
    }

    /// Moves the clock beyond a stamp; `false` if the stamp is not accepted.
    fn hear(&mut self, cx: &Cx<'_>, available: Available, stamp: Stamp) -> bool {
        let Available { order, ahead, .. } = available;
        let accepted = cx.rules.accepts_stamp(order, cx.now.wall, stamp.tick, ahead).allows();
        if accepted {
            self.clock = cx.rules.on_receive(order, self.clock, stamp.tick);
        }
        accepted
    }

    /// Merges versions into those of a key.
    fn merge(&mut self, cx: &Cx<'_>, order: Order, key: &Key, versions: &[Version], out: &mut Out) {
        let mut held = self.held(key).to_vec();
        let mut facts = Vec::new();
        let fact = |version: &Version, took: bool| {
            let (key, value, stamp) = (key.clone(), version.value.clone(), version.stamp);
            if took { Fact::Took { key, value, stamp } } else { Fact::Dropped { key, value, stamp } }
        };
        for version in versions {
            if held.iter().any(|mine| mine.stamp == version.stamp) {
                continue;
            }
            let replaced: Vec<bool> = held.iter().map(|mine| cx.rules.replaces(order, version, mine)).collect();
            let is_replaced = held.iter().any(|mine| cx.rules.replaces(order, mine, version));
            let has_room = held.is_empty() || order == Order::Vector && !is_replaced;
            if !has_room && !replaced.contains(&true) {
                facts.push(fact(version, false));
                continue;
            }
            let mut gone = replaced.iter();
            held.retain(|mine| {
                let goes = gone.next().is_some_and(|goes| *goes);
                if goes {
                    facts.push(fact(mine, false));
                }
                !goes
            });
            facts.push(fact(version, true));
            held.push(version.clone());
        }
        held.sort_by_key(|version| version.stamp);
        let rule = if order == Order::Vector { RegisterRule::KeepSiblings } else { RegisterRule::LastWriterWins };
        let changes = held != self.held(key);
        if changes && self.copies.is_empty() {
            self.begin_anti_entropy(cx, out);
        }
        let mut because = out.because(if changes { rule } else { RegisterRule::KnownAlready });
        if changes {
            because.persist(self.hold(key, held));
        }
        for fact in facts {
            because.emit(fact);
        }
    }
}
