//! Alternative machine for two-phase commit: a journal of all that has happened is the only state,
//! on disk and in memory, and one timer per node repeats whatever is unfinished.

use std::collections::{BTreeMap, BTreeSet};

use quorate_exercises::build::*;
use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;
use serde::{Deserialize, Serialize};

/// A line of the journal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
enum Line {
    Life,
    Decided { txn: Txn, ticket: RequestId, to: BTreeSet<NodeId>, outcome: Outcome },
    Ended { txn: Txn },
    Promised { txn: Txn, row: Row, by: i64, others: BTreeSet<NodeId> },
    Over { txn: Txn, outcome: Outcome },
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Journal(Vec<Line>);

impl Disk for Journal {
    type Record = Line;

    fn apply(&mut self, line: &Line) {
        self.0.push(line.clone());
    }
}

/// Alarm of the node, and of a transaction that lacks votes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
enum Alarm {
    Tick,
    Votes(Txn),
}

/// A request that is not decided: its transaction, its changes, and the votes that are missing.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Ballot {
    ticket: RequestId,
    to: BTreeSet<NodeId>,
    missing: BTreeSet<NodeId>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Bookkeeper {
    journal: Journal,
    ballots: BTreeMap<Txn, Ballot>,
    begun: u64,
    acknowledged: BTreeSet<(Txn, NodeId)>,
    queue: Vec<(Txn, Row, i64, BTreeSet<NodeId>)>,
    ticking: bool,
}

type Out = Outbox<Bookkeeper>;

impl Bookkeeper {
    fn lives(&self) -> u64 {
        self.journal.0.iter().filter(|line| **line == Line::Life).count() as u64
    }

    fn note(&mut self, because: &mut Because<'_, Self>, line: Line) {
        self.journal.apply(&line);
        because.persist(line);
    }

    /// Commits whose end is not in the journal, with their participants.
    fn announced(&self) -> BTreeMap<Txn, BTreeSet<NodeId>> {
        let mut open = BTreeMap::new();
        for line in &self.journal.0 {
            match line {
                Line::Decided { txn, to, outcome: Outcome::Commit, .. } => {
                    open.insert(*txn, to.clone());
                }
                Line::Ended { txn } => {
                    open.remove(txn);
                }
                _ => {}
            }
        }
        open
    }

    fn over(&self, of: Txn) -> Option<Outcome> {
        self.journal.0.iter().find_map(|line| match line {
            Line::Over { txn, outcome } if *txn == of => Some(*outcome),
            _ => None,
        })
    }

    /// Promises that are not kept yet, in the order in which they were made.
    fn promises(&self) -> Vec<(Txn, Row, BTreeSet<NodeId>)> {
        let promise = |line: &Line| match line {
            Line::Promised { txn, row, others, .. } => Some((*txn, row.clone(), others.clone())),
            _ => None,
        };
        self.journal.0.iter().filter_map(promise).filter(|(txn, ..)| self.over(*txn).is_none()).collect()
    }

    fn amount(&self, of: &Row, opening: i64) -> i64 {
        let change = |line: &Line| match line {
            Line::Promised { txn, row, by, .. } if row == of && self.over(*txn) == Some(Outcome::Commit) => Some(*by),
            _ => None,
        };
        opening + self.journal.0.iter().filter_map(change).sum::<i64>()
    }

    fn tick_on(&mut self, cx: &Context<Self>, out: &mut Out) {
        if !self.ticking {
            self.ticking = true;
            out.because(TwoPhaseRule::StillOpen).arm(Alarm::Tick, cx.config.retry);
        }
    }

    fn request(&mut self, cx: &Context<Self>, ticket: RequestId, changes: BTreeMap<NodeId, Change>, out: &mut Out) {
        if self.ballots.values().any(|ballot| ballot.ticket == ticket) {
            out.because(TwoPhaseRule::RepeatedRequest);
            return;
        }
        let newest = self.journal.0.iter().rev().filter_map(|line| match line {
            Line::Decided { txn, ticket: of, outcome, .. } if of.client == ticket.client => {
                Some((of.number, *txn, *outcome))
            }
            _ => None,
        });
        match newest.max_by_key(|(number, ..)| *number) {
            Some((number, txn, outcome)) if number == ticket.number => {
                let reply = match outcome {
                    Outcome::Commit => Reply::Committed { txn },
                    Outcome::Abort => Reply::Aborted { txn },
                };
                out.because(TwoPhaseRule::AnswerFromRecord).reply(ticket, reply);
            }
            Some((number, ..)) if number > ticket.number => {
                out.because(TwoPhaseRule::Overtaken).reply(ticket, Reply::Overtaken);
            }
            _ => {
                self.begun += 1;
                let txn = Txn { life: self.lives(), number: self.begun };
                let to: BTreeSet<NodeId> = changes.keys().copied().collect();
                let mut because = out.because(TwoPhaseRule::Begin);
                because.emit(Fact::Began { txn, ticket, participants: to.clone() });
                because.arm(Alarm::Votes(txn), cx.config.vote_timeout);
                for (node, Change { row, by }) in changes {
                    because.send(node, Message::Prepare { txn, row, by, participants: to.clone() });
                }
                self.ballots.insert(txn, Ballot { ticket, missing: to.clone(), to });
            }
        }
    }

    fn decide(&mut self, cx: &Context<Self>, txn: Txn, outcome: Outcome, out: &mut Out) {
        let Some(Ballot { ticket, to, .. }) = self.ballots.remove(&txn) else { return };
        let (rule, reply, message) = match outcome {
            Outcome::Commit => (TwoPhaseRule::DecideCommit, Reply::Committed { txn }, Message::Commit { txn }),
            Outcome::Abort => (TwoPhaseRule::DecideAbort, Reply::Aborted { txn }, Message::Abort { txn }),
        };
        let mut because = out.because(rule);
        self.note(&mut because, Line::Decided { txn, ticket, to: to.clone(), outcome });
        because.emit(Fact::Decided { txn, outcome }).reply(ticket, reply).disarm(Alarm::Votes(txn));
        for node in to {
            because.send(node, message.clone());
        }
        if outcome == Outcome::Commit {
            self.tick_on(cx, out);
        }
    }

    fn coordinate(&mut self, cx: &Context<Self>, from: NodeId, message: &Message, out: &mut Out) {
        match *message {
            Message::Yes { txn } if self.ballots.contains_key(&txn) => {
                let Some(ballot) = self.ballots.get_mut(&txn) else { return };
                ballot.missing.remove(&from);
                let is_complete = ballot.missing.is_empty();
                out.because(TwoPhaseRule::CountVote);
                if is_complete {
                    self.decide(cx, txn, Outcome::Commit, out);
                }
            }
            Message::No { txn } => {
                out.because(TwoPhaseRule::LateVote);
                self.decide(cx, txn, Outcome::Abort, out);
            }
            Message::Done { txn } => {
                let Some(to) = self.announced().remove(&txn) else {
                    out.because(TwoPhaseRule::LateDone);
                    return;
                };
                self.acknowledged.insert((txn, from));
                let mut because = out.because(TwoPhaseRule::CountDone);
                if to.iter().all(|node| self.acknowledged.contains(&(txn, *node))) {
                    self.note(&mut because, Line::Ended { txn });
                }
            }
            Message::Yes { txn } | Message::WhatBecame { txn } => {
                let mut because = out.because(TwoPhaseRule::TellOutcome);
                if self.announced().contains_key(&txn) {
                    because.send(from, Message::Commit { txn });
                } else if !self.ballots.contains_key(&txn) {
                    because.send(from, Message::Abort { txn });
                }
            }
            _ => {
                out.because(TwoPhaseRule::NotMyRole);
            }
        }
    }

    fn participate(&mut self, cx: &Context<Self>, from: NodeId, message: Message, out: &mut Out) {
        let coordinator = cx.config.coordinator;
        match message {
            Message::Prepare { txn, row, by, participants } => {
                let is_promised = self.promises().iter().any(|(of, ..)| *of == txn);
                let vote = match self.over(txn) {
                    Some(Outcome::Commit) => Some(Message::Done { txn }),
                    Some(Outcome::Abort) => Some(Message::No { txn }),
                    None => is_promised.then_some(Message::Yes { txn }),
                };
                if let Some(vote) = vote {
                    out.because(TwoPhaseRule::VoteAgain).send(coordinator, vote);
                } else if self.queue.iter().all(|(of, ..)| *of != txn) {
                    out.because(TwoPhaseRule::WaitForRow);
                    self.queue.push((txn, row, by, participants));
                    self.serve_queue(cx, out);
                } else {
                    out.because(TwoPhaseRule::WaitForRow);
                }
            }
            Message::Commit { txn } => self.told(cx, txn, Outcome::Commit, out),
            Message::Abort { txn } => self.told(cx, txn, Outcome::Abort, out),
            Message::WhatBecame { txn } => {
                let is_promised = self.promises().iter().any(|(of, ..)| *of == txn);
                let mut because = out.because(TwoPhaseRule::TellOutcome);
                match self.over(txn) {
                    Some(Outcome::Commit) => because.send(from, Message::Commit { txn }),
                    Some(Outcome::Abort) => because.send(from, Message::Abort { txn }),
                    None if is_promised => &mut because,
                    None => {
                        self.queue.retain(|(of, ..)| *of != txn);
                        self.note(&mut because, Line::Over { txn, outcome: Outcome::Abort });
                        because.emit(Fact::Finished { txn, outcome: Outcome::Abort }).send(from, Message::Abort { txn })
                    }
                };
            }
            _ => {
                out.because(TwoPhaseRule::NotMyRole);
            }
        }
    }

    /// Serves all that wait for a row that is free, first come, first served.
    fn serve_queue(&mut self, cx: &Context<Self>, out: &mut Out) {
        let mut waiting = Vec::new();
        for (txn, row, by, others) in std::mem::take(&mut self.queue) {
            if self.promises().iter().any(|(_, held, _)| *held == row) {
                waiting.push((txn, row, by, others));
                continue;
            }
            if self.amount(&row, cx.config.opening) + by < 0 {
                let mut because = out.because(TwoPhaseRule::VoteNo);
                self.note(&mut because, Line::Over { txn, outcome: Outcome::Abort });
                because.emit(Fact::Finished { txn, outcome: Outcome::Abort });
                because.send(cx.config.coordinator, Message::No { txn });
            } else {
                let mut because = out.because(TwoPhaseRule::VoteYes);
                self.note(&mut because, Line::Promised { txn, row: row.clone(), by, others });
                because.emit(Fact::Prepared { txn, row, by }).send(cx.config.coordinator, Message::Yes { txn });
                self.tick_on(cx, out);
            }
        }
        self.queue = waiting;
    }

    fn told(&mut self, cx: &Context<Self>, txn: Txn, outcome: Outcome, out: &mut Out) {
        let is_promised = self.promises().iter().any(|(of, ..)| *of == txn);
        let rule = if outcome == Outcome::Commit { TwoPhaseRule::CommitPart } else { TwoPhaseRule::AbortPart };
        let mut because = out.because(rule);
        if is_promised {
            self.note(&mut because, Line::Over { txn, outcome });
            because.emit(Fact::Finished { txn, outcome });
        }
        if self.over(txn) == Some(Outcome::Commit) {
            because.send(cx.config.coordinator, Message::Done { txn });
        }
        self.queue.retain(|(of, ..)| *of != txn);
        self.serve_queue(cx, out);
    }

    /// Announces and asks whatever is unfinished.
    fn tick(&mut self, cx: &Context<Self>, out: &mut Out) {
        let (announced, promises) = (self.announced(), self.promises());
        let mut because = out.because(TwoPhaseRule::SendAgain);
        for (txn, to) in &announced {
            for node in to.iter().filter(|node| !self.acknowledged.contains(&(*txn, **node))) {
                because.send(*node, Message::Commit { txn: *txn });
            }
        }
        for (txn, _, others) in &promises {
            because.send(cx.config.coordinator, Message::WhatBecame { txn: *txn });
            for other in others.iter().filter(|node| cx.config.ask_others && **node != cx.me) {
                because.send(*other, Message::WhatBecame { txn: *txn });
            }
        }
        self.ticking = false;
        if !announced.is_empty() || !promises.is_empty() {
            self.tick_on(cx, out);
        }
    }
}

impl Machine for Bookkeeper {
    type Config = Config;
    type Rulebook = ();
    type Message = Message;
    type Timer = Alarm;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = TwoPhaseRule;
    type Record = Line;
    type Disk = Journal;
    type Clock = ();
    type View = Vec<Txn>;

    fn boot(cx: &Context<Self>, disk: &Journal, out: &mut Out) -> Self {
        let mut node = Bookkeeper {
            journal: disk.clone(),
            ballots: BTreeMap::new(),
            begun: 0,
            acknowledged: BTreeSet::new(),
            queue: Vec::new(),
            ticking: false,
        };
        if cx.me == cx.config.coordinator {
            let mut because = out.because(TwoPhaseRule::RecallDecision);
            node.note(&mut because, Line::Life);
        }
        node.tick(cx, out);
        node
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Out) {
        let coordinates = cx.me == cx.config.coordinator;
        match input {
            Input::Request { ticket, command: Command::Transact { changes } } if coordinates => {
                self.request(cx, ticket, changes, out);
            }
            Input::Request { ticket, .. } => {
                let coordinator = cx.config.coordinator;
                out.because(TwoPhaseRule::NotMyRole).reply(ticket, Reply::NotTheCoordinator { coordinator });
            }
            Input::Deliver { from, message } if coordinates => self.coordinate(cx, from, &message, out),
            Input::Deliver { from, message } => self.participate(cx, from, message, out),
            Input::Fire(Alarm::Tick) => self.tick(cx, out),
            Input::Fire(Alarm::Votes(txn)) => {
                out.because(TwoPhaseRule::AbortLate);
                self.decide(cx, txn, Outcome::Abort, out);
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> Vec<Txn> {
        self.promises().into_iter().map(|(txn, ..)| txn).collect()
    }
}

hand_in!("build-two-phase", BuiltTwoPhase::<Bookkeeper>::new());
