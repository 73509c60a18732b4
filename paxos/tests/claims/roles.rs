//! *Paxos Made Simple* §2.1: three roles, which one process may combine.

use quorate_paxos::{Ballot, Command, Config, ConfigError, Message, Paxos, PaxosRule, Reply, Value};
use quorate_protocol::{Effect, NodeId};

use crate::cluster::{A, B, C, Cluster, L, M, X, Y, Z, apart};

type Basic = Cluster<Paxos>;

/// A message to a role that the node does not play is refused under a rule, and has no effect.
#[test]
fn each_role_takes_its_own_messages_only() {
    let (ballot, value) = (Ballot::new(1, A), Value::from("8"));
    let to_acceptors =
        [Message::Prepare { ballot }, Message::Accept { ballot, value: value.clone() }, Message::AskAccepted];
    let to_proposers =
        [Message::Promise { ballot, accepted: None }, Message::Refused { ballot, promised: Ballot::new(2, B) }];
    let to_learners = [Message::Accepted { ballot, value: value.clone() }, Message::AskChosen];
    let news = [Message::Chosen { ballot, value }];

    let mut cluster = Basic::paxos(&apart());
    let cases: [(NodeId, &[&[Message]]); 3] = [
        (A, &[&to_acceptors, &to_learners]),
        (X, &[&to_proposers, &to_learners, &news]),
        (L, &[&to_acceptors, &to_proposers]),
    ];
    for (node, groups) in cases {
        let before = cluster.node(node).clone();
        for message in groups.iter().copied().flatten() {
            let done = cluster.deliver(B, node, message.clone());
            assert_eq!((done.rules, done.effects), (vec![PaxosRule::NotMyRole], vec![]), "{message:?} to {node}");
        }
        assert_eq!(cluster.node(node), &before);
    }
}

/// A client that asks a node which is not a proposer gets an answer that says so.
#[test]
fn a_request_to_a_node_that_does_not_propose_is_answered() {
    let mut cluster = Basic::paxos(&apart());
    let (ticket, done) = cluster.ask(X, Command::Propose { value: Value::from("8"), round: None });
    assert_eq!(done.rules, [PaxosRule::NotMyRole]);
    assert_eq!(done.effects, [Effect::Reply { ticket, reply: Reply::NotAProposer }]);
}

/// One process may play all roles: they communicate by messages, as separate nodes do.
#[test]
fn roles_on_one_node_talk_by_messages() {
    let mut cluster = Basic::paxos(&Config::symmetric(3).unwrap());
    let (_, done) = cluster.propose(A, "8");
    assert_eq!(done.sent().iter().map(|(to, _)| *to).collect::<Vec<_>>(), [A, B, C]);
    cluster.settle();
    for node in [A, B, C] {
        assert_eq!(cluster.chosen(node), Some("8"));
        let view = cluster.view(node);
        assert!(view.proposer.is_some() && view.acceptor.is_some() && view.learner.is_some());
    }
    let mut alone = Basic::paxos(&Config::symmetric(1).unwrap());
    alone.propose(A, "8");
    alone.settle();
    assert_eq!(alone.chosen(A), Some("8"));
}

/// A role is a set of nodes: the order in which they are named changes nothing.
#[test]
fn roles_are_named_in_any_order() {
    let config = Config::new([C, A, B], [Z, X, Y], [M, L]).unwrap();
    assert_eq!(config, Config::new([A, B, C], [X, Y, Z], [L, M]).unwrap());
    assert_eq!(
        (config.proposers(), config.acceptors(), config.learners()),
        (&[A, B, C][..], &[X, Y, Z][..], &[L, M][..])
    );
    for proposer in [A, B, C] {
        let mut cluster = Basic::paxos(&config);
        cluster.propose(proposer, "8");
        cluster.settle();
        assert_eq!([L, M].map(|learner| cluster.chosen(learner)), [Some("8"); 2], "proposed by {proposer}");
    }
}

/// Whether a value is chosen does not depend on anybody learning it.
#[test]
fn a_cluster_without_learners_still_chooses() {
    let mut cluster = Basic::paxos(&Config::new([A], [X, Y, Z], []).unwrap());
    cluster.propose(A, "8");
    cluster.settle();
    assert!([X, Y, Z].iter().all(|&acceptor| cluster.node(acceptor).accepted().unwrap().value == Value::from("8")));
    assert_eq!(cluster.replies, []);
}

/// A role without nodes, or a node named twice, is an error that names it.
#[test]
fn a_cluster_needs_its_roles() {
    let error = |config: Result<Config, ConfigError>| config.unwrap_err().to_string();
    assert_eq!(error(Config::new([], [X], [L])), "there are no proposers: name at least one");
    assert_eq!(error(Config::new([A], [], [L])), "there are no acceptors: name at least one, better three");
    assert_eq!(error(Config::new([A], [X, Y, X], [L])), "n4 is named twice among the acceptors: name it once");
    let stranger = Config::builder([A], [X], [L]).distinguished_learner(Z).build();
    assert_eq!(
        error(stranger),
        "the distinguished learner n6 is not a learner: add it to the learners or name one of them"
    );
    assert_eq!(Config::symmetric(0), Err(ConfigError::NoProposers));
}
