//! Leases from a single granter: a complete implementation. Read `quorate learn show build-lease`
//! first.

use quorate_exercises::build::*;
use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// A node: the granter, a holder, or the resource, depending on the configuration.
///
/// Everything in here is lost in a crash. Persist the state that must survive: it is passed to the
/// next boot as `disk`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct MyLease {
    stable: Stable,
}

impl Machine for MyLease {
    type Config = Config;
    type Rulebook = ();
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = SingleRule;
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
        let node = MyLease { stable: disk.clone() };
        unfinished!(node, cx, out)
    }

    /// Handles one input. Each step cites a rule: `out.because(RenewalRule::Ask).send(..).arm(..)`.
    /// The rules of the granter and the resource are in `SingleRule`, those of a holder in
    /// `RenewalRule` and `HolderRule`.
    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command } => unfinished!(cx, ticket, command, out),
            Input::Deliver { from, message } => unfinished!(cx, from, message, out),
            Input::Fire(timer) => unfinished!(cx, timer, out),
        }
    }

    /// The node's state, as the state panel of a trace shows it. Show more if it helps you.
    fn view(&self, cx: &Context<Self>) -> View {
        if cx.config.resource == Some(cx.me) {
            let written = self.stable.written.clone();
            return View::Resource {
                highest: written.as_ref().map(|(token, _)| *token),
                value: written.map(|it| it.1),
            };
        }
        View::Bystander
    }
}

hand_in!("build-lease", BuiltLease::<MyLease>::new());
