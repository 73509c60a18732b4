//! Normal-case operation, checkpoints, and view changes among honest replicas: PBFT §4.1 to §4.4.

use quorate_byzantine::pbft::{BY_THE_BOOK, Message, Settings};
use quorate_lab::sim::{CrashPoint, Delivery, Fault};

use super::{Cluster, P, R, ask, cluster, ms, replies, settings, setup, total, totals};

#[test]
fn a_request_takes_three_phases_and_every_replica_executes_it() {
    let mut cluster = cluster(BY_THE_BOOK, &[]);
    ask(&mut cluster, 0, 5);
    // Request, proposal, prepares, commits, reports: a millisecond each.
    cluster.run_for(ms(4)).unwrap();
    assert_eq!((totals(&cluster), replies(&cluster, 0)), (vec![5; 4], vec![]));
    cluster.run_for(ms(1)).unwrap();
    assert_eq!(replies(&cluster, 0), [total(5)]);
}

#[test]
fn requests_of_several_clients_have_one_order() {
    let mut cluster = cluster(BY_THE_BOOK, &[]);
    for (client, amount) in [(0, 1), (1, 10), (2, 100)] {
        ask(&mut cluster, client, amount);
    }
    cluster.run_for(ms(20)).unwrap();
    assert_eq!(totals(&cluster), [111; 4]);
    assert_eq!([0, 1, 2].map(|client| replies(&cluster, client)), [[total(1)], [total(11)], [total(111)]]);
}

#[test]
fn a_checkpoint_discards_the_log_below_it() {
    let mut cluster = cluster(BY_THE_BOOK, &[]);
    for _ in 0..5 {
        ask(&mut cluster, 0, 1);
        cluster.run_for(ms(20)).unwrap();
    }
    for node in R {
        let disk = cluster.disk(node).unwrap();
        assert_eq!((disk.stable, disk.executed, disk.accepted.len(), disk.prepared.len()), (4, 5, 1, 1));
        assert_eq!(disk.proof.len(), 3, "with the third report it was proved");
    }
}

#[test]
fn the_log_has_an_end_without_a_checkpoint() {
    let mut cluster = cluster(BY_THE_BOOK, &[]);
    cluster.intercept(|flight| match flight.message {
        Message::Checkpoint { .. } | Message::State { .. } => Delivery::Drop,
        _ => Delivery::Random,
    });
    for client in 0..3 {
        for _ in 0..4 {
            ask(&mut cluster, client, 1);
        }
    }
    cluster.run_for(ms(50)).unwrap();
    assert_eq!(totals(&cluster), [8; 4], "the window is 8");
    cluster.intercept_none();
    cluster.run_for(ms(500)).unwrap();
    assert_eq!(totals(&cluster), [12; 4]);
}

fn crash(cluster: &mut Cluster, node: usize) {
    cluster.inject(Fault::Crash { node: R[node], point: CrashPoint::BetweenSteps }).unwrap();
}

#[test]
fn a_view_change_replaces_a_primary_that_is_gone() {
    let mut cluster = cluster(BY_THE_BOOK, &[]);
    crash(&mut cluster, 0);
    ask(&mut cluster, 0, 5);
    cluster.run_for(ms(290)).unwrap();
    assert_eq!(replies(&cluster, 0), []);
    cluster.run_for(ms(100)).unwrap();
    assert_eq!(replies(&cluster, 0), [total(5)]);
    assert_eq!(cluster.machine(R[1]).unwrap().current_view(), 1);
    // The proxy knows the new primary, and is answered at once.
    ask(&mut cluster, 0, 5);
    cluster.run_for(ms(5)).unwrap();
    assert_eq!(replies(&cluster, 0), [total(5), total(10)]);
}

/// Two primaries in a row are gone: with seven replicas.
#[test]
fn a_second_view_change_has_twice_the_time() {
    let nodes = (0..7).map(quorate_protocol::NodeId);
    let seven = Settings::new(nodes, [quorate_protocol::NodeId(7)]);
    let mut cluster: Cluster = setup(seven, BY_THE_BOOK, &[]).start_under(Default::default());
    crash(&mut cluster, 0);
    crash(&mut cluster, 1);
    let proxy = quorate_protocol::NodeId(7);
    let add = quorate_byzantine::pbft::Command::Add { amount: 5 };
    cluster.inject_request(quorate_protocol::ClientId(0), proxy, add).unwrap();
    cluster.run_for(ms(100 + 200 + 400)).unwrap();
    assert_eq!(replies(&cluster, 0), []);
    cluster.run_for(ms(50)).unwrap();
    assert_eq!(replies(&cluster, 0), [total(5)]);
    assert_eq!(cluster.machine(R[3]).unwrap().current_view(), 2);
}

/// The request is committed at R3 alone when the primary is gone.
#[test]
fn what_one_replica_has_committed_survives_the_primary() {
    let mut cluster = cluster(BY_THE_BOOK, &[]);
    cluster.intercept(|flight| match flight.message {
        Message::Commit { .. } if flight.to != R[3] => Delivery::Drop,
        Message::Status { .. } => Delivery::Drop,
        _ => Delivery::Random,
    });
    ask(&mut cluster, 0, 5);
    cluster.run_for(ms(10)).unwrap();
    assert_eq!(totals(&cluster), [0, 0, 0, 5]);
    crash(&mut cluster, 0);
    crash(&mut cluster, 3);
    cluster.inject(Fault::Restart(R[3])).unwrap();
    cluster.intercept_none();
    ask(&mut cluster, 1, 10);
    cluster.run_for(ms(1000)).unwrap();
    assert_eq!(totals(&cluster), [15; 3]);
    assert_eq!(replies(&cluster, 1), [total(15)]);
}

#[test]
fn a_replica_that_has_missed_a_checkpoint_takes_the_state() {
    let mut cluster = cluster(BY_THE_BOOK, &[]);
    crash(&mut cluster, 3);
    for _ in 0..9 {
        ask(&mut cluster, 0, 1);
        cluster.run_for(ms(20)).unwrap();
    }
    cluster.inject(Fault::Restart(R[3])).unwrap();
    assert_eq!(totals(&cluster), [9, 9, 9, 0]);
    ask(&mut cluster, 0, 1);
    cluster.run_for(ms(1000)).unwrap();
    assert_eq!(totals(&cluster), [10; 4]);
}

#[test]
fn a_repeated_request_is_answered_and_not_executed_again() {
    let mut cluster = cluster(BY_THE_BOOK, &[]);
    let ticket = quorate_protocol::RequestId { client: quorate_protocol::ClientId(0), number: 2 };
    let add = quorate_byzantine::pbft::Command::Add { amount: 5 };
    for _ in 0..2 {
        cluster.inject_request_as(ticket, P, add).unwrap();
        cluster.run_for(ms(20)).unwrap();
    }
    // The proxy forgets in a crash; the replicas do not.
    cluster.inject(Fault::Crash { node: P, point: CrashPoint::BetweenSteps }).unwrap();
    cluster.inject(Fault::Restart(P)).unwrap();
    cluster.inject_request_as(ticket, P, add).unwrap();
    // The primary alone is asked at first, and its report is not enough.
    cluster.run_for(ms(120)).unwrap();
    assert_eq!((totals(&cluster), replies(&cluster, 0)), (vec![5; 4], vec![total(5); 3]));
}

#[test]
fn a_configuration_without_meaning_is_refused() {
    use quorate_byzantine::pbft::ConfigError;
    let refused = |settings: Settings| settings.build().unwrap_err();
    assert_eq!(refused(Settings::new(R[..3].to_vec(), [P])), ConfigError::TooFew { replicas: 3 });
    assert_eq!(refused(Settings::new(R, [])), ConfigError::NoProxy);
    assert_eq!(refused(Settings::new(R, [R[2]])), ConfigError::NamedTwice { node: R[2] });
    assert_eq!(refused(Settings { window: 3, ..settings() }), ConfigError::Window { window: 3, every: 4 });
    assert_eq!(refused(Settings { checkpoint_every: 0, ..settings() }), ConfigError::Window { window: 8, every: 0 });
    assert_eq!(refused(Settings { retry: ms(0), ..settings() }), ConfigError::NoTime { what: "retry interval" });
}
