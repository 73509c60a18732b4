//! Fail-over, synchronous and asynchronous.

use quorate_lab::sim::Fault;
use quorate_protocol::{Duration, NodeId};
use quorate_replication::primary_backup::{BY_THE_BOOK, ConfigError, Mode, Reply, Settings};

use super::{ANN, B, BOB, M, P, ask, cluster, crash, cut_off_primary, ms, read, values, write};

#[test]
fn a_write_is_on_both_and_survives_the_primary() {
    let mut cluster = cluster(Mode::Synchronous, BY_THE_BOOK);
    assert_eq!(ask(&mut cluster, ANN, P, read()), values(&[]));
    assert_eq!(ask(&mut cluster, ANN, P, write("1")), Some(Reply::Written));
    assert_eq!(cluster.machine(B).unwrap().state().unwrap().number, 1);
    cluster.inject(crash(P)).unwrap();
    cluster.run_for(ms(200)).unwrap();
    assert_eq!(ask(&mut cluster, BOB, B, read()), values(&["1"]));
    cluster.inject(Fault::Restart(P)).unwrap();
    cluster.run_for(ms(100)).unwrap();
    assert_eq!(ask(&mut cluster, BOB, B, write("2")), Some(Reply::Written));
    assert_eq!(cluster.machine(P).unwrap().state().unwrap().number, 2, "the old primary is the backup now");
}

#[test]
fn asynchronous_acknowledges_at_once_and_loses_the_write() {
    let mut cluster = cluster(Mode::Asynchronous, BY_THE_BOOK);
    cut_off_primary(&mut cluster);
    assert_eq!(ask(&mut cluster, ANN, P, write("1")), Some(Reply::Written));
    cluster.inject(crash(P)).unwrap();
    cluster.run_for(ms(200)).unwrap();
    assert_eq!(ask(&mut cluster, BOB, B, read()), values(&[]), "the acknowledged write is lost");
}

#[test]
fn a_primary_that_is_cut_off_neither_acknowledges_nor_reads() {
    let mut cluster = cluster(Mode::Synchronous, BY_THE_BOOK);
    cut_off_primary(&mut cluster);
    assert_eq!(ask(&mut cluster, ANN, P, write("1")), None);
    assert_eq!(ask(&mut cluster, BOB, P, read()), None);
    cluster.run_for(ms(200)).unwrap();
    for client in [ANN, BOB] {
        assert_eq!(cluster.answers(client).last().map(|(_, reply)| reply), Some(&Reply::Unavailable));
    }
    assert_eq!(ask(&mut cluster, BOB, B, write("2")), Some(Reply::Written), "the monitor has promoted B");
    cluster.inject(Fault::Heal).unwrap();
    cluster.run_for(ms(100)).unwrap();
    assert_eq!(cluster.machine(P).unwrap().view_known().map(|view| view.primary), Some(B));
    assert_eq!(ask(&mut cluster, ANN, P, write("3")), None, "the client is sent to B, and does not try again");
    assert_eq!(ask(&mut cluster, BOB, B, read()), values(&["2"]));
    assert_eq!(cluster.machine(P).unwrap().state(), cluster.machine(B).unwrap().state());
}

#[test]
fn settings_that_make_no_sense_are_refused_with_the_value() {
    let refused = |settings: Settings| settings.build().unwrap_err();
    assert_eq!(refused(Settings::new([P], M, Mode::Synchronous)), ConfigError::TooFew { servers: 1 });
    assert_eq!(refused(Settings::new([P, M], M, Mode::Synchronous)), ConfigError::NamedTwice { node: NodeId(2) });
    let usual = Settings::new([P, B], M, Mode::Synchronous);
    assert_eq!(refused(Settings { ping: Duration::ZERO, ..usual.clone() }), ConfigError::NoTime);
    let hasty = refused(Settings { dead_after: ms(1), ..usual }).to_string();
    assert_eq!(hasty, "a server is dead after 1ms, and pings every 20ms: choose a longer silence");
}
