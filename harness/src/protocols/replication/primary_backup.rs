//! A primary with a backup in scenarios: `cluster primary-backup nodes=P,B monitor=M
//! mode=synchronous`, `write P x 1`, `read P x`, `expect holds B x 1`.

use quorate_bugs::replication::primary_backup::NamedRulebook;
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_protocol::{Names, NodeId};
use quorate_replication::primary_backup::{Command, Mode, PrimaryBackup, Rulebook, Safety, Settings};
use quorate_replication::{Key, Value};

use crate::protocols::PrimaryBackupTarget;
use crate::protocols::lease::cluster::Members;

impl Protocol for PrimaryBackupTarget {
    type Machine = PrimaryBackup;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster primary-backup nodes=P,B monitor=M mode=synchronous|asynchronous [ping=20ms] \
               [dead-after=100ms] [rules=promote-without-fence]",
        says: "A primary with a backup, and a monitor that promotes it (Alsberg and Day 1976; Budhiraja 1993)",
    };
    const REQUESTS: &'static [Usage] = &[
        Usage { form: "write NODE KEY VALUE [client=c1]", says: "a client writes" },
        Usage { form: "read NODE KEY [client=c1]", says: "a client reads" },
    ];
    const ASSERTIONS: &'static [Usage] =
        &[Usage { form: "holds NODE KEY VALUE|none", says: "the server has this value of the key" }];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::BUGGY.iter().map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let servers = members.needed(args, "nodes", "the servers")?;
        let monitor = members.one(args, "monitor", "the monitor")?;
        let mode = match args.option("mode").ok_or(ScriptProblem::Missing { what: "the mode", usage: args.usage() })? {
            "synchronous" => Mode::Synchronous,
            "asynchronous" => Mode::Asynchronous,
            other => {
                return Err(ScriptProblem::bad(format_args!("mode={other}: use synchronous or asynchronous")));
            }
        };
        let mut settings = Settings::new(servers, monitor, mode);
        if let Some(span) = args.span("ping")? {
            settings.ping = span;
        }
        if let Some(span) = args.span("dead-after")? {
            settings.dead_after = span;
        }
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: Safety::default() })
    }

    fn request(
        name: &str,
        args: &mut Args<'_>,
        names: &Names,
    ) -> Result<ScenarioRequest<PrimaryBackup>, ScriptProblem> {
        let to = Some(args.node(names)?);
        let key = Key::from(args.text("a key")?);
        let command = match name {
            "write" => Command::Write { key, value: Value::from(args.text("a value")?) },
            _ => Command::Read { key },
        };
        Ok(ScenarioRequest { to, command })
    }

    fn assertion(_: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        let node = args.node(names)?;
        let key = Key::from(args.text("a key")?);
        let value = Some(args.text("a value")?).filter(|text| *text != "none").map(Value::from);
        Ok(Box::new(Holds { node, key, value }))
    }
}

/// Assertion on the value at a server.
struct Holds {
    node: NodeId,
    key: Key,
    value: Option<Value>,
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}

impl Assertion<PrimaryBackup, Safety> for Holds {
    fn says(&self) -> String {
        format!("{} to hold {} of {}", self.node, shown(self.value.as_ref()), self.key)
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<PrimaryBackup>) {}

    fn holds(&self, world: &World<PrimaryBackup, Safety>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("it is down".to_owned()) };
        let Some(state) = machine.state() else { return Err("it is the monitor".to_owned()) };
        let held = state.values.get(&self.key).map(|held| &held.value);
        if held == self.value.as_ref() { Ok(()) } else { Err(format!("it holds {}", shown(held))) }
    }
}
