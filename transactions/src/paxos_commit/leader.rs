//! The leader: begins transactions, counts what the acceptors have accepted, and takes over with a
//! ballot of its own where a vote is missing.

use std::collections::{BTreeMap, BTreeSet};

use quorate_paxos::{Ballot, Proposal};
use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{ClientId, Context, NodeId, Outbox, RequestId};

use super::disk::{Begun, Disk, Record};
use super::message::{Fact, Message, Timer, Vote, Votes};
use super::node::PaxosCommit;
use super::rules::PaxosCommitRule;
use crate::command::{Change, Outcome, Reply};
use crate::id::Txn;
use crate::request::{Decided, Request, remember};

type Cx<'a> = Context<'a, PaxosCommit>;
type Out = Outbox<PaxosCommit>;

/// Votes that an acceptor has accepted, by instance.
type Accepted = BTreeMap<NodeId, Proposal<Vote>>;

/// Ballot in which a leader waits.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Attempt {
    /// Ballot 0: the participants vote.
    Voting,
    /// Phase 1 of its own ballot: the acceptors that have promised, with what they had accepted.
    Asking { ballot: Ballot, promises: BTreeMap<NodeId, Accepted> },
    /// Phase 2 of its own ballot.
    Proposing { ballot: Ballot },
}

/// A transaction that a leader is at work on.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Open {
    pub(crate) participants: BTreeSet<NodeId>,
    pub(crate) attempt: Attempt,
    /// The votes that each acceptor has accepted last.
    pub(crate) accepted: BTreeMap<NodeId, Accepted>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Leader {
    /// At the first leader: the newest transaction, which is its life and the number begun in it.
    pub(crate) newest: Txn,
    /// The highest ballot that this leader has used.
    pub(crate) tried: Option<Ballot>,
    /// The highest ballot that it has been refused for.
    pub(crate) seen: Option<Ballot>,
    pub(crate) open: BTreeMap<Txn, Open>,
    pub(crate) outcomes: BTreeMap<Txn, Outcome>,
    /// The requests of the transactions that are begun and not decided.
    pub(crate) tickets: BTreeMap<Txn, RequestId>,
    /// The newest decided request of each client.
    pub(crate) decided: BTreeMap<ClientId, Decided>,
}

impl Leader {
    pub(crate) fn boot(cx: &Cx<'_>, disk: &Disk, out: &mut Out) -> Self {
        let newest = Txn { life: cx.rules.next_life(disk.life), number: 0 };
        let (mut open, mut tickets) = (BTreeMap::new(), BTreeMap::new());
        for (txn, Begun { ticket, participants }) in &disk.begun {
            out.because(PaxosCommitRule::RecallBegun)
                .why(format_args!("{txn} was begun"))
                .arm(Timer::Late { txn: *txn }, cx.config.retry);
            open.insert(*txn, Open::new(participants.clone()));
            tickets.insert(*txn, *ticket);
        }
        let (outcomes, decided) = (BTreeMap::new(), disk.decided.clone());
        Leader { newest, tried: disk.tried, seen: None, open, outcomes, tickets, decided }
    }

    /// Begins a transaction for a client.
    pub(crate) fn begin(&mut self, cx: &Cx<'_>, ticket: RequestId, changes: BTreeMap<NodeId, Change>, out: &mut Out) {
        let last = self.decided.get(&ticket.client).copied();
        let under_way = self.tickets.iter().find(|(_, begun)| **begun == ticket).map(|(txn, _)| *txn);
        let request = Request {
            ticket,
            changes: &changes,
            places: (&cx.config.participants, "participant"),
            under_way: (under_way, "transaction"),
            last,
        };
        let begins = cx.rules.begins(last.map(|last| last.number), ticket.number);
        if let Some(rule) = request.admit(begins, PaxosCommitRule::Invalid, PaxosCommitRule::RepeatedRequest, out) {
            self.ask_to_prepare(cx, rule, ticket, changes, out);
        }
    }

    fn ask_to_prepare(
        &mut self,
        cx: &Cx<'_>,
        rule: PaxosCommitRule,
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
            .arm(Timer::Late { txn }, cx.config.vote_timeout);
        for (participant, Change { row, by }) in changes {
            because.send(participant, Message::Prepare { txn, row, by, participants: participants.clone() });
        }
        self.open.insert(txn, Open::new(participants));
        self.tickets.insert(txn, ticket);
    }

    /// Handles the timer of a transaction: it is not decided, so this leader begins a ballot.
    pub(crate) fn late(&mut self, cx: &Cx<'_>, txn: Txn, out: &mut Out) {
        match self.open.get(&txn).map(|open| open.participants.clone()) {
            Some(participants) => self.take_over(cx, txn, participants, out),
            None => {
                out.because(PaxosCommitRule::LateAccepted).why(format_args!("{txn} is decided"));
            }
        }
    }

    /// Phase 1a, in all instances of a transaction.
    fn take_over(&mut self, cx: &Cx<'_>, txn: Txn, participants: BTreeSet<NodeId>, out: &mut Out) {
        let ballot = cx.rules.next_ballot(cx.me, self.tried, self.seen);
        self.tried = Some(ballot);
        let told = cx.rules.tells_undecided().zip(self.tickets.get(&txn).copied());
        let mut because = out.because(PaxosCommitRule::TakeOver);
        match told {
            None => because.why(format_args!("{txn} lacks a decision")),
            Some((outcome, _)) => {
                because.why(format_args!("{txn} lacks a decision, and its client hears that it was {outcome}"))
            }
        };
        because.persist(Record::Tried { ballot }).arm(Timer::Late { txn }, cx.config.vote_timeout);
        for &acceptor in &cx.config.acceptors {
            because.send(acceptor, Message::NewBallot { txn, ballot });
        }
        if let Some((outcome, ticket)) = told {
            because.reply(ticket, Reply::of(outcome, txn));
        }
        let open = self.open.entry(txn).or_insert_with(|| Open::new(participants));
        open.attempt = Attempt::Asking { ballot, promises: BTreeMap::new() };
    }

    /// Phase 2a: handles a promise. With those of a majority, proposes a vote in each instance.
    pub(crate) fn promise(
        &mut self,
        cx: &Cx<'_>,
        from: NodeId,
        txn: Txn,
        reply: Ballot,
        reported: Accepted,
        out: &mut Out,
    ) {
        let Some(Open { participants, attempt, .. }) = self.open.get_mut(&txn) else {
            return late(from, txn, out);
        };
        let (ballot, promises) = match attempt {
            Attempt::Asking { ballot, promises } if *ballot == reply => (*ballot, promises),
            _ => {
                out.because(PaxosCommitRule::StaleReply).why(format_args!("{reply} is not in phase 1"));
                return;
            }
        };
        promises.insert(from, reported);
        if !cx.rules.prepared(promises.len(), cx.config.quorums()) {
            out.because(PaxosCommitRule::CountPromise).why(format_args!(
                "{} of {} promises for {ballot}",
                promises.len(),
                cx.config.quorums().phase_1
            ));
            return;
        }
        let bound: BTreeMap<NodeId, Option<Vote>> =
            participants.iter().map(|&instance| (instance, bound(cx, instance, promises))).collect();
        let free: Vec<String> =
            bound.iter().filter(|(_, vote)| vote.is_none()).map(|(instance, _)| instance.to_string()).collect();
        let votes: Votes =
            bound.into_iter().map(|(instance, vote)| (instance, vote.unwrap_or_else(|| cx.rules.free()))).collect();
        let rule = if free.is_empty() { PaxosCommitRule::ProposeReported } else { PaxosCommitRule::ProposeFree };
        let mut because = out.because(rule);
        match free.is_empty() {
            true => because.why(format_args!("votes were accepted in every instance")),
            false => because.why(format_args!("nothing was accepted of {}", free.join(" and "))),
        };
        for &acceptor in &cx.config.acceptors {
            because.send(acceptor, Message::Propose { txn, ballot, votes: votes.clone() });
        }
        *attempt = Attempt::Proposing { ballot };
    }

    /// Handles a refusal: an acceptor has promised a higher ballot. The timer tries again.
    pub(crate) fn refused(&mut self, from: NodeId, txn: Txn, ballot: Ballot, promised: Ballot, out: &mut Out) {
        self.seen = self.seen.max(Some(promised));
        if !self.open.contains_key(&txn) {
            return late(from, txn, out);
        }
        out.because(PaxosCommitRule::Preempted).why(format_args!("{from} has promised {promised}, above {ballot}"));
    }

    /// Phase 2b: counts what an acceptor has accepted, and decides as soon as that is enough.
    pub(crate) fn accepted(
        &mut self,
        cx: &Cx<'_>,
        from: NodeId,
        txn: Txn,
        ballot: Ballot,
        votes: Votes,
        out: &mut Out,
    ) {
        let Some(open) = self.open.get_mut(&txn) else { return late(from, txn, out) };
        let last = open.accepted.entry(from).or_default();
        for (instance, value) in votes {
            if last.get(&instance).is_none_or(|before| before.ballot <= ballot) {
                last.insert(instance, Proposal { ballot, value });
            }
        }
        let chosen: Vec<Vote> = open.participants.iter().filter_map(|&instance| open.chosen(cx, instance)).collect();
        if chosen.contains(&Vote::Aborted) {
            return self.decide(PaxosCommitRule::DecideAbort, txn, Outcome::Abort, out);
        }
        match cx.rules.commits(chosen.len(), open.participants.len()) {
            Allow(rule) => self.decide(rule, txn, Outcome::Commit, out),
            Refuse(rule) => {
                out.because(rule).why(format_args!(
                    "{} of {} instances are decided",
                    chosen.len(),
                    open.participants.len()
                ));
            }
        }
    }

    /// Announces the outcome, to the client, too, if this leader has begun the transaction.
    fn decide(&mut self, rule: PaxosCommitRule, txn: Txn, outcome: Outcome, out: &mut Out) {
        let Some(open) = self.open.remove(&txn) else { return };
        self.outcomes.insert(txn, outcome);
        let ticket = self.tickets.remove(&txn);
        let mut because = out.because(rule);
        because.why(format_args!("{txn} is {outcome}"));
        if let Some(ticket) = ticket {
            remember(&mut self.decided, ticket, txn, outcome);
            because.persist(Record::Decided { txn, ticket, outcome });
        }
        because.emit(Fact::Decided { txn, outcome }).disarm(Timer::Late { txn });
        for participant in open.participants {
            because.send(participant, Message::of(outcome, txn));
        }
        if let Some(ticket) = ticket {
            because.reply(ticket, Reply::of(outcome, txn));
        }
    }

    /// Handles the question of a participant in doubt.
    pub(crate) fn what_became(
        &mut self,
        cx: &Cx<'_>,
        from: NodeId,
        txn: Txn,
        participants: BTreeSet<NodeId>,
        out: &mut Out,
    ) {
        if let Some(&outcome) = self.outcomes.get(&txn) {
            out.because(PaxosCommitRule::TellOutcome)
                .why(format_args!("{txn} was {outcome}"))
                .send(from, Message::of(outcome, txn));
        } else if self.open.contains_key(&txn) {
            out.because(PaxosCommitRule::StillOpen).why(format_args!("{txn} is not decided"));
        } else {
            self.take_over(cx, txn, participants, out);
        }
    }
}

impl Open {
    fn new(participants: BTreeSet<NodeId>) -> Self {
        Open { participants, attempt: Attempt::Voting, accepted: BTreeMap::new() }
    }

    /// The vote that an instance has chosen: enough acceptors have accepted it in one ballot.
    fn chosen(&self, cx: &Cx<'_>, instance: NodeId) -> Option<Vote> {
        let accepted: Vec<&Proposal<Vote>> =
            self.accepted.values().filter_map(|accepted| accepted.get(&instance)).collect();
        let count = |vote: &Proposal<Vote>| accepted.iter().filter(|other| **other == vote).count();
        let chosen = accepted.iter().find(|vote| cx.rules.chosen(count(vote), cx.config.quorums()));
        chosen.map(|vote| vote.value)
    }
}

/// The vote that a leader must propose again in an instance; `None` if the instance is free.
///
/// A rulebook may return an index out of range: then there is none.
fn bound(cx: &Cx<'_>, instance: NodeId, promises: &BTreeMap<NodeId, Accepted>) -> Option<Vote> {
    let reported: Vec<&Proposal<Vote>> = promises.values().filter_map(|accepted| accepted.get(&instance)).collect();
    let ballots: Vec<Ballot> = reported.iter().map(|vote| vote.ballot).collect();
    Some(reported.get(cx.rules.bound(&ballots)?)?.value)
}

fn late(from: NodeId, txn: Txn, out: &mut Out) {
    out.because(PaxosCommitRule::LateAccepted).why(format_args!("{from} reports on {txn}, which is not open"));
}
