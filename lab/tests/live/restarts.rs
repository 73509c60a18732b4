//! Repeated kills of a process with clients, on one directory: the replies to the clients of all
//! runs form one linearizable history.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use quorate_lab::env::{Rng, Timeouts};
use quorate_lab::linearizability::models::{KeyValue as Model, KvOp, KvReturn};
use quorate_lab::linearizability::{CallId, ClientId, History, Limits, Time, Verdict, check, render};
use quorate_lab::live::{Client, Identity, Past, RunId, Setup, Storage, StorageError, Wal};
use quorate_protocol::Names;
use quorate_raft::{Disk, KeyValue, Record, Reply, Settings, Snapshots};
use serde::{Deserialize, Serialize};

use super::linearizable::{Store, command, returned};
use super::{child, ms};

/// Number of clients in every run of the child.
const CLIENTS: u64 = 3;

/// Number of runs after which the keys change: a call without a response stays pending forever, and
/// the cost of checking it grows by key.
const LIVES_OF_A_KEY: u64 = 3;

/// Number of kills; `QUORATE_KILLS` sets more, and `QUORATE_KILLS_SEED` another seed.
const KILLS: u64 = 12;

/// A message from a client to its parent: before a call, and after its response.
#[derive(Serialize, Deserialize)]
enum Told {
    Asks { client: u64, op: KvOp },
    Heard { client: u64, returned: KvReturn },
    GaveUp { client: u64 },
}

fn key(life: u64, number: u64) -> String {
    format!("{}.{number}", life / LIVES_OF_A_KEY)
}

/// Returns a client's operation in a round: first reads of the keys that an earlier run has left,
/// and then random ones.
fn op(rng: &mut Rng, life: u64, client: u64, round: u64) -> KvOp {
    let value = format!("[{life} {client} {round}]");
    if round < 4 {
        // Include the keys that were in use before, so that their final values are read.
        return KvOp::Get { key: key(life.saturating_sub(round / 2), round % 2) };
    }
    let key = key(life, rng.below(2));
    match rng.below(6) {
        0 | 1 => KvOp::Put { key, value },
        2 => KvOp::Append { key, value },
        3 => KvOp::Cas { key, old: String::new(), new: value },
        _ => KvOp::Get { key },
    }
}

/// A run: a cluster of three on a directory, with clients that print their calls until the process
/// is killed.
pub(super) fn child() {
    let argument = |name: &str| std::env::var(name).unwrap();
    let (life, counted) = (argument("LIFE").parse::<u64>().unwrap(), argument("COUNTED") == "true");
    let settings = Settings {
        election: ms(30)..ms(60),
        heartbeat: ms(8),
        pre_vote: true,
        snapshots: Some(Snapshots { every: 100, keep: 10, chunk: 8 }),
        ..Settings::nodes(3)
    };
    let directory = PathBuf::from(argument("DIRECTORY"));
    let setup = Setup::<Store>::new("raft", Names::new(["n1", "n2", "n3"], [""; 0]), settings.build().unwrap())
        .timeouts(Timeouts { attempt: ms(100), pause: ms(3), deadline: ms(5_000) })
        .seed(life);
    let setup = if counted {
        setup.in_directory(directory)
    } else {
        setup.disks(move |node| Box::new(Uncounted(Wal::new(directory.join(format!("{}.log", node.0))))))
    };
    let cluster = setup.start().unwrap();
    if !counted {
        let mut asking = cluster.client();
        plain(life).into_iter().for_each(|op| ask(&mut asking, life, op));
        // Wait to be killed.
        return drop(std::io::stdin().read_to_end(&mut Vec::new()));
    }
    let clients: Vec<Client<Store>> = (0..CLIENTS).map(|_| cluster.client()).collect();
    std::thread::scope(|scope| {
        for (number, mut asking) in (0..).zip(clients) {
            let mut rng = Rng::new(life, number);
            scope.spawn(move || {
                for round in 0.. {
                    ask(&mut asking, life * CLIENTS + number, op(&mut rng, life, number, round));
                }
            });
        }
    });
}

/// Returns the operations of the only client of an uncounted run: it writes, and in later runs also
/// reads its own write.
fn plain(life: u64) -> Vec<KvOp> {
    let (key, value) = ("x".to_owned(), format!("of life {life}"));
    let write = KvOp::Put { key: key.clone(), value };
    if life == 0 { vec![write] } else { vec![write, KvOp::Get { key }] }
}

fn ask(asking: &mut Client<Store>, client: u64, op: KvOp) {
    say(&Told::Asks { client, op: op.clone() });
    match asking.ask(command(&op)) {
        Ok(Reply::Refused(_)) | Err(_) => say(&Told::GaveUp { client }),
        Ok(reply) => say(&Told::Heard { client, returned: returned(&op, reply) }),
    }
}

fn say(told: &Told) {
    let line = serde_json::to_string(told).unwrap();
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n:{line}").and_then(|()| out.flush()).unwrap();
}

/// A log that does not store the number of runs, like every log before that number was introduced.
struct Uncounted(Wal<Disk<KeyValue>>);

impl Storage<Disk<KeyValue>> for Uncounted {
    fn open(&mut self, identity: &Identity) -> Result<Option<Past>, StorageError> {
        self.0.open(identity).map(|_| None)
    }

    fn place(&self) -> PathBuf {
        self.0.place()
    }

    fn begin(&mut self, run: &RunId) -> Result<(), StorageError> {
        self.0.begin(run)
    }

    fn reserve_clock(&mut self, until: Time) -> Result<(), StorageError> {
        self.0.reserve_clock(until)
    }

    fn load(&mut self) -> Result<Disk<KeyValue>, StorageError> {
        self.0.load()
    }

    fn write(&mut self, records: &[Record<KeyValue>]) -> Result<(), StorageError> {
        self.0.write(records)
    }

    fn wipe(&mut self) -> Result<(), StorageError> {
        self.0.wipe()
    }
}

/// Starts a run, kills it at a random time, and returns the messages of its clients.
fn live_and_die(directory: &Path, life: u64, rng: &mut Rng) -> Vec<Told> {
    // One in eight is killed while it boots; the others after some responses, however long these
    // take on a busy machine.
    let answers = if rng.below(8) > 0 { 1 + rng.below(24) as usize } else { 0 };
    lives_until(directory, life, true, answers, Duration::from_micros(rng.below(80_000)))
}

/// Starts a run, kills it some time after a number of responses, and returns the messages of its
/// clients.
fn lives_until(directory: &Path, life: u64, counted: bool, answers: usize, later: Duration) -> Vec<Told> {
    let mut command = child::command("restarts");
    command.env("DIRECTORY", directory).env("LIFE", life.to_string()).env("COUNTED", counted.to_string());
    let mut child = child::Killed(command.spawn().unwrap());
    let lines = BufReader::new(child.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    let heard = Arc::new((Mutex::new(Vec::<Told>::new()), Condvar::new()));
    let hearing = Arc::clone(&heard);
    // The pipe must not fill up: a child that is blocked by its parent makes no calls.
    let listener = std::thread::spawn(move || {
        for line in lines.filter_map(|line| line.strip_prefix(':').map(str::to_owned)) {
            // The kill may have cut off the last line, whose content is then unknown.
            if let Ok(told) = serde_json::from_str(&line) {
                hearing.0.lock().unwrap().push(told);
                hearing.1.notify_one();
            }
        }
    });
    let waits = |told: &mut Vec<Told>| told.iter().filter(|told| matches!(told, Told::Heard { .. })).count() < answers;
    let (told, patience) = (heard.0.lock().unwrap(), ms(30_000));
    let (told, late) = heard.1.wait_timeout_while(told, patience, waits).unwrap();
    assert!(!late.timed_out(), "fewer than {answers} answers were given in life {life}");
    // Let the listener record further messages.
    drop(told);
    std::thread::sleep(later);
    child.0.kill().unwrap();
    let ended = child.0.wait().unwrap();
    assert!(ended.code().is_none(), "the child of life {life} has failed instead of being killed: {ended}");
    listener.join().unwrap();
    std::mem::take(&mut *heard.0.lock().unwrap())
}

/// Adds the messages of a run's clients to a history. A call that was pending when the process was
/// killed may have been executed, or may be later.
fn record(history: &mut History<Model>, told: Vec<Told>) {
    let mut waiting = BTreeMap::<u64, CallId>::new();
    for told in told {
        let now = Time::from_millis(history.calls().len() as u64);
        match told {
            Told::Asks { client, op } => {
                let call = history.invoke(ClientId(client as u32), op, now).unwrap();
                waiting.insert(client, call);
            }
            Told::Heard { client, returned } => history.ok(waiting.remove(&client).unwrap(), returned, now).unwrap(),
            Told::GaveUp { client } => history.info(waiting.remove(&client).unwrap(), now).unwrap(),
        }
    }
    let now = Time::from_millis(history.calls().len() as u64);
    waiting.into_values().for_each(|call| history.info(call, now).unwrap());
}

#[test]
fn what_clients_are_told_over_kills_and_restarts_is_linearizable() {
    let number = |name: &str, usual| std::env::var(name).map_or(usual, |text| text.parse().expect(name));
    let (kills, seed) = (number("QUORATE_KILLS", KILLS), number("QUORATE_KILLS_SEED", 17));
    let directory = tempfile::tempdir().unwrap();
    let (mut rng, mut history) = (Rng::new(seed, 0), History::<Model>::new());
    for life in 0..kills {
        record(&mut history, live_and_die(directory.path(), life, &mut rng));
    }
    let answered = history.calls().iter().filter(|call| call.returned().is_some());
    let (reads, writes): (Vec<_>, Vec<_>) = answered.partition(|call| matches!(call.op, KvOp::Get { .. }));
    println!("{} reads and {} writes were answered over {kills} kills", reads.len(), writes.len());
    assert!(reads.len() as u64 > 2 * kills && writes.len() as u64 > 2 * kills, "too few to check");
    let report = check(&Model, &history, Limits::default());
    assert!(matches!(report.verdict, Verdict::Linearizable { .. }), "{}", render(&Model, &history, &report, 120));
}

/// The test can fail: without numbers of runs the checker finds a write that was acknowledged but
/// not executed.
#[test]
fn runs_that_nobody_counts_are_found_out() {
    let directory = tempfile::tempdir().unwrap();
    let mut history = History::<Model>::new();
    for life in 0..2 {
        let answers = plain(life).len();
        record(&mut history, lives_until(directory.path(), life, false, answers, Duration::ZERO));
    }
    let told: Vec<_> = history.calls().iter().map(|call| call.returned().cloned()).collect();
    assert_eq!(told, [Some(KvReturn::Done), Some(KvReturn::Done), Some(KvReturn::Value("of life 0".to_owned()))]);
    let report = check(&Model, &history, Limits::default());
    assert!(matches!(report.verdict, Verdict::NotLinearizable(_)), "{}", render(&Model, &history, &report, 120));
}
