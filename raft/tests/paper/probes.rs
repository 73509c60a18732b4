//! Probing (dissertation §3.5): until a leader knows where a follower's log agrees with its own, it
//! may send empty appends.

use quorate_raft::{
    Add, AppendEntries, Appended, Command, Counter, CounterQuery, Disk, LogIndex, Message, Position, RaftRule,
    ReplicationStateName, Reply, Settings, Term, Timer,
};

use crate::cluster::{Cluster, node};
use crate::elections::log;

type Nodes = Cluster<Counter>;

fn probing(count: u32) -> Settings {
    Settings { probes: true, ..Settings::nodes(count) }
}

fn with_logs(logs: &[&[u64]], term: u64) -> Nodes {
    let disks = logs.iter().map(|terms| Disk::new(Term(term), None, log(terms))).collect();
    Nodes::with_disks(disks, probing(logs.len() as u32))
}

/// Makes n1 the leader of the next term, with the vote of n2; the messages it sends as leader are
/// not delivered yet.
fn lead(nodes: &mut Nodes) {
    nodes.fire(0, Timer::Election);
    nodes.take_messages();
    let term = nodes.raft(0).term();
    nodes.deliver(1, 0, Message::VoteGranted { term });
    assert!(nodes.raft(0).is_leader());
}

/// The appends in flight to a node: the position before their entries, and the number of entries.
fn appends(nodes: &mut Nodes, to: u32) -> Vec<(Position, usize)> {
    let described = |message: &Message<Counter>| match message {
        Message::AppendEntries(AppendEntries { previous, entries, .. }) => Some((*previous, entries.len())),
        _ => None,
    };
    let all = nodes.take_messages();
    all.iter().filter(|(_, receiver, _)| *receiver == node(to)).filter_map(|(_, _, each)| described(each)).collect()
}

fn add() -> Command<Counter> {
    Command::Apply(Add(1))
}

/// §3.5: the first append of a leader is empty; entries follow when it is answered.
#[test]
fn a_leader_asks_where_the_logs_agree_before_it_sends_entries() {
    let mut nodes = with_logs(&[&[1, 1], &[1, 1], &[1, 1]], 1);
    lead(&mut nodes);
    assert!(nodes.has_fired(RaftRule::Probe));
    assert_eq!(appends(&mut nodes, 1), [(Position::new(2, 1), 0)]);
    nodes.ask(0, add());
    assert_eq!(appends(&mut nodes, 1), [], "one question at a time");
    nodes.deliver(1, 0, Message::Appended(Appended { term: Term(2), matched: LogIndex(2), round: 0 }));
    assert_eq!(appends(&mut nodes, 1), [(Position::new(2, 1), 2)]);
    assert_eq!(nodes.view(0).followers[&node(1)].pace, ReplicationStateName::Stream);
}

/// §3.5: if the match index immediately precedes the next index, no probe is needed. Logs agree
/// before their first entry.
#[test]
fn before_the_first_entry_there_is_nothing_to_probe() {
    let mut nodes = Nodes::new(3, probing(3));
    lead(&mut nodes);
    assert_eq!(appends(&mut nodes, 1), [(Position::new(0, 0), 1)]);
    assert!(!nodes.has_fired(RaftRule::Probe));
}

/// §3.5: the search for the place where the logs agree sends no entries, however far back it goes.
#[test]
fn backing_up_moves_no_entries() {
    let mut nodes = with_logs(&[&[1, 1, 1, 4, 4, 4], &[1, 1, 1, 2, 2, 3, 3, 3, 3], &[1, 1, 1, 4]], 4);
    lead(&mut nodes);
    let (mut questions, mut sent) = (Vec::new(), Vec::new());
    loop {
        let messages = nodes.take_messages();
        if messages.is_empty() {
            break;
        }
        for (from, to, message) in messages {
            if let (Message::AppendEntries(append), 1) = (&message, to.0) {
                let to_where = if append.entries.is_empty() { &mut questions } else { &mut sent };
                to_where.push(append.previous);
            }
            nodes.deliver(from.0, to.0, message);
        }
    }
    assert_eq!(questions, [Position::new(6, 4), Position::new(5, 4), Position::new(3, 1)]);
    assert_eq!(sent, [Position::new(3, 1)]);
    assert_eq!((nodes.terms(1), nodes.terms(2)), (nodes.terms(0), nodes.terms(0)));
}

/// §5.3, Figure 7: probing without entries repairs the same logs.
#[test]
fn figure_7_is_repaired_by_probes_too() {
    let leader: &[u64] = &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
    let mut nodes = with_logs(
        &[
            leader,
            &[1, 1, 1, 4, 4, 5, 5, 6, 6],
            &[1, 1, 1, 4],
            &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
            &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
            &[1, 1, 1, 4, 4, 4, 4],
            &[1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
        ],
        7,
    );
    nodes.elect(0);
    nodes.ask(0, add());
    nodes.settle();
    for id in nodes.ids() {
        assert_eq!(nodes.terms(id), [leader, &[8, 8]].concat(), "{}", node(id));
    }
}

/// §3.5: a probe is a heartbeat, and the next heartbeat repeats a lost one.
#[test]
fn a_lost_probe_is_repeated_by_the_heartbeat() {
    let mut nodes = with_logs(&[&[1, 1], &[1], &[1, 1]], 1);
    lead(&mut nodes);
    appends(&mut nodes, 1);
    nodes.fire(0, Timer::Heartbeat);
    assert_eq!(appends(&mut nodes, 1), [(Position::new(2, 1), 0)]);
    nodes.beat(0);
    nodes.beat(0);
    assert_eq!(nodes.commits(), [3, 3, 3]);
}

/// §3.5: a delayed acknowledgement does not say where the logs agree, and does not end the search.
#[test]
fn a_late_acknowledgement_does_not_end_the_search() {
    let mut nodes = with_logs(&[&[1, 1, 1], &[1, 1, 1], &[1, 1, 1]], 1);
    lead(&mut nodes);
    nodes.deliver(1, 0, Message::Appended(Appended { term: Term(2), matched: LogIndex(1), round: 0 }));
    let follower = nodes.view(0).followers[&node(1)];
    assert_eq!(
        (follower.matched, follower.next, follower.pace),
        (LogIndex(1), LogIndex(4), ReplicationStateName::Probe)
    );
    assert_eq!(appends(&mut nodes, 1), [(Position::new(3, 1), 0)], "the question that was on its way before");
    nodes.fire(0, Timer::Heartbeat);
    nodes.settle();
    assert_eq!(nodes.terms(1), [1, 1, 1, 2]);
}

/// §3.5, §5.3: a probe covers only the entry that it names. Entries after it are neither
/// acknowledged nor committed.
#[test]
fn a_probe_says_nothing_of_the_entries_behind_the_one_it_names() {
    let mut nodes = with_logs(&[&[1, 1, 3], &[1, 1, 2], &[1, 1, 3]], 3);
    let question = AppendEntries {
        term: Term(4),
        previous: Position::new(2, 1),
        entries: Default::default(),
        commit: LogIndex(3),
        round: 0,
    };
    nodes.deliver(0, 1, Message::AppendEntries(question));
    let answer = Appended { term: Term(4), matched: LogIndex(2), round: 0 };
    assert_eq!(nodes.take_messages(), [(node(1), node(0), Message::Appended(answer))]);
    assert_eq!((nodes.raft(1).commit(), nodes.terms(1)), (LogIndex(2), vec![1, 1, 2]));
}

/// §10.2.2: once the place is known, probing changes nothing: the same messages are sent for the
/// same commands.
#[test]
fn a_steady_leader_sends_the_same_with_and_without_probes() {
    let messages = |probes| {
        let mut nodes = Nodes::new(3, Settings { probes, window: 2, batch: 3, ..Settings::nodes(3) });
        nodes.elect(0);
        let mut all = Vec::new();
        for _ in 0..10 {
            nodes.ask(0, add());
            nodes.ask(0, add());
            let sent = nodes.take_messages();
            sent.iter().for_each(|(from, to, message)| nodes.deliver(from.0, to.0, message.clone()));
            all.push(sent);
            nodes.beat(0);
        }
        all
    };
    assert_eq!(messages(true), messages(false));
}

/// §3.5, §6.4: a probe is an append of its round, so its answer confirms the leader for a read.
#[test]
fn the_answer_to_a_question_confirms_the_leader() {
    let mut nodes = with_logs(&[&[1], &[1], &[1]], 1);
    nodes.partition(&[0], &[2]);
    nodes.elect(0);
    nodes.heal();
    nodes.partition(&[0], &[1]);
    assert_eq!(nodes.view(0).followers[&node(2)].pace, ReplicationStateName::Probe, "n3 has not been heard");
    let ticket = nodes.ask(0, Command::Read(CounterQuery));
    assert_eq!(appends(&mut nodes, 2), [(Position::new(1, 1), 0)]);
    nodes.deliver(2, 0, Message::Appended(Appended { term: Term(2), matched: LogIndex(1), round: 1 }));
    assert_eq!(nodes.reply_to(ticket), Some(&Reply::Read(0)));
}
