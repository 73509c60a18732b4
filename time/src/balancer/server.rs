//! A server: a queue, one request at a time, and its planned absences.

use std::collections::VecDeque;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{NodeId, RequestId};

use super::config::Probes;
use super::disk::{Disk, Record};
use super::message::{Command, Fact, Key, Message, Reply, Standing, Timer};
use super::node::{Cx, Out};
use super::rules::BalancerRule;

/// Answers that a server remembers, for messages that arrive twice.
const REMEMBERED: usize = 64;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Job {
    Work { ticket: RequestId, key: Key },
    Probe { life: u64, round: u64 },
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Server {
    pub(crate) standing: Standing,
    queue: VecDeque<Job>,
    /// Requests that were answered last, with whether they were done.
    answered: VecDeque<(RequestId, bool)>,
    /// Whether the balancer has released it.
    is_released: bool,
    /// The requests of operators that wait until it is drained.
    waiting: Vec<RequestId>,
    is_drained: bool,
}

impl Server {
    pub(crate) fn boot(cx: &Cx<'_>, disk: &Disk, out: &mut Out) -> Self {
        let life = disk.life + 1;
        out.because(BalancerRule::NewLife).why(format_args!("{life}")).persist(Record::Started { life });
        for reporter in &cx.config.reporters {
            out.because(BalancerRule::Register).send(*reporter, Message::Started { life });
        }
        Server {
            standing: Standing { life, turn: 0, leaves: false },
            queue: VecDeque::new(),
            answered: VecDeque::new(),
            is_released: false,
            waiting: Vec::new(),
            is_drained: false,
        }
    }

    /// Requests in the queue, the one that is worked on included.
    pub(crate) fn queued(&self) -> usize {
        self.queue.iter().filter(|job| matches!(job, Job::Work { .. })).count()
    }

    pub(crate) fn delivered(&mut self, cx: &Cx<'_>, from: NodeId, message: Message, out: &mut Out) {
        match message {
            Message::Probe { life, round } => self.probed(cx, life, round, out),
            Message::Work { ticket, key } => self.taken(cx, ticket, key, out),
            Message::Release { standing } => self.released(cx, standing, out),
            message => {
                out.because(BalancerRule::WrongRole).why(format_args!("{message:?} of {from} is for another role"));
            }
        }
    }

    fn probed(&mut self, cx: &Cx<'_>, life: u64, round: u64, out: &mut Out) {
        if cx.config.probes == Probes::Queued && !self.queue.is_empty() {
            out.because(BalancerRule::ProbeWaits).why(format_args!("behind {}", self.queued()));
            self.queue.push_back(Job::Probe { life, round });
        } else {
            self.answer_probe(cx, life, round, out);
        }
    }

    fn answer_probe(&self, cx: &Cx<'_>, life: u64, round: u64, out: &mut Out) {
        let standing = self.standing;
        out.because(BalancerRule::AnswerProbe).send(cx.config.balancer, Message::Alive { life, round, standing });
    }

    fn taken(&mut self, cx: &Cx<'_>, ticket: RequestId, key: Key, out: &mut Out) {
        if let Some((_, was_done)) = self.answered.iter().find(|(known, _)| *known == ticket) {
            let answer = if *was_done { Message::Done { ticket } } else { Message::Refused { ticket } };
            out.because(BalancerRule::SeenBefore).send(cx.config.balancer, answer);
            return;
        }
        if self.queue.iter().any(|job| matches!(job, Job::Work { ticket: known, .. } if *known == ticket)) {
            out.because(BalancerRule::SeenBefore).why(format_args!("{ticket} is in the queue"));
            return;
        }
        let room = if self.is_drained { 0 } else { cx.config.room };
        let queued = self.queued();
        match cx.rules.admits(queued, room) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{queued} are in the queue"));
                self.answer(cx, rule, ticket, false, out);
            }
            Allow(rule) => {
                out.because(rule).why(format_args!("{queued} are before it"));
                if self.queue.is_empty() {
                    out.because(rule).arm(Timer::Work, cx.config.work);
                }
                self.queue.push_back(Job::Work { ticket, key });
            }
        }
    }

    fn answer(&mut self, cx: &Cx<'_>, rule: BalancerRule, ticket: RequestId, is_done: bool, out: &mut Out) {
        self.answered.push_back((ticket, is_done));
        if self.answered.len() > REMEMBERED {
            self.answered.pop_front();
        }
        let (fact, message) = if is_done {
            (Fact::Worked { ticket }, Message::Done { ticket })
        } else {
            (Fact::Shed { ticket, server: cx.me }, Message::Refused { ticket })
        };
        out.because(rule).emit(fact).send(cx.config.balancer, message);
    }

    /// The request at the front is done. Probes behind it are answered, and the next one begins.
    pub(crate) fn worked(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let Some(Job::Work { ticket, key }) = self.queue.pop_front() else {
            out.because(BalancerRule::WorkDone).why(format_args!("there is nothing to do"));
            return;
        };
        out.because(BalancerRule::WorkDone).why(format_args!("{key}"));
        self.answer(cx, BalancerRule::WorkDone, ticket, true, out);
        while let Some(Job::Probe { life, round }) = self.queue.front() {
            let (life, round) = (*life, *round);
            self.queue.pop_front();
            self.answer_probe(cx, life, round, out);
        }
        if !self.queue.is_empty() {
            out.because(BalancerRule::WorkDone).arm(Timer::Work, cx.config.work);
        }
        if self.standing.leaves && !self.is_drained {
            self.try_drain(cx, out);
        }
    }

    /// An operator's order.
    pub(crate) fn asked(&mut self, cx: &Cx<'_>, ticket: RequestId, command: &Command, out: &mut Out) {
        match command {
            Command::Drain => {
                if !self.waiting.contains(&ticket) {
                    self.waiting.push(ticket);
                }
                if !self.standing.leaves {
                    self.turn(true);
                }
                self.announce(cx, out);
                self.try_drain(cx, out);
            }
            Command::Return => {
                if self.standing.leaves {
                    self.turn(false);
                    out.because(BalancerRule::Return).disarm(Timer::Announce);
                }
                self.waiting.clear();
                let standing = self.standing;
                out.because(BalancerRule::Return)
                    .send(cx.config.balancer, Message::Announce { standing })
                    .reply(ticket, Reply::InService);
            }
            _ => {
                out.because(BalancerRule::WrongRole).reply(ticket, Reply::WrongNode);
            }
        }
    }

    fn turn(&mut self, leaves: bool) {
        self.standing = Standing { turn: self.standing.turn + 1, leaves, ..self.standing };
        (self.is_released, self.is_drained) = (false, false);
    }

    /// Announces its absence, until it is released.
    pub(crate) fn announce(&self, cx: &Cx<'_>, out: &mut Out) {
        let standing = self.standing;
        out.because(BalancerRule::AnnounceLeave)
            .send(cx.config.balancer, Message::Announce { standing })
            .arm(Timer::Announce, cx.config.interval);
    }

    fn released(&mut self, cx: &Cx<'_>, standing: Standing, out: &mut Out) {
        if standing != self.standing || !standing.leaves {
            out.because(BalancerRule::OldStanding).why(format_args!("{standing:?}, and it is {:?}", self.standing));
            return;
        }
        self.is_released = true;
        out.because(BalancerRule::Release).disarm(Timer::Announce);
        self.try_drain(cx, out);
    }

    fn try_drain(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let queued = self.queued();
        match cx.rules.drained(self.is_released, queued) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{queued} are in the queue"));
            }
            Allow(rule) => {
                if !std::mem::replace(&mut self.is_drained, true) {
                    out.because(rule).emit(Fact::Drained { queued });
                }
                for ticket in std::mem::take(&mut self.waiting) {
                    out.because(rule).reply(ticket, Reply::Drained);
                }
            }
        }
    }
}
