//! Alternative elections with pre-votes: no node becomes a candidate before a majority has said
//! that it would vote for it (dissertation §9.6). Votes are bits of a number, and a granted vote is
//! repeated on request.

use quorate_exercises::build::*;
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Standing {
    Following { heard: bool },
    Asking { votes: u64 },
    Running { votes: u64 },
    Leading,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct AsksFirst {
    me: NodeId,
    config: Config,
    term: Term,
    vote: Option<NodeId>,
    leader: Option<NodeId>,
    standing: Standing,
}

impl AsksFirst {
    fn send_all(&self, rule: RaftRule, message: &Message<KeyValue>, out: &mut Outbox<Self>) {
        let mut because = out.because(rule);
        for node in self.config.voters.iter().filter(|node| **node != self.me) {
            because.send(*node, message.clone());
        }
    }

    fn wait(&self, out: &mut Outbox<Self>) {
        out.because(RaftRule::HearLeader).arm(Timer::Election, self.config.election.clone());
    }

    fn enough(&self, votes: u64) -> bool {
        votes.count_ones() as usize > self.config.voters.len() / 2
    }

    fn bit(node: NodeId) -> u64 {
        1 << node.0
    }

    fn request(&self, term: Term) -> RequestVote {
        RequestVote { term, last: Position::default(), transfer: false }
    }

    fn ask(&mut self, out: &mut Outbox<Self>) {
        self.leader = None;
        self.standing = Standing::Asking { votes: Self::bit(self.me) };
        let asked = Message::RequestPreVote(self.request(self.term.next()));
        self.send_all(RaftRule::StartPreVote, &asked, out);
        self.wait(out);
    }

    fn run(&mut self, out: &mut Outbox<Self>) {
        (self.term, self.vote) = (self.term.next(), Some(self.me));
        self.standing = Standing::Running { votes: Self::bit(self.me) };
        self.send_all(RaftRule::ElectionTimeout, &Message::RequestVote(self.request(self.term)), out);
        self.wait(out);
    }

    fn beat(&self, out: &mut Outbox<Self>) {
        let (previous, entries, commit) = Default::default();
        let append = AppendEntries { term: self.term, previous, entries, commit, round: 0 };
        self.send_all(RaftRule::Heartbeat, &Message::AppendEntries(append), out);
        out.because(RaftRule::Heartbeat).arm(Timer::Heartbeat, self.config.heartbeat);
    }

    fn give_in(&mut self, term: Term, out: &mut Outbox<Self>) {
        (self.term, self.vote, self.leader) = (term, None, None);
        self.standing = Standing::Following { heard: false };
        out.because(RaftRule::AdoptHigherTerm).disarm(Timer::Heartbeat).disarm(Timer::LeaderSilence);
        self.wait(out);
    }

    fn listen(&mut self, from: NodeId, message: Message<KeyValue>, out: &mut Outbox<Self>) {
        let term = self.term;
        match (message, self.standing) {
            (Message::RequestPreVote(asked), standing) => {
                let hears = matches!(standing, Standing::Leading | Standing::Following { heard: true });
                let mut because = out.because(RaftRule::GrantPreVote);
                if hears || asked.term <= term {
                    because.send(from, Message::PreVoteRefused { term });
                } else {
                    because.send(from, Message::PreVoteGranted { term: asked.term });
                }
            }
            (Message::PreVoteGranted { term: next }, Standing::Asking { votes }) if next == term.next() => {
                let votes = votes | Self::bit(from);
                self.standing = Standing::Asking { votes };
                out.because(RaftRule::CountPreVote);
                if self.enough(votes) {
                    self.run(out);
                }
            }
            (Message::RequestVote(asked), _) if asked.term == term && self.vote.is_none_or(|vote| vote == from) => {
                self.vote = Some(from);
                out.because(RaftRule::GrantVote).send(from, Message::VoteGranted { term });
                if self.standing != Standing::Leading {
                    self.wait(out);
                }
            }
            (Message::RequestVote(_), _) => {
                out.because(RaftRule::RefuseVoteGiven).send(from, Message::VoteRefused { term });
            }
            (Message::VoteGranted { term: given }, Standing::Running { votes }) if given == term => {
                let votes = votes | Self::bit(from);
                self.standing = Standing::Running { votes };
                out.because(RaftRule::CountVote);
                if self.enough(votes) {
                    (self.standing, self.leader) = (Standing::Leading, Some(self.me));
                    out.because(RaftRule::WinElection).emit(Fact::LeaderElected { term }).disarm(Timer::Election);
                    self.beat(out);
                }
            }
            (Message::AppendEntries(append), _) if append.term == term => {
                (self.standing, self.leader) = (Standing::Following { heard: true }, Some(from));
                let appended = Appended { term, matched: append.previous.index, round: append.round };
                out.because(RaftRule::HearLeader)
                    .send(from, Message::Appended(appended))
                    .arm(Timer::LeaderSilence, self.config.election.start);
                self.wait(out);
            }
            (Message::AppendEntries(append), _) => {
                let (previous, conflict) = (append.previous.index, Conflict { term: None, first: LogIndex(1) });
                let refused = AppendRefused { term, previous, conflict, round: 0 };
                out.because(RaftRule::RefuseStaleLeader).send(from, Message::AppendRefused(refused));
            }
            _ => {
                out.because(RaftRule::IgnoreStale);
            }
        }
    }
}

impl Machine for AsksFirst {
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
    type View = Term;

    fn boot(cx: &Context<Self>, (): &(), out: &mut Outbox<Self>) -> Self {
        let Context { me, config, .. } = *cx;
        let standing = Standing::Following { heard: false };
        let node = AsksFirst { me, config: config.clone(), term: Term(0), vote: None, leader: None, standing };
        node.wait(out);
        node
    }

    fn step(&mut self, _: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, .. } => {
                out.because(RaftRule::RedirectToLeader).reply(ticket, Reply::Redirect { leader: self.leader });
            }
            Input::Fire(Timer::Heartbeat) => self.beat(out),
            Input::Fire(Timer::LeaderSilence) => {
                out.because(RaftRule::LeaderSilent);
                if let Standing::Following { heard } = &mut self.standing {
                    *heard = false;
                }
            }
            Input::Fire(_) => self.ask(out),
            Input::Deliver { from, message } => {
                if let Some(later) = message.term().filter(|term| *term > self.term) {
                    self.give_in(later, out);
                }
                self.listen(from, message, out);
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> Term {
        self.term
    }

    fn disposition(reply: &Reply<KeyValue>) -> Disposition {
        reply.disposition()
    }
}

hand_in!("build-raft-election", BuiltRaft::<AsksFirst>::new());
