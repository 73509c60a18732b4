//! What learners start from.

answers! {
    "paxos-promise" paxos_promise "../../course/paxos/promise/skeleton.rs"
}
