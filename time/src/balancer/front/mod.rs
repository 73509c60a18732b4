//! The balancer: the health of servers, and the way of each request.

mod peer;
mod routes;

use std::collections::BTreeMap;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{ClientId, NodeId, RequestId};

use super::disk::{Disk, Record};
use super::message::{Cause, Fact, Message, Reply, Standing, Timer};
use super::node::{Cx, Out};
use super::rules::BalancerRule;
use peer::Peer;
use routes::Pending;

pub use peer::Health;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Front {
    life: u64,
    /// The count of rounds of probes.
    round: u64,
    peers: BTreeMap<NodeId, Peer>,
    pending: BTreeMap<RequestId, Pending>,
    /// Of each client, the number of its last request that is answered, and the answer.
    answered: BTreeMap<ClientId, (u64, Reply)>,
    /// The server that was sent to last.
    last: Option<NodeId>,
}

impl Front {
    pub(crate) fn boot(cx: &Cx<'_>, disk: &Disk, out: &mut Out) -> Self {
        let life = disk.life + 1;
        out.because(BalancerRule::NewLife).why(format_args!("{life}")).persist(Record::Started { life });
        let new = Peer { answered: true, ..Peer::default() };
        let mut front = Front {
            life,
            round: 0,
            peers: cx.config.servers.iter().map(|server| (*server, new.clone())).collect(),
            pending: BTreeMap::new(),
            answered: BTreeMap::new(),
            last: None,
        };
        front.probe(cx, out);
        front
    }

    pub(crate) fn health(&self) -> BTreeMap<NodeId, Health> {
        self.peers.iter().map(|(server, peer)| (*server, peer.health())).collect()
    }

    pub(crate) fn pending(&self) -> usize {
        self.pending.len()
    }

    fn outstanding(&self, server: NodeId) -> usize {
        self.pending.values().filter(|each| each.server == server).count()
    }

    fn with(&self, health: &[Health]) -> Vec<NodeId> {
        let some = self.peers.iter().filter(|(_, peer)| health.contains(&peer.health()));
        some.map(|(server, _)| *server).collect()
    }

    /// A round of probes: counts those of the last one that were not answered, and sends new ones.
    pub(crate) fn probe(&mut self, cx: &Cx<'_>, out: &mut Out) {
        for server in cx.config.servers.clone() {
            self.count_miss(cx, server, out);
        }
        for each in self.pending.values_mut() {
            each.age += 1;
        }
        let old = self.pending.iter().filter(|(_, each)| each.age > cx.config.give_up);
        for ticket in old.map(|(ticket, _)| *ticket).collect::<Vec<_>>() {
            self.lost(cx, ticket, out);
        }
        self.round += 1;
        let (life, round) = (self.life, self.round);
        for (server, peer) in &mut self.peers {
            peer.answered = false;
            out.because(BalancerRule::ProbeAll).send(*server, Message::Probe { life, round });
        }
        out.because(BalancerRule::ProbeAll).arm(Timer::Probe, cx.config.interval);
        self.consider_leaves(cx, out);
    }

    fn count_miss(&mut self, cx: &Cx<'_>, server: NodeId, out: &mut Out) {
        let Some(peer) = self.peers.get_mut(&server) else { return };
        if peer.answered {
            return;
        }
        peer.missed = peer.missed.saturating_add(1);
        let missed = peer.missed;
        match cx.rules.alive(missed, cx.config.misses) {
            Allow(rule) => {
                out.because(rule).why(format_args!("{server}: {missed}"));
            }
            Refuse(_) if peer.is_dead => {}
            Refuse(rule) => {
                peer.is_dead = true;
                out.because(rule).why(format_args!("{server}")).emit(Fact::TakenForDead { server, missed });
                self.move_load(cx, server, out);
            }
        }
    }

    pub(crate) fn delivered(&mut self, cx: &Cx<'_>, from: NodeId, message: Message, out: &mut Out) {
        match message {
            Message::Alive { life, round, standing } => {
                // An earlier life of this balancer has counted its rounds from 1, too.
                let round = if life == self.life { round } else { 0 };
                self.alive(cx, from, round, standing, out);
            }
            Message::Announce { standing } => {
                self.note(cx, from, standing, out);
                self.consider_leaves(cx, out);
            }
            Message::Done { ticket } => self.done(cx, from, ticket, out),
            Message::Refused { ticket } => self.refused(cx, from, ticket, out),
            Message::Report { server, cause } => self.reported(cx, server, cause, out),
            message => {
                out.because(BalancerRule::WrongRole).why(format_args!("{message:?} of {from} is for another role"));
            }
        }
    }

    fn alive(&mut self, cx: &Cx<'_>, server: NodeId, round: u64, standing: Standing, out: &mut Out) {
        self.note(cx, server, standing, out);
        let last = self.round;
        let Some(peer) = self.peers.get_mut(&server) else { return };
        match cx.rules.in_time(round, last) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{server} answers probe {round}, and {last} was the last one"));
            }
            Allow(rule) => {
                out.because(rule).why(format_args!("{server}"));
                (peer.missed, peer.answered) = (0, true);
                if std::mem::replace(&mut peer.is_dead, false) {
                    out.because(rule).emit(Fact::AliveAgain { server });
                }
                // An answer to a probe that was sent after the report proves that it lives.
                let outdates = |(cause, since): &(Cause, u64)| {
                    let is_later_life = matches!(cause, Cause::Process { life } if standing.life > *life);
                    round > *since || is_later_life
                };
                if peer.down.as_ref().is_some_and(outdates) {
                    peer.down = None;
                    out.because(BalancerRule::UpAgain).why(format_args!("{server}"));
                }
            }
        }
        self.consider_leaves(cx, out);
    }

    /// Keeps a server's word on itself, if it is the latest.
    fn note(&mut self, cx: &Cx<'_>, server: NodeId, standing: Standing, out: &mut Out) {
        let Some(peer) = self.peers.get_mut(&server) else {
            out.because(BalancerRule::WrongRole).why(format_args!("{server} is no server"));
            return;
        };
        if standing < peer.standing {
            out.because(BalancerRule::OldStanding).why(format_args!("{standing:?}, and {:?} is known", peer.standing));
            return;
        }
        let is_new_life = peer.standing.life > 0 && standing.life > peer.standing.life;
        if standing.leaves != peer.standing.leaves {
            let rule = if standing.leaves { BalancerRule::AnnounceLeave } else { BalancerRule::Return };
            out.because(rule).why(format_args!("{server}"));
        } else {
            out.because(BalancerRule::AnswerProbe).why(format_args!("{server} is in life {}", standing.life));
        }
        peer.may_leave &= standing == peer.standing;
        peer.standing = standing;
        if is_new_life {
            // Its queue is gone with its former life.
            self.move_load(cx, server, out);
        }
    }

    /// Lets servers leave that have announced it, and releases those that have nothing left. A
    /// server that this life of the balancer has not heard yet may be absent, and does not count.
    fn consider_leaves(&mut self, cx: &Cx<'_>, out: &mut Out) {
        for server in cx.config.servers.clone() {
            let in_service = |(other, peer): &(&NodeId, &Peer)| {
                **other != server && peer.health() == Health::Healthy && peer.standing.life > 0
            };
            let others = self.peers.iter().filter(in_service).count();
            let outstanding = self.outstanding(server);
            let Some(peer) = self.peers.get_mut(&server) else { continue };
            if !peer.standing.leaves {
                continue;
            }
            if !peer.may_leave {
                match cx.rules.may_leave(others, cx.config.keep) {
                    Refuse(rule) => {
                        out.because(rule).why(format_args!("{server}: {others} others are in service"));
                        continue;
                    }
                    Allow(rule) => {
                        peer.may_leave = true;
                        out.because(rule).emit(Fact::MayLeave { server, others });
                    }
                }
            }
            if outstanding == 0 {
                let standing = peer.standing;
                out.because(BalancerRule::Release).send(server, Message::Release { standing });
            }
        }
    }

    /// A reporter says that a server is down.
    fn reported(&mut self, cx: &Cx<'_>, server: NodeId, cause: Cause, out: &mut Out) {
        let round = self.round;
        let Some(peer) = self.peers.get_mut(&server) else {
            out.because(BalancerRule::WrongRole).why(format_args!("{server} is no server"));
            return;
        };
        let known = peer.standing.life;
        let ruling = match cause {
            Cause::Process { life } => cx.rules.believes(known, life),
            Cause::Link => Allow(BalancerRule::BelieveReport),
        };
        match ruling {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{server}: {cause:?}, and it is in life {known}"));
            }
            Allow(rule) => {
                peer.down = Some((cause, round));
                out.because(rule).why(format_args!("{server}")).emit(Fact::ReportedDown { server, cause, known });
                self.move_load(cx, server, out);
            }
        }
    }
}
