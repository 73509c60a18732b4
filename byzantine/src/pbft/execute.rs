//! Execution in the order of numbers (§4.2), and checkpoints (§4.3).

use std::collections::BTreeSet;

use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{Allow, Refuse};

use super::certificate;
use super::disk::Record;
use super::message::{Checkpoint, Fact, Message, Proposal, Timer};
use super::replica::{Cx, Out, Replica, others};
use super::rules::PbftRule;
use crate::sealed::Sealed;

impl Replica {
    /// Executes what is committed, as long as the next number is.
    pub(crate) fn execute(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let before = self.disk.executed;
        loop {
            let number = self.disk.executed.saturating_add(1);
            if !self.votes.get(&number).is_some_and(|votes| votes.committed) {
                break;
            }
            let Some(proposal) = self.disk.accepted.get(&number).cloned() else { break };
            self.execute_next(cx, number, &proposal, out);
            if number.is_multiple_of(cx.config.checkpoint_every) {
                self.checkpoint(cx, number, out);
            }
        }
        if self.disk.executed > before {
            self.rest(cx, out);
        }
    }

    fn execute_next(&mut self, cx: &Cx<'_>, number: u64, proposal: &Proposal, out: &mut Out) {
        let Some(request) = &proposal.request else {
            self.write(PbftRule::ExecuteNull, Record::Executed { request: None }, out);
            return;
        };
        let ticket = request.body().ticket;
        match cx.rules.executes(self.disk.state.last_of(ticket.client), ticket.number) {
            Refuse(_) => self.write(PbftRule::ExecuteOnce, Record::Executed { request: None }, out),
            Allow(rule) => {
                self.write(rule, Record::Executed { request: Some(*request.body()) }, out);
                let total = self.disk.state.total;
                out.because(rule)
                    .why(format_args!("{ticket} is number {number}, the total is {total}"))
                    .emit(Fact::Executed { number, request: request.clone(), total });
            }
        }
        self.tell_client(cx, request, out);
        self.pending.remove(&ticket);
        self.attempts = 0;
    }

    /// After progress: stops the timer, and starts it anew if requests wait.
    pub(crate) fn rest(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let state = &self.disk.state;
        self.pending.retain(|ticket, _| cx.rules.executes(state.last_of(ticket.client), ticket.number).allows());
        if self.timed && !self.disk.changing {
            self.timed = false;
            out.because(PbftRule::StayIdle).disarm(Timer::Progress);
        }
        self.propose(cx, out);
        self.watch(cx, out);
    }

    /// Tells all the state after a number.
    fn checkpoint(&mut self, cx: &Cx<'_>, number: u64, out: &mut Out) {
        self.write(PbftRule::TakeCheckpoint, Record::Checkpoint, out);
        let checkpoint = self.own_checkpoint(cx, number);
        let Some(checkpoint) = checkpoint else { return };
        let mut because = out.because(PbftRule::TakeCheckpoint);
        because.why(format_args!("the total is {} after {number}", checkpoint.body().state.total));
        for replica in others(cx) {
            because.send(replica, Message::Checkpoint { checkpoint: checkpoint.clone() });
        }
        self.checkpoints.entry(number).or_default().insert(cx.me, checkpoint);
        self.try_stable(cx, number, out);
    }

    /// The report of a state that this replica has told.
    pub(crate) fn own_checkpoint(&self, cx: &Cx<'_>, number: u64) -> Option<Sealed<Checkpoint>> {
        let state = self.disk.checkpoints.get(&number)?.clone();
        Some(Sealed::new(cx, Checkpoint { number, state, replica: cx.me }))
    }

    /// Counts another replica's report of its state.
    pub(crate) fn count_checkpoint(&mut self, cx: &Cx<'_>, checkpoint: Sealed<Checkpoint>, out: &mut Out) {
        let (number, replica) = (checkpoint.body().number, checkpoint.claimed());
        if number <= self.disk.stable {
            out.because(PbftRule::OldCheckpoint).why(format_args!("{} is stable", self.disk.stable));
            return;
        }
        if !cx.rules.in_window(self.disk.stable, self.high(cx), number) {
            out.because(PbftRule::OutsideWindow).why(format_args!("{number} is above {}", self.high(cx)));
            return;
        }
        // After a restart the replica's own reports are on disk alone.
        let own = self.own_checkpoint(cx, number);
        let reports = self.checkpoints.entry(number).or_default();
        reports.extend(own.map(|own| (cx.me, own)));
        reports.entry(replica).or_insert(checkpoint);
        out.because(PbftRule::CountCheckpoint).why(format_args!("{} report a state after {number}", reports.len()));
        self.try_stable(cx, number, out);
    }

    fn try_stable(&mut self, cx: &Cx<'_>, number: u64, out: &mut Out) {
        let Some(reports) = self.checkpoints.get(&number) else { return };
        let same = |state| reports.values().filter(move |report| report.body().state == state);
        let states = reports.values().map(|report| report.body().state.clone());
        let Some(most) = states.max_by_key(|state| same(state.clone()).count()) else { return };
        let proof: BTreeSet<_> = same(most).cloned().collect();
        if let Allow(rule) = cx.rules.stable(cx.config.faults(), proof.len()) {
            self.stabilise(cx, rule, number, proof, out);
        }
    }

    /// Takes over a proved checkpoint: discards the log below, and takes the state if it is ahead.
    pub(crate) fn stabilise(
        &mut self,
        cx: &Cx<'_>,
        rule: PbftRule,
        number: u64,
        proof: BTreeSet<Sealed<Checkpoint>>,
        out: &mut Out,
    ) {
        let behind = self.disk.executed < number;
        self.write(rule, Record::Stable { proof }, out);
        let rule = if behind { PbftRule::TakeState } else { rule };
        out.because(rule)
            .why(format_args!("the total is {} after {number}", self.disk.state.total))
            .emit(Fact::Stable { number });
        self.votes.retain(|at, _| *at > number);
        self.checkpoints.retain(|at, _| *at > number);
        if behind {
            self.execute(cx, out);
        }
        self.rest(cx, out);
    }

    /// Handles a proved checkpoint that another replica sends.
    pub(crate) fn state(&mut self, cx: &Cx<'_>, from: NodeId, proof: BTreeSet<Sealed<Checkpoint>>, out: &mut Out) {
        let number = proof.first().map_or(0, |report| report.body().number);
        if number <= self.disk.stable {
            out.because(PbftRule::OldCheckpoint).why(format_args!("{} is stable", self.disk.stable));
        } else if certificate::is_stable(cx, number, &proof) {
            self.stabilise(cx, PbftRule::Stable, number, proof, out);
        } else {
            out.because(PbftRule::NoProof).why(format_args!("{from} does not prove its state after {number}"));
        }
    }
}
