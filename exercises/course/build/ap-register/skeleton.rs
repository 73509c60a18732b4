//! A register that always answers: a complete replica. Read `quorate learn show build-ap-register`
//! first.

use quorate_exercises::build::*;
use quorate_exercises::prelude::*;
use quorate_exercises::register::*;

/// A replica.
///
/// Everything in here is lost in a crash. Persist the state that must survive: it is passed to the
/// next boot as `disk`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct MyRegister {
    stable: Stable,
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

    /// Starts a replica: the first time with an empty disk, after a crash with the state that it
    /// persisted.
    ///
    /// `cx` contains the node's id and the cluster's configuration: `cx.me`, `cx.config`. It is
    /// passed to every step, so it need not be stored.
    fn boot(cx: &Context<Self>, disk: &Stable, out: &mut Outbox<Self>) -> Self {
        let node = MyRegister { stable: disk.clone() };
        unfinished!(node, cx, out)
    }

    /// Handles one input. Each step cites a rule of `RegisterRule`:
    /// `out.because(RegisterRule::WriteHere).persist(..).emit(..).reply(..)`.
    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command } => unfinished!(cx, ticket, command, out),
            Input::Deliver { from, message } => unfinished!(cx, from, message, out),
            Input::Fire(timer) => unfinished!(cx, timer, out),
        }
    }

    /// The node's state, as the state panel of a trace shows it. Show more if it helps you.
    fn view(&self, _: &Context<Self>) -> View {
        View { clock: self.stable.clock, ..View::default() }
    }
}

hand_in!("build-ap-register", BuiltApRegister::<MyRegister>::new());
