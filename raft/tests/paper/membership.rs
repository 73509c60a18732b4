//! Membership changes: one server at a time (dissertation ch. 4) and through joint consensus
//! (Raft §6).

use quorate_protocol::NodeId;
use quorate_raft::{
    Add, ChangeError, Command, ConfigChange, Counter, Fact, LogIndex, Membership, Message, RaftRule, Refusal, Reply,
    Role, Settings, Snapshots, Term, Timer,
};

use crate::cluster::{Cluster, node};

type Nodes = Cluster<Counter>;

fn change(change: ConfigChange) -> Command<Counter> {
    Command::ChangeMembership(change)
}

fn add(amount: i64) -> Command<Counter> {
    Command::Apply(Add(amount))
}

fn members(voters: &[u32], learners: &[u32]) -> Membership {
    Membership::new(voters.iter().copied().map(NodeId), learners.iter().copied().map(NodeId))
}

fn led(size: u32, voters: u32) -> Nodes {
    let mut nodes = Nodes::new(size, Settings::nodes(voters));
    nodes.elect(0);
    nodes
}

/// §4.2.1: a new node catches up as a learner before it becomes a voter.
#[test]
fn a_node_is_added_as_a_learner_first() {
    let mut nodes = led(4, 3);
    let early = nodes.ask(0, change(ConfigChange::AddVoter(node(3))));
    let not_yet = Refusal::Impossible(ChangeError::NotALearner(node(3)));
    assert_eq!(nodes.reply_to(early), Some(&Reply::Refused(not_yet)));
    let learn = nodes.ask(0, change(ConfigChange::AddLearner(node(3))));
    nodes.settle();
    assert_eq!(nodes.reply_to(learn), Some(&Reply::Changed(Box::new(members(&[0, 1, 2], &[3])))));
    nodes.beat(0);
    assert_eq!(nodes.raft(3).commit(), nodes.raft(0).commit());
    let vote = nodes.ask(0, change(ConfigChange::AddVoter(node(3))));
    nodes.settle();
    assert_eq!(nodes.reply_to(vote), Some(&Reply::Changed(Box::new(members(&[0, 1, 2, 3], &[])))));
    nodes.crash(0);
    nodes.elect(3);
}

/// §4.2.1: a learner that lacks too many entries is not made a voter.
#[test]
fn a_learner_behind_gets_no_vote() {
    let mut nodes = Nodes::new(4, Settings { promotion_lag: 2, ..Settings::nodes(3) });
    nodes.elect(0);
    nodes.crash(3);
    nodes.ask(0, change(ConfigChange::AddLearner(node(3))));
    nodes.settle();
    (0..5).for_each(|_| {
        nodes.ask(0, add(1));
    });
    nodes.settle();
    let ticket = nodes.ask(0, change(ConfigChange::AddVoter(node(3))));
    let behind = Refusal::LearnerBehind { node: node(3), lacks: 7, limit: 2 };
    assert_eq!(nodes.reply_to(ticket), Some(&Reply::Refused(behind)));
}

/// §4.2.1: a learner counts neither for elections nor for commitment, and starts no election.
#[test]
fn a_learner_has_no_vote() {
    let mut nodes = Nodes::new(4, Settings { learners: vec![node(3)], ..Settings::nodes(3) });
    nodes.elect(0);
    nodes.partition(&[0, 3], &[1, 2]);
    let ticket = nodes.ask(0, add(1));
    nodes.settle();
    assert_eq!(nodes.reply_to(ticket), None);
    assert_eq!(nodes.raft(3).log().last_index(), LogIndex(2), "it has the entry all the same");
    nodes.fire(3, Timer::Election);
    assert_eq!(nodes.raft(3).role(), Role::Follower);
    assert!(nodes.has_fired(RaftRule::WaitWithoutVote));
}

/// §4.1: only one change at a time.
#[test]
fn a_second_change_waits_for_the_first() {
    let mut nodes = led(5, 3);
    let first = nodes.ask(0, change(ConfigChange::AddLearner(node(3))));
    let second = nodes.ask(0, change(ConfigChange::AddLearner(node(4))));
    assert_eq!(nodes.reply_to(second), Some(&Reply::Refused(Refusal::ChangeInProgress { index: LogIndex(2) })));
    nodes.retry(0, first, change(ConfigChange::AddLearner(node(3))));
    assert_eq!(nodes.reply_to(first), None, "the first is answered by its commitment");
    nodes.settle();
    assert!(matches!(nodes.reply_to(first), Some(Reply::Changed(_))));
    nodes.retry(0, first, change(ConfigChange::AddLearner(node(3))));
    assert!(nodes.has_fired(RaftRule::ConfirmChange));
}

/// Ongaro 2015: no change before the leader has committed an entry of its own term.
#[test]
fn a_new_leader_commits_before_it_changes_members() {
    let mut nodes = Nodes::new(4, Settings::nodes(3));
    nodes.fire(0, Timer::Election);
    nodes.deliver(1, 0, Message::VoteGranted { term: Term(1) });
    let ticket = nodes.ask(0, change(ConfigChange::AddLearner(node(3))));
    assert_eq!(nodes.reply_to(ticket), Some(&Reply::Refused(Refusal::NothingCommittedYet)));
    nodes.settle();
    let ticket = nodes.ask(0, change(ConfigChange::AddLearner(node(3))));
    nodes.settle();
    assert!(matches!(nodes.reply_to(ticket), Some(Reply::Changed(_))));
}

/// Raft §6: a configuration is in force as soon as it is in the log, and no longer once it is
/// truncated.
#[test]
fn a_truncated_change_never_was() {
    let mut nodes = led(4, 3);
    nodes.isolate(0);
    nodes.ask(0, change(ConfigChange::AddLearner(node(3))));
    assert_eq!(nodes.raft(0).membership(), &members(&[0, 1, 2], &[3]));
    nodes.elect(1);
    nodes.heal();
    (0..2).for_each(|_| nodes.beat(1));
    assert_eq!(nodes.raft(0).membership(), &members(&[0, 1, 2], &[]));
    assert!(nodes.has_fired(RaftRule::TruncateConflict));
}

/// §4.2.2: a leader that removes itself leads until the removal is committed, without counting
/// itself.
#[test]
fn a_removed_leader_steps_down_when_the_removal_is_committed() {
    let mut nodes = led(3, 3);
    let ticket = nodes.ask(0, change(ConfigChange::Remove(node(0))));
    let flying = nodes.take_messages();
    let mut to_second = flying.into_iter().filter(|(_, to, _)| *to == node(1));
    to_second.by_ref().for_each(|(from, to, message)| nodes.deliver(from.0, to.0, message));
    nodes.settle();
    assert_eq!(nodes.leaders(), [0], "one of the two others is no majority of two, even with the leader itself");
    nodes.beat(0);
    nodes.settle();
    assert_eq!(nodes.reply_to(ticket), Some(&Reply::Changed(Box::new(members(&[1, 2], &[])))));
    assert!(nodes.leaders().is_empty());
    assert!(nodes.has_fired(RaftRule::LeaveAfterRemoval));
    nodes.elect(1);
    assert_eq!(nodes.raft(1).membership(), &members(&[1, 2], &[]));
    nodes.fire(0, Timer::Election);
    assert_eq!(nodes.raft(0).role(), Role::Follower, "who is out for good does not stand");
}

/// §4.2.2: before the removed leader steps down, it tells the others that its removal is committed.
/// They need no election to know it.
#[test]
fn a_removed_leader_tells_the_others_before_it_steps_down() {
    let mut nodes = led(3, 3);
    nodes.ask(0, change(ConfigChange::Remove(node(0))));
    nodes.settle();
    assert!(nodes.leaders().is_empty());
    assert_eq!([1, 2].map(|id| nodes.raft(id).commit()), [LogIndex(2); 2]);
    assert_eq!(nodes.elections(), 1);
}

/// §4.1, Raft §6: one member more or fewer is a change of its own; any other begins with the joint
/// configuration. Each is a rule of its own.
#[test]
fn a_change_of_one_member_is_not_joint() {
    let replace = ConfigChange::Replace { voters: [0, 1, 3].map(node).to_vec() };
    let rules = [RaftRule::StartChange, RaftRule::EnterJoint];
    for (step, cited) in [(ConfigChange::AddLearner(node(3)), [true, false]), (replace, [false, true])] {
        let mut nodes = led(4, 3);
        nodes.ask(0, change(step.clone()));
        assert_eq!(rules.map(|rule| nodes.has_fired(rule)), cited, "{step:?}");
        assert_eq!(nodes.raft(0).membership().is_joint(), cited[1]);
    }
}

/// The last voter cannot be removed.
#[test]
fn the_last_voter_stays() {
    let mut nodes = led(1, 1);
    let ticket = nodes.ask(0, change(ConfigChange::Remove(node(0))));
    let last = Refusal::Impossible(ChangeError::LastVoter(node(0)));
    assert_eq!(nodes.reply_to(ticket), Some(&Reply::Refused(last)));
}

/// Raft §6: from three voters to three others, through a configuration that needs a majority of
/// both.
#[test]
fn joint_consensus_replaces_all_voters() {
    let mut nodes = led(6, 3);
    nodes.ask(0, add(7));
    nodes.settle();
    let ticket = nodes.ask(0, change(ConfigChange::Replace { voters: [3, 4, 5].map(node).to_vec() }));
    assert!(nodes.raft(0).membership().is_joint());
    nodes.settle();
    assert_eq!(nodes.reply_to(ticket), Some(&Reply::Changed(Box::new(members(&[3, 4, 5], &[])))));
    assert!(nodes.leaders().is_empty(), "the old leader is no member any more");
    [0, 1, 2].iter().for_each(|id| nodes.crash(*id));
    nodes.elect(3);
    nodes.beat(3);
    assert!([3, 4, 5].iter().all(|id| nodes.raft(*id).state() == &Counter(7)));
    let configurations =
        nodes.facts.iter().filter(|(at, fact)| *at == node(0) && matches!(fact, Fact::ConfigurationCommitted { .. }));
    assert_eq!(configurations.count(), 2, "first the joint one, then the new one");
}

/// Raft §6: while the joint configuration is in force, a majority of one side alone decides
/// nothing.
#[test]
fn neither_side_of_a_joint_configuration_decides_alone() {
    for cut_off in [[1, 2], [3, 4]] {
        let mut nodes = led(5, 3);
        nodes.isolate(cut_off[0]);
        nodes.isolate(cut_off[1]);
        let voters = [0, 3, 4].map(node).to_vec();
        let ticket = nodes.ask(0, change(ConfigChange::Replace { voters }));
        nodes.settle();
        nodes.beat(0);
        assert_eq!(nodes.reply_to(ticket), None);
        assert_eq!(nodes.raft(0).commit(), LogIndex(1), "without {cut_off:?}");
        nodes.fire(0, Timer::Heartbeat);
        nodes.take_messages();
        nodes.heal();
        (0..3).for_each(|_| nodes.beat(0));
        assert_eq!(nodes.reply_to(ticket), Some(&Reply::Changed(Box::new(members(&[0, 3, 4], &[])))));
    }
}

/// Raft §6: a new leader leaves a joint configuration that its predecessor started.
#[test]
fn a_new_leader_leaves_the_joint_configuration() {
    let mut nodes = led(5, 3);
    nodes.ask(0, change(ConfigChange::Replace { voters: [1, 2, 3].map(node).to_vec() }));
    let flying = nodes.take_messages();
    flying.into_iter().for_each(|(from, to, message)| nodes.deliver(from.0, to.0, message));
    nodes.take_messages();
    nodes.crash(0);
    nodes.fire(1, Timer::Election);
    nodes.settle();
    nodes.beat(1);
    assert_eq!(nodes.raft(1).membership(), &members(&[1, 2, 3], &[]));
    assert!(nodes.leaders() == [1] && nodes.has_fired(RaftRule::LeaveJoint));
}

/// Dissertation Figure 4.6: a removed node may start an election while its removal is not
/// committed.
#[test]
fn a_node_whose_removal_is_not_committed_may_campaign() {
    let mut nodes = led(2, 2);
    nodes.isolate(0);
    nodes.ask(0, change(ConfigChange::Remove(node(0))));
    nodes.restart(0);
    nodes.heal();
    nodes.take_messages();
    nodes.fire(0, Timer::Election);
    assert_eq!(nodes.raft(0).role(), Role::Candidate);
    nodes.settle();
    assert!(nodes.raft(1).membership() == &members(&[1], &[]), "its log wins, and the removal is committed");
}

/// The same after a restart, which forgets the commit index: the node must start an election if any
/// configuration in its log gives it a vote, even if neither the newest nor the cluster's first one
/// does. Otherwise no node could be elected.
#[test]
fn a_removed_node_may_campaign_whatever_its_restart_forgot() {
    let mut nodes = led(2, 1);
    let steps = [
        (0, ConfigChange::AddLearner(node(1))),
        (0, ConfigChange::AddVoter(node(1))),
        (0, ConfigChange::Remove(node(0))),
        (1, ConfigChange::AddLearner(node(0))),
        (1, ConfigChange::AddVoter(node(0))),
    ];
    for (leader, step) in steps {
        if !nodes.raft(leader).is_leader() {
            nodes.elect(leader);
        }
        nodes.ask(leader, change(step));
        nodes.settle();
        if nodes.raft(leader).is_leader() {
            nodes.beat(leader);
        }
    }
    assert_eq!(nodes.raft(0).membership(), &members(&[0, 1], &[]));
    nodes.isolate(1);
    nodes.ask(1, change(ConfigChange::Remove(node(1))));
    nodes.restart(1);
    nodes.heal();
    nodes.take_messages();
    nodes.fire(0, Timer::Election);
    nodes.settle();
    assert!(!nodes.raft(0).is_leader(), "n2 has an entry more");
    nodes.fire(1, Timer::Election);
    nodes.settle();
    assert_eq!(nodes.raft(0).membership(), &members(&[0], &[]));
    assert!(nodes.has_fired(RaftRule::LeaveAfterRemoval));
}

/// The membership is part of a snapshot: a node that starts from a snapshot knows the members.
#[test]
fn a_snapshot_carries_the_membership() {
    let snapshots = Some(Snapshots { every: 4, keep: 0, chunk: 9 });
    let mut nodes = Nodes::new(4, Settings { snapshots, ..Settings::nodes(3) });
    nodes.elect(0);
    nodes.ask(0, change(ConfigChange::AddLearner(node(3))));
    nodes.settle();
    (0..9).for_each(|_| {
        nodes.ask(0, add(1));
        nodes.settle();
    });
    nodes.beat(0);
    nodes.restart(3);
    assert_eq!(nodes.raft(3).membership(), &members(&[0, 1, 2], &[3]));
}
