//! Raft's elections. Read `quorate learn show build-raft-election` first.

use quorate_exercises::build::*;
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;
use serde::Serialize;

/// A node. Nothing in here is ever lost: no node crashes in this exercise.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct MyRaft {
    me: NodeId,
    config: Config,
    term: Term,
}

impl Machine for MyRaft {
    type Config = Config;
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
    fn boot(me: NodeId, config: &Config, (): &(), (): (), out: &mut Outbox<Self>) -> Self {
        let node = MyRaft { me, config: config.clone(), term: Term(0) };
        unfinished!(node, out)
    }

    /// Handles one input. Each step cites a rule: `out.because(RaftRule::GrantVote).send(..).arm(..)`.
    fn step(&mut self, (): (), input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command } => unfinished!(ticket, command, out),
            Input::Deliver { from, message } => unfinished!(from, message, out),
            Input::Fire(timer) => unfinished!(timer, out),
        }
    }

    fn view(&self) -> View {
        View { node: self.me, term: self.term }
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

hand_in!("build-raft-election", BuiltRaft::<MyRaft>::new());
