//! `quorate live`: the same machines on threads, in real time.

use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::Args;
use quorate::by_name::{self, EndedRun, LiveOptions, LiveRun};
use quorate::lab::env::{FaultPlan, InjectError, duration};
use quorate::protocol::{Duration, Time, nanos};

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
    /// lease-cache: caches; for lease-pushed: holders; for lease-raft, zookeeper, etcd and chubby:
    /// servers; for redlock: instances; for two-phase, three-phase and paxos-commit: participants;
    /// for saga: services; for primary-backup: servers; for generals: lieutenants; for broadcast:
    /// nodes beside the sender; for pbft: replicas, four at least; for true-time: servers; for
    /// ntp: hosts; for snowflake: generators; lock always has two holders)
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

pub(crate) fn live(arguments: &Arguments, interrupt: &Interrupt, output: &mut Output) -> Result<(), Failure> {
    if nanos(arguments.span) == 0 {
        return Err(Failure::unusable("--for is zero; give a duration above zero, such as 2s"));
    }
    if arguments.faults.link.or(arguments.faults.service).is_some() {
        return Err(Failure::unusable(InjectError::Simulated));
    }
    arguments.pictures.suit(&arguments.protocol)?;
    let protocol = by_name::live(&arguments.protocol).map_err(Failure::unusable)?;
    let cluster = protocol.start(&arguments.options()).map_err(Failure::unusable)?;
    arguments.run(cluster, interrupt, output)
}

impl Arguments {
    fn options(&self) -> LiveOptions {
        LiveOptions {
            nodes: self.nodes,
            seed: self.seed,
            fault_plan: self.faults,
            span: self.span,
            traced: !self.quiet || self.jsonl.is_some() || self.pictures.any(),
            directory: self.directory.clone(),
        }
    }

    /// Lets the clients of a cluster send one request after the other, and prints events during the
    /// run.
    fn run(&self, cluster: Box<dyn LiveRun>, interrupt: &Interrupt, output: &mut Output) -> Result<(), Failure> {
        // Opened only now, so that an invalid run does not overwrite an older trace.
        let stream = self.jsonl.as_deref().map(Stream::open).transpose()?;
        let mut sinks = self.sinks(&*cluster, stream, output)?;
        let ended_by = self.drive(&*cluster, &mut sinks, interrupt, output)?;
        if let Some(signal) = ended_by {
            cluster.note(&format!("Interrupted by {signal}; the planned duration was {:?}.", self.span));
        }
        // If a node has failed, the requested files are saved anyway.
        let ended = cluster.end();
        self.conclude(&ended, (&mut sinks, ended_by), output)?;
        if let Some(failure) = ended.failure {
            return Err(Failure::broke(failure));
        }
        match ended_by {
            None => Ok(()),
            Some(signal) => Err(Failure::interrupted(
                signal,
                "the requested files are saved and contain the run up to the interrupt",
            )),
        }
    }

    /// All outputs of the trace.
    fn sinks(&self, cluster: &dyn LiveRun, stream: Option<Stream>, output: &Output) -> Result<Sinks, Failure> {
        let mut sinks = Sinks::default();
        let Some(header) = cluster.header() else { return Ok(sinks) };
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
    fn drive(
        &self,
        cluster: &dyn LiveRun,
        sinks: &mut Sinks,
        interrupt: &Interrupt,
        output: &mut Output,
    ) -> Result<Option<Signal>, Failure> {
        let mut told = Ok(());
        cluster.drive(interrupt.stop(), &mut |piece| {
            told = sinks.tell(&piece, output);
            if told.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        told.map(|()| interrupt.signal().filter(|_| cluster.now() < Time::ZERO + self.span))
    }

    fn conclude(
        &self,
        ended: &EndedRun,
        (sinks, ended_by): (&mut Sinks, Option<Signal>),
        output: &mut Output,
    ) -> Result<(), Failure> {
        let EndedRun { ran, names, nodes, piece, .. } = ended;
        if let Some(piece) = piece {
            sinks.tell(piece, output)?;
        }
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
        for (name, node) in names.nodes().iter().zip(nodes) {
            output.line(format_args!(
                "  {name:6}  steps {:>7}  messages {:>7}  records {:>7}  syncs {:>7}  boots {}",
                node.steps, node.sent, node.records, node.syncs, node.boots
            ))?;
        }
        sinks.finish(&self.pictures, output)
    }
}
