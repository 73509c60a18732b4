//! The node of PBFT: dispatches each input to its role, once the seals hold.

use quorate_protocol::{Context, Disposition, Input, Machine, NodeId, Outbox};

use super::config::Config;
use super::disk::{Disk, Record};
use super::liar::{self, Memory};
use super::message::{Fact, Message, Timer};
use super::proxy::{self, Proxy, refuse_seal};
use super::replica::Replica;
use super::request::{Account, Command, Reply};
use super::rulebook::Rulebook;
use super::rules::PbftRule;
use super::view::View;
use crate::sealed::{Claims, Sealed};

/// A node of PBFT: a replica, or a proxy of clients.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Pbft {
    pub(crate) replica: Option<Replica>,
    pub(crate) proxy: Option<Proxy>,
    /// Memory of a liar; empty at an honest node.
    pub(crate) memory: Memory,
}

impl Pbft {
    /// The number that this replica has executed last; 0 at a proxy.
    pub fn executed(&self) -> u64 {
        self.replica.as_ref().map_or(0, |replica| replica.disk.executed)
    }

    /// The state of the service after that number; `None` at a proxy.
    pub fn state(&self) -> Option<&Account> {
        self.replica.as_ref().map(|replica| &replica.disk.state)
    }

    /// The view of this replica; 0 at a proxy.
    pub fn current_view(&self) -> u64 {
        self.replica.as_ref().map_or(0, |replica| replica.disk.view)
    }

    /// Whether this replica waits for its view to begin; never at a proxy.
    pub fn is_changing(&self) -> bool {
        self.replica.as_ref().is_some_and(|replica| replica.disk.changing)
    }

    /// The number of the last stable checkpoint of this replica; 0 at a proxy.
    pub fn stable(&self) -> u64 {
        self.replica.as_ref().map_or(0, |replica| replica.disk.stable)
    }

    /// The step of an honest node.
    pub(crate) fn honest(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match (input, &mut self.replica, &mut self.proxy) {
            (Input::Deliver { from, message }, ..) => self.deliver(cx, from, message, out),
            (Input::Request { ticket, command: Command::Add { amount } }, _, Some(role)) => {
                role.ask(cx, ticket, amount, out);
            }
            (Input::Request { ticket, .. }, ..) => proxy::redirect(cx, ticket, out),
            (Input::Fire(Timer::Retry { ticket }), _, Some(role)) => role.late(cx, ticket, out),
            (Input::Fire(Timer::Progress), Some(role), _) => role.suspect(cx, out),
            (Input::Fire(Timer::Status), Some(role), _) => role.tell_status(cx, out),
            (Input::Fire(timer), ..) => {
                out.because(PbftRule::NotMyRole).why(format_args!("{timer:?} is for the other role"));
            }
        }
    }

    fn deliver(&mut self, cx: &Context<Self>, from: NodeId, message: Message, out: &mut Outbox<Self>) {
        match (&mut self.replica, &mut self.proxy) {
            (Some(role), _) => to_replica(role, cx, from, message, out),
            (_, Some(role)) => match message {
                Message::Report { report } if !refuse(cx, &report, out) => role.report(cx, report.body(), out),
                Message::Report { .. } => {}
                message => not_mine(&message, out),
            },
            (None, None) => not_mine(&message, out),
        }
    }
}

/// Whether a seal of a replica does not hold; cites the refusal.
fn refuse<T: Claims>(cx: &Context<Pbft>, sealed: &Sealed<T>, out: &mut Outbox<Pbft>) -> bool {
    let claimed = sealed.claimed();
    refuse_seal(cx, sealed.by(), claimed, cx.config.replicas.contains(&claimed), out)
}

fn not_mine(message: &Message, out: &mut Outbox<Pbft>) {
    out.because(PbftRule::NotMyRole).why(format_args!("{message:?} is for the other role"));
}

fn to_replica(role: &mut Replica, cx: &Context<Pbft>, from: NodeId, message: Message, out: &mut Outbox<Pbft>) {
    match message {
        Message::Request { request } => {
            let known = cx.config.proxies.contains(&request.claimed());
            if !refuse_seal(cx, request.by(), request.claimed(), known, out) {
                role.request(cx, from, request, out);
            }
        }
        Message::PrePrepare { proposal } => {
            if !refuse(cx, &proposal.pre_prepare, out) {
                role.pre_prepare(cx, proposal, out);
            }
        }
        Message::Prepare { vote } | Message::Commit { vote } => {
            if !refuse(cx, &vote, out) {
                role.count(cx, vote, out);
            }
        }
        Message::Checkpoint { checkpoint } => {
            if !refuse(cx, &checkpoint, out) {
                role.count_checkpoint(cx, checkpoint, out);
            }
        }
        Message::State { proof } => role.state(cx, from, proof, out),
        Message::ViewChange { view_change } => {
            if !refuse(cx, &view_change, out) {
                role.view_change(cx, view_change, out);
            }
        }
        Message::NewView { new_view } => {
            if !refuse(cx, &new_view, out) {
                role.new_view(cx, new_view, out);
            }
        }
        Message::Status { view, changing, committed, stable, asks } if cx.config.replicas.contains(&from) => {
            role.help(cx, from, (view, changing), (committed, stable), asks, out);
        }
        message @ (Message::Report { .. } | Message::Status { .. }) => not_mine(&message, out),
    }
}

quorate_protocol::reference!(impl for Pbft);

impl Machine for Pbft {
    const FAMILY: &'static str = "byzantine";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = PbftRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = ();
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        let Context { me, config, .. } = *cx;
        Pbft {
            replica: config.replicas.contains(&me).then(|| Replica::boot(cx, disk, out)),
            proxy: config.proxies.contains(&me).then(Proxy::default),
            memory: Memory::default(),
        }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match cx.config.lie() {
            None => self.honest(cx, input, out),
            Some(lie) => liar::step(self, cx, lie, input, out),
        }
    }

    fn disposition(reply: &Reply) -> Disposition {
        match reply {
            Reply::AskProxy { proxy } => Disposition::Redirect(*proxy),
            Reply::Total { .. } | Reply::Overtaken => Disposition::Final,
        }
    }

    fn view(&self, cx: &Context<Self>) -> View {
        View::of(self.replica.as_ref(), self.proxy.as_ref(), cx)
    }
}
