//! What proves that the graders can be satisfied.

answers! {
    "paxos-promise" paxos_promise "../../course/paxos/promise/solution.rs"
}
