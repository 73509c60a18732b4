//! Flexible Paxos (Howard, Malkhi and Spiegelman 2016): only quorums of different phases must
//! intersect.

use quorate_paxos::{Config, ConfigError, Paxos, Quorums};
use quorate_protocol::NodeId;

use crate::cluster::{A, Cluster, L, M, X, Y, Z};

const W: NodeId = M;

fn four(phase_1: usize, phase_2: usize) -> Result<Config, ConfigError> {
    Config::builder([A], [X, Y, Z, W], [L]).phase_1_quorum(phase_1).phase_2_quorum(phase_2).build()
}

/// Of four acceptors, two are a phase-2 quorum if a phase-1 quorum has three.
#[test]
fn two_of_four_choose_if_three_of_four_promise() {
    let mut cluster = Cluster::<Paxos>::paxos(&four(3, 2).unwrap());
    cluster.propose(A, "8");
    cluster.exchange(A, &[X, Y]);
    assert!(cluster.node(X).accepted().is_none());
    cluster.pass(A, Z);
    cluster.pass(Z, A);
    cluster.pass(A, X);
    cluster.pass(A, Y);
    cluster.tell(&[X], L);
    assert_eq!(cluster.chosen(L), None);
    cluster.tell(&[Y], L);
    assert_eq!(cluster.chosen(L), Some("8"));
    assert_eq!(cluster.violations, []);
}

/// A pair of sizes is legal if and only if every two quorums of different phases share an acceptor.
#[test]
fn quorums_must_meet() {
    for phase_1 in 0..6 {
        for phase_2 in 0..6 {
            let sizes = (1..=4).contains(&phase_1) && (1..=4).contains(&phase_2);
            let legal = sizes && phase_1 + phase_2 > 4;
            match four(phase_1, phase_2) {
                Ok(config) => {
                    assert!(legal, "{phase_1} and {phase_2} were let through");
                    assert_eq!(config.quorums(), Quorums { acceptors: 4, phase_1, phase_2 });
                }
                Err(ConfigError::QuorumSize { size, acceptors: 4 }) => {
                    assert!(!sizes && [phase_1, phase_2].contains(&size) && !(1..=4).contains(&size));
                }
                Err(error) => {
                    assert!(!legal && sizes);
                    assert_eq!(error, ConfigError::QuorumsMayMiss(Quorums { acceptors: 4, phase_1, phase_2 }));
                }
            }
        }
    }
    let error = four(0, 4).unwrap_err().to_string();
    assert_eq!(error, "a quorum of 0 among 4 acceptors: choose a size from 1 to 4");
    let error = four(1, 2).unwrap_err().to_string();
    assert_eq!(
        error,
        "quorums of 1 and 2 can miss each other among 4 acceptors: 1 + 2 > 4 is false, so enlarge one of them by 2"
    );
}

/// Majorities by default; given one size, the other is the smallest that intersects it.
#[test]
fn sizes_left_open_are_chosen_to_meet() {
    let five = || Config::builder([A], (3..8).map(NodeId), [L]);
    let sizes = |config: Config| (config.quorums().phase_1, config.quorums().phase_2);
    assert_eq!(sizes(five().build().unwrap()), (3, 3));
    assert_eq!(sizes(five().phase_1_quorum(4).build().unwrap()), (4, 2));
    assert_eq!(sizes(five().phase_2_quorum(1).build().unwrap()), (5, 1));
    assert_eq!(sizes(Config::symmetric(1).unwrap()), (1, 1));
    assert_eq!(sizes(Config::symmetric(4).unwrap()), (3, 3));
    assert!(matches!(five().phase_1_quorum(6).build(), Err(ConfigError::QuorumSize { size: 6, acceptors: 5 })));
}
