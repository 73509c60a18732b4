//! Fenced store: durable state of its replicas and fronts, and which answers count (ABD;
//! *Distributed locking*; Chubby §2.4).

use quorate_lease::store::{Command, Config, Fence, FencedStore, Message, Reply, Settings, Version};
use quorate_lease::{Token, Value};
use quorate_protocol::{Machine, NodeId, Time};

use super::{Hand, ms};
use crate::common::at;

const X: NodeId = NodeId(0);
const Y: NodeId = NodeId(1);
const Z: NodeId = NodeId(2);
const F: NodeId = NodeId(3);
const G: NodeId = NodeId(4);
const NOW: Time = Time::ZERO;

type Node = Hand<FencedStore>;

fn config() -> Config {
    Settings { replicas: vec![X, Y, Z], fronts: vec![F, G], retry: ms(20) }.build().unwrap()
}

fn node(id: NodeId) -> Node {
    Hand::boot(id, config(), at(0))
}

fn fence(token: u64, front: NodeId) -> Fence {
    Fence { token: Token(token), front }
}

fn open(token: u64) -> Command {
    Command::Open { token: Token(token) }
}

fn write(value: &str) -> Command {
    Command::Write { value: Value::from(value) }
}

/// The version that the front asks the replicas to store.
fn put(front: &Node) -> Option<Version> {
    front.sent().into_iter().find_map(|message| match message {
        Message::Put { version } => Some(version),
        _ => None,
    })
}

fn marked(front: &mut Node, from: NodeId, fence: Fence, newest: Option<Version>) -> Option<Version> {
    front.deliver(NOW, from, Message::Marked { fence, newest });
    put(front)
}

/// Replies to clients when a replica has stored a write.
fn stored(front: &mut Node, from: NodeId, fence: Fence, count: u64) -> Vec<Reply> {
    front.deliver(NOW, from, Message::Stored { fence, count }).replies()
}

fn serves(front: &Node) -> Option<Token> {
    front.machine.view(&front.context(at(0))).serves
}

/// A front that serves under a token and has found the store empty. Its requests count from 10.
fn serving(id: NodeId, token: u64) -> Node {
    let mut front = node(id);
    front.ask(NOW, 1, open(token));
    marked(&mut front, X, fence(token, id), None);
    marked(&mut front, Y, fence(token, id), None).expect("a majority is marked");
    stored(&mut front, X, fence(token, id), 0);
    assert_eq!(stored(&mut front, Y, fence(token, id), 0), [Reply::Opened { value: None }]);
    front
}

/// The first write of a front under a token.
fn version(id: NodeId, token: u64, value: &str) -> Version {
    let mut front = serving(id, token);
    front.ask(NOW, 10, write(value));
    put(&front).expect("it is sent to the replicas")
}

// Fronts.

/// A front that used a token twice would count its writes from the start, and a replica would
/// mistake new ones for old.
#[test]
fn a_front_uses_no_token_twice_over_a_restart_either() {
    let mut front = node(F);
    front.ask(NOW, 1, open(5));
    assert_eq!(front.sent(), vec![Message::Mark { fence: fence(5, F) }; 3]);
    front.restart(NOW);
    for token in [4, 5] {
        let replies = front.ask(NOW, 2, open(token)).replies();
        assert!(matches!(replies[..], [Reply::Deposed { mark }] if mark == fence(5, F)), "token {token}: {replies:?}");
        assert_eq!(front.sent(), []);
    }
    front.ask(NOW, 3, open(6));
    assert_eq!(front.sent(), vec![Message::Mark { fence: fence(6, F) }; 3]);
}

/// Each replica counts once, and only for the opening that it was asked about.
#[test]
fn a_majority_of_different_replicas_is_marked_before_anything_is_adopted() {
    let mut front = node(F);
    front.ask(NOW, 1, open(4));
    front.ask(NOW, 2, open(5));
    assert_eq!(marked(&mut front, X, fence(4, F), None), None);
    assert_eq!(marked(&mut front, Y, fence(4, F), None), None, "an earlier opening");
    assert_eq!(marked(&mut front, X, fence(5, F), None), None);
    assert_eq!(marked(&mut front, X, fence(5, F), None), None, "X again");
    assert!(marked(&mut front, Z, fence(5, F), None).is_some());
}

/// The newest value reported by a majority is adopted, in whatever order the reports come, and
/// under the front's own fence.
#[test]
fn the_newest_of_all_reports_is_adopted() {
    let (older, newer) = (version(F, 1, "older"), version(G, 2, "newer"));
    for reports in [[Some(older.clone()), Some(newer.clone())], [Some(newer.clone()), Some(older)], [Some(newer), None]]
    {
        let mut front = node(F);
        front.ask(NOW, 1, open(5));
        let [first, second] = reports;
        marked(&mut front, X, fence(5, F), first);
        let adopted = marked(&mut front, Y, fence(5, F), second).expect("a majority is marked");
        assert_eq!((adopted.fence, adopted.count, adopted.value), (fence(5, F), 0, Some(Value::from("newer"))));
    }
}

/// A front serves when a majority has stored the adopted value: replicas that were only marked do
/// not count.
#[test]
fn a_front_serves_when_a_majority_has_stored_what_it_adopted() {
    let mut front = node(F);
    front.ask(NOW, 1, open(5));
    assert_eq!(front.ask(NOW, 2, write("early")).replies(), [Reply::NotServing]);
    marked(&mut front, X, fence(5, F), None);
    assert_eq!(stored(&mut front, X, fence(5, F), 0), [], "nothing was put yet");
    marked(&mut front, Y, fence(5, F), None);
    assert_eq!(front.ask(NOW, 3, write("early")).replies(), [Reply::NotServing]);
    assert_eq!(stored(&mut front, X, fence(5, F), 0), []);
    assert_eq!(stored(&mut front, X, fence(5, F), 0), [], "X again");
    assert_eq!(stored(&mut front, Y, fence(4, F), 0), [], "of an earlier opening");
    assert_eq!(stored(&mut front, Y, fence(5, F), 0), [Reply::Opened { value: None }]);
}

/// A write is complete when a majority has stored exactly that write.
#[test]
fn a_write_is_complete_when_a_majority_has_stored_that_very_write() {
    let mut front = serving(F, 5);
    for (request, count) in [(10, 1), (11, 2)] {
        front.ask(NOW, request, write(&format!("w{count}")));
        let version = put(&front).expect("it is sent to the replicas");
        assert_eq!((version.fence, version.count), (fence(5, F), count), "each has a place of its own");
        assert_eq!(stored(&mut front, Y, fence(5, F), count - 1), []);
        assert_eq!(stored(&mut front, Z, fence(5, F), count - 1), [], "they have stored what came before");
        assert_eq!(stored(&mut front, X, fence(5, F), count), []);
        assert_eq!(stored(&mut front, X, fence(5, F), count), [], "X again");
        assert_eq!(front.ask(NOW, 20, write("meanwhile")).replies(), [Reply::Busy]);
        assert_eq!(stored(&mut front, Z, fence(5, F), count), [Reply::Written]);
    }
}

/// A refusal deposes only the session whose fence it names, and only if the mark is above it.
#[test]
fn only_a_higher_mark_deposes_and_only_whom_it_refused() {
    let mut front = serving(F, 5);
    for (asked, mark) in [(fence(4, F), fence(9, G)), (fence(5, F), fence(4, G)), (fence(5, F), fence(5, F))] {
        front.deliver(NOW, X, Message::Refused { fence: asked, mark });
        assert_eq!(serves(&front), Some(Token(5)), "{asked} refused for {mark}");
    }
    front.deliver(NOW, X, Message::Refused { fence: fence(5, F), mark: fence(5, G) });
    assert_eq!(serves(&front), None, "of one token the fronts' ids decide");
}

// Replicas.

fn marks(replica: &mut Node, fence: Fence) -> bool {
    let sent = replica.deliver(NOW, fence.front, Message::Mark { fence }).sent();
    matches!(sent[..], [Message::Marked { .. }])
}

fn stores(replica: &mut Node, version: &Version) -> bool {
    let sent = replica.deliver(NOW, version.fence.front, Message::Put { version: version.clone() }).sent();
    sent == [Message::Stored { fence: version.fence, count: version.count }]
}

/// The newest value that it reports when it is marked.
fn newest(replica: &mut Node, fence: Fence) -> Option<Value> {
    match &replica.deliver(NOW, fence.front, Message::Mark { fence }).sent()[..] {
        [Message::Marked { newest, .. }] => newest.as_ref().and_then(|version| version.value.clone()),
        other => panic!("{other:?}"),
    }
}

/// A marked replica refuses older marks and writes, even across a restart; among equal tokens the
/// fronts' ids decide.
#[test]
fn a_replica_refuses_what_is_below_its_mark_over_a_restart_as_well() {
    let mut replica = node(X);
    assert!(marks(&mut replica, fence(5, G)));
    for _ in 0..2 {
        assert!(!marks(&mut replica, fence(4, G)) && !marks(&mut replica, fence(5, F)));
        assert!(!stores(&mut replica, &version(G, 4, "late")), "a lower token");
        assert!(!stores(&mut replica, &version(F, 5, "late")), "the same token, a lower front");
        assert!(marks(&mut replica, fence(5, G)), "the very mark is repeated");
        replica.restart(NOW);
    }
    assert!(stores(&mut replica, &version(G, 5, "now")));
}

/// A write marks as a mark does: a replica that was not marked before refuses older writes from
/// then on.
#[test]
fn a_write_raises_the_mark_for_good() {
    let mut replica = node(X);
    assert!(stores(&mut replica, &version(F, 3, "three")));
    for _ in 0..2 {
        assert!(!marks(&mut replica, fence(2, G)));
        assert!(!stores(&mut replica, &version(G, 2, "two")));
        replica.restart(NOW);
    }
    assert!(marks(&mut replica, fence(3, G)));
}

/// A replica reports what it has acknowledged as stored, even across a restart.
#[test]
fn what_is_stored_is_reported_over_a_restart_as_well() {
    let mut replica = node(X);
    assert!(stores(&mut replica, &version(F, 3, "three")));
    replica.restart(NOW);
    assert_eq!(newest(&mut replica, fence(4, G)), Some(Value::from("three")));
}

/// A late duplicate of an earlier write of the same front, or of the adopted value, replaces
/// nothing.
#[test]
fn an_earlier_write_of_the_same_token_replaces_nothing() {
    let mut front = serving(F, 3);
    let mut versions = Vec::new();
    for count in 1..=2 {
        front.ask(NOW, 10 + count, write(&format!("w{count}")));
        versions.extend(put(&front));
        for replica in [X, Y] {
            stored(&mut front, replica, fence(3, F), count);
        }
    }
    let mut replica = node(X);
    assert!(stores(&mut replica, &versions[1]) && stores(&mut replica, &versions[0]), "both are answered");
    assert_eq!(newest(&mut replica, fence(4, G)), Some(Value::from("w2")));
}
