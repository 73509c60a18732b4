//! The acceptor of Multi-Paxos: one promise for all slots, one vote in each.
//!
//! Its decisions follow from the same [promise](PromiseState) as in Basic Paxos.

use std::collections::BTreeMap;

use quorate_protocol::{Context, NodeId, Outbox};

use super::disk::{Disk, Record};
use super::message::{Fact, Message, SlotProposal};
use super::node::MultiPaxos;
use crate::ballot::{Ballot, DisplayBallot};
use crate::entry::{Entry, Slot};
use crate::promise::{Answer, PromiseState};
use crate::rules::PaxosRule;
use crate::value::Proposal;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Acceptor {
    promises: PromiseState,
    accepted: BTreeMap<Slot, Proposal<Entry>>,
    /// The highest ballot of a vote in any slot: its owner has completed phase 1.
    latest: Option<Ballot>,
}

impl Acceptor {
    pub(super) fn boot(cx: &Context<MultiPaxos>, disk: &Disk) -> Self {
        let mut accepted = disk.accepted.clone();
        accepted.retain(|_, vote| cx.rules.recall_accepted(vote.ballot));
        let latest = accepted.values().map(|vote| vote.ballot).max();
        Acceptor { promises: PromiseState::recalled(cx.rules, disk.promised), accepted, latest }
    }

    pub(super) fn promised(&self) -> Option<Ballot> {
        self.promises.promised
    }

    pub(super) fn accepted(&self) -> &BTreeMap<Slot, Proposal<Entry>> {
        &self.accepted
    }

    /// Phase 1(b), for every slot; the report covers the open ones.
    pub(super) fn prepare(
        &mut self,
        cx: &Context<MultiPaxos>,
        from: NodeId,
        ballot: Ballot,
        open: Slot,
        out: &mut Outbox<MultiPaxos>,
    ) {
        let latest = self.latest;
        debug_assert!(
            self.accepted.values().all(|vote| Some(vote.ballot) <= latest),
            "no vote is later than the latest"
        );
        match self.promises.prepare(cx.rules, latest, ballot) {
            Answer::Yes { rule, before, raised } => {
                let accepted = self.report(cx, open, before);
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

    fn report(&self, cx: &Context<MultiPaxos>, open: Slot, promised_before: Option<Ballot>) -> Vec<SlotProposal> {
        let report = |(slot, vote): (&Slot, &Proposal<Entry>)| SlotProposal {
            slot: *slot,
            ballot: cx.rules.reported_ballot(vote.ballot, promised_before),
            entry: vote.value.clone(),
        };
        self.accepted.range(open..).map(report).collect()
    }

    /// Phase 2(b), in one slot.
    pub(super) fn accept(
        &mut self,
        cx: &Context<MultiPaxos>,
        from: NodeId,
        slot: Slot,
        ballot: Ballot,
        entry: Entry,
        out: &mut Outbox<MultiPaxos>,
    ) {
        let vote = self.accepted.get(&slot);
        match self.promises.accept(cx.rules, vote.map(|vote| vote.ballot), ballot) {
            Answer::Yes { rule, before, raised } => {
                let mut because = out.because(rule);
                because.why(format_args!("{ballot} is asked for, {} was promised", DisplayBallot(before)));
                // A rulebook that forgets the promise here leaves nothing to write.
                if raised && let Some(ballot) = self.promises.promised {
                    because.persist(Record::Promised { ballot });
                }
                if vote.is_none_or(|vote| vote.ballot != ballot || vote.value != entry) {
                    because.persist(Record::Accepted { slot, ballot, entry: entry.clone() });
                    because.emit(Fact::Accepted { slot, ballot, entry: entry.clone() });
                    self.accepted.insert(slot, Proposal { ballot, value: entry.clone() });
                    self.latest = self.latest.max(Some(ballot));
                }
                for &learner in cx.config.vote_recipients() {
                    because.send(learner, Message::Accepted { slot, ballot, entry: entry.clone() });
                }
            }
            Answer::No { rule, promised } => refuse(rule, from, ballot, promised, out),
            Answer::Silence { rule } => {
                out.because(rule).why(format_args!("{ballot} may not be accepted"));
            }
        }
    }
}

fn refuse(rule: PaxosRule, from: NodeId, ballot: Ballot, promised: Ballot, out: &mut Outbox<MultiPaxos>) {
    out.because(rule)
        .why(format_args!("{promised} was promised, which is above {ballot}"))
        .send(from, Message::Refused { ballot, promised });
}
