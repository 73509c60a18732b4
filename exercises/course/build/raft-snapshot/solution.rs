//! Complete Raft: elections, log replication, persistence, and snapshots that replace applied
//! entries.

#[path = "disk.rs"]
mod disk;
#[path = "snapshots.rs"]
mod snapshots;

use std::collections::{BTreeMap, BTreeSet};

use quorate_exercises::build::{Disk as _, *};
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;
use serde::Serialize;

use self::disk::{Record, Stable};

type Append = AppendEntries<KeyValue>;
type LogEntry = Entry<KeyValue>;
type State = Snapshot<KeyValue>;
type Out = Outbox<MyRaft>;

/// A node. The state that must survive a crash is in `stable`, which mirrors its disk; the rest can
/// be recomputed.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct MyRaft {
    stable: Stable,
    role: Role,
    /// The leader of the current term, if known.
    leader: Option<NodeId>,
    commit: LogIndex,
    applied: LogIndex,
    store: KeyValue,
    sessions: Sessions<KeyValue>,
    /// The snapshot that this node is receiving, with the pieces so far.
    incoming: Option<State>,
}

/// Role of a node, with the state that only this role needs.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    Follower,
    Candidate { votes: BTreeSet<NodeId> },
    Leader { followers: BTreeMap<NodeId, Progress> },
}

/// Replication progress of a follower, as known to its leader.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Progress {
    /// Index of the last entry known to agree (matchIndex).
    matched: LogIndex,
    /// Index of the next entry to send (nextIndex).
    next: LogIndex,
    /// Whether it is still unknown where the logs agree. If so, only one append is in flight at a
    /// time.
    probing: bool,
    /// The snapshot that it is being sent, and the number of pieces that it has.
    sending: Option<(State, u64)>,
}

impl MyRaft {
    /// Persists a record, and applies it to the copy in memory.
    fn keep(&mut self, record: Record, because: &mut Because<'_, Self>) {
        self.stable.apply(&record);
        because.persist(record);
    }

    fn others<'a>(cx: &Context<'a, Self>) -> impl Iterator<Item = NodeId> + use<'a> {
        let me = cx.me;
        cx.config.voters.iter().copied().filter(move |node| *node != me)
    }

    // Elections (§5.2, §5.4.1).

    fn campaign(&mut self, cx: &Context<Self>, out: &mut Out) {
        let mut because = out.because(RaftRule::ElectionTimeout);
        let term = self.stable.term.next();
        self.keep(Record::Term { term, vote: Some(cx.me) }, &mut because);
        (self.role, self.leader) = (Role::Candidate { votes: BTreeSet::from([cx.me]) }, None);
        because.arm(Timer::Election, cx.config.election.clone());
        for node in Self::others(cx) {
            because.send(node, Message::RequestVote(RequestVote { term, last: self.stable.last(), transfer: false }));
        }
    }

    /// A node that sees a higher term becomes a follower (§5.1).
    fn see_term(&mut self, cx: &Context<Self>, term: Term, out: &mut Out) {
        if term > self.stable.term {
            let mut because = out.because(RaftRule::AdoptHigherTerm);
            self.keep(Record::Term { term, vote: None }, &mut because);
            self.follow(cx, None, &mut because);
        }
    }

    fn follow(&mut self, cx: &Context<Self>, leader: Option<NodeId>, because: &mut Because<'_, Self>) {
        if matches!(self.role, Role::Leader { .. }) {
            because.disarm(Timer::Heartbeat);
        }
        if leader.is_some() || !matches!(self.role, Role::Follower) {
            because.arm(Timer::Election, cx.config.election.clone());
        }
        (self.role, self.leader) = (Role::Follower, leader);
    }

    fn asked_for_vote(&mut self, cx: &Context<Self>, from: NodeId, asked: RequestVote, out: &mut Out) {
        let (term, mine) = (self.stable.term, self.stable.last());
        let is_free = self.stable.vote.is_none_or(|vote| vote == from);
        let is_up_to_date = (asked.last.term, asked.last.index) >= (mine.term, mine.index);
        if asked.term < term || !is_free || !is_up_to_date {
            out.because(RaftRule::RefuseVoteOutdated).send(from, Message::VoteRefused { term });
            return;
        }
        let mut because = out.because(RaftRule::GrantVote);
        self.keep(Record::Term { term, vote: Some(from) }, &mut because);
        because.arm(Timer::Election, cx.config.election.clone()).send(from, Message::VoteGranted { term });
    }

    fn voted_for(&mut self, cx: &Context<Self>, from: NodeId, out: &mut Out) {
        out.because(RaftRule::CountVote);
        let Role::Candidate { votes } = &mut self.role else { return };
        votes.insert(from);
        if votes.len() * 2 > cx.config.voters.len() {
            self.lead(cx, out);
        }
    }

    fn lead(&mut self, cx: &Context<Self>, out: &mut Out) {
        let next = self.stable.last().index.next();
        let progress = Progress { matched: LogIndex(0), next, probing: true, sending: None };
        self.role = Role::Leader { followers: Self::others(cx).map(|node| (node, progress.clone())).collect() };
        self.leader = Some(cx.me);
        out.because(RaftRule::WinElection)
            .emit(Fact::LeaderElected { term: self.stable.term })
            .disarm(Timer::Election)
            .arm(Timer::Heartbeat, cx.config.heartbeat);
        self.append(Payload::Noop, out);
        Self::others(cx).for_each(|node| self.probe(cx, node, out));
    }

    // Replication: the leader's side (§5.3).

    fn request(&mut self, cx: &Context<Self>, ticket: RequestId, command: Command<KeyValue>, out: &mut Out) {
        if !matches!(self.role, Role::Leader { .. }) {
            out.because(RaftRule::RedirectToLeader).reply(ticket, Reply::Redirect { leader: self.leader });
            return;
        }
        let Command::Apply(command) = command else {
            // This exercise has no other commands.
            out.because(RaftRule::IgnoreStale);
            return;
        };
        if let SessionLookup::Answered(reply) = self.sessions.known(ticket) {
            out.because(RaftRule::RepeatAnswer).reply(ticket, Reply::Applied(reply.clone()));
            return;
        }
        self.append(Payload::Apply { ticket, command }, out);
        Self::others(cx).for_each(|node| self.stream(cx, node, out));
    }

    fn append(&mut self, payload: Payload<KeyValue>, out: &mut Out) {
        let entry = Entry { term: self.stable.term, payload };
        let after = self.stable.last().index;
        self.keep(Record::Entries { after, entries: vec![entry] }, &mut out.because(RaftRule::AcceptRequest));
    }

    /// Progress of a follower, if this node leads.
    fn follower(&mut self, node: NodeId) -> Option<&mut Progress> {
        match &mut self.role {
            Role::Leader { followers } => followers.get_mut(&node),
            Role::Follower | Role::Candidate { .. } => None,
        }
    }

    /// Sends new entries to a follower whose log is known to agree, without waiting for its
    /// replies.
    fn stream(&mut self, cx: &Context<Self>, to: NodeId, out: &mut Out) {
        let (base, last) = (self.stable.base().index, self.stable.last().index);
        let Some(progress) = self.follower(to) else { return };
        if progress.probing || progress.sending.is_some() || progress.next > last {
            return;
        }
        if progress.next <= base {
            return self.send_pieces(cx, to, out);
        }
        let next = std::mem::replace(&mut progress.next, last.next());
        self.send_from(next, to, out);
    }

    /// Sends a follower whose log may differ the entries that follow the point where the logs may
    /// agree, or the snapshot if those entries are no longer in the log.
    fn probe(&mut self, cx: &Context<Self>, to: NodeId, out: &mut Out) {
        let base = self.stable.base().index;
        match self.follower(to) {
            Some(&mut Progress { sending: None, next, .. }) if next > base => self.send_from(next, to, out),
            _ => self.send_pieces(cx, to, out),
        }
    }

    fn send_from(&self, next: LogIndex, to: NodeId, out: &mut Out) {
        let index = next.previous();
        let previous = Position { index, term: self.stable.term_at(index).unwrap_or_default() };
        let entries = Batch::new(self.stable.log.iter().skip(self.stable.place(next)));
        let append = AppendEntries { term: self.stable.term, previous, entries, commit: self.commit, round: 0 };
        out.because(RaftRule::SendEntries).send(to, Message::AppendEntries(append));
    }

    /// Repeats the probes; tells all other followers where the log ends, which they refuse if
    /// entries are missing.
    fn heartbeat(&mut self, cx: &Context<Self>, out: &mut Out) {
        let Role::Leader { followers } = &self.role else {
            out.because(RaftRule::IgnoreStale);
            return;
        };
        let nodes: Vec<(NodeId, bool)> =
            followers.iter().map(|(node, at)| (*node, at.probing || at.sending.is_some())).collect();
        out.because(RaftRule::Heartbeat).arm(Timer::Heartbeat, cx.config.heartbeat);
        for (node, probing) in nodes {
            if probing {
                self.probe(cx, node, out);
            } else {
                self.send_from(self.stable.last().index.next(), node, out);
            }
        }
    }

    fn appended(&mut self, cx: &Context<Self>, from: NodeId, matched: LogIndex, out: &mut Out) {
        out.because(RaftRule::CountAck);
        let Some(progress) = self.follower(from) else { return };
        progress.matched = progress.matched.max(matched);
        progress.next = progress.next.max(progress.matched.next());
        progress.probing = false;
        if progress.sending.as_ref().is_some_and(|(snapshot, _)| snapshot.last.index <= progress.matched) {
            progress.sending = None;
        }
        self.advance(cx, out);
        self.stream(cx, from, out);
    }

    /// Handles a refusal. It counts only if it is about the last append sent, and not about entries
    /// that are known to match.
    fn refused(&mut self, cx: &Context<Self>, from: NodeId, refused: AppendRefused, out: &mut Out) {
        out.because(RaftRule::BackUp);
        let next = self.next_after(refused);
        let Some(progress) = self.follower(from) else { return };
        let is_old = progress.probing && refused.previous != progress.next.previous();
        if is_old || refused.previous <= progress.matched || progress.sending.is_some() {
            return;
        }
        progress.next = next.min(refused.previous).max(progress.matched.next());
        progress.probing = true;
        self.probe(cx, from, out);
    }

    /// Next index to try after a refusal. The follower's hint saves a round trip for each
    /// conflicting entry (end of §5.3): all its entries of the conflicting term are skipped, except
    /// those that the leader may have as well.
    fn next_after(&self, AppendRefused { previous, conflict, .. }: AppendRefused) -> LogIndex {
        let mut mine = (1..=previous.0).rev().map(LogIndex).filter(|index| self.stable.term_at(*index).is_some());
        match mine.find(|index| self.stable.term_at(*index) <= conflict.term) {
            Some(index) if self.stable.term_at(index) == conflict.term => index.next(),
            _ => conflict.first,
        }
    }

    /// Commits the entries that a majority has stored, if the last of them is of the current term
    /// (§5.3, §5.4.2).
    fn advance(&mut self, cx: &Context<Self>, out: &mut Out) {
        let Role::Leader { followers } = &self.role else { return };
        let mut have: Vec<LogIndex> = followers.values().map(|progress| progress.matched).collect();
        have.push(self.stable.last().index);
        have.sort_unstable();
        let majority = have[(have.len() - 1) / 2];
        if majority > self.commit && self.stable.term_at(majority) == Some(self.stable.term) {
            self.commit_to(cx, majority, out);
        }
    }

    // Replication: the follower's side (§5.3).

    /// Whether a message is from the current term's leader. A leader of an earlier term is told
    /// that its term is over.
    fn hears(&mut self, cx: &Context<Self>, from: NodeId, term: Term, previous: LogIndex, out: &mut Out) -> bool {
        if term < self.stable.term {
            let conflict = Conflict { term: None, first: self.stable.last().index.next() };
            let refused = AppendRefused { term: self.stable.term, previous, conflict, round: 0 };
            out.because(RaftRule::RefuseStaleLeader).send(from, Message::AppendRefused(refused));
            return false;
        }
        self.follow(cx, Some(from), &mut out.because(RaftRule::HearLeader));
        true
    }

    fn asked_to_append(&mut self, cx: &Context<Self>, from: NodeId, append: Append, out: &mut Out) {
        if !self.hears(cx, from, append.term, append.previous.index, out) {
            return;
        }
        let base = self.stable.base().index;
        if append.previous.index >= base && self.stable.term_at(append.previous.index) != Some(append.previous.term) {
            return self.refuse(from, append.previous.index, out);
        }
        // Entries below the base are committed, and therefore equal. Above it, matching entries are
        // kept.
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
        self.commit_to(cx, append.commit.min(matched), out);
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

    // Commitment (§5.3), and exactly-once execution of requests (§8).

    fn commit_to(&mut self, cx: &Context<Self>, commit: LogIndex, out: &mut Out) {
        while self.commit < commit {
            let index = self.commit.next();
            let Some(LogEntry { term, payload }) = self.stable.entry(index).cloned() else { return };
            self.commit = index;
            out.because(RaftRule::FollowCommit).emit(Fact::Committed { index, term, command: payload.clone() });
            self.apply(cx, index, payload, out);
        }
        self.compact(cx, out);
    }

    fn apply(&mut self, cx: &Context<Self>, index: LogIndex, payload: Payload<KeyValue>, out: &mut Out) {
        self.applied = index;
        let mut because = out.because(RaftRule::ApplyInOrder);
        because.emit(Fact::Applied { index, command: payload.clone() });
        let Payload::Apply { ticket, command } = payload else { return };
        let reply = match self.sessions.known(ticket) {
            SessionLookup::New => {
                let reply = self.store.apply(&command);
                self.sessions.remember(ticket, reply.clone(), cx.config.session_replies);
                Reply::Applied(reply)
            }
            SessionLookup::Answered(reply) => Reply::Applied(reply.clone()),
            SessionLookup::Forgotten => Reply::Refused(Refusal::Forgotten { number: ticket.number }),
        };
        if matches!(self.role, Role::Leader { .. }) {
            because.reply(ticket, reply);
        }
    }
}

impl Machine for MyRaft {
    type Config = Config;
    type Rulebook = ();
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

    fn boot(cx: &Context<Self>, disk: &Stable, out: &mut Out) -> Self {
        out.because(RaftRule::HearLeader).arm(Timer::Election, cx.config.election.clone());
        let mut node = MyRaft {
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

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Out) {
        match input {
            Input::Request { ticket, command } => self.request(cx, ticket, command, out),
            Input::Fire(Timer::Heartbeat) => self.heartbeat(cx, out),
            Input::Fire(_) => self.campaign(cx, out),
            Input::Deliver { from, message } => {
                self.see_term(cx, message.term().unwrap_or_default(), out);
                let current = message.term() == Some(self.stable.term);
                match message {
                    Message::RequestVote(asked) => self.asked_for_vote(cx, from, asked, out),
                    Message::AppendEntries(append) => self.asked_to_append(cx, from, append, out),
                    Message::VoteGranted { .. } if current => self.voted_for(cx, from, out),
                    Message::Appended(appended) if current => self.appended(cx, from, appended.matched, out),
                    Message::AppendRefused(refused) if current => self.refused(cx, from, refused, out),
                    Message::InstallSnapshot(install) => self.asked_to_install(cx, from, *install, out),
                    Message::ChunkStored(stored) if current => self.pieces_stored(cx, from, stored, out),
                    _ => _ = out.because(RaftRule::IgnoreStale),
                }
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        let leads = matches!(self.role, Role::Leader { .. });
        View { leads, term: self.stable.term, last: self.stable.last(), commit: self.commit }
    }

    fn disposition(reply: &Reply<KeyValue>) -> Disposition {
        reply.disposition()
    }
}

/// State of a node, for display.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct View {
    leads: bool,
    term: Term,
    last: Position,
    commit: LogIndex,
}

hand_in!("build-raft-snapshot", BuiltRaft::<MyRaft>::new());
