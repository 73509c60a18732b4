//! The replicated fenced store in scenarios: `cluster lease-store fronts=A,B replicas=X,Y,Z`,
//! `open A 1`, `write A blue`.

use quorate_bugs::ProtocolId;
use quorate_bugs::lease::NamedRulebook;
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_lease::store::{Command, EachWriteOnce, FencedStore, NoLostWrite, Settings};
use quorate_lease::{Rulebook, Token, Value};
use quorate_protocol::{Duration, Names, NodeId};

use super::cluster::Members;
use crate::protocols::LeaseStoreTarget;

/// Default retry interval of a front.
const RETRY: Duration = Duration::from_millis(100);

type Invariants = (NoLostWrite, EachWriteOnce);

impl Protocol for LeaseStoreTarget {
    type Machine = FencedStore;
    type Invariants = Invariants;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster lease-store nodes=3 | fronts=A,B replicas=X,Y,Z [retry=100ms] [rules=replica-fence-only]",
        says: "A fenced store on several replicas: a new token marks a majority first (Chubby §2.4; ABD)",
    };
    const REQUESTS: &'static [Usage] = &[
        Usage { form: "open NODE TOKEN [client=c1]", says: "the node serves under the token of its lease" },
        Usage { form: "write NODE VALUE [client=c1]", says: "a client writes a value" },
    ];
    const ASSERTIONS: &'static [Usage] = &[
        Usage { form: "serves NODE [TOKEN]", says: "the node serves (under this token)" },
        Usage { form: "stored NODE VALUE|none", says: "the newest value on the replica" },
    ];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::of(ProtocolId::FencedStore).map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let all = members.role(args, "nodes")?;
        let (fronts, replicas) = if all.is_empty() {
            (
                members.needed(args, "fronts", "the list of coordinators")?,
                members.needed(args, "replicas", "the list of replicas")?,
            )
        } else {
            (all.clone(), all)
        };
        let settings = Settings { replicas, fronts, retry: args.span("retry")?.unwrap_or(RETRY) };
        let config = settings.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: Invariants::default() })
    }

    fn request(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<FencedStore>, ScriptProblem> {
        let to = Some(args.node(names)?);
        let command = match name {
            "open" => Command::Open { token: token(args.need("a token")?)? },
            _ => Command::Write { value: Value::from(args.text("a value")?) },
        };
        Ok(ScenarioRequest { to, command })
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        let node = args.node(names)?;
        Ok(match name {
            "serves" => Box::new(Serves { node, token: args.take().map(token).transpose()? }),
            _ => Box::new(Stored { node, value: super::unless_none(args.text("a value")?) }),
        })
    }
}

fn token(text: &str) -> Result<Token, ScriptProblem> {
    text.parse().map_err(|_| ScriptProblem::bad(format_args!("'{text}' is not a token; use a whole number such as 3")))
}

/// Assertion that a front serves.
struct Serves {
    node: NodeId,
    token: Option<Token>,
}

impl Assertion<FencedStore, Invariants> for Serves {
    fn says(&self) -> String {
        match self.token {
            Some(token) => format!("{} to serve under {token}", self.node),
            None => format!("{} to serve", self.node),
        }
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<FencedStore>) {}

    fn holds(&self, world: &World<FencedStore, Invariants>) -> Result<(), String> {
        let Some(machine) = world.machine(self.node) else { return Err("it is down".to_owned()) };
        match (machine.serves(), self.token) {
            (Some(_), None) => Ok(()),
            (Some(serves), Some(token)) if serves == token => Ok(()),
            (Some(serves), _) => Err(format!("it serves under {serves}")),
            (None, _) => Err("it does not serve".to_owned()),
        }
    }
}

/// Assertion on the value stored by a replica.
struct Stored {
    node: NodeId,
    value: Option<Value>,
}

impl Assertion<FencedStore, Invariants> for Stored {
    fn says(&self) -> String {
        format!("{} to hold {}", self.node, self.value.as_ref().map_or("nothing", Value::as_str))
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<FencedStore>) {}

    fn holds(&self, world: &World<FencedStore, Invariants>) -> Result<(), String> {
        let newest =
            world.disk(self.node).and_then(|disk| disk.newest.as_ref()).and_then(|newest| newest.value.as_ref());
        match newest {
            value if value == self.value.as_ref() => Ok(()),
            Some(value) => Err(format!("it holds {value}")),
            None => Err("it holds nothing".to_owned()),
        }
    }
}
