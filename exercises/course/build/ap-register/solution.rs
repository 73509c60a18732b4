//! A register that always answers: a complete replica.

use std::collections::BTreeMap;

use quorate_exercises::build::*;
use quorate_exercises::prelude::*;
use quorate_exercises::register::*;

/// A replica. The durable part is in `stable`, as on disk; the rest is lost in a crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct MyRegister {
    stable: Stable,
    /// Number of comparisons so far.
    rounds: usize,
}

type Out = Outbox<MyRegister>;
type Cx<'a> = Context<'a, MyRegister>;
type Copies = BTreeMap<Key, Vec<Version>>;

/// The other replicas.
fn others(cx: &Cx) -> Vec<NodeId> {
    cx.config.replicas.iter().copied().filter(|node| *node != cx.me).collect()
}

impl MyRegister {
    fn held(&self, key: &Key) -> Option<&Version> {
        self.stable.copies.get(key)?.last()
    }

    fn write(&mut self, cx: &Cx, ticket: RequestId, key: Key, value: Value, out: &mut Out) {
        match self.stable.begun.get(&ticket.client) {
            Some(last) if *last == ticket.number => {
                out.because(RegisterRule::RepeatedRequest);
                return;
            }
            Some(last) if *last > ticket.number => {
                out.because(RegisterRule::Overtaken).reply(ticket, Reply::Overtaken);
                return;
            }
            _ => {}
        }
        let stamp = Stamp { tick: self.stable.clock.next(), node: cx.me };
        let version = Version { value, stamp, seen: Seen::default() };
        let begun = Record::Begun { ticket };
        self.stable.apply(&begun);
        out.because(RegisterRule::WriteHere).persist(begun);
        self.take(key.clone(), version.clone(), out);
        out.because(RegisterRule::WriteHere)
            .emit(Fact::Wrote { ticket, key: key.clone(), stamp, saw: Vec::new() })
            .reply(ticket, Reply::Written);
        let copies = Copies::from([(key, vec![version])]);
        for other in others(cx) {
            out.because(RegisterRule::PushWrite).send(other, Message::Gossip { copies: copies.clone() });
        }
    }

    fn read(&self, ticket: RequestId, key: Key, out: &mut Out) {
        let held = self.held(&key);
        let (stamps, values) = (held.map(|held| held.stamp), held.map(|held| held.value.clone()));
        out.because(RegisterRule::ReadHere)
            .emit(Fact::Returned { ticket, key, stamps: stamps.into_iter().collect() })
            .reply(ticket, Reply::Values { values: values.into_iter().collect() });
    }

    /// Takes a version if it is newer, and moves the clock up to it.
    fn take(&mut self, key: Key, version: Version, out: &mut Out) {
        self.stable.clock = self.stable.clock.max(version.stamp.tick);
        let Version { value, stamp, .. } = version.clone();
        match self.held(&key).map(|held| held.stamp) {
            Some(held) if held == stamp => {
                out.because(RegisterRule::KnownAlready);
            }
            Some(held) if held > stamp => {
                out.because(RegisterRule::KnownAlready).emit(Fact::Dropped { key, value, stamp });
            }
            _ => {
                let (clock, versions) = (self.stable.clock, vec![version]);
                let stored = Record::Stored { key: key.clone(), versions, clock };
                self.stable.apply(&stored);
                out.because(RegisterRule::LastWriterWins).persist(stored).emit(Fact::Took { key, value, stamp });
            }
        }
    }

    fn take_all(&mut self, copies: Copies, out: &mut Out) {
        if copies.is_empty() {
            out.because(RegisterRule::KnownAlready);
        }
        for (key, versions) in copies {
            for version in versions {
                self.take(key.clone(), version, out);
            }
        }
    }

    /// Takes what is newer, and sends back what is newer here.
    fn compare(&mut self, from: NodeId, copies: Copies, whole: bool, out: &mut Out) {
        self.take_all(copies.clone(), out);
        let mut better = self.stable.copies.clone();
        better.retain(|key, mine| match copies.get(key) {
            Some(theirs) => theirs != mine,
            None => whole,
        });
        if !better.is_empty() {
            out.because(RegisterRule::SendBetter).send(from, Message::Gossip { copies: better });
        }
    }

    fn compare_later(cx: &Cx, out: &mut Out) {
        if let Some(available) = cx.config.available() {
            out.because(RegisterRule::AntiEntropy).arm(Timer::AntiEntropy, available.anti_entropy);
        }
    }
}

impl Machine for MyRegister {
    type Config = Config;
    type Rulebook = ();
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = RegisterRule;
    type Record = Record;
    type Disk = Stable;
    type Clock = LocalTime;
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Stable, out: &mut Outbox<Self>) -> Self {
        Self::compare_later(cx, out);
        MyRegister { stable: disk.clone(), rounds: 0 }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command: Command::Write { key, value, .. } } => {
                self.write(cx, ticket, key, value, out);
            }
            Input::Request { ticket, command: Command::Read { key, .. } } => self.read(ticket, key, out),
            Input::Deliver { message: Message::Gossip { copies }, .. } => self.take_all(copies, out),
            Input::Deliver { from, message: Message::Compare { copies, whole } } => {
                self.compare(from, copies, whole, out);
            }
            Input::Fire(Timer::AntiEntropy) => {
                Self::compare_later(cx, out);
                let others = others(cx);
                if let Some(peer) = others.get(self.rounds % others.len().max(1)) {
                    let copies = self.stable.copies.clone();
                    out.because(RegisterRule::AntiEntropy).send(*peer, Message::Compare { copies, whole: true });
                }
                self.rounds = self.rounds.wrapping_add(1);
            }
            Input::Deliver { .. } | Input::Fire(_) => {
                out.because(RegisterRule::NotMyRole);
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        let shown = |version: &Version| Copy { value: version.value.clone(), stamp: version.stamp };
        let copies = self.stable.copies.iter();
        View {
            copies: copies.map(|(key, held)| (key.clone(), held.iter().map(shown).collect())).collect(),
            clock: self.stable.clock,
            ..View::default()
        }
    }
}

hand_in!("build-ap-register", BuiltApRegister::<MyRegister>::new());
