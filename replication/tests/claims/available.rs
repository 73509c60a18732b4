//! Available mode: local answers, orders, gossip and sessions.

use quorate_lab::sim::Fault;
use quorate_protocol::Duration;
use quorate_replication::register::{Available, BY_THE_BOOK, Mode, Order, Reply, Session};

use super::{ANN, APP, N1, N2, N3, ask, cluster, held, read, values, write};

const ORDERS: [Order; 4] = [Order::Wall, Order::Lamport, Order::Hybrid, Order::Vector];

fn mode(order: Order, session: Session) -> Mode {
    Mode::Available(Available { order, session, anti_entropy: Duration::from_millis(50), ..Available::default() })
}

#[test]
fn both_sides_of_a_partition_answer_and_agree_afterwards() {
    for order in ORDERS {
        let mut cluster = cluster(mode(order, Session::Off), BY_THE_BOOK);
        cluster.inject(Fault::Partition(vec![vec![N1], vec![N2, N3, APP]])).unwrap();
        assert_eq!(ask(&mut cluster, N1, write("1", None)), Some(Reply::Written));
        assert_eq!(ask(&mut cluster, N2, write("2", None)), Some(Reply::Written));
        assert_eq!(ask(&mut cluster, N1, read(None)), values(&["1"]));
        assert_eq!(ask(&mut cluster, N3, read(None)), values(&["2"]));
        cluster.inject(Fault::Heal).unwrap();
        cluster.run_for(Duration::from_millis(300)).unwrap();
        let expected: &[&str] = if order == Order::Vector { &["1", "2"] } else { &["2"] };
        for node in [N1, N2, N3] {
            assert_eq!(held(&cluster, node), expected, "{order:?}");
        }
    }
}

/// The increment of a value that a fast clock has stamped stays, unless the wall clock decides.
#[test]
fn only_a_wall_clock_loses_the_increment() {
    for order in ORDERS {
        let mut cluster = cluster(mode(order, Session::Off), BY_THE_BOOK);
        cluster.inject(Fault::Jump { node: N1, nanos: 1_000_000_000 }).unwrap();
        ask(&mut cluster, APP, write("1", Some(N1)));
        assert_eq!(ask(&mut cluster, APP, read(Some(N3))), values(&["1"]));
        assert_eq!(ask(&mut cluster, APP, write("2", Some(N3))), Some(Reply::Written));
        let kept = if order == Order::Wall { "1" } else { "2" };
        for node in [N1, N2, N3] {
            assert_eq!(held(&cluster, node), [kept], "{order:?}");
        }
    }
}

#[test]
fn a_session_waits_for_its_own_write_and_is_refused_in_bounded_time() {
    for order in ORDERS {
        let mut cluster = cluster(mode(order, Session::ReadYourWrites), BY_THE_BOOK);
        cluster.inject(Fault::Partition(vec![vec![N1, APP], vec![N2, N3]])).unwrap();
        assert_eq!(ask(&mut cluster, APP, write("1", Some(N1))), Some(Reply::Written));
        cluster.inject(Fault::Partition(vec![vec![N1], vec![N2, N3, APP]])).unwrap();
        assert_eq!(ask(&mut cluster, APP, read(Some(N2))), None, "{order:?}: n2 lacks it");
        cluster.run_for(Duration::from_millis(110)).unwrap();
        assert_eq!(cluster.answers(ANN).last().map(|(_, reply)| reply), Some(&Reply::Behind));
        cluster.inject(Fault::Heal).unwrap();
        cluster.run_for(Duration::from_millis(300)).unwrap();
        assert_eq!(ask(&mut cluster, APP, read(Some(N2))), values(&["1"]), "{order:?}");
    }
}
