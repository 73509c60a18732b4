//! Identity of logs: a log that does not belong to a run is refused with the reason, and a node
//! that lost its memory does not come back.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use quorate_lab::env::{CrashPoint, Fault};
use quorate_lab::live::{
    Belonging, ClusterId, FailureCause, FaultError, Identity, LogLoss, NodeFailure, RunId, Setup, Storage,
    StorageError, Wal,
};
use quorate_protocol::{Names, NodeId};
use quorate_raft::{Counter, Disk, KeyValue, Raft};

use super::{NODES, Node, add, counters, settings, sum};

const MANIFEST: &str = "cluster.manifest";

/// Runs a cluster of three on a directory, and increments its counter to a sum.
fn count(directory: &Path, from: i64, to: i64) {
    let cluster = counters(3).in_directory(directory).start().unwrap();
    let mut client = cluster.client();
    for sum_ in from + 1..=to {
        assert_eq!(sum(&client.ask(add(1)).unwrap()), sum_);
    }
    drop(cluster);
}

/// Returns the files of a directory except for the locks, which are empty.
fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.extension().is_none_or(|extension| extension != "lock"));
    paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn restore(files: &BTreeMap<PathBuf, Vec<u8>>) {
    files.iter().for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
}

/// Asserts that a start is refused and changes nothing. Returns the reason.
fn refused(setup: Setup<Node>, directory: &Path) -> (NodeFailure, StorageError) {
    let before = files(directory);
    let failure = setup.in_directory(directory).start().unwrap_err();
    assert_eq!(files(directory), before, "{failure}");
    match failure.cause.clone() {
        FailureCause::Storage(error) | FailureCause::Manifest(error) => (failure, error),
        other => panic!("{other:?}"),
    }
}

fn log(directory: &Path, node: u32) -> PathBuf {
    directory.join(format!("n{node}.log"))
}

/// Returns the length of the header of a log.
fn head(bytes: &[u8]) -> usize {
    bytes.split_inclusive(|byte| *byte == b'\n').take(3).map(<[u8]>::len).sum()
}

#[test]
fn a_node_that_has_lost_its_memory_is_refused_and_comes_back_with_it() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    count(directory, 0, 5);
    let whole = files(directory);
    let path = log(directory, 2);
    let bytes = whole[&path].clone();
    let last_frame = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    let durable = bytes.len() as u64;
    type Loses<'a> = Box<dyn Fn() + 'a>;
    let cut = |length: usize| -> (Loses<'_>, LogLoss) {
        let (path, bytes) = (&path, &bytes);
        let found = if length < last_frame { head(bytes) } else { last_frame } as u64;
        (Box::new(move || fs::write(path, &bytes[..length]).unwrap()), LogLoss::Cut { found, durable })
    };
    let losses: Vec<(Loses<'_>, LogLoss)> = vec![
        (Box::new(|| fs::remove_file(&path).unwrap()), LogLoss::Missing),
        (Box::new(|| fs::write(&path, "").unwrap()), LogLoss::Empty),
        (Box::new(|| fs::write(&path, &bytes[..5]).unwrap()), LogLoss::Empty),
        cut(head(&bytes)),
        cut(last_frame),
        cut(bytes.len() - 1),
    ];
    for (lose, expected) in losses {
        lose();
        let (failure, error) = refused(counters(3), directory);
        let StorageError::LostMemory { path: named, loss, evidence } = &error else { panic!("{error}") };
        assert_eq!((named, loss, failure.node), (&path, &expected, NODES[1]), "{error}");
        let says = error.to_string();
        assert!(says.contains("§3.8") && says.contains("n2.log") && says.contains(evidence), "{says}");
        restore(&whole);
    }
    count(directory, 5, 6);
}

#[test]
fn the_manifest_misses_logs_even_if_all_are_gone() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    count(directory, 0, 2);
    (1..=3).for_each(|node| fs::remove_file(log(directory, node)).unwrap());
    let (_, error) = refused(counters(3), directory);
    let says = error.to_string();
    assert!(says.contains("n1.log is missing, but") && says.contains("cluster.manifest records run 1"), "{says}");
}

#[test]
fn an_old_copy_of_a_log_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    count(directory, 0, 2);
    let old = fs::read(log(directory, 3)).unwrap();
    count(directory, 2, 3);
    fs::write(log(directory, 3), &old).unwrap();
    let (_, error) = refused(counters(3), directory);
    let StorageError::LostMemory { loss, .. } = &error else { panic!("{error}") };
    assert_eq!(*loss, LogLoss::Stale { found: 1, known: 2 }, "{error}");
}

#[test]
fn what_belongs_to_another_protocol_node_or_number_of_nodes_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    count(directory, 0, 2);
    for (nodes, expected) in [(5, "5"), (2, "2")] {
        let (_, error) = refused(counters(nodes), directory);
        let StorageError::Misplaced { path, what, found, expected: wanted } = &error else { panic!("{error}") };
        assert_eq!((path, *what), (&log(directory, 1), Belonging::Nodes));
        assert_eq!((found.as_str(), wanted.as_str()), ("3", expected));
    }
    let names = Names::new(["A", "B", "C"], [""; 0]);
    let paxos = quorate_paxos::Config::symmetric(3).unwrap();
    let before = files(directory);
    let setup = Setup::<quorate_paxos::Paxos>::new("paxos", names, paxos).in_directory(directory);
    let failure = setup.start().unwrap_err();
    assert!(failure.to_string().contains("n1.log belongs to protocol raft, not paxos"), "{failure}");
    assert_eq!(files(directory), before);

    fs::rename(log(directory, 1), log(directory, 4)).unwrap();
    fs::rename(log(directory, 2), log(directory, 1)).unwrap();
    fs::rename(log(directory, 4), log(directory, 2)).unwrap();
    let (failure, error) = refused(counters(3), directory);
    let StorageError::Misplaced { what: Belonging::Node, found, expected, .. } = &error else { panic!("{error}") };
    assert_eq!((found.as_str(), expected.as_str(), failure.node), ("n2", "n1", NODES[0]));
}

#[test]
fn another_clusters_log_is_refused() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    count(one.path(), 0, 2);
    count(other.path(), 0, 2);
    fs::copy(log(other.path(), 1), log(one.path(), 1)).unwrap();
    let (_, error) = refused(counters(3), one.path());
    let StorageError::Misplaced { path, what, .. } = &error else { panic!("{error}") };
    assert_eq!((path, *what), (&log(one.path(), 1), Belonging::Cluster));
}

#[test]
fn records_of_another_state_machine_are_refused_and_not_called_damaged() {
    let directory = tempfile::tempdir().unwrap();
    count(directory.path(), 0, 2);
    let before = files(directory.path());
    let names = Names::new(["n1", "n2", "n3"], [""; 0]);
    let setup = Setup::<Raft<KeyValue>>::new("raft", names, settings(3).build().unwrap());
    let failure = setup.in_directory(directory.path()).start().unwrap_err();
    assert!(matches!(failure.cause, FailureCause::Storage(StorageError::Unreadable { .. })), "{failure}");
    assert!(failure.to_string().contains("has intact records"), "{failure}");
    assert_eq!(files(directory.path()), before);
}

#[test]
fn logs_of_another_format_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    for format in ["1", "3", "two"] {
        fs::write(log(directory.path(), 2), format!("quorate-log {format}\n4d2a91c0 []\n")).unwrap();
        let (failure, error) = refused(counters(3), directory.path());
        let StorageError::OtherFormat { found, expected: 2, .. } = &error else { panic!("{error}") };
        assert_eq!((found.as_str(), failure.node), (format, NODES[1]));
    }
    fs::remove_file(log(directory.path(), 2)).unwrap();
    fs::write(directory.path().join(MANIFEST), "quorate-cluster 9\n").unwrap();
    let (failure, error) = refused(counters(3), directory.path());
    assert!(matches!(error, StorageError::OtherFormat { .. }), "{error}");
    assert!(failure.to_string().starts_with("the cluster cannot start: "), "{failure}");
}

#[test]
fn a_manifest_that_is_gone_is_made_anew_from_the_logs_unless_one_is_gone_too() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    count(directory, 0, 2);
    fs::remove_file(directory.join(MANIFEST)).unwrap();
    let whole = files(directory);
    fs::remove_file(log(directory, 2)).unwrap();
    let (failure, error) = refused(counters(3), directory);
    assert!(matches!(error, StorageError::LostMemory { loss: LogLoss::Missing, .. }), "{error}");
    assert!(failure.to_string().contains("node n1 remembers that this cluster has run"), "{failure}");
    restore(&whole);
    count(directory, 2, 3);
    let cluster = counters(3).in_directory(directory).start().unwrap();
    assert_eq!(cluster.run(), 3, "the logs had counted");
}

#[test]
fn a_damaged_manifest_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    count(directory, 0, 1);
    let path = directory.join(MANIFEST);
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x20;
        fs::write(&path, &damaged).unwrap();
        let (_, error) = refused(counters(3), directory);
        let format = matches!(error, StorageError::OtherFormat { .. });
        assert!(format || matches!(error, StorageError::BadManifest { .. }), "byte {at}: {error}");
    }
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let (_, error) = refused(counters(3), directory);
        assert!(matches!(error, StorageError::BadManifest { .. }), "{length} bytes: {error}");
    }
    fs::write(&path, &whole).unwrap();
    count(directory, 1, 2);
}

#[test]
fn logs_without_a_directory_vouch_for_each_other() {
    let directory = tempfile::tempdir().unwrap();
    let setup = || {
        let directory = directory.path().to_owned();
        counters(3).disks(move |node| Box::new(Wal::new(log(&directory, node.0 + 1))))
    };
    let cluster = setup().start().unwrap();
    assert_eq!(sum(&cluster.client().ask(add(1)).unwrap()), 1);
    drop(cluster);
    fs::remove_file(log(directory.path(), 3)).unwrap();
    let failure = setup().start().unwrap_err();
    let lost = matches!(failure.cause, FailureCause::Storage(StorageError::LostMemory { loss: LogLoss::Missing, .. }));
    assert!(lost && failure.node == NODES[2], "{failure}");
}

/// Begins a run on the log of one node only, like an interrupted start.
fn begin_alone(directory: &Path, node: NodeId, number: u64) {
    let mut log = Wal::<Disk<Counter>>::new(log(directory, node.0 + 1));
    let past = log.open(&Identity { protocol: "raft".to_owned(), nodes: 3, node }).unwrap();
    let cluster = past.map_or_else(ClusterId::random, |past| past.cluster);
    log.begin(&RunId { cluster, number }).unwrap();
}

#[test]
fn a_start_that_was_cut_short_is_no_loss_of_memory() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    begin_alone(directory, NODES[0], 1);
    count(directory, 0, 2);
    begin_alone(directory, NODES[1], 3);
    begin_alone(directory, NODES[1], 4);
    count(directory, 2, 3);
    let cluster = counters(3).in_directory(directory).start().unwrap();
    assert_eq!(cluster.run(), 6, "no number is given twice");
}

#[test]
fn a_node_that_loses_its_memory_while_it_is_down_is_not_restarted() {
    let directory = tempfile::tempdir().unwrap();
    let cluster = counters(3).in_directory(directory.path()).start().unwrap();
    let mut client = cluster.client();
    assert_eq!(sum(&client.ask(add(1)).unwrap()), 1);
    let path = log(directory.path(), 1);
    let old = fs::read(&path).unwrap();
    for total in 2..=5 {
        assert_eq!(sum(&client.ask(add(1)).unwrap()), total);
    }
    cluster.inject(&Fault::Crash { node: NODES[0], point: CrashPoint::BetweenSteps }).unwrap();
    let whole = fs::read(&path).unwrap();
    assert!(whole.len() > old.len());
    for lost in [None, Some(&[][..]), Some(&whole[..head(&whole)]), Some(&old[..])] {
        match lost {
            None => fs::remove_file(&path).unwrap(),
            Some(bytes) => fs::write(&path, bytes).unwrap(),
        }
        let error = cluster.inject(&Fault::Restart(NODES[0])).unwrap_err();
        let FaultError::Failed(NodeFailure { cause: FailureCause::Storage(error), .. }) = error else {
            panic!("{error}")
        };
        assert!(matches!(error, StorageError::LostMemory { .. }), "{error}");
    }
    fs::write(&path, &whole).unwrap();
    cluster.inject(&Fault::Restart(NODES[0])).unwrap();
    assert_eq!(sum(&client.ask(add(1)).unwrap()), 6);
}

/// A wiped node comes back without its memory, as requested. Later runs accept it as the same node.
#[test]
fn a_node_that_was_wiped_on_purpose_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let cluster = counters(3).in_directory(directory.path()).start().unwrap();
    let mut client = cluster.client();
    assert_eq!(sum(&client.ask(add(1)).unwrap()), 1);
    cluster.inject(&Fault::Wipe(NODES[2])).unwrap();
    cluster.inject(&Fault::Restart(NODES[2])).unwrap();
    assert_eq!(sum(&client.ask(add(1)).unwrap()), 2);
    drop(cluster);
    count(directory.path(), 2, 3);
}
