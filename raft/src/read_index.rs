//! ReadIndex: linearizable reads without the log (dissertation §6.4).
//!
//! A leader may have been deposed without knowing it, so it must not answer from its state alone.
//! It records its commit index, confirms with a round of heartbeats that a majority still follows
//! it, waits until that index is applied, and answers. A new leader first commits an entry of its
//! own term; before that, its commit index may be out of date.
//!
//! Rounds are numbered. Reads that arrive while a round is in progress share the next one.

use std::collections::VecDeque;

use quorate_protocol::RequestId;
use quorate_protocol::Ruling::{Allow, Refuse};

use crate::client::Reply;
use crate::fact::Fact;
use crate::node::{Cx, Out, Raft};
use crate::position::LogIndex;
use crate::role::{Leadership, PendingRead, RoleState};
use crate::rules::RaftRule;
use crate::state_machine::StateMachine;

impl<S: StateMachine> Raft<S> {
    /// Handles a client's query on the leader.
    pub(crate) fn on_read(&mut self, cx: &Cx<S>, ticket: RequestId, query: S::Query, out: &mut Out<S>) {
        let Some(lead) = self.role.leadership_mut() else { return };
        let begun = lead.begun;
        match cx.rules.notes_read(self.commit >= begun) {
            Refuse(rule) => {
                lead.reads.push_back(PendingRead { ticket, query, noted: None });
                out.because(rule).why(format_args!("entry {begun} is not committed yet"));
            }
            Allow(rule) => {
                let round = upcoming_round(lead);
                lead.reads.push_back(PendingRead { ticket, query, noted: Some((self.commit, round)) });
                self.start_round(cx, rule, out);
                self.serve_reads(cx, out);
            }
        }
    }

    /// Records the read index of the waiting reads, once the first entry of the term is committed.
    pub(crate) fn note_waiting_reads(&mut self, cx: &Cx<S>, out: &mut Out<S>) {
        let Some(lead) = self.role.leadership_mut() else { return };
        let waiting = lead.reads.iter().any(|read| read.noted.is_none());
        if !waiting || self.commit < lead.begun {
            return;
        }
        let round = upcoming_round(lead);
        for read in lead.reads.iter_mut().filter(|read| read.noted.is_none()) {
            read.noted = Some((self.commit, round));
        }
        self.start_round(cx, RaftRule::NoteReadIndex, out);
        self.serve_reads(cx, out);
    }

    /// Starts the round that the newest read waits for, unless an earlier round is still in
    /// progress.
    fn start_round(&mut self, cx: &Cx<S>, rule: RaftRule, out: &mut Out<S>) {
        let commit = self.commit;
        let mut because = out.because(rule);
        because.why(format_args!("read index {commit}"));
        let Some(lead) = self.role.leadership() else { return };
        if !round_inflight(lead) && self.begin_waiting_round() {
            self.send_heartbeats(cx, &mut because);
        }
    }

    /// Begins the round that reads wait for, if there is one. Returns whether it did.
    pub(crate) fn begin_waiting_round(&mut self) -> bool {
        let Some(lead) = self.role.leadership_mut() else { return false };
        let waiting = lead.reads.back().and_then(|read| read.noted).map_or(0, |(_, round)| round);
        let begins = waiting > lead.round;
        lead.round = lead.round.max(waiting);
        begins
    }

    /// Answers the reads whose round a majority has confirmed, and begins the next round if others
    /// wait.
    pub(crate) fn serve_reads(&mut self, cx: &Cx<S>, out: &mut Out<S>) {
        // Committing may have ended the leadership, and with it the reads.
        let RoleState::Leader(lead) = &self.role else { return };
        if lead.reads.is_empty() {
            return;
        }
        let confirmed = self.majority_value(cx, 0, lead.round, |node| lead.follower(node).map_or(0, |peer| peer.round));
        let (ready, waiting) = self.split_reads(cx, confirmed);
        for (read, index) in ready {
            let reply = Reply::Read(self.state.query(&read.query));
            out.because(RaftRule::ServeRead)
                .why(format_args!("applied {} covers read index {index}", self.applied))
                .emit(Fact::ReadServed { index })
                .reply(read.ticket, reply);
        }
        if waiting {
            let mut because = out.because(RaftRule::ConfirmLead);
            because.why(format_args!("round {confirmed} is confirmed, others wait for the next"));
            self.begin_waiting_round();
            self.send_heartbeats(cx, &mut because);
        }
    }

    /// Removes the reads that can be answered. Also returns whether others wait for a round that
    /// has not begun while no round is in progress.
    fn split_reads(&mut self, cx: &Cx<S>, confirmed: u64) -> (Vec<(PendingRead<S>, LogIndex)>, bool) {
        let applied = self.applied;
        let Some(lead) = self.role.leadership_mut() else { return (Vec::new(), false) };
        let mut ready = Vec::new();
        let mut left = VecDeque::new();
        for read in std::mem::take(&mut lead.reads) {
            match read.noted {
                Some((index, round)) if cx.rules.serves_read(round <= confirmed, applied, index) => {
                    ready.push((read, index));
                }
                _ => left.push_back(read),
            }
        }
        lead.reads = left;
        let waits = lead.reads.back().and_then(|read| read.noted).is_some_and(|(_, round)| round > lead.round);
        (ready, waits && !round_inflight(lead))
    }
}

/// The round that a new read must wait for: the next one.
fn upcoming_round<S: StateMachine>(lead: &Leadership<S>) -> u64 {
    lead.round + 1
}

/// Whether some read still waits for a round that has begun.
fn round_inflight<S: StateMachine>(lead: &Leadership<S>) -> bool {
    lead.reads.iter().filter_map(|read| read.noted).any(|(_, round)| round <= lead.round)
}
