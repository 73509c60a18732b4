//! Entries, acknowledgements, and the committed entries that follow from them (Raft §5.3, §5.4).
//!
//! An acknowledgement says that the sender's log equals that of the term's leader up to an index.
//! With acknowledgements of a majority, an entry of that same term is committed, and all before it,
//! whether or not the leader knows. The committed entries are computed from these here, and the
//! nodes' claims are checked against them.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{InvariantViolation, NodeId, RequestId};
use quorate_raft::{
    AppendEntries, AppendRefused, Appended, InstallSnapshot, KeyValue, KeyValueCommand, KeyValueReply, LogIndex,
    Payload, Position, StateMachine, Term,
};

/// Record of entries sent, acknowledged, committed and reported.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct History {
    voters: usize,
    asked: BTreeSet<KeyValueCommand>,
    /// Every entry ever sent, with the term of the entry before it.
    entries: BTreeMap<(Term, LogIndex), (Term, Payload<KeyValue>)>,
    /// Last index of a term leader's log that it has sent to a node.
    offered: BTreeMap<(Term, NodeId), LogIndex>,
    /// Last index of a term leader's log that each node has acknowledged.
    acknowledged: BTreeMap<Term, BTreeMap<NodeId, LogIndex>>,
    /// Committed entries, from index 1 on.
    committed: Vec<(Term, Payload<KeyValue>)>,
    /// Last entry committed by each term's leader.
    by_term: BTreeMap<Term, Position>,
    /// Reply of the store to each request, after all committed entries are applied.
    answers: BTreeMap<RequestId, KeyValueReply>,
    store: KeyValue,
    /// Entries that each node has reported as committed and as applied since it started.
    progress: BTreeMap<NodeId, NodeProgress>,
    entries_sent: u64,
    entries_max: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct NodeProgress {
    committed: Option<LogIndex>,
    applied: Option<LogIndex>,
}

impl History {
    pub(super) fn new(voters: usize, entries_max: Option<u64>) -> Self {
        let (asked, entries, offered, acknowledged, committed, by_term) = Default::default();
        let (answers, store, progress, entries_sent) = Default::default();
        History {
            voters,
            asked,
            entries,
            offered,
            acknowledged,
            committed,
            by_term,
            answers,
            store,
            progress,
            entries_sent,
            entries_max,
        }
    }

    pub(super) fn asked(&mut self, command: &KeyValueCommand) {
        self.asked.insert(command.clone());
    }

    #[cfg(test)]
    pub(super) fn entries_sent(&self) -> u64 {
        self.entries_sent
    }

    /// Last committed index.
    pub(super) fn committed(&self) -> LogIndex {
        LogIndex(self.committed.len() as u64)
    }

    /// Last committed entry.
    fn last_committed(&self) -> Position {
        let term = self.committed.last().map_or(Term(0), |(term, _)| *term);
        Position { index: self.committed(), term }
    }

    /// Last entry committed in a term before that one: the term's leader must have it.
    pub(super) fn committed_before(&self, term: Term) -> Position {
        self.by_term.range(..term).map(|(_, last)| *last).max_by_key(|last| last.index).unwrap_or_default()
    }

    /// Last index that a node has reported as applied since it started.
    pub(super) fn applied(&self, node: NodeId) -> Option<LogIndex> {
        self.progress.get(&node).and_then(|progress| progress.applied)
    }

    /// State of the store after the entries up to that index.
    pub(super) fn store_at(&self, index: LogIndex) -> KeyValue {
        let (mut store, mut known) = (KeyValue::default(), BTreeSet::new());
        for (_, payload) in self.committed.iter().take(index.0 as usize) {
            if let Payload::Apply { ticket, command } = payload
                && known.insert(*ticket)
            {
                store.apply(command);
            }
        }
        store
    }

    /// Records a crash or a restart: the node knows only the contents of its disk.
    pub(super) fn forgets(&mut self, node: NodeId) {
        self.progress.remove(&node);
    }

    /// Records that a node has the state of a snapshot.
    pub(super) fn jumps(&mut self, node: NodeId, to: LogIndex) -> Result<(), InvariantViolation> {
        if let Some(applied) = self.applied(node).filter(|applied| *applied > to) {
            let detail =
                format!("{node} returns to a snapshot up to {to}, although it has applied entries up to {applied}");
            return Err(InvariantViolation::new("OnceAndInOrder", detail));
        }
        self.progress.insert(node, NodeProgress { committed: Some(to), applied: Some(to) });
        Ok(())
    }

    /// Checks entries, or a heartbeat, sent by a leader.
    pub(super) fn sends(
        &mut self,
        node: NodeId,
        to: NodeId,
        append: &AppendEntries<KeyValue>,
    ) -> Result<(), InvariantViolation> {
        if append.commit > self.committed() {
            return Err(not_committed(node, append.commit, self.committed()));
        }
        let mut before = append.previous;
        for entry in &append.entries {
            let here = Position { index: before.index.next(), term: entry.term };
            if here.term < before.term || here.term > append.term {
                let detail = format!(
                    "{node} sends {here} after {before} in term {}, but terms never decrease along a log",
                    append.term
                );
                return Err(InvariantViolation::new("LogMatching", detail));
            }
            self.is_one_entry(node, here, before.term, &entry.payload)?;
            before = here;
        }
        self.counts(append.entries.len() as u64)?;
        self.offer(append.term, to, before.index);
        Ok(())
    }

    fn counts(&mut self, entries: u64) -> Result<(), InvariantViolation> {
        self.entries_sent += entries;
        match self.entries_max {
            Some(max) if self.entries_sent > max => {
                let detail =
                    format!("{} copies of entries were sent in this run, and the maximum is {max}", self.entries_sent);
                Err(InvariantViolation::new("TooManyEntries", detail))
            }
            _ => Ok(()),
        }
    }

    /// Checks a snapshot sent by a leader.
    pub(super) fn offers(
        &mut self,
        node: NodeId,
        to: NodeId,
        install: &InstallSnapshot<KeyValue>,
    ) -> Result<(), InvariantViolation> {
        self.snapshot_is_true(node, install.last)?;
        self.offer(install.term, to, install.last.index);
        Ok(())
    }

    fn offer(&mut self, term: Term, to: NodeId, upto: LogIndex) {
        let offered = self.offered.entry((term, to)).or_default();
        *offered = upto.max(*offered);
    }

    /// Checks that an index and a term determine one entry, with one predecessor, whichever node
    /// sends it.
    fn is_one_entry(
        &mut self,
        node: NodeId,
        here: Position,
        before: Term,
        payload: &Payload<KeyValue>,
    ) -> Result<(), InvariantViolation> {
        if let Payload::Apply { command, .. } = payload
            && !self.asked.contains(command)
        {
            let detail = format!("{node} sends {command:?} as entry {here}, which no client requested");
            return Err(InvariantViolation::new("EntriesWereAsked", detail));
        }
        let known = self.entries.entry((here.term, here.index)).or_insert_with(|| (before, payload.clone()));
        if known.0 == before && known.1 == *payload {
            return Ok(());
        }
        let detail = format!(
            "{node} sends {payload:?} as entry {here} after one of term {before}; earlier it was {:?} after one of term {}",
            known.1, known.0
        );
        Err(InvariantViolation::new("LogMatching", detail))
    }

    /// Checks a node's claim that its log equals the leader's up to an index.
    pub(super) fn acknowledges(&mut self, node: NodeId, appended: &Appended) -> Result<(), InvariantViolation> {
        let &Appended { term, matched, .. } = appended;
        let offered = self.offered.get(&(term, node)).copied().unwrap_or_default();
        if matched > offered.max(self.committed()) {
            let detail = format!(
                "{node} acknowledges entries up to {matched} in term {term}, but in that term it was sent none beyond {offered}"
            );
            return Err(InvariantViolation::new("AcknowledgesWhatCame", detail));
        }
        let last = self.acknowledged.entry(term).or_default().entry(node).or_default();
        *last = matched.max(*last);
        self.advance(term)
    }

    /// Checks that a node does not refuse an append of a leader whose log it has acknowledged.
    pub(super) fn keeps_acknowledged(
        &self,
        node: NodeId,
        refused: &AppendRefused,
        excused: LogIndex,
    ) -> Result<(), InvariantViolation> {
        let acknowledged = self.acknowledged.get(&refused.term).and_then(|all| all.get(&node)).copied();
        match acknowledged {
            // Compacted entries may be answered in any way: the leader knows that they match.
            Some(last) if refused.previous <= last && refused.previous > excused => {
                let detail = format!(
                    "{node} has acknowledged entries up to {last} in term {}, and now reports that entry {} is missing",
                    refused.term, refused.previous
                );
                Err(InvariantViolation::new("AcknowledgedIsKept", detail))
            }
            _ => Ok(()),
        }
    }

    /// Recomputes the commit index of a term's leader, from its own log and the acknowledgements of
    /// the others.
    fn advance(&mut self, term: Term) -> Result<(), InvariantViolation> {
        let mut have: Vec<LogIndex> = self.acknowledged[&term].values().copied().collect();
        have.sort_unstable();
        let others = self.voters / 2;
        let Some(majority) = have.len().checked_sub(others).map(|place| have[place]) else { return Ok(()) };
        let own = self.entries.range((term, LogIndex(0))..=(term, majority)).next_back();
        match own.map(|((_, index), _)| *index) {
            Some(index) if index > self.committed() => self.commit(Position { index, term }),
            _ => Ok(()),
        }
    }

    /// Records that an entry is committed, with all before it. They must not contradict earlier
    /// committed entries.
    fn commit(&mut self, last: Position) -> Result<(), InvariantViolation> {
        let committed = self.last_committed();
        let mut new = Vec::new();
        let mut here = last;
        while here.index > committed.index {
            let Some((before, payload)) = self.entries.get(&(here.term, here.index)) else {
                let detail =
                    format!("a majority acknowledges {last}, but no node was ever sent {here}, which precedes it");
                return Err(InvariantViolation::new("AcknowledgesWhatCame", detail));
            };
            new.push((here.term, payload.clone()));
            here = Position { index: here.index.previous(), term: *before };
        }
        if here != committed {
            let detail = format!(
                "{committed} was on a majority and committed; now {last} is, but the log that ends with it has {here} there"
            );
            return Err(InvariantViolation::new("CommittedStays", detail));
        }
        for (term, payload) in new.into_iter().rev() {
            if let Payload::Apply { ticket, command } = &payload
                && !self.answers.contains_key(ticket)
            {
                self.answers.insert(*ticket, self.store.apply(command));
            }
            self.committed.push((term, payload));
        }
        self.by_term.insert(last.term, last);
        Ok(())
    }

    /// Checks a claim that an entry is committed.
    pub(super) fn says_committed(
        &mut self,
        node: NodeId,
        index: LogIndex,
        term: Option<Term>,
        payload: &Payload<KeyValue>,
    ) -> Result<(), InvariantViolation> {
        self.is_committed(node, index, term, payload)?;
        let progress = self.progress.entry(node).or_default();
        in_order(node, "reports as committed", progress.committed, index)?;
        progress.committed = Some(index);
        Ok(())
    }

    /// Checks that entries are applied once, in order, and not before they are committed.
    pub(super) fn says_applied(
        &mut self,
        node: NodeId,
        index: LogIndex,
        payload: &Payload<KeyValue>,
    ) -> Result<(), InvariantViolation> {
        self.is_committed(node, index, None, payload)?;
        let progress = self.progress.entry(node).or_default();
        in_order(node, "applies", progress.applied, index)?;
        progress.applied = Some(index);
        Ok(())
    }

    fn is_committed(
        &self,
        node: NodeId,
        index: LogIndex,
        term: Option<Term>,
        payload: &Payload<KeyValue>,
    ) -> Result<(), InvariantViolation> {
        let truth = self.committed.get(index.previous().0 as usize).filter(|_| index > LogIndex(0));
        match truth {
            None => Err(not_committed(node, index, self.committed())),
            Some((_, truth)) if truth != payload => {
                let detail = format!("{node} has {payload:?} at index {index}, but {truth:?} is committed there");
                Err(InvariantViolation::new("StateMachineSafety", detail))
            }
            Some((truth, _)) if term.is_some_and(|term| term != *truth) => {
                let detail = format!(
                    "{node} has an entry of another term at index {index}; the entry of term {truth} is committed there"
                );
                Err(InvariantViolation::new("StateMachineSafety", detail))
            }
            Some(_) => Ok(()),
        }
    }

    /// Checks that a node does not remove applied entries.
    pub(super) fn truncates(&self, node: NodeId, from: LogIndex) -> Result<(), InvariantViolation> {
        match self.applied(node) {
            Some(applied) if from <= applied => {
                let detail =
                    format!("{node} deletes entries from {from} on, although it has applied entries up to {applied}");
                Err(InvariantViolation::new("CommittedStays", detail))
            }
            _ => Ok(()),
        }
    }

    /// Checks that a snapshot covers only committed entries.
    pub(super) fn snapshot_is_true(&self, node: NodeId, last: Position) -> Result<(), InvariantViolation> {
        let truth = self.committed.get(last.index.previous().0 as usize).map(|(term, _)| *term);
        match truth {
            None => Err(not_committed(node, last.index, self.committed())),
            Some(truth) if truth != last.term => {
                let detail =
                    format!("{node} has a snapshot up to {last}, but the entry of term {truth} is committed there");
                Err(InvariantViolation::new("StateMachineSafety", detail))
            }
            Some(_) => Ok(()),
        }
    }

    /// Checks a reply to a client: it must be that of the store when all entries before the request
    /// are applied, and each request is executed once.
    pub(super) fn is_answer(
        &self,
        node: NodeId,
        ticket: RequestId,
        answer: &KeyValueReply,
    ) -> Result<(), InvariantViolation> {
        let detail = match self.answers.get(&ticket) {
            Some(truth) if truth == answer => return Ok(()),
            Some(truth) => format!("{node} answers {ticket} with {answer:?} instead of {truth:?}"),
            None => format!("{node} answers {ticket} with {answer:?}, but that request is not committed"),
        };
        Err(InvariantViolation::new("AnswersAreTrue", detail))
    }
}

fn in_order(node: NodeId, verb: &str, last: Option<LogIndex>, index: LogIndex) -> Result<(), InvariantViolation> {
    match last {
        Some(last) if last.next() != index => {
            Err(InvariantViolation::new("OnceAndInOrder", format!("{node} {verb} entry {index} after entry {last}")))
        }
        _ => Ok(()),
    }
}

fn not_committed(node: NodeId, index: LogIndex, committed: LogIndex) -> InvariantViolation {
    let detail = format!(
        "{node} reports entry {index} as committed, but the acknowledgements of a majority for an entry of the leader's own term reach only {committed}"
    );
    InvariantViolation::new("CommittedOnMajority", detail)
}
