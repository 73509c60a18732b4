//! Raft under the simulator: thousands of harsh random runs, and the properties behind the course tests by which people
//! have learned to build it, each under the name that a student recognises.

mod agreement;
mod churn;
mod cluster;
mod election;
mod figure_8;
mod persistence;
mod seeds;
mod snapshots;
