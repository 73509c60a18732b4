//! A replicated register in scenarios: `cluster register replicas=n1,n2,n3 mode=ap order=lamport`,
//! `write n1 x 1`, `read n2 x`, `expect holds n2 x 1`.

use quorate_bugs::replication::register::NamedRulebook;
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_protocol::{Names, NodeId};
use quorate_replication::register::{
    Available, Command, Mode, Order, Register, Rulebook, Safety, Session, Settings, Version,
};
use quorate_replication::{Key, Value};

use crate::protocols::RegisterTarget;
use crate::protocols::lease::cluster::{Members, choice};

/// Orders by their words.
pub(in crate::protocols) const ORDERS: [(&str, Order); 4] =
    [("wall", Order::Wall), ("lamport", Order::Lamport), ("hlc", Order::Hybrid), ("vector", Order::Vector)];

/// Session guarantees by their words.
pub(in crate::protocols) const SESSIONS: [(&str, Session); 3] =
    [("off", Session::Off), ("read-your-writes", Session::ReadYourWrites), ("monotonic", Session::MonotonicReads)];

impl Protocol for RegisterTarget {
    type Machine = Register;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster register replicas=n1,n2,n3 mode=cp|ap [apps=A,B] [timeout=100ms] \
               [order=wall|lamport|hlc|vector] [session=off|read-your-writes|monotonic] [read-repair=on|off] \
               [anti-entropy=1s] [ahead=60s] [rules=no-write-back]",
        says: "A replicated register: consistent by majorities (ABD 1995), or available and converging (CAP, BASE)",
    };
    const REQUESTS: &'static [Usage] = &[
        Usage {
            form: "write NODE KEY VALUE [at=n1] [client=c1]",
            says: "a client writes, at a replica, or through an application and the replica that it asks",
        },
        Usage { form: "read NODE KEY [at=n1] [client=c1]", says: "a client reads, in the same way" },
    ];
    const ASSERTIONS: &'static [Usage] = &[Usage {
        form: "holds NODE KEY VALUE,VALUE|none",
        says: "the replica holds these versions of the key, in the order of their stamps",
    }];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::BUGGY.iter().map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let replicas = members.needed(args, "replicas", "who keeps copies")?;
        let apps = members.role(args, "apps")?;
        let mode = mode(args)?;
        let mut settings = Settings { apps, ..Settings::new(replicas, mode) };
        if let Some(span) = args.span("timeout")? {
            settings.timeout = span;
        }
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: Safety::default() })
    }

    fn request(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<Register>, ScriptProblem> {
        let to = Some(args.node(names)?);
        let key = Key::from(args.text("a key")?);
        let value = if name == "write" { Some(Value::from(args.text("a value")?)) } else { None };
        let at = args.node_option("at", names)?;
        let command = match value {
            Some(value) => Command::Write { key, value, at },
            None => Command::Read { key, at },
        };
        Ok(ScenarioRequest { to, command })
    }

    fn assertion(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        let node = args.node(names)?;
        let key = Key::from(args.text("a key")?);
        let values = match args.text("values")? {
            "none" => Vec::new(),
            listed => listed.split(',').map(Value::from).collect(),
        };
        Ok(Box::new(Holds { node, key, values }))
    }
}

/// Reads the mode, with the options that go with it.
fn mode(args: &mut Args<'_>) -> Result<Mode, ScriptProblem> {
    let usual = Available::default();
    let given = ["order", "session", "read-repair", "anti-entropy", "ahead"];
    match args.option("mode").ok_or(ScriptProblem::Missing { what: "the mode", usage: args.usage() })? {
        "cp" => {
            for key in given {
                if let Some(text) = args.option(key) {
                    return Err(ScriptProblem::bad(format_args!(
                        "{key}={text}: a register with mode=cp has no {key}; use mode=ap"
                    )));
                }
            }
            Ok(Mode::Consistent)
        }
        "ap" => Ok(Mode::Available(Available {
            order: word(args, "order", &ORDERS)?,
            session: word(args, "session", &SESSIONS)?,
            read_repair: choice(args, "read-repair", [("on", true), ("off", false)])?,
            anti_entropy: args.span("anti-entropy")?.unwrap_or(usual.anti_entropy),
            ahead: args.span("ahead")?.unwrap_or(usual.ahead),
        })),
        other => Err(ScriptProblem::bad(format_args!("mode={other}: use cp or ap"))),
    }
}

/// Meaning of an option that takes one of several words; by default, the first.
fn word<T: Copy>(args: &mut Args<'_>, key: &'static str, words: &[(&str, T)]) -> Result<T, ScriptProblem> {
    let Some(text) = args.option(key) else { return Ok(words[0].1) };
    words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning).ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        ScriptProblem::bad(format_args!("{key}={text}: use {}", words.join(", ")))
    })
}

/// Assertion on the versions at a replica.
struct Holds {
    node: NodeId,
    key: Key,
    values: Vec<Value>,
}

fn listed(values: &[Value]) -> String {
    match values {
        [] => "nothing".to_owned(),
        some => some.iter().map(Value::to_string).collect::<Vec<_>>().join(" and "),
    }
}

impl Assertion<Register, Safety> for Holds {
    fn says(&self) -> String {
        format!("{} to hold {} of {}", self.node, listed(&self.values), self.key)
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<Register>) {}

    fn holds(&self, world: &World<Register, Safety>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("it is down".to_owned()) };
        let held: Vec<Value> = machine.versions(&self.key).iter().map(|Version { value, .. }| value.clone()).collect();
        if held == self.values { Ok(()) } else { Err(format!("it holds {}", listed(&held))) }
    }
}
