//! Cache leases in scenarios: `cluster lease-cache server=S caches=A,B term=10s`, `read A colour`,
//! `write S colour blue`.

use quorate_bugs::lease::Book;
use quorate_lab::script::{Asking, Cast, Claim, Problem, Protocol, ProtocolClaim, Usage, Words};
use quorate_lab::sim::World;
use quorate_lab::trace::{Happened, Lane};
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
        form: "cluster lease-cache server=S caches=A,B term=10s [holder-term=9s] [drift=200ppm] [rules=no-quarantine]",
        says: "Cache leases: a server does not change what it has lent (Gray and Cheriton 1989)",
    };
    const REQUESTS: &'static [Usage] = &[
        Usage { form: "read NODE KEY [client=c1]", says: "a client reads a datum, of a cache" },
        Usage { form: "write NODE KEY VALUE [client=c1]", says: "a client changes a datum, of the server" },
    ];
    const CLAIMS: &'static [Usage] =
        &[Usage { form: "stands KEY VALUE|none", says: "that is what the datum is, at the server" }];

    fn rulebooks() -> Vec<(&'static str, Rulebook)> {
        Book::BROKEN.iter().map(|book| (book.id(), book.rules)).collect()
    }

    fn cast(words: &mut Words<'_>) -> Result<Cast<Self>, Problem> {
        let mut members = Members::default();
        let server = members.one(words, "server", "who has the data")?;
        let caches = members.needed(words, "caches", "who caches them")?;
        if caches.contains(&server) {
            return Err(Problem::bad("the server has the data and needs no cache: give each node one place"));
        }
        let config = Settings { server, terms: terms(words)? }.build().map_err(|error| members.refused(&error))?;
        Ok(Cast { nodes: members.nodes, config, invariants: NoStaleRead::default() })
    }

    fn request(name: &str, words: &mut Words<'_>, names: &Names) -> Result<Asking<Cache>, Problem> {
        let to = Some(words.node(names)?);
        let key = Name::from(words.text("a key")?);
        let command = match name {
            "read" => Command::Read { key },
            _ => Command::Write { key, value: Value::from(words.text("a value")?) },
        };
        Ok(Asking { to, command })
    }

    fn claim(_: &str, words: &mut Words<'_>, _: &Names) -> Result<ProtocolClaim<Self>, Problem> {
        let key = Name::from(words.text("a key")?);
        let value = super::unless_none(words.text("a value")?);
        Ok(Box::new(Stands { key, value }))
    }
}

/// Assertion on the value of a datum at the server.
struct Stands {
    key: Name,
    value: Option<Value>,
}

impl Claim<Cache, NoStaleRead> for Stands {
    fn says(&self) -> String {
        format!("{} to be {}", self.key, self.value.as_ref().map_or("nothing", Value::as_str))
    }

    fn see(&mut self, _: Option<Lane>, _: &Happened<Cache>) {}

    fn holds(&self, world: &World<Cache, NoStaleRead>) -> Result<(), String> {
        let datum = world.disk(world.config().server).and_then(|disk| disk.data.get(&self.key));
        match datum.and_then(|datum| datum.value.as_ref()) {
            value if value == self.value.as_ref() => Ok(()),
            Some(value) => Err(format!("it is {value}")),
            None => Err("it was never written".to_owned()),
        }
    }
}
