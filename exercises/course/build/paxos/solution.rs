//! Basic Paxos, complete: proposer, acceptor and learner on one node, each if configured.

use std::collections::{BTreeMap, BTreeSet};

use quorate_exercises::build::*;
use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// A node. The state that must survive a crash is in `stable`, which mirrors its disk.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct MyPaxos {
    stable: Stable,
    /// Proposer: the value to propose, its clients, the current phase, and the highest round seen.
    wish: Option<Value>,
    clients: BTreeSet<RequestId>,
    at: At,
    round: u64,
    attempts: u32,
    /// Learner: the acceptors that voted in each ballot.
    votes: BTreeMap<Ballot, BTreeSet<NodeId>>,
    chosen: Option<Proposal>,
}

/// Phase of the proposer.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum At {
    Rest,
    Phase1 { ballot: Ballot, promises: BTreeMap<NodeId, Option<Proposal>> },
    Phase2 { ballot: Ballot },
}

type Out = Outbox<MyPaxos>;

impl MyPaxos {
    /// Persists a record, and applies it to the copy in memory.
    fn keep(&mut self, record: Record, because: &mut Because<'_, Self>) {
        self.stable.apply(&record);
        because.persist(record);
    }

    // The proposer.

    fn request(&mut self, cx: &Context<Self>, ticket: RequestId, value: Value, out: &mut Out) {
        if !cx.config.is_proposer(cx.me) {
            out.because(PaxosRule::NotMyRole).reply(ticket, Reply::NotAProposer);
        } else if let Some(Proposal { value, .. }) = self.chosen.clone() {
            out.because(PaxosRule::AnswerAtOnce).reply(ticket, Reply::Chosen { value });
        } else {
            self.clients.insert(ticket);
            if self.wish.is_some() {
                out.because(PaxosRule::JoinProposal);
            } else {
                self.wish = Some(value);
                self.prepare(cx, PaxosRule::Prepare, out);
            }
        }
    }

    fn prepare(&mut self, cx: &Context<Self>, rule: PaxosRule, out: &mut Out) {
        self.round = self.round.max(self.stable.tried.map_or(0, |tried| tried.round)) + 1;
        let ballot = Ballot::new(self.round, cx.me);
        let mut because = out.because(rule);
        self.keep(Record::Tried { ballot }, &mut because);
        for acceptor in cx.config.acceptors() {
            because.send(*acceptor, Message::Prepare { ballot });
        }
        // The delay grows with each attempt and is random, so that one of several proposers gets
        // through.
        let patience = Duration::from_millis(60) * 2_u32.pow(self.attempts.min(5));
        because.arm(Timer::Retry, patience..patience * 2);
        self.attempts += 1;
        self.at = At::Phase1 { ballot, promises: BTreeMap::new() };
    }

    fn promised(&mut self, cx: &Context<Self>, from: NodeId, promised: Ballot, vote: Option<Proposal>, out: &mut Out) {
        let At::Phase1 { ballot, promises } = &mut self.at else {
            out.because(PaxosRule::StaleReply);
            return;
        };
        if *ballot != promised {
            out.because(PaxosRule::StaleReply);
            return;
        }
        promises.insert(from, vote);
        if promises.len() < cx.config.quorums().phase_1 {
            out.because(PaxosRule::CountPromise);
            return;
        }
        let (rule, value) = match promises.values().flatten().max_by_key(|vote| vote.ballot) {
            Some(vote) => (PaxosRule::ProposeReported, vote.value.clone()),
            None => (PaxosRule::ProposeFreely, self.wish.clone().expect("somebody asked")),
        };
        self.at = At::Phase2 { ballot: promised };
        let mut because = out.because(rule);
        because.emit(Fact::Proposed { ballot: promised, value: value.clone() });
        for acceptor in cx.config.acceptors() {
            because.send(*acceptor, Message::Accept { ballot: promised, value: value.clone() });
        }
    }

    /// Records the higher round and gives up the ballot: the retry timer is already running.
    fn refused(&mut self, ballot: Ballot, by: Ballot, out: &mut Out) {
        self.round = self.round.max(by.round);
        match self.at {
            At::Phase1 { ballot: mine, .. } | At::Phase2 { ballot: mine } if mine == ballot => {
                self.at = At::Rest;
                out.because(PaxosRule::Abandon);
            }
            _ => {
                out.because(PaxosRule::StaleReply);
            }
        }
    }

    // The acceptor.

    fn asked_to_promise(&mut self, from: NodeId, ballot: Ballot, out: &mut Out) {
        match self.stable.promised {
            Some(promised) if promised > ballot => {
                out.because(PaxosRule::RefusePrepare).send(from, Message::Refused { ballot, promised });
                return;
            }
            Some(promised) if promised == ballot => {}
            _ => {
                let mut because = out.because(PaxosRule::PromiseHigher);
                self.keep(Record::Promised { ballot }, &mut because);
                because.emit(Fact::Promised { ballot });
            }
        }
        let accepted = self.stable.accepted.clone();
        out.because(PaxosRule::PromiseAgain).send(from, Message::Promise { ballot, accepted });
    }

    fn asked_to_vote(&mut self, cx: &Context<Self>, from: NodeId, ballot: Ballot, value: Value, out: &mut Out) {
        if let Some(promised) = self.stable.promised.filter(|promised| *promised > ballot) {
            out.because(PaxosRule::RefuseAccept).send(from, Message::Refused { ballot, promised });
            return;
        }
        let mut because = out.because(PaxosRule::Accept);
        self.keep(Record::Promised { ballot }, &mut because);
        self.keep(Record::Accepted { ballot, value: value.clone() }, &mut because);
        because.emit(Fact::Accepted { ballot, value: value.clone() });
        for learner in cx.config.learners() {
            because.send(*learner, Message::Accepted { ballot, value: value.clone() });
        }
    }

    // The learner.

    fn vote(&mut self, cx: &Context<Self>, from: NodeId, ballot: Ballot, value: Value, out: &mut Out) {
        let voters = self.votes.entry(ballot).or_default();
        voters.insert(from);
        if voters.len() < cx.config.quorums().phase_2 {
            out.because(PaxosRule::CountVote);
            return;
        }
        let mut because = out.because(PaxosRule::LearnChosen);
        // A proposer that is not a learner does not see the votes, and would keep retrying.
        if !cx.config.is_learner(ballot.node) {
            because.send(ballot.node, Message::Chosen { ballot, value: value.clone() });
        }
        self.decide(ballot, value, out);
    }

    fn decide(&mut self, ballot: Ballot, value: Value, out: &mut Out) {
        if self.chosen.is_some() {
            out.because(PaxosRule::NothingLeftToDo);
            return;
        }
        let mut because = out.because(PaxosRule::AnswerClient);
        because.emit(Fact::Chosen { ballot, value: value.clone() });
        because.disarm(Timer::Retry).disarm(Timer::CatchUp);
        for client in std::mem::take(&mut self.clients) {
            because.reply(client, Reply::Chosen { value: value.clone() });
        }
        self.at = At::Rest;
        self.chosen = Some(Proposal { ballot, value });
    }

    fn ask_around(&self, cx: &Context<Self>, out: &mut Out) {
        let mut because = out.because(PaxosRule::AskForNews);
        for acceptor in cx.config.acceptors() {
            because.send(*acceptor, Message::AskAccepted);
        }
        for learner in cx.config.learners().iter().filter(|learner| **learner != cx.me) {
            because.send(*learner, Message::AskChosen);
        }
        because.arm(Timer::CatchUp, Duration::from_secs(1));
    }

    fn show(&self, vote: Option<&Proposal>, answer: impl FnOnce(Ballot, Value) -> Message, to: NodeId, out: &mut Out) {
        match vote.cloned() {
            Some(Proposal { ballot, value }) => out.because(PaxosRule::ShowChosen).send(to, answer(ballot, value)),
            None => &mut out.because(PaxosRule::NothingChosen),
        };
    }
}

impl Machine for MyPaxos {
    type Config = Config;
    type Rulebook = ();
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = PaxosRule;
    type Record = Record;
    type Disk = Stable;
    type Clock = ();
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Stable, out: &mut Out) -> Self {
        if cx.config.is_learner(cx.me) {
            out.because(PaxosRule::AskForNews).arm(Timer::CatchUp, Duration::from_secs(1));
        }
        MyPaxos {
            stable: disk.clone(),
            wish: None,
            clients: BTreeSet::new(),
            at: At::Rest,
            round: 0,
            attempts: 0,
            votes: BTreeMap::new(),
            chosen: None,
        }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Out) {
        match input {
            Input::Request { ticket, command: Command::Propose { value, .. } } => self.request(cx, ticket, value, out),
            Input::Fire(Timer::Retry) => self.prepare(cx, PaxosRule::Retry, out),
            Input::Fire(Timer::CatchUp) => self.ask_around(cx, out),
            Input::Deliver { from, message } => match message {
                Message::Prepare { ballot } => self.asked_to_promise(from, ballot, out),
                Message::Promise { ballot, accepted } => self.promised(cx, from, ballot, accepted, out),
                Message::Accept { ballot, value } => self.asked_to_vote(cx, from, ballot, value, out),
                Message::Refused { ballot, promised } => self.refused(ballot, promised, out),
                Message::Accepted { ballot, value } => self.vote(cx, from, ballot, value, out),
                Message::Chosen { ballot, value } => self.decide(ballot, value, out),
                Message::AskAccepted => {
                    let accepted = |ballot, value| Message::Accepted { ballot, value };
                    self.show(self.stable.accepted.as_ref(), accepted, from, out);
                }
                Message::AskChosen => {
                    self.show(self.chosen.as_ref(), |ballot, value| Message::Chosen { ballot, value }, from, out);
                }
            },
        }
    }

    fn view(&self, cx: &Context<Self>) -> View {
        let Stable { promised, accepted, .. } = self.stable.clone();
        let acceptor = cx.config.is_acceptor(cx.me).then_some(AcceptorView { promised, accepted });
        let learner = LearnerView { votes: Vec::new(), chosen: self.chosen.clone() };
        View { proposer: None, acceptor, learner: cx.config.is_learner(cx.me).then_some(learner) }
    }
}

hand_in!("build-paxos", BuiltPaxos::<MyPaxos>::new());
