//! Raft §5.3: log replication, and §5.5: followers that crash.

use quorate_protocol::{Constants, Input, Machine, Outbox};
use quorate_raft::{
    Add, AppendEntries, AppendRefused, Appended, Batch, Command, Conflict, Counter, Disk, Entry, Fact, Log, LogIndex,
    Message, Payload, Position, Raft, RaftRule, Record, Reply, Settings, Term, Timer,
};

use crate::cluster::{Cluster, Faults, Rng, node};
use crate::elections::log;

type Nodes = Cluster<Counter>;

/// An AppendEntries with no-ops of these terms.
pub(crate) fn append(term: u64, previous: (u64, u64), terms: &[u64], commit: u64) -> Message<Counter> {
    Message::AppendEntries(AppendEntries {
        term: Term(term),
        previous: Position::new(previous.0, previous.1),
        entries: Batch::new(log(terms).entries()),
        commit: LogIndex(commit),
        round: 0,
    })
}

fn with_logs(logs: &[&[u64]], term: u64, settings: Settings) -> Nodes {
    let disks = logs.iter().map(|terms| Disk::new(Term(term), None, log(terms))).collect();
    Nodes::with_disks(disks, settings)
}

fn add(amount: i64) -> Command<Counter> {
    Command::Apply(Add(amount))
}

/// §5.3: the leader appends a command, replicates it, commits it once a majority has it, applies
/// it, and answers; followers learn the commit index with the next message.
#[test]
fn a_command_is_replicated_committed_applied_and_answered() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    let ticket = nodes.ask(0, add(5));
    assert_eq!(nodes.reply_to(ticket), None, "nobody else has it yet");
    nodes.settle();
    assert_eq!(nodes.reply_to(ticket), Some(&Reply::Applied(5)));
    assert_eq!(nodes.commits(), [2, 1, 1]);
    nodes.beat(0);
    assert_eq!(nodes.commits(), [2, 2, 2]);
    assert!(nodes.ids().all(|id| nodes.raft(id).state() == &Counter(5)));
}

/// §5.3: one AppendEntries per command and follower, and one answer: without message loss, no
/// command is sent twice.
#[test]
fn each_command_is_sent_once_per_follower() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    nodes.sent = 0;
    for amount in 1..=10 {
        nodes.ask(0, add(amount));
        nodes.settle();
    }
    assert_eq!(nodes.sent, 10 * 2 * 2);
}

/// Dissertation §10.2.2: the leader pipelines appends up to the window; beyond it, entries are
/// batched.
#[test]
fn appends_are_pipelined_up_to_the_window_and_batched_beyond() {
    let mut nodes = Nodes::new(2, Settings { window: 2, batch: 3, ..Settings::nodes(2) });
    nodes.elect(0);
    (0..7).for_each(|_| {
        nodes.ask(0, add(1));
    });
    let first = nodes.take_messages();
    assert_eq!(first.len(), 2, "the window is 2");
    first.into_iter().for_each(|(from, to, message)| nodes.deliver(from.0, to.0, message));
    let acks = nodes.take_messages();
    nodes.deliver(acks[0].0.0, acks[0].1.0, acks[0].2.clone());
    let batches: Vec<usize> = nodes
        .take_messages()
        .iter()
        .filter_map(|(_, _, message)| match message {
            Message::AppendEntries(append) => Some(append.entries.len()),
            _ => None,
        })
        .collect();
    assert_eq!(batches, [3], "one answer makes room for one append, of at most 3 entries");
}

/// §5.3: a follower refuses entries while it lacks the one before them, and reports where its log
/// ends.
#[test]
fn entries_are_refused_while_those_before_are_missing() {
    let mut nodes = with_logs(&[&[1], &[1], &[1]], 1, Settings::nodes(3));
    nodes.deliver(1, 0, append(1, (3, 1), &[1], 0));
    let conflict = Conflict { term: None, first: LogIndex(2) };
    let refusal = AppendRefused { term: Term(1), previous: LogIndex(3), conflict, round: 0 };
    assert_eq!(nodes.take_messages(), [(node(0), node(1), Message::AppendRefused(refusal))]);
    assert_eq!(nodes.terms(0), [1]);
}

/// §5.3: a follower refuses entries behind one of another term, and reports that term and its first
/// index.
#[test]
fn entries_are_refused_behind_one_of_another_term() {
    let mut nodes = with_logs(&[&[1, 2, 2, 2], &[1], &[1]], 4, Settings::nodes(3));
    nodes.deliver(1, 0, append(4, (4, 4), &[4], 0));
    let conflict = Conflict { term: Some(Term(2)), first: LogIndex(2) };
    let refusal = AppendRefused { term: Term(4), previous: LogIndex(4), conflict, round: 0 };
    assert_eq!(nodes.take_messages(), [(node(0), node(1), Message::AppendRefused(refusal))]);
    assert_eq!(nodes.terms(0), [1, 2, 2, 2], "a refusal removes nothing");
}

/// §5.3: a conflicting entry and all after it are replaced by the leader's.
#[test]
fn a_conflict_is_truncated_and_replaced() {
    let mut nodes = with_logs(&[&[1, 2, 2, 2], &[1], &[1]], 3, Settings::nodes(3));
    nodes.deliver(1, 0, append(3, (1, 1), &[2, 3], 0));
    assert_eq!(nodes.terms(0), [1, 2, 3]);
    let cut = Fact::Truncated { from: LogIndex(3), to: LogIndex(4) };
    assert!(nodes.facts.contains(&(node(0), cut)));
    let ack = Appended { term: Term(3), matched: LogIndex(3), round: 0 };
    assert_eq!(nodes.take_messages(), [(node(0), node(1), Message::Appended(ack))]);
}

/// Figure 2, AppendEntries 3: a delayed append of entries already in the log, or an empty one,
/// removes nothing.
#[test]
fn a_stale_append_truncates_nothing() {
    for late in [append(1, (0, 0), &[1, 1], 0), append(1, (1, 1), &[], 0), append(1, (0, 0), &[], 0)] {
        let mut nodes = with_logs(&[&[1, 1, 1], &[1], &[1]], 1, Settings::nodes(3));
        nodes.deliver(1, 0, late.clone());
        assert_eq!(nodes.terms(0), [1, 1, 1], "{late:?}");
        assert!(!nodes.has_fired(RaftRule::TruncateConflict));
    }
}

/// §5.3: a follower acknowledges what the append covered, not what else is in its log.
#[test]
fn an_append_acknowledges_what_it_covers() {
    let mut nodes = with_logs(&[&[1, 1, 1], &[1], &[1]], 1, Settings::nodes(3));
    nodes.deliver(1, 0, append(1, (1, 1), &[1], 9));
    let ack = Appended { term: Term(1), matched: LogIndex(2), round: 0 };
    assert_eq!(nodes.take_messages(), [(node(0), node(1), Message::Appended(ack))]);
    assert_eq!(nodes.raft(0).commit(), LogIndex(2), "nor is more committed (Figure 2, AppendEntries 5)");
}

/// §5.1: a leader of an earlier term is refused and learns the current one.
#[test]
fn a_stale_leader_is_told() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    nodes.isolate(0);
    nodes.elect(1);
    nodes.heal();
    nodes.beat(0);
    assert_eq!((nodes.leaders(), nodes.raft(0).term()), (vec![1], Term(2)));
    assert!(nodes.has_fired(RaftRule::RefuseStaleLeader));
}

/// Figure 2: entries are durable before they are acknowledged.
#[test]
fn entries_are_durable_before_the_answer() {
    let config = Settings::nodes(3).build().unwrap();
    let mut out = Outbox::new();
    let constants = Constants::new(config);
    let cx = constants.of(node(0), ());
    let mut raft = Raft::<Counter>::boot(&cx, &Disk::default(), &mut out);
    out.clear();
    raft.step(&cx, Input::Deliver { from: node(1), message: append(1, (0, 0), &[1], 0) }, &mut out);
    let records: Vec<_> = out.records().cloned().collect();
    let entries = Batch::new(log(&[1]).entries());
    assert_eq!(records, [Record::Term { term: Term(1) }, Record::Append { previous: LogIndex(0), entries }]);
}

/// §5.3, Figure 7: whatever a follower's log looks like when a leader is elected, it is repaired.
#[test]
fn figure_7_every_follower_log_is_repaired() {
    let leader: &[u64] = &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
    let followers: [&[u64]; 6] = [
        &[1, 1, 1, 4, 4, 5, 5, 6, 6],
        &[1, 1, 1, 4],
        &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
        &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
        &[1, 1, 1, 4, 4, 4, 4],
        &[1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
    ];
    let mut logs = vec![leader];
    logs.extend(followers);
    let mut nodes = with_logs(&logs, 7, Settings::nodes(7));
    nodes.elect(0);
    nodes.ask(0, add(1));
    nodes.settle();
    let expected = [leader, &[8, 8]].concat();
    for id in nodes.ids() {
        assert_eq!(nodes.terms(id), expected, "{}", node(id));
    }
    assert_eq!(nodes.raft(0).commit(), LogIndex(12));
}

/// End of §5.3: the leader skips a whole conflicting term per round trip, not a single entry.
#[test]
fn fast_backtracking_takes_a_round_trip_per_term() {
    let mine = [vec![1; 5], vec![5; 50]].concat();
    let theirs = [vec![1; 5], vec![2; 40], vec![3; 40]].concat();
    let mut nodes = with_logs(&[&mine, &theirs], 5, Settings::nodes(2));
    nodes.deliver(1, 0, Message::VoteGranted { term: Term(0) });
    nodes.partition(&[0], &[1]);
    nodes.fire(0, Timer::Election);
    nodes.heal();
    nodes.deliver(1, 0, Message::VoteGranted { term: Term(6) });
    nodes.settle();
    assert_eq!(nodes.terms(1), nodes.terms(0));
    assert!(nodes.fired[&RaftRule::BackUp] <= 2, "{} round trips", nodes.fired[&RaftRule::BackUp]);
}

/// §5.3: acknowledgements may be delayed and reordered; the match index does not decrease.
#[test]
fn a_late_acknowledgement_lowers_nothing() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    nodes.elect(0);
    nodes.isolate(2);
    (0..3).for_each(|_| {
        nodes.ask(0, add(1));
    });
    nodes.settle();
    let matched = nodes.view(0).followers[&node(1)].matched;
    nodes.deliver(1, 0, Message::Appended(Appended { term: Term(1), matched: LogIndex(1), round: 0 }));
    assert_eq!(nodes.view(0).followers[&node(1)].matched, matched);
}

/// §5.3: a delayed refusal of an index that has been settled since changes nothing.
#[test]
fn an_old_refusal_changes_nothing() {
    let mut nodes = Nodes::new(2, Settings::nodes(2));
    nodes.elect(0);
    (0..3).for_each(|_| {
        nodes.ask(0, add(1));
    });
    nodes.settle();
    let before = nodes.view(0);
    let conflict = Conflict { term: None, first: LogIndex(1) };
    let old = AppendRefused { term: Term(1), previous: LogIndex(2), conflict, round: 0 };
    nodes.deliver(1, 0, Message::AppendRefused(old));
    assert_eq!(nodes.view(0), before);
    assert!(nodes.has_fired(RaftRule::IgnoreOldRefusal));
}

/// §5.5, §5.3: a follower that was down or partitioned catches up by heartbeats alone.
#[test]
fn a_follower_that_was_away_catches_up() {
    let mut nodes = Nodes::new(3, Settings { batch: 4, ..Settings::nodes(3) });
    nodes.elect(0);
    nodes.crash(2);
    (0..20).for_each(|_| {
        nodes.ask(0, add(1));
        nodes.settle();
    });
    nodes.boot(2);
    nodes.beat(0);
    nodes.beat(0);
    assert_eq!(nodes.commits(), [21, 21, 21]);
    assert_eq!(nodes.raft(2).state(), &Counter(20));
}

/// §5.3: a lost append is noticed at the next heartbeat and sent again.
#[test]
fn a_lost_append_is_sent_again() {
    let mut nodes = Nodes::new(2, Settings::nodes(2));
    nodes.elect(0);
    let ticket = nodes.ask(0, add(1));
    nodes.take_messages();
    nodes.ask(0, add(1));
    nodes.settle();
    nodes.beat(0);
    assert_eq!(nodes.reply_to(ticket), Some(&Reply::Applied(1)));
}

/// Log Matching (properties 2 and 3 of §5.3) under every reordering: appends may overtake each
/// other.
#[test]
fn appends_may_arrive_in_any_order() {
    for seed in 0..200 {
        let mut nodes = Nodes::new(2, Settings::nodes(2));
        nodes.elect(0);
        (0..6).for_each(|_| {
            nodes.ask(0, add(1));
        });
        let mut rng = Rng::new(seed);
        loop {
            let mut flying = nodes.take_messages();
            if flying.is_empty() {
                break;
            }
            while !flying.is_empty() {
                let (from, to, message) = flying.swap_remove(rng.below(flying.len() as u64) as usize);
                nodes.deliver(from.0, to.0, message);
            }
        }
        (0..2).for_each(|_| nodes.beat(0));
        assert_eq!(nodes.terms(1), nodes.terms(0), "seed {seed}");
        assert_eq!(nodes.commits(), [7, 7], "seed {seed}");
    }
}

/// The logs of a whole run are equal on all nodes in the end, although one message in five is lost
/// and one in five is duplicated.
#[test]
fn unreliable_agreement() {
    let mut nodes = Nodes::new(5, Settings::nodes(5));
    nodes.faults = Faults { loss: 5, duplication: 5, delay_ms: 20, ..Faults::default() };
    nodes.run_until(2_000_000_000);
    for amount in 0..50 {
        if let Some(leader) = nodes.leader() {
            nodes.ask(leader, add(amount));
        }
        nodes.run_until(nodes.now + 30_000_000);
    }
    nodes.faults = Faults::default();
    nodes.run_until(nodes.now + 3_000_000_000);
    let first = nodes.raft(0).log().clone();
    assert!(first.last_index().0 >= 50);
    for id in nodes.ids() {
        assert_eq!(nodes.raft(id).log(), &first);
        assert_eq!(nodes.raft(id).commit(), first.last_index());
    }
}

/// Cost: the size of a view does not grow with the log.
#[test]
fn a_view_shows_the_newest_entries_only() {
    let long: Log<Counter> = log(&vec![1; 5000]);
    let mut nodes = Nodes::with_disks(vec![Disk::new(Term(1), None, long)], Settings::nodes(1));
    nodes.elect(0);
    let view = nodes.view(0);
    assert_eq!(view.log.keys().map(|index| index.0).collect::<Vec<_>>(), (4994..=5001).collect::<Vec<_>>());
    let newest = Entry { term: Term(2), payload: Payload::Noop };
    assert_eq!(view.log[&LogIndex(5001)], newest);
}
