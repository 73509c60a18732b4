//! Log replication, leader side (Raft §5.3): append, send, count acknowledgements, back up after
//! refusals.
//!
//! A leader first *probes* a follower, one append at a time, until it has found where the logs
//! agree; then it *streams*: it pipelines new entries, up to the window (dissertation §10.2.2). The
//! heartbeat repairs lost messages: it names the entry before the next one, and a follower that
//! lacks that entry refuses. With [`Settings::probes`](crate::Settings::probes), appends are empty
//! until the place is found (dissertation §3.5).

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Because, NodeId, RequestId};

use crate::client::{Refusal, Reply};
use crate::disk::Record;
use crate::entry::{Entry, Payload};
use crate::fact::Fact;
use crate::log::{Batch, Log};
use crate::message::{AppendEntries, AppendRefused, Appended, Message, Timer};
use crate::node::{Cx, Out, Raft};
use crate::position::{LogIndex, Position, Term};
use crate::role::{Leadership, Progress, ReplicationState, RoleState};
use crate::rulebook::Rulebook;
use crate::rules::RaftRule;
use crate::session::SessionLookup;
use crate::state_machine::StateMachine;

impl<S: StateMachine> Raft<S> {
    /// Handles a client's command on the leader.
    pub(crate) fn on_command(&mut self, cx: &Cx<S>, ticket: RequestId, command: S::Command, out: &mut Out<S>) {
        if let SessionLookup::Answered(reply) = self.sessions.known(ticket) {
            let reply = Reply::Applied(reply.clone());
            out.because(RaftRule::RepeatAnswer).why(format_args!("{ticket} was applied before")).reply(ticket, reply);
            return;
        }
        let (size, limit) = (S::size(&command), cx.config.command_limit);
        if size > limit {
            out.because(RaftRule::RefuseTooLarge)
                .why(format_args!("{size} bytes are above the limit of {limit}"))
                .reply(ticket, Reply::Refused(Refusal::CommandTooLarge { size, limit }));
            return;
        }
        self.append(cx, RaftRule::AcceptRequest, Payload::Apply { ticket, command }, out);
    }

    /// Appends an entry to the leader's own log, makes it durable, sends it to all followers that
    /// have room, and commits it if no other voter is needed.
    pub(crate) fn append(&mut self, cx: &Cx<S>, rule: RaftRule, payload: Payload<S>, out: &mut Out<S>) {
        let previous = self.log.last_index();
        let index = previous.next();
        if let Payload::Configure(configuration) = &payload {
            self.memberships.push(index, configuration.membership.clone());
        }
        let changes_members = matches!(payload, Payload::Configure(_));
        self.log.push(Entry { term: self.term, payload });
        if changes_members {
            self.track_members(cx, index);
        }
        let entries = self.log.range(index, index).share();
        let mut because = out.because(rule);
        because.why(format_args!("entry {} is appended", Position { index, term: self.term }));
        because.persist(Record::Append { previous, entries });
        self.send_to_all(cx, &mut because);
        self.send_probes(cx, out);
        self.send_snapshots(cx, false, out);
        // No other node can have stored the new entry yet, so only a group with a single voter can
        // commit it now.
        if self.in_force(cx).groups().any(|group| group.len() <= 1) {
            self.advance_commit(cx, out);
        }
    }

    /// Splits the leader's state into the parts of an append and the leadership. `None` if
    /// committing has just ended the leadership.
    fn sender(&mut self) -> Option<(Sender<'_, S>, &mut Leadership<S>)> {
        let RoleState::Leader(lead) = &mut self.role else { return None };
        let sender = Sender { term: self.term, commit: self.commit, round: lead.round, log: &self.log };
        Some((sender, lead))
    }

    /// Sends the new entry, and any unsent ones, to every follower that has room.
    fn send_to_all(&mut self, cx: &Cx<S>, because: &mut Because<'_, Self>) {
        let Some((sender, lead)) = self.sender() else { return };
        for (node, progress) in &mut lead.followers {
            sender.send_entries(cx, *node, progress, because);
        }
    }

    /// Sends a follower its unsent entries, if it has room.
    fn send_to(&mut self, cx: &Cx<S>, node: NodeId, out: &mut Out<S>) {
        let Some((sender, lead)) = self.sender() else { return };
        let Some(progress) = lead.follower_mut(node) else { return };
        if sender.can_send(cx, progress) {
            let mut because = out.because(RaftRule::SendEntries);
            because.why(format_args!("{node} has room for entries from {}", progress.next));
            sender.send_entries(cx, node, progress, &mut because);
        }
        self.send_probes(cx, out);
        self.send_snapshots(cx, false, out);
    }

    /// Probes every follower for which it is unknown where its log agrees and that has no probe in
    /// flight (dissertation §3.5). The heartbeat repeats lost probes.
    fn send_probes(&mut self, cx: &Cx<S>, out: &mut Out<S>) {
        if !cx.config.probes {
            return;
        }
        let Some((sender, lead)) = self.sender() else { return };
        for (node, progress) in &mut lead.followers {
            if sender.has_room(cx, progress) && progress.is_probing() {
                progress.state = ReplicationState::Probe { asked: true };
                let (next, matched) = (progress.next, progress.matched);
                out.because(RaftRule::Probe)
                    .why(format_args!(
                        "{node} agrees up to {matched}; whether it has {}, is not known",
                        next.previous()
                    ))
                    .send(*node, sender.message(next, Batch::default()));
            }
        }
    }

    pub(crate) fn on_heartbeat(&mut self, cx: &Cx<S>, out: &mut Out<S>) {
        let mut because = out.because(RaftRule::Heartbeat);
        because.why(format_args!("{} leads term {}", cx.me, self.term)).arm(Timer::Heartbeat, cx.config.heartbeat);
        self.begin_waiting_round();
        self.send_heartbeats(cx, &mut because);
        self.send_snapshots(cx, true, out);
    }

    /// Sends a heartbeat to every follower: an empty append or, to one that is being probed, the
    /// probe again.
    pub(crate) fn send_heartbeats(&mut self, cx: &Cx<S>, because: &mut Because<'_, Self>) {
        let Some((sender, lead)) = self.sender() else { return };
        for (node, progress) in &mut lead.followers {
            sender.send_heartbeat(cx, *node, progress, because);
        }
    }

    pub(crate) fn on_appended(&mut self, cx: &Cx<S>, from: NodeId, ack: Appended, out: &mut Out<S>) {
        if ack.term > self.term {
            return self.adopt_term(cx, ack.term, out);
        }
        let last = self.log.last_index();
        let Some(progress) = counted_progress(cx.rules, &mut self.role, (from, ack.term, ack.round), self.term, out)
        else {
            return;
        };
        let acknowledged = ack.matched.min(last);
        let matched = cx.rules.matched_after_ack(progress.matched, acknowledged);
        progress.agree(matched, acknowledged, cx.config.probes);
        out.because(RaftRule::CountAck).why(format_args!("{from} agrees up to {matched}"));
        if matched > self.commit {
            self.advance_commit(cx, out);
        }
        self.send_to(cx, from, out);
        self.advance_transfer(out);
        self.serve_reads(cx, out);
    }

    pub(crate) fn on_append_refused(&mut self, cx: &Cx<S>, from: NodeId, refusal: AppendRefused, out: &mut Out<S>) {
        if refusal.term > self.term {
            return self.adopt_term(cx, refusal.term, out);
        }
        let Some(progress) =
            counted_progress(cx.rules, &mut self.role, (from, refusal.term, refusal.round), self.term, out)
        else {
            return;
        };
        let AppendRefused { previous: refused, conflict, .. } = refusal;
        let probing = match progress.state {
            ReplicationState::Probe { .. } => Some(progress.next.previous()),
            ReplicationState::Replicate => None,
            ReplicationState::Snapshot { .. } => Some(LogIndex(0)),
        };
        match cx.rules.heeds_refusal(refused, progress.matched, probing) {
            Refuse(rule) => {
                let matched = progress.matched;
                out.because(rule).why(format_args!("{from} agrees up to {matched}, {refused} is settled"));
            }
            Allow(rule) => {
                let ours = conflict.term.and_then(|term| self.log.last_of_term(term));
                let next = cx.rules.next_after_refusal(conflict, ours).min(refused);
                progress.back_up(next);
                let next = progress.next;
                out.because(rule).why(format_args!("{from} has no match at {refused}, next try from {next}"));
            }
        }
        self.send_to(cx, from, out);
        self.serve_reads(cx, out);
    }

    /// Ends the leadership: answers the clients that wait for it and switches the timers.
    pub(crate) fn end_leadership(
        &mut self,
        cx: &Cx<S>,
        lead: Leadership<S>,
        led: Term,
        because: &mut Because<'_, Self>,
    ) {
        self.hears_leader = false;
        because
            .emit(Fact::SteppedDown { term: led })
            .disarm(Timer::Heartbeat)
            .arm(Timer::Election, cx.config.election.clone());
        if cx.config.check_quorum {
            because.disarm(Timer::CheckQuorum);
        }
        for read in lead.reads {
            because.reply(read.ticket, Reply::Redirect { leader: None });
        }
        if let Some(transfer) = lead.transfer {
            because.disarm(Timer::Transfer);
            let stepped_aside = transfer.timeout_now_sent && self.term > led;
            let reply = if stepped_aside { Reply::SteppedAside(transfer.to) } else { Reply::Redirect { leader: None } };
            because.reply(transfer.ticket, reply);
        }
    }
}

/// Returns the progress of the follower that answered, if its answer counts. `answer` is the node,
/// term and round.
pub(crate) fn counted_progress<'a, S: StateMachine>(
    rules: &Rulebook,
    role: &'a mut RoleState<S>,
    answer: (NodeId, Term, u64),
    current: Term,
    out: &mut Out<S>,
) -> Option<&'a mut Progress<S>> {
    let (from, term, round) = answer;
    let RoleState::Leader(lead) = role else {
        out.because(RaftRule::IgnoreStale).why(format_args!("no longer the leader of term {term}"));
        return None;
    };
    if let Refuse(rule) = rules.counts_answer(term, current) {
        out.because(rule).why(format_args!("an answer in term {term}, not {current}"));
        return None;
    }
    let Some(progress) = lead.follower_mut(from) else {
        out.because(RaftRule::IgnoreStale).why(format_args!("{from} is no longer a member"));
        return None;
    };
    progress.recently_active = true;
    progress.round = progress.round.max(round);
    Some(progress)
}

/// The leader's state that goes into each append.
struct Sender<'a, S: StateMachine> {
    term: Term,
    commit: LogIndex,
    round: u64,
    log: &'a Log<S>,
}

impl<S: StateMachine> Sender<'_, S> {
    /// Whether the next entry is in the log and an append could be sent now.
    fn has_room(&self, cx: &Cx<S>, progress: &Progress<S>) -> bool {
        let here = progress.next > self.log.base().index && progress.next <= self.log.last_index();
        here && progress.has_room(cx.config.window)
    }

    fn can_send(&self, cx: &Cx<S>, progress: &Progress<S>) -> bool {
        self.has_room(cx, progress) && !self.must_probe(cx, progress)
    }

    /// Whether entries are held back until it is known where the logs agree.
    fn must_probe(&self, cx: &Cx<S>, progress: &Progress<S>) -> bool {
        cx.config.probes && progress.is_probing()
    }

    /// Sends entries until there are none left, or no room.
    fn send_entries(&self, cx: &Cx<S>, node: NodeId, progress: &mut Progress<S>, because: &mut Because<'_, Raft<S>>) {
        while self.can_send(cx, progress) {
            let entries = self.batch_from(cx, progress.next);
            debug_assert!(!entries.is_empty(), "there is news");
            let last = progress.next.previous().plus(entries.len() as u64);
            because.send(node, self.message(progress.next, entries));
            match &mut progress.state {
                ReplicationState::Probe { asked } => *asked = true,
                ReplicationState::Replicate | ReplicationState::Snapshot { .. } => {
                    progress.next = last.next();
                    progress.inflight.push_back(last);
                }
            }
        }
    }

    fn send_heartbeat(&self, cx: &Cx<S>, node: NodeId, progress: &mut Progress<S>, because: &mut Because<'_, Raft<S>>) {
        if progress.next <= self.log.base().index {
            return;
        }
        let entries = match progress.state {
            ReplicationState::Probe { .. } if self.must_probe(cx, progress) => Batch::default(),
            ReplicationState::Probe { .. } => self.batch_from(cx, progress.next),
            ReplicationState::Replicate => Batch::default(),
            ReplicationState::Snapshot { .. } => return,
        };
        if let ReplicationState::Probe { asked } = &mut progress.state {
            *asked = true;
        }
        because.send(node, self.message(progress.next, entries));
    }

    /// The entries from `first` on, at most a batch.
    fn batch_from(&self, cx: &Cx<S>, first: LogIndex) -> Batch<S> {
        self.log.range(first, first.previous().plus(cx.config.batch as u64)).share()
    }

    fn message(&self, first: LogIndex, entries: Batch<S>) -> Message<S> {
        let index = first.previous();
        // A refusal, or a rulebook, can move the next index beyond the leader's own log: then no
        // term matches, and the follower refuses.
        let term = self.log.term_at(index).unwrap_or_default();
        Message::AppendEntries(AppendEntries {
            term: self.term,
            previous: Position { index, term },
            entries,
            commit: self.commit,
            round: self.round,
        })
    }
}
