//! Log replication, follower side (Raft §5.3): consistency check, conflict resolution,
//! acknowledgement.
//!
//! Entries are stored only behind one that matches, so two logs that agree on an entry agree on all
//! before it. Appends may arrive late, twice and out of order: entries already in the log stay, and
//! only an entry that differs from the leader's is removed, with all entries after it.

use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{Allow, Refuse};

use crate::disk::Record;
use crate::entry::Payload;
use crate::fact::Fact;
use crate::log::Entries;
use crate::message::{AppendEntries, AppendRefused, Appended, Conflict, Message, Timer};
use crate::node::{Cx, Out, Raft};
use crate::position::{LogIndex, Position, Term};
use crate::role::RoleState;
use crate::rulebook::AppendSpan;
use crate::rules::RaftRule;
use crate::state_machine::StateMachine;

impl<S: StateMachine> Raft<S> {
    pub(crate) fn on_append_entries(&mut self, cx: &Cx<S>, from: NodeId, append: &AppendEntries<S>, out: &mut Out<S>) {
        if append.term < self.term {
            return self.refuse_stale_leader(cx, from, append.term, append.previous.index, out);
        }
        self.note_leader_contact(cx, from, append.term, out);
        let previous = append.previous;
        let mine = if previous.index < self.log.base().index {
            Some(previous.term) // compacted, so committed, so the leader has the same
        } else {
            self.log.term_at(previous.index)
        };
        match cx.rules.matches(previous, mine) {
            Allow(rule) => self.store(cx, from, append, rule, out),
            Refuse(rule) => self.refuse_entries(from, previous, append.round, rule, out),
        }
    }

    /// Refuses a message of a leader of an earlier term, which learns the current one (Raft §5.1).
    pub(crate) fn refuse_stale_leader(
        &self,
        cx: &Cx<S>,
        from: NodeId,
        theirs: Term,
        previous: LogIndex,
        out: &mut Out<S>,
    ) {
        // Each term counts its rounds from 0. If the old leader leads again by now, the round of
        // its old term must confirm nothing.
        let (term, round) = (self.term, 0);
        let mut because = out.because(RaftRule::RefuseStaleLeader);
        because.why(format_args!("term {theirs} is below {term}"));
        if cx.rules.answers_stale_leader() {
            let conflict = Conflict { term: None, first: self.log.last_index().next() };
            because.send(from, Message::AppendRefused(AppendRefused { term, previous, conflict, round }));
        }
    }

    /// Follows the leader of the current or a later term, and restarts the election timeout
    /// (Raft §5.2).
    pub(crate) fn note_leader_contact(&mut self, cx: &Cx<S>, from: NodeId, term: Term, out: &mut Out<S>) {
        if term > self.term {
            self.adopt_term(cx, term, out);
        } else if !matches!(self.role, RoleState::Follower) {
            self.step_down(cx, RaftRule::RecognizeLeader, term, format_args!("{from} leads term {term}"), out);
        }
        self.leader = Some(from);
        let mut because = out.because(RaftRule::HearLeader);
        because.why(format_args!("{from} leads term {term}")).arm(Timer::Election, cx.config.election.clone());
        if cx.config.tracks_leader_contact() {
            self.hears_leader = true;
            because.arm(Timer::LeaderSilence, cx.config.election.start);
        }
    }

    fn refuse_entries(&self, from: NodeId, previous: Position, round: u64, rule: RaftRule, out: &mut Out<S>) {
        let term = self.log.term_at(previous.index);
        let first = match term {
            Some(_) => self.log.first_of_term_at(previous.index),
            None => self.log.last_index().next(),
        };
        let refusal =
            AppendRefused { term: self.term, previous: previous.index, conflict: Conflict { term, first }, round };
        let mut because = out.because(rule);
        match term {
            Some(mine) => because.why(format_args!("entry {previous} is of term {mine} here, from {first} on")),
            None => because.why(format_args!("entry {previous} is missing; the log ends at {}", self.log.last())),
        }
        .send(from, Message::AppendRefused(refusal));
    }

    /// Stores new entries and acknowledges them (Raft Figure 2, AppendEntries 3 to 5).
    fn store(&mut self, cx: &Cx<S>, from: NodeId, append: &AppendEntries<S>, rule: RaftRule, out: &mut Out<S>) {
        let &AppendEntries { previous, ref entries, commit, round, .. } = append;
        // Entries up to the base are committed and equal on both sides; the rest begins after
        // `start`.
        let start = previous.index.max(self.log.base().index);
        let compacted = (start.since(previous.index) as usize).min(entries.len());
        let rest = entries.all().slice(compacted..entries.len());
        let mut span = AppendSpan {
            previous: previous.index,
            count: entries.len() as u64,
            conflict: self.conflict(start, rest),
            last: self.log.last_index(),
        };
        if let Some(cut) = cx.rules.truncates(span) {
            self.truncate(cut.max(start.next()), out);
        }
        let known = (self.log.last_index().since(start) as usize).min(rest.len());
        let new = rest.slice(known..rest.len());
        let stored = !new.is_empty();
        let before = self.log.last();
        let end = before.index;
        let mut because = out.because(if stored { rule } else { RaftRule::HaveEntries });
        if stored {
            self.log.extend(new);
            self.note_memberships(end, new);
            let (first, last) = (end.next(), self.log.last_index());
            match new.len() {
                1 => because.why(format_args!("entry {last} goes behind {before}")),
                _ => because.why(format_args!("entries {first} to {last} go behind {before}")),
            };
            because.persist(Record::Append { previous: end, entries: new.share() });
        }
        span.last = self.log.last_index();
        if !stored {
            because.why(format_args!("the logs agree up to {}", span.covered()));
        }
        let matched = cx.rules.acknowledges(span);
        because.send(from, Message::Appended(Appended { term: self.term, matched, round }));
        let commit = cx.rules.follower_commit(self.commit, commit, span);
        self.commit_to(cx, commit, RaftRule::FollowCommit, out);
    }

    /// The first of the entries whose index holds another term in this log.
    fn conflict(&self, start: LogIndex, entries: Entries<'_, S>) -> Option<LogIndex> {
        let mut here = (start.next().0..=self.log.last_index().0).map(LogIndex).zip(entries);
        here.find(|(index, entry)| self.log.term_at(*index) != Some(entry.term)).map(|(index, _)| index)
    }

    fn truncate(&mut self, from: LogIndex, out: &mut Out<S>) {
        let to = self.log.last_index();
        if from > to {
            return;
        }
        let mut because = out.because(RaftRule::TruncateConflict);
        because.why(format_args!("entries {from} to {to} are not the leader's"));
        because.persist(Record::Truncate { from });
        because.emit(Fact::Truncated { from, to });
        self.log.truncate(from);
        self.memberships.truncate(from);
    }

    /// Puts configurations into force as soon as they are in the log (Raft §6).
    fn note_memberships(&mut self, previous: LogIndex, entries: Entries<'_, S>) {
        for (offset, entry) in entries.iter().enumerate() {
            if let Payload::Configure(configuration) = &entry.payload {
                self.memberships.push(previous.plus(offset as u64 + 1), configuration.membership.clone());
            }
        }
    }
}
