//! The way of each request: to a server, perhaps to another one, and back to the client.

use std::collections::BTreeSet;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{NodeId, RequestId};

use super::super::message::{Command, Fact, Key, Message, Reply};
use super::super::node::{Cx, Out};
use super::super::rules::BalancerRule;
use super::Front;
use super::peer::Health;

/// A request that no server has answered.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Pending {
    pub(super) server: NodeId,
    key: Key,
    repeatable: bool,
    /// Servers that were sent it.
    tried: BTreeSet<NodeId>,
    /// Whether one of them was given up, and may have done it.
    in_doubt: bool,
    /// Rounds of probes since it was sent.
    pub(super) age: u32,
}

impl Front {
    /// Moves the requests of a server that is dead, or reported down.
    pub(super) fn move_load(&mut self, cx: &Cx<'_>, server: NodeId, out: &mut Out) {
        let of_it = self.pending.iter().filter(|(_, each)| each.server == server);
        for ticket in of_it.map(|(ticket, _)| *ticket).collect::<Vec<_>>() {
            self.lost(cx, ticket, out);
        }
    }

    /// Gives up waiting for the server of a request.
    pub(super) fn lost(&mut self, cx: &Cx<'_>, ticket: RequestId, out: &mut Out) {
        let Some(mut each) = self.pending.remove(&ticket) else { return };
        each.in_doubt = true;
        match cx.rules.may_repeat(each.repeatable) {
            Allow(rule) => {
                out.because(rule).why(format_args!("{ticket} was sent to {}", each.server));
                self.route(cx, ticket, each, out);
            }
            Refuse(rule) => {
                out.because(rule).why(format_args!("{ticket} was sent to {}", each.server));
                self.answer(ticket, Reply::InDoubt, out);
            }
        }
    }

    /// Sends a request to the next server that it was not sent to, or tells the client that there
    /// is none.
    fn route(&mut self, cx: &Cx<'_>, ticket: RequestId, mut each: Pending, out: &mut Out) {
        let known = self.with(&[Health::Healthy, Health::TakenForDead]);
        let healthy = self.with(&[Health::Healthy]);
        let opens = cx.rules.fail_open(healthy.len(), self.peers.len(), cx.config.panic);
        let (rule, servers) =
            if opens { (BalancerRule::FailOpen, known.clone()) } else { (BalancerRule::Route, healthy) };
        let open: Vec<_> = servers.iter().copied().filter(|server| !each.tried.contains(server)).collect();
        let next = open.iter().find(|server| Some(**server) > self.last).or(open.first()).copied();
        let Some(server) = next else {
            if servers.is_empty() && each.tried.is_empty() {
                let candidates = known.len();
                out.because(BalancerRule::NoneLeft).emit(Fact::Nobody { ticket, candidates });
                out.because(BalancerRule::NoneLeft).reply(ticket, Reply::NoServer);
            } else if each.in_doubt {
                out.because(BalancerRule::InDoubt)
                    .why(format_args!("{ticket} was sent to {} servers", each.tried.len()));
                self.answer(ticket, Reply::InDoubt, out);
            } else {
                let life = self.life;
                out.because(BalancerRule::Overloaded)
                    .why(format_args!("{ticket} was sent to {} servers", each.tried.len()))
                    .emit(Fact::Declined { ticket, life });
                self.answer(ticket, Reply::Overloaded, out);
            }
            return;
        };
        self.last = Some(server);
        each.tried.insert(server);
        (each.server, each.age) = (server, 0);
        let (repeatable, life, key) = (each.repeatable, self.life, each.key.clone());
        out.because(rule)
            .why(format_args!("{ticket} to {server}"))
            .emit(Fact::Sent { ticket, server, repeatable, life })
            .send(server, Message::Work { ticket, key });
        self.pending.insert(ticket, each);
    }

    /// Answers a client. Its last answer is kept, for it may ask again.
    fn answer(&mut self, ticket: RequestId, reply: Reply, out: &mut Out) {
        let last = self.answered.entry(ticket.client).or_insert((ticket.number, reply));
        if last.0 < ticket.number {
            *last = (ticket.number, reply);
        }
        out.because(BalancerRule::TellClient).reply(ticket, reply);
    }

    /// A client's request.
    pub(crate) fn asked(&mut self, cx: &Cx<'_>, ticket: RequestId, command: Command, out: &mut Out) {
        let Command::Ask { key, repeatable } = command else {
            out.because(BalancerRule::WrongRole).reply(ticket, Reply::WrongNode);
            return;
        };
        let answered = self.answered.get(&ticket.client).copied();
        if let Some((_, reply)) = answered.filter(|(number, _)| *number == ticket.number) {
            out.because(BalancerRule::KnownRequest).reply(ticket, reply);
        } else if self.pending.contains_key(&ticket) {
            out.because(BalancerRule::KnownRequest).why(format_args!("{ticket} is under way"));
        } else if answered.is_some_and(|(number, _)| number > ticket.number) {
            out.because(BalancerRule::Overtaken).reply(ticket, Reply::Overtaken);
        } else {
            let each = Pending { server: cx.me, key, repeatable, tried: BTreeSet::new(), in_doubt: false, age: 0 };
            self.route(cx, ticket, each, out);
        }
    }

    /// A server has done a request.
    pub(super) fn done(&mut self, cx: &Cx<'_>, server: NodeId, ticket: RequestId, out: &mut Out) {
        // An answer of a server that was given up before is an answer all the same.
        match self.pending.get(&ticket) {
            Some(each) if each.tried.contains(&server) => {
                self.pending.remove(&ticket);
                out.because(BalancerRule::TellClient).emit(Fact::Told { ticket });
                self.answer(ticket, Reply::Done { server }, out);
                self.consider_leaves(cx, out);
            }
            _ => {
                out.because(BalancerRule::OldAnswer).why(format_args!("{ticket}"));
            }
        }
    }

    /// A server has refused a request, so it can go to another one.
    pub(super) fn refused(&mut self, cx: &Cx<'_>, server: NodeId, ticket: RequestId, out: &mut Out) {
        if self.pending.get(&ticket).is_none_or(|each| each.server != server) {
            out.because(BalancerRule::OldAnswer).why(format_args!("{ticket}"));
            return;
        }
        let Some(each) = self.pending.remove(&ticket) else { return };
        out.because(BalancerRule::TryAnother).why(format_args!("{ticket}: {server} has refused"));
        self.route(cx, ticket, each, out);
        self.consider_leaves(cx, out);
    }
}
