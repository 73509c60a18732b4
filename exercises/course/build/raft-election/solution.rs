//! Raft leader election: at most one leader per term, and a new one when it fails.

use std::collections::BTreeSet;

use quorate_exercises::build::*;
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;
use serde::Serialize;

type Out = Outbox<MyRaft>;

/// A node.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct MyRaft {
    term: Term,
    vote: Option<NodeId>,
    role: Role,
    /// The leader of the current term, if known.
    leader: Option<NodeId>,
}

/// Role of a node, with the state that only this role needs.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    Follower,
    Candidate { votes: BTreeSet<NodeId> },
    Leader,
}

impl MyRaft {
    fn others<'a>(cx: &Context<'a, Self>) -> impl Iterator<Item = NodeId> + use<'a> {
        let me = cx.me;
        cx.config.voters.iter().copied().filter(move |node| *node != me)
    }

    fn campaign(&mut self, cx: &Context<Self>, out: &mut Out) {
        let mut because = out.because(RaftRule::ElectionTimeout);
        let term = self.term.next();
        (self.term, self.vote) = (term, Some(cx.me));
        (self.role, self.leader) = (Role::Candidate { votes: BTreeSet::from([cx.me]) }, None);
        because.arm(Timer::Election, cx.config.election.clone());
        for node in Self::others(cx) {
            because.send(node, Message::RequestVote(RequestVote { term, last: Position::default(), transfer: false }));
        }
    }

    /// A node that sees a higher term becomes a follower (§5.1).
    fn see_term(&mut self, cx: &Context<Self>, term: Term, out: &mut Out) {
        if term > self.term {
            (self.term, self.vote) = (term, None);
            self.follow(cx, None, &mut out.because(RaftRule::AdoptHigherTerm));
        }
    }

    fn follow(&mut self, cx: &Context<Self>, leader: Option<NodeId>, because: &mut Because<'_, Self>) {
        if matches!(self.role, Role::Leader) {
            because.disarm(Timer::Heartbeat);
        }
        if leader.is_some() || !matches!(self.role, Role::Follower) {
            because.arm(Timer::Election, cx.config.election.clone());
        }
        (self.role, self.leader) = (Role::Follower, leader);
    }

    fn asked_for_vote(&mut self, cx: &Context<Self>, from: NodeId, asked: RequestVote, out: &mut Out) {
        let term = self.term;
        if asked.term < term || self.vote.is_some_and(|vote| vote != from) {
            out.because(RaftRule::RefuseVoteGiven).send(from, Message::VoteRefused { term });
            return;
        }
        self.vote = Some(from);
        out.because(RaftRule::GrantVote)
            .arm(Timer::Election, cx.config.election.clone())
            .send(from, Message::VoteGranted { term });
    }

    /// Counts a vote, but only in the election that it was given in.
    fn voted_for(&mut self, cx: &Context<Self>, from: NodeId, term: Term, out: &mut Out) {
        let Role::Candidate { votes } = &mut self.role else {
            out.because(RaftRule::IgnoreStale);
            return;
        };
        if term != self.term {
            out.because(RaftRule::IgnoreStale);
            return;
        }
        votes.insert(from);
        out.because(RaftRule::CountVote);
        if votes.len() * 2 > cx.config.voters.len() {
            self.lead(cx, out);
        }
    }

    fn lead(&mut self, cx: &Context<Self>, out: &mut Out) {
        (self.role, self.leader) = (Role::Leader, Some(cx.me));
        out.because(RaftRule::WinElection).emit(Fact::LeaderElected { term: self.term }).disarm(Timer::Election);
        self.heartbeat(cx, out);
    }

    fn heartbeat(&mut self, cx: &Context<Self>, out: &mut Out) {
        let mut because = out.because(RaftRule::Heartbeat);
        because.arm(Timer::Heartbeat, cx.config.heartbeat);
        let (previous, entries, commit) = Default::default();
        let append = AppendEntries { term: self.term, previous, entries, commit, round: 0 };
        for node in Self::others(cx) {
            because.send(node, Message::AppendEntries(append.clone()));
        }
    }

    /// Follows the leader of this term; tells a leader of an earlier term that its term is over.
    fn hear(&mut self, cx: &Context<Self>, from: NodeId, append: &AppendEntries<KeyValue>, out: &mut Out) {
        let (term, previous) = (self.term, append.previous.index);
        if append.term < term {
            let conflict = Conflict { term: None, first: previous };
            let refused = AppendRefused { term, previous, conflict, round: 0 };
            out.because(RaftRule::RefuseStaleLeader).send(from, Message::AppendRefused(refused));
            return;
        }
        let mut because = out.because(RaftRule::HearLeader);
        self.follow(cx, Some(from), &mut because);
        because.send(from, Message::Appended(Appended { term, matched: previous, round: 0 }));
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
    type Record = Never;
    type Disk = ();
    type Clock = ();
    type View = View;

    fn boot(cx: &Context<Self>, (): &(), out: &mut Out) -> Self {
        out.because(RaftRule::HearLeader).arm(Timer::Election, cx.config.election.clone());
        MyRaft { term: Term(0), vote: None, role: Role::Follower, leader: None }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Out) {
        match input {
            Input::Request { ticket, .. } => {
                out.because(RaftRule::RedirectToLeader).reply(ticket, Reply::Redirect { leader: self.leader });
            }
            Input::Fire(Timer::Heartbeat) => self.heartbeat(cx, out),
            Input::Fire(_) => self.campaign(cx, out),
            Input::Deliver { from, message } => {
                self.see_term(cx, message.term().unwrap_or_default(), out);
                match message {
                    Message::RequestVote(asked) => self.asked_for_vote(cx, from, asked, out),
                    Message::VoteGranted { term } => self.voted_for(cx, from, term, out),
                    Message::AppendEntries(append) => self.hear(cx, from, &append, out),
                    _ => {
                        out.because(RaftRule::NoteRefusal);
                    }
                }
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        View { role: self.role.name(), term: self.term, leader: self.leader }
    }

    fn disposition(reply: &Reply<KeyValue>) -> Disposition {
        reply.disposition()
    }
}

/// State of a node, for display.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct View {
    role: &'static str,
    term: Term,
    leader: Option<NodeId>,
}

impl Role {
    fn name(&self) -> &'static str {
        match self {
            Role::Follower => "Follower",
            Role::Candidate { .. } => "Candidate",
            Role::Leader => "Leader",
        }
    }
}

hand_in!("build-raft-election", BuiltRaft::<MyRaft>::new());
