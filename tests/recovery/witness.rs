//! Wrapper of a machine that exposes the disk it booted from, and otherwise behaves like the inner
//! machine.

use quorate::lab::sim::{ClientRequest, Experiment, Setup};
use quorate::protocol::{Constants, Context, Disposition, Effect, Input, Invariant, Machine, Outbox};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Witness<M: Machine> {
    machine: M,
    disk: String,
}

impl<M: Machine> Machine for Witness<M> {
    type Config = M::Config;
    type Rulebook = M::Rulebook;
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

    fn boot(cx: &Context<Self>, disk: &M::Disk, out: &mut Outbox<Self>) -> Self {
        let mut said = Outbox::explaining();
        let machine = M::boot(&cx.narrow(cx.config, cx.rules, cx.now), disk, &mut said);
        pass_on(&said, out);
        Witness { machine, disk: format!("{disk:?}") }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        let mut said = Outbox::explaining();
        let input = match input {
            Input::Deliver { from, message } => Input::Deliver { from, message },
            Input::Fire(timer) => Input::Fire(timer),
            Input::Request { ticket, command } => Input::Request { ticket, command },
        };
        self.machine.step(&cx.narrow(cx.config, cx.rules, cx.now), input, &mut said);
        pass_on(&said, out);
    }

    fn view(&self, _: &Context<Self>) -> String {
        self.disk.clone()
    }

    fn disposition(reply: &M::Reply) -> Disposition {
        M::disposition(reply)
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
                Effect::Emit(fact) => because.emit(fact),
                Effect::Reply { ticket, reply } => because.reply(ticket, reply),
            };
        }
    }
}

/// Constants for wrapped machines.
pub fn witnessing<M: Machine>(constants: &Constants<M>) -> Constants<Witness<M>> {
    Constants::under(constants.config().clone(), *constants.rules())
}

/// The same experiment with wrapped machines, traced, and with a short recovery window.
pub fn witnessed<M: Machine, I: Invariant<M>>(experiment: Experiment<M, I>) -> Experiment<Witness<M>, ()> {
    let Experiment { setup, requests, faults, fault_window, .. } = experiment;
    let Setup { protocol, title, names, constants, disks, seed, conditions, wall_clock, retry_policy, manual, .. } =
        setup;
    let constants = witnessing(&constants);
    let traced = true;
    let request = |ClientRequest { at, client, of, command }| ClientRequest { at, client, of, command };
    Experiment {
        setup: Setup {
            protocol,
            title,
            names,
            constants,
            disks,
            seed,
            conditions,
            wall_clock,
            retry_policy,
            traced,
            manual,
        },
        invariants: (),
        requests: requests.into_iter().map(request).collect(),
        faults,
        message_faults: None,
        fault_window,
        recovery_window: quorate::protocol::Duration::from_millis(300),
    }
}
