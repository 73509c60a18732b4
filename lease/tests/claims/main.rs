//! Each claim about leases as a test, on whole clusters in the simulator.

mod boundary;
mod bugs;
mod cache;
mod common;
mod config;
mod exact;
mod layers;
mod majority;
mod replicated;
mod single;
mod store;
mod storms;
