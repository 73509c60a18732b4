//! A register that always answers, by a student who writes the whole state each time, compares with
//! all others at once, sends no message for a single write, and counts in steps of ten.

use std::collections::{BTreeMap, BTreeSet};

use quorate_exercises::build::*;
use quorate_exercises::prelude::*;
use quorate_exercises::register::*;
use serde::{Deserialize, Serialize};

/// All that is on disk: the last record.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
struct Everything {
    copies: BTreeMap<Key, Version>,
    count: u64,
    done: BTreeSet<RequestId>,
}

impl Disk for Everything {
    type Record = Everything;

    fn apply(&mut self, record: &Everything) {
        *self = record.clone();
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Postman(Everything);

impl Postman {
    fn take(&mut self, key: &Key, version: &Version) -> Option<Fact> {
        self.0.count = self.0.count.max(version.stamp.tick.count);
        let is_newer = self.0.copies.get(key).is_none_or(|held| held.stamp < version.stamp);
        is_newer.then(|| {
            self.0.copies.insert(key.clone(), version.clone());
            Fact::Took { key: key.clone(), value: version.value.clone(), stamp: version.stamp }
        })
    }

    fn take_all(&mut self, copies: &BTreeMap<Key, Vec<Version>>, out: &mut Outbox<Self>) {
        let mut facts = Vec::new();
        for (key, versions) in copies {
            facts.extend(versions.iter().filter_map(|version| self.take(key, version)));
        }
        let mut because = out.because(RegisterRule::LastWriterWins);
        because.persist(self.0.clone());
        for fact in facts {
            because.emit(fact);
        }
    }

    fn all(&self) -> BTreeMap<Key, Vec<Version>> {
        self.0.copies.iter().map(|(key, version)| (key.clone(), vec![version.clone()])).collect()
    }

    fn write(&mut self, cx: &Context<Self>, ticket: RequestId, key: Key, value: Value, out: &mut Outbox<Self>) {
        let of_client = || self.0.done.iter().filter(|done| done.client == ticket.client);
        if self.0.done.contains(&ticket) {
            out.because(RegisterRule::RepeatedRequest);
            return;
        }
        if of_client().any(|done| done.number > ticket.number) {
            out.because(RegisterRule::Overtaken).reply(ticket, Reply::Overtaken);
            return;
        }
        self.0.done.insert(ticket);
        let stamp = Stamp { tick: Tick::logical(self.0.count + 10), node: cx.me };
        let took = self.take(&key, &Version { value, stamp, seen: Seen::default() });
        let mut because = out.because(RegisterRule::WriteHere);
        because.persist(self.0.clone());
        if let Some(took) = took {
            because.emit(took);
        }
        because.emit(Fact::Wrote { ticket, key, stamp, saw: Vec::new() }).reply(ticket, Reply::Written);
    }
}

impl Machine for Postman {
    type Config = Config;
    type Rulebook = ();
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = RegisterRule;
    type Record = Everything;
    type Disk = Everything;
    type Clock = LocalTime;
    type View = View;

    fn boot(_: &Context<Self>, disk: &Everything, out: &mut Outbox<Self>) -> Self {
        out.because(RegisterRule::AntiEntropy).arm(Timer::AntiEntropy, Duration::from_millis(50));
        Postman(disk.clone())
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command: Command::Read { key, .. } } => {
                let held: Vec<&Version> = self.0.copies.get(&key).into_iter().collect();
                let stamps = held.iter().map(|version| version.stamp).collect();
                let values = held.iter().map(|version| version.value.clone()).collect();
                out.because(RegisterRule::ReadHere)
                    .emit(Fact::Returned { ticket, key, stamps })
                    .reply(ticket, Reply::Values { values });
            }
            Input::Request { ticket, command: Command::Write { key, value, .. } } => {
                self.write(cx, ticket, key, value, out);
            }
            Input::Deliver { message: Message::Gossip { copies }, .. } => self.take_all(&copies, out),
            Input::Deliver { from, message: Message::Compare { copies, .. } } => {
                self.take_all(&copies, out);
                out.because(RegisterRule::SendBetter).send(from, Message::Gossip { copies: self.all() });
            }
            Input::Fire(Timer::AntiEntropy) => {
                let mut because = out.because(RegisterRule::AntiEntropy);
                because.arm(Timer::AntiEntropy, Duration::from_millis(200));
                for other in cx.config.replicas.iter().filter(|node| **node != cx.me) {
                    because.send(*other, Message::Compare { copies: self.all(), whole: true });
                }
            }
            Input::Deliver { .. } | Input::Fire(_) => {
                out.because(RegisterRule::NotMyRole);
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        View { clock: Tick::logical(self.0.count), ..View::default() }
    }
}

hand_in!("build-ap-register", BuiltApRegister::<Postman>::new());
