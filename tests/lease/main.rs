//! Leases under the simulator: five thousand harsh runs of each kind, the exact boundary of what is safe, and how long a change of
//! primary takes.

mod availability;
mod boundary;
mod seeds;
mod sweep;
