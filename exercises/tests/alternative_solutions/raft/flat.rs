//! Alternative elections in a flat style: one structure with every field, votes in a vector of
//! flags, one long match. It answers clients only when it knows a leader other than itself, sends
//! heartbeats before it reports that it leads, and answers no heartbeats except by refusing those
//! of earlier terms.

use quorate_exercises::build::*;
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Flat {
    me: usize,
    config: Config,
    term: u64,
    voted_for: Option<usize>,
    candidate: bool,
    leading: bool,
    leader: Option<usize>,
    votes: Vec<bool>,
}

impl Flat {
    fn everybody_else(&self) -> Vec<NodeId> {
        (0..self.config.voters.len()).filter(|node| *node != self.me).map(|node| NodeId(node as u32)).collect()
    }

    fn heartbeats(&self, out: &mut Outbox<Self>) {
        let mut because = out.because(RaftRule::Heartbeat);
        because.arm(Timer::Heartbeat, self.config.heartbeat);
        for node in self.everybody_else() {
            let append = AppendEntries {
                term: Term(self.term),
                previous: Position::default(),
                entries: Batch::default(),
                commit: LogIndex(0),
                round: 0,
            };
            because.send(node, Message::AppendEntries(append));
        }
    }
}

impl Machine for Flat {
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
    type View = u64;

    fn boot(cx: &Context<Self>, (): &(), out: &mut Outbox<Self>) -> Self {
        let Context { me, config, .. } = *cx;
        out.because(RaftRule::HearLeader).arm(Timer::Election, config.election.clone());
        Flat {
            me: me.index(),
            votes: vec![false; config.voters.len()],
            config: config.clone(),
            term: 0,
            voted_for: None,
            candidate: false,
            leading: false,
            leader: None,
        }
    }

    fn step(&mut self, _: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        let (from, message) = match input {
            Input::Request { ticket, .. } => {
                let leader = self.leader.filter(|leader| *leader != self.me).map(|leader| NodeId(leader as u32));
                out.because(RaftRule::RedirectToLeader).reply(ticket, Reply::Redirect { leader });
                return;
            }
            Input::Fire(Timer::Heartbeat) => return self.heartbeats(out),
            Input::Fire(_) => {
                self.term += 1;
                self.votes.fill(false);
                self.votes[self.me] = true;
                (self.voted_for, self.candidate, self.leading, self.leader) = (Some(self.me), true, false, None);
                let asked = RequestVote { term: Term(self.term), last: Position::default(), transfer: false };
                let mut because = out.because(RaftRule::ElectionTimeout);
                for node in self.everybody_else().into_iter().rev() {
                    because.send(node, Message::RequestVote(asked));
                }
                because.arm(Timer::Election, self.config.election.clone());
                return;
            }
            Input::Deliver { from, message } => (from, message),
        };
        let theirs = message.term().map_or(0, |term| term.0);
        if theirs > self.term {
            (self.term, self.voted_for, self.candidate, self.leader) = (theirs, None, false, None);
            let mut because = out.because(RaftRule::AdoptHigherTerm);
            if std::mem::take(&mut self.leading) {
                because.disarm(Timer::Heartbeat);
            }
            because.arm(Timer::Election, self.config.election.clone());
        }
        match message {
            Message::RequestVote(_)
                if theirs == self.term && self.voted_for.is_none_or(|vote| vote == from.index()) =>
            {
                self.voted_for = Some(from.index());
                let granted = Message::VoteGranted { term: Term(self.term) };
                out.because(RaftRule::GrantVote).send(from, granted).arm(Timer::Election, self.config.election.clone());
            }
            Message::RequestVote(_) => {
                out.because(RaftRule::RefuseVoteGiven).send(from, Message::VoteRefused { term: Term(self.term) });
            }
            Message::VoteGranted { .. } if theirs == self.term && self.candidate => {
                self.votes[from.index()] = true;
                out.because(RaftRule::CountVote);
                if self.votes.iter().filter(|vote| **vote).count() > self.votes.len() / 2 {
                    (self.candidate, self.leading, self.leader) = (false, true, Some(self.me));
                    self.heartbeats(out);
                    let elected = Fact::LeaderElected { term: Term(self.term) };
                    out.because(RaftRule::WinElection).emit(elected).disarm(Timer::Election);
                }
            }
            Message::AppendEntries(_) if theirs == self.term => {
                (self.candidate, self.leader) = (false, Some(from.index()));
                out.because(RaftRule::HearLeader).arm(Timer::Election, self.config.election.clone());
            }
            Message::AppendEntries(append) => {
                let conflict = Conflict { term: None, first: LogIndex(1) };
                let (term, previous) = (Term(self.term), append.previous.index);
                let refused = Message::AppendRefused(AppendRefused { term, previous, conflict, round: 0 });
                out.because(RaftRule::RefuseStaleLeader).send(from, refused);
            }
            _ => {
                out.because(RaftRule::IgnoreStale);
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> u64 {
        self.term
    }

    fn disposition(reply: &Reply<KeyValue>) -> Disposition {
        reply.disposition()
    }
}

hand_in!("build-raft-election", BuiltRaft::<Flat>::new());
