//! Identifiers of nodes and clients, and their display names.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Identifier of a node: its position in the driver's list of nodes, from 0.
///
/// Machines compare and store ids; readers see names. Inside [`Names::scope`] an id is displayed
/// and serialised (to human-readable formats) as the name that the run assigned to it, elsewhere as
/// `n1`, `n2`, …. Names never affect a machine's decisions: ids are ordered by position alone.
///
/// ```
/// use quorate_protocol::{Names, NodeId};
///
/// let acceptor = NodeId(1);
/// assert_eq!(acceptor.to_string(), "n2");
/// assert_eq!(Names::new(["A", "X"], ["c1"]).scope(|| acceptor.to_string()), "X");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The position in the driver's list of nodes, as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Identifier of a client outside the cluster: its position, from 0, in the driver's list of
/// clients. Displayed like [`NodeId`], as `c1`, `c2`, ….
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u32);

impl ClientId {
    /// The position in the driver's list of clients, as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Display names of a run's nodes and clients.
///
/// A driver puts its names in scope while a machine formats its sentences and while a trace is
/// written, so that a sentence says `B` where the scenario says `B`. The names affect presentation
/// only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(Arc<Lists>);

#[derive(Debug, Default, PartialEq, Eq)]
struct Lists {
    nodes: Vec<String>,
    clients: Vec<String>,
}

thread_local! {
    static IN_SCOPE: RefCell<Names> = RefCell::default();
}

impl Names {
    /// Names for the nodes and the clients, ordered by id.
    pub fn new<N: Into<String>, C: Into<String>>(
        nodes: impl IntoIterator<Item = N>,
        clients: impl IntoIterator<Item = C>,
    ) -> Self {
        Names(Arc::new(Lists {
            nodes: nodes.into_iter().map(Into::into).collect(),
            clients: clients.into_iter().map(Into::into).collect(),
        }))
    }

    /// The nodes' names, ordered by id.
    pub fn nodes(&self) -> &[String] {
        &self.0.nodes
    }

    /// The clients' names, ordered by id.
    pub fn clients(&self) -> &[String] {
        &self.0.clients
    }

    /// The node of that name.
    pub fn node(&self, name: &str) -> Option<NodeId> {
        position(self.nodes(), name).map(NodeId)
    }

    /// The client of that name.
    pub fn client(&self, name: &str) -> Option<ClientId> {
        position(self.clients(), name).map(ClientId)
    }

    /// Runs `work` with these names in scope on this thread. Scopes nest; the outer one is restored
    /// afterwards, even after a panic.
    pub fn scope<T>(&self, work: impl FnOnce() -> T) -> T {
        let _restore = self.enter();
        work()
    }

    /// The part of [`scope`](Self::scope) that is compiled once for all kinds of work.
    fn enter(&self) -> Restore {
        Restore(IN_SCOPE.with(|names| names.replace(self.clone())))
    }
}

/// Puts the names of the outer scope back.
struct Restore(Names);

impl Drop for Restore {
    fn drop(&mut self) {
        let outer = std::mem::take(&mut self.0);
        IN_SCOPE.with(|names| *names.borrow_mut() = outer);
    }
}

fn position(names: &[String], name: &str) -> Option<u32> {
    let index = names.iter().position(|each| each == name)?;
    u32::try_from(index).ok()
}

/// Displays an id by its name in scope, or as `prefix` and a number from 1.
fn show(f: &mut fmt::Formatter<'_>, name: Option<&String>, prefix: &str, index: u32) -> fmt::Result {
    match name {
        Some(name) => f.pad(name),
        None => f.pad(&format!("{prefix}{}", u64::from(index) + 1)),
    }
}

/// The inverse of [`show`]: a name in scope, or a number from 1 behind `prefix`.
fn parse(text: &str, names: &[String], prefix: &str) -> Option<u32> {
    position(names, text).or_else(|| {
        // A `u64`, because the last id is written as `u32::MAX + 1`.
        let number: u64 = text.strip_prefix(prefix)?.parse().ok()?;
        u32::try_from(number.checked_sub(1)?).ok()
    })
}

macro_rules! named_id {
    ($id:ident, $list:ident, $prefix:literal, $what:literal) => {
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                IN_SCOPE.with(|names| show(f, names.borrow().$list().get(self.index()), $prefix, self.0))
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $id {
            type Err = UnknownName;

            /// Parses a name in scope, or the default form.
            fn from_str(text: &str) -> Result<Self, UnknownName> {
                IN_SCOPE
                    .with(|names| parse(text, names.borrow().$list(), $prefix))
                    .map($id)
                    .ok_or_else(|| UnknownName { what: $what, name: text.to_owned() })
            }
        }

        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serializer.serialize_u32(self.0)
                }
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
                } else {
                    u32::deserialize(deserializer).map($id)
                }
            }
        }
    };
}

named_id!(NodeId, nodes, "n", "node");
named_id!(ClientId, clients, "c", "client");

/// Error: no node or client in scope has this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    what: &'static str,
    name: String,
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no {} named '{}'", self.what, self.name)
    }
}

impl std::error::Error for UnknownName {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_as_they_are_written() {
        let names = Names::new(["A", "n1"], ["carol"]);
        names.scope(|| {
            for id in [NodeId(0), NodeId(1), NodeId(7), NodeId(u32::MAX)] {
                let json = serde_json::to_string(&id).unwrap();
                assert_eq!(serde_json::from_str::<NodeId>(&json).unwrap(), id, "{json}");
            }
            assert_eq!("carol".parse(), Ok(ClientId(0)));
        });
        assert_eq!("n2".parse(), Ok(NodeId(1)));
    }

    #[test]
    fn a_name_nobody_has_is_an_error_that_says_it() {
        for text in ["", "n0", "n", "nx", "n4294967297", "n99999999999999999999", "A"] {
            let error = text.parse::<NodeId>().unwrap_err().to_string();
            assert_eq!(error, format!("there is no node named '{text}'"));
        }
    }

    #[test]
    fn scopes_nest_and_survive_a_panic() {
        let outer = Names::new(["A"], [""; 0]);
        outer.scope(|| {
            let inner = Names::new(["B"], [""; 0]);
            let panicked = std::panic::catch_unwind(|| inner.scope(|| panic!("inside {}", NodeId(0))));
            assert_eq!(panicked.unwrap_err().downcast_ref::<String>().map(String::as_str), Some("inside B"));
            assert_eq!(NodeId(0).to_string(), "A");
        });
        assert_eq!(NodeId(0).to_string(), "n1");
    }
}
