//! Raft with a log. Read `quorate learn show build-raft-log` first. Begin with the machine of
//! `build-raft-election`.

use quorate_exercises::build::*;
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;
use serde::Serialize;

/// A node. Nothing in here is ever lost: no node crashes in this exercise.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct MyRaft {
    term: Term,
    log: Vec<Entry<KeyValue>>,
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

    /// Starts a node. Nothing crashes here, so it happens once.
    ///
    /// `cx` says who the node is and how its cluster is set up: `cx.me`, `cx.config`. It comes with every step, and need not be kept.
    fn boot(cx: &Context<Self>, (): &(), out: &mut Outbox<Self>) -> Self {
        let node = MyRaft { term: Term(0), log: Vec::new() };
        unfinished!(node, cx, out)
    }

    /// Handles one input. Each step cites a rule: `out.because(RaftRule::GrantVote).send(..).arm(..)`.
    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command } => unfinished!(cx, ticket, command, out),
            Input::Deliver { from, message } => unfinished!(cx, from, message, out),
            Input::Fire(timer) => unfinished!(cx, timer, out),
        }
    }

    fn view(&self, cx: &Context<Self>) -> View {
        View { node: cx.me, term: self.term, entries: self.log.len() }
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
    entries: usize,
}

hand_in!("build-raft-log", BuiltRaft::<MyRaft>::new());
