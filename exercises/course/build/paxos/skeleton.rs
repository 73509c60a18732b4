//! Basic Paxos: a complete implementation. Read `quorate learn show build-paxos` first.

use quorate_exercises::build::*;
use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// A node: proposer, acceptor and learner, each if configured.
///
/// Everything in here is lost in a crash. Persist the state that must survive: it is passed to the
/// next boot as `disk`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct MyPaxos {
    stable: Stable,
}

impl Machine for MyPaxos {
    type Config = Config;
    type Rulebook = ();
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = PaxosRule;
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
        let node = MyPaxos { stable: disk.clone() };
        unfinished!(node, cx, out)
    }

    /// Handles one input. Each step cites a rule:
    /// `out.because(PaxosRule::Prepare).persist(..).send(..).arm(..)`.
    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command: Command::Propose { value, .. } } => unfinished!(cx, ticket, value, out),
            Input::Deliver { from, message } => unfinished!(cx, from, message, out),
            Input::Fire(timer) => unfinished!(cx, timer, out),
        }
    }

    /// The node's state, as the state panel of a trace shows it. This is enough; show more if it
    /// helps you.
    fn view(&self, cx: &Context<Self>) -> View {
        let acceptor = AcceptorView { promised: self.stable.promised, accepted: self.stable.accepted.clone() };
        let acceptor = cx.config.is_acceptor(cx.me).then_some(acceptor);
        View { proposer: None, acceptor, learner: None }
    }
}

hand_in!("build-paxos", BuiltPaxos::<MyPaxos>::new());
