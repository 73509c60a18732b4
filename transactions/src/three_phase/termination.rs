//! The end of a transaction whose coordinator is not heard of: a participant takes its place
//! (Skeen 1981 §7). After a restart a participant asks, and decides only if all have restarted.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{Allow, Refuse};

use super::disk::Record;
use super::message::{Fact, Message, Progress, Timer};
use super::participant::{Cx, Doubt, Out, Part, Participant, patience};
use super::rules::ThreePhaseRule;
use crate::command::Outcome;
use crate::id::Txn;

impl Participant {
    /// Handles the timer of a transaction in doubt.
    pub(crate) fn silent(&mut self, cx: &Cx<'_>, txn: Txn, out: &mut Out) {
        match self.doubts.get(&txn).map(|doubt| &doubt.part) {
            None => {
                out.because(ThreePhaseRule::OutcomeKnown).why(format_args!("{txn} is not in doubt"));
            }
            Some(Part::Following) => self.take_over(cx, txn, out),
            Some(Part::Asking(_)) => self.terminate(cx, txn, out),
            Some(Part::Moving(_)) => {
                let rule = ThreePhaseRule::CommitWithoutSilent;
                self.decide(cx, rule, txn, Outcome::Commit, out);
            }
            Some(Part::Recovering(_)) => self.ask(cx, txn, out),
        }
    }

    /// Becomes the coordinator of a transaction, and asks for the states of the others.
    fn take_over(&mut self, cx: &Cx<'_>, txn: Txn, out: &mut Out) {
        let Some(doubt) = self.doubts.get_mut(&txn) else { return };
        doubt.part = Part::Asking(BTreeMap::new());
        let others = others(cx, doubt);
        let mut because = out.because(ThreePhaseRule::TakeOver);
        because
            .why(format_args!("nothing was heard of {txn}"))
            .emit(Fact::TookOver { txn })
            .arm(Timer::Silent { txn }, cx.config.answer_timeout);
        for &other in &others {
            because.send(other, Message::StateRequest { txn });
        }
        if others.is_empty() {
            self.terminate(cx, txn, out);
        }
    }

    /// Answers the participant that has taken over.
    pub(crate) fn state_request(&mut self, cx: &Cx<'_>, from: NodeId, txn: Txn, out: &mut Out) {
        let Some(doubt) = self.doubts.get_mut(&txn) else { return self.what_became(cx, from, txn, out) };
        let (progress, restarted) = (doubt.progress, matches!(doubt.part, Part::Recovering(_)));
        let mut because = out.because(ThreePhaseRule::ReportState);
        because.why(format_args!("{from} ends {txn}"));
        if !restarted {
            doubt.part = Part::Following;
            because.arm(Timer::Silent { txn }, patience(cx, &doubt.prepared));
        }
        because.send(from, Message::State { txn, progress, restarted });
    }

    /// Answers a restarted node.
    pub(crate) fn what_became(&mut self, cx: &Cx<'_>, from: NodeId, txn: Txn, out: &mut Out) {
        if let Some(&outcome) = self.outcomes.get(&txn) {
            out.because(ThreePhaseRule::TellOutcome)
                .why(format_args!("{txn} was {outcome}"))
                .send(from, Message::of(outcome, txn));
        } else if let Some(doubt) = self.doubts.get(&txn) {
            let (progress, restarted) = (doubt.progress, matches!(doubt.part, Part::Recovering(_)));
            let mut because = out.because(ThreePhaseRule::StillOpen);
            because.why(format_args!("{txn} is in doubt here, too"));
            if from != cx.config.coordinator {
                because.send(from, Message::State { txn, progress, restarted });
            }
        } else {
            let mut because = out.because(ThreePhaseRule::AbortUnvoted);
            because.why(format_args!("this node has not voted on {txn}"));
            if cx.rules.remembers_abort() {
                self.outcomes.insert(txn, Outcome::Abort);
                because.persist(Record::Finished { txn, outcome: Outcome::Abort });
            }
            because.emit(Fact::Finished { txn, outcome: Outcome::Abort }).send(from, Message::Abort { txn });
        }
    }

    /// Handles the state of another participant.
    pub(crate) fn state(
        &mut self,
        cx: &Cx<'_>,
        from: NodeId,
        txn: Txn,
        progress: Progress,
        restarted: bool,
        out: &mut Out,
    ) {
        let Some(doubt) = self.doubts.get_mut(&txn) else { return late(from, txn, out) };
        let others = others(cx, doubt).len();
        match &mut doubt.part {
            Part::Asking(states) => {
                states.insert(from, (!restarted).then_some(progress));
                if states.len() >= others {
                    return self.terminate(cx, txn, out);
                }
                out.because(ThreePhaseRule::CountState).why(format_args!("{} of {others} answered", states.len()));
            }
            Part::Recovering(_) if restarted => self.nor_do_i(cx, from, txn, out),
            Part::Recovering(_) => {
                out.because(ThreePhaseRule::CountState)
                    .why(format_args!("{from} was up all the time, and will decide"));
            }
            Part::Following | Part::Moving(_) => late(from, txn, out),
        }
    }

    /// Applies the decision table to the states of the participants that are up.
    fn terminate(&mut self, cx: &Cx<'_>, txn: Txn, out: &mut Out) {
        let Some(doubt) = self.doubts.get_mut(&txn) else { return };
        let Part::Asking(states) = &doubt.part else { return };
        let known: Vec<Progress> = states.values().flatten().copied().chain([doubt.progress]).collect();
        let count = |progress| known.iter().filter(|each| **each == progress).count();
        let (pre_committed, uncertain) = (count(Progress::PreCommitted), count(Progress::Ready));
        match cx.rules.terminates(pre_committed, uncertain) {
            Refuse(rule) => self.decide(cx, rule, txn, Outcome::Abort, out),
            Allow(_) if !cx.rules.moves_others_first() => {
                self.decide(cx, ThreePhaseRule::DecideCommit, txn, Outcome::Commit, out);
            }
            Allow(rule) => {
                doubt.progress = Progress::PreCommitted;
                doubt.part = Part::Moving(BTreeSet::new());
                let others = others(cx, doubt);
                let mut because = out.because(rule);
                because
                    .why(format_args!("{pre_committed} pre-committed, {uncertain} uncertain"))
                    .emit(Fact::PreCommitted { txn })
                    .arm(Timer::Silent { txn }, cx.config.answer_timeout);
                for &other in &others {
                    because.send(other, Message::PreCommit { txn });
                }
                if others.is_empty() {
                    self.decide(cx, ThreePhaseRule::DecideCommit, txn, Outcome::Commit, out);
                }
            }
        }
    }

    /// Handles an acknowledgement, in the place of the coordinator.
    pub(crate) fn ack(&mut self, cx: &Cx<'_>, from: NodeId, txn: Txn, out: &mut Out) {
        let Some(doubt) = self.doubts.get_mut(&txn) else { return late(from, txn, out) };
        let others = others(cx, doubt).len();
        let Part::Moving(acks) = &mut doubt.part else { return late(from, txn, out) };
        acks.insert(from);
        match cx.rules.all_acknowledged(acks.len(), others) {
            Refuse(rule) => {
                out.because(rule).why(format_args!("{} of {others} are certain of {txn}", acks.len()));
            }
            Allow(rule) => self.decide(cx, rule, txn, Outcome::Commit, out),
        }
    }

    /// Decides in the place of the coordinator, and tells the others.
    fn decide(&mut self, cx: &Cx<'_>, rule: ThreePhaseRule, txn: Txn, outcome: Outcome, out: &mut Out) {
        let others = self.doubts.get(&txn).map(|doubt| others(cx, doubt)).unwrap_or_default();
        self.finish(cx, rule, txn, outcome, Some(&others), out);
    }

    /// Asks all others, after a restart.
    fn ask(&mut self, cx: &Cx<'_>, txn: Txn, out: &mut Out) {
        let Some(doubt) = self.doubts.get(&txn) else { return };
        let mut because = out.because(ThreePhaseRule::AskOthers);
        because.why(format_args!("{txn} is in doubt")).arm(Timer::Silent { txn }, cx.config.retry);
        because.send(cx.config.coordinator, Message::WhatBecame { txn });
        for other in others(cx, doubt) {
            because.send(other, Message::WhatBecame { txn });
        }
        self.recovered(cx, txn, out);
    }

    /// Handles the answer of a node that has restarted, too, and knows no outcome.
    pub(crate) fn nor_do_i(&mut self, cx: &Cx<'_>, from: NodeId, txn: Txn, out: &mut Out) {
        let Some(Doubt { part: Part::Recovering(uncertain), .. }) = self.doubts.get_mut(&txn) else {
            return late(from, txn, out);
        };
        uncertain.insert(from);
        out.because(ThreePhaseRule::CountState).why(format_args!("{from} has restarted, too"));
        self.recovered(cx, txn, out);
    }

    /// Decides after a total failure.
    fn recovered(&mut self, cx: &Cx<'_>, txn: Txn, out: &mut Out) {
        let Some(doubt) = self.doubts.get(&txn) else { return };
        let Part::Recovering(uncertain) = &doubt.part else { return };
        // The coordinator counts as well.
        let needed = others(cx, doubt).len() + 1;
        if let Allow(rule) = cx.rules.aborts_after_restart(uncertain.len(), needed) {
            self.decide(cx, rule, txn, Outcome::Abort, out);
        }
    }
}

/// The other participants of a transaction.
fn others(cx: &Cx<'_>, doubt: &Doubt) -> Vec<NodeId> {
    doubt.prepared.participants.iter().copied().filter(|node| *node != cx.me).collect()
}

fn late(from: NodeId, txn: Txn, out: &mut Out) {
    out.because(ThreePhaseRule::LateState).why(format_args!("nobody waits for {from} in {txn}"));
}
