//! Leases from one granter, whole. Read `quorate learn show build-lease` first.

use quorate_exercises::build::*;
use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// A node: the granter, a holder, or the resource, as the configuration says.
///
/// All in here is lost in a crash. What must survive it, persist: it comes back as the `disk` of the next boot.
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

    /// Starts a node: for the first time, with a blank disk, or after a crash, with what it persisted.
    ///
    /// `cx` says who the node is, how its cluster is set up and what its clocks show: `cx.me`, `cx.config`, `cx.now`. It comes with every
    /// step, and need not be kept.
    fn boot(cx: &Context<Self>, disk: &Stable, out: &mut Outbox<Self>) -> Self {
        let node = MyLease { stable: disk.clone() };
        unfinished!(node, cx, out)
    }

    /// Handles one input. Each step cites a rule: `out.because(RenewalRule::Ask).send(..).arm(..)`.
    /// The granter's and the resource's are in `SingleRule`, a holder's in `RenewalRule` and
    /// `HolderRule`.
    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command } => unfinished!(cx, ticket, command, out),
            Input::Deliver { from, message } => unfinished!(cx, from, message, out),
            Input::Fire(timer) => unfinished!(cx, timer, out),
        }
    }

    /// What the state panel of a trace shows. Show more, it will help you.
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
