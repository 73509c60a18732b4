//! Tests of the papers' claims, one each, named after its rule; and whole clusters under seeded
//! faults.

mod answers;
mod chunks;
mod cluster;
mod commitment;
mod configurations;
mod disk;
mod elections;
mod limits;
mod membership;
mod probes;
mod reads;
mod replication;
mod rulebooks;
mod seeds;
mod sessions;
mod snapshots;
mod stability;
mod stories;
