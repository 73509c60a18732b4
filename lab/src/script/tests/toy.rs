//! A gossip protocol for the tests: a node that is asked sends a word to all others, and each takes
//! the highest it hears.

use quorate_protocol::{
    Context, Disk, Duration, Input, Invariant, InvariantSummary, InvariantViolation, Machine, Names, NodeId, Outbox,
    StepView, rules,
};
use serde::{Deserialize, Serialize};

use crate::script::{
    Args, Assertion, ClusterSpec, Protocol, ProtocolAssertion, Registry, ScenarioRequest, ScriptProblem, Usage,
    combined,
};
use crate::sim::World;
use crate::trace::{Lane, TypedEvent};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Message {
    Rumour { word: String },
    Thanks,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Timer {
    Repeat,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Fact {
    Heard { word: String },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Record {
    Kept { word: String },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Reply {
    Told,
}

rules! {
    /// The rules of gossip.
    pub(super) enum Gossip {
        Tell: "Gossip §1", "tell everybody";
        Believe: "Gossip §2", "believe what comes later in the dictionary";
        Doubt: "Gossip §3", "doubt what comes earlier";
        Count: "Gossip §4", "count who has heard";
    }
}

quorate_protocol::rulebook! {
    /// The rulebook of gossip.
    pub(super) struct Rulebook;

    /// Number of nodes, itself included, that a node sends to.
    fn known(nodes: u32) -> u32 {
        nodes
    }
}

/// The rulebook of secretive nodes: they send to no other node.
const SECRETIVE: Rulebook = Rulebook { known: |_| 1 };

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Memory(Option<String>);

impl Disk for Memory {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        let Record::Kept { word } = record;
        self.0 = Some(word.clone());
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub(super) struct View {
    word: Option<String>,
    thanks: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Gossiper {
    view: View,
}

impl Gossiper {
    fn tell(&mut self, cx: &Context<Self>, word: &str, out: &mut Outbox<Self>) {
        let mut tell = out.because(Gossip::Tell);
        tell.persist(Record::Kept { word: word.to_owned() }).arm(Timer::Repeat, Duration::from_millis(50));
        for node in (0..cx.rules.known(*cx.config)).map(NodeId).filter(|node| *node != cx.me) {
            tell.send(node, Message::Rumour { word: word.to_owned() });
        }
        self.view.word = Some(word.to_owned());
    }
}

impl Machine for Gossiper {
    type Config = u32;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = String;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = Gossip;
    type Record = Record;
    type Disk = Memory;
    type Clock = ();
    type View = View;

    fn boot(_: &Context<Self>, disk: &Memory, _: &mut Outbox<Self>) -> Self {
        Gossiper { view: View { word: disk.0.clone(), thanks: 0 } }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command } => {
                self.tell(cx, &command, out);
                out.because(Gossip::Tell).reply(ticket, Reply::Told);
            }
            Input::Fire(Timer::Repeat) => {
                let word = self.view.word.clone().unwrap_or_default();
                self.tell(cx, &word, out);
            }
            Input::Deliver { from, message: Message::Rumour { word } } => {
                let believes = self.view.word.as_ref().is_none_or(|known| *known < word);
                if !believes {
                    out.because(Gossip::Doubt).why(format_args!("{word} is no news"));
                    return;
                }
                out.because(Gossip::Believe)
                    .persist(Record::Kept { word: word.clone() })
                    .emit(Fact::Heard { word: word.clone() })
                    .send(from, Message::Thanks);
                self.view.word = Some(word);
            }
            Input::Deliver { message: Message::Thanks, .. } => {
                self.view.thanks += 1;
                out.because(Gossip::Count);
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        self.view.clone()
    }
}

/// Invariant: no node hears the word `secret`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Discretion;

impl Invariant<Gossiper> for Discretion {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("Discretion", "No node hears the word `secret`.")]
    }

    fn check(&mut self, seen: &StepView<'_, Gossiper>) -> Result<(), InvariantViolation> {
        let told = seen.facts().any(|Fact::Heard { word }| word == "secret");
        if told {
            Err(InvariantViolation::new("Discretion", format!("{} heard the secret", seen.node)))
        } else {
            Ok(())
        }
    }
}

/// Assertion that every node knows a word.
struct Known(String);

impl Assertion<Gossiper, Discretion> for Known {
    fn says(&self) -> String {
        format!("everybody to know {}", self.0)
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<Gossiper>) {}

    fn holds(&self, world: &World<Gossiper, Discretion>) -> Result<(), String> {
        let args = world.machines().iter().flatten().map(|node| node.view.word.as_deref());
        match args.enumerate().find(|(_, word)| *word != Some(&self.0)) {
            None => Ok(()),
            Some((index, word)) => Err(format!("{} knows {}", NodeId(index as u32), word.unwrap_or("nothing"))),
        }
    }
}

pub(super) struct Script;

impl Protocol for Script {
    type Machine = Gossiper;
    type Invariants = Discretion;

    const NAME: &'static str = "gossip";
    const CLUSTER: Usage = Usage { form: "cluster gossip nodes=A,B", says: "rumours spread" };
    const REQUESTS: &'static [Usage] = &[Usage { form: "tell NODE WORD [client=c1]", says: "a node is told a rumour" }];
    const DISK: Option<Usage> = Some(Usage { form: "disk NODE WORD", says: "the node knows a word already" });
    const ASSERTIONS: &'static [Usage] = &[Usage { form: "known WORD", says: "everybody knows the word" }];

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let nodes = match args.option("nodes") {
            Some(text) => combined(text)?,
            None => return Err(ScriptProblem::Missing { what: "who takes part", usage: args.usage() }),
        };
        Ok(ClusterSpec { config: nodes.len() as u32, nodes, invariants: Discretion })
    }

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        vec![("secretive", SECRETIVE)]
    }

    fn request(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<Gossiper>, ScriptProblem> {
        Ok(ScenarioRequest { to: Some(args.node(names)?), command: args.need("a word")?.to_owned() })
    }

    fn disk(args: &mut Args<'_>, _: &Names) -> Result<Memory, ScriptProblem> {
        Ok(Memory(Some(args.need("a word")?.to_owned())))
    }

    fn assertion(_: &str, args: &mut Args<'_>, _: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        Ok(Box::new(Known(args.need("a word")?.to_owned())))
    }
}

pub(super) fn registry() -> Registry {
    Registry::new().with::<Script>()
}
