//! Simulator tests of leases: five thousand random runs of each kind with harsh faults, the exact
//! boundary of safety, and the duration of a change of primary.

mod availability;
mod boundary;
mod seeds;
mod sweep;
