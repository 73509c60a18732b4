//! Leases from one granter, whole. Read `quorate learn show build-lease` first.

use quorate_exercises::build::*;
use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// A node: the granter, a holder, or the resource, as the configuration says.
///
/// All in here is lost in a crash. What must survive it, persist: it comes back as the `disk` of the next boot.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct MyLease {
    me: NodeId,
    config: Config,
    stable: Stable,
}

impl Machine for MyLease {
    type Config = Config;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = LeaseRule;
    type Record = Record;
    type Disk = Stable;
    type Clock = LocalTime;
    type View = View;

    /// Starts a node: for the first time, with a blank disk, or after a crash, with what it persisted.
    fn boot(me: NodeId, config: &Config, disk: &Stable, now: LocalTime, out: &mut Outbox<Self>) -> Self {
        let node = MyLease { me, config: config.clone(), stable: disk.clone() };
        unfinished!(node, now, out)
    }

    /// Handles one input. Each step cites a rule: `out.because(LeaseRule::Ask).send(..).arm(..)`.
    fn step(&mut self, now: LocalTime, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command } => unfinished!(now, ticket, command, out),
            Input::Deliver { from, message } => unfinished!(now, from, message, out),
            Input::Fire(timer) => unfinished!(now, timer, out),
        }
    }

    /// What the state panel of a trace shows. Show more, it will help you.
    fn view(&self) -> View {
        if self.config.resource == Some(self.me) {
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
