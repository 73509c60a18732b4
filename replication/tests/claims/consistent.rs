//! Consistent mode: majorities (Attiya, Bar-Noy and Dolev 1995 §3; Lynch and Shvartsman 1997 §4).

use quorate_lab::sim::Fault;
use quorate_protocol::Duration;
use quorate_replication::register::{BY_THE_BOOK, Mode, Reply};

use super::{ANN, APP, N1, N2, N3, ask, cluster, held, read, values, write};

#[test]
fn a_write_is_read_at_every_replica_and_by_an_application() {
    let mut cluster = cluster(Mode::Consistent, BY_THE_BOOK);
    assert_eq!(ask(&mut cluster, N2, read(None)), values(&[]), "nothing is written yet");
    assert_eq!(ask(&mut cluster, N1, write("1", None)), Some(Reply::Written));
    for node in [N1, N2, N3] {
        assert_eq!(ask(&mut cluster, node, read(None)), values(&["1"]));
    }
    assert_eq!(ask(&mut cluster, APP, write("2", Some(N3))), Some(Reply::Written));
    assert_eq!(ask(&mut cluster, APP, read(Some(N1))), values(&["2"]));
}

#[test]
fn the_side_without_a_majority_refuses_in_bounded_time() {
    let mut cluster = cluster(Mode::Consistent, BY_THE_BOOK);
    ask(&mut cluster, N1, write("1", None));
    cluster.inject(Fault::Partition(vec![vec![N1], vec![N2, N3, APP]])).unwrap();
    assert_eq!(ask(&mut cluster, N1, read(None)), None, "it may still find a majority");
    cluster.run_for(Duration::from_millis(100)).unwrap();
    assert_eq!(cluster.answers(ANN).last().map(|(_, reply)| reply), Some(&Reply::Unavailable));
    assert_eq!(ask(&mut cluster, N2, write("2", None)), Some(Reply::Written));
    cluster.inject(Fault::Heal).unwrap();
    assert_eq!(held(&cluster, N1), ["1"]);
    assert_eq!(ask(&mut cluster, N1, read(None)), values(&["2"]), "a majority has a replica that knows");
}

#[test]
fn a_request_at_no_replica_is_refused() {
    let mut cluster = cluster(Mode::Consistent, BY_THE_BOOK);
    assert_eq!(ask(&mut cluster, APP, read(Some(APP))), Some(Reply::Invalid));
    assert_eq!(ask(&mut cluster, N1, read(Some(N2))), Some(Reply::Invalid));
}
