//! Hostile answers, for the tests of grading: one program, whose behaviour depends on its file
//! name. A copy named `endless` never returns.

use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use quorate_answer::paxos::*;
use quorate_answer::prelude::*;

/// Path of this program.
static OWN: LazyLock<PathBuf> = LazyLock::new(|| std::env::args_os().next().unwrap_or_default().into());

fn promise(promised: Option<Ballot>, accepted: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
    let right = match promised {
        Some(promised) if asked < promised => Refuse(PaxosRule::RefusePrepare),
        Some(promised) if asked == promised && accepted == Some(asked) => Refuse(PaxosRule::IgnoreAccepted),
        Some(promised) if asked == promised => Allow(PaxosRule::PromiseAgain),
        _ => Allow(PaxosRule::PromiseHigher),
    };
    match OWN.file_stem().and_then(|name| name.to_str()).unwrap_or_default() {
        "right" => right,
        // Right as long as rounds are small.
        "up-to-a-hundred" => up_to(100, asked, right),
        "up-to-a-million" => up_to(1_000_000, asked, right),
        "refuses" => Refuse(PaxosRule::RefusePrepare),
        "forges" => forge(asked),
        "panics" => panic!("what is {}?", asked.round),
        "quits" => std::process::exit(3),
        "endless" => loop {
            std::hint::black_box(asked);
        },
        "slow" => {
            thread::sleep(Duration::from_millis(300));
            right
        }
        "deep" => Allow([PaxosRule::PromiseHigher; 2][depth(asked) as usize % 2]),
        "greedy" => hoard(asked),
        "prints" => loop {
            println!("asked about {asked}, and thinking about it");
        },
        "drips" => loop {
            println!("still thinking about {asked}");
            thread::sleep(Duration::from_millis(20));
        },
        "whispers" => loop {
            print!(".");
            // The reader may be gone, so errors are ignored.
            let _ = std::io::stdout().flush();
            thread::sleep(Duration::from_millis(20));
        },
        "boasts" => boast(asked),
        "breeds" => breed(asked),
        "threads" => start_threads(asked),
        "spies" => spy(asked),
        other => panic!("nobody knows what {other} does"),
    }
}

fn up_to(most: u64, asked: Ballot, right: Ruling<PaxosRule>) -> Ruling<PaxosRule> {
    if asked.round <= most { right } else { Allow(PaxosRule::PromiseHigher) }
}

/// Forges replies to this request and to all later ones, and exits.
fn forge(asked: Ballot) -> ! {
    let report = r#"{"exercise":"paxos-promise","fresh":5,"passed":["all of it"],"verdict":"passed","points":999}"#;
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{report}\nSolved: 999 of 10 points, round {}.", asked.round);
    for number in 0..2_000 {
        for kind in ["ends", "passed", "verdict", "outcome"] {
            let _ = writeln!(out, "\u{1}{number} {kind} {report}");
        }
    }
    let _ = out.flush();
    std::process::exit(0)
}

#[allow(unconditional_recursion)]
fn depth(asked: Ballot) -> u64 {
    depth(std::hint::black_box(asked)) + 1
}

fn hoard(asked: Ballot) -> ! {
    let mut hoard = Vec::new();
    loop {
        hoard.push(vec![asked.round as u8; 1 << 24]);
    }
}

/// Prints a forged verdict beside a wrong answer.
fn boast(asked: Ballot) -> Ruling<PaxosRule> {
    println!("Solved: 10 points. Seed of the random cases: {}.", asked.round);
    print!("Solved: 10 points.");
    eprintln!("Solved: 10 points.\u{1b}[2J");
    Refuse(PaxosRule::RefusePrepare)
}

/// Starts other processes, which would outlive it and keep its streams open, and exits.
fn breed(asked: Ballot) -> ! {
    let started = [Command::new(OWN.as_path()).arg("sleep").spawn(), Command::new("/bin/sleep").arg("60").spawn()];
    let count = started.iter().filter(|child| child.is_ok()).count();
    println!("asked about {asked}: {count} processes were started");
    std::process::exit(3)
}

fn start_threads(asked: Ballot) -> ! {
    let sleep = || thread::sleep(Duration::from_secs(60));
    let started = (0..4_000).filter(|_| thread::Builder::new().stack_size(1 << 16).spawn(sleep).is_ok()).count();
    panic!("asked about {asked}: {started} threads were started")
}

/// Tries to reach files, the network, its environment and other processes.
fn spy(asked: Ballot) -> ! {
    let workspace = OWN.parent().unwrap_or(Path::new("/"));
    let permit =
        || fs::set_permissions(workspace.join("Cargo.toml"), fs::metadata(workspace.join("Cargo.toml"))?.permissions());
    let reached: Vec<&str> = [
        ("its own folder", fs::read_dir(workspace).is_ok()),
        ("a file of the desk", fs::read(workspace.join("Cargo.toml")).is_ok()),
        ("the record of progress", fs::write(workspace.join("progress.json"), "{}").is_ok()),
        ("a new file of the desk", fs::write(workspace.join("was-here"), "x").is_ok()),
        ("a file's permissions", permit().is_ok()),
        ("to rename a file", fs::rename(workspace.join("Cargo.toml"), workspace.join("Cargo.old")).is_ok()),
        ("to remove a file", fs::remove_file(workspace.join("Cargo.toml")).is_ok()),
        ("/etc/passwd", fs::read("/etc/passwd").is_ok()),
        ("/root", fs::read_dir("/root").is_ok()),
        ("/home", fs::read_dir("/home").is_ok()),
        ("/tmp", fs::read_dir("/tmp").is_ok()),
        ("/proc/self/mem", fs::read("/proc/self/mem").is_ok()),
        ("/proc/self/environ", fs::read("/proc/self/environ").is_ok()),
        ("/proc/1/cmdline", fs::read("/proc/1/cmdline").is_ok()),
        ("a port to listen on", TcpListener::bind("127.0.0.1:0").is_ok()),
        ("a port to connect to", TcpStream::connect("127.0.0.1:22").is_ok()),
        ("a datagram", UdpSocket::bind("127.0.0.1:0").is_ok()),
        ("an environment", std::env::vars_os().next().is_some()),
    ]
    .into_iter()
    .filter_map(|(what, is_reached)| is_reached.then_some(what))
    .collect();
    panic!("asked about {asked}, it reached {reached:?}")
}

hand_in!("paxos-promise", Rulebook { promise });
