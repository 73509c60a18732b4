//! Runs on threads of a protocol that is known by its name.

use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::thread;

use quorate_lab::Stop;
use quorate_lab::env::FaultPlan;
use quorate_lab::live::{Client, Cluster, NodeFailure, NodeStats, Setup};
use quorate_lab::script::{Protocol, ScenarioRequest};
use quorate_lab::trace::{Event, Header, Recording};
use quorate_protocol::{Duration, Machine, Names, Time};

use super::ByNameError;
use crate::TargetError;
use crate::live::{LiveTarget, Turn};
use crate::protocols::{Target, Visitor};

/// Protocol that runs on threads.
pub trait LiveProtocol {
    /// Starts a cluster under the papers' rulebook.
    ///
    /// # Errors
    /// If there can be no such cluster, or it cannot start: its folder cannot be used, for example.
    fn start(&self, options: &LiveOptions) -> Result<Box<dyn LiveRun>, TargetError>;
}

/// Options of a run on threads.
#[derive(Clone, Debug)]
pub struct LiveOptions {
    /// Size of the cluster, as the protocol counts it.
    pub nodes: u32,
    /// Seed of random choices.
    pub seed: u64,
    /// Fault generator.
    pub fault_plan: FaultPlan,
    /// Duration of the run.
    pub span: Duration,
    /// Whether a trace is recorded.
    pub traced: bool,
    /// Folder for the nodes' logs; `None` keeps them in memory.
    pub directory: Option<PathBuf>,
}

/// A cluster on threads, with the clients of its protocol.
pub trait LiveRun {
    /// Header of the trace; `None` without a trace.
    fn header(&self) -> Option<Header>;

    /// Time since the start.
    fn now(&self) -> Time;

    /// Lets clients send one request after the other, with a short pause between two, until the
    /// span is over or a stop is requested. Passes on the trace piece by piece; `pass_on` can end
    /// the run.
    fn drive(&self, stop: &Stop, pass_on: &mut dyn FnMut(Piece) -> ControlFlow<()>);

    /// Adds a note to the trace.
    fn note(&self, text: &str);

    /// Heals everything, and ends all threads.
    fn end(self: Box<Self>) -> EndedRun;
}

/// Piece of a growing trace.
#[derive(Clone, PartialEq, Debug)]
pub struct Piece {
    /// Header of the whole trace.
    pub header: Header,
    /// Events since the last piece.
    pub events: Vec<Event>,
}

/// A run that is over.
#[derive(Clone, Debug)]
pub struct EndedRun {
    /// Duration of the run.
    pub ran: Duration,
    /// Names of nodes and clients.
    pub names: Names,
    /// Statistics of each node.
    pub nodes: Vec<NodeStats>,
    /// The last piece of the trace, if one is recorded.
    pub piece: Option<Piece>,
    /// The first node that failed, if one did; a restart that failed included.
    pub failure: Option<NodeFailure>,
}

/// Chooses the protocol.
pub(super) struct Choose;

impl Visitor for Choose {
    type Output = Result<Box<dyn LiveProtocol>, ByNameError>;

    fn visit<P: Target>(self) -> Self::Output {
        Ok(Box::new(OnThreads::<P>(PhantomData)))
    }
}

struct OnThreads<P>(PhantomData<fn() -> P>);

impl<P: Target> LiveProtocol for OnThreads<P> {
    fn start(&self, options: &LiveOptions) -> Result<Box<dyn LiveRun>, TargetError> {
        let LiveOptions { nodes, seed, fault_plan, span, traced, directory } = options;
        let (names, config) = <P as LiveTarget>::cluster(*nodes)?;
        let clients = names.clients().len();
        let setup = Setup::new(<P as Protocol>::NAME, names, config).title("A run on threads").seed(*seed);
        let mut setup = setup.fault_plan(fault_plan, *span);
        if *traced {
            setup = setup.traced();
        }
        if let Some(directory) = directory {
            setup = setup.in_directory(directory);
        }
        let cluster = setup.start().map_err(TargetError::other)?;
        Ok(Box::new(Running::<P> { cluster, clients, nodes: *nodes, end: Time::ZERO + *span }))
    }
}

struct Running<P: LiveTarget> {
    cluster: Cluster<P::Machine>,
    clients: usize,
    nodes: u32,
    end: Time,
}

impl<P: LiveTarget> LiveRun for Running<P> {
    fn header(&self) -> Option<Header> {
        self.cluster.trace(Recording::header)
    }

    fn now(&self) -> Time {
        self.cluster.now()
    }

    fn drive(&self, stop: &Stop, pass_on: &mut dyn FnMut(Piece) -> ControlFlow<()>) {
        let (cluster, end, over) = (&self.cluster, self.end, &Stop::new());
        let users: Vec<Client<P::Machine>> = (0..self.clients).map(|_| cluster.client()).collect();
        let goes_on = &|| cluster.now() < end && !stop.is_requested() && !over.is_requested();
        thread::scope(|scope| {
            for (client, user) in (0..).zip(users) {
                scope.spawn(move || self.ask(client, user, goes_on));
            }
            let mut passed_on = ControlFlow::Continue(());
            while passed_on.is_continue() && goes_on() {
                let left = end.since(cluster.now());
                thread::sleep(TELLING.min(left));
                if let Some(piece) = piece(cluster.take_trace()) {
                    passed_on = pass_on(piece);
                }
            }
            over.request();
            // Unblocks clients that wait for a reply which may never arrive.
            cluster.dismiss_clients();
        });
    }

    fn note(&self, text: &str) {
        self.cluster.note(text);
    }

    fn end(self: Box<Self>) -> EndedRun {
        let mut cluster = self.cluster;
        // A node that cannot restart is among the failures.
        let healed = cluster.heal_everything();
        let names = cluster.names().clone();
        let (report, failures) = match cluster.shutdown() {
            Ok(report) => (report, Vec::new()),
            Err(failed) => (failed.report, failed.failures),
        };
        let failure = failures.into_iter().next().or(healed.err());
        EndedRun { ran: report.ran, names, nodes: report.nodes, piece: piece(report.recording), failure }
    }
}

impl<P: LiveTarget> Running<P> {
    /// Sends the requests of a client.
    fn ask(&self, client: u32, mut user: Client<P::Machine>, goes_on: &impl Fn() -> bool) {
        let mut turn = Turn { nodes: self.nodes, run: self.cluster.run(), client, count: 0 };
        while goes_on() {
            turn.count += 1;
            let ScenarioRequest { to, command } = P::request(turn);
            if let Some(node) = to {
                user.turn_to(node);
            }
            // After a timeout the client continues with the next request; the summary counts it.
            let _ = user.ask(command);
            thread::sleep(REST);
        }
    }
}

/// Interval between two pieces of the trace.
const TELLING: Duration = Duration::from_millis(50);
/// Pause of a client between two requests, so that the trace is readable.
const REST: Duration = Duration::from_millis(40);

fn piece<M: Machine>(recording: Option<Recording<M>>) -> Option<Piece> {
    let recording = recording?;
    Some(Piece { header: recording.header(), events: recording.events_from(recording.first_id()).collect() })
}
