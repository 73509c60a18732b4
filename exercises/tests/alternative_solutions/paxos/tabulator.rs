//! Alternative Paxos with two tables: a handler for each kind of message, and a row for each
//! ballot. Old ballots are never closed: votes that arrive late are still counted.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;

use quorate_exercises::build::*;
use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// State of a ballot.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Row {
    /// Whether this node began it, since its start.
    mine: bool,
    promises: BTreeMap<NodeId, Option<Proposal>>,
    proposed: bool,
    voters: BTreeSet<NodeId>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Tabulator {
    me: NodeId,
    cluster: Config,
    stable: Stable,
    ballots: BTreeMap<Ballot, Row>,
    clients: Vec<(RequestId, Value)>,
    chosen: Option<Proposal>,
    tries: u32,
}

type Out = Outbox<Tabulator>;
type Todo = fn(&mut Tabulator, NodeId, Ballot, Option<Value>, Option<Proposal>, &mut Out);

/// Handlers, each with an example of its kind of message.
fn table() -> [(Message, Todo); 8] {
    let (ballot, value) = (Ballot::new(1, NodeId(0)), Value::from(""));
    let nothing: Todo = |_, _, _, _, _, _| {};
    [
        (Message::Prepare { ballot }, Tabulator::prepared),
        (Message::Promise { ballot, accepted: None }, Tabulator::promised),
        (Message::Accept { ballot, value: value.clone() }, Tabulator::accept),
        (Message::Accepted { ballot, value: value.clone() }, Tabulator::accepted),
        (Message::Refused { ballot, promised: ballot }, nothing),
        (Message::Chosen { ballot, value }, Tabulator::learned),
        (Message::AskAccepted, |me, from, _, _, _, out| {
            me.stable.accepted.clone().into_iter().for_each(|Proposal { ballot, value }| {
                out.because(PaxosRule::ShowAccepted).send(from, Message::Accepted { ballot, value });
            });
        }),
        (Message::AskChosen, |me, from, _, _, _, out| {
            me.chosen.clone().into_iter().for_each(|Proposal { ballot, value }| {
                out.because(PaxosRule::ShowChosen).send(from, Message::Chosen { ballot, value });
            });
        }),
    ]
}

/// Fields of a message: its ballot, its value, and the vote that it reports.
fn columns(message: Message) -> (Ballot, Option<Value>, Option<Proposal>) {
    match message {
        Message::Prepare { ballot } => (ballot, None, None),
        Message::Promise { ballot, accepted } => (ballot, None, accepted),
        Message::Accept { ballot, value }
        | Message::Accepted { ballot, value }
        | Message::Chosen { ballot, value } => (ballot, Some(value), None),
        // Only the row of the higher ballot matters.
        Message::Refused { promised, .. } => (promised, None, None),
        Message::AskAccepted | Message::AskChosen => (Ballot::new(1, NodeId(0)), None, None),
    }
}

impl Tabulator {
    fn row(&mut self, ballot: Ballot) -> &mut Row {
        self.ballots.entry(ballot).or_default()
    }

    fn write(&mut self, record: Record, because: &mut Because<'_, Self>) {
        self.stable.apply(&record);
        because.persist(record);
    }

    /// Starts a ballot above every row of the table.
    fn next(&mut self, out: &mut Out) {
        let rows = self.ballots.keys().next_back().copied();
        let round = rows.max(self.stable.tried).map_or(0, |ballot| ballot.round) + 1;
        let ballot = Ballot::new(round, self.me);
        self.row(ballot).mine = true;
        self.tries += 1;
        let wait = Duration::from_millis(50) * 2_u32.pow(self.tries.min(6));
        let mut because = out.because(PaxosRule::Retry);
        self.write(Record::Tried { ballot }, &mut because);
        for acceptor in self.cluster.acceptors().iter().rev() {
            because.send(*acceptor, Message::Prepare { ballot });
        }
        because.arm(Timer::Retry, wait..wait * 3);
    }

    fn prepared(&mut self, from: NodeId, ballot: Ballot, _: Option<Value>, _: Option<Proposal>, out: &mut Out) {
        let mut because = out.because(PaxosRule::PromiseHigher);
        match self.stable.promised {
            Some(promised) if promised > ballot => {
                because.send(from, Message::Refused { ballot, promised });
            }
            standing => {
                if standing != Some(ballot) {
                    self.write(Record::Promised { ballot }, &mut because);
                    because.emit(Fact::Promised { ballot });
                }
                because.send(from, Message::Promise { ballot, accepted: self.stable.accepted.clone() });
            }
        }
    }

    fn promised(&mut self, from: NodeId, ballot: Ballot, _: Option<Value>, vote: Option<Proposal>, out: &mut Out) {
        let needed = self.cluster.quorums().phase_1;
        let wish = self.clients.last().map(|(_, value)| value.clone());
        // A ballot from before a restart is not continued: the value proposed in it is unknown.
        let Some(row) = self.ballots.get_mut(&ballot).filter(|row| row.mine && !row.proposed) else { return };
        row.promises.insert(from, vote);
        let highest = row.promises.values().flatten().max_by_key(|vote| vote.ballot).map(|vote| vote.value.clone());
        let Some(value) = highest.or(wish).filter(|_| row.promises.len() >= needed) else { return };
        row.proposed = true;
        let mut because = out.because(PaxosRule::ProposeFreely);
        because.emit(Fact::Proposed { ballot, value: value.clone() });
        for acceptor in self.cluster.acceptors().iter().rev() {
            because.send(*acceptor, Message::Accept { ballot, value: value.clone() });
        }
    }

    fn accept(&mut self, from: NodeId, ballot: Ballot, value: Option<Value>, _: Option<Proposal>, out: &mut Out) {
        let Some(value) = value else { return };
        if let Some(promised) = self.stable.promised.filter(|promised| *promised > ballot) {
            out.because(PaxosRule::RefuseAccept).send(from, Message::Refused { ballot, promised });
            return;
        }
        let mut because = out.because(PaxosRule::Accept);
        self.write(Record::Promised { ballot }, &mut because);
        self.write(Record::Accepted { ballot, value: value.clone() }, &mut because);
        because.emit(Fact::Accepted { ballot, value: value.clone() });
        for learner in self.cluster.learners().iter().rev() {
            because.send(*learner, Message::Accepted { ballot, value: value.clone() });
        }
    }

    fn accepted(&mut self, from: NodeId, ballot: Ballot, value: Option<Value>, _: Option<Proposal>, out: &mut Out) {
        let needed = self.cluster.quorums().phase_2;
        let row = self.row(ballot);
        row.voters.insert(from);
        if row.voters.len() < needed {
            return;
        }
        let strangers = self.cluster.proposers().iter().filter(|node| !self.cluster.is_learner(**node));
        for proposer in strangers {
            let news = Message::Chosen { ballot, value: value.clone().unwrap_or_else(|| Value::from("")) };
            out.because(PaxosRule::LearnChosen).send(*proposer, news);
        }
        self.learned(from, ballot, value, None, out);
    }

    fn learned(&mut self, _: NodeId, ballot: Ballot, value: Option<Value>, _: Option<Proposal>, out: &mut Out) {
        let Some(value) = value.filter(|_| self.chosen.is_none()) else { return };
        self.chosen = Some(Proposal { ballot, value: value.clone() });
        let mut because = out.because(PaxosRule::LearnChosen);
        because.emit(Fact::Chosen { ballot, value }).disarm(Timer::Retry).disarm(Timer::CatchUp);
        self.answer(out);
    }

    fn answer(&mut self, out: &mut Out) {
        let Some(value) = self.chosen.as_ref().map(|chosen| chosen.value.clone()) else { return };
        for (ticket, _) in self.clients.drain(..) {
            out.because(PaxosRule::AnswerClient).reply(ticket, Reply::Chosen { value: value.clone() });
        }
    }
}

impl Machine for Tabulator {
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
        if config.is_learner(me) {
            out.because(PaxosRule::AskForNews).arm(Timer::CatchUp, Duration::from_millis(400));
        }
        Tabulator {
            me,
            cluster: config.clone(),
            stable: disk.clone(),
            ballots: BTreeMap::new(),
            clients: Vec::new(),
            chosen: None,
            tries: 0,
        }
    }

    fn step(&mut self, _: &Context<Self>, input: Input<Self>, out: &mut Out) {
        out.because(PaxosRule::NothingLeftToDo).why(format_args!("{} ballots are known", self.ballots.len()));
        match input {
            Input::Request { ticket, .. } if !self.cluster.is_proposer(self.me) => {
                out.because(PaxosRule::NotMyRole).reply(ticket, Reply::NotAProposer);
            }
            Input::Request { ticket, command: Command::Propose { value, .. } } => {
                self.clients.retain(|(other, _)| *other != ticket);
                self.clients.push((ticket, value));
                match self.chosen {
                    Some(_) => self.answer(out),
                    // Every request starts a ballot.
                    None => self.next(out),
                }
            }
            Input::Fire(Timer::Retry) => self.next(out),
            Input::Fire(Timer::CatchUp) => {
                let mut because = out.because(PaxosRule::AskForNews);
                because.arm(Timer::CatchUp, Duration::from_millis(400));
                self.cluster.acceptors().iter().for_each(|node| _ = because.send(*node, Message::AskAccepted));
                self.cluster.learners().iter().for_each(|node| _ = because.send(*node, Message::AskChosen));
            }
            Input::Deliver { from, message } => {
                let todo = table().into_iter().find(|(kind, _)| discriminant(kind) == discriminant(&message));
                let (ballot, value, vote) = columns(message);
                if let Some((_, todo)) = todo {
                    todo(self, from, ballot, value, vote, out);
                }
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        let Stable { promised, accepted, .. } = self.stable.clone();
        View { proposer: None, acceptor: Some(AcceptorView { promised, accepted }), learner: None }
    }
}

hand_in!("build-paxos", BuiltPaxos::<Tabulator>::new());
