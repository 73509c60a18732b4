//! Two-phase commit: a complete implementation. Read `quorate learn show build-two-phase` first.

use quorate_exercises::build::*;
use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

/// A node: the coordinator, or a participant, depending on the configuration.
///
/// Everything in here is lost in a crash. Persist the state that must survive: it is passed to the
/// next boot as `disk`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct MyTwoPhase {
    stable: Stable,
}

impl Machine for MyTwoPhase {
    type Config = Config;
    type Rulebook = ();
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = TwoPhaseRule;
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
        let node = MyTwoPhase { stable: disk.clone() };
        unfinished!(node, cx, out)
    }

    /// Handles one input. Each step cites a rule of `TwoPhaseRule`:
    /// `out.because(TwoPhaseRule::VoteYes).persist(..).emit(..).send(..).arm(..)`.
    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command } => unfinished!(cx, ticket, command, out),
            Input::Deliver { from, message } => unfinished!(cx, from, message, out),
            Input::Fire(timer) => unfinished!(cx, timer, out),
        }
    }

    /// The node's state, as the state panel of a trace shows it. Show more if it helps you.
    fn view(&self, _: &Context<Self>) -> View {
        View { in_doubt: self.stable.prepared.keys().copied().collect(), ..View::default() }
    }
}

hand_in!("build-two-phase", BuiltTwoPhase::<MyTwoPhase>::new());
