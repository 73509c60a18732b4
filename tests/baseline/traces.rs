//! Baseline of traces of random runs with harsh faults, as SHA-256 digests.

use std::io;
use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use quorate::protocols::{
    LeaseCacheTarget, LeaseMajorityTarget, LeaseRaftTarget, LeaseStoreTarget, LeaseTarget, LockTarget,
    MultiPaxosTarget, OutboxTarget, PaxosCommitTarget, PaxosTarget, RaftTarget, RedlockTarget, TwoPhaseTarget,
};

use quorate::experiments::{RunParameters, SimTarget};
use quorate::lab::sim::FaultPlan;
use quorate::protocol::Duration;
use sha2::{Digest, Sha256};

use crate::record::{Mode, Record};

pub const HEAD: &str = "\
Harsh runs of three nodes. Each line: the protocol, ten seeds (the last is not among them), the SHA-256 of their traces'
SHA-256 one behind the other, and the first eight digits of each of these. The trace of seed 7 of raft is what
  quorate sim raft --faults harsh --for 3s --seeds 7..8 --jsonl -
prints.";

/// Number of seeds of each protocol, in total and in a sample.
const SEEDS: u64 = 1_000;
const SAMPLE: u64 = 20;
/// Number of seeds per line.
const BLOCK: u64 = 10;

pub fn measure(mode: Mode) -> Record {
    let seeds = if mode.is_brief() { SAMPLE } else { SEEDS };
    let mut record = Record::differing(difference);
    blocks::<PaxosTarget>(seeds, &mut record);
    blocks::<MultiPaxosTarget>(seeds, &mut record);
    blocks::<RaftTarget>(seeds, &mut record);
    blocks::<LeaseTarget>(seeds, &mut record);
    blocks::<LeaseMajorityTarget>(seeds, &mut record);
    blocks::<LeaseStoreTarget>(seeds, &mut record);
    blocks::<LeaseCacheTarget>(seeds, &mut record);
    blocks::<LeaseRaftTarget>(seeds, &mut record);
    blocks::<LockTarget>(seeds, &mut record);
    blocks::<RedlockTarget>(seeds, &mut record);
    blocks::<TwoPhaseTarget>(seeds, &mut record);
    blocks::<PaxosCommitTarget>(seeds, &mut record);
    blocks::<OutboxTarget>(seeds, &mut record);
    record
}

/// Adds the digests of a protocol with the correct rulebook, computed on all cores.
fn blocks<S: SimTarget>(seeds: u64, record: &mut Record) {
    let (next, done) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let start = next.fetch_add(BLOCK, Ordering::Relaxed);
            if start >= seeds {
                return;
            }
            let value = block::<S>(start);
            done.lock().expect("no thread panics with it").push((start, value));
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let mut done = done.into_inner().expect("no thread panics with it");
    done.sort_unstable();
    for (start, value) in done {
        record.add(format!("{} {start}..{}", S::NAME, start + BLOCK), value);
    }
}

fn block<S: SimTarget>(start: u64) -> String {
    let mut all = Sha256::new();
    let mut each = String::new();
    for seed in start..start + BLOCK {
        let digest = trace::<S>(seed);
        all.update(digest);
        each += &format!(" {}", &hex(&digest)[..8]);
    }
    let all: [u8; 32] = all.finalize().into();
    hex(&all) + &each
}

/// Digest of a run's trace.
fn trace<S: SimTarget>(seed: u64) -> [u8; 32] {
    let run = RunParameters { nodes: 3, seed, fault_plan: FaultPlan::harsh(), span: Duration::from_secs(3) };
    let mut experiment = S::experiment(&run).expect("such a cluster can be");
    experiment.setup.traced = true;
    let outcome = experiment.run(S::reached);
    let mut hash = Hash(Sha256::new());
    let recording = outcome.world.recording().expect("the run is traced");
    recording.write_jsonl(io::BufWriter::with_capacity(1 << 16, &mut hash)).expect("a hash takes everything");
    hash.0.finalize().into()
}

struct Hash(Sha256);

impl io::Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Describes the first seed whose trace differs, with the command that shows it.
fn difference(name: &str, was: &str, is: &str) -> String {
    let parsed = name.split_once(' ').and_then(|(protocol, range)| Some((protocol, range.split_once("..")?.0)));
    let start = parsed.and_then(|(_, start)| start.parse::<u64>().ok());
    let first = was.split(' ').zip(is.split(' ')).skip(1).position(|(was, is)| was != is);
    match (parsed, start, first) {
        (Some((protocol, _)), Some(start), Some(first)) => {
            let seed = start + first as u64;
            let end = seed + 1;
            format!(
                "{name}: seed {seed} is the first whose trace is another one; see it with\n  \
                 quorate sim {protocol} --faults harsh --for 3s --seeds {seed}..{end} --jsonl -"
            )
        }
        _ => format!("{name}\n  was: {was}\n  is:  {is}"),
    }
}

#[test]
fn the_first_seed_that_differs_is_named() {
    let message = difference("raft 120..130", "a b c d", "x b y d");
    assert!(message.starts_with("raft 120..130: seed 121 is the first"), "{message}");
    assert!(message.ends_with("quorate sim raft --faults harsh --for 3s --seeds 121..122 --jsonl -"), "{message}");
}
