//! Alternative log replication one entry at a time: an append has at most one entry, the next is
//! sent when the last is answered, and after a refusal the leader goes back by one, ignoring the
//! hint. Roles keep their own state; index 0 holds a sentinel entry, so that there is always a
//! previous entry.

use std::collections::{BTreeMap, BTreeSet};

use quorate_exercises::build::*;
use quorate_exercises::network::ClientId;
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

type Out = Outbox<OneByOne>;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    Follower(Option<NodeId>),
    Candidate(BTreeSet<NodeId>),
    Leader(BTreeMap<NodeId, Peer>),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Peer {
    /// Index of the next entry to send. `matched` is the last index known to be stored.
    next: usize,
    matched: usize,
    /// Whether a reply is awaited.
    waiting: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct OneByOne {
    me: NodeId,
    config: Config,
    term: Term,
    vote: Option<NodeId>,
    role: Role,
    log: Vec<Entry<KeyValue>>,
    /// Number of applied entries, including the one at index 0.
    applied: usize,
    store: KeyValue,
    /// The last answer to each client, which sends one request at a time.
    last: BTreeMap<ClientId, (u64, KeyValueReply)>,
}

impl OneByOne {
    fn position(&self, place: usize) -> Position {
        Position { index: LogIndex(place as u64), term: self.log[place].term }
    }

    fn end(&self) -> Position {
        self.position(self.log.len() - 1)
    }

    fn wait(&self, out: &mut Out) {
        out.because(RaftRule::HearLeader).disarm(Timer::Heartbeat).arm(Timer::Election, self.config.election.clone());
    }

    /// Sends the next entry, or none, to one peer.
    fn tell(&mut self, to: NodeId, out: &mut Out) {
        let Role::Leader(peers) = &mut self.role else { return };
        let Some(peer) = peers.get_mut(&to) else { return };
        peer.waiting = true;
        let place = peer.next - 1;
        let entries = self.log.iter().skip(peer.next).take(1).cloned().collect();
        let (term, previous, commit) = (self.term, self.position(place), LogIndex(self.applied as u64 - 1));
        let append = AppendEntries { term, previous, entries, commit, round: 0 };
        out.because(RaftRule::SendEntries).send(to, Message::AppendEntries(append));
    }

    /// Sends to every peer that has answered, or to all if `again`.
    fn tell_all(&mut self, again: bool, out: &mut Out) {
        let Role::Leader(peers) = &self.role else { return };
        let due: Vec<NodeId> = peers.iter().filter(|(_, peer)| again || !peer.waiting).map(|(node, _)| *node).collect();
        due.into_iter().for_each(|node| self.tell(node, out));
    }

    fn campaign(&mut self, out: &mut Out) {
        (self.term, self.vote) = (self.term.next(), Some(self.me));
        self.role = Role::Candidate(BTreeSet::from([self.me]));
        self.wait(out);
        let asked = RequestVote { term: self.term, last: self.end(), transfer: false };
        let mut because = out.because(RaftRule::ElectionTimeout);
        for node in self.config.voters.iter().filter(|node| **node != self.me) {
            because.send(*node, Message::RequestVote(asked));
        }
    }

    fn vote_asked(&mut self, from: NodeId, asked: RequestVote, out: &mut Out) {
        let rank = |position: Position| (position.term, position.index);
        let may =
            asked.term == self.term && rank(asked.last) >= rank(self.end()) && matches!(self.role, Role::Follower(_));
        let term = self.term;
        if may && self.vote.unwrap_or(from) == from {
            self.vote = Some(from);
            self.wait(out);
            out.because(RaftRule::GrantVote).send(from, Message::VoteGranted { term });
        } else {
            out.because(RaftRule::RefuseVoteOutdated).send(from, Message::VoteRefused { term });
        }
    }

    fn vote_given(&mut self, from: NodeId, out: &mut Out) {
        out.because(RaftRule::CountVote);
        let Role::Candidate(votes) = &mut self.role else { return };
        votes.insert(from);
        if votes.len() <= self.config.voters.len() / 2 {
            return;
        }
        self.log.push(Entry { term: self.term, payload: Payload::Noop });
        let peer = Peer { next: self.log.len() - 1, matched: 0, waiting: false };
        let peers = self.config.voters.iter().filter(|node| **node != self.me);
        self.role = Role::Leader(peers.map(|node| (*node, peer)).collect());
        out.because(RaftRule::WinElection)
            .arm(Timer::Heartbeat, self.config.heartbeat)
            .emit(Fact::LeaderElected { term: self.term })
            .disarm(Timer::Election);
        self.tell_all(true, out);
    }

    fn append_asked(&mut self, from: NodeId, append: &AppendEntries<KeyValue>, out: &mut Out) {
        let (term, place) = (self.term, append.previous.index.0 as usize);
        let here = append.term == term && self.log.get(place).is_some_and(|entry| entry.term == append.previous.term);
        if append.term == term {
            self.role = Role::Follower(Some(from));
            self.wait(out);
        }
        if !here {
            let conflict = Conflict { term: None, first: append.previous.index };
            let refused = AppendRefused { term, previous: append.previous.index, conflict, round: 0 };
            out.because(RaftRule::RefuseMissing).send(from, Message::AppendRefused(refused));
            return;
        }
        // Appends of other implementations may contain more than one entry.
        for (offset, entry) in append.entries.iter().enumerate() {
            let place = place + 1 + offset;
            if self.log.get(place).is_none_or(|mine| mine.term != entry.term) {
                self.log.truncate(place);
                self.log.push(entry.clone());
            }
        }
        let last = place + append.entries.len();
        let appended = Appended { term, matched: LogIndex(last as u64), round: 0 };
        out.because(RaftRule::AppendEntries).send(from, Message::Appended(appended));
        self.apply(last.min(append.commit.0 as usize), out);
    }

    fn answered(&mut self, from: NodeId, answer: Result<usize, usize>, out: &mut Out) {
        out.because(RaftRule::CountAck);
        let Role::Leader(peers) = &mut self.role else { return };
        let Some(peer) = peers.get_mut(&from) else { return };
        match answer {
            Ok(matched) if matched > peer.matched => {
                peer.matched = matched;
                peer.next = peer.next.max(matched + 1);
            }
            Err(previous) if previous == peer.next - 1 && previous > peer.matched => peer.next -= 1,
            // Nothing new. If every reply led to a message, a duplicate would lead to two, and
            // these to four.
            _ => return peer.waiting = false,
        }
        peer.waiting = false;
        let (behind, others) = (peer.next < self.log.len() || answer.is_err(), self.config.voters.len() / 2);
        let mut matched: Vec<usize> = peers.values().map(|peer| peer.matched).collect();
        matched.sort_unstable_by(|a, b| b.cmp(a));
        let majority = matched[others - 1];
        if self.log[majority].term == self.term {
            self.apply(majority, out);
        }
        if behind {
            self.tell(from, out);
        }
    }

    fn apply(&mut self, upto: usize, out: &mut Out) {
        while self.applied <= upto {
            let (index, Entry { term, payload }) = (LogIndex(self.applied as u64), self.log[self.applied].clone());
            self.applied += 1;
            let mut because = out.because(RaftRule::ApplyInOrder);
            because.emit(Fact::Applied { index, command: payload.clone() });
            because.emit(Fact::Committed { index, term, command: payload.clone() });
            let Payload::Apply { ticket, command } = payload else { continue };
            if self.last.get(&ticket.client).is_none_or(|(number, _)| *number < ticket.number) {
                let reply = self.store.apply(&command);
                self.last.insert(ticket.client, (ticket.number, reply));
            }
            let (number, reply) = &self.last[&ticket.client];
            if *number == ticket.number && matches!(self.role, Role::Leader(_)) {
                because.reply(ticket, Reply::Applied(reply.clone()));
            }
        }
    }

    fn request(&mut self, ticket: RequestId, command: Command<KeyValue>, out: &mut Out) {
        let leader = match &self.role {
            Role::Follower(leader) => *leader,
            Role::Candidate(_) => None,
            Role::Leader(_) => {
                out.because(RaftRule::AcceptRequest);
                if let Command::Apply(command) = command {
                    self.log.push(Entry { term: self.term, payload: Payload::Apply { ticket, command } });
                    self.tell_all(false, out);
                }
                return;
            }
        };
        out.because(RaftRule::RedirectToLeader).reply(ticket, Reply::Redirect { leader });
    }

    fn hear(&mut self, from: NodeId, message: Message<KeyValue>, out: &mut Out) {
        if let Some(later) = message.term().filter(|term| *term > self.term) {
            (self.term, self.vote) = (later, None);
            if !matches!(self.role, Role::Follower(_)) {
                self.wait(out);
            }
            self.role = Role::Follower(None);
        }
        let current = message.term() == Some(self.term);
        match message {
            Message::RequestVote(asked) => self.vote_asked(from, asked, out),
            Message::AppendEntries(append) => self.append_asked(from, &append, out),
            Message::VoteGranted { .. } if current => self.vote_given(from, out),
            Message::Appended(ack) if current => self.answered(from, Ok(ack.matched.0 as usize), out),
            Message::AppendRefused(no) if current => self.answered(from, Err(no.previous.0 as usize), out),
            _ => {
                out.because(RaftRule::IgnoreStale);
            }
        }
    }
}

impl Machine for OneByOne {
    type Config = Config;
    type Rulebook = ();
    type Message = Message<KeyValue>;
    type Timer = Timer;
    type Command = Command<KeyValue>;
    type Reply = Reply<KeyValue>;
    type Fact = Fact<KeyValue>;
    type Rule = RaftRule;
    type Record = Never;
    type Disk = ();
    type Clock = ();
    type View = (Term, usize, usize);

    fn boot(cx: &Context<Self>, (): &(), out: &mut Out) -> Self {
        let Context { me, config, .. } = *cx;
        let node = OneByOne {
            me,
            config: config.clone(),
            term: Term(0),
            vote: None,
            role: Role::Follower(None),
            log: vec![Entry { term: Term(0), payload: Payload::Noop }],
            applied: 1,
            store: KeyValue::default(),
            last: BTreeMap::new(),
        };
        node.wait(out);
        node
    }

    fn step(&mut self, _: &Context<Self>, input: Input<Self>, out: &mut Out) {
        match input {
            Input::Request { ticket, command } => self.request(ticket, command, out),
            Input::Fire(Timer::Heartbeat) => {
                out.because(RaftRule::Heartbeat).arm(Timer::Heartbeat, self.config.heartbeat);
                self.tell_all(true, out);
            }
            Input::Fire(_) => self.campaign(out),
            Input::Deliver { from, message } => self.hear(from, message, out),
        }
    }

    fn view(&self, _: &Context<Self>) -> (Term, usize, usize) {
        (self.term, self.log.len(), self.applied)
    }

    fn disposition(reply: &Reply<KeyValue>) -> Disposition {
        reply.disposition()
    }
}

hand_in!("build-raft-log", BuiltRaft::<OneByOne>::new());
