//! The acceptor: promises ballots and accepts proposals (*Paxos Made Simple* §2.2).
//!
//! [`Acceptor`] combines the [promise](PromiseState) with the one accepted proposal of Basic Paxos,
//! and orders the effects: write first, then answer.

use quorate_protocol::{Context, NodeId, Outbox};

use super::disk::{Disk, Record};
use super::message::{Fact, Message};
use super::node::Paxos;
use crate::ballot::{Ballot, DisplayBallot};
use crate::promise::{Answer, PromiseState};
use crate::rules::PaxosRule;
use crate::value::{Proposal, Value};

/// The acceptor of Basic Paxos.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Acceptor {
    pub(crate) promises: PromiseState,
    pub(crate) accepted: Option<Proposal>,
}

impl Acceptor {
    pub(crate) fn boot(cx: &Context<Paxos>, disk: &Disk) -> Self {
        let accepted = disk.accepted.clone().filter(|vote| cx.rules.recall_accepted(vote.ballot));
        Acceptor { promises: PromiseState::recalled(cx.rules, disk.promised), accepted }
    }

    pub(crate) fn promised(&self) -> Option<Ballot> {
        self.promises.promised
    }

    pub(crate) fn accepted(&self) -> Option<&Proposal> {
        self.accepted.as_ref()
    }

    fn accepted_ballot(&self) -> Option<Ballot> {
        self.accepted.as_ref().map(|proposal| proposal.ballot)
    }

    /// Phase 1(b): handles a prepare.
    pub(crate) fn prepare(&mut self, cx: &Context<Paxos>, from: NodeId, ballot: Ballot, out: &mut Outbox<Paxos>) {
        match self.promises.prepare(cx.rules, self.accepted_ballot(), ballot) {
            Answer::Yes { rule, before, raised } => {
                let accepted = self.report(cx, before);
                let mut because = out.because(rule);
                because.why(format_args!("{ballot} is asked for, {} was promised", DisplayBallot(before)));
                if raised {
                    because.persist(Record::Promised { ballot }).emit(Fact::Promised { ballot });
                }
                because.send(from, Message::Promise { ballot, accepted });
            }
            Answer::No { rule, promised } => refuse(rule, from, ballot, promised, out),
            Answer::Silence { rule } => {
                out.because(rule).why(format_args!("{ballot} is past its phase 1"));
            }
        }
    }

    /// The accepted proposal that a promise reports.
    fn report(&self, cx: &Context<Paxos>, promised_before: Option<Ballot>) -> Option<Proposal> {
        self.accepted.as_ref().map(|proposal| Proposal {
            ballot: cx.rules.reported_ballot(proposal.ballot, promised_before),
            value: proposal.value.clone(),
        })
    }

    /// Phase 2(b): handles an accept.
    pub(crate) fn accept(
        &mut self,
        cx: &Context<Paxos>,
        from: NodeId,
        ballot: Ballot,
        value: Value,
        out: &mut Outbox<Paxos>,
    ) {
        match self.promises.accept(cx.rules, self.accepted_ballot(), ballot) {
            Answer::Yes { rule, before, raised } => {
                let mut because = out.because(rule);
                because.why(format_args!("{ballot} is asked for, {} was promised", DisplayBallot(before)));
                // A rulebook that forgets the promise here leaves nothing to write.
                if raised && let Some(ballot) = self.promises.promised {
                    because.persist(Record::Promised { ballot });
                }
                if self.accepted.as_ref().is_none_or(|vote| vote.ballot != ballot || vote.value != value) {
                    because.persist(Record::Accepted { ballot, value: value.clone() });
                    because.emit(Fact::Accepted { ballot, value: value.clone() });
                    self.accepted = Some(Proposal { ballot, value: value.clone() });
                }
                for &learner in cx.config.vote_recipients() {
                    because.send(learner, Message::Accepted { ballot, value: value.clone() });
                }
            }
            Answer::No { rule, promised } => refuse(rule, from, ballot, promised, out),
            Answer::Silence { rule } => {
                out.because(rule).why(format_args!("{ballot} may not be accepted"));
            }
        }
    }

    /// Answers a learner that asks for the latest vote.
    pub(crate) fn on_ask_accepted(&self, from: NodeId, out: &mut Outbox<Paxos>) {
        match &self.accepted {
            Some(Proposal { ballot, value }) => {
                out.because(PaxosRule::ShowAccepted)
                    .why(format_args!("accepted {value} in {ballot}"))
                    .send(from, Message::Accepted { ballot: *ballot, value: value.clone() });
            }
            None => {
                out.because(PaxosRule::NothingAccepted).why(format_args!("{from} asks too early"));
            }
        }
    }
}

fn refuse(rule: PaxosRule, from: NodeId, ballot: Ballot, promised: Ballot, out: &mut Outbox<Paxos>) {
    out.because(rule)
        .why(format_args!("{promised} was promised, which is above {ballot}"))
        .send(from, Message::Refused { ballot, promised });
}
