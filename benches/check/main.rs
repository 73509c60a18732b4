//! Benchmark of the model checker against Stateright 0.31: the same models, the same number of
//! threads, in one run.
//!
//! `cargo bench --bench check`. Every figure is measured in a process of its own, which explores
//! one model once, so the memory is that of one search. States per second count distinct states;
//! bytes per state are the growth of the process up to its peak, where the system provides it
//! (`VmHWM`). Before that it explores a small model, so that the program's own pages are not
//! counted.

#[path = "../../lab/tests/check/models/mod.rs"]
mod models;
mod stateright;

use std::fmt::Debug;
use std::hash::Hash;
use std::process::Command;
use std::time::Instant;

use ::stateright::Checker;
use models::{Paxos, TwoPhase};
use quorate_lab::check::{Model, Search};

const RUNS: usize = 9;
const MODELS: [&str; 4] = ["two-phase-5", "two-phase-7", "paxos-2-ballots", "paxos-3-ballots"];
/// Engine and number of threads.
const CONTENDERS: [(&str, usize); 4] = [("quorate", 1), ("quorate", 2), ("stateright", 1), ("stateright", 2)];
const CHILD: &str = "--one";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().position(|argument| argument == CHILD) {
        Some(place) => child(&arguments[place + 1..]),
        None => compare(),
    }
}

/// Result of one exploration.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Figure {
    states: u64,
    rate: f64,
    bytes: f64,
}

fn compare() {
    agree();
    println!(
        "{:<16} {:<11} {:>7} {:>10} {:>30} {:>12}",
        "model", "engine", "threads", "states", "states/s", "bytes/state"
    );
    for model in MODELS {
        let [one, two, their_one, their_two] = measure(model);
        for (threads, ours, theirs) in [(1, one, their_one), (2, two, their_two)] {
            let (rate, bytes) = (ours.rate / theirs.rate, ours.bytes / theirs.bytes);
            println!("{:<16} {threads} threads: {rate:.1} times the states/s, {bytes:.2} of the bytes/state", "");
        }
        println!("{:<16} two threads are worth {:.2} of one", "", two.rate / one.rate);
    }
}

/// Asserts that both engines find equally many states and steps and the same depth; otherwise their
/// times cannot be compared.
fn agree() {
    agree_on(TwoPhase { managers: 3 });
    agree_on(TwoPhase { managers: 4 });
    agree_on(TwoPhase { managers: 5 });
    agree_on(Paxos { values: 2, ballots: 2 });
    agree_on(Paxos { values: 2, ballots: 3 });
}

/// Compares the counts of one model. Stateright measures depth in states, this checker in steps.
fn agree_on<M, S>(model: M)
where
    M: Model<State = S> + ::stateright::Model<State = S> + Send + Copy + 'static,
    S: Clone + Debug + Hash + PartialEq + Send + Sync + 'static,
    <M as ::stateright::Model>::Action: Clone + Debug + PartialEq,
{
    let ours = Search::new(&model).run().expect("the model can be searched").progress;
    let theirs = ::stateright::Model::checker(model).spawn_bfs().join();
    assert_eq!(ours.unique, theirs.unique_state_count() as u64);
    assert_eq!(ours.generated, theirs.state_count() as u64);
    assert_eq!(ours.depth.map(|depth| depth as usize + 1), Some(theirs.max_depth()));
    println!("{} states, {} generated, depth {:?}: both", ours.unique, ours.generated, ours.depth);
}

/// Prints for each contender the median of several runs, with the slowest and the fastest. Runs
/// alternate, so that a temporary slowdown of the machine affects all contenders.
fn measure(model: &str) -> [Figure; CONTENDERS.len()] {
    let rounds: Vec<_> = (0..RUNS).map(|_| CONTENDERS.map(|(engine, threads)| run(model, engine, threads))).collect();
    std::array::from_fn(|contender| {
        let (engine, threads) = CONTENDERS[contender];
        let mut figures: Vec<Figure> = rounds.iter().map(|round| round[contender]).collect();
        figures.sort_by(|one, other| one.rate.total_cmp(&other.rate));
        let (slowest, median, fastest) = (figures[0], figures[RUNS / 2], figures[RUNS - 1]);
        println!(
            "{model:<16} {engine:<11} {threads:>7} {:>10} {:>10.0} ({:>7.0}–{:>8.0}) {:>12.0}",
            median.states, median.rate, slowest.rate, fastest.rate, median.bytes
        );
        median
    })
}

fn run(model: &str, engine: &str, threads: usize) -> Figure {
    let this = std::env::current_exe().expect("a running program has a path");
    let output =
        Command::new(this).args([CHILD, model, engine, &threads.to_string()]).output().expect("it can run again");
    let text = String::from_utf8(output.stdout).expect("it prints figures");
    let mut numbers = text.split_whitespace().map(|number| number.parse::<f64>().expect("a figure"));
    let [states, seconds, bytes] = std::array::from_fn(|_| numbers.next().expect("three figures"));
    Figure { states: states as u64, rate: states / seconds, bytes: bytes / states }
}

fn child(arguments: &[String]) {
    let [model, engine, threads, ..] = arguments else { panic!("{CHILD} needs a model, an engine and threads") };
    let threads: usize = threads.parse().expect("a number of threads");
    match model.as_str() {
        "two-phase-5" => measured(TwoPhase { managers: 1 }, TwoPhase { managers: 5 }, engine, threads),
        "two-phase-7" => measured(TwoPhase { managers: 1 }, TwoPhase { managers: 7 }, engine, threads),
        "paxos-2-ballots" => {
            measured(Paxos { values: 1, ballots: 1 }, Paxos { values: 2, ballots: 2 }, engine, threads)
        }
        "paxos-3-ballots" => {
            measured(Paxos { values: 1, ballots: 1 }, Paxos { values: 2, ballots: 3 }, engine, threads)
        }
        other => panic!("there is no model {other}"),
    }
}

fn measured<M, S>(small: M, model: M, engine: &str, threads: usize)
where
    M: Model<State = S> + ::stateright::Model<State = S> + Send + 'static,
    S: Clone + Debug + Hash + PartialEq + Send + Sync + 'static,
    <M as ::stateright::Model>::Action: Clone + Debug + PartialEq,
{
    explore(small, engine, threads);
    let before = peak();
    let started = Instant::now();
    let states = explore(model, engine, threads);
    println!("{states} {} {}", started.elapsed().as_secs_f64(), peak().saturating_sub(before));
}

/// Number of distinct states of the model.
fn explore<M, S>(model: M, engine: &str, threads: usize) -> u64
where
    M: Model<State = S> + ::stateright::Model<State = S> + Send + 'static,
    S: Clone + Debug + Hash + PartialEq + Send + Sync + 'static,
    <M as ::stateright::Model>::Action: Clone + Debug + PartialEq,
{
    match engine {
        "quorate" => Search::new(&model).threads(threads).run().expect("the model can be searched").progress.unique,
        _ => ::stateright::Model::checker(model).threads(threads).spawn_bfs().join().unique_state_count() as u64,
    }
}

/// Peak memory of this process in bytes; 0 where the system does not provide it.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}
