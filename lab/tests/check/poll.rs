//! A toy protocol for the checker's tests: a node that is asked to stand asks all nodes for their
//! only vote, and leads with a majority.

use std::collections::BTreeSet;

use quorate_lab::check::{Bounds, Cluster};
use quorate_lab::env::Deployment;
use quorate_protocol::{
    ClientId, Context, Duration, Input, Invariant, InvariantViolation, Machine, Names, NodeId, Outbox, Permutation,
    Permute, RequestId, StepView, rules,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    Ask,
    Vote,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    Again,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Command {
    Stand,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fact {
    Leads,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Record {
    Voted { candidate: NodeId },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Disk(Option<NodeId>);

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, Record::Voted { candidate }: &Record) {
        self.0 = Some(*candidate);
    }
}

rules! {
    pub enum PollRule {
        Stand: "tests", "ask everyone for a vote";
        Vote: "tests", "the first who asks gets the only vote, and is told again";
        Refuse: "tests", "the vote is given";
        Count: "tests", "count each voter once";
        Lead: "tests", "a majority has voted";
        Over: "tests", "nothing is left to do";
    }
}

/// Number of nodes, and the bugs in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    pub nodes: u32,
    /// A vote is durable before it is sent.
    pub durable: bool,
    /// A duplicated vote counts once.
    pub once: bool,
}

pub const CORRECT: Rules = Rules { nodes: 3, durable: true, once: true };

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Poll {
    voted: Option<NodeId>,
    standing: bool,
    votes: u32,
    voters: BTreeSet<NodeId>,
    pub leads: bool,
}

impl Machine for Poll {
    type Config = Rules;
    type Rulebook = ();
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = ();
    type Fact = Fact;
    type Rule = PollRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = ();
    type View = (u32, bool);

    fn boot(_: &Context<Self>, disk: &Disk, _: &mut Outbox<Self>) -> Self {
        Poll { voted: disk.0, standing: false, votes: 0, voters: BTreeSet::new(), leads: false }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, .. } => self.stand(cx, Some(ticket), out),
            Input::Fire(Timer::Again) => self.stand(cx, None, out),
            Input::Deliver { from, message: Message::Ask } => self.asked(cx, from, out),
            Input::Deliver { from, message: Message::Vote } => self.heard(cx, from, out),
        }
    }

    fn view(&self, _: &Context<Self>) -> (u32, bool) {
        (self.votes, self.leads)
    }
}

impl Poll {
    fn stand(&mut self, cx: &Context<Self>, ticket: Option<RequestId>, out: &mut Outbox<Self>) {
        self.standing = true;
        let mut because = out.because(PollRule::Stand);
        for node in (0..cx.config.nodes).map(NodeId) {
            because.send(node, Message::Ask);
        }
        because.arm(Timer::Again, Duration::from_millis(1));
        if let Some(ticket) = ticket {
            because.reply(ticket, ());
        }
    }

    fn asked(&mut self, cx: &Context<Self>, candidate: NodeId, out: &mut Outbox<Self>) {
        match self.voted {
            Some(other) if other != candidate => {
                out.because(PollRule::Refuse).why(format_args!("{other} has the vote"));
            }
            voted => {
                let mut because = out.because(PollRule::Vote);
                if cx.config.durable && voted.is_none() {
                    because.persist(Record::Voted { candidate });
                }
                because.send(candidate, Message::Vote);
                self.voted = Some(candidate);
            }
        }
    }

    fn heard(&mut self, cx: &Context<Self>, voter: NodeId, out: &mut Outbox<Self>) {
        if self.leads || !self.standing {
            out.because(PollRule::Over);
            return;
        }
        if self.voters.insert(voter) || !cx.config.once {
            self.votes += 1;
        }
        if self.votes > cx.config.nodes / 2 {
            self.leads = true;
            out.because(PollRule::Lead).emit(Fact::Leads).disarm(Timer::Again);
        } else {
            out.because(PollRule::Count).why(format_args!("{} votes", self.votes));
        }
    }
}

/// At most one node ever leads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OneLeader(pub BTreeSet<NodeId>);

impl Invariant<Poll> for OneLeader {
    const COMMUTES: bool = true;

    fn check(&mut self, seen: &StepView<'_, Poll>) -> Result<(), InvariantViolation> {
        self.0.extend(seen.facts().map(|Fact::Leads| seen.node));
        if self.0.len() > 1 {
            return Err(InvariantViolation::new("OneLeader", format!("{:?} both lead", self.0)));
        }
        Ok(())
    }
}

quorate_protocol::no_node_ids!(Message, Timer, Command);

impl Permute for Poll {
    fn permuted(&self, by: &Permutation) -> Self {
        Poll { voted: self.voted.permuted(by), voters: self.voters.permuted(by), ..*self }
    }
}

impl Permute for Disk {
    fn permuted(&self, by: &Permutation) -> Self {
        Disk(self.0.permuted(by))
    }
}

impl Permute for OneLeader {
    fn permuted(&self, by: &Permutation) -> Self {
        OneLeader(self.0.permuted(by))
    }
}

pub type PollCluster = Cluster<Poll, OneLeader>;

pub fn setup(rules: Rules) -> Deployment<Poll> {
    let nodes = ["n1", "n2", "n3", "n4", "n5"];
    Deployment::new("poll", Names::new(nodes.into_iter().take(rules.nodes as usize), ["ann", "bob"]), rules)
}

/// Ann and Bob each ask a node to stand, any of them.
pub fn two_stand(rules: Rules, bounds: Bounds<Poll>) -> PollCluster {
    let bounds = bounds.request(ClientId(0), None, Command::Stand).request(ClientId(1), None, Command::Stand);
    Cluster::new(setup(rules), OneLeader::default(), bounds).unwrap()
}

/// Ann asks this node to stand.
pub fn stands(node: NodeId, rules: Rules, bounds: Bounds<Poll>) -> PollCluster {
    let bounds = bounds.request(ClientId(0), Some(node), Command::Stand);
    Cluster::new(setup(rules), OneLeader::default(), bounds).unwrap()
}
