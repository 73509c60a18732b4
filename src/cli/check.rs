//! `quorate check`: bounded model checking, which reports a shortest violating schedule.

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use quorate::bugs::{NamedRulebook, NamedRulebookOf};
use quorate::checks::{Budget, SearchTarget, Searched, Unreached, guided_within};
use quorate::lab::check::{Limit, Model, Path, Reductions, Search, SearchReport, SearchVerdict, SyncMachine};
use quorate::lab::env::duration;
use quorate::lab::plural;
use quorate::lab::trace::html::PageInfo;
use quorate::protocol::{Duration, Invariant};
use quorate::protocols::{SearchVisitor, Target, Visitor};

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
    /// zookeeper, etcd and chubby: the one server and the clients)
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
    /// Number of clock ticks (for lease, lease-majority, lease-cache, lease-raft, lock, redlock,
    /// zookeeper, etcd and chubby)
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
    protocol::visit(&arguments.protocol, arguments.choice.bug, Check { arguments, interrupt, output })
}

/// Visitor that searches a protocol.
struct Check<'a> {
    arguments: &'a Arguments,
    interrupt: &'a Interrupt,
    output: &'a mut Output,
}

impl Visitor for Check<'_> {
    type Output = Result<(), Failure>;

    fn visit<P: Target>(self) -> Self::Output {
        let rules = self.arguments.choice.rules::<P>()?;
        let Check { arguments, interrupt, output } = self;
        let unsearched = || Err(Failure::unusable(format_args!("there is no search for {}", arguments.protocol)));
        P::search(rules, Examination { arguments, interrupt, rules, output }).unwrap_or_else(unsearched)
    }
}

/// Visitor that searches the cluster in which a rulebook's bug is visible.
struct Examination<'a, R> {
    arguments: &'a Arguments,
    interrupt: &'a Interrupt,
    rules: NamedRulebook<R>,
    output: &'a mut Output,
}

impl<R> SearchVisitor<R> for Examination<'_, R> {
    type Output = Result<(), Failure>;

    fn visit<E: SearchTarget<Machine: SyncMachine<Rulebook = R>>>(self) -> Self::Output {
        examine::<E>(self.arguments, self.interrupt, self.rules, self.output)
    }
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

    /// Applies the requested limits (time, memory, threads) to a search, and stops it on a signal.
    fn limited<'s, M: Model>(&self, search: Search<'s, M>, interrupt: &Interrupt) -> Search<'s, M> {
        let memory = usize::try_from(self.memory << 30).unwrap_or(usize::MAX);
        let search = search.time(self.time).memory(memory).stop(interrupt.stop().clone());
        match self.threads {
            Some(threads) => search.threads(usize::from(threads)),
            None => search,
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
    fn conclude<M: Model>(
        &self,
        report: &SearchReport<M>,
        interrupt: &Interrupt,
        output: &mut Output,
    ) -> Result<(), Failure> {
        output.line("")?;
        let stopped = matches!(report.verdict, SearchVerdict::Stopped(Limit::Interrupted));
        if let Some(signal) = interrupt.signal().filter(|_| stopped) {
            output.prose(&format!(
                "Interrupted by {signal}. Every invariant held in the states checked so far; the others were not checked."
            ))?;
            self.report_unwritten(output)?;
            return Err(Failure::interrupted(signal, report));
        }
        self.report_unwritten(output)?;
        if report.passed() {
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

fn examine<E: SearchTarget>(
    arguments: &Arguments,
    interrupt: &Interrupt,
    rules: NamedRulebookOf<E::Machine>,
    output: &mut Output,
) -> Result<(), Failure> {
    arguments.pictures.suit(E::NAME)?;
    arguments.export.suit()?;
    let budget = arguments.budget(E::budget(rules));
    // Stages refer to nodes by name, so these are not symmetric.
    let waypoints = E::waypoints(rules);
    let apart = arguments.no_symmetry || !waypoints.is_empty();
    let cluster = if apart { E::without_symmetry(rules, &budget) } else { E::cluster(rules, &budget) };
    let reductions = if arguments.no_reduction { Reductions::NONE } else { Reductions::ALL };
    let cluster = cluster.map_err(Failure::unusable)?.reductions(reductions);
    announce::<E>(&budget, arguments, output)?;
    let way = match guided_within::<E>(&cluster, &waypoints, |search| arguments.limited(search, interrupt)) {
        Ok(way) => way,
        Err(unreached) => return arguments.unreached(&unreached, interrupt, output),
    };
    if let Some(way) = &way {
        let goals: Vec<&str> = waypoints.iter().map(|(goal, _)| *goal).collect();
        output.prose(&format!(
            "Guided search through stages: {}. They took {}; the search continues from there.",
            goals.join("; "),
            plural(way.steps.len() as u64, "step")
        ))?;
    }
    let report = search::<E>(&cluster, way.as_ref(), &budget, (arguments, interrupt))?;
    output.line(format_args!("{}.", report.progress))?;
    let Some(path) = report.counterexample() else {
        return arguments.conclude(&report, interrupt, output);
    };
    let path = &match way {
        Some(way) => way.then(path.clone()),
        None => path.clone(),
    };
    let recording = cluster.replay(path).map_err(Failure::broke)?;
    let document = recording.document();
    let bug = arguments.choice.bug.map(|bug| bug.id.to_owned());
    let invariants = cluster.invariants().summaries();
    let written = arguments.pictures.write(&document, &PageInfo { bug, invariants, ..PageInfo::default() })?;
    output.line("")?;
    output.trace(&document, &arguments.showing)?;
    output.line("")?;
    by_the_book::<E>(rules, &budget, path, output)?;
    written.report(output)?;
    arguments.export.write(
        || E::schedule(&cluster, &recording),
        command_line::<E>(arguments),
        arguments.choice.bug,
        interrupt.stop(),
        output,
    )?;
    match path.end().broken() {
        Some((_, broken)) if !waypoints.is_empty() => {
            Err(Failure::broke(format_args!("after {} steps of a guided search, {broken}", path.steps.len())))
        }
        _ => Err(Failure::broke(format_args!("{report}"))),
    }
}

/// Command line that finds the result again, without options that only affect speed.
fn command_line<E: SearchTarget>(arguments: &Arguments) -> String {
    let Arguments { choice, nodes, requests, firings, duplicates, crashes, restarts, ticks, depth, .. } = arguments;
    let mut command = format!("quorate check {}{}", E::NAME, choice.command_line());
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

fn announce<E: SearchTarget>(budget: &Budget, arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
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
    output.prose(&format!("{}{bug}: {nodes}; at most {bounds}; {}.", E::NAME, E::NETWORK))
}

fn search<E: SearchTarget>(
    cluster: &Searched<E>,
    way: Option<&Path<Searched<E>>>,
    budget: &Budget,
    (arguments, interrupt): (&Arguments, &Interrupt),
) -> Result<SearchReport<Searched<E>>, Failure> {
    let line = ProgressBar::new_spinner()
        .with_style(ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
    let mut search = arguments
        .limited(Search::new(cluster), interrupt)
        .progress(Duration::from_millis(500), |progress| line.set_message(progress.to_string()));
    if let Some(depth) = budget.depth {
        search = search.depth(depth);
    }
    match way {
        Some(way) => search = search.from([way.end().clone()]),
        None => {
            for (name, reached) in E::goals(budget) {
                search = search.goal(name, reached);
            }
        }
    }
    let report = search.run().map_err(Failure::unusable);
    line.finish_and_clear();
    report
}

/// Follows the same schedule under the correct rulebook, and reports where they diverge.
fn by_the_book<E: SearchTarget>(
    bug: NamedRulebookOf<E::Machine>,
    budget: &Budget,
    path: &Path<Searched<E>>,
    output: &mut Output,
) -> Result<(), Failure> {
    let book = E::under_rules(bug, NamedRulebookOf::<E::Machine>::default(), budget)
        .map_err(Failure::unusable)?
        .reductions(Reductions::NONE);
    let followed = book.replay_under(path);
    let (possible, all) = (followed.steps.len(), path.steps.len());
    match followed.end().broken() {
        Some((_, broken)) => {
            output.prose(&format!("Under the correct rulebook the same schedule breaks an invariant, too: {broken}"))
        }
        None if possible == all => output.prose(&format!(
            "Under the correct rulebook the same schedule breaks nothing, although each of its {all} steps happens there, too: \
             what a node does in a step differs."
        )),
        None => output.prose(&format!(
            "Under the correct rulebook the same schedule breaks nothing: {possible} of its {all} steps happen there, too; \
             the others never become possible."
        )),
    }
}
