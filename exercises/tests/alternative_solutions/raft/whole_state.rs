//! Alternative persistence of the whole state: whenever anything has changed, the complete state is
//! persisted in one record, including the store and the commit index. So after a restart no entry
//! is applied again, and no reply is sent again.

use std::collections::{BTreeMap, BTreeSet};

use quorate_exercises::build::{Disk, *};
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;
use serde::{Deserialize, Serialize};

type Out = Outbox<WholeState>;

/// The complete state of a node, except its role.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
struct Known {
    term: Term,
    vote: Option<NodeId>,
    log: Vec<Entry<KeyValue>>,
    applied: usize,
    store: KeyValue,
    answers: BTreeMap<RequestId, KeyValueReply>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Saved(Known);

impl Disk for Saved {
    type Record = Known;

    fn apply(&mut self, record: &Known) {
        self.0 = record.clone();
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct WholeState {
    me: NodeId,
    config: Config,
    known: Known,
    votes: BTreeSet<NodeId>,
    leader: Option<NodeId>,
    /// Leader: index up to which each node agrees. `sent` is the index sent last.
    matched: BTreeMap<NodeId, usize>,
    sent: BTreeMap<NodeId, usize>,
}

/// Messages of a step, sent after the state is persisted.
type Said = Vec<(NodeId, Message<KeyValue>)>;

impl WholeState {
    fn leads(&self) -> bool {
        self.leader == Some(self.me)
    }

    fn last(&self) -> Position {
        self.position(self.known.log.len())
    }

    fn position(&self, index: usize) -> Position {
        let term = index.checked_sub(1).map_or(Term(0), |place| self.known.log[place].term);
        Position { index: LogIndex(index as u64), term }
    }

    fn others(&self) -> impl Iterator<Item = NodeId> {
        self.config.voters.iter().copied().filter(|node| *node != self.me)
    }

    fn majority(&self) -> usize {
        self.config.voters.len() / 2 + 1
    }

    fn campaign(&mut self, said: &mut Said) {
        (self.known.term, self.known.vote, self.leader) = (self.known.term.next(), Some(self.me), None);
        self.votes = BTreeSet::from([self.me]);
        let asked = RequestVote { term: self.known.term, last: self.last(), transfer: false };
        said.extend(self.others().map(|node| (node, Message::RequestVote(asked))));
    }

    /// Becomes leader. The first heartbeat follows after a millisecond.
    fn lead(&mut self, out: &mut Out) {
        let end = self.known.log.len();
        (self.leader, self.matched) = (Some(self.me), BTreeMap::new());
        self.sent = self.others().map(|node| (node, end)).collect();
        self.known.log.push(Entry { term: self.known.term, payload: Payload::Noop });
        out.because(RaftRule::WinElection)
            .emit(Fact::LeaderElected { term: self.known.term })
            .arm(Timer::Heartbeat, Duration::from_millis(1))
            .disarm(Timer::Election);
    }

    /// Sends a follower up to ten entries, from the index sent last.
    fn feed(&mut self, to: NodeId, said: &mut Said) {
        let from = self.sent[&to];
        let entries: Batch<KeyValue> = self.known.log.iter().skip(from).take(10).cloned().collect();
        let (term, commit) = (self.known.term, LogIndex(self.known.applied as u64));
        let append = AppendEntries { term, previous: self.position(from), entries, commit, round: 0 };
        said.push((to, Message::AppendEntries(append)));
    }

    fn appended(&mut self, from: NodeId, matched: usize, said: &mut Said, out: &mut Out) {
        let best = self.matched.entry(from).or_default();
        *best = matched.max(*best);
        let (best, more) = (*best, matched < self.known.log.len() && matched > self.sent[&from]);
        let sent = self.sent.entry(from).or_default();
        *sent = best.max(*sent);
        let mut all: Vec<usize> = self.matched.values().copied().collect();
        all.sort_unstable();
        let enough = all.len().checked_sub(self.majority() - 1).map_or(0, |place| all[place]);
        if self.position(enough).term == self.known.term {
            self.apply(enough, out);
        }
        if more {
            self.feed(from, said);
        }
    }

    fn append(&mut self, from: NodeId, append: &AppendEntries<KeyValue>, said: &mut Said, out: &mut Out) {
        let (term, start) = (self.known.term, append.previous.index.0 as usize);
        if append.term < term || start > self.known.log.len() || self.position(start) != append.previous {
            let first = LogIndex(start.min(self.known.log.len() + 1) as u64);
            let conflict = Conflict { term: None, first };
            let refused = AppendRefused { term, previous: append.previous.index, conflict, round: 0 };
            said.push((from, Message::AppendRefused(refused)));
        }
        if append.term < term {
            return;
        }
        self.leader = Some(from);
        self.votes.clear();
        out.because(RaftRule::HearLeader).arm(Timer::Election, self.config.election.clone());
        if start > self.known.log.len() || self.position(start) != append.previous {
            return;
        }
        let mine = &self.known.log[start..];
        let same = mine.iter().zip(&append.entries).take_while(|(mine, theirs)| mine.term == theirs.term).count();
        if same < append.entries.len() {
            self.known.log.truncate(start + same);
            self.known.log.extend(append.entries.iter().skip(same).cloned());
        }
        let end = start + append.entries.len();
        said.push((from, Message::Appended(Appended { term, matched: LogIndex(end as u64), round: 0 })));
        self.apply(end.min(append.commit.0 as usize), out);
    }

    fn apply(&mut self, upto: usize, out: &mut Out) {
        while self.known.applied < upto {
            let Entry { term, payload } = self.known.log[self.known.applied].clone();
            self.known.applied += 1;
            let index = LogIndex(self.known.applied as u64);
            let mut because = out.because(RaftRule::ApplyInOrder);
            because.emit(Fact::Committed { index, term, command: payload.clone() });
            because.emit(Fact::Applied { index, command: payload.clone() });
            if let Payload::Apply { ticket, command } = payload {
                let store = &mut self.known.store;
                let answer = self.known.answers.entry(ticket).or_insert_with(|| store.apply(&command)).clone();
                if self.leads() {
                    because.reply(ticket, Reply::Applied(answer));
                }
            }
        }
    }

    fn hear(&mut self, from: NodeId, message: Message<KeyValue>, said: &mut Said, out: &mut Out) {
        let (term, current) = (self.known.term, message.term() == Some(self.known.term));
        match message {
            Message::RequestVote(asked) => {
                let (mine, free) = (self.last(), self.known.vote.is_none_or(|vote| vote == from));
                if current && free && (asked.last.term, asked.last.index) >= (mine.term, mine.index) {
                    self.known.vote = Some(from);
                    out.because(RaftRule::GrantVote).arm(Timer::Election, self.config.election.clone());
                    said.push((from, Message::VoteGranted { term }));
                } else {
                    said.push((from, Message::VoteRefused { term }));
                }
            }
            Message::VoteGranted { .. } if current && self.votes.contains(&self.me) && !self.leads() => {
                self.votes.insert(from);
                if self.votes.len() >= self.majority() {
                    self.lead(out);
                }
            }
            Message::AppendEntries(append) => self.append(from, &append, said, out),
            Message::Appended(ack) if current && self.leads() => {
                self.appended(from, ack.matched.0 as usize, said, out);
            }
            Message::AppendRefused(refused)
                if current && self.leads() && self.sent[&from] as u64 == refused.previous.0 =>
            {
                let first = refused.conflict.first.0.saturating_sub(1) as usize;
                let known = self.matched.get(&from).copied().unwrap_or_default();
                self.sent.insert(from, first.max(known));
                self.feed(from, said);
            }
            _ => {}
        }
    }
}

impl Machine for WholeState {
    type Config = Config;
    type Rulebook = ();
    type Message = Message<KeyValue>;
    type Timer = Timer;
    type Command = Command<KeyValue>;
    type Reply = Reply<KeyValue>;
    type Fact = Fact<KeyValue>;
    type Rule = RaftRule;
    type Record = Known;
    type Disk = Saved;
    type Clock = ();
    type View = (Term, usize, usize);

    fn boot(cx: &Context<Self>, disk: &Saved, out: &mut Out) -> Self {
        let Context { me, config, .. } = *cx;
        out.because(RaftRule::HearLeader).arm(Timer::Election, config.election.clone());
        let (votes, leader, matched, sent) = Default::default();
        WholeState { me, config: config.clone(), known: disk.0.clone(), votes, leader, matched, sent }
    }

    fn step(&mut self, _: &Context<Self>, input: Input<Self>, out: &mut Out) {
        let (before, mut said) = (self.known.clone(), Said::new());
        out.because(RaftRule::IgnoreStale).why(format_args!("what comes of it stands below"));
        match input {
            Input::Request { ticket, command: Command::Apply(command) } if self.leads() => {
                self.known.log.push(Entry { term: self.known.term, payload: Payload::Apply { ticket, command } });
                out.because(RaftRule::AcceptRequest).arm(Timer::Heartbeat, Duration::from_millis(1));
            }
            Input::Request { ticket, .. } => {
                out.because(RaftRule::RedirectToLeader).reply(ticket, Reply::Redirect { leader: self.leader });
            }
            Input::Fire(Timer::Heartbeat) if self.leads() => {
                out.because(RaftRule::Heartbeat).arm(Timer::Heartbeat, self.config.heartbeat);
                let others: Vec<NodeId> = self.others().collect();
                others.into_iter().for_each(|node| self.feed(node, &mut said));
            }
            Input::Fire(Timer::Election) if !self.leads() => {
                self.campaign(&mut said);
                out.because(RaftRule::ElectionTimeout).arm(Timer::Election, self.config.election.clone());
            }
            Input::Fire(_) => {}
            Input::Deliver { from, message } => {
                if let Some(later) = message.term().filter(|term| *term > self.known.term) {
                    if self.leads() {
                        out.because(RaftRule::AdoptHigherTerm).arm(Timer::Election, self.config.election.clone());
                    }
                    (self.known.term, self.known.vote, self.leader) = (later, None, None);
                    self.votes.clear();
                }
                self.hear(from, message, &mut said, out);
            }
        }
        let mut because = out.because(RaftRule::HaveEntries);
        if self.known != before {
            because.persist(self.known.clone());
        }
        for (to, message) in said {
            because.send(to, message);
        }
    }

    fn view(&self, _: &Context<Self>) -> (Term, usize, usize) {
        (self.known.term, self.known.log.len(), self.known.applied)
    }

    fn disposition(reply: &Reply<KeyValue>) -> Disposition {
        reply.disposition()
    }
}

hand_in!("build-raft-persistence", BuiltRaft::<WholeState>::new());
