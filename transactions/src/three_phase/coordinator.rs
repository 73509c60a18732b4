//! The coordinator: collects the votes, has all participants enter the pre-commit state, and
//! commits. After a restart it asks what they have decided without it.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{ClientId, Context, NodeId, Outbox, RequestId};

use super::disk::{Disk, Record};
use super::message::{Fact, Message, Timer};
use super::node::ThreePhase;
use super::rules::ThreePhaseRule;
use crate::command::{Change, Outcome, Reply};
use crate::id::Txn;
use crate::paxos_commit::Begun;
use crate::request::{Decided, Request, remember};

type Cx<'a> = Context<'a, ThreePhase>;
type Out = Outbox<ThreePhase>;

/// Progress of a transaction that the coordinator has not decided.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Stage {
    /// Phase 1: the participants that have voted yes.
    Voting(BTreeSet<NodeId>),
    /// Phase 2: the participants that have entered the pre-commit state.
    PreCommitting(BTreeSet<NodeId>),
    /// After a restart: the participants may have decided.
    Recovering,
}

/// A transaction that the coordinator has not decided.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Open {
    pub(crate) ticket: RequestId,
    pub(crate) participants: BTreeSet<NodeId>,
    pub(crate) stage: Stage,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Coordinator {
    /// The newest transaction: the incarnation of this coordinator, and the number begun in it.
    pub(crate) newest: Txn,
    pub(crate) open: BTreeMap<Txn, Open>,
    pub(crate) outcomes: BTreeMap<Txn, Outcome>,
    /// The newest decided request of each client.
    pub(crate) decided: BTreeMap<ClientId, Decided>,
}

impl Coordinator {
    pub(crate) fn boot(cx: &Cx<'_>, disk: &Disk, out: &mut Out) -> Self {
        let newest = Txn { life: cx.rules.next_life(disk.life), number: 0 };
        let (outcomes, decided) = (disk.outcomes.clone(), disk.decided.clone());
        let mut role = Coordinator { newest, open: BTreeMap::new(), outcomes, decided };
        for (txn, Begun { ticket, participants }) in &disk.begun {
            let (ticket, participants) = (*ticket, participants.clone());
            role.open.insert(*txn, Open { ticket, participants, stage: Stage::Recovering });
            match cx.rules.coordinator_asks() {
                Allow(rule) => role.ask(cx, rule, *txn, out),
                Refuse(rule) => role.decide(rule, *txn, Outcome::Abort, "it was not decided before the restart", out),
            }
        }
        role
    }

    /// Phase 1: begins a transaction for a client.
    pub(crate) fn begin(&mut self, cx: &Cx<'_>, ticket: RequestId, changes: BTreeMap<NodeId, Change>, out: &mut Out) {
        let last = self.decided.get(&ticket.client).copied();
        let under_way = self.open.iter().find(|(_, open)| open.ticket == ticket).map(|(txn, _)| *txn);
        let request = Request {
            ticket,
            changes: &changes,
            places: (&cx.config.participants, "participant"),
            under_way: (under_way, "transaction"),
            last,
        };
        let begins = cx.rules.begins(last.map(|last| last.number), ticket.number);
        if let Some(rule) = request.admit(begins, ThreePhaseRule::Invalid, ThreePhaseRule::RepeatedRequest, out) {
            self.ask_for_votes(cx, rule, ticket, changes, out);
        }
    }

    fn ask_for_votes(
        &mut self,
        cx: &Cx<'_>,
        rule: ThreePhaseRule,
        ticket: RequestId,
        changes: BTreeMap<NodeId, Change>,
        out: &mut Out,
    ) {
        self.newest.number += 1;
        let txn = self.newest;
        let participants: BTreeSet<NodeId> = changes.keys().copied().collect();
        let mut because = out.because(rule);
        because
            .why(format_args!("{ticket} becomes transaction {txn}"))
            .persist(Record::Begun { txn, begun: Begun { ticket, participants: participants.clone() } })
            .emit(Fact::Began { txn, ticket, participants: participants.clone() })
            .arm(Timer::Late { txn }, cx.config.answer_timeout);
        for (participant, Change { row, by }) in changes {
            because.send(participant, Message::Prepare { txn, row, by, participants: participants.clone() });
        }
        self.open.insert(txn, Open { ticket, participants, stage: Stage::Voting(BTreeSet::new()) });
    }

    /// Handles a yes.
    pub(crate) fn yes(&mut self, cx: &Cx<'_>, from: NodeId, txn: Txn, out: &mut Out) {
        let Some(Open { participants, stage: Stage::Voting(votes), .. }) = self.open.get_mut(&txn) else {
            return late(from, txn, out);
        };
        votes.insert(from);
        match cx.rules.all_said_yes(votes.len(), participants.len()) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{} of {} said yes to {txn}", votes.len(), participants.len()));
            }
            Allow(rule) if cx.rules.pre_commits() => self.pre_commit(cx, rule, txn, out),
            Allow(_) => {
                self.decide(ThreePhaseRule::DecideCommit, txn, Outcome::Commit, "every participant said yes", out);
            }
        }
    }

    /// Phase 2.
    fn pre_commit(&mut self, cx: &Cx<'_>, rule: ThreePhaseRule, txn: Txn, out: &mut Out) {
        let Some(open) = self.open.get_mut(&txn) else { return };
        open.stage = Stage::PreCommitting(BTreeSet::new());
        let mut because = out.because(rule);
        because
            .why(format_args!("every participant of {txn} said yes"))
            .arm(Timer::Late { txn }, cx.config.answer_timeout);
        for &participant in &open.participants {
            because.send(participant, Message::PreCommit { txn });
        }
    }

    /// Handles an acknowledgement. With the last one begins phase 3.
    pub(crate) fn ack(&mut self, cx: &Cx<'_>, from: NodeId, txn: Txn, out: &mut Out) {
        let Some(Open { participants, stage: Stage::PreCommitting(acks), .. }) = self.open.get_mut(&txn) else {
            return late(from, txn, out);
        };
        acks.insert(from);
        match cx.rules.all_acknowledged(acks.len(), participants.len()) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{} of {} are certain of {txn}", acks.len(), participants.len()));
            }
            Allow(rule) => self.decide(rule, txn, Outcome::Commit, "nobody is uncertain of it", out),
        }
    }

    /// Handles a no.
    pub(crate) fn no(&mut self, from: NodeId, txn: Txn, out: &mut Out) {
        match self.open.get(&txn).map(|open| &open.stage) {
            Some(Stage::Voting(_)) => {
                self.decide(ThreePhaseRule::DecideAbort, txn, Outcome::Abort, "a participant said no", out);
            }
            _ => late(from, txn, out),
        }
    }

    /// Handles the timer of a transaction: votes, acknowledgements or answers are late.
    pub(crate) fn late(&mut self, cx: &Cx<'_>, txn: Txn, out: &mut Out) {
        match self.open.get(&txn).map(|open| &open.stage) {
            Some(Stage::Voting(_)) => {
                self.decide(ThreePhaseRule::AbortLate, txn, Outcome::Abort, "a vote is missing", out);
            }
            Some(Stage::PreCommitting(_)) => {
                let rule = ThreePhaseRule::CommitWithoutSilent;
                self.decide(rule, txn, Outcome::Commit, "a participant does not answer", out);
            }
            Some(Stage::Recovering) => self.ask(cx, ThreePhaseRule::AskOthers, txn, out),
            None => {
                out.because(ThreePhaseRule::LateVote).why(format_args!("{txn} is decided"));
            }
        }
    }

    /// Asks the participants, after a restart.
    fn ask(&self, cx: &Cx<'_>, rule: ThreePhaseRule, txn: Txn, out: &mut Out) {
        let Some(open) = self.open.get(&txn) else { return };
        let mut because = out.because(rule);
        because.why(format_args!("{txn} was begun")).arm(Timer::Late { txn }, cx.config.retry);
        for &participant in &open.participants {
            because.send(participant, Message::WhatBecame { txn });
        }
    }

    /// Handles the outcome that a participant has reached.
    pub(crate) fn told(&mut self, from: NodeId, txn: Txn, outcome: Outcome, out: &mut Out) {
        match self.open.get(&txn).map(|open| &open.stage) {
            Some(Stage::Recovering) => {
                self.decide(ThreePhaseRule::AdoptOutcome, txn, outcome, "a participant knows its outcome", out);
            }
            _ => late(from, txn, out),
        }
    }

    /// Writes the outcome down, and announces it.
    fn decide(&mut self, rule: ThreePhaseRule, txn: Txn, outcome: Outcome, why: &str, out: &mut Out) {
        let Some(Open { ticket, participants, .. }) = self.open.remove(&txn) else { return };
        self.outcomes.insert(txn, outcome);
        remember(&mut self.decided, ticket, txn, outcome);
        let mut because = out.because(rule);
        because
            .why(format_args!("{txn} is {outcome}: {why}"))
            .persist(Record::Decided { txn, ticket, outcome })
            .emit(Fact::Decided { txn, outcome })
            .disarm(Timer::Late { txn });
        for participant in participants {
            because.send(participant, Message::of(outcome, txn));
        }
        because.reply(ticket, Reply::of(outcome, txn));
    }

    /// Answers a restarted participant.
    pub(crate) fn what_became(&self, from: NodeId, txn: Txn, out: &mut Out) {
        match (self.outcomes.get(&txn), self.open.get(&txn).map(|open| &open.stage)) {
            (Some(&outcome), _) => {
                out.because(ThreePhaseRule::TellOutcome)
                    .why(format_args!("{txn} was {outcome}"))
                    .send(from, Message::of(outcome, txn));
            }
            (None, Some(Stage::Recovering)) => {
                out.because(ThreePhaseRule::StillOpen)
                    .why(format_args!("this node has restarted, too"))
                    .send(from, Message::NorDoI { txn });
            }
            (None, _) => {
                out.because(ThreePhaseRule::StillOpen).why(format_args!("{txn} is not decided"));
            }
        }
    }
}

fn late(from: NodeId, txn: Txn, out: &mut Out) {
    out.because(ThreePhaseRule::LateVote).why(format_args!("nobody waits for {from} in {txn}"));
}
