//! Simulator tests of Raft: thousands of random runs with harsh faults, and the properties behind
//! the course tests with which students build Raft, under the names known from the course.

mod agreement;
mod churn;
mod cluster;
mod election;
mod figure_8;
mod persistence;
mod seeds;
mod snapshots;
