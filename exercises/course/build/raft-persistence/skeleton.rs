//! Raft persistence. Read `quorate learn show build-raft-persistence` first. Begin with the machine
//! of `build-raft-log`.

use quorate_exercises::build::{Disk, *};
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;
use serde::{Deserialize, Serialize};

/// A node. Everything in here is lost in a crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct MyRaft {
    stable: Stable,
}

/// The state that survives a crash. It is passed to the next boot as `disk`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Stable {
    term: Term,
}

/// A durable write. Define the ones that you need.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
enum Record {
    Term { term: Term },
}

impl Disk for Stable {
    type Record = Record;

    /// Applies a write. You can use the same function to mirror your disk in memory.
    fn apply(&mut self, record: &Record) {
        match record {
            Record::Term { term } => self.term = *term,
        }
    }
}

impl Machine for MyRaft {
    type Config = Config;
    type Rulebook = ();
    type Message = Message<KeyValue>;
    type Timer = Timer;
    type Command = Command<KeyValue>;
    type Reply = Reply<KeyValue>;
    type Fact = Fact<KeyValue>;
    type Rule = RaftRule;
    type Record = Record;
    type Disk = Stable;
    type Clock = ();
    type View = View;

    /// Starts a node: the first time with an empty disk, after a crash with the state that it
    /// persisted.
    ///
    /// `cx` contains the node's id and the cluster's configuration: `cx.me`, `cx.config`. It is
    /// passed to every step, so it need not be stored.
    fn boot(cx: &Context<Self>, disk: &Stable, out: &mut Outbox<Self>) -> Self {
        let node = MyRaft { stable: disk.clone() };
        unfinished!(node, cx, out)
    }

    /// Handles one input. Each step cites a rule:
    /// `out.because(RaftRule::GrantVote).persist(..).send(..).arm(..)`.
    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command } => unfinished!(cx, ticket, command, out),
            Input::Deliver { from, message } => unfinished!(cx, from, message, out),
            Input::Fire(timer) => unfinished!(cx, timer, out),
        }
    }

    fn view(&self, cx: &Context<Self>) -> View {
        View { node: cx.me, term: self.stable.term }
    }

    /// Tells clients how to treat your replies: they follow a redirect.
    fn disposition(reply: &Reply<KeyValue>) -> Disposition {
        reply.disposition()
    }
}

/// The node's state, as the state panel of a trace shows it. Show more: it will help you.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct View {
    node: NodeId,
    term: Term,
}

hand_in!("build-raft-persistence", BuiltRaft::<MyRaft>::new());
