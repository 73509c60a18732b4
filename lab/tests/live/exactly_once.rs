//! Two hundred times `kill -9`: every acknowledged request is applied, exactly once.
//!
//! A child runs one node on a file, keeps eight additions in flight and prints the requests that it
//! sends and those that are acknowledged, until it is killed. The next child boots from the file
//! and first retries *every* request of its predecessor, with the same tickets, like a client that
//! does not know their outcome. If each was applied once, before or now, the sum is the number of
//! all requests ever sent; if one was lost after its acknowledgement or applied twice, it is not.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use quorate_lab::env::Rng;
use quorate_lab::live::{Cluster, REQUESTS_PER_RUN, Setup, Wal};
use quorate_protocol::{ClientId, Disk as _, Names, NodeId};
use quorate_raft::{Settings, Snapshots};

use super::{Node, add, child, ms, sum};

const DEATHS: u64 = 200;

/// Number of additions in flight.
const DEPTH: u64 = 8;

/// Number of additions after which a child only waits to be killed; a session remembers all of
/// them.
const MOST: u64 = 160;

fn cluster(file: &Path) -> Cluster<Node> {
    let settings = Settings {
        election: ms(4)..ms(8),
        heartbeat: ms(2),
        session_replies: 256,
        snapshots: Some(Snapshots { every: 1_000, keep: 10, chunk: 64 }),
        ..Settings::nodes(1)
    };
    let file = file.to_owned();
    Setup::<Node>::new("raft", Names::new(["n1"], [""; 0]), settings.build().unwrap())
        .disks(move |_: NodeId| Box::new(Wal::new(&file).compacting_from(1 << 16)))
        .start()
        .unwrap()
}

/// Position of a request within its run.
fn count(number: u64) -> u64 {
    (number - 1) % REQUESTS_PER_RUN + 1
}

fn say(words: std::fmt::Arguments<'_>) {
    let mut out = std::io::stdout();
    writeln!(out, "\n{words}").and_then(|()| out.flush()).unwrap();
}

pub(super) fn child() {
    let argument = |name: &str| std::env::var(name).unwrap();
    let number = |name: &str| argument(name).parse::<u64>().unwrap();
    let (before, repeat) = (number("BEFORE"), number("REPEAT"));
    let cluster = cluster(Path::new(&argument("FILE")));

    if let Some(mut earlier) = cluster.resume(ClientId(number("CLIENT") as u32), number("RUN")) {
        (0..repeat).for_each(|_| _ = earlier.submit(add(1)));
        while let Some(answer) = earlier.wait() {
            let (ticket, reply) = answer.unwrap();
            assert_eq!(sum(&reply) as u64, before + count(ticket.number), "{ticket} was applied once");
        }
    }
    let base = before + repeat;
    let mut client = cluster.client();
    say(format_args!("client {}", client.id().0));
    say(format_args!("run {}", cluster.run()));
    say(format_args!("base {base}"));
    for round in 0..MOST / DEPTH {
        say(format_args!("sent {}", (round + 1) * DEPTH));
        (0..DEPTH).for_each(|_| _ = client.submit(add(1)));
        while let Some(answer) = client.wait() {
            let (ticket, reply) = answer.unwrap();
            assert_eq!(sum(&reply) as u64, base + count(ticket.number));
            say(format_args!("acknowledged {}", count(ticket.number)));
        }
    }
    _ = std::io::stdin().read_line(&mut String::new());
}

/// State of the parent between two runs of the child.
#[derive(Default, Debug)]
struct Known {
    /// The sum before the last run that sent requests.
    before: u64,
    /// Number of that run, and its client.
    run: u64,
    client: u64,
    /// Number of additions that it may have sent.
    sent: u64,
    acknowledged: u64,
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_applied_twice_over_two_hundred_kills() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("n1.log");
    let mut rng = Rng::new(9, 0);
    let mut known = Known::default();
    let (mut reached, mut acknowledged) = (0, 0);
    for life in 1..=DEATHS {
        let lines = live_and_die(&file, life, &known, &mut rng);
        if let Some(base) = lines.iter().find_map(|line| line.strip_prefix("base ")) {
            assert_eq!(base.parse::<u64>().unwrap(), known.before + known.sent, "life {life}, {known:?}");
            reached += 1;
            let last = |what: &str| lines.iter().rev().find_map(|line| line.strip_prefix(what)?.parse::<u64>().ok());
            let (sent, heard) = (last("sent ").unwrap_or(0), last("acknowledged ").unwrap_or(0));
            let (run, client) = (last("run ").unwrap(), last("client ").unwrap());
            assert!(run > known.run, "run {run} came after {known:?}");
            known = Known { before: base.parse().unwrap(), run, client, sent, acknowledged: heard };
            acknowledged += heard;
        }
        check_file(&file, &known);
    }
    assert!(reached > DEATHS / 2, "only {reached} of {DEATHS} children came to ask for anything");
    assert!(acknowledged > 1_000, "only {acknowledged} additions were acknowledged");
}

/// Starts a child, kills it at a random time, and returns its output.
fn live_and_die(file: &Path, life: u64, known: &Known, rng: &mut Rng) -> Vec<String> {
    let mut command = child::command("exactly once");
    command.env("FILE", file).env("RUN", known.run.to_string()).env("CLIENT", known.client.to_string());
    command.env("BEFORE", known.before.to_string()).env("REPEAT", known.sent.to_string());
    let mut child = child::Killed(command.spawn().unwrap());
    let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
    let mut heard = Vec::new();
    // One in eight is killed while it boots or retries; the others at a random time during their
    // work.
    if rng.below(8) > 0 {
        heard.extend(lines.by_ref().map_while(Result::ok).take_while_inclusive(|line| !line.starts_with("base ")));
    }
    std::thread::sleep(std::time::Duration::from_micros(rng.below(40_000)));
    child.0.kill().unwrap();
    heard.extend(lines.map_while(Result::ok));
    let ended = child.0.wait().unwrap();
    assert!(ended.code().is_none(), "the child of life {life} has failed instead of being killed: {ended}");
    heard
}

/// The file itself holds everything that was acknowledged, whatever the next boot makes of it.
fn check_file(file: &Path, known: &Known) {
    if !file.exists() {
        return;
    }
    let disk = Wal::<quorate_raft::Disk<quorate_raft::Counter>>::read(file).unwrap();
    disk.check().unwrap();
    let commands = disk.log.last_index().0;
    assert!(commands >= known.before + known.acknowledged, "{commands} entries, {known:?}");
    assert!(disk.compacted().is_some());
}

/// Like `take_while`, but includes the first item that does not fit.
trait TakeWhileInclusive: Iterator + Sized {
    fn take_while_inclusive(self, mut fits: impl FnMut(&Self::Item) -> bool) -> impl Iterator<Item = Self::Item> {
        let mut over = false;
        self.take_while(move |item| {
            let before = over;
            over |= !fits(item);
            !before
        })
    }
}

impl<I: Iterator> TakeWhileInclusive for I {}
