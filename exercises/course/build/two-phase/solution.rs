//! Two-phase commit, complete: the coordinator, or a participant, depending on the configuration.

use std::collections::{BTreeMap, BTreeSet};

use quorate_exercises::build::*;
use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

/// A node. The durable part is in `stable`, as on disk; the rest is lost in a crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct MyTwoPhase {
    stable: Stable,
    /// Coordinator: the newest transaction.
    newest: Txn,
    /// Coordinator: the votes that are in, of each transaction that is not decided.
    voting: BTreeMap<Txn, Voting>,
    /// Coordinator: the participants that have acknowledged, of each commit.
    done: BTreeMap<Txn, BTreeSet<NodeId>>,
    /// Participant: the parts that wait for a row.
    waiting: Vec<(Txn, Change, BTreeSet<NodeId>)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Voting {
    ticket: RequestId,
    participants: BTreeSet<NodeId>,
    yes: BTreeSet<NodeId>,
}

type Out = Outbox<MyTwoPhase>;
type Cx<'a> = Context<'a, MyTwoPhase>;

/// Persists a record, and applies it to the node's own copy of the disk.
fn write(stable: &mut Stable, because: &mut Because<'_, MyTwoPhase>, record: Record) {
    stable.apply(&record);
    because.persist(record);
}

impl MyTwoPhase {
    // The coordinator.

    fn begin(&mut self, cx: &Cx, ticket: RequestId, changes: BTreeMap<NodeId, Change>, out: &mut Out) {
        if changes.is_empty() || changes.keys().any(|node| !cx.config.participants.contains(node)) {
            out.because(TwoPhaseRule::Invalid).reply(ticket, Reply::Invalid);
            return;
        }
        if self.voting.values().any(|voting| voting.ticket == ticket) {
            out.because(TwoPhaseRule::RepeatedRequest);
            return;
        }
        match self.stable.decided.get(&ticket.client) {
            Some(Decided { number, txn, outcome }) if *number == ticket.number => {
                let reply = match outcome {
                    Outcome::Commit => Reply::Committed { txn: *txn },
                    Outcome::Abort => Reply::Aborted { txn: *txn },
                };
                out.because(TwoPhaseRule::AnswerFromRecord).reply(ticket, reply);
                return;
            }
            Some(Decided { number, .. }) if *number > ticket.number => {
                out.because(TwoPhaseRule::Overtaken).reply(ticket, Reply::Overtaken);
                return;
            }
            _ => {}
        }
        self.newest.number += 1;
        let txn = self.newest;
        let participants: BTreeSet<NodeId> = changes.keys().copied().collect();
        let mut because = out.because(TwoPhaseRule::Begin);
        if self.stable.life != txn.life {
            write(&mut self.stable, &mut because, Record::Life { life: txn.life });
        }
        because
            .emit(Fact::Began { txn, ticket, participants: participants.clone() })
            .arm(Timer::Late { txn }, cx.config.vote_timeout);
        for (node, Change { row, by }) in changes {
            because.send(node, Message::Prepare { txn, row, by, participants: participants.clone() });
        }
        self.voting.insert(txn, Voting { ticket, participants, yes: BTreeSet::new() });
    }

    fn yes(&mut self, cx: &Cx, from: NodeId, txn: Txn, out: &mut Out) {
        let Some(voting) = self.voting.get_mut(&txn) else { return self.tell(from, txn, out) };
        voting.yes.insert(from);
        if voting.yes != voting.participants {
            out.because(TwoPhaseRule::CountVote);
            return;
        }
        let Some(Voting { ticket, participants, .. }) = self.voting.remove(&txn) else { return };
        let commit = Commit { ticket, participants: participants.clone() };
        let mut because = out.because(TwoPhaseRule::DecideCommit);
        write(&mut self.stable, &mut because, Record::Committed { txn, commit });
        because
            .emit(Fact::Decided { txn, outcome: Outcome::Commit })
            .arm(Timer::Late { txn }, cx.config.retry)
            .reply(ticket, Reply::Committed { txn });
        for node in participants {
            because.send(node, Message::Commit { txn });
        }
    }

    fn abort(&mut self, rule: TwoPhaseRule, txn: Txn, but: Option<NodeId>, out: &mut Out) {
        let Some(Voting { ticket, participants, .. }) = self.voting.remove(&txn) else {
            out.because(TwoPhaseRule::LateVote);
            return;
        };
        let mut because = out.because(rule);
        write(&mut self.stable, &mut because, Record::Aborted { txn, ticket });
        because
            .emit(Fact::Decided { txn, outcome: Outcome::Abort })
            .disarm(Timer::Late { txn })
            .reply(ticket, Reply::Aborted { txn });
        for node in participants.into_iter().filter(|node| but != Some(*node)) {
            because.send(node, Message::Abort { txn });
        }
    }

    fn late(&mut self, cx: &Cx, txn: Txn, out: &mut Out) {
        let Some(Commit { participants, .. }) = self.stable.commits.get(&txn) else {
            return self.abort(TwoPhaseRule::AbortLate, txn, None, out);
        };
        let done = self.done.get(&txn);
        let mut because = out.because(TwoPhaseRule::SendAgain);
        because.arm(Timer::Late { txn }, cx.config.retry);
        for node in participants.iter().filter(|node| done.is_none_or(|done| !done.contains(node))) {
            because.send(*node, Message::Commit { txn });
        }
    }

    fn acknowledged(&mut self, from: NodeId, txn: Txn, out: &mut Out) {
        let Some(Commit { participants, .. }) = self.stable.commits.get(&txn) else {
            out.because(TwoPhaseRule::LateDone);
            return;
        };
        let done = self.done.entry(txn).or_default();
        done.insert(from);
        if done.len() < participants.len() {
            out.because(TwoPhaseRule::CountDone);
            return;
        }
        self.done.remove(&txn);
        let mut because = out.because(TwoPhaseRule::Forget);
        write(&mut self.stable, &mut because, Record::Ended { txn });
        because.disarm(Timer::Late { txn });
    }

    /// Tells a participant what became of a transaction.
    fn tell(&mut self, to: NodeId, txn: Txn, out: &mut Out) {
        if self.voting.contains_key(&txn) {
            out.because(TwoPhaseRule::StillOpen);
        } else if self.stable.commits.contains_key(&txn) {
            out.because(TwoPhaseRule::TellOutcome).send(to, Message::Commit { txn });
        } else {
            out.because(TwoPhaseRule::PresumeAbort).send(to, Message::Abort { txn });
        }
    }

    // The participant.

    fn prepare(&mut self, cx: &Cx, txn: Txn, change: Change, participants: BTreeSet<NodeId>, out: &mut Out) {
        let to = cx.config.coordinator;
        match self.stable.outcomes.get(&txn) {
            Some(Outcome::Commit) => {
                out.because(TwoPhaseRule::OutcomeKnown).send(to, Message::Done { txn });
                return;
            }
            Some(Outcome::Abort) => {
                out.because(TwoPhaseRule::OutcomeKnown).send(to, Message::No { txn });
                return;
            }
            None => {}
        }
        if self.stable.prepared.contains_key(&txn) {
            out.because(TwoPhaseRule::VoteAgain).send(to, Message::Yes { txn });
        } else if let Some(holder) = self.holder(&change.row) {
            let row = change.row.clone();
            let mut because = out.because(TwoPhaseRule::WaitForRow);
            if self.waiting.iter().all(|(waits, ..)| *waits != txn) {
                because.emit(Fact::Blocked { txn, row, holder });
                self.waiting.push((txn, change, participants));
            }
        } else {
            self.vote(cx, txn, change, participants, out);
        }
    }

    /// The transaction that holds a row: the one that has prepared a change of it.
    fn holder(&self, row: &Row) -> Option<Txn> {
        self.stable.prepared.iter().find(|(_, prepared)| prepared.row == *row).map(|(txn, _)| *txn)
    }

    fn vote(&mut self, cx: &Cx, txn: Txn, Change { row, by }: Change, participants: BTreeSet<NodeId>, out: &mut Out) {
        let (to, amount) = (cx.config.coordinator, self.stable.rows.get(&row).copied().unwrap_or(cx.config.opening));
        match amount.checked_add(by).filter(|after| *after >= 0) {
            Some(after) => {
                let prepared = Prepared { row: row.clone(), after, participants };
                let mut because = out.because(TwoPhaseRule::VoteYes);
                if self.stable.prepared.is_empty() {
                    because.arm(Timer::Ask, cx.config.retry);
                }
                write(&mut self.stable, &mut because, Record::Prepared { txn, prepared });
                because.emit(Fact::Prepared { txn, row, by }).send(to, Message::Yes { txn });
            }
            None => {
                let mut because = out.because(TwoPhaseRule::VoteNo);
                write(&mut self.stable, &mut because, Record::Finished { txn, outcome: Outcome::Abort });
                because.emit(Fact::Finished { txn, outcome: Outcome::Abort }).send(to, Message::No { txn });
            }
        }
    }

    fn told(&mut self, cx: &Cx, txn: Txn, outcome: Outcome, out: &mut Out) {
        let to = cx.config.coordinator;
        if let Some(known) = self.stable.outcomes.get(&txn) {
            let mut because = out.because(TwoPhaseRule::OutcomeKnown);
            if *known == Outcome::Commit {
                because.send(to, Message::Done { txn });
            }
            return;
        }
        self.waiting.retain(|(waits, ..)| *waits != txn);
        let Some(row) = self.stable.prepared.get(&txn).map(|prepared| prepared.row.clone()) else {
            out.because(TwoPhaseRule::NothingPrepared);
            return;
        };
        let rule = if outcome == Outcome::Commit { TwoPhaseRule::CommitPart } else { TwoPhaseRule::AbortPart };
        let mut because = out.because(rule);
        write(&mut self.stable, &mut because, Record::Finished { txn, outcome });
        because.emit(Fact::Finished { txn, outcome });
        if outcome == Outcome::Commit {
            because.send(to, Message::Done { txn });
        }
        if self.stable.prepared.is_empty() {
            because.disarm(Timer::Ask);
        }
        while self.holder(&row).is_none() {
            let Some(next) = self.waiting.iter().position(|(_, change, _)| change.row == row) else { return };
            let (txn, change, participants) = self.waiting.remove(next);
            self.vote(cx, txn, change, participants, out);
        }
    }

    fn ask(&self, cx: &Cx, out: &mut Out) {
        let mut because = out.because(TwoPhaseRule::AskOutcome);
        if !self.stable.prepared.is_empty() {
            because.arm(Timer::Ask, cx.config.retry);
        }
        for (txn, Prepared { participants, .. }) in &self.stable.prepared {
            because.send(cx.config.coordinator, Message::WhatBecame { txn: *txn });
            for other in participants.iter().filter(|node| cx.config.ask_others && **node != cx.me) {
                because.send(*other, Message::WhatBecame { txn: *txn });
            }
        }
    }

    fn asked(&mut self, from: NodeId, txn: Txn, out: &mut Out) {
        let message = match self.stable.outcomes.get(&txn) {
            Some(Outcome::Commit) => Message::Commit { txn },
            Some(Outcome::Abort) => Message::Abort { txn },
            None if self.stable.prepared.contains_key(&txn) => {
                out.because(TwoPhaseRule::DoubtToo);
                return;
            }
            None => {
                self.waiting.retain(|(waits, ..)| *waits != txn);
                let mut because = out.because(TwoPhaseRule::AbortUnvoted);
                write(&mut self.stable, &mut because, Record::Finished { txn, outcome: Outcome::Abort });
                because.emit(Fact::Finished { txn, outcome: Outcome::Abort }).send(from, Message::Abort { txn });
                return;
            }
        };
        out.because(TwoPhaseRule::TellOutcome).send(from, message);
    }
}

impl Machine for MyTwoPhase {
    type Config = Config;
    type Rulebook = ();
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = TwoPhaseRule;
    type Record = Record;
    type Disk = Stable;
    type Clock = ();
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Stable, out: &mut Outbox<Self>) -> Self {
        for (txn, Commit { participants, .. }) in &disk.commits {
            let mut because = out.because(TwoPhaseRule::RecallDecision);
            because.arm(Timer::Late { txn: *txn }, cx.config.retry);
            for node in participants {
                because.send(*node, Message::Commit { txn: *txn });
            }
        }
        if !disk.prepared.is_empty() {
            out.because(TwoPhaseRule::RecallPrepared).arm(Timer::Ask, cx.config.retry);
        }
        MyTwoPhase {
            stable: disk.clone(),
            newest: Txn { life: disk.life + 1, number: 0 },
            voting: BTreeMap::new(),
            done: BTreeMap::new(),
            waiting: Vec::new(),
        }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        let (coordinator, leads) = (cx.config.coordinator, cx.me == cx.config.coordinator);
        match input {
            Input::Request { ticket, command: Command::Transact { changes } } if leads => {
                self.begin(cx, ticket, changes, out);
            }
            Input::Request { ticket, .. } => {
                out.because(TwoPhaseRule::NotMyRole).reply(ticket, Reply::NotTheCoordinator { coordinator });
            }
            Input::Deliver { from, message } => match message {
                Message::Prepare { txn, row, by, participants } => {
                    self.prepare(cx, txn, Change { row, by }, participants, out);
                }
                Message::Yes { txn } => self.yes(cx, from, txn, out),
                Message::No { txn } => self.abort(TwoPhaseRule::DecideAbort, txn, Some(from), out),
                Message::Commit { txn } => self.told(cx, txn, Outcome::Commit, out),
                Message::Abort { txn } => self.told(cx, txn, Outcome::Abort, out),
                Message::Done { txn } => self.acknowledged(from, txn, out),
                Message::WhatBecame { txn } if leads => self.tell(from, txn, out),
                Message::WhatBecame { txn } => self.asked(from, txn, out),
            },
            Input::Fire(Timer::Late { txn }) => self.late(cx, txn, out),
            Input::Fire(Timer::Ask) => self.ask(cx, out),
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        let voting = self.voting.keys().map(|txn| (*txn, Phase::Voting));
        let committing = self.stable.commits.keys().map(|txn| (*txn, Phase::Committing));
        View {
            transactions: voting.chain(committing).collect(),
            in_doubt: self.stable.prepared.keys().copied().collect(),
            ..View::default()
        }
    }
}

hand_in!("build-two-phase", BuiltTwoPhase::<MyTwoPhase>::new());
