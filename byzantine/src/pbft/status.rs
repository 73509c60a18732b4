//! Retransmission: a replica that waits tells how far it is, and others send what it has missed
//! (Castro 2001 §5.2).

use quorate_protocol::NodeId;

use super::disk::Disk;
use super::message::{Message, Phase, Timer, Vote};
use super::replica::{Cx, IDLE_TICKS, Out, Replica, others};
use super::rules::PbftRule;
use crate::sealed::Sealed;

impl Replica {
    /// Whether it waits for something that others may have.
    fn waits(&self) -> bool {
        let last = self.disk.accepted.last_key_value().map_or(0, |(number, _)| *number);
        self.disk.changing || !self.pending.is_empty() || last > self.committed() || !self.disk.checkpoints.is_empty()
    }

    fn own_status(&self, asks: bool) -> Message {
        let Disk { view, changing, stable, .. } = self.disk;
        Message::Status { view, changing, committed: self.committed(), stable, asks }
    }

    /// Handles the timer.
    pub(crate) fn tell_status(&mut self, cx: &Cx<'_>, out: &mut Out) {
        if !self.waits() && self.idle < IDLE_TICKS {
            self.idle += 1;
            out.because(PbftRule::Idle).arm(Timer::Status, cx.config.status_interval);
            return;
        }
        self.idle = 0;
        let mut because = out.because(PbftRule::SendStatus);
        because
            .why(format_args!("view {}, {} committed, {} stable", self.disk.view, self.committed(), self.disk.stable))
            .arm(Timer::Status, cx.config.status_interval);
        for replica in others(cx) {
            because.send(replica, self.own_status(true));
        }
        if self.disk.changing {
            self.send_view_change(cx, PbftRule::SendStatus, out);
        }
    }

    /// Handles the status of another replica: `at` is its view, and whether it waits for it.
    pub(crate) fn help(
        &mut self,
        cx: &Cx<'_>,
        from: NodeId,
        at: (u64, bool),
        (committed, stable): (u64, u64),
        asks: bool,
        out: &mut Out,
    ) {
        let mut messages = Vec::new();
        let own = (self.disk.view, self.disk.changing);
        if stable < self.disk.stable {
            messages.push(Message::State { proof: self.disk.proof.clone() });
        }
        let above = self.disk.checkpoints.keys().filter(|number| **number > stable);
        let reports = above.filter_map(|number| self.own_checkpoint(cx, *number));
        messages.extend(reports.map(|checkpoint| Message::Checkpoint { checkpoint }));
        let behind = at.0 < own.0 || (at.0 == own.0 && at.1);
        if let (true, false, Some(new_view)) = (behind, own.1, &self.disk.new_view) {
            messages.push(Message::NewView { new_view: Sealed::clone(new_view) });
        }
        if at == own && !own.1 {
            self.missed(cx, committed, &mut messages);
        }
        let ahead = at.0 > own.0 || (at == own && committed > self.committed()) || stable > self.disk.stable;
        if asks && ahead {
            messages.push(self.own_status(false));
        }
        let rule = if messages.is_empty() { PbftRule::UpToDate } else { PbftRule::Help };
        let mut because = out.because(rule);
        because.why(format_args!("{from} is in view {}, has {committed} committed, {stable} stable", at.0));
        for message in messages {
            because.send(from, message);
        }
    }

    /// Adds the proposals of this view above a number, and the own votes for them.
    fn missed(&self, cx: &Cx<'_>, committed: u64, messages: &mut Vec<Message>) {
        for (&number, proposal) in self.disk.accepted.range(committed.saturating_add(1)..) {
            messages.push(Message::PrePrepare { proposal: proposal.clone() });
            let digest = proposal.pre_prepare.body().digest;
            let vote = |phase| Sealed::new(cx, Vote { phase, view: self.disk.view, number, digest, replica: cx.me });
            if proposal.pre_prepare.claimed() != cx.me {
                messages.push(Message::Prepare { vote: vote(Phase::Prepare) });
            }
            if self.is_prepared(number) {
                messages.push(Message::Commit { vote: vote(Phase::Commit) });
            }
        }
    }
}
