//! The leader: a proposer of Multi-Paxos whose phase 1 is complete (*Paxos Made Simple* §3).
//!
//! It first settles the slots that its predecessors left open. Then it proposes each command in the
//! next free slot, with phase 2 alone, and sends periodic heartbeats.

use std::collections::BTreeMap;

use quorate_protocol::{Because, Context, Outbox, RequestId};

use super::RESEND_LIMIT;
use super::config::Config;
use super::message::{Fact, Message, SlotProposal, Timer};
use super::node::MultiPaxos;
use super::proposer::{Proposer, Role};
use crate::ballot::Ballot;
use crate::entry::{Entry, Slot};
use crate::phase_1::bound;
use crate::rules::PaxosRule;
use crate::value::{Proposal, Value};

impl Proposer {
    /// Becomes leader after phase 1: settles the open slots, then proposes the queued commands.
    pub(super) fn lead(
        &mut self,
        cx: &Context<MultiPaxos>,
        ballot: Ballot,
        reported: &BTreeMap<Slot, Vec<Proposal<Entry>>>,
        out: &mut Outbox<MultiPaxos>,
    ) {
        self.prepared = Some(ballot);
        self.role = Role::Leader { ballot };
        self.leader = Some(cx.me);
        self.failures = 0;
        self.pending.clear();
        self.underway.clear();
        out.because(PaxosRule::Lead)
            .why(format_args!("{ballot} is promised for slot {} and all after it", self.open))
            .disarm(Timer::Election)
            .emit(Fact::Leads { ballot });
        self.recover(cx, ballot, reported, out);
        for (ticket, value) in std::mem::take(&mut self.queue) {
            if self.underway.contains(&ticket) {
                self.waiting.insert(ticket);
            } else {
                self.propose_next(cx, ballot, ticket, value, out);
            }
        }
        self.beat(cx, out);
    }

    /// Proposes in every open slot up to the last reported one: the value that P2c requires, or a
    /// no-op.
    fn recover(
        &mut self,
        cx: &Context<MultiPaxos>,
        ballot: Ballot,
        reported: &BTreeMap<Slot, Vec<Proposal<Entry>>>,
        out: &mut Outbox<MultiPaxos>,
    ) {
        self.next = self.open;
        let Some((&last, _)) = reported.last_key_value() else { return };
        for slot in (self.open.0..=last.0).map(Slot) {
            let bound = bound(cx.rules, reported.get(&slot).map_or(&[], Vec::as_slice));
            if let Some(entry) = cx.rules.fill_hole(bound.map(|proposal| &proposal.value)) {
                let because = match bound {
                    Some(Proposal { ballot, value }) => {
                        let mut because = out.because(PaxosRule::RecoverReported);
                        because.why(format_args!("slot {slot}: {value} was accepted in {ballot}"));
                        because
                    }
                    None => {
                        let mut because = out.because(PaxosRule::FillHole);
                        because.why(format_args!("slot {slot} is empty, and slot {last} is not"));
                        because
                    }
                };
                self.propose(cx, SlotProposal { slot, ballot, entry }, because);
            }
            self.next = slot.next();
        }
    }

    /// Phase 2(a) for a new command.
    pub(super) fn propose_next(
        &mut self,
        cx: &Context<MultiPaxos>,
        ballot: Ballot,
        ticket: RequestId,
        value: Value,
        out: &mut Outbox<MultiPaxos>,
    ) {
        let slot = self.next;
        self.next = slot.next();
        self.waiting.insert(ticket);
        let mut because = out.because(PaxosRule::ProposeInSlot);
        because.why(format_args!("slot {slot} is the next free one of {ballot}"));
        self.propose(cx, SlotProposal { slot, ballot, entry: Entry::command(ticket, value) }, because);
    }

    /// Phase 2(a) in one slot.
    fn propose(&mut self, cx: &Context<MultiPaxos>, proposal: SlotProposal, mut because: Because<'_, MultiPaxos>) {
        let SlotProposal { slot, ballot, entry } = proposal;
        because.emit(Fact::Proposed { slot, ballot, entry: entry.clone() });
        send_accepts(cx.config, slot, ballot, &entry, &mut because);
        self.underway.extend(entry.ticket);
        self.pending.insert(slot, entry);
    }

    /// Sends a heartbeat, and resends the proposals not chosen since the last one.
    pub(super) fn beat(&mut self, cx: &Context<MultiPaxos>, out: &mut Outbox<MultiPaxos>) {
        let Role::Leader { ballot } = self.role else {
            out.because(PaxosRule::NothingLeftToDo).why(format_args!("{} does not lead", cx.me));
            return;
        };
        debug_assert_eq!(self.prepared, Some(ballot), "a leader has completed phase 1 of its ballot");
        debug_assert!(self.queue.is_empty(), "no command waits for a leader where there is one");
        debug_assert!(self.open <= self.next, "the next slot is open");
        debug_assert!(
            self.pending.keys().all(|slot| slot.next() <= self.next),
            "nothing is proposed beyond the next slot"
        );
        let open = self.open;
        let mut because = out.because(PaxosRule::Beat);
        because.why(format_args!("{ballot} leads, and slot {open} is open"));
        because.arm(Timer::Heartbeat, cx.config.rhythm().heartbeat);
        for &learner in cx.config.learners().iter().filter(|&&learner| learner != cx.me) {
            because.send(learner, Message::Heartbeat { ballot, open });
        }
        self.propose_again(cx, ballot, out);
        self.overdue_below = self.next;
    }

    /// Resends proposals: either they or the announcement of their choice were lost. The
    /// announcement is requested from the distinguished learner; without one, the repeated votes
    /// bring it.
    fn propose_again(&self, cx: &Context<MultiPaxos>, ballot: Ballot, out: &mut Outbox<MultiPaxos>) {
        let Some((first, _)) = self.pending.range(..self.overdue_below).next() else { return };
        let mut because = out.because(PaxosRule::ProposeAgain);
        because.why(format_args!("slot {first} has been open since the last heartbeat"));
        for (&slot, entry) in self.pending.range(..self.overdue_below).take(RESEND_LIMIT) {
            send_accepts(cx.config, slot, ballot, entry, &mut because);
        }
        if let Some(learner) = cx.config.distinguished_learner().filter(|&learner| learner != cx.me) {
            because.send(learner, Message::AskChosen { from_slot: self.open });
        }
    }
}

fn send_accepts(config: &Config, slot: Slot, ballot: Ballot, entry: &Entry, because: &mut Because<'_, MultiPaxos>) {
    for &acceptor in config.acceptors() {
        because.send(acceptor, Message::Accept { slot, ballot, entry: entry.clone() });
    }
}
