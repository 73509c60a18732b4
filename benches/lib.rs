//! Benchmarks only: run `cargo bench --bench raft`, `simulator`, `check`, `live` or
//! `linearizability` in this folder.
