//! `quorate sim`: random runs under faults.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use clap::{Args, ValueEnum};
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use quorate::experiments::{
    LeaseCacheRuns, LeaseMajorityRuns, LeaseRaftRuns, LeaseRuns, LeaseStoreRuns, MultiPaxosRuns, PaxosRuns, RaftRuns, Run,
    Subject,
};
use quorate::lab::sim::{Census, Storm, Verdict, Violation, duration};
use quorate::lab::trace::{Document, render};
use quorate::protocol::{Duration, Machine, Names, nanos};

use super::failure::Failure;
use super::screen::{Screen, Showing, save_jsonl};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// What to simulate
    #[arg(value_enum)]
    protocol: Protocol,
    /// How many nodes (for paxos: acceptors; for lease and lease-cache: holders; for lease-store: replicas; for lease-raft: servers)
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=64))]
    nodes: u32,
    /// The seeds, a run for each; the end is not among them
    #[arg(long, value_name = "A..B", default_value = "0..1000")]
    seeds: Seeds,
    /// How long the faults last in each run, in simulated time; then everything heals
    #[arg(long = "for", value_name = "SPAN", default_value = "10s", value_parser = duration)]
    span: Duration,
    /// What goes wrong: none, mild, harsh, or a list such as loss=2%,crashes=3
    #[arg(long, value_name = "FAULTS", default_value = "mild")]
    faults: Storm,
    /// Show the trace; takes one seed
    #[arg(long)]
    trace: bool,
    #[command(flatten)]
    showing: Showing,
    /// Save the trace as JSON Lines (`-`: print nothing else); takes one seed
    #[arg(long, value_name = "FILE")]
    jsonl: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Protocol {
    Paxos,
    MultiPaxos,
    Raft,
    Lease,
    LeaseMajority,
    LeaseStore,
    LeaseCache,
    LeaseRaft,
}

/// A half-open range of seeds, as in Rust.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Seeds {
    start: u64,
    end: u64,
}

impl std::str::FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<u64>().map_err(|_| format!("'{text}' is not a seed, a number from 0"));
        let Some((start, end)) = text.split_once("..") else {
            return Err("a range of seeds is written 0..1000; one seed is 7..8".to_owned());
        };
        let seeds = Seeds { start: number(start)?, end: number(end)? };
        match seeds.start < seeds.end {
            true => Ok(seeds),
            false => Err(format!("there is no seed in {text}: the start must be below the end, which is not included")),
        }
    }
}

impl Seeds {
    fn count(self) -> u64 {
        self.end - self.start
    }
}

pub(crate) fn sim(arguments: &Arguments, screen: &mut Screen) -> Result<(), Failure> {
    if nanos(arguments.span) == 0 {
        return Err(Failure::unusable("--for takes a span above zero, such as 10s"));
    }
    match arguments.protocol {
        Protocol::Paxos => simulate::<PaxosRuns>(arguments, screen),
        Protocol::MultiPaxos => simulate::<MultiPaxosRuns>(arguments, screen),
        Protocol::Raft => simulate::<RaftRuns>(arguments, screen),
        Protocol::Lease => simulate::<LeaseRuns>(arguments, screen),
        Protocol::LeaseMajority => simulate::<LeaseMajorityRuns>(arguments, screen),
        Protocol::LeaseStore => simulate::<LeaseStoreRuns>(arguments, screen),
        Protocol::LeaseCache => simulate::<LeaseCacheRuns>(arguments, screen),
        Protocol::LeaseRaft => simulate::<LeaseRaftRuns>(arguments, screen),
    }
}

fn simulate<S: Subject>(arguments: &Arguments, screen: &mut Screen) -> Result<(), Failure> {
    let seeds = arguments.seeds;
    if arguments.trace || arguments.jsonl.is_some() {
        if seeds.count() != 1 {
            let only = format!("a trace is of one run: use --seeds {}..{}", seeds.start, seeds.start.saturating_add(1));
            return Err(Failure::unusable(only));
        }
        return simulate_one::<S>(arguments, screen);
    }
    // Before any thread starts: an impossible cluster is impossible for every seed.
    S::experiment(&arguments.run(seeds.start)).map_err(Failure::unusable_dyn)?;
    let results = simulate_all::<S>(arguments)?;
    report::<S>(arguments, &results, screen)
}

impl Arguments {
    fn run(&self, seed: u64) -> Run {
        Run { nodes: self.nodes, seed, storm: self.faults, span: self.span }
    }
}

/// One run, with its trace.
fn simulate_one<S: Subject>(arguments: &Arguments, screen: &mut Screen) -> Result<(), Failure> {
    let mut experiment = S::experiment(&arguments.run(arguments.seeds.start)).map_err(Failure::unusable_dyn)?;
    experiment.setup.traced = true;
    let outcome = experiment.run(S::reached);
    let document = outcome.world.recording().map(|recording| recording.document()).unwrap_or_default();
    if let Some(path) = &arguments.jsonl {
        save_jsonl(&document, path, screen)?;
    }
    if arguments.jsonl.as_ref().is_none_or(|path| path.as_os_str() != "-") {
        show::<S>(arguments, &document, &outcome.verdict, screen)?;
    }
    match outcome.verdict {
        Verdict::Reached { .. } => Ok(()),
        Verdict::Missed => Err(Failure::broke(format_args!("seed {} never {}", arguments.seeds.start, S::GOAL))),
        Verdict::Broke(violation) => Err(Failure::broke(violation)),
    }
}

fn show<S: Subject>(
    arguments: &Arguments,
    document: &Document,
    verdict: &Verdict,
    screen: &mut Screen,
) -> Result<(), Failure> {
    screen.line(render::heading(&document.header))?;
    screen.line("")?;
    if arguments.trace {
        screen.trace(document, arguments.showing)?;
        screen.line("")?;
    }
    if let Verdict::Reached { healed, at } = verdict {
        screen.line(format_args!(
            "Healed at {healed}. At {at} the run {}.",
            S::GOAL.replacen("chose", "had chosen", 1)
        ))?;
    }
    Ok(())
}

/// What came of many runs.
struct Results<M: Machine> {
    census: Census<M>,
    /// Nanoseconds from healing to the goal, of each run that reached it.
    waits: Vec<u64>,
    events: u64,
    /// The runs that went wrong, in the order of their seeds.
    missed: Vec<u64>,
    broken: Vec<(u64, Violation, Names)>,
}

impl<M: Machine> Results<M> {
    fn new() -> Self {
        Results { census: Census::default(), waits: Vec::new(), events: 0, missed: Vec::new(), broken: Vec::new() }
    }

    fn add(&mut self, other: Self) {
        self.census.add(&other.census);
        self.waits.extend(other.waits);
        self.events += other.events;
        self.missed.extend(other.missed);
        self.broken.extend(other.broken);
    }
}

/// Makes the runs, a batch at a time. What is reported does not depend on how many cores there are: counts are added up,
/// failures sorted, and no batch is left half made.
fn simulate_all<S: Subject>(arguments: &Arguments) -> Result<Results<S::Machine>, Failure> {
    let Seeds { mut start, end } = arguments.seeds;
    let progress = progress(end - start);
    let mut results = Results::new();
    while start < end && results.broken.len() < BROKEN_MAX {
        let batch = Seeds { start, end: end.min(start.saturating_add(BATCH)) };
        results.add(simulate_batch::<S>(arguments, batch, &progress));
        start = batch.end;
    }
    progress.finish_and_clear();
    results.waits.sort_unstable();
    results.missed.sort_unstable();
    results.broken.sort_by_key(|(seed, ..)| *seed);
    Ok(results)
}

/// Makes runs on all cores.
fn simulate_batch<S: Subject>(arguments: &Arguments, seeds: Seeds, progress: &ProgressBar) -> Results<S::Machine> {
    let next = AtomicU64::new(seeds.start);
    let work = || {
        let mut results = Results::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break results;
            }
            simulate_seed::<S>(arguments, seed, &mut results);
            progress.inc(1);
        }
    };
    let workers = thread::available_parallelism().map_or(1, |cores| cores.get());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let mut all = Results::new();
        for worker in workers {
            match worker.join() {
                Ok(results) => all.add(results),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}

/// So many runs are made before anyone asks whether that will do.
const BATCH: u64 = 256;

/// After so many broken runs there is no need for more.
const BROKEN_MAX: usize = 10;

fn simulate_seed<S: Subject>(arguments: &Arguments, seed: u64, results: &mut Results<S::Machine>) {
    let Ok(experiment) = S::experiment(&arguments.run(seed)) else { return };
    let outcome = experiment.run(S::reached);
    results.census.add(&outcome.world.invariants().1);
    results.events += outcome.world.events();
    match outcome.verdict {
        Verdict::Reached { healed, at } => results.waits.push(nanos(at.since(healed))),
        Verdict::Missed => results.missed.push(seed),
        Verdict::Broke(violation) => results.broken.push((seed, violation, outcome.world.names().clone())),
    }
}

/// A bar on the standard error, if that is a terminal.
fn progress(runs: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} runs, {eta} left");
    ProgressBar::new(runs).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn report<S: Subject>(
    arguments: &Arguments,
    results: &Results<S::Machine>,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let Arguments { nodes, seeds, span, faults, .. } = arguments;
    let Results { census, waits, events, missed, broken } = results;
    let runs = waits.len() + missed.len() + broken.len();
    screen.line(format_args!(
        "{}, {nodes} nodes, seeds {}..{}, {span:?} of faults in each run",
        S::NAME,
        seeds.start,
        seeds.end
    ))?;
    screen.line(format_args!("faults: {faults}"))?;
    screen.line("")?;
    let mut row = |count: u64, what: &str| screen.line(format_args!("{:>14}  {what}", HumanCount(count).to_string()));
    row(runs as u64, "runs")?;
    row(waits.len() as u64, S::GOAL)?;
    row(missed.len() as u64, "did not, although everything was healed")?;
    row(broken.len() as u64, "broke an invariant")?;
    for (count, what) in S::met(census) {
        row(count, what)?;
    }
    row(*events, "simulated events")?;
    screen.line("")?;
    if let (Some(worst), Some(median)) = (waits.last(), waits.get(waits.len() / 2)) {
        let (median, worst) = (Duration::from_nanos(*median), Duration::from_nanos(*worst));
        screen.line(format_args!("From the healing to the goal: median {median:.1?}, worst {worst:.1?}."))?;
    }
    if let Some((seed, violation, names)) = broken.first() {
        return Err(explain::<S>(arguments, *seed, violation, names, screen));
    }
    match missed.first() {
        Some(seed) => {
            let replay = arguments.run(*seed).replay::<S>();
            Err(Failure::broke(format_args!("seed {seed} never {}; see it with\n  {replay}", S::GOAL)))
        }
        None => screen.line("Every invariant held after every step."),
    }
}

/// Shows the smallest run that breaks the invariant, and says how to see the whole one.
fn explain<S: Subject>(
    arguments: &Arguments,
    seed: u64,
    violation: &Violation,
    names: &Names,
    screen: &mut Screen,
) -> Failure {
    let shown = || -> Result<(), Failure> {
        let experiment = S::experiment(&arguments.run(seed)).map_err(Failure::unusable_dyn)?;
        let Some(mut shrunk) = experiment.shrink(SHRINKING_RUNS_MAX) else { return Ok(()) };
        screen.line(format_args!("Seed {seed} breaks an invariant. The least that must happen for it:"))?;
        screen.line("")?;
        screen.line(shrunk.schedule(names))?;
        screen.line("")?;
        shrunk.experiment.setup.traced = true;
        let world = shrunk.experiment.run_out().world;
        if let Some(recording) = world.recording() {
            screen.trace(&recording.document(), Showing { why: true, ..arguments.showing })?;
            screen.line("")?;
        }
        Ok(screen.flush()?)
    };
    match { shown }() {
        Err(failure) => failure,
        Ok(()) => {
            let violation = names.scope(|| violation.to_string());
            Failure::broke(format_args!("{violation}; see the whole run with\n  {}", arguments.run(seed).replay::<S>()))
        }
    }
}

const SHRINKING_RUNS_MAX: usize = 5_000;

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use clap::Parser;
    use quorate::paxos::{Proposal, Rulebook};

    use super::*;

    /// Always proposes the own value, whatever was reported.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
    struct OwnValue;

    impl Rulebook for OwnValue {
        fn binding<'a, V>(&self, _: &'a [Proposal<V>]) -> Option<&'a Proposal<V>> {
            None
        }
    }

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_broken_run_is_cut_down_drawn_and_named_by_the_command_that_replays_it() {
        let line = ["sim", "paxos", "--faults", "harsh", "--for", "3s", "--seeds", "0..200"];
        let arguments = Line::parse_from(line).arguments;
        let paper = Paper::default();
        let mut screen = Screen::on(paper.clone(), 100);
        let failure = simulate::<PaxosRuns<OwnValue>>(&arguments, &mut screen).unwrap_err();
        let Failure::Broke(message) = failure else { panic!("{failure:?}") };
        let printed = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        assert!(printed.contains("The least that must happen for it:"), "{printed}");
        assert!(printed.contains("asks") && printed.contains("because ProposeFreely"), "{printed}");
        assert!(printed.contains("is broken"), "{printed}");
        let (says, replay) = message.split_once("see the whole run with\n  quorate ").unwrap();
        assert!(says.contains("is broken"), "{message}");

        // The command makes one run, and that run breaks, too.
        let again = Line::parse_from(replay.split(' ')).arguments;
        assert_eq!(again.seeds.count(), 1);
        let failure = simulate::<PaxosRuns<OwnValue>>(&again, &mut Screen::on(Paper::default(), 100)).unwrap_err();
        assert!(matches!(failure, Failure::Broke(broken) if says.starts_with(broken.split(" on ").next().unwrap())));
    }
}
