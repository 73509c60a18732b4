//! Alternative Paxos with a single record: the ballot used, promise, vote and learned value are
//! always persisted together. Clients are answered after a delay.

use std::collections::{BTreeMap, BTreeSet};

use quorate_exercises::build::*;
use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;
use serde::{Deserialize, Serialize};

/// The whole durable state, which is also the only record.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
struct Form {
    round: u64,
    promised: Option<Ballot>,
    vote: Option<Proposal>,
    chosen: Option<Proposal>,
}

impl Disk for Form {
    type Record = Form;

    fn apply(&mut self, form: &Form) {
        *self = form.clone();
    }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
enum Hour {
    /// Time to check for a lack of progress.
    Review,
    /// Time to answer clients.
    Opening,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Clerk {
    me: NodeId,
    cluster: Config,
    form: Form,
    queue: BTreeMap<RequestId, Value>,
    /// The current ballot, and the promises for it. Once a value is proposed, promises no longer
    /// matter.
    open: Option<(Ballot, BTreeMap<NodeId, Option<Proposal>>)>,
    votes: BTreeMap<Ballot, BTreeSet<NodeId>>,
}

type Out = Outbox<Clerk>;

const REVIEW: std::ops::Range<Duration> = Duration::from_millis(150)..Duration::from_millis(900);
const OPENING: Duration = Duration::from_millis(35);

impl Clerk {
    /// Persists the whole state before any message is sent.
    fn file(&self, because: &mut Because<'_, Self>) {
        because.persist(self.form.clone());
    }

    fn prepare(&mut self, out: &mut Out) {
        self.form.round += 1;
        let ballot = Ballot::new(self.form.round, self.me);
        self.open = Some((ballot, BTreeMap::new()));
        let mut because = out.because(PaxosRule::Prepare);
        self.file(&mut because);
        self.cluster.acceptors().iter().for_each(|node| _ = because.send(*node, Message::Prepare { ballot }));
    }

    fn promised(&mut self, from: NodeId, of: Ballot, vote: Option<Proposal>, out: &mut Out) {
        let Some((ballot, answers)) = self.open.as_mut().filter(|(ballot, _)| *ballot == of) else { return };
        answers.insert(from, vote);
        if answers.len() < self.cluster.quorums().phase_1 {
            return;
        }
        let reported = answers.values().flatten().max_by_key(|vote| vote.ballot).map(|vote| &vote.value);
        let Some(value) = reported.or_else(|| self.queue.values().next()).cloned() else { return };
        let ballot = *ballot;
        self.open = None;
        let mut because = out.because(PaxosRule::ProposeReported);
        because.emit(Fact::Proposed { ballot, value: value.clone() });
        for acceptor in self.cluster.acceptors() {
            because.send(*acceptor, Message::Accept { ballot, value: value.clone() });
        }
    }

    /// Refuses a ballot below the promise; otherwise promises it, and votes if a value is proposed.
    fn consider(&mut self, from: NodeId, ballot: Ballot, value: Option<Value>, out: &mut Out) {
        let mut because = out.because(PaxosRule::PromiseHigher);
        if let Some(promised) = self.form.promised.filter(|promised| *promised > ballot) {
            because.send(from, Message::Refused { ballot, promised });
            return;
        }
        let is_new = self.form.promised != Some(ballot);
        self.form.promised = Some(ballot);
        match value {
            None => {
                self.file(&mut because);
                if is_new {
                    because.emit(Fact::Promised { ballot });
                }
                because.send(from, Message::Promise { ballot, accepted: self.form.vote.clone() });
            }
            Some(value) => {
                self.form.vote = Some(Proposal { ballot, value: value.clone() });
                self.file(&mut because);
                because.emit(Fact::Accepted { ballot, value: value.clone() });
                for learner in self.cluster.learners() {
                    because.send(*learner, Message::Accepted { ballot, value: value.clone() });
                }
            }
        }
    }

    fn voted(&mut self, from: NodeId, ballot: Ballot, value: Value, out: &mut Out) {
        let voters = self.votes.entry(ballot).or_default();
        voters.insert(from);
        if voters.len() >= self.cluster.quorums().phase_2 {
            if !self.cluster.is_learner(ballot.node) {
                let news = Message::Chosen { ballot, value: value.clone() };
                out.because(PaxosRule::LearnChosen).send(ballot.node, news);
            }
            self.settle(Proposal { ballot, value }, out);
        }
    }

    fn settle(&mut self, chosen: Proposal, out: &mut Out) {
        if self.form.chosen.is_some() {
            return;
        }
        let Proposal { ballot, value } = chosen.clone();
        self.form.chosen = Some(chosen);
        let mut because = out.because(PaxosRule::LearnChosen);
        self.file(&mut because);
        because.emit(Fact::Chosen { ballot, value }).disarm(Hour::Review).arm(Hour::Opening, OPENING);
    }

    fn open_office(&mut self, out: &mut Out) {
        let mut because = out.because(PaxosRule::AnswerClient);
        let Some(chosen) = &self.form.chosen else { return };
        for (ticket, _) in std::mem::take(&mut self.queue) {
            because.reply(ticket, Reply::Chosen { value: chosen.value.clone() });
        }
    }

    /// Handles a lack of progress: asks the others, and starts a new ballot if clients wait.
    fn review(&mut self, out: &mut Out) {
        let mut because = out.because(PaxosRule::AskForNews);
        because.arm(Hour::Review, REVIEW);
        if self.cluster.is_learner(self.me) {
            self.cluster.acceptors().iter().for_each(|node| _ = because.send(*node, Message::AskAccepted));
            self.cluster.learners().iter().for_each(|node| _ = because.send(*node, Message::AskChosen));
        }
        if !self.queue.is_empty() {
            self.prepare(out);
        }
    }
}

impl Machine for Clerk {
    type Config = Config;
    type Rulebook = ();
    type Message = Message;
    type Timer = Hour;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = PaxosRule;
    type Record = Form;
    type Disk = Form;
    type Clock = ();
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Form, out: &mut Out) -> Self {
        let Context { me, config, .. } = *cx;
        let mut because = out.because(PaxosRule::Recall);
        match &disk.chosen {
            Some(Proposal { ballot, value }) => because.emit(Fact::Chosen { ballot: *ballot, value: value.clone() }),
            None => because.arm(Hour::Review, REVIEW),
        };
        let (queue, votes) = (BTreeMap::new(), BTreeMap::new());
        Clerk { me, cluster: config.clone(), form: disk.clone(), queue, open: None, votes }
    }

    fn step(&mut self, _: &Context<Self>, input: Input<Self>, out: &mut Out) {
        out.because(PaxosRule::NothingLeftToDo).why(format_args!("{} clients wait", self.queue.len()));
        match input {
            Input::Request { ticket, .. } if !self.cluster.is_proposer(self.me) => {
                out.because(PaxosRule::NotMyRole).reply(ticket, Reply::NotAProposer);
            }
            Input::Request { ticket, command: Command::Propose { value, .. } } => {
                let is_first = self.queue.insert(ticket, value).is_none() && self.queue.len() == 1;
                if self.form.chosen.is_some() {
                    out.because(PaxosRule::AnswerClient).arm(Hour::Opening, OPENING);
                } else if is_first {
                    out.because(PaxosRule::Prepare).arm(Hour::Review, REVIEW);
                    self.prepare(out);
                }
            }
            Input::Fire(Hour::Review) => self.review(out),
            Input::Fire(Hour::Opening) => self.open_office(out),
            Input::Deliver { from, message } => match message {
                Message::Prepare { ballot } => self.consider(from, ballot, None, out),
                Message::Accept { ballot, value } => self.consider(from, ballot, Some(value), out),
                Message::Promise { ballot, accepted } => self.promised(from, ballot, accepted, out),
                Message::Accepted { ballot, value } => self.voted(from, ballot, value, out),
                Message::Chosen { ballot, value } => self.settle(Proposal { ballot, value }, out),
                Message::Refused { promised, .. } => self.form.round = self.form.round.max(promised.round),
                Message::AskAccepted => {
                    if let Some(Proposal { ballot, value }) = self.form.vote.clone() {
                        out.because(PaxosRule::ShowAccepted).send(from, Message::Accepted { ballot, value });
                    }
                }
                Message::AskChosen => {
                    if let Some(Proposal { ballot, value }) = self.form.chosen.clone() {
                        out.because(PaxosRule::ShowChosen).send(from, Message::Chosen { ballot, value });
                    }
                }
            },
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        let acceptor = AcceptorView { promised: self.form.promised, accepted: self.form.vote.clone() };
        let learner = LearnerView { votes: Vec::new(), chosen: self.form.chosen.clone() };
        View { proposer: None, acceptor: Some(acceptor), learner: Some(learner) }
    }
}

hand_in!("build-paxos", BuiltPaxos::<Clerk>::new());
