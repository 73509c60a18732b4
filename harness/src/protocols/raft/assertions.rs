//! Scenario assertions about a run of Raft.

use std::collections::BTreeMap;

use quorate_lab::script::{Args, Assertion, ProtocolAssertion, ScriptProblem};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_protocol::{Invariant, Names, NodeId, Variant};
use quorate_raft::{Fact, KeyValue, KeyValueCommand, LogIndex, Payload, Raft, Term};

use super::{Watched, unless_none};
use crate::protocols::{RaftMachine, RaftOf};

/// Reads one of [`RaftOf`]'s assertions.
pub(super) fn read<M: RaftMachine<KeyValue>>(
    name: &str,
    args: &mut Args<'_>,
    names: &Names,
) -> Result<ProtocolAssertion<RaftOf<M>>, ScriptProblem> {
    Ok(match name {
        "leader" => Box::new(Leader {
            node: args.node_if_any(names)?,
            term: args.parsed("term")?.map(Term),
            none_expected: false,
        }),
        "no-leader" => Box::new(Leader { node: None, term: None, none_expected: true }),
        "committed" | "uncommitted" => Box::new(Committed::read(name == "committed", args, names)?),
        "log" => Box::new(TermsOf { node: args.node(names)?, terms: terms(args.need("the terms")?)? }),
        "same-logs" => Box::new(SameLogs),
        _ => {
            let key = args.text("a key")?.to_owned();
            let value = unless_none(args.text("a value")?);
            Box::new(Value { key, value, node: args.node_option("node", names)? })
        }
    })
}

/// Assertion on the leader.
struct Leader {
    node: Option<NodeId>,
    term: Option<Term>,
    none_expected: bool,
}

impl<M: Variant<Reference = Raft<KeyValue>>> Assertion<M, Watched> for Leader {
    fn says(&self) -> String {
        let who = match self.node {
            _ if self.none_expected => "no node".to_owned(),
            Some(node) => node.to_string(),
            None => "a node".to_owned(),
        };
        let term = self.term.map(|term| format!(" term {term}")).unwrap_or_default();
        format!("{who} to lead{term}")
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<M>) {}

    fn holds(&self, world: &World<M, Watched>) -> Result<(), String> {
        let leaders = rafts(world).filter(|(_, raft)| raft.is_leader());
        match leaders.max_by_key(|(_, raft)| raft.term()) {
            None if self.none_expected => Ok(()),
            None => Err("no node leads".to_owned()),
            Some((leader, raft)) => {
                let meant = self.node.is_none_or(|node| node == leader)
                    && self.term.is_none_or(|term| term == raft.term())
                    && !self.none_expected;
                if meant { Ok(()) } else { Err(format!("{leader} leads term {}", raft.term())) }
            }
        }
    }
}

/// Assertion that nodes know an entry to be committed, or that none does.
struct Committed {
    index: LogIndex,
    /// Whether the entry is expected to be committed.
    is_so: bool,
    sets: Option<(String, String)>,
    term: Option<Term>,
    node: Option<NodeId>,
    /// Entry that each node has reported as committed at the index.
    known: BTreeMap<NodeId, (Term, Payload<KeyValue>)>,
}

impl Committed {
    fn read(is_so: bool, args: &mut Args<'_>, names: &Names) -> Result<Self, ScriptProblem> {
        let text = args.need("an index")?;
        let number: Option<u64> = text.parse().ok().filter(|number| *number > 0);
        let index =
            number.ok_or_else(|| ScriptProblem::bad(format_args!("'{text}' is not an index; indices start at 1")))?;
        let (mut sets, mut term) = (None, None);
        if is_so {
            if let Some(key) = args.take() {
                sets = Some((key.to_owned(), args.need("the value it sets")?.to_owned()));
            }
            term = args.parsed("term")?.map(Term);
        }
        let node = args.node_option("node", names)?;
        Ok(Committed { index: LogIndex(index), is_so, sets, term, node, known: BTreeMap::new() })
    }

    /// Whether the entry is the expected one.
    fn is_meant(&self, term: Term, payload: &Payload<KeyValue>) -> bool {
        self.term.is_none_or(|meant| meant == term) && self.sets.as_ref().is_none_or(|sets| does_set(payload, sets))
    }
}

fn does_set(payload: &Payload<KeyValue>, (key, value): &(String, String)) -> bool {
    match payload {
        Payload::Apply { command: KeyValueCommand::Put { key: at, value: to }, .. } => (at, to) == (key, value),
        _ => false,
    }
}

/// Short description of an entry.
fn in_words(payload: &Payload<KeyValue>) -> String {
    match payload {
        Payload::Noop => "a no-op".to_owned(),
        Payload::Configure(configuration) => format!("the members {}", configuration.membership),
        Payload::Apply { command, .. } => match command {
            KeyValueCommand::Put { key, value } => format!("put {key} {value}"),
            KeyValueCommand::Append { key, value } => format!("append {key} {value}"),
            KeyValueCommand::Delete { key } => format!("delete {key}"),
            KeyValueCommand::CompareAndSet { key, expected, value } => {
                let [expected, value] = [expected, value].map(|value| value.as_deref().unwrap_or("none"));
                format!("cas {key} {expected} {value}")
            }
        },
    }
}

impl<M: Variant<Reference = Raft<KeyValue>>> Assertion<M, Watched> for Committed {
    fn says(&self) -> String {
        let not = if self.is_so { "" } else { "not " };
        let sets = self.sets.as_ref().map(|(key, value)| format!(" (put {key} {value})")).unwrap_or_default();
        let term = self.term.map(|term| format!(" of term {term}")).unwrap_or_default();
        let by = self.node.map(|node| format!(" as {node} knows")).unwrap_or_default();
        format!("entry {}{sets}{term} {not}to be committed{by}", self.index)
    }

    fn see(&mut self, lane: Option<Lane>, what: &TypedEvent<M>) {
        if let (Some(Lane::Node(node)), TypedEvent::Fact { fact: Fact::Committed { index, term, command } }) =
            (lane, what)
            && *index == self.index
        {
            self.known.insert(node, (*term, command.clone()));
        }
    }

    fn holds(&self, _: &World<M, Watched>) -> Result<(), String> {
        let mut known = self.known.iter().filter(|(node, _)| self.node.is_none_or(|only| only == **node));
        match (known.next(), self.is_so) {
            (None, false) => Ok(()),
            (None, true) => Err("no node knows that".to_owned()),
            (Some((_, (term, payload))), true) if self.is_meant(*term, payload) => Ok(()),
            (Some((node, (term, payload))), _) => {
                Err(format!("{node} knows that {} of term {term} is committed there", in_words(payload)))
            }
        }
    }
}

/// Assertion on the terms of a node's log entries.
struct TermsOf {
    node: NodeId,
    terms: Vec<Term>,
}

fn terms(text: &str) -> Result<Vec<Term>, ScriptProblem> {
    if text == "none" {
        return Ok(Vec::new());
    }
    let bad = |word: &str| ScriptProblem::bad(format_args!("'{word}' is not a term; write the log as 1,1,4, or none"));
    text.split(',').map(|word| word.parse().map(Term).map_err(|_| bad(word))).collect()
}

fn listed(terms: &[Term]) -> String {
    let texts: Vec<String> = terms.iter().map(Term::to_string).collect();
    if texts.is_empty() { "empty".to_owned() } else { texts.join(",") }
}

/// Reference machines that are up, by id.
fn rafts<M: Variant>(world: &World<M, Watched>) -> impl Iterator<Item = (NodeId, &M::Reference)>
where
    Watched: Invariant<M>,
{
    world.up().map(|(node, machine)| (node, machine.reference()))
}

fn terms_of(raft: &Raft<KeyValue>) -> Vec<Term> {
    raft.log().entries().iter().map(|entry| entry.term).collect()
}

impl<M: Variant<Reference = Raft<KeyValue>>> Assertion<M, Watched> for TermsOf {
    fn says(&self) -> String {
        format!("the log of {} to be {}", self.node, listed(&self.terms))
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<M>) {}

    fn holds(&self, world: &World<M, Watched>) -> Result<(), String> {
        let Some(raft) = world.machine(self.node) else { return Err(format!("{} is down", self.node)) };
        let found = terms_of(raft.reference());
        if found == self.terms { Ok(()) } else { Err(format!("it is {}", listed(&found))) }
    }
}

/// Assertion that all logs are the same.
struct SameLogs;

impl<M: Variant<Reference = Raft<KeyValue>>> Assertion<M, Watched> for SameLogs {
    fn says(&self) -> String {
        "all logs to be the same".to_owned()
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<M>) {}

    fn holds(&self, world: &World<M, Watched>) -> Result<(), String> {
        let mut up = rafts(world);
        let Some((first, raft)) = up.next() else { return Err("all nodes are down".to_owned()) };
        match up.find(|(_, other)| !raft.log().agrees_with(other.log())) {
            None => Ok(()),
            Some((second, other)) => {
                Err(format!("the log of {first} is {} and that of {second} is {}", raft.log(), other.log()))
            }
        }
    }
}

/// Assertion on the value of a key in the stores.
struct Value {
    key: String,
    value: Option<String>,
    node: Option<NodeId>,
}

impl<M: Variant<Reference = Raft<KeyValue>>> Assertion<M, Watched> for Value {
    fn says(&self) -> String {
        let value = self.value.as_deref().unwrap_or("without a value");
        match self.node {
            Some(node) => format!("{} to be {value} on {node}", self.key),
            None => format!("{} to be {value} on every node", self.key),
        }
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<M>) {}

    fn holds(&self, world: &World<M, Watched>) -> Result<(), String> {
        if let Some(node) = self.node.filter(|node| world.machine(*node).is_none()) {
            return Err(format!("{node} is down"));
        }
        let mut stores = rafts(world).filter(|(node, _)| self.node.is_none_or(|only| only == *node)).peekable();
        if stores.peek().is_none() {
            return Err("all nodes are down".to_owned());
        }
        match stores.find(|(_, raft)| raft.state().get(&self.key) != self.value.as_deref()) {
            None => Ok(()),
            Some((node, raft)) => match raft.state().get(&self.key) {
                Some(value) => Err(format!("it is {value} on {node}")),
                None => Err(format!("it has no value on {node}")),
            },
        }
    }
}
