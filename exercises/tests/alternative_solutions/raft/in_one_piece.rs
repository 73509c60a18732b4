//! Alternative Raft with snapshots in one piece: a snapshot is sent whole, with every heartbeat,
//! until it is acknowledged; it is taken at one and a half times the configured interval; some
//! entries stay in the log for followers that lag slightly. Truncation and append are two separate
//! writes, as are the term and the vote, and clients' answers are kept in a separate map, ordered
//! by ticket.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use quorate_exercises::build::{Disk, *};
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;
use serde::{Deserialize, Serialize};

type Out = Outbox<InOnePiece>;
type Line = Entry<KeyValue>;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
enum Note {
    Term(Term),
    Vote(NodeId),
    Cut(u64),
    Add(Line),
    /// A snapshot, and the index of the first entry that stays.
    Snapshot(Box<Snapshot<KeyValue>>, u64),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Notes {
    term: Term,
    vote: Option<NodeId>,
    /// The remaining entries, and the position before them.
    before: Position,
    lines: VecDeque<Line>,
    snapshot: Option<Snapshot<KeyValue>>,
}

impl Notes {
    fn end(&self) -> u64 {
        self.before.index.0 + self.lines.len() as u64
    }

    fn line(&self, index: u64) -> Option<&Line> {
        self.lines.get(index.checked_sub(self.before.index.0 + 1)? as usize)
    }

    fn position(&self, index: u64) -> Option<Position> {
        if index == self.before.index.0 {
            return Some(self.before);
        }
        self.line(index).map(|line| Position { index: LogIndex(index), term: line.term })
    }

    fn replaced(&self) -> u64 {
        self.snapshot.as_ref().map_or(0, |snapshot| snapshot.last.index.0)
    }
}

impl Disk for Notes {
    type Record = Note;

    fn apply(&mut self, note: &Note) {
        match note {
            Note::Term(term) => (self.term, self.vote) = (*term, None),
            Note::Vote(candidate) => self.vote = Some(*candidate),
            Note::Cut(from) => self.lines.truncate((from - 1 - self.before.index.0) as usize),
            Note::Add(line) => self.lines.push_back(line.clone()),
            Note::Snapshot(snapshot, first) => {
                match self.position(snapshot.last.index.0) == Some(snapshot.last) {
                    true => {
                        while self.before.index.0 + 1 < *first {
                            let index = LogIndex(self.before.index.0 + 1);
                            let Some(line) = self.lines.pop_front() else { break };
                            self.before = Position { index, term: line.term };
                        }
                    }
                    false => {
                        self.lines.clear();
                        self.before = snapshot.last;
                    }
                }
                self.snapshot = Some((**snapshot).clone());
            }
        }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Mode {
    Follows(Option<NodeId>),
    Runs(BTreeSet<NodeId>),
    /// For each other node, the last entry known to be stored, and the previous entry of the last
    /// append.
    Leads(BTreeMap<NodeId, (u64, u64)>),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct InOnePiece {
    me: NodeId,
    config: Config,
    notes: Notes,
    mode: Mode,
    applied: u64,
    store: KeyValue,
    answers: BTreeMap<RequestId, KeyValueReply>,
}

impl InOnePiece {
    fn note(&mut self, note: Note, out: &mut Out) {
        self.notes.apply(&note);
        out.because(RaftRule::HaveEntries).persist(note);
    }

    fn wait(&self, out: &mut Out) {
        out.because(RaftRule::HearLeader).arm(Timer::Election, self.config.election.clone());
    }

    fn all(&self) -> Vec<NodeId> {
        self.config.voters.iter().copied().filter(|node| *node != self.me).collect()
    }

    fn end(&self) -> Position {
        self.notes.position(self.notes.end()).unwrap_or_default()
    }

    fn later(&mut self, term: Term, out: &mut Out) {
        if term > self.notes.term {
            self.note(Note::Term(term), out);
            if !matches!(self.mode, Mode::Follows(_)) {
                self.wait(out);
            }
            self.mode = Mode::Follows(None);
        }
    }

    fn run(&mut self, out: &mut Out) {
        self.note(Note::Term(self.notes.term.next()), out);
        self.note(Note::Vote(self.me), out);
        self.mode = Mode::Runs(BTreeSet::from([self.me]));
        self.wait(out);
        for node in self.all() {
            let asked = RequestVote { term: self.notes.term, last: self.end(), transfer: false };
            out.because(RaftRule::ElectionTimeout).send(node, Message::RequestVote(asked));
        }
    }

    fn vote(&mut self, from: NodeId, asked: RequestVote, out: &mut Out) {
        let (mine, term) = (self.end(), self.notes.term);
        let worse = (asked.last.term, asked.last.index) < (mine.term, mine.index);
        if asked.term < term || worse || self.notes.vote.is_some_and(|vote| vote != from) {
            out.because(RaftRule::RefuseVoteGiven).send(from, Message::VoteRefused { term });
            return;
        }
        self.note(Note::Vote(from), out);
        out.because(RaftRule::GrantVote).send(from, Message::VoteGranted { term });
        self.wait(out);
    }

    fn win(&mut self, out: &mut Out) {
        let end = self.notes.end();
        self.mode = Mode::Leads(self.all().into_iter().map(|node| (node, (0, end))).collect());
        out.because(RaftRule::WinElection).emit(Fact::LeaderElected { term: self.notes.term }).disarm(Timer::Election);
        self.note(Note::Add(Entry { term: self.notes.term, payload: Payload::Noop }), out);
        self.beat(out);
    }

    fn beat(&mut self, out: &mut Out) {
        out.because(RaftRule::Heartbeat).arm(Timer::Heartbeat, self.config.heartbeat);
        self.all().into_iter().for_each(|node| self.feed(node, out));
    }

    /// Sends all entries after the follower's previous entry, or the snapshot if that entry is no
    /// longer in the log.
    fn feed(&self, to: NodeId, out: &mut Out) {
        let Mode::Leads(others) = &self.mode else { return };
        let (_, about) = others[&to];
        let term = self.notes.term;
        let message = match (self.notes.position(about), &self.notes.snapshot) {
            (Some(previous), _) => {
                let entries =
                    (about + 1..=self.notes.end()).filter_map(|index| self.notes.line(index).cloned()).collect();
                Message::AppendEntries(AppendEntries {
                    term,
                    previous,
                    entries,
                    commit: LogIndex(self.applied),
                    round: 0,
                })
            }
            (None, Some(Snapshot { last, membership, pieces })) => {
                Message::InstallSnapshot(Box::new(InstallSnapshot {
                    term,
                    last: *last,
                    offset: 0,
                    pieces: pieces.clone(),
                    done: true,
                    membership: membership.clone(),
                    round: 0,
                }))
            }
            (None, None) => return,
        };
        out.because(RaftRule::SendEntries).send(to, message);
    }

    fn appended(&mut self, from: NodeId, upto: u64, out: &mut Out) {
        out.because(RaftRule::CountAck);
        let Mode::Leads(others) = &mut self.mode else { return };
        let Some((matched, about)) = others.get_mut(&from) else { return };
        *matched = upto.max(*matched);
        *about = *matched;
        let mut all: Vec<u64> = others.values().map(|(matched, _)| *matched).collect();
        all.sort_unstable_by_key(|matched| u64::MAX - matched);
        let majority = all[self.config.voters.len() / 2 - 1];
        if self.notes.line(majority).is_some_and(|line| line.term == self.notes.term) {
            self.apply(majority, out);
        }
    }

    fn refused(&mut self, from: NodeId, refused: AppendRefused, out: &mut Out) {
        out.because(RaftRule::BackUp);
        let Mode::Leads(others) = &mut self.mode else { return };
        let Some((matched, about)) = others.get_mut(&from) else { return };
        if *about == refused.previous.0 && *about > *matched {
            *about = refused.conflict.first.0.saturating_sub(1).min(*about - 1).max(*matched);
            self.feed(from, out);
        }
    }

    /// Whether a leader's message is of this term. A leader of an earlier term is told so.
    fn obeys(&mut self, from: NodeId, term: Term, previous: LogIndex, out: &mut Out) -> bool {
        if term == self.notes.term {
            self.mode = Mode::Follows(Some(from));
            self.wait(out);
            return true;
        }
        let conflict = Conflict { term: None, first: previous };
        let refused = AppendRefused { term: self.notes.term, previous, conflict, round: 0 };
        out.because(RaftRule::RefuseStaleLeader).send(from, Message::AppendRefused(refused));
        false
    }

    fn append(&mut self, from: NodeId, append: &AppendEntries<KeyValue>, out: &mut Out) {
        let (term, previous) = (append.term, append.previous);
        if !self.obeys(from, term, previous.index, out) {
            return;
        }
        if previous.index.0 > self.applied && self.notes.position(previous.index.0) != Some(previous) {
            let first = LogIndex(previous.index.0.min(self.notes.end() + 1));
            let refused =
                AppendRefused { term, previous: previous.index, conflict: Conflict { term: None, first }, round: 0 };
            out.because(RaftRule::RefuseMissing).send(from, Message::AppendRefused(refused));
            return;
        }
        let mut index = previous.index.0;
        for line in &append.entries {
            index += 1;
            if index <= self.applied || self.notes.line(index).is_some_and(|mine| mine.term == line.term) {
                continue;
            }
            let end = self.notes.end();
            if index <= end {
                self.note(Note::Cut(index), out);
                let (from, to) = (LogIndex(index), LogIndex(end));
                out.because(RaftRule::TruncateConflict).emit(Fact::Truncated { from, to });
            }
            self.note(Note::Add(line.clone()), out);
        }
        // All applied entries agree as well.
        let matched = LogIndex(index.max(self.applied));
        out.because(RaftRule::AppendEntries).send(from, Message::Appended(Appended { term, matched, round: 0 }));
        self.apply(append.commit.0.min(index), out);
    }

    fn apply(&mut self, upto: u64, out: &mut Out) {
        while self.applied < upto {
            self.applied += 1;
            let index = LogIndex(self.applied);
            let Some(payload) = self.notes.line(self.applied).map(|line| line.payload.clone()) else { return };
            let mut because = out.because(RaftRule::ApplyInOrder);
            because.emit(Fact::Applied { index, command: payload.clone() });
            if let Payload::Apply { ticket, command } = payload {
                let store = &mut self.store;
                let answer = self.answers.entry(ticket).or_insert_with(|| store.apply(&command));
                if matches!(self.mode, Mode::Leads(_)) {
                    because.reply(ticket, Reply::Applied(answer.clone()));
                }
            }
        }
        let Some(rhythm) = self.config.snapshots else { return };
        if (self.applied - self.notes.replaced()) * 2 >= rhythm.every * 3 {
            let Some(last) = self.notes.position(self.applied) else { return };
            let snapshot = Box::new(self.picture(last));
            let first = (self.applied + 1).saturating_sub(rhythm.keep);
            self.note(Note::Snapshot(snapshot, first), out);
            out.because(RaftRule::TakeSnapshot).emit(Fact::SnapshotTaken { last });
        }
    }

    /// Creates a snapshot: first the state, then the answers given to clients.
    fn picture(&self, last: Position) -> Snapshot<KeyValue> {
        let mut sessions = Sessions::default();
        for (ticket, answer) in &self.answers {
            sessions.remember(*ticket, answer.clone(), usize::MAX);
        }
        let sessions = sessions.iter().map(|(client, session)| Piece::Session { client, session: session.clone() });
        let pieces = self.store.pieces().into_iter().map(Piece::State).chain(sessions).collect();
        Snapshot { last, membership: self.config.first_membership(), pieces }
    }

    fn install(&mut self, from: NodeId, install: InstallSnapshot<KeyValue>, out: &mut Out) {
        let (term, last) = (install.term, install.last);
        if !self.obeys(from, term, last.index, out) {
            return;
        }
        if last.index.0 > self.applied {
            let snapshot = Snapshot { last, membership: install.membership, pieces: install.pieces };
            self.note(Note::Snapshot(Box::new(snapshot), last.index.0 + 1), out);
            out.because(RaftRule::InstallSnapshot).emit(Fact::SnapshotInstalled { last });
            self.wake();
        }
        let matched = last.index.max(LogIndex(self.applied));
        out.because(RaftRule::InstallSnapshot).send(from, Message::Appended(Appended { term, matched, round: 0 }));
    }

    /// Restores the state from the snapshot.
    fn wake(&mut self) {
        let Some(snapshot) = &self.notes.snapshot else { return };
        self.applied = snapshot.last.index.0;
        self.answers.clear();
        let (mut state, mut sessions) = (Vec::new(), Sessions::default());
        for piece in snapshot.pieces.clone() {
            match piece {
                Piece::State(piece) => state.push(piece),
                Piece::Session { client, session } => sessions.restore(client, session),
            }
        }
        for (client, _) in sessions.iter() {
            let tickets = (1..=NUMBERS_MAX).map(|number| RequestId { client, number });
            self.answers.extend(tickets.filter_map(|ticket| match sessions.known(ticket) {
                SessionLookup::Answered(answer) => Some((ticket, answer.clone())),
                SessionLookup::New | SessionLookup::Forgotten => None,
            }));
        }
        self.store = KeyValue::assemble(state.into_iter());
    }
}

/// Upper bound on a client's request numbers in this exercise.
const NUMBERS_MAX: u64 = 200;

impl Machine for InOnePiece {
    type Config = Config;
    type Rulebook = ();
    type Message = Message<KeyValue>;
    type Timer = Timer;
    type Command = Command<KeyValue>;
    type Reply = Reply<KeyValue>;
    type Fact = Fact<KeyValue>;
    type Rule = RaftRule;
    type Record = Note;
    type Disk = Notes;
    type Clock = ();
    type View = (Term, u64, u64);

    fn boot(cx: &Context<Self>, notes: &Notes, out: &mut Out) -> Self {
        let Context { me, config, .. } = *cx;
        let (store, answers) = Default::default();
        let mode = Mode::Follows(None);
        let mut node =
            InOnePiece { me, config: config.clone(), notes: notes.clone(), mode, applied: 0, store, answers };
        node.wake();
        node.wait(out);
        node
    }

    fn step(&mut self, _: &Context<Self>, input: Input<Self>, out: &mut Out) {
        match (input, &self.mode) {
            (Input::Request { ticket, command: Command::Apply(command) }, Mode::Leads(_)) => {
                if let Some(answer) = self.answers.get(&ticket) {
                    out.because(RaftRule::RepeatAnswer).reply(ticket, Reply::Applied(answer.clone()));
                } else {
                    let payload = Payload::Apply { ticket, command };
                    self.note(Note::Add(Entry { term: self.notes.term, payload }), out);
                    self.all().into_iter().for_each(|node| self.feed(node, out));
                }
            }
            (Input::Request { ticket, .. }, Mode::Follows(leader)) => {
                out.because(RaftRule::RedirectToLeader).reply(ticket, Reply::Redirect { leader: *leader });
            }
            (Input::Request { ticket, .. }, _) => {
                out.because(RaftRule::RedirectToLeader).reply(ticket, Reply::Redirect { leader: None });
            }
            (Input::Fire(Timer::Heartbeat), Mode::Leads(_)) => self.beat(out),
            (Input::Fire(Timer::Election), Mode::Follows(_) | Mode::Runs(_)) => self.run(out),
            (Input::Fire(_), _) => {
                out.because(RaftRule::IgnoreStale);
            }
            (Input::Deliver { from, message }, _) => {
                self.later(message.term().unwrap_or_default(), out);
                let current = message.term() == Some(self.notes.term);
                match message {
                    Message::RequestVote(asked) => self.vote(from, asked, out),
                    Message::AppendEntries(append) => self.append(from, &append, out),
                    Message::InstallSnapshot(install) => self.install(from, *install, out),
                    Message::Appended(ack) if current => self.appended(from, ack.matched.0, out),
                    Message::AppendRefused(refused) if current => self.refused(from, refused, out),
                    Message::VoteGranted { .. } if current => {
                        out.because(RaftRule::CountVote);
                        if let Mode::Runs(votes) = &mut self.mode {
                            votes.insert(from);
                            if votes.len() > self.config.voters.len() / 2 {
                                self.win(out);
                            }
                        }
                    }
                    _ => {
                        out.because(RaftRule::IgnoreStale);
                    }
                }
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> (Term, u64, u64) {
        (self.notes.term, self.notes.end(), self.applied)
    }

    fn disposition(reply: &Reply<KeyValue>) -> Disposition {
        reply.disposition()
    }
}

hand_in!("build-raft-snapshot", BuiltRaft::<InOnePiece>::new());
