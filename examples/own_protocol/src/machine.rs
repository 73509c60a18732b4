//! The machine: one node, coordinator or participant, as a pure state machine.

use std::collections::{BTreeMap, BTreeSet};

use quorate::protocol::Ruling::{Allow, Refuse};
use quorate::protocol::{Context, Disk as _, Disposition, Duration, Input, Machine, NodeId, Outbox, RequestId};
use serde::Serialize;

use super::message::{Command, Disk, Fact, Message, Outcome, Record, Reply, Timer};
use super::rules::{CommitRule, Rulebook};

/// The coordinator. All other nodes are participants.
pub const COORDINATOR: NodeId = NodeId(0);

/// Time after which a participant in doubt asks again.
const INQUIRE_AFTER: Duration = Duration::from_millis(50);

/// Configuration of every node.
#[derive(Clone, Debug)]
pub struct Config {
    /// Number of participants.
    pub participants: u32,
}

impl Config {
    fn participants(&self) -> impl Iterator<Item = NodeId> + use<> {
        (1..=self.participants).map(NodeId)
    }
}

/// A node. It stores its variables alone: id and configuration come with every step.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TwoPhaseCommit {
    /// Copy of what is on disk.
    kept: Disk,
    /// On the coordinator: the votes for each transaction that is not decided. A crash loses them.
    votes: BTreeMap<RequestId, BTreeSet<NodeId>>,
}

/// State of a node for display.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct View {
    /// The transaction whose outcome the node waits for.
    pub in_doubt: Option<RequestId>,
    /// Number of transactions whose votes are being counted.
    pub voting: usize,
    /// Number of committed transactions.
    pub committed: usize,
    /// Number of aborted transactions.
    pub aborted: usize,
}

impl Machine for TwoPhaseCommit {
    const FAMILY: &'static str = "two-phase-commit";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = CommitRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = ();
    type View = View;

    fn boot(_: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        if disk.prepared.is_some() {
            out.because(CommitRule::InDoubt).arm(Timer::Inquire, INQUIRE_AFTER);
        }
        TwoPhaseCommit { kept: disk.clone(), votes: BTreeMap::new() }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command: Command::Commit } => self.begin(cx, ticket, out),
            Input::Deliver { from, message: Message::Prepare { transaction } } => {
                self.vote(cx, from, transaction, out);
            }
            Input::Deliver { from, message: Message::Vote { transaction, yes } } => {
                self.count_vote(cx, (from, yes), transaction, out);
            }
            Input::Deliver { message: Message::Decision { transaction, outcome }, .. } => {
                self.obey(transaction, outcome, out);
            }
            Input::Deliver { from, message: Message::Inquiry { transaction } } => {
                self.answer_inquiry(cx, from, transaction, out);
            }
            Input::Fire(Timer::Inquire) => self.inquire(out),
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        View {
            in_doubt: self.in_doubt(),
            voting: self.votes.len(),
            committed: self.decided(Outcome::Committed),
            aborted: self.decided(Outcome::Aborted),
        }
    }

    fn disposition(reply: &Reply) -> Disposition {
        match reply {
            Reply::Done { .. } => Disposition::Final,
            Reply::NotCoordinator => Disposition::Redirect(COORDINATOR),
        }
    }
}

impl TwoPhaseCommit {
    /// The transaction whose outcome the node waits for.
    pub fn in_doubt(&self) -> Option<RequestId> {
        self.kept.prepared
    }

    /// Number of transactions that have ended in this way, as far as the node knows.
    pub fn decided(&self, how: Outcome) -> usize {
        self.kept.decided.values().filter(|outcome| **outcome == how).count()
    }
}

/// The coordinator.
impl TwoPhaseCommit {
    fn begin(&mut self, cx: &Context<Self>, transaction: RequestId, out: &mut Outbox<Self>) {
        if cx.me != COORDINATOR {
            out.because(CommitRule::NotCoordinator).reply(transaction, Reply::NotCoordinator);
        } else if let Some(&outcome) = self.kept.decided.get(&transaction) {
            out.because(CommitRule::Final).reply(transaction, Reply::Done { outcome });
        } else {
            self.votes.entry(transaction).or_default();
            self.ask_for_votes(cx, transaction, out);
        }
    }

    /// Asks the participants that have not voted: the message may be lost, so it is repeated.
    fn ask_for_votes(&self, cx: &Context<Self>, transaction: RequestId, out: &mut Outbox<Self>) {
        let votes = self.votes.get(&transaction);
        let mut prepare = out.because(CommitRule::Prepare);
        for node in cx.config.participants().filter(|node| votes.is_none_or(|votes| !votes.contains(node))) {
            prepare.send(node, Message::Prepare { transaction });
        }
    }

    fn count_vote(
        &mut self,
        cx: &Context<Self>,
        (from, yes): (NodeId, bool),
        transaction: RequestId,
        out: &mut Outbox<Self>,
    ) {
        if let Some(&outcome) = self.kept.decided.get(&transaction) {
            out.because(CommitRule::Final).send(from, Message::Decision { transaction, outcome });
            return;
        }
        let Some(votes) = self.votes.get_mut(&transaction) else {
            return self.decide(cx, transaction, (Outcome::Aborted, CommitRule::PresumeAbort), out);
        };
        if !yes {
            return self.decide(cx, transaction, (Outcome::Aborted, CommitRule::Abort), out);
        }
        votes.insert(from);
        let (votes, participants) = (votes.len() as u32, cx.config.participants);
        match cx.rules.commit(votes, participants) {
            Allow(rule) => self.decide(cx, transaction, (Outcome::Committed, rule), out),
            Refuse(rule) => {
                out.because(rule).why(format_args!("{votes} of {participants} participants have voted yes"));
            }
        }
    }

    fn decide(
        &mut self,
        cx: &Context<Self>,
        transaction: RequestId,
        (outcome, rule): (Outcome, CommitRule),
        out: &mut Outbox<Self>,
    ) {
        self.votes.remove(&transaction);
        let mut decide = out.because(rule);
        decide.persist(self.keep(Record::Decided { transaction, outcome }));
        decide.emit(Fact::Decided { transaction, outcome }).reply(transaction, Reply::Done { outcome });
        for node in cx.config.participants() {
            decide.send(node, Message::Decision { transaction, outcome });
        }
    }

    fn answer_inquiry(&mut self, cx: &Context<Self>, from: NodeId, transaction: RequestId, out: &mut Outbox<Self>) {
        if let Some(&outcome) = self.kept.decided.get(&transaction) {
            out.because(CommitRule::Final).send(from, Message::Decision { transaction, outcome });
        } else if self.votes.contains_key(&transaction) {
            self.ask_for_votes(cx, transaction, out);
        } else {
            self.decide(cx, transaction, (Outcome::Aborted, CommitRule::PresumeAbort), out);
        }
    }
}

/// A participant.
impl TwoPhaseCommit {
    fn vote(&mut self, cx: &Context<Self>, from: NodeId, transaction: RequestId, out: &mut Outbox<Self>) {
        if let Some(outcome) = self.kept.decided.get(&transaction) {
            let yes = *outcome == Outcome::Committed;
            out.because(CommitRule::Final).send(from, Message::Vote { transaction, yes });
            return;
        }
        let locked_for = self.kept.prepared;
        match cx.rules.vote(locked_for, transaction) {
            Allow(rule) => {
                let mut vote = out.because(rule);
                if locked_for != Some(transaction) {
                    vote.persist(self.keep(Record::Prepared { transaction })).emit(Fact::Prepared { transaction });
                }
                vote.send(from, Message::Vote { transaction, yes: true }).arm(Timer::Inquire, INQUIRE_AFTER);
            }
            Refuse(rule) => {
                let outcome = Outcome::Aborted;
                let mut refuse = out.because(rule);
                if let Some(holder) = locked_for {
                    refuse.why(format_args!("{holder} holds the locks"));
                }
                refuse.persist(self.keep(Record::Decided { transaction, outcome }));
                refuse.emit(Fact::Decided { transaction, outcome });
                refuse.send(from, Message::Vote { transaction, yes: false });
            }
        }
    }

    fn obey(&mut self, transaction: RequestId, outcome: Outcome, out: &mut Outbox<Self>) {
        if self.kept.decided.contains_key(&transaction) {
            out.because(CommitRule::Final).why(format_args!("{transaction} has ended here"));
            return;
        }
        let mut obey = out.because(CommitRule::Obey);
        if self.kept.prepared == Some(transaction) {
            obey.disarm(Timer::Inquire);
        }
        obey.persist(self.keep(Record::Decided { transaction, outcome })).emit(Fact::Decided { transaction, outcome });
    }

    fn inquire(&mut self, out: &mut Outbox<Self>) {
        let mut ask = out.because(CommitRule::InDoubt);
        if let Some(transaction) = self.kept.prepared {
            ask.send(COORDINATOR, Message::Inquiry { transaction }).arm(Timer::Inquire, INQUIRE_AFTER);
        }
    }

    /// Applies a record to the copy of the disk, and returns it to be persisted.
    fn keep(&mut self, record: Record) -> Record {
        self.kept.apply(&record);
        record
    }
}
