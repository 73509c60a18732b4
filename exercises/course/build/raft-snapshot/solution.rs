//! Raft, whole: elections, a log, a disk, and snapshots in the place of what has been applied.

use std::collections::{BTreeMap, BTreeSet};

use quorate_exercises::build::{Disk, *};
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;
use serde::{Deserialize, Serialize};

type Append = AppendEntries<KeyValue>;
type Install = InstallSnapshot<KeyValue>;
type LogEntry = Entry<KeyValue>;
type State = Snapshot<KeyValue>;
type Out = Outbox<MyRaft>;

/// A node. What it must not forget is in `stable`, which mirrors its disk; the rest it can work out again.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct MyRaft {
    me: NodeId,
    config: Config,
    stable: Stable,
    role: Role,
    /// Who leads the current term, if that is known.
    leader: Option<NodeId>,
    commit: LogIndex,
    applied: LogIndex,
    store: KeyValue,
    sessions: Sessions<KeyValue>,
    /// A snapshot of which pieces arrive.
    incoming: Option<State>,
}

/// What a node is at present, with what only that role needs to know.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    Follower,
    Candidate { votes: BTreeSet<NodeId> },
    Leader { followers: BTreeMap<NodeId, Progress> },
}

/// How far a follower is, as its leader knows.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Progress {
    /// The last entry that is known to agree.
    matched: LogIndex,
    /// The next entry to send.
    next: LogIndex,
    /// Whether it is not known yet where the logs agree: then one append is under way at a time.
    probing: bool,
    /// The snapshot that it is being sent, and how many pieces it has.
    sending: Option<(State, u64)>,
}

/// What survives a crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Stable {
    term: Term,
    vote: Option<NodeId>,
    /// The state up to some entry, in the place of the log up to there.
    snapshot: Option<State>,
    /// What follows that entry.
    log: Vec<LogEntry>,
}

/// A write.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
enum Record {
    /// The current term, and the vote in it.
    Term { term: Term, vote: Option<NodeId> },
    /// These entries follow that index, and nothing follows them.
    Entries { after: LogIndex, entries: Vec<LogEntry> },
    /// A snapshot; the log keeps what follows it.
    Snapshot { snapshot: Box<State> },
}

impl Disk for Stable {
    type Record = Record;

    fn write(&mut self, record: &Record) {
        match record {
            Record::Term { term, vote } => (self.term, self.vote) = (*term, *vote),
            Record::Entries { after, entries } => {
                self.log.truncate(self.place(after.next()));
                self.log.extend(entries.iter().cloned());
            }
            Record::Snapshot { snapshot } => {
                let follows = self.term_at(snapshot.last.index) == Some(snapshot.last.term);
                self.log = if follows { self.log.split_off(self.place(snapshot.last.index.next())) } else { Vec::new() };
                self.snapshot = Some((**snapshot).clone());
            }
        }
    }
}

impl Stable {
    /// The last entry that is no longer in the log.
    fn base(&self) -> Position {
        self.snapshot.as_ref().map_or_else(Position::default, |snapshot| snapshot.last)
    }

    fn last(&self) -> Position {
        let index = self.base().index.plus(self.log.len() as u64);
        Position { index, term: self.log.last().map_or(self.base().term, |entry| entry.term) }
    }

    /// Where an entry of the log lies in its vector.
    fn place(&self, index: LogIndex) -> usize {
        index.since(self.base().index.next()) as usize
    }

    fn entry(&self, index: LogIndex) -> Option<&LogEntry> {
        if index <= self.base().index { None } else { self.log.get(self.place(index)) }
    }

    fn term_at(&self, index: LogIndex) -> Option<Term> {
        if index == self.base().index { Some(self.base().term) } else { self.entry(index).map(|entry| entry.term) }
    }
}

impl MyRaft {
    /// Notes something on disk, and in the memory that mirrors it.
    fn keep(&mut self, record: Record, because: &mut Because<'_, Self>) {
        self.stable.write(&record);
        because.persist(record);
    }

    fn others(&self) -> impl Iterator<Item = NodeId> + use<> {
        let me = self.me;
        self.config.voters.clone().into_iter().filter(move |node| *node != me)
    }

    fn is_majority(&self, count: usize) -> bool {
        count * 2 > self.config.voters.len()
    }

    // Elections (§5.2, §5.4.1).

    fn stand(&mut self, out: &mut Out) {
        let mut because = out.because(RaftRule::ElectionTimeout);
        let term = self.stable.term.next();
        self.keep(Record::Term { term, vote: Some(self.me) }, &mut because);
        (self.role, self.leader) = (Role::Candidate { votes: BTreeSet::from([self.me]) }, None);
        because.arm(Timer::Election, self.config.election.clone());
        for node in self.others() {
            because.send(node, Message::RequestVote(RequestVote { term, last: self.stable.last(), transfer: false }));
        }
    }

    /// Every message with a later term makes a follower (§5.1).
    fn see_term(&mut self, term: Term, out: &mut Out) {
        if term > self.stable.term {
            let mut because = out.because(RaftRule::AdoptHigherTerm);
            self.keep(Record::Term { term, vote: None }, &mut because);
            self.follow(None, &mut because);
        }
    }

    fn follow(&mut self, leader: Option<NodeId>, because: &mut Because<'_, Self>) {
        if matches!(self.role, Role::Leader { .. }) {
            because.disarm(Timer::Heartbeat);
        }
        if leader.is_some() || !matches!(self.role, Role::Follower) {
            because.arm(Timer::Election, self.config.election.clone());
        }
        (self.role, self.leader) = (Role::Follower, leader);
    }

    fn asked_for_vote(&mut self, from: NodeId, asked: RequestVote, out: &mut Out) {
        let (term, mine) = (self.stable.term, self.stable.last());
        let is_free = self.stable.vote.is_none_or(|vote| vote == from);
        let is_up_to_date = (asked.last.term, asked.last.index) >= (mine.term, mine.index);
        if asked.term < term || !is_free || !is_up_to_date {
            out.because(RaftRule::RefuseVoteOutdated).send(from, Message::VoteRefused { term });
            return;
        }
        let mut because = out.because(RaftRule::GrantVote);
        self.keep(Record::Term { term, vote: Some(from) }, &mut because);
        because.arm(Timer::Election, self.config.election.clone()).send(from, Message::VoteGranted { term });
    }

    fn voted_for(&mut self, from: NodeId, term: Term, out: &mut Out) {
        let Role::Candidate { votes } = &mut self.role else {
            out.because(RaftRule::IgnoreStale);
            return;
        };
        if term != self.stable.term {
            out.because(RaftRule::IgnoreStale);
            return;
        }
        votes.insert(from);
        let count = votes.len();
        out.because(RaftRule::CountVote);
        if self.is_majority(count) {
            self.lead(out);
        }
    }

    fn lead(&mut self, out: &mut Out) {
        let next = self.stable.last().index.next();
        let progress = Progress { matched: LogIndex(0), next, probing: true, sending: None };
        (self.leader, self.role) = (
            Some(self.me),
            Role::Leader { followers: self.others().map(|node| (node, progress.clone())).collect() },
        );
        out.because(RaftRule::WinElection)
            .learn(Fact::LeaderElected { term: self.stable.term })
            .disarm(Timer::Election)
            .arm(Timer::Heartbeat, self.config.heartbeat);
        self.append(Payload::Noop, out);
        self.others().for_each(|node| self.probe(node, out));
    }

    // Replication, the leader's half (§5.3).

    fn request(&mut self, ticket: Ticket, command: Command<KeyValue>, out: &mut Out) {
        if !matches!(self.role, Role::Leader { .. }) {
            out.because(RaftRule::RedirectToLeader).reply(ticket, Reply::Redirect { leader: self.leader });
            return;
        }
        let Command::Apply(command) = command else {
            out.because(RaftRule::RefuseInTransfer);
            return;
        };
        if let Known::Answered(reply) = self.sessions.known(ticket) {
            out.because(RaftRule::RepeatAnswer).reply(ticket, Reply::Applied(reply.clone()));
            return;
        }
        self.append(Payload::Apply { ticket, command }, out);
        self.others().for_each(|node| self.stream(node, out));
    }

    fn append(&mut self, payload: Payload<KeyValue>, out: &mut Out) {
        let entry = Entry { term: self.stable.term, payload };
        let after = self.stable.last().index;
        self.keep(Record::Entries { after, entries: vec![entry] }, &mut out.because(RaftRule::AcceptRequest));
    }

    /// A follower whose log is known to agree is sent what is new, without waiting for its answers.
    fn stream(&mut self, to: NodeId, out: &mut Out) {
        let last = self.stable.last().index;
        let Role::Leader { followers } = &mut self.role else { return };
        let Some(progress) = followers.get_mut(&to) else { return };
        if progress.probing || progress.sending.is_some() || progress.next > last {
            return;
        }
        if progress.next <= self.stable.base().index {
            return self.send_pieces(to, out);
        }
        let next = std::mem::replace(&mut progress.next, last.next());
        self.send_from(next, to, out);
    }

    /// A follower whose log may differ is sent what follows the place where they may agree; or the snapshot, if that is gone.
    fn probe(&mut self, to: NodeId, out: &mut Out) {
        let Role::Leader { followers } = &mut self.role else { return };
        let Some(progress) = followers.get_mut(&to) else { return };
        let next = progress.next;
        if progress.sending.is_some() || next <= self.stable.base().index {
            self.send_pieces(to, out);
        } else {
            self.send_from(next, to, out);
        }
    }

    fn send_from(&self, next: LogIndex, to: NodeId, out: &mut Out) {
        let index = next.previous();
        let previous = Position { index, term: self.stable.term_at(index).unwrap_or_default() };
        let entries = Batch::new(self.stable.log.iter().skip(self.stable.place(next)));
        let append = AppendEntries { term: self.stable.term, previous, entries, commit: self.commit, round: 0 };
        out.because(RaftRule::SendEntries).send(to, Message::AppendEntries(append));
    }

    /// Whoever is being probed is probed again; all others are told where the log ends, and object if they lack something.
    fn heartbeat(&mut self, out: &mut Out) {
        let Role::Leader { followers } = &self.role else {
            out.because(RaftRule::IgnoreStale);
            return;
        };
        let nodes: Vec<(NodeId, bool)> =
            followers.iter().map(|(node, at)| (*node, at.probing || at.sending.is_some())).collect();
        out.because(RaftRule::Heartbeat).arm(Timer::Heartbeat, self.config.heartbeat);
        for (node, probing) in nodes {
            if probing {
                self.probe(node, out);
            } else {
                self.send_from(self.stable.last().index.next(), node, out);
            }
        }
    }

    fn appended(&mut self, from: NodeId, appended: Appended, out: &mut Out) {
        let Role::Leader { followers } = &mut self.role else {
            out.because(RaftRule::IgnoreStale);
            return;
        };
        let Some(progress) = followers.get_mut(&from).filter(|_| appended.term == self.stable.term) else {
            out.because(RaftRule::IgnoreStale);
            return;
        };
        progress.matched = progress.matched.max(appended.matched);
        progress.next = progress.next.max(progress.matched.next());
        progress.probing = false;
        if progress.sending.as_ref().is_some_and(|(snapshot, _)| snapshot.last.index <= progress.matched) {
            progress.sending = None;
        }
        out.because(RaftRule::CountAck);
        self.advance(out);
        self.stream(from, out);
    }

    fn refused(&mut self, from: NodeId, refused: AppendRefused, out: &mut Out) {
        let next = self.next_after(refused);
        let Role::Leader { followers } = &mut self.role else {
            out.because(RaftRule::IgnoreStale);
            return;
        };
        let Some(progress) = followers.get_mut(&from).filter(|_| refused.term == self.stable.term) else {
            out.because(RaftRule::IgnoreStale);
            return;
        };
        let asked = if progress.probing { progress.next.previous() } else { refused.previous };
        if refused.previous <= progress.matched || refused.previous != asked || progress.sending.is_some() {
            out.because(RaftRule::IgnoreOldRefusal);
            return;
        }
        progress.next = next.min(refused.previous).max(progress.matched.next());
        progress.probing = true;
        out.because(RaftRule::BackUp);
        self.probe(from, out);
    }

    /// Where to try next. The follower's hint spares a round trip for each entry that differs (end of §5.3): all that it has
    /// of that term is skipped, but for what the leader has of it, too.
    fn next_after(&self, AppendRefused { previous, conflict, .. }: AppendRefused) -> LogIndex {
        let mut mine = (1..=previous.0).rev().map(LogIndex).filter(|index| self.stable.term_at(*index).is_some());
        match mine.find(|index| self.stable.term_at(*index) <= conflict.term) {
            Some(index) if self.stable.term_at(index) == conflict.term => index.next(),
            _ => conflict.first,
        }
    }

    /// What a majority has is committed, if it is of the current term (§5.3, §5.4.2).
    fn advance(&mut self, out: &mut Out) {
        let Role::Leader { followers } = &self.role else { return };
        let mut have: Vec<LogIndex> = followers.values().map(|progress| progress.matched).collect();
        have.push(self.stable.last().index);
        have.sort_unstable();
        let majority = have[(have.len() - 1) / 2];
        if majority > self.commit && self.stable.term_at(majority) == Some(self.stable.term) {
            self.commit_to(majority, out);
        }
    }

    // Replication, the follower's half (§5.3).

    /// A message of the term's leader; or of an earlier one's, which is told that it is over.
    fn hears(&mut self, from: NodeId, term: Term, previous: LogIndex, out: &mut Out) -> bool {
        if term < self.stable.term {
            let conflict = Conflict { term: None, first: self.stable.last().index.next() };
            let refused = AppendRefused { term: self.stable.term, previous, conflict, round: 0 };
            out.because(RaftRule::RefuseStaleLeader).send(from, Message::AppendRefused(refused));
            return false;
        }
        self.follow(Some(from), &mut out.because(RaftRule::HearLeader));
        true
    }

    fn asked_to_append(&mut self, from: NodeId, append: Append, out: &mut Out) {
        if !self.hears(from, append.term, append.previous.index, out) {
            return;
        }
        let base = self.stable.base().index;
        if append.previous.index >= base && self.stable.term_at(append.previous.index) != Some(append.previous.term) {
            return self.refuse(from, append.previous.index, out);
        }
        // What lies below the base is committed, and so the same. Of the rest, what is here already stays as it is.
        let indexed = (append.previous.index.0 + 1..).map(LogIndex).zip(append.entries.iter().cloned());
        let new: Vec<(LogIndex, LogEntry)> = indexed
            .skip_while(|(index, entry)| *index <= base || self.stable.term_at(*index) == Some(entry.term))
            .collect();
        let mut because = out.because(RaftRule::AppendEntries);
        if let Some((first, _)) = new.first() {
            let after = first.previous();
            self.keep(
                Record::Entries { after, entries: new.into_iter().map(|(_, entry)| entry).collect() },
                &mut because,
            );
        }
        let matched = append.previous.index.plus(append.entries.len() as u64);
        because.send(from, Message::Appended(Appended { term: self.stable.term, matched, round: 0 }));
        self.commit_to(append.commit.min(matched), out);
    }

    fn refuse(&self, from: NodeId, previous: LogIndex, out: &mut Out) {
        let term = self.stable.term_at(previous);
        let first = match term {
            None => self.stable.last().index.next(),
            Some(_) => {
                let before = (1..previous.0).rev().map(LogIndex);
                before.take_while(|index| self.stable.term_at(*index) == term).last().unwrap_or(previous)
            }
        };
        let conflict = Conflict { term, first };
        let refused = AppendRefused { term: self.stable.term, previous, conflict, round: 0 };
        out.because(RaftRule::RefuseMissing).send(from, Message::AppendRefused(refused));
    }

    // Commitment (§5.3), and each request once (§8).

    fn commit_to(&mut self, commit: LogIndex, out: &mut Out) {
        while self.commit < commit {
            let index = self.commit.next();
            let Some(LogEntry { term, payload }) = self.stable.entry(index).cloned() else { return };
            self.commit = index;
            out.because(RaftRule::FollowCommit).learn(Fact::Committed { index, term, command: payload.clone() });
            self.apply(index, payload, out);
        }
        self.compact(out);
    }

    fn apply(&mut self, index: LogIndex, payload: Payload<KeyValue>, out: &mut Out) {
        self.applied = index;
        let mut because = out.because(RaftRule::ApplyInOrder);
        because.learn(Fact::Applied { index, command: payload.clone() });
        let Payload::Apply { ticket, command } = payload else { return };
        let reply = match self.sessions.known(ticket) {
            Known::New => {
                let reply = self.store.apply(&command);
                self.sessions.remember(ticket, reply.clone(), self.config.session_replies);
                Reply::Applied(reply)
            }
            Known::Answered(reply) => Reply::Applied(reply.clone()),
            Known::Forgotten => Reply::Refused(Refusal::Forgotten { number: ticket.number }),
        };
        if matches!(self.role, Role::Leader { .. }) {
            because.reply(ticket, reply);
        }
    }

    // Snapshots (§7).

    /// What has been applied is replaced by what has come of it.
    fn compact(&mut self, out: &mut Out) {
        let Some(rhythm) = self.config.snapshots else { return };
        let Some(term) = self.stable.term_at(self.applied) else { return };
        if self.applied.since(self.stable.base().index) < rhythm.every {
            return;
        }
        let last = Position { index: self.applied, term };
        let sessions = self.sessions.iter().map(|(client, session)| Piece::Session { client, session: session.clone() });
        let pieces = sessions.chain(self.store.pieces().into_iter().map(Piece::State)).collect();
        let snapshot = Box::new(Snapshot { last, membership: self.config.first_membership(), pieces });
        let mut because = out.because(RaftRule::TakeSnapshot);
        self.keep(Record::Snapshot { snapshot }, &mut because);
        because.learn(Fact::SnapshotTaken { last });
    }

    /// The next pieces of a snapshot that a follower is being sent, or of the newest if it is not being sent one yet.
    fn send_pieces(&mut self, to: NodeId, out: &mut Out) {
        let Some(newest) = self.stable.snapshot.clone() else { return };
        let most = self.config.snapshots.map_or(usize::MAX, |rhythm| rhythm.chunk);
        let Role::Leader { followers } = &mut self.role else { return };
        let Some(progress) = followers.get_mut(&to) else { return };
        let (snapshot, offset) = progress.sending.get_or_insert((newest, 0));
        let pieces: Vec<_> = snapshot.pieces.iter().skip(*offset as usize).take(most).cloned().collect();
        let install = InstallSnapshot {
            term: self.stable.term,
            last: snapshot.last,
            offset: *offset,
            done: *offset as usize + pieces.len() == snapshot.pieces.len(),
            pieces,
            membership: snapshot.membership.clone(),
            round: 0,
        };
        out.because(RaftRule::SendSnapshot).send(to, Message::InstallSnapshot(Box::new(install)));
    }

    fn pieces_stored(&mut self, from: NodeId, stored: ChunkStored, out: &mut Out) {
        out.because(RaftRule::CountAck);
        let Role::Leader { followers } = &mut self.role else { return };
        let progress = followers.get_mut(&from).filter(|_| stored.term == self.stable.term);
        match progress.and_then(|progress| progress.sending.as_mut()) {
            Some((snapshot, offset)) if snapshot.last.index == stored.last && *offset != stored.stored => {
                *offset = stored.stored;
                self.send_pieces(from, out);
            }
            _ => {}
        }
    }

    fn asked_to_install(&mut self, from: NodeId, install: Install, out: &mut Out) {
        let last = install.last;
        if !self.hears(from, install.term, last.index, out) {
            return;
        }
        let term = self.stable.term;
        let acknowledged = Message::Appended(Appended { term, matched: last.index, round: 0 });
        if last.index <= self.commit {
            out.because(RaftRule::IgnoreOldSnapshot).send(from, acknowledged);
            return;
        }
        let Install { membership, offset, pieces, done, .. } = install;
        let mut incoming = self.incoming.take().filter(|incoming| incoming.last == last);
        let snapshot = incoming.get_or_insert(Snapshot { last, membership, pieces: Vec::new() });
        let fits = offset == snapshot.pieces.len() as u64;
        if fits {
            snapshot.pieces.extend(pieces);
        }
        if fits && done {
            self.install(snapshot.clone(), out);
            out.because(RaftRule::InstallSnapshot).send(from, acknowledged);
        } else {
            let stored = ChunkStored { term, last: last.index, stored: snapshot.pieces.len() as u64, round: 0 };
            out.because(RaftRule::StoreChunk).send(from, Message::ChunkStored(stored));
            self.incoming = incoming;
        }
    }

    fn install(&mut self, snapshot: State, out: &mut Out) {
        let last = snapshot.last;
        let mut because = out.because(RaftRule::InstallSnapshot);
        self.keep(Record::Snapshot { snapshot: Box::new(snapshot) }, &mut because);
        because.learn(Fact::SnapshotInstalled { last });
        self.restore();
    }

    /// The state as the snapshot on disk has it.
    fn restore(&mut self) {
        let Some(snapshot) = &self.stable.snapshot else { return };
        (self.commit, self.applied) = (snapshot.last.index, snapshot.last.index);
        self.sessions = Sessions::default();
        let mut state = Vec::new();
        for piece in snapshot.pieces.clone() {
            match piece {
                Piece::Session { client, session } => self.sessions.restore(client, session),
                Piece::State(piece) => state.push(piece),
            }
        }
        self.store = KeyValue::assemble(state.into_iter());
    }
}

impl Machine for MyRaft {
    type Config = Config;
    type Message = Message<KeyValue>;
    type Timer = Timer;
    type Command = Command<KeyValue>;
    type Reply = Reply<KeyValue>;
    type Fact = Fact<KeyValue>;
    type Rule = RaftRule;
    type Record = Record;
    type Disk = Stable;
    type Clock = ();
    type View = View;

    fn boot(me: NodeId, config: &Config, disk: &Stable, (): (), out: &mut Out) -> Self {
        out.because(RaftRule::HearLeader).arm(Timer::Election, config.election.clone());
        let mut node = MyRaft {
            me,
            config: config.clone(),
            stable: disk.clone(),
            role: Role::Follower,
            leader: None,
            commit: LogIndex(0),
            applied: LogIndex(0),
            store: KeyValue::default(),
            sessions: Sessions::default(),
            incoming: None,
        };
        node.restore();
        node
    }

    fn step(&mut self, (): (), input: Input<Self>, out: &mut Out) {
        match input {
            Input::Request { ticket, command } => self.request(ticket, command, out),
            Input::Fire(Timer::Heartbeat) => self.heartbeat(out),
            Input::Fire(_) => self.stand(out),
            Input::Deliver { from, message } => {
                self.see_term(message.term().unwrap_or_default(), out);
                match message {
                    Message::RequestVote(asked) => self.asked_for_vote(from, asked, out),
                    Message::VoteGranted { term } => self.voted_for(from, term, out),
                    Message::AppendEntries(append) => self.asked_to_append(from, append, out),
                    Message::Appended(appended) => self.appended(from, appended, out),
                    Message::AppendRefused(refused) => self.refused(from, refused, out),
                    Message::InstallSnapshot(install) => self.asked_to_install(from, *install, out),
                    Message::ChunkStored(stored) => self.pieces_stored(from, stored, out),
                    _ => {
                        out.because(RaftRule::NoteRefusal);
                    }
                }
            }
        }
    }

    fn view(&self) -> View {
        View { role: self.role.name(), term: self.stable.term, last: self.stable.last(), commit: self.commit }
    }

    fn answer(reply: &Reply<KeyValue>) -> Answer {
        reply.advice()
    }
}

/// What a state panel shows.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct View {
    role: &'static str,
    term: Term,
    last: Position,
    commit: LogIndex,
}

impl Role {
    fn name(&self) -> &'static str {
        match self {
            Role::Follower => "Follower",
            Role::Candidate { .. } => "Candidate",
            Role::Leader { .. } => "Leader",
        }
    }
}

hand_in!("build-raft-snapshot", BuiltRaft::<MyRaft>::new());
