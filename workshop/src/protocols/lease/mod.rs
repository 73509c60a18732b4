//! Leases in scenarios: those of a single granter, of a majority and on Raft, the fenced store, and caches.

mod cache;
mod cluster;
mod majority;
mod primary;
mod raft;
mod single;
mod store;

pub use cache::LeaseCacheScript;
pub use majority::LeaseMajorityScript;
pub use raft::LeaseRaftScript;
pub use single::LeaseScript;
pub use store::LeaseStoreScript;

use quorate_lab::script::Repertoire;
use quorate_lease::Value;

/// Adds all leases.
pub(super) fn all(repertoire: Repertoire) -> Repertoire {
    repertoire
        .with::<LeaseScript>()
        .with::<LeaseMajorityScript>()
        .with::<LeaseStoreScript>()
        .with::<LeaseCacheScript>()
        .with::<LeaseRaftScript>()
}

/// A value, or `none` where there may be none.
fn unless_none(text: &str) -> Option<Value> {
    (text != "none").then(|| Value::from(text))
}
