//! Configurations in force after snapshots, truncations and restarts have changed the log (Raft §6,
//! §7), and joint configurations, in which neither side decides alone (Raft §6).

use quorate_protocol::NodeId;
use quorate_raft::{
    Add, AppendEntries, Appended, Batch, Command, ConfigChange, Configuration, Counter, Entry, InstallSnapshot,
    LogIndex, Membership, Message, Payload, Position, Role, Settings, Snapshots, Term, Timer,
};

use crate::cluster::{Cluster, node};
use crate::replication::append;

type Nodes = Cluster<Counter>;

fn members(voters: &[u32], learners: &[u32]) -> Membership {
    Membership::new(voters.iter().copied().map(NodeId), learners.iter().copied().map(NodeId))
}

fn noop(term: u64) -> Entry<Counter> {
    Entry { term: Term(term), payload: Payload::Noop }
}

fn configure(term: u64, membership: &Membership) -> Entry<Counter> {
    let configuration = Configuration { membership: membership.clone(), ticket: None };
    Entry { term: Term(term), payload: Payload::Configure(Box::new(configuration)) }
}

/// An AppendEntries with these entries after the position `previous`.
fn entries(term: u64, previous: (u64, u64), entries: &[Entry<Counter>], commit: u64) -> Message<Counter> {
    Message::AppendEntries(AppendEntries {
        term: Term(term),
        previous: Position::new(previous.0, previous.1),
        entries: Batch::new(entries),
        commit: LogIndex(commit),
        round: 0,
    })
}

/// A complete snapshot in one chunk.
fn snapshot(term: u64, last: (u64, u64), membership: Membership) -> Message<Counter> {
    Message::InstallSnapshot(Box::new(InstallSnapshot {
        term: Term(term),
        last: Position::new(last.0, last.1),
        membership,
        offset: 0,
        pieces: Vec::new(),
        done: true,
        round: 0,
    }))
}

/// A follower n2 whose log is four no-ops, a configuration with the learner n4, and a no-op; only
/// the first entry is committed.
fn with_a_change_at_5() -> Nodes {
    let mut nodes = Nodes::new(4, Settings::nodes(3));
    let log = [noop(1), noop(1), noop(1), noop(1), configure(1, &members(&[0, 1, 2], &[3])), noop(1)];
    nodes.deliver(0, 1, entries(1, (0, 0), &log, 1));
    assert_eq!(nodes.raft(1).membership(), &members(&[0, 1, 2], &[3]));
    nodes
}

/// §7, §6: a snapshot replaces the entries up to its last. A later configuration stays in the log
/// and in force, even after a restart; only a truncation restores the snapshot's configuration.
#[test]
fn an_installed_snapshot_keeps_the_configurations_behind_it() {
    let mut nodes = with_a_change_at_5();
    let taken = members(&[0, 1], &[2]);
    nodes.deliver(0, 1, snapshot(1, (3, 1), taken.clone()));
    assert_eq!(nodes.raft(1).log().last(), Position::new(6, 1));
    assert_eq!(nodes.raft(1).membership(), &members(&[0, 1, 2], &[3]), "its entry is still in the log");
    nodes.restart(1);
    assert_eq!(nodes.raft(1).membership(), &members(&[0, 1, 2], &[3]), "a restart finds it in the log");
    nodes.deliver(2, 1, append(2, (4, 1), &[2], 3));
    assert_eq!(nodes.raft(1).log().last(), Position::new(5, 2));
    assert_eq!(nodes.raft(1).membership(), &taken, "the snapshot's, which is settled");
}

/// §7: if the log has another entry at the snapshot's last index, the whole log is discarded,
/// configurations included.
#[test]
fn a_snapshot_of_another_history_ends_the_configurations_of_the_log() {
    for last in [(5, 2), (4, 2), (9, 2)] {
        let mut nodes = with_a_change_at_5();
        let taken = members(&[0, 1], &[2]);
        nodes.take_messages();
        nodes.deliver(2, 1, snapshot(2, last, taken.clone()));
        assert_eq!(nodes.raft(1).log().last(), Position::new(last.0, last.1));
        assert_eq!(nodes.raft(1).membership(), &taken, "after the snapshot up to {last:?}");
        let held = Appended { term: Term(2), matched: LogIndex(last.0), round: 0 };
        assert_eq!(nodes.take_messages(), [(node(1), node(2), Message::Appended(held))], "no more than that agrees");
    }
}

/// §7: a snapshot carries the configuration in force at its last entry: neither the cluster's first
/// configuration, nor a later one in the log, which may still be truncated.
#[test]
fn a_snapshot_carries_the_configuration_as_of_its_last_entry() {
    let (first, second, third) = (members(&[0, 1, 2], &[]), members(&[0, 1, 2], &[3]), members(&[0, 1, 2, 3], &[]));
    let snapshots = Some(Snapshots { every: 4, keep: 0, chunk: 9 });
    let taken = |log: &[Entry<Counter>]| {
        let mut nodes = Nodes::new(4, Settings { snapshots, ..Settings::nodes(3) });
        nodes.deliver(0, 1, entries(1, (0, 0), log, 4));
        nodes.restart(1);
        let taken = nodes.raft(1).snapshot().expect("four entries are applied");
        assert_eq!(taken.last, Position::new(4, 1));
        (taken.membership.clone(), nodes.raft(1).membership().clone())
    };
    let quiet = [noop(1), noop(1), noop(1), noop(1), configure(1, &second)];
    assert_eq!(taken(&quiet), (first, second.clone()), "what is behind the snapshot is in force, and not in it");
    for place in 0..4 {
        let mut log = vec![noop(1); 4];
        log[place] = configure(1, &second);
        log.push(configure(1, &third));
        assert_eq!(taken(&log), (second.clone(), third.clone()), "changed at {}", place + 1);
    }
}

/// §7, §6: taking a snapshot does not settle a later configuration, which is out of force once its
/// entry is truncated.
#[test]
fn a_snapshot_settles_no_configuration_behind_it() {
    let (second, third) = (members(&[0, 1, 2], &[3]), members(&[0, 1, 2, 3], &[]));
    let snapshots = Some(Snapshots { every: 4, keep: 0, chunk: 9 });
    let mut nodes = Nodes::new(4, Settings { snapshots, ..Settings::nodes(3) });
    let log = [noop(1), configure(1, &second), noop(1), noop(1), configure(1, &third)];
    nodes.deliver(0, 1, entries(1, (0, 0), &log, 4));
    assert_eq!(nodes.raft(1).membership(), &third);
    nodes.deliver(2, 1, append(2, (4, 1), &[2], 4));
    assert_eq!(nodes.raft(1).membership(), &second);
}

/// §7: a snapshot replaces the entries up to its last, and with them the configurations that the
/// one in force there has superseded. Nodes whose logs differ in nothing else become the same.
#[test]
fn a_snapshot_discards_the_configurations_that_are_superseded() {
    let (second, third) = (members(&[0, 1, 2], &[3]), members(&[0, 1, 2, 3], &[]));
    let snapshots = Some(Snapshots { every: 4, keep: 0, chunk: 9 });
    let compacted = |log: &[Entry<Counter>]| {
        let mut nodes = Nodes::new(4, Settings { snapshots, ..Settings::nodes(3) });
        nodes.deliver(0, 1, entries(1, (0, 0), log, 4));
        assert_eq!((nodes.raft(1).log().base(), nodes.raft(1).membership()), (Position::new(4, 1), &third));
        nodes.raft(1).clone()
    };
    let at_once = [noop(1), noop(1), configure(1, &third), noop(1)];
    let in_steps = [configure(1, &second), noop(1), configure(1, &third), noop(1)];
    assert_eq!(compacted(&in_steps), compacted(&at_once));
}

/// §7: a leader sends the snapshot as it was taken, with its own configuration, whatever has been
/// appended since.
#[test]
fn a_leader_sends_the_configuration_of_its_snapshot() {
    let snapshots = Some(Snapshots { every: 4, keep: 0, chunk: 9 });
    let mut nodes = Nodes::new(4, Settings { snapshots, ..Settings::nodes(3) });
    nodes.elect(0);
    nodes.crash(2);
    (0..4).for_each(|_| {
        nodes.ask(0, Command::Apply(Add(1)));
        nodes.settle();
    });
    let taken = nodes.raft(0).snapshot().expect("enough is applied").membership.clone();
    nodes.ask(0, Command::ChangeMembership(ConfigChange::AddLearner(node(3))));
    nodes.take_messages();
    nodes.boot(2);
    (0..3).for_each(|_| nodes.fire(0, Timer::Heartbeat));
    let mut sent = Vec::new();
    for _ in 0..9 {
        for (from, to, message) in nodes.take_messages() {
            match message {
                Message::InstallSnapshot(install) => sent.push(install.membership),
                _ if to == node(2) || from == node(2) => nodes.deliver(from.0, to.0, message),
                _ => {}
            }
        }
    }
    assert!(!sent.is_empty() && sent.iter().all(|membership| *membership == taken), "{sent:?}");
    assert_ne!(nodes.raft(0).membership(), &taken);
}

/// Raft §6: the joint configuration is left when it is committed, not when an entry before it is.
#[test]
fn a_joint_configuration_is_not_left_before_it_is_committed() {
    let mut nodes = Nodes::new(5, Settings::nodes(3));
    nodes.elect(0);
    nodes.ask(0, Command::Apply(Add(1)));
    nodes.ask(0, Command::ChangeMembership(ConfigChange::Replace { voters: [0, 3, 4].map(node).to_vec() }));
    for follower in [1, 3] {
        nodes.deliver(follower, 0, Message::Appended(Appended { term: Term(1), matched: LogIndex(2), round: 0 }));
    }
    assert_eq!(nodes.raft(0).commit(), LogIndex(2));
    assert!(nodes.raft(0).membership().is_joint());
    for follower in [1, 3] {
        nodes.deliver(follower, 0, Message::Appended(Appended { term: Term(1), matched: LogIndex(3), round: 0 }));
    }
    assert_eq!(nodes.raft(0).membership(), &members(&[0, 3, 4], &[]), "now it is");
}

/// Raft §6: in a joint configuration, the voters of both sides vote, may lead and receive the log.
#[test]
fn in_a_joint_configuration_the_voters_of_both_sides_belong() {
    let joint =
        members(&[0, 1, 2], &[5]).after(&ConfigChange::Replace { voters: [0, 3, 4].map(node).to_vec() }).unwrap();
    let (both, all) = ([0, 1, 2, 3, 4].map(node), [0, 1, 2, 3, 4, 5].map(node));
    assert!(both.iter().all(|voter| joint.is_voter(*voter)) && !joint.is_voter(node(5)));
    assert_eq!((joint.electorate(), joint.members()), (both.to_vec(), all.to_vec()));
    assert_eq!(joint.groups().collect::<Vec<_>>(), [[0, 3, 4].map(node), [0, 1, 2].map(node)]);
    assert_eq!(joint.settled(), members(&[0, 3, 4], &[5]));
}

/// Three nodes led by n1, with a change to n1, n4 and n5 in every log; no node knows yet that
/// another one has the entry.
fn joint(settings: Settings) -> Nodes {
    let mut nodes = Nodes::new(5, settings);
    nodes.elect(0);
    nodes.ask(0, Command::ChangeMembership(ConfigChange::Replace { voters: [0, 3, 4].map(node).to_vec() }));
    let appends = nodes.take_messages();
    appends.into_iter().for_each(|(from, to, message)| nodes.deliver(from.0, to.0, message));
    // The new nodes had empty logs: the leader sends their entries again.
    for id in [3, 4] {
        let log: Vec<_> = nodes.raft(0).log().entries().iter().cloned().collect();
        nodes.deliver(0, id, entries(1, (0, 0), &log, 0));
    }
    nodes.take_messages();
    assert!(nodes.ids().all(|id| nodes.raft(id).membership().is_joint()));
    nodes
}

/// Raft §6: in a joint configuration a candidate needs a majority of the old voters and one of the
/// new.
#[test]
fn an_election_in_a_joint_configuration_needs_both_majorities() {
    let (old, new) = ([1, 2], [3, 4]);
    for (votes, wins) in [(&old[..], false), (&new[..], false), (&[1, 3][..], true), (&[2, 4][..], true)] {
        let mut nodes = joint(Settings::nodes(3));
        nodes.restart(0);
        nodes.fire(0, Timer::Election);
        for &voter in votes {
            nodes.deliver(voter, 0, Message::VoteGranted { term: Term(2) });
        }
        assert_eq!(nodes.raft(0).is_leader(), wins, "with the votes of itself and {votes:?}");
    }
}

/// Raft §6, dissertation §9.6: a pre-vote also needs a majority of each side.
#[test]
fn a_pre_vote_in_a_joint_configuration_needs_both_majorities() {
    for (votes, stands) in [([1, 2], false), ([3, 4], false), ([1, 4], true)] {
        let mut nodes = joint(Settings { pre_vote: true, ..Settings::nodes(3) });
        nodes.restart(0);
        nodes.fire(0, Timer::Election);
        for voter in votes {
            nodes.deliver(voter, 0, Message::PreVoteGranted { term: Term(2) });
        }
        let role = if stands { Role::Candidate } else { Role::PreCandidate };
        assert_eq!(nodes.raft(0).role(), role, "with the pre-votes of itself and {votes:?}");
    }
}
