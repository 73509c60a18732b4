//! Raft §7, Figure 13: the chunks of a snapshot and their acknowledgements.

use quorate_protocol::NodeId;
use quorate_raft::{
    ChunkStored, Command, InstallSnapshot, KeyValue, KeyValueQuery, KeyValueReply, LogIndex, Message, RaftRule, Reply,
    Settings, Term, Timer,
};

use crate::cluster::node;
use crate::snapshots::{Nodes, chunk, compacting, write};

type Sent = Vec<(NodeId, NodeId, Message<KeyValue>)>;

/// Three nodes led by n1. Its snapshot has seven pieces, six keys and a session; n3 needs it, and
/// its first chunk of two is under way.
fn sending() -> (Nodes, InstallSnapshot<KeyValue>) {
    let mut nodes = Nodes::new(3, compacting(5, 0, 2));
    nodes.elect(0);
    nodes.crash(2);
    write(&mut nodes, 0, 42);
    nodes.boot(2);
    nodes.fire(0, Timer::Heartbeat);
    loop {
        let flying = nodes.take_messages();
        assert!(!flying.is_empty(), "no chunk was sent");
        for (from, to, message) in flying {
            match message {
                Message::InstallSnapshot(install) => return (nodes, *install),
                message => nodes.deliver(from.0, to.0, message),
            }
        }
    }
}

/// Delivers a chunk to n3 and returns what it answers.
fn stored(nodes: &mut Nodes, install: InstallSnapshot<KeyValue>) -> ChunkStored {
    nodes.take_messages();
    nodes.deliver(0, 2, Message::InstallSnapshot(Box::new(install)));
    match nodes.take_messages()[..] {
        [(_, to, Message::ChunkStored(stored))] if to == node(0) => stored,
        ref other => panic!("n3 answered {other:?}"),
    }
}

/// The chunks among the messages.
fn chunks(sent: Sent) -> Vec<InstallSnapshot<KeyValue>> {
    let chunk = |(_, _, message)| match message {
        Message::InstallSnapshot(install) => Some(*install),
        _ => None,
    };
    sent.into_iter().filter_map(chunk).collect()
}

/// Figure 13: chunks are stored in order, the last one too; one that is not the next is refused.
#[test]
fn each_chunk_is_stored_or_refused_under_its_rule() {
    let mut nodes = Nodes::new(3, Settings::nodes(3));
    let counts = |nodes: &Nodes| {
        [RaftRule::StoreChunk, RaftRule::RefuseChunk].map(|rule| nodes.fired.get(&rule).copied().unwrap_or(0))
    };
    let steps = [
        (chunk(1, (9, 1), 1, &["b"], true), [0, 1]),
        (chunk(1, (9, 1), 0, &["a"], false), [1, 1]),
        (chunk(1, (9, 1), 0, &["a"], false), [1, 2]),
        (chunk(1, (9, 1), 1, &["b"], true), [2, 2]),
    ];
    for (message, expected) in steps {
        nodes.deliver(0, 1, message.clone());
        assert_eq!(counts(&nodes), expected, "after {message:?}");
    }
    assert_eq!(nodes.raft(1).commit(), LogIndex(9), "the last one completes it");
}

/// §7: an acknowledgement that arrives twice, or is about an earlier snapshot, changes nothing: the
/// leader sends no chunk for it, and goes on where it was.
#[test]
fn a_late_acknowledgement_of_a_chunk_is_ignored() {
    let (mut nodes, first) = sending();
    let up_to = first.last.index;
    let answer = stored(&mut nodes, first);
    assert_eq!(answer, ChunkStored { term: Term(1), last: up_to, stored: 2, round: 0 });
    nodes.deliver(2, 0, Message::ChunkStored(answer));
    assert_eq!(chunks(nodes.take_messages())[0].offset, 2);

    let earlier = ChunkStored { last: LogIndex(up_to.0 - 5), stored: 6, ..answer };
    for late in [answer, earlier] {
        nodes.deliver(2, 0, Message::ChunkStored(late));
        assert_eq!(nodes.take_messages(), [], "{late:?}");
    }
    nodes.fire(0, Timer::Heartbeat);
    let again = chunks(nodes.take_messages());
    assert_eq!(again.iter().map(|chunk| (chunk.last.index, chunk.offset)).collect::<Vec<_>>(), [(up_to, 2)]);
}

/// Dissertation §6.4: a follower that acknowledges a chunk of this round follows the leader, and so
/// confirms it for a read, long before it has the whole snapshot.
#[test]
fn a_follower_that_receives_a_snapshot_confirms_a_read() {
    let (mut nodes, first) = sending();
    nodes.crash(1);
    let key = "k0".to_owned();
    let ticket = nodes.ask(0, Command::Read(KeyValueQuery::Get { key }));
    let before = stored(&mut nodes, first);
    nodes.deliver(2, 0, Message::ChunkStored(before));
    assert_eq!(nodes.reply_to(ticket), None, "that chunk was sent before the read");

    let next = chunks(nodes.take_messages()).remove(0);
    let confirmed = stored(&mut nodes, next);
    nodes.deliver(2, 0, Message::ChunkStored(confirmed));
    let value = KeyValueReply::Value(Some("36".to_owned()));
    assert_eq!(nodes.reply_to(ticket), Some(&Reply::Read(value)));
    assert!(nodes.raft(2).snapshot().is_none(), "three of its pieces are missing");
}
