//! Failing disks: the client gets an error, and the node stops instead of acknowledging.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use quorate_lab::env::{Fault, Status};
use quorate_lab::live::{
    AskError, FailureCause, FaultError, Identity, Memory, Past, RunId, Setup, Storage, StorageError, Wal,
};
use quorate_protocol::{ClientId, Time};
use quorate_raft::{Counter, Disk};

use super::{NODES, Node, add, child, counters, sum};

/// A disk that becomes full at some time.
#[derive(Default)]
struct Full {
    disk: Memory<Disk<Counter>>,
    full: Arc<AtomicBool>,
    refused: Arc<AtomicU64>,
}

impl Storage<Disk<Counter>> for Full {
    fn open(&mut self, identity: &Identity) -> Result<Option<Past>, StorageError> {
        self.disk.open(identity)
    }

    fn place(&self) -> PathBuf {
        self.disk.place()
    }

    fn begin(&mut self, run: &RunId) -> Result<(), StorageError> {
        self.disk.begin(run)
    }

    fn reserve_clock(&mut self, until: Time) -> Result<(), StorageError> {
        self.disk.reserve_clock(until)
    }

    fn load(&mut self) -> Result<Disk<Counter>, StorageError> {
        self.disk.load()
    }

    fn write(&mut self, records: &[quorate_raft::Record<Counter>]) -> Result<(), StorageError> {
        if self.full.load(Ordering::SeqCst) {
            self.refused.fetch_add(records.len() as u64, Ordering::SeqCst);
            let error = std::io::Error::from(std::io::ErrorKind::StorageFull);
            return Err(StorageError::io("append to", Path::new("n1.log"), error));
        }
        self.disk.write(records)
    }

    fn wipe(&mut self) -> Result<(), StorageError> {
        self.disk.wipe()
    }
}

/// A cluster in which the disk of the first node can be filled, with the switch and the number of
/// refused records.
fn filling(nodes: u32) -> (Setup<Node>, Arc<AtomicBool>, Arc<AtomicU64>) {
    let (full, refused) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let (switch, count) = (Arc::clone(&full), Arc::clone(&refused));
    let setup = counters(nodes).disks(move |node| match node.0 {
        0 => Box::new(Full { full: Arc::clone(&full), refused: Arc::clone(&refused), ..Full::default() }),
        _ => Box::new(Memory::default()),
    });
    (setup, switch, count)
}

#[test]
fn a_full_disk_is_an_error_to_the_client_and_nothing_was_acknowledged() {
    let (setup, full, refused) = filling(1);
    let cluster = setup.start().unwrap();
    let mut client = cluster.client();
    assert_eq!(sum(&client.ask(add(5)).unwrap()), 5);
    full.store(true, Ordering::SeqCst);
    let error = client.ask(add(1)).unwrap_err();
    let AskError::AllFailed { failures, .. } = &error else { panic!("{error}") };
    assert!(matches!(failures[0].cause, FailureCause::Storage(StorageError::Io { .. })));
    assert!(error.to_string().contains("node n1 stopped: cannot append to n1.log"), "{error}");
    assert!(refused.load(Ordering::SeqCst) > 0);
    assert_eq!(cluster.status(NODES[0]), Some(Status::Down));

    full.store(false, Ordering::SeqCst);
    cluster.inject(&Fault::Restart(NODES[0])).unwrap();
    assert_eq!(sum(&client.ask(add(1)).unwrap()), 6, "what had failed was not done");
    cluster.shutdown().unwrap_err();
}

#[test]
fn the_others_go_on_without_the_node_whose_disk_is_full() {
    let (setup, full, _) = filling(3);
    let cluster = setup.start().unwrap();
    let mut client = cluster.client();
    assert_eq!(sum(&client.ask(add(1)).unwrap()), 1);
    full.store(true, Ordering::SeqCst);
    for total in 2..=20 {
        assert_eq!(sum(&client.ask(add(1)).unwrap()), total);
    }
    let failed = cluster.shutdown().unwrap_err();
    assert_eq!(failed.failures.len(), 1);
    assert!(failed.to_string().starts_with("node n1 stopped: cannot append to n1.log"), "{failed}");
}

#[test]
fn a_place_that_cannot_be_written_is_refused_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "not a directory").unwrap();
    let failure = counters(3).in_directory(&file).start().unwrap_err();
    assert_eq!(failure.node, NODES[0]);
    assert!(failure.to_string().starts_with("node n1 stopped: cannot "), "{failure}");
}

#[test]
fn a_damaged_log_is_refused_at_the_start_and_at_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let cluster = counters(1).in_directory(directory.path()).start().unwrap();
    let mut client = cluster.client();
    for _ in 0..5 {
        client.ask(add(1)).unwrap();
    }
    cluster.inject(&Fault::Crash { node: NODES[0], point: quorate_lab::env::CrashPoint::BetweenSteps }).unwrap();
    let path = directory.path().join("n1.log");
    let mut bytes = std::fs::read(&path).unwrap();
    let head = bytes.split_inclusive(|byte| *byte == b'\n').take(3).map(<[u8]>::len).sum::<usize>();
    bytes[head + 20] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let refused = cluster.inject(&Fault::Restart(NODES[0])).unwrap_err();
    assert!(
        matches!(&refused, FaultError::Failed(failure) if failure.to_string().contains(&format!("is corrupt at byte {head}"))),
        "{refused}"
    );
    drop(cluster);
    let failure = counters(1).in_directory(directory.path()).start().unwrap_err();
    assert!(
        matches!(failure.cause, FailureCause::Storage(StorageError::Corrupt { offset, .. }) if offset == head as u64),
        "{failure}"
    );
}

/// A process that keeps its logs in a directory until it is killed.
pub(super) fn owner() {
    let cluster = counters(1).in_directory(std::env::var("DIRECTORY").unwrap()).start().unwrap();
    assert_eq!(sum(&cluster.client().ask(add(5)).unwrap()), 5);
    println!("\nrunning");
    _ = std::io::stdin().read_line(&mut String::new());
}

#[test]
fn a_second_process_on_the_same_directory_is_refused_until_the_first_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = child::command("owner");
    let mut owner = child::Killed(command.env("DIRECTORY", directory.path()).spawn().unwrap());
    let running = BufReader::new(owner.0.stdout.take().unwrap()).lines().any(|line| line.unwrap() == "running");
    assert!(running, "the child has ended early");
    let log = std::fs::read(directory.path().join("n1.log")).unwrap();

    let failure = counters(1).in_directory(directory.path()).start().unwrap_err();
    assert!(matches!(failure.cause, FailureCause::Storage(StorageError::InUse { .. })), "{failure}");
    let says = format!("node n1 stopped: the directory {} is in use", directory.path().display());
    assert!(failure.to_string().starts_with(&says), "{failure}");
    assert_eq!(std::fs::read(directory.path().join("n1.log")).unwrap(), log, "nothing was touched");

    drop(owner);
    let cluster = counters(1).in_directory(directory.path()).start().unwrap();
    assert_eq!(sum(&cluster.client().ask(add(1)).unwrap()), 6, "a new run's first request is not the old one's");
}

/// Increments a counter on a file until the system gives no more space, and prints the acknowledged
/// values.
pub(super) fn child() {
    let file = std::env::var("FILE").unwrap();
    let cluster = counters(1).disks(move |_| Box::new(Wal::new(&file))).start().unwrap();
    let mut client = cluster.client();
    let error = loop {
        match client.ask(add(1)) {
            Ok(reply) => println!("\nacknowledged {}", sum(&reply)),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, AskError::AllFailed { .. }), "{error}");
    println!("\nrefused");
    cluster.shutdown().unwrap_err();
}

/// A limit on the size of files has the same effect as a full disk, and needs no privileges.
#[test]
#[cfg(unix)]
fn a_file_that_may_not_grow_stops_the_node_and_keeps_what_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("n1.log");
    let mut command = Command::new("sh");
    let words = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    command.args(["-c", words]).arg(std::env::current_exe().unwrap()).args(child::ARGUMENTS).env("FILE", &file);
    child::prepare(&mut command, "full disk");
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.contains("\nrefused\n"), "{said}");
    let last = said.lines().filter_map(|line| line.strip_prefix("acknowledged ")?.parse::<i64>().ok()).next_back();

    let cluster = counters(1).disks(move |_| Box::new(Wal::new(&file))).start().unwrap();
    // The next run of the same client: its first requests are retries of the child's, and get the
    // remembered replies.
    let mut client = cluster.resume(ClientId(0), 1).expect("the child is gone");
    let last = last.expect("something was acknowledged");
    assert!(last > 3, "only {last}");
    let sums: Vec<i64> = (0..last + 2).map(|_| sum(&client.ask(add(1)).unwrap())).collect();
    assert_eq!(sums, (1..=last + 2).collect::<Vec<_>>());
}
