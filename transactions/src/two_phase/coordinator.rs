//! The coordinator: collects the votes, decides, and announces a commit until all have acknowledged
//! it.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{ClientId, Context, NodeId, Outbox, RequestId};

use super::disk::{Commit, Disk, Record};
use super::message::{Fact, Message, Timer};
use super::node::TwoPhase;
use super::rules::TwoPhaseRule;
use crate::command::{Change, Outcome, Reply};
use crate::id::Txn;
use crate::request::{Decided, Request, remember};

type Cx<'a> = Context<'a, TwoPhase>;
type Out = Outbox<TwoPhase>;

/// Progress of a transaction that the coordinator has not forgotten.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Stage {
    /// Phase 1: number of yes votes counted of each participant.
    Voting(BTreeMap<NodeId, u32>),
    /// Phase 2 of a commit: the participants that have acknowledged it.
    Committing(BTreeSet<NodeId>),
}

/// A transaction that the coordinator has not forgotten.
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
    /// The newest decided request of each client.
    pub(crate) decided: BTreeMap<ClientId, Decided>,
}

impl Coordinator {
    pub(crate) fn boot(cx: &Cx<'_>, disk: &Disk, out: &mut Out) -> Self {
        let newest = Txn { life: cx.rules.next_life(disk.life), number: 0 };
        let mut open = BTreeMap::new();
        for (txn, Commit { ticket, participants }) in &disk.commits {
            let stage = Stage::Committing(BTreeSet::new());
            open.insert(*txn, Open { ticket: *ticket, participants: participants.clone(), stage });
            let mut because = out.because(TwoPhaseRule::RecallDecision);
            because.why(format_args!("{txn} was committed")).arm(Timer::Late { txn: *txn }, cx.config.retry);
            for &participant in participants {
                because.send(participant, Message::Commit { txn: *txn });
            }
        }
        Coordinator { newest, open, decided: disk.decided.clone() }
    }

    /// Phase 1: begins a transaction for a client.
    pub(crate) fn begin(&mut self, cx: &Cx<'_>, ticket: RequestId, changes: BTreeMap<NodeId, Change>, out: &mut Out) {
        let last = self.decided.get(&ticket.client).copied();
        let is_under_way = |open: &Open| open.ticket == ticket && matches!(open.stage, Stage::Voting(_));
        let under_way = self.open.iter().find(|(_, open)| is_under_way(open)).map(|(txn, _)| *txn);
        let request = Request {
            ticket,
            changes: &changes,
            places: (&cx.config.participants, "participant"),
            under_way: (under_way, "transaction"),
            last,
        };
        let begins = cx.rules.begins(last.map(|last| last.number), ticket.number);
        if let Some(rule) = request.admit(begins, TwoPhaseRule::Invalid, TwoPhaseRule::RepeatedRequest, out) {
            self.ask_for_votes(cx, rule, ticket, changes, out);
        }
    }

    fn ask_for_votes(
        &mut self,
        cx: &Cx<'_>,
        rule: TwoPhaseRule,
        ticket: RequestId,
        changes: BTreeMap<NodeId, Change>,
        out: &mut Out,
    ) {
        self.newest.number += 1;
        let txn = self.newest;
        let participants: BTreeSet<NodeId> = changes.keys().copied().collect();
        let mut because = out.because(rule);
        because.why(format_args!("{ticket} becomes transaction {txn}"));
        if txn.number == 1 {
            because.persist(Record::Life { life: txn.life });
        }
        because
            .emit(Fact::Began { txn, ticket, participants: participants.clone() })
            .arm(Timer::Late { txn }, cx.config.vote_timeout);
        for (participant, Change { row, by }) in changes {
            because.send(participant, Message::Prepare { txn, row, by, participants: participants.clone() });
        }
        self.open.insert(txn, Open { ticket, participants, stage: Stage::Voting(BTreeMap::new()) });
    }

    /// Handles a yes.
    pub(crate) fn yes(&mut self, cx: &Cx<'_>, from: NodeId, txn: Txn, out: &mut Out) {
        let Some(open) = self.open.get_mut(&txn) else { return unknown(cx, from, txn, out) };
        let Stage::Voting(votes) = &mut open.stage else { return late(from, txn, out) };
        let votes_before = votes.get(&from).copied().unwrap_or_default();
        match cx.rules.counts(votes_before) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{from} has voted on {txn}"));
                return;
            }
            Allow(_) => votes.insert(from, votes_before + 1),
        };
        let yes = votes.values().sum::<u32>() as usize;
        match cx.rules.commits(yes, open.participants.len()) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{yes} of {} said yes to {txn}", open.participants.len()));
            }
            Allow(rule) => self.commit(cx, rule, txn, out),
        }
    }

    fn commit(&mut self, cx: &Cx<'_>, rule: TwoPhaseRule, txn: Txn, out: &mut Out) {
        let Some(open) = self.open.get_mut(&txn) else { return };
        open.stage = Stage::Committing(BTreeSet::new());
        let (ticket, participants) = (open.ticket, open.participants.clone());
        remember(&mut self.decided, ticket, txn, Outcome::Commit);
        let mut because = out.because(rule);
        because.why(format_args!("every participant of {txn} said yes"));
        if cx.rules.writes_commit() {
            because.persist(Record::Committed { txn, commit: Commit { ticket, participants: participants.clone() } });
        }
        because.emit(Fact::Decided { txn, outcome: Outcome::Commit }).arm(Timer::Late { txn }, cx.config.retry);
        for participant in participants {
            because.send(participant, Message::Commit { txn });
        }
        because.reply(ticket, Reply::Committed { txn });
    }

    /// Handles a no.
    pub(crate) fn no(&mut self, from: NodeId, txn: Txn, out: &mut Out) {
        match self.open.get(&txn).map(|open| &open.stage) {
            Some(Stage::Voting(_)) => self.abort(TwoPhaseRule::DecideAbort, txn, Some(from), out),
            _ => late(from, txn, out),
        }
    }

    /// Aborts a transaction, and forgets it. Only the answer to the client is written.
    fn abort(&mut self, rule: TwoPhaseRule, txn: Txn, said_no: Option<NodeId>, out: &mut Out) {
        let Some(Open { ticket, participants, .. }) = self.open.remove(&txn) else { return };
        remember(&mut self.decided, ticket, txn, Outcome::Abort);
        let mut because = out.because(rule);
        match said_no {
            Some(node) => because.why(format_args!("{node} said no to {txn}")),
            None => because.why(format_args!("a vote on {txn} is missing")),
        };
        because
            .persist(Record::Aborted { txn, ticket })
            .emit(Fact::Decided { txn, outcome: Outcome::Abort })
            .disarm(Timer::Late { txn });
        for participant in participants.into_iter().filter(|node| said_no != Some(*node)) {
            because.send(participant, Message::Abort { txn });
        }
        because.reply(ticket, Reply::Aborted { txn });
    }

    /// Handles the timer of a transaction: votes, or acknowledgements, are late.
    pub(crate) fn late(&mut self, cx: &Cx<'_>, txn: Txn, out: &mut Out) {
        let Some(open) = self.open.get(&txn) else {
            out.because(TwoPhaseRule::LateVote).why(format_args!("{txn} is decided"));
            return;
        };
        let done = match &open.stage {
            Stage::Voting(_) => None,
            Stage::Committing(done) => Some(done),
        };
        match (cx.rules.aborts_late(done.is_some()), done) {
            (Allow(rule), _) => self.abort(rule, txn, None, out),
            (Refuse(rule), done) => {
                let mut because = out.because(rule);
                because.arm(Timer::Late { txn }, cx.config.retry);
                let Some(done) = done else { return };
                because.why(format_args!("{} of {} have committed {txn}", done.len(), open.participants.len()));
                for &participant in open.participants.difference(done) {
                    because.send(participant, Message::Commit { txn });
                }
            }
        }
    }

    /// Handles the acknowledgement of a commit.
    pub(crate) fn done(&mut self, cx: &Cx<'_>, from: NodeId, txn: Txn, out: &mut Out) {
        let open = self.open.get_mut(&txn).map(|open| (&mut open.stage, open.participants.len()));
        let Some((Stage::Committing(done), participants)) = open else {
            out.because(TwoPhaseRule::LateDone).why(format_args!("{txn} has ended"));
            return;
        };
        done.insert(from);
        match cx.rules.forgets(done.len(), participants) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{} of {participants} have committed {txn}", done.len()));
            }
            Allow(rule) => {
                out.because(rule)
                    .why(format_args!("all have committed {txn}"))
                    .persist(Record::Ended { txn })
                    .disarm(Timer::Late { txn });
                self.open.remove(&txn);
            }
        }
    }

    /// Tells a participant in doubt what became of a transaction.
    pub(crate) fn what_became(&self, cx: &Cx<'_>, from: NodeId, txn: Txn, out: &mut Out) {
        match self.open.get(&txn).map(|open| &open.stage) {
            None => unknown(cx, from, txn, out),
            Some(Stage::Voting(_)) => {
                out.because(TwoPhaseRule::StillOpen).why(format_args!("{txn} lacks a vote"));
            }
            Some(Stage::Committing(_)) => {
                out.because(TwoPhaseRule::TellOutcome)
                    .why(format_args!("{txn} is committed"))
                    .send(from, Message::Commit { txn });
            }
        }
    }
}

/// Answers about a transaction of which there is no record.
fn unknown(cx: &Cx<'_>, from: NodeId, txn: Txn, out: &mut Out) {
    let mut because = out.because(TwoPhaseRule::PresumeAbort);
    because.why(format_args!("there is no record of {txn}"));
    if let Some(outcome) = cx.rules.presumes() {
        because.send(from, Message::of(outcome, txn));
    }
}

fn late(from: NodeId, txn: Txn, out: &mut Out) {
    out.because(TwoPhaseRule::LateVote).why(format_args!("{from} votes on {txn}, which is decided"));
}
