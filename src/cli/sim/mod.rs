//! `quorate sim`: random simulation with faults.

mod report;
mod seeds;
mod sweep;

use std::path::PathBuf;

use clap::Args;
use quorate::by_name::{self, PlannedRun, Simulated, TracedRun};
use quorate::experiments::RunParameters;
use quorate::lab::Stop;
use quorate::lab::sim::{FaultPlan, RunVerdict, duration};
use quorate::lab::trace::html::PageInfo;
use quorate::lab::trace::{Document, render};
use quorate::protocol::{Duration, Time, nanos};

use super::bug::Choice;
use super::export_scenario::ExportScenario;
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::output::{Output, save_jsonl};
use super::pictures::{Pictures, check_jsonl};
use super::protocol;
use super::showing::Showing;
use seeds::Seeds;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The protocol to simulate
    #[arg(value_parser = protocol::names())]
    protocol: String,
    /// Number of nodes (for paxos: acceptors; for lease, lease-cache, lease-pushed and lock:
    /// holders; for lease-store: replicas; for lease-raft, zookeeper, etcd and chubby: servers; for
    /// redlock: instances; for two-phase, three-phase and paxos-commit: participants; for saga:
    /// services; for generals: lieutenants; for broadcast: nodes beside the sender; for pbft:
    /// replicas, four at least; for true-time: servers, beside three masters; for ntp: hosts,
    /// beside three sources; for snowflake: generators)
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=64))]
    nodes: u32,
    /// Seeds, one run for each: A..B without B, or A..=B with B; at most 10 million
    #[arg(long, value_name = "A..B", default_value = "0..1000")]
    seeds: Seeds,
    /// Duration of the faults in each run, in simulated time, at most an hour; then everything is
    /// healed
    #[arg(long = "for", value_name = "SPAN", default_value = "10s", value_parser = duration)]
    span: Duration,
    /// Faults to inject: none, mild, harsh, or a list such as loss=2%,crashes=3
    #[arg(long, value_name = "FAULTS", default_value = "mild")]
    faults: FaultPlan,
    #[command(flatten)]
    choice: Choice,
    /// Show the trace; requires a single seed
    #[arg(long)]
    trace: bool,
    #[command(flatten)]
    showing: Showing,
    /// Save the trace as JSON Lines (`-`: to standard output, and print nothing else); requires a
    /// single seed
    #[arg(long, value_name = "FILE")]
    jsonl: Option<PathBuf>,
    #[command(flatten)]
    pictures: Pictures,
    #[command(flatten)]
    export: ExportScenario,
}

/// Maximum simulated time of a run: the requests of the clients of a longer run would exhaust
/// memory.
const SPAN_MAX: Duration = Duration::from_secs(3600);

pub(crate) fn sim(arguments: &Arguments, interrupt: &Interrupt, output: &mut Output) -> Result<(), Failure> {
    if nanos(arguments.span) == 0 {
        return Err(Failure::unusable("--for is zero; give a duration above zero, such as 10s"));
    }
    if arguments.span > SPAN_MAX {
        let Arguments { span, .. } = arguments;
        return Err(Failure::unusable(format_args!("--for {span:?} is too long: a run may last at most {SPAN_MAX:?}")));
    }
    let simulated = by_name::simulated(&arguments.protocol, arguments.choice.bug).map_err(Failure::unusable)?;
    Plan { arguments, interrupt, simulated: &*simulated }.simulate(output)
}

/// Arguments of a simulation, and the protocol under its rulebook.
struct Plan<'a> {
    arguments: &'a Arguments,
    interrupt: &'a Interrupt,
    simulated: &'a dyn Simulated,
}

impl Plan<'_> {
    fn stop(&self) -> &Stop {
        self.interrupt.stop()
    }

    fn plan(&self, seed: u64) -> Result<Box<dyn PlannedRun>, Failure> {
        self.simulated.plan(&self.arguments.run(seed)).map_err(Failure::unusable)
    }

    /// Command line that repeats a run and shows it.
    fn replay(&self, seed: u64) -> String {
        self.arguments.run(seed).replay_of(self.simulated.name()) + &self.arguments.choice.command_line()
    }

    /// Writes the scenario of a failed run, if requested.
    fn keep(&self, seed: u64, planned: &dyn PlannedRun, output: &mut Output) -> Result<(), Failure> {
        let Arguments { export, choice, .. } = self.arguments;
        let command = self.arguments.run(seed).command_of(self.simulated.name()) + &choice.command_line();
        export.write(|| planned.schedule(), command, choice.bug, self.stop(), output)
    }

    fn simulate(&self, output: &mut Output) -> Result<(), Failure> {
        self.arguments.export.suit()?;
        let seeds = self.arguments.seeds;
        if self.arguments.trace || self.arguments.jsonl.is_some() || self.arguments.pictures.any() {
            if seeds.count() != 1 {
                let one = Seeds::one(seeds.first);
                return Err(Failure::unusable(format_args!("a trace shows a single run; use --seeds {one}")));
            }
            self.arguments.pictures.suit(self.simulated.name())?;
            check_jsonl(self.arguments.jsonl.as_deref())?;
            return self.simulate_one(output);
        }
        // Before any thread starts: an invalid cluster is invalid for every seed.
        self.plan(seeds.first)?;
        let results = self.simulate_all()?;
        self.report(&results, output)
    }

    /// Runs one seed, with its trace.
    fn simulate_one(&self, output: &mut Output) -> Result<(), Failure> {
        let seed = self.arguments.seeds.first;
        let planned = self.plan(seed)?;
        let run = planned.trace_unless(self.stop(), &|at| self.incomplete(at));
        let Some(verdict) = &run.verdict else { return self.stopped(&run, output) };
        self.hand_over(&run, output)?;
        match verdict {
            RunVerdict::Reached { .. } => self.arguments.export.report_unwritten(output),
            RunVerdict::Missed => {
                self.arguments.export.report_unwritten(output)?;
                Err(Failure::broke(format_args!("seed {seed} never {}", self.simulated.goal())))
            }
            RunVerdict::Broke(violation) => {
                self.keep(seed, &*planned, output)?;
                Err(Failure::broke(violation))
            }
        }
    }

    /// Note in the trace of a run that a signal has interrupted.
    fn incomplete(&self, at: Time) -> Option<String> {
        let signal = self.interrupt.signal()?;
        Some(format!("Interrupted by {signal} at {at}; the run is incomplete."))
    }

    /// Prints the partial trace of a run interrupted by a signal, marked as incomplete.
    fn stopped(&self, run: &TracedRun, output: &mut Output) -> Result<(), Failure> {
        let (seed, at) = (self.arguments.seeds.first, run.now);
        let Some(signal) = self.interrupt.signal() else { return Ok(()) };
        self.hand_over(run, output)?;
        self.arguments.export.report_unwritten(output)?;
        let done = format_args!("seed {seed} was simulated up to {at}; no invariant was broken by then");
        Err(Failure::interrupted(signal, done))
    }

    /// Writes and shows the requested outputs.
    fn hand_over(&self, run: &TracedRun, output: &mut Output) -> Result<(), Failure> {
        let TracedRun { document, verdict, invariants, .. } = run;
        self.arguments.showing.suit(document)?;
        let bug = self.arguments.choice.bug.map(|bug| bug.id.to_owned());
        let missed = matches!(verdict, Some(RunVerdict::Missed));
        let failure = missed.then(|| "every invariant held, but the goal was not reached in time".to_owned());
        let info = PageInfo { bug, failure, invariants: invariants.clone(), ..PageInfo::default() };
        if let Some(path) = &self.arguments.jsonl {
            save_jsonl(document, path, output)?;
            if path.as_os_str() == "-" {
                return self.arguments.pictures.write(document, &info).map(drop);
            }
        }
        let written = self.arguments.pictures.write(document, &info)?;
        self.show(document, verdict.as_ref(), output)?;
        written.report(output)
    }

    fn show(&self, document: &Document, verdict: Option<&RunVerdict>, output: &mut Output) -> Result<(), Failure> {
        output.line(render::heading(&document.header))?;
        output.line("")?;
        if self.arguments.trace {
            output.trace(document, &self.arguments.showing)?;
            output.line("")?;
        }
        if let Some(RunVerdict::Reached { healed, at }) = verdict {
            output
                .line(format_args!("Healed at {healed}. Goal reached at {at}: the run {}.", self.simulated.goal()))?;
        }
        Ok(())
    }
}

impl Arguments {
    fn run(&self, seed: u64) -> RunParameters {
        RunParameters { nodes: self.nodes, seed, fault_plan: self.faults, span: self.span }
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
        let mut output = Output::on(paper.clone(), 100);
        let failure = sim(&arguments, &Interrupt::default(), &mut output).unwrap_err();
        let Failure::Broke(message) = failure else { panic!("{failure:?}") };
        let printed = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        assert!(printed.contains("The minimal failing run:"), "{printed}");
        assert!(printed.contains("asks") && printed.contains("because ProposeFreely"), "{printed}");
        assert!(printed.contains("is broken"), "{printed}");
        let (says, replay) = message.split_once("see the whole run with\n  quorate ").unwrap();
        assert!(says.contains("is broken"), "{message}");

        // The command makes one run, which fails too.
        let again = Line::parse_from(replay.split(' ')).arguments;
        assert_eq!(again.seeds.count(), 1);
        let failure = sim(&again, &Interrupt::default(), &mut Output::on(Paper::default(), 100)).unwrap_err();
        assert!(matches!(failure, Failure::Broke(broken) if says.starts_with(broken.split(" on ").next().unwrap())));
    }
}
