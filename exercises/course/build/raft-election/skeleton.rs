//! Raft leader election. Read `quorate learn show build-raft-election` first.

use quorate_exercises::build::*;
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;
use serde::Serialize;

/// A node. Nothing in here is ever lost: nodes do not crash in this exercise.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct MyRaft {
    term: Term,
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
    type Record = Never;
    type Disk = ();
    type Clock = ();
    type View = View;

    /// Starts a node. Nodes do not crash in this exercise, so this happens once.
    ///
    /// `cx` contains the node's id and the cluster's configuration: `cx.me`, `cx.config`. It is
    /// passed to every step, so it need not be stored.
    fn boot(cx: &Context<Self>, (): &(), out: &mut Outbox<Self>) -> Self {
        let node = MyRaft { term: Term(0) };
        unfinished!(node, cx, out)
    }

    /// Handles one input. Each step cites a rule:
    /// `out.because(RaftRule::GrantVote).send(..).arm(..)`.
    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command } => unfinished!(cx, ticket, command, out),
            Input::Deliver { from, message } => unfinished!(cx, from, message, out),
            Input::Fire(timer) => unfinished!(cx, timer, out),
        }
    }

    fn view(&self, cx: &Context<Self>) -> View {
        View { node: cx.me, term: self.term }
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

hand_in!("build-raft-election", BuiltRaft::<MyRaft>::new());
