//! Each claim about leases as a test, on whole clusters in the simulator.

mod boundary;
mod bugs;
mod common;
mod single;
mod storms;
