//! Alternative Paxos by event sourcing: all events since the start are kept in one history, from
//! which every state is recomputed. The state that must survive is in an append-only journal on
//! disk.

use std::collections::{BTreeMap, BTreeSet};

use quorate_exercises::build::*;
use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;
use serde::{Deserialize, Serialize};

/// A record of the journal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
enum Line {
    Tried { ballot: Ballot },
    Promised { ballot: Ballot },
    Voted { vote: Proposal },
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Journal(Vec<Line>);

impl Disk for Journal {
    type Record = Line;

    fn apply(&mut self, line: &Line) {
        self.0.push(line.clone());
    }
}

/// Events since the node was started.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Event {
    Asked(RequestId, Value),
    Answered(RequestId),
    Prepared(Ballot),
    Heard(NodeId, Message),
    Proposed(Ballot),
    Learned(Proposal),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Historian {
    me: NodeId,
    cluster: Config,
    journal: Journal,
    history: Vec<Event>,
}

type Out = Outbox<Historian>;

impl Historian {
    // State derived from the journal.

    fn tried(&self) -> Option<Ballot> {
        self.journal.0.iter().filter_map(|line| if let Line::Tried { ballot } = line { Some(*ballot) } else { None }).max()
    }

    fn promised(&self) -> Option<Ballot> {
        let promises = self.journal.0.iter().map(|line| match line {
            Line::Tried { .. } => None,
            Line::Promised { ballot } => Some(*ballot),
            Line::Voted { vote } => Some(vote.ballot),
        });
        promises.max().flatten()
    }

    fn vote(&self) -> Option<&Proposal> {
        self.journal.0.iter().rev().find_map(|line| if let Line::Voted { vote } = line { Some(vote) } else { None })
    }

    // State derived from the history.

    fn current(&self) -> Option<Ballot> {
        self.history.iter().rev().find_map(|event| if let Event::Prepared(ballot) = event { Some(*ballot) } else { None })
    }

    fn learned(&self) -> Option<&Proposal> {
        self.history.iter().find_map(|event| if let Event::Learned(chosen) = event { Some(chosen) } else { None })
    }

    fn heard(&self) -> impl Iterator<Item = (NodeId, &Message)> {
        self.history.iter().filter_map(|event| if let Event::Heard(from, message) = event { Some((*from, message)) } else { None })
    }

    fn promises(&self, of: Ballot) -> BTreeMap<NodeId, Option<&Proposal>> {
        let promises = self.heard().filter_map(|(from, message)| match message {
            Message::Promise { ballot, accepted } if *ballot == of => Some((from, accepted.as_ref())),
            _ => None,
        });
        promises.collect()
    }

    fn voters(&self, of: Ballot) -> BTreeSet<NodeId> {
        let voters = self.heard().filter(|(_, message)| matches!(message, Message::Accepted { ballot, .. } if *ballot == of));
        voters.map(|(from, _)| from).collect()
    }

    fn highest_round(&self) -> u64 {
        let refusals = self.heard().map(|(_, message)| match message {
            Message::Refused { promised, .. } => promised.round,
            _ => 0,
        });
        refusals.chain(self.tried().map(|tried| tried.round)).max().unwrap_or(0)
    }

    fn unanswered(&self) -> Vec<(RequestId, Value)> {
        let asked = self.history.iter().filter_map(|event| match event {
            Event::Asked(ticket, value) if !self.history.contains(&Event::Answered(*ticket)) => Some((*ticket, value.clone())),
            _ => None,
        });
        asked.collect()
    }

    // Actions.

    fn write(&mut self, line: Line, because: &mut Because<'_, Self>) {
        self.journal.apply(&line);
        because.persist(line);
    }

    fn prepare(&mut self, out: &mut Out) {
        let ballot = Ballot::new(self.highest_round() + 1, self.me);
        let mut because = out.because(PaxosRule::Prepare);
        self.write(Line::Tried { ballot }, &mut because);
        self.history.push(Event::Prepared(ballot));
        let attempts = self.history.iter().filter(|event| matches!(event, Event::Prepared(_))).count() as u32;
        let patience = Duration::from_millis(80) * attempts.min(20);
        because.arm(Timer::Retry, patience..patience * 3);
        for acceptor in self.cluster.acceptors() {
            because.send(*acceptor, Message::Prepare { ballot });
        }
    }

    fn propose_if_it_may(&mut self, out: &mut Out) {
        let Some(ballot) = self.current().filter(|ballot| !self.history.contains(&Event::Proposed(*ballot))) else { return };
        let promises = self.promises(ballot);
        if promises.len() < self.cluster.quorums().phase_1 {
            return;
        }
        let bound = promises.values().flatten().max_by_key(|vote| vote.ballot).map(|vote| vote.value.clone());
        let Some(value) = bound.or_else(|| self.unanswered().first().map(|(_, value)| value.clone())) else { return };
        let mut because = out.because(PaxosRule::ProposeReported);
        because.emit(Fact::Proposed { ballot, value: value.clone() });
        for acceptor in self.cluster.acceptors() {
            because.send(*acceptor, Message::Accept { ballot, value: value.clone() });
        }
        self.history.push(Event::Proposed(ballot));
    }

    fn promise(&mut self, from: NodeId, ballot: Ballot, out: &mut Out) {
        let before = self.promised();
        if let Some(promised) = before.filter(|promised| *promised > ballot) {
            out.because(PaxosRule::RefusePrepare).send(from, Message::Refused { ballot, promised });
            return;
        }
        let mut because = out.because(PaxosRule::PromiseHigher);
        if before != Some(ballot) {
            self.write(Line::Promised { ballot }, &mut because);
            because.emit(Fact::Promised { ballot });
        }
        because.send(from, Message::Promise { ballot, accepted: self.vote().cloned() });
    }

    fn accept(&mut self, from: NodeId, vote: Proposal, out: &mut Out) {
        let Proposal { ballot, value } = vote.clone();
        if let Some(promised) = self.promised().filter(|promised| *promised > ballot) {
            out.because(PaxosRule::RefuseAccept).send(from, Message::Refused { ballot, promised });
            return;
        }
        let mut because = out.because(PaxosRule::Accept);
        if self.vote() != Some(&vote) {
            self.write(Line::Voted { vote }, &mut because);
            because.emit(Fact::Accepted { ballot, value: value.clone() });
        }
        for learner in self.cluster.learners() {
            because.send(*learner, Message::Accepted { ballot, value: value.clone() });
        }
    }

    /// Learner: checks whether the vote just received completes a quorum.
    fn count(&mut self, ballot: Ballot, value: Value, out: &mut Out) {
        if self.voters(ballot).len() < self.cluster.quorums().phase_2 {
            return;
        }
        let mut because = out.because(PaxosRule::LearnChosen);
        for proposer in self.cluster.proposers().iter().filter(|proposer| !self.cluster.is_learner(**proposer)) {
            because.send(*proposer, Message::Chosen { ballot, value: value.clone() });
        }
        self.learn(Proposal { ballot, value }, out);
    }

    fn learn(&mut self, chosen: Proposal, out: &mut Out) {
        if self.learned().is_none() {
            let Proposal { ballot, value } = chosen.clone();
            out.because(PaxosRule::LearnChosen).emit(Fact::Chosen { ballot, value }).disarm(Timer::Retry).disarm(Timer::CatchUp);
            self.history.push(Event::Learned(chosen));
        }
        self.answer(out);
    }

    fn answer(&mut self, out: &mut Out) {
        let Some(value) = self.learned().map(|chosen| chosen.value.clone()) else { return };
        for (ticket, _) in self.unanswered() {
            out.because(PaxosRule::AnswerClient).reply(ticket, Reply::Chosen { value: value.clone() });
            self.history.push(Event::Answered(ticket));
        }
    }

    fn hear(&mut self, from: NodeId, message: Message, out: &mut Out) {
        out.because(PaxosRule::NothingLeftToDo).why(format_args!("{} things have happened", self.history.len()));
        self.history.push(Event::Heard(from, message.clone()));
        match message {
            Message::Prepare { ballot } => self.promise(from, ballot, out),
            Message::Accept { ballot, value } => self.accept(from, Proposal { ballot, value }, out),
            Message::Promise { .. } => self.propose_if_it_may(out),
            Message::Accepted { ballot, value } => self.count(ballot, value, out),
            Message::Chosen { ballot, value } => self.learn(Proposal { ballot, value }, out),
            Message::AskAccepted => {
                if let Some(Proposal { ballot, value }) = self.vote().cloned() {
                    out.because(PaxosRule::ShowAccepted).send(from, Message::Accepted { ballot, value });
                }
            }
            Message::AskChosen => {
                if let Some(Proposal { ballot, value }) = self.learned().cloned() {
                    out.because(PaxosRule::ShowChosen).send(from, Message::Chosen { ballot, value });
                }
            }
            Message::Refused { .. } => {}
        }
    }
}

impl Machine for Historian {
    type Config = Config;
    type Rulebook = ();
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = PaxosRule;
    type Record = Line;
    type Disk = Journal;
    type Clock = ();
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Journal, out: &mut Out) -> Self {
        let Context { me, config, .. } = *cx;
        if config.is_learner(me) {
            out.because(PaxosRule::AskForNews).arm(Timer::CatchUp, Duration::from_millis(700));
        }
        Historian { me, cluster: config.clone(), journal: disk.clone(), history: Vec::new() }
    }

    fn step(&mut self, _: &Context<Self>, input: Input<Self>, out: &mut Out) {
        match input {
            Input::Request { ticket, .. } if !self.cluster.is_proposer(self.me) => {
                out.because(PaxosRule::NotMyRole).reply(ticket, Reply::NotAProposer);
            }
            Input::Request { ticket, command: Command::Propose { value, .. } } => {
                out.because(PaxosRule::JoinProposal).why(format_args!("{ticket} wants {value}"));
                // A repeated request is answered again.
                self.history.retain(|event| !matches!(event, Event::Asked(other, _) | Event::Answered(other) if *other == ticket));
                let is_under_way = !self.unanswered().is_empty();
                self.history.push(Event::Asked(ticket, value));
                self.answer(out);
                if self.learned().is_none() && !is_under_way {
                    self.prepare(out);
                }
            }
            Input::Fire(Timer::Retry) => self.prepare(out),
            Input::Fire(Timer::CatchUp) => {
                let mut because = out.because(PaxosRule::AskForNews);
                because.arm(Timer::CatchUp, Duration::from_millis(700));
                self.cluster.acceptors().iter().for_each(|node| _ = because.send(*node, Message::AskAccepted));
                self.cluster.learners().iter().for_each(|node| _ = because.send(*node, Message::AskChosen));
            }
            Input::Deliver { from, message } => self.hear(from, message, out),
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        let acceptor = AcceptorView { promised: self.promised(), accepted: self.vote().cloned() };
        View { proposer: None, acceptor: self.cluster.is_acceptor(self.me).then_some(acceptor), learner: None }
    }
}

hand_in!("build-paxos", BuiltPaxos::<Historian>::new());
