//! Redlock: a complete implementation. Read `quorate learn show build-redlock` first.

use quorate_exercises::build::*;
use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

/// A node: an instance, or a client of the lock, depending on the configuration.
///
/// Everything in here is lost in a crash. Persist the state that must survive: it is passed to the
/// next boot as `disk`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct MyRedlock {
    stable: Stable,
}

impl Machine for MyRedlock {
    type Config = Config;
    type Rulebook = ();
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = LockRule;
    type Record = Record;
    type Disk = Stable;
    type Clock = LocalTime;
    type View = View;

    /// Starts a node: the first time with an empty disk, after a crash with the state that it
    /// persisted.
    ///
    /// `cx` contains the node's id, the cluster's configuration and the readings of the node's
    /// clocks: `cx.me`, `cx.config`, `cx.now`. It is passed to every step, so it need not be
    /// stored.
    fn boot(cx: &Context<Self>, disk: &Stable, out: &mut Outbox<Self>) -> Self {
        let node = MyRedlock { stable: disk.clone() };
        unfinished!(node, cx, out)
    }

    /// Handles one input. Each step cites a rule of `LockRule`:
    /// `out.because(LockRule::AskInstances).persist(..).send(..).arm(..)`.
    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command } => unfinished!(cx, ticket, command, out),
            Input::Deliver { from, message } => unfinished!(cx, from, message, out),
            Input::Fire(timer) => unfinished!(cx, timer, out),
        }
    }

    /// The node's state, as the state panel of a trace shows it. Show more if it helps you.
    fn view(&self, cx: &Context<Self>) -> View {
        if !cx.config.servers.contains(&cx.me) {
            return View::Bystander;
        }
        let entry = self.stable.keys.get(&cx.config.key);
        View::Server {
            value: entry.map(|entry| entry.value),
            expires: entry.and_then(|entry| entry.expires),
            away_until: None,
        }
    }
}

hand_in!("build-redlock", BuiltRedlock::<MyRedlock>::new());
