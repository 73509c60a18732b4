//! The node of a replicated register: dispatches each input to its role.

use quorate_protocol::{Context, Input, LocalTime, Machine, NodeId, Outbox};

use super::app::App;
use super::config::Config;
use super::disk::{Disk, Record};
use super::message::{Command, Fact, Message, Reply, Timer};
use super::replica::{Asked, Cx, Origin, Out, Replica, What};
use super::rulebook::Rulebook;
use super::rules::RegisterRule;
use super::version::Version;
use super::view::{self, View};
use crate::Key;

/// A node of a replicated register: a replica or an application.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Register {
    pub(crate) replica: Option<Replica>,
    pub(crate) app: Option<App>,
}

impl Register {
    /// The versions of a key at this replica, by stamp; none at an application.
    pub fn versions(&self, key: &Key) -> &[Version] {
        self.replica.as_ref().map_or(&[], |replica| replica.held(key))
    }

    /// All keys of which this replica holds a version.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.replica.iter().flat_map(|replica| replica.copies.keys())
    }

    /// Whether this node is a replica.
    pub fn is_replica(&self) -> bool {
        self.replica.is_some()
    }

    /// Number of requests that wait here for an answer.
    pub fn pending(&self) -> usize {
        let replica = self.replica.as_ref().map_or(0, |role| role.operations.len() + role.waiting.len());
        replica + self.app.as_ref().map_or(0, |app| app.open.len())
    }

    /// Handles a request at a replica.
    fn asked(replica: &mut Replica, cx: &Cx<'_>, asked: Asked, out: &mut Out) {
        match cx.config.available() {
            None => replica.ask_majority(cx, asked, out),
            Some(available) => replica.answer_here(cx, available, asked, out),
        }
    }

    fn deliver(&mut self, cx: &Cx<'_>, from: NodeId, message: Message, out: &mut Out) {
        let available = cx.config.available();
        match (message, &mut self.replica, &mut self.app, available) {
            (Message::Read { ticket, key, token }, Some(replica), ..) => {
                let asked = Asked { ticket, origin: Origin::App(from), key, what: What::Read { token } };
                Self::asked(replica, cx, asked, out);
            }
            (Message::Write { ticket, key, value, saw, seen }, Some(replica), ..) => {
                let what = What::Write { value, saw, seen };
                Self::asked(replica, cx, Asked { ticket, origin: Origin::App(from), key, what }, out);
            }
            (Message::Got { ticket, versions }, _, Some(app), _) => app.got(cx, ticket, versions, out),
            (Message::Put { ticket, stamp, seen }, _, Some(app), _) => app.put(cx, ticket, stamp, seen, out),
            (Message::Sorry { ticket, reply }, _, Some(app), _) => app.sorry(ticket, reply, out),
            (Message::Query { ticket, key }, Some(replica), _, None) => replica.query(from, ticket, &key, out),
            (Message::Held { ticket, mut versions }, Some(replica), _, None) => {
                replica.reported(cx, from, ticket, versions.pop(), out);
            }
            (Message::Store { ticket, key, version }, Some(replica), _, None) => {
                replica.store(cx, from, ticket, &key, version, out);
            }
            (Message::Ack { ticket, stamp }, Some(replica), _, None) => {
                replica.acknowledged(cx, from, ticket, stamp, out);
            }
            (Message::Compare { copies, whole }, Some(replica), _, Some(available)) => {
                replica.compare(cx, available, from, &copies, whole, out);
            }
            (Message::Gossip { copies }, Some(replica), _, Some(available)) => {
                replica.gossip(cx, available, &copies, out);
            }
            (message, ..) => {
                out.because(RegisterRule::NotMyRole).why(format_args!("{message:?} is for another role or mode"));
            }
        }
    }

    fn fire(&mut self, cx: &Cx<'_>, timer: Timer, out: &mut Out) {
        match (timer, &mut self.replica, &mut self.app, cx.config.available()) {
            (Timer::Late { ticket }, _, Some(app), _) => app.no_answer(ticket, out),
            (Timer::Late { ticket }, Some(replica), _, None) => replica.no_majority(ticket, out),
            (Timer::Late { ticket }, Some(replica), _, Some(_)) => replica.behind(ticket, out),
            (Timer::AntiEntropy, Some(replica), _, Some(available)) => replica.anti_entropy(cx, available, out),
            (timer, ..) => {
                out.because(RegisterRule::NotMyRole).why(format_args!("{timer:?} is for another role or mode"));
            }
        }
    }
}

quorate_protocol::reference!(impl for Register);

impl Machine for Register {
    const FAMILY: &'static str = "replication";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = RegisterRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = LocalTime;
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        let Context { me, config, .. } = *cx;
        Register {
            replica: config.replicas.contains(&me).then(|| Replica::boot(cx, disk, out)),
            app: config.apps.contains(&me).then(App::default),
        }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match (input, &mut self.replica, &mut self.app) {
            (Input::Deliver { from, message }, ..) => self.deliver(cx, from, message, out),
            (Input::Fire(timer), ..) => self.fire(cx, timer, out),
            (Input::Request { ticket, command }, _, Some(app)) => app.ask(cx, ticket, command, out),
            (Input::Request { ticket, command }, Some(replica), _) => {
                let (Command::Read { at, .. } | Command::Write { at, .. }) = &command;
                if at.is_some_and(|at| at != cx.me) {
                    out.because(RegisterRule::NotMyRole)
                        .why(format_args!("a replica passes nothing on"))
                        .reply(ticket, Reply::Invalid);
                    return;
                }
                Self::asked(replica, cx, Asked::by_client(ticket, command), out);
            }
            (Input::Request { ticket, .. }, None, None) => {
                out.because(RegisterRule::NotMyRole).reply(ticket, Reply::Invalid);
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        view::view(self)
    }
}
