//! Cache leases in scenarios: `cluster lease-cache server=S caches=A,B term=10s`, `read A colour`,
//! `write S colour blue`.

use quorate_bugs::ProtocolId;
use quorate_bugs::lease::NamedRulebook;
use quorate_lab::script::{
    Args, Assertion, ClusterSpec, Protocol, ProtocolAssertion, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_lab::sim::World;
use quorate_lab::trace::{Lane, TypedEvent};
use quorate_lease::cache::{Cache, Command, NoStaleRead, Settings};
use quorate_lease::{Name, Rulebook, Value};
use quorate_protocol::Names;

use super::cluster::{Members, terms};
use crate::protocols::LeaseCacheTarget;

impl Protocol for LeaseCacheTarget {
    type Machine = Cache;
    type Invariants = NoStaleRead;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster lease-cache server=S caches=A,B term=10s [holder-term=9s] [drift=200ppm] [rules=write-at-once]",
        says: "Cache leases: a server does not change data that is under a lease (Gray and Cheriton 1989)",
    };
    const REQUESTS: &'static [Usage] = &[
        Usage { form: "read NODE KEY [client=c1]", says: "a client reads a datum through a cache" },
        Usage { form: "write NODE KEY VALUE [client=c1]", says: "a client changes a datum at the server" },
    ];
    const ASSERTIONS: &'static [Usage] =
        &[Usage { form: "stands KEY VALUE|none", says: "the datum has this value at the server" }];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        NamedRulebook::of(ProtocolId::CacheLease).map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let mut members = Members::default();
        let server = members.one(args, "server", "the server of the data")?;
        let caches = members.needed(args, "caches", "the list of caches")?;
        if caches.contains(&server) {
            return Err(ScriptProblem::bad("the server cannot be a cache, too; give each node one role"));
        }
        let config = Settings { server, terms: terms(args)? }.build().map_err(|error| members.refused(&error))?;
        Ok(ClusterSpec { nodes: members.nodes, config, invariants: NoStaleRead::default() })
    }

    fn request(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<Cache>, ScriptProblem> {
        let to = Some(args.node(names)?);
        let key = Name::from(args.text("a key")?);
        let command = match name {
            "read" => Command::Read { key },
            _ => Command::Write { key, value: Value::from(args.text("a value")?) },
        };
        Ok(ScenarioRequest { to, command })
    }

    fn assertion(_: &str, args: &mut Args<'_>, _: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        let key = Name::from(args.text("a key")?);
        let value = super::unless_none(args.text("a value")?);
        Ok(Box::new(Stands { key, value }))
    }
}

/// Assertion on the value of a datum at the server.
struct Stands {
    key: Name,
    value: Option<Value>,
}

impl Assertion<Cache, NoStaleRead> for Stands {
    fn says(&self) -> String {
        format!("{} to be {}", self.key, self.value.as_ref().map_or("nothing", Value::as_str))
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<Cache>) {}

    fn holds(&self, world: &World<Cache, NoStaleRead>) -> Result<(), String> {
        let datum = world.disk(world.config().server).and_then(|disk| disk.data.get(&self.key));
        match datum.and_then(|datum| datum.value.as_ref()) {
            value if value == self.value.as_ref() => Ok(()),
            Some(value) => Err(format!("it is {value}")),
            None => Err("it was never written".to_owned()),
        }
    }
}
