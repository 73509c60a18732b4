//! Claims about leases, each as a test on a whole cluster in the simulator.

mod boundary;
mod bugs;
mod cache;
mod common;
mod config;
mod exact;
mod layers;
mod majority;
mod pushed;
mod random;
mod replicated;
mod single;
mod store;
