//! `quorate live`: the same machines on threads, in real time.

use std::path::PathBuf;
use std::thread;

use clap::Args;
use quorate::lab::Stop;
use quorate::lab::env::{FaultPlan, duration};
use quorate::lab::live::{Client, Cluster, RunReport, Setup};
use quorate::lab::script::{Protocol, ScenarioRequest};
use quorate::lab::trace::Recording;
use quorate::live::{LiveTarget, Turn};
use quorate::protocol::{Duration, Machine, Names, Time, nanos};
use quorate::protocols::{Target, Visitor};

use super::failure::Failure;
use super::interrupt::{Interrupt, Signal};
use super::output::Output;
use super::pictures::Pictures;
use super::protocol;
use super::showing::Showing;
use super::sinks::{Sinks, Stream};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The protocol to run
    #[arg(value_parser = protocol::names())]
    protocol: String,
    /// Number of nodes (for lease: holders, beside the granter; for lease-store: replicas; for
    /// lease-cache: caches; for lease-raft, zookeeper, etcd and chubby: servers; for redlock:
    /// instances; for two-phase, three-phase and paxos-commit: participants; for saga: services;
    /// for primary-backup: servers; lock always has two holders)
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=16))]
    nodes: u32,
    /// Duration of the run
    #[arg(long = "for", value_name = "SPAN", default_value = "2s", value_parser = duration)]
    span: Duration,
    /// Faults to inject: none, mild, harsh, or a list such as loss=2%,crashes=3
    #[arg(long, value_name = "FAULTS", default_value = "none")]
    faults: FaultPlan,
    /// Seed of the random choices; the scheduling of threads stays random
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Keep the nodes' logs as files in this folder
    #[arg(long, value_name = "FOLDER")]
    directory: Option<PathBuf>,
    #[command(flatten)]
    showing: Showing,
    /// Print only a summary instead of the trace; without an output file no trace is recorded
    #[arg(long)]
    quiet: bool,
    /// Save the trace as JSON Lines during the run (`-`: to standard output, and print nothing
    /// else)
    #[arg(long, value_name = "FILE")]
    jsonl: Option<PathBuf>,
    #[command(flatten)]
    pictures: Pictures,
}

/// Interval between two updates of the trace.
const TELLING: Duration = Duration::from_millis(50);
/// Pause of a client between two requests, so that the trace is readable.
const REST: Duration = Duration::from_millis(40);

pub(crate) fn live(arguments: &Arguments, interrupt: &Interrupt, output: &mut Output) -> Result<(), Failure> {
    if nanos(arguments.span) == 0 {
        return Err(Failure::unusable("--for is zero; give a duration above zero, such as 2s"));
    }
    arguments.pictures.suit(&arguments.protocol)?;
    protocol::visit(&arguments.protocol, None, Live { arguments, interrupt, output })
}

/// Visitor that runs a protocol.
struct Live<'a> {
    arguments: &'a Arguments,
    interrupt: &'a Interrupt,
    output: &'a mut Output,
}

impl Visitor for Live<'_> {
    type Output = Result<(), Failure>;

    fn visit<P: Target>(self) -> Self::Output {
        let Live { arguments, interrupt, output } = self;
        let (names, config) = <P as LiveTarget>::cluster(arguments.nodes).map_err(Failure::unusable)?;
        let clients = names.clients().len();
        let setup = Setup::new(<P as Protocol>::NAME, names, config);
        arguments.run::<P>(setup, clients, (interrupt, output))
    }
}

impl Arguments {
    /// Runs the cluster with clients that send one request after the other, and prints events
    /// during the run.
    fn run<L: LiveTarget>(
        &self,
        setup: Setup<L::Machine>,
        clients: usize,
        (interrupt, output): (&Interrupt, &mut Output),
    ) -> Result<(), Failure> {
        let mut setup = setup.title("A run on threads").seed(self.seed).fault_plan(&self.faults, self.span);
        if !self.quiet || self.jsonl.is_some() || self.pictures.any() {
            setup = setup.traced();
        }
        if let Some(directory) = &self.directory {
            setup = setup.in_directory(directory);
        }
        let mut cluster = setup.start().map_err(Failure::unusable)?;
        // Opened only now, so that an invalid run does not overwrite an older trace.
        let stream = self.jsonl.as_deref().map(Stream::open).transpose()?;
        let mut sinks = self.sinks(&cluster, stream, output)?;
        let users: Vec<Client<L::Machine>> = (0..clients).map(|_| cluster.client()).collect();
        let pass_on_trace = |cluster: &Cluster<L::Machine>| pass_on(cluster.take_trace(), &mut sinks, output);
        let ended_by = self.drive::<L>(&cluster, users, pass_on_trace, interrupt)?;
        if let Some(signal) = ended_by {
            cluster.note(&format!("Interrupted by {signal}; the planned duration was {:?}.", self.span));
        }
        // A node that cannot restart is among the failures; the requested files are saved anyway.
        let healed = cluster.heal_everything();
        let names = cluster.names().clone();
        let (report, failure) = match cluster.shutdown() {
            Ok(report) => (report, None),
            Err(failed) => (failed.report, Some(failed.failures)),
        };
        self.conclude(report, &names, (&mut sinks, ended_by), output)?;
        if let Some(failure) = failure.and_then(|failures| failures.into_iter().next()) {
            return Err(Failure::broke(failure));
        }
        healed.map_err(Failure::broke)?;
        match ended_by {
            None => Ok(()),
            Some(signal) => Err(Failure::interrupted(
                signal,
                "the requested files are saved and contain the run up to the interrupt",
            )),
        }
    }

    /// All outputs of the trace.
    fn sinks<M: Machine>(
        &self,
        cluster: &Cluster<M>,
        stream: Option<Stream>,
        output: &Output,
    ) -> Result<Sinks, Failure> {
        let mut sinks = Sinks::default();
        let Some(header) = cluster.trace(Recording::header) else { return Ok(sinks) };
        if !self.quiet && !self.is_piped() {
            sinks = sinks.log(output.options(&self.showing, &header, &[])?, &header.protocol);
        }
        if let Some(stream) = stream {
            sinks = sinks.file(stream, header.clone())?;
        }
        Ok(if self.pictures.any() { sinks.drawn(header) } else { sinks })
    }

    /// Whether the standard output is reserved for the trace file.
    fn is_piped(&self) -> bool {
        self.jsonl.as_ref().is_some_and(|path| path.as_os_str() == "-")
    }

    /// Lets clients send requests until the time is over, a signal arrives, or the trace cannot be
    /// written. Returns the signal.
    fn drive<L: LiveTarget>(
        &self,
        cluster: &Cluster<L::Machine>,
        users: Vec<Client<L::Machine>>,
        mut pass_on: impl FnMut(&Cluster<L::Machine>) -> Result<(), Failure>,
        interrupt: &Interrupt,
    ) -> Result<Option<Signal>, Failure> {
        let (end, over) = (Time::ZERO + self.span, &Stop::new());
        let goes_on = &|| cluster.now() < end && !interrupt.stop().is_requested() && !over.is_requested();
        thread::scope(|scope| {
            for (client, mut user) in (0..).zip(users) {
                scope.spawn(move || {
                    let mut turn = Turn { nodes: self.nodes, run: cluster.run(), client, count: 0 };
                    while goes_on() {
                        turn.count += 1;
                        let ScenarioRequest { to, command } = L::request(turn);
                        if let Some(node) = to {
                            user.turn_to(node);
                        }
                        // After a timeout the client continues with the next request; the summary
                        // counts it.
                        let _ = user.ask(command);
                        thread::sleep(REST);
                    }
                });
            }
            let mut passed_on = Ok(());
            while passed_on.is_ok() && goes_on() {
                let left = end.since(cluster.now());
                thread::sleep(TELLING.min(left));
                passed_on = pass_on(cluster);
            }
            over.request();
            // Unblocks clients that wait for a reply which may never arrive.
            cluster.dismiss_clients();
            passed_on.map(|()| interrupt.signal().filter(|_| cluster.now() < end))
        })
    }

    fn conclude<M: Machine>(
        &self,
        report: RunReport<M>,
        names: &Names,
        (sinks, ended_by): (&mut Sinks, Option<Signal>),
        output: &mut Output,
    ) -> Result<(), Failure> {
        let RunReport { ran, nodes, recording } = report;
        pass_on(recording, sinks, output)?;
        if self.is_piped() {
            return sinks.finish(&self.pictures, &mut Output::silent());
        }
        output.line("")?;
        match ended_by {
            None => output.line(format_args!("Ran for {ran:.1?}."))?,
            Some(signal) => {
                output.line(format_args!("Ran for {ran:.1?} of {:?}; interrupted by {signal}.", self.span))?;
            }
        }
        for (name, node) in names.nodes().iter().zip(&nodes) {
            output.line(format_args!(
                "  {name:6}  steps {:>7}  messages {:>7}  records {:>7}  syncs {:>7}  boots {}",
                node.steps, node.sent, node.records, node.syncs, node.boots
            ))?;
        }
        sinks.finish(&self.pictures, output)
    }
}

/// Passes on a piece of the trace, if one is recorded.
fn pass_on<M: Machine>(piece: Option<Recording<M>>, sinks: &mut Sinks, output: &mut Output) -> Result<(), Failure> {
    piece.map_or(Ok(()), |piece| sinks.tell(&piece, output))
}
