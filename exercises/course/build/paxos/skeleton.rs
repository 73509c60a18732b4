//! Basic Paxos, whole. Read `quorate learn show build-paxos` first.

use quorate_exercises::build::*;
use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// A node: proposer, acceptor and learner, each if the configuration says so.
///
/// All in here is lost in a crash. What must survive it, persist: it comes back as the `disk` of the next boot.
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

    /// Starts a node: for the first time, with a blank disk, or after a crash, with what it persisted.
    ///
    /// `cx` says who the node is and how its cluster is set up: `cx.me`, `cx.config`. It comes with every step, and need not be kept.
    fn boot(cx: &Context<Self>, disk: &Stable, out: &mut Outbox<Self>) -> Self {
        let node = MyPaxos { stable: disk.clone() };
        unfinished!(node, cx, out)
    }

    /// Handles one input. Each step cites a rule: `out.because(PaxosRule::Prepare).persist(..).send(..).arm(..)`.
    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command: Command::Propose { value, .. } } => unfinished!(cx, ticket, value, out),
            Input::Deliver { from, message } => unfinished!(cx, from, message, out),
            Input::Fire(timer) => unfinished!(cx, timer, out),
        }
    }

    /// What the state panel of a trace shows. This is enough; show more if it helps you.
    fn view(&self, cx: &Context<Self>) -> View {
        let acceptor = AcceptorView { promised: self.stable.promised, accepted: self.stable.accepted.clone() };
        let acceptor = cx.config.is_acceptor(cx.me).then_some(acceptor);
        View { proposer: None, acceptor, learner: None }
    }
}

hand_in!("build-paxos", BuiltPaxos::<MyPaxos>::new());
