//! Bugs of real implementations, one schedule each, in which the broken rulebook violates an
//! invariant or loses liveness and the reference rulebook does not.

use quorate_bugs::raft::{
    ACK_BEYOND, COMMIT_NOT_MIN, CONFIG_BEFORE_COMMIT, FIGURE_8, LEADER_GRANTS_PRE_VOTE, MATCH_REGRESSES, NamedRulebook,
    PARTIAL_CONNECTIVITY, PRE_VOTE_REFRESHES, SCAN_BREAKS, STALE_VOTE_REPLY, STEP_DOWN_CLEARS_VOTE, STUCK_CANDIDATE,
};
use quorate_raft::{
    Add, Appended, BY_THE_BOOK, Command, ConfigChange, Counter, Disk, LogIndex, Message, Rulebook, Settings, Term,
    Timer,
};

use crate::cluster::{Cluster, node};
use crate::elections::log;
use crate::replication::append;

/// Runs a schedule with the broken rulebook, which must violate the invariant, and with the
/// reference rulebook, which must violate none.
fn story(
    bug: NamedRulebook,
    breaks: &str,
    nodes: impl Fn(Rulebook) -> Cluster<Counter>,
    story: impl Fn(&mut Cluster<Counter>),
) {
    let played = |rules| {
        let mut nodes = nodes(rules);
        nodes.strict = false;
        story(&mut nodes);
        nodes.violation.map(|violation| violation.invariant)
    };
    assert_eq!(played(bug.rules), Some(breaks), "{bug:?}");
    assert_eq!(played(BY_THE_BOOK), None);
}

fn cluster(rules: Rulebook, logs: &[&[u64]], term: u64, settings: Settings) -> Cluster<Counter> {
    Cluster::under(rules, logs.iter().map(|terms| Disk::new(Term(term), None, log(terms))).collect(), settings)
}

fn fresh(rules: Rulebook, size: usize, settings: Settings) -> Cluster<Counter> {
    Cluster::under(rules, vec![Disk::default(); size], settings)
}

fn three(rules: Rulebook) -> Cluster<Counter> {
    fresh(rules, 3, Settings::nodes(3))
}

fn keep_only(nodes: &mut Cluster<Counter>, from: u32, to: u32) {
    for (sender, receiver, message) in nodes.take_messages() {
        if (sender.0, receiver.0) == (from, to) {
            nodes.deliver(from, to, message);
        }
    }
}

/// Xraft #33: a vote of term 1 counts in term 2, in which the voter votes for another.
#[test]
fn stale_vote_reply() {
    story(STALE_VOTE_REPLY, "ElectionSafety", three, |nodes| {
        nodes.fire(0, Timer::Election);
        nodes.take_messages();
        nodes.fire(0, Timer::Election);
        nodes.take_messages();
        nodes.deliver(1, 0, Message::VoteGranted { term: Term(1) });
        nodes.take_messages();
        nodes.fire(2, Timer::Election);
        nodes.fire(2, Timer::Election);
        nodes.isolate(0);
        nodes.settle();
    });
}

/// CCF #5891, #8094: a candidate follows the leader of its term, forgets that it voted for itself,
/// and votes again.
#[test]
fn step_down_clears_vote() {
    let logs: [&[u64]; 5] = [&[1], &[1, 1], &[1, 1], &[1], &[1, 1]];
    let nodes = |rules| cluster(rules, &logs, 1, Settings::nodes(5));
    story(STEP_DOWN_CLEARS_VOTE, "OneVotePerTerm", nodes, |nodes| {
        nodes.fire(0, Timer::Election);
        nodes.take_messages();
        nodes.fire(3, Timer::Election);
        let requests = nodes.take_messages();
        nodes.partition(&[0, 3], &[1, 2, 4]);
        nodes.fire(1, Timer::Election);
        nodes.settle();
        nodes.heal();
        nodes.fire(1, Timer::Heartbeat);
        keep_only(nodes, 1, 0);
        for (from, to, message) in requests.into_iter().filter(|(_, to, _)| *to == node(0)) {
            nodes.deliver(from.0, to.0, message);
        }
    });
}

/// Copycat #265, Scylla #9965: a heartbeat covers only entry 1, but the follower also commits its
/// entry 2, which is not the leader's.
#[test]
fn commit_not_min() {
    let nodes = |rules| cluster(rules, &[&[1, 2], &[1, 1], &[1, 2]], 2, Settings::nodes(3));
    story(COMMIT_NOT_MIN, "StateMachineSafety", nodes, |nodes| {
        nodes.isolate(1);
        nodes.fire(0, Timer::Election);
        nodes.settle();
        nodes.deliver(0, 1, append(3, (1, 1), &[], 2));
    });
}

/// CCF #6016: the follower acknowledges its own tail, and the leader counts it as its own entry.
#[test]
fn ack_beyond() {
    let nodes = |rules| cluster(rules, &[&[1], &[1, 2], &[1]], 2, Settings::nodes(3));
    story(ACK_BEYOND, "LeaderCompleteness", nodes, |nodes| {
        nodes.isolate(1);
        nodes.fire(0, Timer::Election);
        keep_only(nodes, 0, 2);
        keep_only(nodes, 2, 0);
        nodes.take_messages();
        nodes.heal();
        nodes.isolate(2);
        nodes.deliver(0, 1, append(3, (1, 1), &[], 0));
        nodes.settle();
        nodes.crash(0);
        nodes.heal();
        nodes.fire(1, Timer::Election);
        nodes.settle();
    });
}

/// Figure 8: an entry of term 2 on a majority is treated as committed, and then overwritten by a
/// leader with one of term 3.
#[test]
fn figure_8() {
    let logs: [&[u64]; 5] = [&[1, 2], &[1, 2], &[1], &[1], &[1, 3]];
    let settings = || Settings { batch: 1, ..Settings::nodes(5) };
    let nodes = |rules| cluster(rules, &logs, 3, settings());
    story(FIGURE_8, "LeaderCompleteness", nodes, |nodes| {
        nodes.partition(&[0, 1, 2], &[3, 4]);
        nodes.fire(0, Timer::Election);
        (0..2).for_each(|_| {
            let votes = nodes.take_messages();
            votes.into_iter().for_each(|(from, to, message)| nodes.deliver(from.0, to.0, message));
        });
        nodes.take_messages();
        for follower in [1, 2] {
            let held = Appended { term: Term(4), matched: LogIndex(2), round: 0 };
            nodes.deliver(0, follower, append(4, (1, 1), &[2], 0));
            nodes.deliver(follower, 0, Message::Appended(held));
        }
        nodes.take_messages();
        nodes.crash(0);
        nodes.heal();
        nodes.fire(4, Timer::Election);
        nodes.settle();
        nodes.fire(4, Timer::Election);
        nodes.settle();
    });
}

/// Ongaro 2015: two leaders each build on a configuration that the other does not know.
#[test]
fn config_before_commit() {
    let settings = || Settings { learners: vec![node(4)], ..Settings::nodes(4) };
    let change = |change| Command::ChangeMembership(change);
    let nodes = |rules| fresh(rules, 5, settings());
    story(CONFIG_BEFORE_COMMIT, "LeaderCompleteness", nodes, |nodes| {
        nodes.fire(0, Timer::Election);
        nodes.settle();
        nodes.beat(0);
        nodes.ask(0, change(ConfigChange::AddVoter(node(4))));
        keep_only(nodes, 0, 4);
        nodes.take_messages();
        nodes.partition(&[0, 4], &[1, 2, 3]);
        nodes.fire(1, Timer::Election);
        (0..2).for_each(|_| {
            let votes = nodes.take_messages();
            votes.into_iter().for_each(|(from, to, message)| nodes.deliver(from.0, to.0, message));
        });
        nodes.take_messages();
        nodes.partition(&[3], &[1, 2]);
        nodes.ask(1, change(ConfigChange::Remove(node(0))));
        nodes.beat(1);
        nodes.beat(1);
        nodes.heal();
        nodes.partition(&[0, 3, 4], &[1, 2]);
        nodes.crash(0);
        nodes.boot(0);
        nodes.fire(0, Timer::Election);
        nodes.fire(0, Timer::Election);
        nodes.settle();
    });
}

/// RaftOS #25: a delayed acknowledgement lowers the match index, and the leader sends again what
/// the follower has.
#[test]
fn match_regresses() {
    fn matched(rules: Rulebook) -> LogIndex {
        let mut nodes = three(rules);
        nodes.elect(0);
        nodes.ask(0, Command::Apply(Add(1)));
        nodes.settle();
        nodes.deliver(1, 0, Message::Appended(Appended { term: Term(1), matched: LogIndex(1), round: 0 }));
        nodes.view(0).followers[&node(1)].matched
    }
    assert_eq!((matched(MATCH_REGRESSES.rules), matched(BY_THE_BOOK)), (LogIndex(1), LogIndex(2)));
}

/// RaftOS #30: the scan for the commit index stops at an entry of an earlier term, and nothing is
/// ever committed.
#[test]
fn scan_breaks() {
    fn commit(rules: Rulebook) -> LogIndex {
        let mut nodes = cluster(rules, &[[1, 2].as_slice(); 3], 2, Settings::nodes(3));
        nodes.elect(0);
        nodes.ask(0, Command::Apply(Add(1)));
        nodes.settle();
        nodes.raft(0).commit()
    }
    assert_eq!((commit(SCAN_BREAKS.rules), commit(BY_THE_BOOK)), (LogIndex(0), LogIndex(4)));
}

/// DaosRaft #70: a partitioned node gets pre-votes from the leader and the followers, and deposes a
/// healthy leader.
#[test]
fn leader_grants_prevote() {
    fn leads_on(rules: Rulebook) -> bool {
        let mut nodes = fresh(rules, 3, Settings { pre_vote: true, ..Settings::nodes(3) });
        nodes.elect(0);
        nodes.fire(2, Timer::Election);
        nodes.settle();
        nodes.leaders() == [0]
    }
    assert_eq!((leads_on(LEADER_GRANTS_PRE_VOTE.rules), leads_on(BY_THE_BOOK)), (false, true));
}

/// hashicorp/raft #609: granting a pre-vote restarts the election timeout, although no leader was
/// heard.
#[test]
fn prevote_refreshes() {
    fn waits_anew(rules: Rulebook) -> bool {
        let mut nodes = fresh(rules, 3, Settings { pre_vote: true, ..Settings::nodes(3) });
        let before = nodes.due(1, Timer::Election);
        nodes.fire(0, Timer::Election);
        keep_only(&mut nodes, 0, 1);
        nodes.due(1, Timer::Election) != before
    }
    assert_eq!((waits_anew(PRE_VOTE_REFRESHES.rules), waits_anew(BY_THE_BOOK)), (true, false));
}

/// etcd: with CheckQuorum alone, a node with a higher term and the leader ignore each other
/// forever, unless the node's refusal tells the leader the higher term.
#[test]
fn stuck_candidate() {
    fn rejoins(rules: Rulebook) -> bool {
        let mut nodes = fresh(rules, 3, Settings { check_quorum: true, ..Settings::nodes(3) });
        nodes.elect(0);
        nodes.fire(2, Timer::Election);
        nodes.settle();
        nodes.run_until(nodes.now + 3_000_000_000);
        let leader = nodes.leader().expect("somebody leads");
        nodes.raft(2).leader() == Some(node(leader))
    }
    assert_eq!((rejoins(STUCK_CANDIDATE.rules), rejoins(BY_THE_BOOK)), (false, true));
}

/// Cloudflare 2020: only A reaches all nodes, but it still hears C, which has lost its majority and
/// does not step down.
#[test]
fn partial_connectivity() {
    fn commits(rules: Rulebook) -> bool {
        let settings = Settings { pre_vote: true, check_quorum: true, ..Settings::nodes(5) };
        let mut nodes = fresh(rules, 5, settings);
        nodes.elect(2);
        for (one, other) in [(1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)] {
            nodes.partition(&[one], &[other]);
        }
        let before = nodes.highest_commit();
        nodes.run_until(nodes.now + 5_000_000_000);
        nodes.highest_commit() > before
    }
    assert_eq!((commits(PARTIAL_CONNECTIVITY.rules), commits(BY_THE_BOOK)), (false, true));
}
