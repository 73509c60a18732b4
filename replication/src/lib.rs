//! Replicated data: several nodes keep copies of the same thing, and a network that may part them.
//!
//! Consensus keeps replicas equal by stopping where there is no majority. This crate shows the
//! other ways, and their price: registers that answer on both sides of a partition and converge
//! after it, registers that stay linearizable without a log, and a primary with backups.
