//! Leases in scenarios: those of a single granter, of a majority and on Raft, the fenced store, and
//! caches.

mod cache;
pub(super) mod cluster;
mod majority;
mod primary;
mod pushed;
mod raft;
mod single;
mod store;

pub use primary::Acts;
use quorate_lease::Value;

/// Parses a value, or `none` for no value.
pub(super) fn unless_none(text: &str) -> Option<Value> {
    (text != "none").then(|| Value::from(text))
}
