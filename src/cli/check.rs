//! `quorate check`: bounded model checking, which reports a shortest violating schedule.

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use quorate::by_name::{self, ByTheBook, ClusterSearch, SearchLimits, SearchOutcome, Searchable};
use quorate::checks::{Budget, Unreached};
use quorate::lab::check::{Limit, Reductions};
use quorate::lab::env::duration;
use quorate::lab::plural;
use quorate::lab::trace::html::PageInfo;
use quorate::protocol::Duration;

use super::bug::Choice;
use super::export_scenario::ExportScenario;
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::output::Output;
use super::pictures::Pictures;
use super::protocol;
use super::showing::Showing;

/// Maximum of every bound and of the depth: no search gets that far.
const COUNT_MAX: i64 = 10_000;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The protocol to search
    #[arg(value_parser = protocol::names())]
    protocol: String,
    #[command(flatten)]
    choice: Choice,
    /// Number of nodes (for paxos, multi-paxos and lease-majority: acceptors; for lease-store:
    /// replicas; for lease-raft: servers; for redlock: instances; for two-phase, three-phase
    /// and paxos-commit: participants; for saga: services; for primary-backup: servers; for
    /// generals: lieutenants; for broadcast: nodes beside the sender; for pbft: replicas, at least
    /// four; for true-time: servers; for ntp: hosts; for snowflake: generators; for zookeeper, etcd
    /// and chubby: the one server and the clients)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=7))]
    nodes: Option<u32>,
    /// Number of client requests (for paxos: each to a different proposer)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=6))]
    requests: Option<u32>,
    /// Maximum number of timer firings
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=COUNT_MAX))]
    firings: Option<u32>,
    /// Maximum number of duplicated messages
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=COUNT_MAX))]
    duplicates: Option<u32>,
    /// Maximum number of crashes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=COUNT_MAX))]
    crashes: Option<u32>,
    /// Maximum number of restarts
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=COUNT_MAX))]
    restarts: Option<u32>,
    /// Number of clock ticks (for lease, lease-majority, lease-cache, lease-pushed, lease-raft,
    /// lock, redlock, zookeeper, etcd and chubby)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=COUNT_MAX))]
    ticks: Option<u32>,
    /// Maximum length of a run, in actions
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=COUNT_MAX))]
    depth: Option<u32>,
    /// Time limit of the search
    #[arg(long, value_name = "SPAN", default_value = "50s", value_parser = duration)]
    time: Duration,
    /// Memory limit in gigabytes, as accounted by the search itself
    #[arg(long, value_name = "GB", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=1024))]
    memory: u64,
    /// Number of threads; by default one per processor
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Turn off symmetry reduction: search states separately that differ only in the names of nodes
    #[arg(long)]
    no_symmetry: bool,
    /// Turn off partial-order reduction: try every possible action, also if it cannot lead to new
    /// behaviour
    #[arg(long)]
    no_reduction: bool,
    #[command(flatten)]
    showing: Showing,
    #[command(flatten)]
    pictures: Pictures,
    #[command(flatten)]
    export: ExportScenario,
}

pub(crate) fn check(arguments: &Arguments, interrupt: &Interrupt, output: &mut Output) -> Result<(), Failure> {
    let searchable = by_name::searched(&arguments.protocol, arguments.choice.bug).map_err(Failure::unusable)?;
    examine(&*searchable, arguments, interrupt, output)
}

impl Arguments {
    /// Returns the requested bounds, with the rulebook's defaults for the others.
    fn budget(&self, usual: Budget) -> Budget {
        Budget {
            nodes: self.nodes.unwrap_or(usual.nodes),
            requests: self.requests.unwrap_or(usual.requests),
            firings: self.firings.unwrap_or(usual.firings),
            duplicates: self.duplicates.unwrap_or(usual.duplicates),
            crashes: self.crashes.unwrap_or(usual.crashes),
            restarts: self.restarts.unwrap_or(usual.restarts),
            ticks: self.ticks.unwrap_or(usual.ticks),
            depth: self.depth.or(usual.depth),
        }
    }

    /// Returns the requested limits of a search, which ends on a signal as well.
    fn limits(&self, interrupt: &Interrupt) -> SearchLimits {
        SearchLimits {
            time: self.time,
            memory: usize::try_from(self.memory << 30).unwrap_or(usize::MAX),
            threads: self.threads.map(usize::from),
            stop: interrupt.stop().clone(),
        }
    }

    /// Reports a stage of a guided search that was not reached.
    fn unreached(&self, unreached: &Unreached, interrupt: &Interrupt, output: &mut Output) -> Result<(), Failure> {
        self.report_unwritten(output)?;
        match interrupt.signal().filter(|_| unreached.limit == Some(Limit::Interrupted)) {
            Some(signal) => Err(Failure::interrupted(signal, unreached)),
            None => Err(Failure::broke(unreached)),
        }
    }

    /// Reports a search without a violation.
    fn conclude(&self, outcome: &SearchOutcome, interrupt: &Interrupt, output: &mut Output) -> Result<(), Failure> {
        let SearchOutcome { report, passed, limit, .. } = outcome;
        output.line("")?;
        if let Some(signal) = interrupt.signal().filter(|_| *limit == Some(Limit::Interrupted)) {
            output.prose(&format!(
                "Interrupted by {signal}. Every invariant held in the states checked so far; the others were not checked."
            ))?;
            self.report_unwritten(output)?;
            return Err(Failure::interrupted(signal, report));
        }
        self.report_unwritten(output)?;
        if *passed {
            return output.line(format_args!("Every invariant held: {report}."));
        }
        Err(Failure::broke(format_args!(
            "{report}: a search that does not reach its goals proves nothing; raise a limit, see --help"
        )))
    }

    /// Reports requested files that are not written because there was no violation to show.
    fn report_unwritten(&self, output: &mut Output) -> Result<(), Failure> {
        self.pictures.report_unwritten(output)?;
        self.export.report_unwritten(output)
    }
}

fn examine(
    searchable: &dyn Searchable,
    arguments: &Arguments,
    interrupt: &Interrupt,
    output: &mut Output,
) -> Result<(), Failure> {
    arguments.pictures.suit(searchable.name())?;
    arguments.export.suit()?;
    let budget = arguments.budget(searchable.budget());
    let reductions = if arguments.no_reduction { Reductions::NONE } else { Reductions::ALL };
    let mut cluster = searchable.cluster(&budget, !arguments.no_symmetry, reductions).map_err(Failure::unusable)?;
    announce(searchable, &budget, arguments, output)?;
    let limits = arguments.limits(interrupt);
    let way = match cluster.guide(&limits) {
        Ok(way) => way,
        Err(unreached) => return arguments.unreached(&unreached, interrupt, output),
    };
    if let Some(steps) = way {
        output.prose(&format!(
            "Guided search through stages: {}. They took {}; the search continues from there.",
            searchable.waypoints().join("; "),
            plural(steps as u64, "step")
        ))?;
    }
    let outcome = search(&*cluster, &limits)?;
    output.line(format_args!("{}.", outcome.progress))?;
    let SearchOutcome { report, counterexample: Some(found), .. } = outcome else {
        return arguments.conclude(&outcome, interrupt, output);
    };
    let bug = arguments.choice.bug.map(|bug| bug.id.to_owned());
    let info = PageInfo { bug, invariants: found.invariants, ..PageInfo::default() };
    let written = arguments.pictures.write(&found.document, &info)?;
    output.line("")?;
    output.trace(&found.document, &arguments.showing)?;
    output.line("")?;
    output.prose(&by_the_book(&found.by_the_book, found.steps))?;
    written.report(output)?;
    arguments.export.write(
        || found.schedule,
        command_line(searchable.name(), arguments),
        arguments.choice.bug,
        interrupt.stop(),
        output,
    )?;
    match found.broken {
        Some(broken) if way.is_some() => {
            Err(Failure::broke(format_args!("after {} steps of a guided search, {broken}", found.steps)))
        }
        _ => Err(Failure::broke(report)),
    }
}

/// Command line that finds the result again, without options that only affect speed.
fn command_line(name: &str, arguments: &Arguments) -> String {
    let Arguments { choice, nodes, requests, firings, duplicates, crashes, restarts, ticks, depth, .. } = arguments;
    let mut command = format!("quorate check {name}{}", choice.command_line());
    let counts = [
        ("nodes", nodes),
        ("requests", requests),
        ("firings", firings),
        ("duplicates", duplicates),
        ("crashes", crashes),
        ("restarts", restarts),
        ("ticks", ticks),
        ("depth", depth),
    ];
    for (option, count) in counts {
        if let Some(count) = count {
            command += &format!(" --{option} {count}");
        }
    }
    command
}

fn announce(
    searchable: &dyn Searchable,
    budget: &Budget,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<(), Failure> {
    let Budget { nodes, requests, firings, duplicates, crashes, restarts, ticks, .. } = budget;
    let bug = arguments.choice.bug.map_or_else(String::new, |bug| format!(" with the bug '{}'", bug.id));
    let nodes = plural((*nodes).into(), "node");
    let bounds = [
        (requests, "request"),
        (firings, "timer firing"),
        (duplicates, "duplicated message"),
        (crashes, "crash"),
        (restarts, "restart"),
        (ticks, "clock tick"),
    ];
    let bounds: Vec<String> = bounds.into_iter().map(|(count, noun)| plural((*count).into(), noun)).collect();
    let bounds = bounds.join(", ");
    let (name, network) = (searchable.name(), searchable.network());
    output.prose(&format!("{name}{bug}: {nodes}; at most {bounds}; {network}."))
}

/// Searches, and shows how far it is.
fn search(cluster: &dyn ClusterSearch, limits: &SearchLimits) -> Result<SearchOutcome, Failure> {
    let line = ProgressBar::new_spinner()
        .with_style(ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
    let outcome = cluster.search(limits, &mut |progress| line.set_message(progress.to_string()));
    line.finish_and_clear();
    outcome.map_err(Failure::unusable)
}

/// Reports where the same schedule diverges under the correct rulebook.
fn by_the_book(followed: &ByTheBook, all: usize) -> String {
    let ByTheBook { possible, broken } = followed;
    match broken {
        Some(broken) => format!("Under the correct rulebook the same schedule breaks an invariant, too: {broken}"),
        None if *possible == all => format!(
            "Under the correct rulebook the same schedule breaks nothing, although each of its {all} steps happens there, too: \
             what a node does in a step differs."
        ),
        None => format!(
            "Under the correct rulebook the same schedule breaks nothing: {possible} of its {all} steps happen there, too; \
             the others never become possible."
        ),
    }
}
