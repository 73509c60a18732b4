//! A machine that shows the disk it booted from, and otherwise does what the machine in it does.

use quorate::lab::sim::{Asking, Experiment, Setup};
use quorate::protocol::{Answer, Effect, Input, Invariant, Machine, NodeId, Outbox};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Witness<M: Machine> {
    machine: M,
    disk: String,
}

impl<M: Machine> Machine for Witness<M> {
    type Config = M::Config;
    type Message = M::Message;
    type Timer = M::Timer;
    type Command = M::Command;
    type Reply = M::Reply;
    type Fact = M::Fact;
    type Rule = M::Rule;
    type Record = M::Record;
    type Disk = M::Disk;
    type Clock = M::Clock;
    type View = String;

    fn boot(node: NodeId, config: &M::Config, disk: &M::Disk, now: M::Clock, out: &mut Outbox<Self>) -> Self {
        let mut said = Outbox::explaining();
        let machine = M::boot(node, config, disk, now, &mut said);
        pass_on(&said, out);
        Witness { machine, disk: format!("{disk:?}") }
    }

    fn step(&mut self, now: M::Clock, input: Input<Self>, out: &mut Outbox<Self>) {
        let mut said = Outbox::explaining();
        let input = match input {
            Input::Deliver { from, message } => Input::Deliver { from, message },
            Input::Fire(timer) => Input::Fire(timer),
            Input::Request { ticket, command } => Input::Request { ticket, command },
        };
        self.machine.step(now, input, &mut said);
        pass_on(&said, out);
    }

    fn view(&self) -> String {
        self.disk.clone()
    }

    fn answer(reply: &M::Reply) -> Answer {
        M::answer(reply)
    }
}

fn pass_on<M: Machine>(said: &Outbox<M>, out: &mut Outbox<Witness<M>>) {
    for reason in said.reasons() {
        let mut because = out.because(reason.rule);
        because.why(format_args!("{}", reason.why));
        for effect in reason.effects.iter().cloned() {
            match effect {
                Effect::Send { to, message } => because.send(to, message),
                Effect::Persist(record) => because.persist(record),
                Effect::Arm { timer, after } => because.arm(timer, after),
                Effect::Disarm(timer) => because.disarm(timer),
                Effect::Learn(fact) => because.learn(fact),
                Effect::Reply { ticket, reply } => because.reply(ticket, reply),
            };
        }
    }
}

/// The same run of machines that show their disks, traced, and soon over.
pub fn witnessed<M: Machine, I: Invariant<M>>(experiment: Experiment<M, I>) -> Experiment<Witness<M>, ()> {
    let Experiment { setup, askings, faults, storm, .. } = experiment;
    let Setup { protocol, title, names, config, disks, seed, conditions, patience, by_hand, .. } = setup;
    let asking = |Asking { at, client, of, command }| Asking { at, client, of, command };
    Experiment {
        setup: Setup { protocol, title, names, config, disks, seed, conditions, patience, traced: true, by_hand },
        invariants: (),
        askings: askings.into_iter().map(asking).collect(),
        faults,
        mishaps: None,
        storm,
        calm: quorate::protocol::Duration::from_millis(300),
    }
}
