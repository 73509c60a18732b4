//! `quorate live`: the same machines on threads, with real time between them.

use std::path::PathBuf;
use std::thread;

use clap::{Args, ValueEnum};
use quorate::lab::live::{Client, Cluster, Report, Setup};
use quorate::lab::sim::{Storm, duration};
use quorate::lab::trace::EventId;
use quorate::lab::trace::render::{Log, Options};
use quorate::lease::{self, Drift};
use quorate::paxos;
use quorate::protocol::{Duration, Machine, Names, NodeId, Time, nanos};
use quorate::protocols;
use quorate::raft::{self, KeyValue, KeyValueCommand};

use super::failure::Failure;
use super::pictures::Pictures;
use super::screen::{Screen, Showing, save_jsonl};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// What to run
    #[arg(value_enum)]
    protocol: Protocol,
    /// How many nodes (for lease: holders, beside the granter)
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=16))]
    nodes: u32,
    /// For how long
    #[arg(long = "for", value_name = "SPAN", default_value = "2s", value_parser = duration)]
    span: Duration,
    /// What goes wrong: none, mild, harsh, or a list such as loss=2%,crashes=3
    #[arg(long, value_name = "FAULTS", default_value = "none")]
    faults: Storm,
    /// Decides what is left to chance; threads decide the rest
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Keep the nodes' logs in this folder, in files
    #[arg(long, value_name = "FOLDER")]
    directory: Option<PathBuf>,
    #[command(flatten)]
    showing: Showing,
    /// Save the trace as JSON Lines
    #[arg(long, value_name = "FILE")]
    jsonl: Option<PathBuf>,
    #[command(flatten)]
    pictures: Pictures,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Protocol {
    Paxos,
    Raft,
    Lease,
}

/// How often what has happened is told.
const TELLING: Duration = Duration::from_millis(50);
/// How long a client rests between two requests, so that the trace can be read.
const REST: Duration = Duration::from_millis(40);

pub(crate) fn live(arguments: &Arguments, screen: &mut Screen) -> Result<(), Failure> {
    if nanos(arguments.span) == 0 {
        return Err(Failure::unusable("--for takes a span above zero, such as 2s"));
    }
    let nodes = (1..=arguments.nodes).map(|number| format!("n{number}"));
    match arguments.protocol {
        Protocol::Paxos => {
            let config = paxos::Config::symmetric(arguments.nodes).map_err(Failure::unusable)?;
            let setup = Setup::<paxos::Paxos>::new("paxos", Names::new(nodes, ["c1", "c2"]), config);
            arguments.run(setup, 2, |client, _| propose(client), screen)
        }
        Protocol::Raft => {
            let config = raft::Settings { pre_vote: true, ..raft::Settings::nodes(arguments.nodes) };
            let config = config.build().map_err(Failure::unusable)?;
            let setup = Setup::<raft::Raft<KeyValue>>::new("raft", Names::new(nodes, ["c1", "c2"]), config);
            arguments.run(setup, 2, put, screen)
        }
        Protocol::Lease => {
            let setup = arguments.leases().map_err(Failure::unusable_dyn)?;
            arguments.run(setup, 0, |_, _| lease::Command::Act, screen)
        }
    }
}

fn propose(client: usize) -> paxos::Command {
    paxos::Command::Propose { value: paxos::Value::from(format!("v{}", client + 1)), round: None }
}

fn put(client: usize, count: u64) -> raft::Command<KeyValue> {
    let (key, value) = (format!("k{}", client + 1), count.to_string());
    raft::Command::Apply(KeyValueCommand::Put { key, value })
}

impl Arguments {
    /// Q grants, the others hold, and whoever is primary acts now and then.
    fn leases(&self) -> Result<Setup<lease::Lease>, Box<dyn std::error::Error>> {
        let ms = Duration::from_millis;
        let terms = lease::Terms::new(ms(600), ms(500), ms(150), Drift::from_ppm(50_000)?)?;
        let holders = (1..=self.nodes).map(NodeId);
        let settings = lease::Settings { act_every: Some(ms(100)), ..lease::Settings::new(NodeId(0), holders, terms) };
        let names = std::iter::once("Q".to_owned()).chain((1..=self.nodes).map(|number| format!("n{number}")));
        Ok(Setup::new("lease", Names::new(names, [""; 0]), settings.build()?))
    }

    /// Runs the cluster, with clients that ask for one thing after the other, and tells what happens while it does.
    fn run<M: Machine>(
        &self,
        setup: Setup<M>,
        clients: usize,
        command: impl Fn(usize, u64) -> M::Command + Sync,
        screen: &mut Screen,
    ) -> Result<(), Failure> {
        let mut setup = setup.title("A run on threads").seed(self.seed).storm(&self.faults, self.span).traced();
        if let Some(directory) = &self.directory {
            setup = setup.in_directory(directory);
        }
        let mut cluster = setup.start().map_err(Failure::unusable)?;
        let end = Time::ZERO + self.span;
        let users: Vec<Client<M>> = (0..clients).map(|_| cluster.client()).collect();
        let protocol = cluster.trace(|recording| recording.header().protocol).unwrap_or_default();
        let mut telling = Telling::new(screen, self.showing, &protocol);
        thread::scope(|scope| -> Result<(), Failure> {
            for (number, mut user) in users.into_iter().enumerate() {
                let (cluster, command) = (&cluster, &command);
                scope.spawn(move || {
                    let mut count = 0;
                    while cluster.now() < end {
                        count += 1;
                        // Who gets no answer in time goes on with the next request; the summary counts it.
                        let _ = user.ask(command(number, count));
                        thread::sleep(REST);
                    }
                });
            }
            while cluster.now() < end {
                thread::sleep(TELLING);
                telling.tell(&cluster, screen)?;
            }
            Ok(())
        })?;
        cluster.heal_everything().map_err(Failure::broke)?;
        telling.tell(&cluster, screen)?;
        let names = cluster.names().clone();
        let (report, failure) = match cluster.shutdown() {
            Ok(report) => (report, None),
            Err(failed) => (failed.report, Some(failed.failures)),
        };
        self.conclude(&report, &names, screen)?;
        match failure.and_then(|failures| failures.into_iter().next()) {
            Some(failure) => Err(Failure::broke(failure)),
            None => Ok(()),
        }
    }

    fn conclude<M: Machine>(&self, report: &Report<M>, names: &Names, screen: &mut Screen) -> Result<(), Failure> {
        screen.line("")?;
        screen.line(format_args!("Ran for {:.1?}.", report.ran))?;
        for (name, node) in names.nodes().iter().zip(&report.nodes) {
            screen.line(format_args!(
                "  {name:6} {:>7} steps {:>7} messages {:>7} records in {} syncs, {} starts",
                node.steps, node.sent, node.records, node.syncs, node.boots
            ))?;
        }
        let Some(document) = report.recording.as_ref().map(|recording| recording.document()) else { return Ok(()) };
        if let Some(path) = &self.jsonl {
            save_jsonl(&document, path, screen)?;
        }
        self.pictures.save(&document, screen)
    }
}

/// The trace, printed as it grows.
struct Telling {
    log: Log,
    next: EventId,
}

impl Telling {
    fn new(screen: &Screen, showing: Showing, protocol: &str) -> Self {
        let options = Options { implied: protocols::implied(protocol), ..screen.options(showing) };
        Telling { log: Log::new(options), next: EventId::FIRST }
    }

    fn tell<M: Machine>(&mut self, cluster: &Cluster<M>, screen: &mut Screen) -> Result<(), Failure> {
        let mut text = String::new();
        let (log, next) = (&mut self.log, self.next);
        let told = cluster.trace(|recording| {
            log.tell(&recording.header(), recording.events_from(next), &mut text).map(|()| recording.next_id())
        });
        if let Some(Ok(next)) = told {
            self.next = next;
        }
        screen.text(&text)?;
        Ok(screen.flush()?)
    }
}
