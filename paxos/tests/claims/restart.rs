//! *Paxos Made Simple* §2.2 and §2.5: stable storage and restarts.

use quorate_paxos::{Ballot, Disk, Message, Paxos, PaxosRule, Proposal, Timer, Value};

use crate::cluster::{A, B, Cluster, L, X, Y, Z, apart};

type Basic = Cluster<Paxos>;

/// §2.5: a proposer never uses a number twice, not even across a restart.
#[test]
fn a_restarted_proposer_uses_a_higher_ballot() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    for round in 2..5 {
        cluster.crash(A);
        cluster.restart(A);
        assert_eq!(cluster.node(A).highest_ballot_used(), Some(Ballot::new(round - 1, A)));
        cluster.propose(A, "9");
        assert_eq!(cluster.node(A).highest_ballot_used(), Some(Ballot::new(round, A)));
    }
    assert!(cluster.fired.contains(&PaxosRule::Recall));
}

/// Replies to ballots from before a restart are stale.
#[test]
fn replies_to_an_earlier_life_are_stale() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    cluster.pass(A, X);
    cluster.propose_in(B, "9", 2);
    cluster.pass(B, Y);
    cluster.pass(A, Y);
    cluster.crash(A);
    cluster.restart(A);
    assert_eq!(cluster.pass(X, A).rules, [PaxosRule::StaleReply]);
    assert_eq!(cluster.pass(Y, A).rules, [PaxosRule::StaleReply]);
}

/// §2.2: a restarted acceptor keeps its promises.
#[test]
fn a_promise_survives_a_restart() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    cluster.exchange(A, &[X, Y]);
    cluster.propose_in(B, "9", 2);
    cluster.pass(B, X);
    cluster.crash(X);
    cluster.restart(X);
    assert_eq!(cluster.node(X).promised(), Some(Ballot::new(2, B)));
    assert_eq!(cluster.pass(A, X).rules, [PaxosRule::RefuseAccept]);
    assert_eq!(cluster.violations, []);
}

/// §2.2: a restarted acceptor still knows, and reports, its accepted proposal.
#[test]
fn a_vote_survives_a_restart() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    cluster.exchange(A, &[X, Y]);
    cluster.take(A, Z);
    cluster.pass(A, X);
    cluster.crash(X);
    cluster.restart(X);
    let vote = Proposal { ballot: Ballot::new(1, A), value: Value::from("8") };
    assert_eq!(cluster.node(X).accepted(), Some(&vote));
    let promise = cluster.deliver(B, X, Message::Prepare { ballot: Ballot::new(2, B) });
    assert_eq!(promise.sent(), [(B, Message::Promise { ballot: Ballot::new(2, B), accepted: Some(vote) })]);
}

/// After a crash of all nodes, the acceptors' disks alone preserve the choice.
#[test]
fn a_choice_survives_a_restart_of_everybody() {
    let mut cluster = Basic::paxos(&apart());
    cluster.propose(A, "8");
    cluster.settle();
    for node in cluster.nodes() {
        cluster.crash(node);
        cluster.restart(node);
    }
    assert_eq!(cluster.chosen(L), None);
    cluster.fire(L, Timer::CatchUp);
    cluster.settle();
    assert_eq!(cluster.chosen(L), Some("8"));
    cluster.propose(B, "9");
    cluster.settle();
    assert_eq!(cluster.violations, []);
    assert_eq!(cluster.disk(L), &Disk::default(), "a learner keeps nothing");
}
