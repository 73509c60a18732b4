//! Raft with a disk. Read `quorate learn show build-raft-persistence` first. Begin with the machine of
//! `build-raft-log`.

use quorate_exercises::build::{Disk, *};
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;
use serde::{Deserialize, Serialize};

/// A node. All in here is lost in a crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct MyRaft {
    stable: Stable,
}

/// What survives a crash. What you persist comes back as the `disk` of the next boot.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Stable {
    term: Term,
}

/// A write. Which there are is up to you.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
enum Record {
    Term { term: Term },
}

impl Disk for Stable {
    type Record = Record;

    /// Takes a write in. It is the same function that mirrors your disk in memory, if you like.
    fn write(&mut self, record: &Record) {
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

    /// Starts a node: for the first time, with a blank disk, or after a crash, with what it persisted.
    ///
    /// `cx` says who the node is and how its cluster is set up: `cx.me`, `cx.config`. It comes with every step, and need not be kept.
    fn boot(cx: &Context<Self>, disk: &Stable, out: &mut Outbox<Self>) -> Self {
        let node = MyRaft { stable: disk.clone() };
        unfinished!(node, cx, out)
    }

    /// Handles one input. Each step cites a rule: `out.because(RaftRule::GrantVote).persist(..).send(..).arm(..)`.
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

    /// How clients take your answers: a redirect sends them on.
    fn answer(reply: &Reply<KeyValue>) -> Answer {
        reply.advice()
    }
}

/// What the state panel of a trace shows. Show more: it will help you.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct View {
    node: NodeId,
    term: Term,
}

hand_in!("build-raft-persistence", BuiltRaft::<MyRaft>::new());
