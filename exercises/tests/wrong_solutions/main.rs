//! Wrong answers that are not bugs of the zoo fail as well: off by one, `<` for `<=`, the wrong
//! field, always yes, always no.
//!
//! Each is a plausible mistake. Answers that the papers permit, however unusual, are not here but
//! among the [students](../alternative_solutions/main.rs).

#[macro_use]
mod mistake;
mod clocks;
mod coordination;
mod lease;
mod liars;
mod lock;
mod network;
mod paxos;
mod raft;
mod register;
mod time;
mod transactions;

use mistake::Mistake;

/// Hands in every mistake. Returns those that pass.
fn get_through(mistakes: &[Mistake]) -> Vec<(&str, &str)> {
    mistakes.iter().filter(|mistake| !mistake.is_noticed()).map(|mistake| (mistake.exercise, mistake.what)).collect()
}

#[test]
fn mistakes_about_network_and_time_fail() {
    assert_eq!(network::ALL.iter().flat_map(|each| get_through(each)).collect::<Vec<_>>(), []);
}

#[test]
fn mistakes_of_proposers_acceptors_and_learners_fail() {
    assert_eq!(get_through(paxos::ALL), []);
}

#[test]
fn mistakes_of_voters_leaders_and_followers_fail() {
    assert_eq!(get_through(raft::ALL), []);
}

#[test]
fn mistakes_of_granters_and_holders_fail() {
    assert_eq!(get_through(lease::ALL), []);
}

#[test]
fn mistakes_of_lock_servers_their_clients_and_resources_fail() {
    assert_eq!(get_through(lock::ALL), []);
}

#[test]
fn mistakes_about_queues_and_sessions_fail() {
    assert_eq!(get_through(coordination::ALL), []);
}

#[test]
fn mistakes_of_coordinators_and_participants_fail() {
    assert_eq!(get_through(transactions::two_phase::ALL), []);
}

#[test]
fn mistakes_about_the_votes_of_paxos_commit_fail() {
    assert_eq!(get_through(transactions::paxos_commit::ALL), []);
}

#[test]
fn mistakes_about_versions_and_sessions_fail() {
    assert_eq!(get_through(register::ALL), []);
}

#[test]
fn mistakes_of_generals_fail() {
    assert_eq!(get_through(liars::generals::ALL), []);
}

#[test]
fn mistakes_about_echoes_and_readies_fail() {
    assert_eq!(get_through(liars::broadcast::ALL), []);
}

#[test]
fn mistakes_of_replicas_among_liars_fail() {
    assert_eq!(get_through(liars::pbft::ALL), []);
}

#[test]
fn mistakes_about_sealed_tokens_fail() {
    assert_eq!(get_through(liars::seal::ALL), []);
}

#[test]
fn mistakes_about_channels_fail() {
    assert_eq!(get_through(time::channel::ALL), []);
}

#[test]
fn mistakes_about_intervals_and_commit_waits_fail() {
    assert_eq!(get_through(time::true_time::ALL), []);
}

#[test]
fn mistakes_about_ids_made_of_time_fail() {
    assert_eq!(get_through(time::snowflake::ALL), []);
}

#[test]
fn mistakes_about_the_level_of_suspicion_fail() {
    assert_eq!(get_through(clocks::suspicion::ALL), []);
}

#[test]
fn mistakes_about_hybrid_clocks_fail() {
    assert_eq!(get_through(clocks::hybrid::ALL), []);
}

#[test]
fn mistakes_about_message_tables_fail() {
    assert_eq!(get_through(transactions::outbox::ALL), []);
}
