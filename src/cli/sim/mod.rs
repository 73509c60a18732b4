//! `quorate sim`: random runs under faults.

mod report;
mod sweep;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use quorate::bugs;
use quorate::experiments::{
    LeaseCacheRuns, LeaseMajorityRuns, LeaseRaftRuns, LeaseRuns, LeaseStoreRuns, MultiPaxosRuns, PaxosRuns, Planned,
    RaftRuns, Run,
};
use quorate::found::Storied;
use quorate::lab::sim::{Storm, Verdict, duration};
use quorate::lab::trace::{Document, render};
use quorate::protocol::{Duration, nanos};

use super::bug::Choice;
use super::failure::Failure;
use super::keep::Keeping;
use super::pictures::Pictures;
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
    #[command(flatten)]
    choice: Choice,
    /// Show the trace; takes one seed
    #[arg(long)]
    trace: bool,
    #[command(flatten)]
    showing: Showing,
    /// Save the trace as JSON Lines (`-`: print nothing else); takes one seed
    #[arg(long, value_name = "FILE")]
    jsonl: Option<PathBuf>,
    #[command(flatten)]
    pictures: Pictures,
    #[command(flatten)]
    keeping: Keeping,
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
    let paxos = bugs::paxos::Book::named;
    let raft = bugs::raft::Book::named;
    let lease = bugs::lease::Book::named;
    match arguments.protocol {
        Protocol::Paxos => Plan::<PaxosRuns<_>>::new(arguments, paxos)?.simulate(screen),
        Protocol::MultiPaxos => Plan::<MultiPaxosRuns<_>>::new(arguments, paxos)?.simulate(screen),
        Protocol::Raft => Plan::<RaftRuns<_>>::new(arguments, raft)?.simulate(screen),
        Protocol::Lease => Plan::<LeaseRuns<_>>::new(arguments, lease)?.simulate(screen),
        Protocol::LeaseMajority => Plan::<LeaseMajorityRuns<_>>::new(arguments, lease)?.simulate(screen),
        Protocol::LeaseStore => Plan::<LeaseStoreRuns<_>>::new(arguments, lease)?.simulate(screen),
        Protocol::LeaseCache => Plan::<LeaseCacheRuns<_>>::new(arguments, lease)?.simulate(screen),
        Protocol::LeaseRaft => Plan::<LeaseRaftRuns<_>>::new(arguments, lease)?.simulate(screen),
    }
}

/// What is to be simulated, and by which rulebook.
struct Plan<'a, S: Storied> {
    arguments: &'a Arguments,
    rules: S::Rules,
}

impl<'a, S: Storied> Plan<'a, S> {
    /// `named` finds the rulebook with a bug.
    fn new(arguments: &'a Arguments, named: impl Fn(&str) -> Option<S::Rules>) -> Result<Self, Failure> {
        Ok(Plan { arguments, rules: arguments.choice.rules(S::NAME, named)? })
    }

    fn experiment(&self, seed: u64) -> Result<Planned<S>, Failure> {
        S::under(self.rules, &self.arguments.run(seed)).map_err(Failure::unusable_dyn)
    }

    /// The command line that makes a run again and shows it.
    fn replay(&self, seed: u64) -> String {
        self.arguments.run(seed).replay::<S>() + &self.arguments.choice.typed()
    }

    /// Writes the scenario of a run that broke something, if one is wanted.
    fn keep(&self, seed: u64, experiment: &Planned<S>, screen: &mut Screen) -> Result<(), Failure> {
        let Arguments { keeping, choice, .. } = self.arguments;
        let command = self.arguments.run(seed).command::<S>() + &choice.typed();
        keeping.keep(|| S::schedule(experiment), command, choice.bug, screen)
    }

    fn simulate(&self, screen: &mut Screen) -> Result<(), Failure> {
        let seeds = self.arguments.seeds;
        if self.arguments.trace || self.arguments.jsonl.is_some() || self.arguments.pictures.any() {
            if seeds.count() != 1 {
                let only =
                    format!("a trace is of one run: use --seeds {}..{}", seeds.start, seeds.start.saturating_add(1));
                return Err(Failure::unusable(only));
            }
            self.arguments.pictures.suit(S::NAME)?;
            return self.simulate_one(screen);
        }
        // Before any thread starts: an impossible cluster is impossible for every seed.
        self.experiment(seeds.start)?;
        let results = self.simulate_all();
        self.report(&results, screen)
    }

    /// One run, with its trace.
    fn simulate_one(&self, screen: &mut Screen) -> Result<(), Failure> {
        let mut experiment = self.experiment(self.arguments.seeds.start)?;
        experiment.setup.traced = true;
        let outcome = experiment.run(S::reached);
        let document = outcome.world.recording().map(|recording| recording.document()).unwrap_or_default();
        if let Some(path) = &self.arguments.jsonl {
            save_jsonl(&document, path, screen)?;
        }
        if self.arguments.jsonl.as_ref().is_none_or(|path| path.as_os_str() != "-") {
            self.show(&document, &outcome.verdict, screen)?;
            self.arguments.pictures.save(&document, screen)?;
        }
        match outcome.verdict {
            Verdict::Reached { .. } => self.arguments.keeping.excuse(screen),
            Verdict::Missed => {
                self.arguments.keeping.excuse(screen)?;
                Err(Failure::broke(format_args!("seed {} never {}", self.arguments.seeds.start, S::GOAL)))
            }
            Verdict::Broke(violation) => {
                self.keep(self.arguments.seeds.start, &experiment, screen)?;
                Err(Failure::broke(violation))
            }
        }
    }

    fn show(&self, document: &Document, verdict: &Verdict, screen: &mut Screen) -> Result<(), Failure> {
        screen.line(render::heading(&document.header))?;
        screen.line("")?;
        if self.arguments.trace {
            screen.trace(document, self.arguments.showing)?;
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
}

impl Arguments {
    fn run(&self, seed: u64) -> Run {
        Run { nodes: self.nodes, seed, storm: self.faults, span: self.span }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use clap::Parser;

    use super::*;

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
        let line = ["sim", "paxos", "--bug", "own-value", "--faults", "harsh", "--for", "3s", "--seeds", "0..200"];
        let arguments = Line::parse_from(line).arguments;
        let paper = Paper::default();
        let mut screen = Screen::on(paper.clone(), 100);
        let failure = sim(&arguments, &mut screen).unwrap_err();
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
        let failure = sim(&again, &mut Screen::on(Paper::default(), 100)).unwrap_err();
        assert!(matches!(failure, Failure::Broke(broken) if says.starts_with(broken.split(" on ").next().unwrap())));
    }
}
