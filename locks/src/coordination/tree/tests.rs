//! Tests of the tree.

use super::*;

const A: SessionId = SessionId(1);
const B: SessionId = SessionId(2);

/// A tree with a session of node 1 and one of node 2.
fn with_sessions() -> Tree {
    let mut tree = Tree::default();
    for client in [1, 2] {
        tree.apply(&TreeRequest::Open { client: NodeId(client) });
    }
    tree
}

fn create(tree: &mut Tree, session: SessionId, path: &str, mode: CreateMode) -> TreeAnswer {
    tree.apply(&TreeRequest::Create { session, path: Name::from(path), mode }).answer
}

fn exists(tree: &mut Tree, session: SessionId, path: &str, watch: bool) -> bool {
    let answer = tree.apply(&TreeRequest::Exists { session, path: Name::from(path), watch }).answer;
    matches!(answer, TreeAnswer::Exists { .. })
}

#[test]
fn sequential_nodes_are_numbered_and_never_by_a_number_that_was_used() {
    let mut tree = with_sessions();
    let mut next = |session| match create(&mut tree, session, "/lock/write-", CreateMode::EphemeralSequential) {
        TreeAnswer::Created(child) => child.path.as_str().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!([next(A), next(B)], ["/lock/write-0000000000", "/lock/write-0000000001"]);
    tree.apply(&TreeRequest::Close { session: B });
    let answer = create(&mut tree, A, "/lock/write-", CreateMode::EphemeralSequential);
    assert!(matches!(answer, TreeAnswer::Created(Child { sequence: Some(2), .. })), "{answer:?}");
    let listed = tree.apply(&TreeRequest::Children { session: A, path: Name::from("/lock"), watch: false });
    let TreeAnswer::Children(children) = listed.answer else { panic!("it lists") };
    assert_eq!(children.iter().map(|child| child.sequence).collect::<Vec<_>>(), [Some(0), Some(2)]);
}

#[test]
fn an_ephemeral_node_ends_with_its_session_and_a_persistent_one_does_not() {
    let mut tree = with_sessions();
    create(&mut tree, A, "/lock", CreateMode::Ephemeral);
    create(&mut tree, A, "/config", CreateMode::Persistent);
    assert_eq!(create(&mut tree, B, "/lock", CreateMode::Ephemeral), TreeAnswer::NodeExists);
    tree.apply(&TreeRequest::Close { session: A });
    assert!(!exists(&mut tree, B, "/lock", false) && exists(&mut tree, B, "/config", false));
    assert_eq!(create(&mut tree, A, "/lock", CreateMode::Ephemeral), TreeAnswer::SessionExpired);
}

#[test]
fn a_watch_fires_once_and_its_event_is_repeated_until_it_is_seen() {
    let mut tree = with_sessions();
    create(&mut tree, A, "/lock", CreateMode::Ephemeral);
    exists(&mut tree, B, "/lock", true);
    let before = tree.zxid();
    tree.apply(&TreeRequest::Close { session: A });
    let events: Vec<_> = tree.events_since(before).map(|(client, event)| (client, event.clone())).collect();
    let [(NodeId(2), event)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((event.path.as_str(), event.change), ("/lock", Change::Deleted));
    create(&mut tree, B, "/lock", CreateMode::Ephemeral);
    assert_eq!(tree.events_since(event.zxid).count(), 0, "the watch is gone");
    let mut touch = |seen| tree.apply(&TreeRequest::Touch { session: B, seen }).answer;
    assert_eq!(touch(before), TreeAnswer::Alive { events: vec![event.clone()] });
    assert_eq!(touch(event.zxid), TreeAnswer::Alive { events: Vec::new() });
}

#[test]
fn an_expiry_is_about_the_heartbeat_that_it_names() {
    let mut tree = with_sessions();
    create(&mut tree, A, "/lock", CreateMode::Ephemeral);
    tree.apply(&TreeRequest::Touch { session: A, seen: Zxid(0) });
    let mut expire = |touches, frees| {
        let expiry = Expiry { touches: Some(touches), frees };
        tree.apply(&TreeRequest::Expire { session: A, expiry }).answer
    };
    assert_eq!(expire(0, true), TreeAnswer::NoNode, "there was a heartbeat since");
    assert_eq!(expire(1, false), TreeAnswer::Done, "the lock-delay begins");
    assert_eq!(expire(1, false), TreeAnswer::NoNode, "once");
    assert!(exists(&mut tree, B, "/lock", false), "the node stays for the lock-delay");
    let touched = tree.apply(&TreeRequest::Touch { session: A, seen: Zxid(0) });
    assert_eq!(touched.answer, TreeAnswer::SessionExpired, "and the session is over");
    tree.apply(&TreeRequest::Free { session: A });
    assert!(!exists(&mut tree, B, "/lock", false));
}

#[test]
fn only_the_node_that_is_meant_is_deleted() {
    let mut tree = with_sessions();
    let TreeAnswer::Created(first) = create(&mut tree, A, "/lock", CreateMode::Ephemeral) else { panic!("free") };
    let delete = TreeRequest::Delete { session: A, path: first.path.clone(), created: first.created };
    let attempt = AttemptId { owner: NodeId(1), number: first.created.0 };
    assert!(
        tree.query(&TreeQuery { attempt, sequencer: None }).answer == TreeAnswer::Sequencer { attempt, valid: true }
    );
    assert_eq!(tree.apply(&delete).answer, TreeAnswer::Deleted { attempt });
    create(&mut tree, B, "/lock", CreateMode::Ephemeral);
    assert_eq!(tree.apply(&delete).answer, TreeAnswer::NoNode, "it is another's node of that name");
    assert!(exists(&mut tree, B, "/lock", false));
    assert!(
        tree.query(&TreeQuery { attempt, sequencer: None }).answer == TreeAnswer::Sequencer { attempt, valid: false }
    );
}

#[test]
fn it_comes_back_from_its_pieces() {
    let mut tree = with_sessions();
    create(&mut tree, A, "/lock/read-", CreateMode::EphemeralSequential);
    exists(&mut tree, B, "/lock/read-0000000000", true);
    tree.apply(&TreeRequest::Children { session: B, path: Name::from("/lock"), watch: true });
    assert_eq!(Tree::assemble(tree.pieces().into_iter()), tree);
    tree.apply(&TreeRequest::Close { session: A });
    assert_eq!(Tree::assemble(tree.pieces().into_iter()), tree);
    assert_eq!(tree.summary(), "1 nodes, 1 sessions, zxid 5");
}

fn acquire(tree: &mut Tree, session: SessionId, mode: LockMode) -> TreeAnswer {
    tree.apply(&TreeRequest::Acquire { session, path: Name::from("/lock"), mode, watch: true }).answer
}

/// Whether the service says that a sequencer is valid.
fn is_valid(tree: &Tree, sequencer: &Sequencer) -> bool {
    let attempt = AttemptId { owner: NodeId(1), number: 0 };
    let answer = tree.query(&TreeQuery { attempt, sequencer: Some(sequencer.clone()) }).answer;
    assert!(matches!(answer, TreeAnswer::Sequencer { attempt: of, .. } if of == attempt));
    matches!(answer, TreeAnswer::Sequencer { valid: true, .. })
}

#[test]
fn a_sequencer_is_valid_in_its_mode_and_generation() {
    let mut tree = with_sessions();
    let TreeAnswer::Locked { acquired, sequencer } = acquire(&mut tree, A, LockMode::Exclusive) else { panic!("free") };
    assert!(is_valid(&tree, &sequencer));
    for wrong in [
        Sequencer { mode: LockMode::Shared, ..sequencer.clone() },
        Sequencer { generation: 2, ..sequencer.clone() },
        Sequencer { name: Name::from("/other"), ..sequencer.clone() },
    ] {
        assert!(!is_valid(&tree, &wrong), "{wrong}");
    }
    assert_eq!(acquire(&mut tree, B, LockMode::Exclusive), TreeAnswer::LockTaken);
    let release = TreeRequest::Release { session: A, path: sequencer.name.clone(), acquired };
    let attempt = AttemptId { owner: NodeId(1), number: acquired.0 };
    assert_eq!(tree.apply(&release).answer, TreeAnswer::Released { attempt });
    assert!(!is_valid(&tree, &sequencer));
    assert_eq!(
        tree.events_since(Zxid(0)).map(|(client, event)| (client, event.change)).collect::<Vec<_>>(),
        [(NodeId(2), Change::Freed)]
    );
    let TreeAnswer::Locked { sequencer: next, .. } = acquire(&mut tree, A, LockMode::Exclusive) else { panic!("free") };
    assert_eq!(tree.apply(&release).answer, TreeAnswer::NoNode, "it is a later acquisition");
    assert!(next > sequencer && is_valid(&tree, &next) && !is_valid(&tree, &sequencer));
    assert_eq!(Tree::assemble(tree.pieces().into_iter()), tree);
}

#[test]
fn the_end_of_a_session_releases_its_file_locks_after_the_lock_delay() {
    let mut tree = with_sessions();
    let TreeAnswer::Locked { sequencer, .. } = acquire(&mut tree, A, LockMode::Exclusive) else { panic!("free") };
    acquire(&mut tree, B, LockMode::Shared);
    tree.apply(&TreeRequest::Expire { session: A, expiry: Expiry { touches: None, frees: false } });
    assert!(!is_valid(&tree, &sequencer), "its session is over");
    assert_eq!(acquire(&mut tree, B, LockMode::Shared), TreeAnswer::LockTaken, "the lock-delay");
    tree.apply(&TreeRequest::Free { session: A });
    let TreeAnswer::Locked { sequencer, .. } = acquire(&mut tree, B, LockMode::Shared) else { panic!("free") };
    assert_eq!((sequencer.mode, sequencer.generation), (LockMode::Shared, 2));
}
