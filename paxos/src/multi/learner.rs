//! The learner of Multi-Paxos: the chosen log.
//!
//! Votes are [counted](Tally) as in Basic Paxos, slot by slot. Slots may be learned in any order;
//! the proposer on the node is informed of them in the order of the log. A learner that still
//! misses slots of the previous heartbeat when the next one arrives asks the leader for them.

use std::collections::BTreeMap;

use quorate_protocol::{Because, Context, NodeId, Outbox};

use super::LOG_BATCH;
use super::disk::{Disk, Record};
use super::message::{Fact, Message, SlotProposal};
use super::node::MultiPaxos;
use crate::ballot::Ballot;
use crate::entry::{Entry, Slot};
use crate::rules::PaxosRule;
use crate::tally::{Count, Tally};
use crate::value::Proposal;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Learner {
    log: BTreeMap<Slot, Proposal<Entry>>,
    /// The first slot not known to be chosen.
    open: Slot,
    /// The votes in slots not known to be chosen.
    tallies: BTreeMap<Slot, Tally<Entry>>,
    /// The leader's first open slot, as of its last heartbeat.
    announced: Slot,
}

impl Learner {
    pub(super) fn boot(disk: &Disk) -> Self {
        let (log, open) = (disk.chosen.clone(), first_open(&disk.chosen, Slot::FIRST));
        Learner { log, open, tallies: BTreeMap::new(), announced: Slot::FIRST }
    }

    pub(super) fn log(&self) -> &BTreeMap<Slot, Proposal<Entry>> {
        &self.log
    }

    pub(super) fn open(&self) -> Slot {
        self.open
    }

    /// Phase 2(b): counts a vote in one slot.
    pub(super) fn vote(
        &mut self,
        cx: &Context<MultiPaxos>,
        from: NodeId,
        slot: Slot,
        ballot: Ballot,
        entry: Entry,
        out: &mut Outbox<MultiPaxos>,
    ) {
        let quorums = cx.config.quorums();
        let count = match self.log.contains_key(&slot) {
            true => Count::Late,
            false => self.tallies.entry(slot).or_default().count(cx.rules, quorums, from, ballot, &entry),
        };
        match count {
            Count::Late => {
                out.because(PaxosRule::LateVote).why(format_args!("slot {slot} was decided before"));
            }
            Count::Repeated => {
                out.because(PaxosRule::RepeatedVote)
                    .why(format_args!("{from} voted in slot {slot} of {ballot} before"));
            }
            Count::Older(later) => {
                out.because(PaxosRule::OlderVote).why(format_args!("{from} has voted in {later} since {ballot}"));
            }
            Count::Short(count) => {
                out.because(PaxosRule::CountVote)
                    .why(format_args!("{count} of {} votes in slot {slot} of {ballot}", quorums.phase_2));
            }
            Count::Quorum(count) => {
                let mut because = out.because(PaxosRule::LearnChosen);
                because.why(format_args!("{count} acceptors accepted {entry} in slot {slot} of {ballot}"));
                let others = cx.config.learners().iter().filter(|&&learner| learner != cx.me);
                if cx.config.distinguished_learner() == Some(cx.me) {
                    others.for_each(|&other| {
                        because.send(other, Message::Chosen { slot, ballot, entry: entry.clone() });
                    });
                }
                self.learn(SlotProposal { slot, ballot, entry }, &mut because);
                self.go_on(cx, slot, out);
            }
        }
    }

    /// Handles a choice reported by another learner.
    pub(super) fn on_chosen(
        &mut self,
        cx: &Context<MultiPaxos>,
        from: NodeId,
        slot: Slot,
        ballot: Ballot,
        entry: Entry,
        out: &mut Outbox<MultiPaxos>,
    ) {
        if self.log.contains_key(&slot) {
            out.because(PaxosRule::NothingLeftToDo).why(format_args!("slot {slot} is known"));
            return;
        }
        let mut because = out.because(PaxosRule::LearnFromLearner);
        because.why(format_args!("{from} says that {entry} was chosen in slot {slot} of {ballot}"));
        self.learn(SlotProposal { slot, ballot, entry }, &mut because);
        self.go_on(cx, slot, out);
    }

    fn learn(&mut self, chosen: SlotProposal, because: &mut Because<'_, MultiPaxos>) {
        let SlotProposal { slot, ballot, entry } = chosen;
        because.persist(Record::Chosen { slot, ballot, entry: entry.clone() });
        because.emit(Fact::Chosen { slot, ballot, entry: entry.clone() });
        self.tallies.remove(&slot);
        self.log.insert(slot, Proposal { ballot, value: entry });
    }

    /// Advances the gap-free prefix of the log, and informs the proposer on this node of each new
    /// slot.
    fn go_on(&mut self, cx: &Context<MultiPaxos>, news: Slot, out: &mut Outbox<MultiPaxos>) {
        let (before, now) = (self.open, first_open(&self.log, self.open));
        if now == before {
            out.because(PaxosRule::HoldBack).why(format_args!("slot {news} waits for slot {before}"));
            return;
        }
        self.open = now;
        let mut because = out.because(PaxosRule::InOrder);
        because.why(format_args!("all slots before {now} are known"));
        if cx.config.is_proposer(cx.me) {
            for (&slot, Proposal { ballot, value }) in self.log.range(before..now) {
                because.send(cx.me, Message::Chosen { slot, ballot: *ballot, entry: value.clone() });
            }
        }
    }

    /// Handles a heartbeat, which announces the leader's first open slot. Slots announced by the
    /// previous one and still missing must have been lost.
    pub(super) fn heartbeat(
        &mut self,
        cx: &Context<MultiPaxos>,
        leader: NodeId,
        open: Slot,
        out: &mut Outbox<MultiPaxos>,
    ) {
        if self.open < self.announced {
            self.ask(cx, leader, out);
        } else if !cx.config.is_proposer(cx.me) {
            out.because(PaxosRule::NothingLeftToDo).why(format_args!("nothing that {leader} announced is missing"));
        }
        self.announced = self.announced.max(open);
    }

    /// Asks another learner for the missing slots.
    pub(super) fn ask(&self, cx: &Context<MultiPaxos>, whom: NodeId, out: &mut Outbox<MultiPaxos>) {
        debug_assert!(!self.log.contains_key(&self.open), "the first open slot is not known");
        out.because(PaxosRule::AskForLog)
            .why(format_args!("{} misses slot {}", cx.me, self.open))
            .send(whom, Message::AskChosen { from_slot: self.open });
    }

    /// Answers another learner.
    pub(super) fn on_ask_chosen(&self, from: NodeId, from_slot: Slot, out: &mut Outbox<MultiPaxos>) {
        if from_slot >= self.open {
            out.because(PaxosRule::NothingChosen).why(format_args!("slot {from_slot} is open here, too"));
            return;
        }
        let report = |(slot, chosen): (&Slot, &Proposal<Entry>)| SlotProposal {
            slot: *slot,
            ballot: chosen.ballot,
            entry: chosen.value.clone(),
        };
        let chosen = self.log.range(from_slot..self.open).take(LOG_BATCH).map(report).collect();
        out.because(PaxosRule::ShowChosen)
            .why(format_args!("{from} misses slot {from_slot}"))
            .send(from, Message::Log { chosen });
    }

    /// Handles another learner's answer.
    pub(super) fn catch_up(
        &mut self,
        cx: &Context<MultiPaxos>,
        from: NodeId,
        mut chosen: Vec<SlotProposal>,
        out: &mut Outbox<MultiPaxos>,
    ) {
        chosen.retain(|report| !self.log.contains_key(&report.slot));
        let Some(last) = chosen.last().map(|report| report.slot) else {
            out.because(PaxosRule::NothingLeftToDo).why(format_args!("{from} sends nothing new"));
            return;
        };
        let mut because = out.because(PaxosRule::LearnFromLearner);
        because.why(format_args!("{from} sends {} slots, up to {last}", chosen.len()));
        chosen.into_iter().for_each(|report| self.learn(report, &mut because));
        self.go_on(cx, last, out);
        if self.open < self.announced {
            self.ask(cx, from, out);
        }
    }
}

/// The first slot at or after `from` that is not in the log.
pub(super) fn first_open(log: &BTreeMap<Slot, Proposal<Entry>>, from: Slot) -> Slot {
    let known = log.range(from..).map(|(slot, _)| *slot);
    let upto = known.zip(from.0..=u64::MAX).take_while(|(slot, next)| slot.0 == *next).last();
    upto.map_or(from, |(slot, _)| slot.next())
}

#[cfg(test)]
mod tests {
    use quorate_protocol::NodeId;

    use super::*;

    #[test]
    fn the_first_open_slot_is_behind_all_that_follow_each_other() {
        let chosen = |slots: &[u64]| -> BTreeMap<Slot, Proposal<Entry>> {
            let proposal = Proposal { ballot: Ballot::new(1, NodeId(0)), value: Entry::noop() };
            slots.iter().map(|&slot| (Slot(slot), proposal.clone())).collect()
        };
        for (slots, from, open) in [
            (&[][..], 1, 1),
            (&[2, 3], 1, 1),
            (&[1, 2, 4], 1, 3),
            (&[1, 2, 4], 2, 3),
            (&[u64::MAX], u64::MAX, u64::MAX),
            (&[u64::MAX - 1, u64::MAX], u64::MAX - 1, u64::MAX),
        ] {
            assert_eq!(first_open(&chosen(slots), Slot(from)), Slot(open), "{slots:?} from {from}");
        }
    }
}
