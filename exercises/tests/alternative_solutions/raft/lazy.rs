//! Alternative log replication driven by heartbeats: requests wait in the leader's log until the
//! next heartbeat, which carries everything that a follower has not acknowledged, however often it
//! was sent before. No no-op entry begins a term, conflict hints are followed exactly, and the log
//! is a map.

use std::collections::BTreeMap;

use quorate_exercises::build::*;
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

type Out = Outbox<Lazy>;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Am {
    Follower,
    Candidate,
    Leader,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Lazy {
    me: NodeId,
    config: Config,
    am: Am,
    term: Term,
    vote: Option<NodeId>,
    leader: Option<NodeId>,
    votes: Vec<NodeId>,
    log: BTreeMap<u64, Entry<KeyValue>>,
    committed: u64,
    next: BTreeMap<NodeId, u64>,
    matched: BTreeMap<NodeId, u64>,
    store: KeyValue,
    answers: BTreeMap<RequestId, KeyValueReply>,
}

impl Lazy {
    fn end(&self) -> u64 {
        self.log.last_key_value().map_or(0, |(index, _)| *index)
    }

    fn at(&self, index: u64) -> Position {
        Position { index: LogIndex(index), term: self.log.get(&index).map_or(Term(0), |entry| entry.term) }
    }

    fn has(&self, position: Position) -> bool {
        position.index.0 <= self.end() && self.at(position.index.0) == position
    }

    fn turn(&mut self, am: Am, leader: Option<NodeId>, out: &mut Out) {
        (self.am, self.leader) = (am, leader);
        self.votes.clear();
        let mut because = out.because(RaftRule::HearLeader);
        match am {
            Am::Leader => because.disarm(Timer::Election),
            _ => because.disarm(Timer::Heartbeat).arm(Timer::Election, self.config.election.clone()),
        };
    }

    fn campaign(&mut self, out: &mut Out) {
        (self.term, self.vote) = (self.term.next(), Some(self.me));
        self.turn(Am::Candidate, None, out);
        self.votes.push(self.me);
        let asked = RequestVote { term: self.term, last: self.at(self.end()), transfer: false };
        for node in self.config.voters.iter().filter(|node| **node != self.me) {
            out.because(RaftRule::ElectionTimeout).send(*node, Message::RequestVote(asked));
        }
    }

    fn beat(&mut self, out: &mut Out) {
        out.because(RaftRule::Heartbeat).arm(Timer::Heartbeat, self.config.heartbeat);
        for node in self.config.voters.iter().filter(|node| **node != self.me) {
            let next = self.next[node];
            let append = AppendEntries {
                term: self.term,
                previous: self.at(next - 1),
                entries: self.log.range(next..).map(|(_, entry)| entry.clone()).collect(),
                commit: LogIndex(self.committed),
                round: 0,
            };
            out.because(RaftRule::SendEntries).send(*node, Message::AppendEntries(append));
        }
    }

    fn granted(&mut self, from: NodeId, out: &mut Out) {
        out.because(RaftRule::CountVote);
        if !self.votes.contains(&from) {
            self.votes.push(from);
        }
        if self.votes.len() > self.config.voters.len() / 2 {
            let end = self.end();
            self.next = self.config.voters.iter().map(|node| (*node, end + 1)).collect();
            self.matched = self.config.voters.iter().map(|node| (*node, 0)).collect();
            self.turn(Am::Leader, Some(self.me), out);
            out.because(RaftRule::WinElection).emit(Fact::LeaderElected { term: self.term });
            self.beat(out);
        }
    }

    fn store_entries(&mut self, from: NodeId, append: &AppendEntries<KeyValue>, out: &mut Out) {
        self.turn(Am::Follower, Some(from), out);
        let (term, previous) = (self.term, append.previous);
        if !self.has(previous) {
            let first = LogIndex(previous.index.0.min(self.end() + 1).max(self.committed + 1));
            let refused =
                AppendRefused { term, previous: previous.index, conflict: Conflict { term: None, first }, round: 0 };
            out.because(RaftRule::RefuseMissing).send(from, Message::AppendRefused(refused));
            return;
        }
        let mut last = previous.index.0;
        for entry in &append.entries {
            last += 1;
            if self.log.get(&last).is_some_and(|mine| mine.term != entry.term) {
                let gone = self.log.split_off(&last);
                let to = LogIndex(last + gone.len() as u64 - 1);
                out.because(RaftRule::TruncateConflict).emit(Fact::Truncated { from: LogIndex(last), to });
            }
            self.log.entry(last).or_insert_with(|| entry.clone());
        }
        let appended = Appended { term, matched: LogIndex(last), round: 0 };
        out.because(RaftRule::AppendEntries).send(from, Message::Appended(appended));
        self.commit(last.min(append.commit.0), out);
    }

    fn acknowledged(&mut self, from: NodeId, matched: u64, out: &mut Out) {
        out.because(RaftRule::CountAck);
        let known = self.matched[&from].max(matched);
        self.matched.insert(from, known);
        self.next.insert(from, known + 1);
        for index in (self.committed + 1..=known).rev() {
            let copies = 1 + self.matched.values().filter(|matched| **matched >= index).count();
            if copies > self.config.voters.len() / 2 && self.log[&index].term == self.term {
                return self.commit(index, out);
            }
        }
    }

    fn commit(&mut self, upto: u64, out: &mut Out) {
        while self.committed < upto {
            self.committed += 1;
            let index = LogIndex(self.committed);
            let payload = self.log[&self.committed].payload.clone();
            let mut because = out.because(RaftRule::ApplyInOrder);
            because.emit(Fact::Applied { index, command: payload.clone() });
            if let Payload::Apply { ticket, command } = payload {
                let store = &mut self.store;
                let answer = self.answers.entry(ticket).or_insert_with(|| store.apply(&command));
                // Followers reply as well; no client waits for a reply there.
                because.reply(ticket, Reply::Applied(answer.clone()));
            }
        }
    }

    fn hear(&mut self, from: NodeId, message: Message<KeyValue>, out: &mut Out) {
        let (term, theirs) = (self.term, message.term());
        match message {
            Message::RequestVote(asked) => {
                let mine = self.at(self.end());
                let newer =
                    asked.last.term > mine.term || asked.last.term == mine.term && asked.last.index >= mine.index;
                if theirs == Some(term) && newer && (self.vote.is_none() || self.vote == Some(from)) {
                    self.vote = Some(from);
                    let wait = self.config.election.clone();
                    out.because(RaftRule::GrantVote)
                        .send(from, Message::VoteGranted { term })
                        .arm(Timer::Election, wait);
                } else {
                    out.because(RaftRule::RefuseVoteGiven).send(from, Message::VoteRefused { term });
                }
            }
            Message::AppendEntries(append) if theirs == Some(term) => self.store_entries(from, &append, out),
            Message::AppendEntries(append) => {
                let conflict = Conflict { term: None, first: LogIndex(self.end() + 1) };
                let refused = AppendRefused { term, previous: append.previous.index, conflict, round: 0 };
                out.because(RaftRule::RefuseStaleLeader).send(from, Message::AppendRefused(refused));
            }
            Message::VoteGranted { .. } if theirs == Some(term) && self.am == Am::Candidate => self.granted(from, out),
            Message::Appended(ack) if theirs == Some(term) && self.am == Am::Leader => {
                self.acknowledged(from, ack.matched.0, out);
            }
            Message::AppendRefused(refused) if theirs == Some(term) && self.am == Am::Leader => {
                out.because(RaftRule::BackUp);
                if self.next[&from] == refused.previous.0 + 1 {
                    self.next.insert(from, refused.conflict.first.0.max(self.matched[&from] + 1));
                }
            }
            _ => {
                out.because(RaftRule::IgnoreStale);
            }
        }
    }
}

impl Machine for Lazy {
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
    type View = (Term, u64, u64);

    fn boot(cx: &Context<Self>, (): &(), out: &mut Out) -> Self {
        let Context { me, config, .. } = *cx;
        let mut node = Lazy {
            me,
            config: config.clone(),
            am: Am::Follower,
            term: Term(0),
            vote: None,
            leader: None,
            votes: Vec::new(),
            log: BTreeMap::new(),
            committed: 0,
            next: BTreeMap::new(),
            matched: BTreeMap::new(),
            store: KeyValue::default(),
            answers: BTreeMap::new(),
        };
        node.turn(Am::Follower, None, out);
        node
    }

    fn step(&mut self, _: &Context<Self>, input: Input<Self>, out: &mut Out) {
        match input {
            Input::Request { ticket, command: Command::Apply(command) } if self.am == Am::Leader => {
                out.because(RaftRule::AcceptRequest);
                self.log.insert(self.end() + 1, Entry { term: self.term, payload: Payload::Apply { ticket, command } });
            }
            Input::Request { ticket, .. } => {
                out.because(RaftRule::RedirectToLeader).reply(ticket, Reply::Redirect { leader: self.leader });
            }
            Input::Fire(Timer::Heartbeat) => self.beat(out),
            Input::Fire(_) => self.campaign(out),
            Input::Deliver { from, message } => {
                if let Some(later) = message.term().filter(|term| *term > self.term) {
                    (self.term, self.vote) = (later, None);
                    self.turn(Am::Follower, None, out);
                }
                self.hear(from, message, out);
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> (Term, u64, u64) {
        (self.term, self.end(), self.committed)
    }

    fn disposition(reply: &Reply<KeyValue>) -> Disposition {
        reply.disposition()
    }
}

hand_in!("build-raft-log", BuiltRaft::<Lazy>::new());
