//! Alternative Paxos with aggressive retries: sends everything twice, repeats unanswered messages,
//! and starts a new ballot as soon as one is refused. It sends many messages, but within the
//! limits.

use std::collections::{BTreeMap, BTreeSet};

use quorate_exercises::build::*;
use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// A ballot in progress.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Campaign {
    ballot: Ballot,
    promises: BTreeMap<NodeId, Option<Proposal>>,
    proposed: Option<Value>,
    voters: BTreeSet<NodeId>,
    pushes: u32,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Impatient {
    me: NodeId,
    cluster: Config,
    stable: Stable,
    wishes: BTreeMap<RequestId, Value>,
    campaign: Option<Campaign>,
    highest: u64,
    defeats: u32,
    heard: BTreeMap<(Ballot, NodeId), Value>,
    known: Option<Proposal>,
}

type Out = Outbox<Impatient>;

/// Retry interval.
const PUSH: std::ops::Range<Duration> = Duration::from_millis(30)..Duration::from_millis(50);
/// Number of retries before it takes a higher ballot.
const PUSHES: u32 = 4;

impl Impatient {
    fn keep(&mut self, record: Record, because: &mut Because<'_, Self>) {
        self.stable.apply(&record);
        because.persist(record);
    }

    fn begin(&mut self, out: &mut Out) {
        self.highest = self.highest.max(self.stable.tried.map_or(0, |tried| tried.round)) + 1;
        let ballot = Ballot::new(self.highest, self.me);
        let mut because = out.because(PaxosRule::Prepare);
        self.keep(Record::Tried { ballot }, &mut because);
        for acceptor in self.cluster.acceptors() {
            because.send(*acceptor, Message::Prepare { ballot }).send(*acceptor, Message::Prepare { ballot });
        }
        because.arm(Timer::Retry, PUSH);
        let (promises, voters) = (BTreeMap::new(), BTreeSet::new());
        self.campaign = Some(Campaign { ballot, promises, proposed: None, voters, pushes: 0 });
    }

    /// Repeats the messages to nodes that have not answered, or starts a new ballot.
    fn push(&mut self, out: &mut Out) {
        match &mut self.campaign {
            Some(campaign) if campaign.pushes < PUSHES => {
                campaign.pushes += 1;
                let Campaign { ballot, promises, proposed, voters, .. } = campaign.clone();
                let mut because = out.because(PaxosRule::Retry);
                for acceptor in self.cluster.acceptors() {
                    match &proposed {
                        None if !promises.contains_key(acceptor) => _ = because.send(*acceptor, Message::Prepare { ballot }),
                        Some(value) if !voters.contains(acceptor) => {
                            because.send(*acceptor, Message::Accept { ballot, value: value.clone() });
                        }
                        _ => {}
                    }
                }
                because.arm(Timer::Retry, PUSH);
            }
            _ => self.begin(out),
        }
    }

    fn promised(&mut self, from: NodeId, of: Ballot, vote: Option<Proposal>, out: &mut Out) {
        let enough = self.cluster.quorums().phase_1;
        let Some(campaign) = self.campaign.as_mut().filter(|it| it.ballot == of && it.proposed.is_none()) else { return };
        campaign.promises.insert(from, vote);
        if campaign.promises.len() < enough {
            return;
        }
        let bound = campaign.promises.values().flatten().max_by_key(|vote| vote.ballot).map(|vote| vote.value.clone());
        let Some(value) = bound.or_else(|| self.wishes.values().next().cloned()) else { return };
        campaign.proposed = Some(value.clone());
        campaign.pushes = 0;
        let mut because = out.because(PaxosRule::ProposeFreely);
        because.emit(Fact::Proposed { ballot: of, value: value.clone() });
        for acceptor in self.cluster.acceptors() {
            let accept = Message::Accept { ballot: of, value: value.clone() };
            because.send(*acceptor, accept.clone()).send(*acceptor, accept);
        }
    }

    /// Starts again almost at once. Each refusal makes the next delay a little longer, or two such
    /// proposers would never finish.
    fn refused(&mut self, of: Ballot, by: Ballot, out: &mut Out) {
        self.highest = self.highest.max(by.round);
        if self.campaign.as_ref().is_some_and(|campaign| campaign.ballot == of) {
            self.campaign = None;
            self.defeats += 1;
            let longest = Duration::from_millis(40) * self.defeats.min(50);
            out.because(PaxosRule::Abandon).arm(Timer::Retry, Duration::from_millis(1)..longest);
        }
    }

    fn asked_to_promise(&mut self, from: NodeId, ballot: Ballot, out: &mut Out) {
        let before = self.stable.promised;
        let mut because = out.because(PaxosRule::PromiseHigher);
        if let Some(promised) = before.filter(|promised| *promised > ballot) {
            because.send(from, Message::Refused { ballot, promised });
            return;
        }
        if before < Some(ballot) {
            self.keep(Record::Promised { ballot }, &mut because);
            because.emit(Fact::Promised { ballot });
        }
        because.send(from, Message::Promise { ballot, accepted: self.stable.accepted.clone() });
    }

    fn asked_to_vote(&mut self, from: NodeId, ballot: Ballot, value: Value, out: &mut Out) {
        let mut because = out.because(PaxosRule::Accept);
        if let Some(promised) = self.stable.promised.filter(|promised| *promised > ballot) {
            because.send(from, Message::Refused { ballot, promised });
            return;
        }
        if self.stable.accepted.as_ref().is_none_or(|vote| vote.ballot < ballot) {
            self.keep(Record::Promised { ballot }, &mut because);
            self.keep(Record::Accepted { ballot, value: value.clone() }, &mut because);
            because.emit(Fact::Accepted { ballot, value: value.clone() });
        }
        // The proposer of the ballot gets the vote as well, whether or not it is a learner.
        let audience: BTreeSet<NodeId> = self.cluster.learners().iter().copied().chain([from]).collect();
        for node in audience {
            because.send(node, Message::Accepted { ballot, value: value.clone() });
        }
    }

    fn voted(&mut self, from: NodeId, ballot: Ballot, value: Value, out: &mut Out) {
        if let Some(campaign) = self.campaign.as_mut().filter(|campaign| campaign.ballot == ballot) {
            campaign.voters.insert(from);
        }
        self.heard.insert((ballot, from), value.clone());
        if self.heard.keys().filter(|(of, _)| *of == ballot).count() >= self.cluster.quorums().phase_2 {
            self.learned(Proposal { ballot, value }, out);
        }
    }

    /// Tells all proposers and learners when it first learns the chosen value: some may still wait
    /// for it.
    fn learned(&mut self, chosen: Proposal, out: &mut Out) {
        let Proposal { ballot, value } = chosen.clone();
        let mut because = out.because(PaxosRule::LearnChosen);
        if self.known.is_none() {
            if self.cluster.is_learner(self.me) {
                because.emit(Fact::Chosen { ballot, value: value.clone() });
            }
            for node in self.cluster.proposers().iter().chain(self.cluster.learners()).filter(|node| **node != self.me) {
                because.send(*node, Message::Chosen { ballot, value: value.clone() });
            }
        }
        because.disarm(Timer::Retry).disarm(Timer::CatchUp);
        for (ticket, _) in std::mem::take(&mut self.wishes) {
            because.reply(ticket, Reply::Chosen { value: value.clone() });
        }
        (self.campaign, self.known) = (None, Some(chosen));
    }

    fn hear(&mut self, from: NodeId, message: Message, out: &mut Out) {
        out.because(PaxosRule::NothingLeftToDo);
        match message {
            Message::Prepare { ballot } => self.asked_to_promise(from, ballot, out),
            Message::Accept { ballot, value } => self.asked_to_vote(from, ballot, value, out),
            Message::Promise { ballot, accepted } => self.promised(from, ballot, accepted, out),
            Message::Accepted { ballot, value } if self.known.is_none() => self.voted(from, ballot, value, out),
            Message::Accepted { .. } => {}
            Message::Refused { ballot, promised } => match self.known.clone() {
                Some(_) => {}
                None => self.refused(ballot, promised, out),
            },
            Message::Chosen { ballot, value } => self.learned(Proposal { ballot, value }, out),
            Message::AskAccepted => {
                if let Some(Proposal { ballot, value }) = self.stable.accepted.clone() {
                    out.because(PaxosRule::ShowAccepted).send(from, Message::Accepted { ballot, value });
                }
            }
            Message::AskChosen => {
                if let Some(Proposal { ballot, value }) = self.known.clone() {
                    out.because(PaxosRule::ShowChosen).send(from, Message::Chosen { ballot, value });
                }
            }
        }
    }
}

impl Machine for Impatient {
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
        let Context { me, config, .. } = *cx;
        out.because(PaxosRule::Recall).arm(Timer::CatchUp, Duration::from_millis(200)..Duration::from_millis(300));
        Impatient {
            me,
            cluster: config.clone(),
            stable: disk.clone(),
            wishes: BTreeMap::new(),
            campaign: None,
            highest: 0,
            defeats: 0,
            heard: BTreeMap::new(),
            known: None,
        }
    }

    fn step(&mut self, _: &Context<Self>, input: Input<Self>, out: &mut Out) {
        match input {
            Input::Request { ticket, .. } if !self.cluster.is_proposer(self.me) => {
                out.because(PaxosRule::NotMyRole).reply(ticket, Reply::NotAProposer);
            }
            Input::Request { ticket, command: Command::Propose { value, .. } } => {
                let is_idle = self.wishes.is_empty();
                self.wishes.insert(ticket, value);
                match self.known.clone() {
                    Some(chosen) => self.learned(chosen, out),
                    None if is_idle => self.begin(out),
                    None => _ = out.because(PaxosRule::JoinProposal),
                }
            }
            Input::Fire(Timer::Retry) => self.push(out),
            Input::Fire(Timer::CatchUp) => {
                let mut because = out.because(PaxosRule::AskForNews);
                because.arm(Timer::CatchUp, Duration::from_millis(200)..Duration::from_millis(300));
                if self.cluster.is_learner(self.me) {
                    self.cluster.acceptors().iter().for_each(|node| _ = because.send(*node, Message::AskAccepted));
                }
            }
            Input::Deliver { from, message } => self.hear(from, message, out),
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        let Stable { promised, accepted, .. } = self.stable.clone();
        View { proposer: None, acceptor: Some(AcceptorView { promised, accepted }), learner: None }
    }
}

hand_in!("build-paxos", BuiltPaxos::<Impatient>::new());
