//! Building blocks of Raft test cases: clusters, clients, and faults that depend on the leader.

use quorate_lab::sim::{ClientRequest, CrashPoint, Fault, FaultPlan, RetryPolicy, Rng};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time};
use quorate_raft::{Command, KeyValueCommand, Settings};

use super::RaftSuite;

/// Plan of a Raft run.
pub(super) type Case = crate::grade::build::Case<RaftSuite>;

pub(super) const MS: fn(u64) -> Duration = Duration::from_millis;

/// Raft-specific part of a case.
#[derive(Clone, Debug, Default)]
pub struct Aim {
    /// Whether commands must be replicated; otherwise nodes only have to know the leader.
    pub(super) replicates: bool,
    /// Intervals in each of which a leader must be elected.
    pub(super) led: Vec<(Time, Time)>,
    /// Intervals in which no node may campaign: there is a leader, and it is heard.
    pub(super) still: Vec<(Time, Time)>,
    /// Maximum number of entries sent in all, including redundant copies.
    pub(super) entries_max: Option<u64>,
    /// Nodes that must have installed a snapshot.
    pub(super) installed: Vec<NodeId>,
    /// Events that depend on the leader, in order of time.
    pub(super) turns: Vec<Turn>,
}

/// Events at one time, on nodes that are determined at that time.
#[derive(Clone, Debug)]
pub struct Turn {
    pub(super) at: Time,
    pub(super) moves: Vec<Move>,
}

/// Node relative to a leader: the turn at which that leader led (from 0), and the offset from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Who {
    turn: usize,
    after: u32,
}

/// Leader at a turn.
pub(super) fn leader(turn: usize) -> Who {
    Who { turn, after: 0 }
}

/// Node at offset `after` from the leader at a turn.
pub(super) fn other(turn: usize, after: u32) -> Who {
    Who { turn, after }
}

/// Event.
#[derive(Clone, Debug)]
pub(super) enum Move {
    /// Partition into groups; nodes in no group form one together.
    Part(Vec<Vec<Who>>),
    /// Pause of a node, for a duration.
    Pause(Who, Duration),
    /// Crash of a node, with a restart after a duration.
    Crash(Who, CrashPoint, Duration),
    /// Client request to a node.
    Ask(u32, Who),
}

/// Leaders at all turns so far, including the current one.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) leaders: Vec<NodeId>,
    pub(super) nodes: u32,
}

impl Scene {
    fn node(&self, Who { turn, after }: Who) -> NodeId {
        NodeId((self.leaders[turn].0 + after) % self.nodes)
    }

    /// Adds the event to the case.
    pub(super) fn play(&self, each: &Move, at: Time, case: &mut Case) {
        let mut add_fault = |at, fault| case.faults.push((at, fault));
        match each {
            Move::Part(groups) => {
                let group = |group: &Vec<Who>| group.iter().map(|who| self.node(*who)).collect();
                add_fault(at, Fault::Partition(groups.iter().map(group).collect()));
            }
            Move::Pause(who, span) => {
                add_fault(at, Fault::Pause(self.node(*who)));
                add_fault(at + *span, Fault::Resume(self.node(*who)));
            }
            Move::Crash(who, moment, span) => {
                add_fault(at, Fault::Crash { node: self.node(*who), point: *moment });
                add_fault(at + *span, Fault::Restart(self.node(*who)));
            }
            Move::Ask(client, who) => {
                case.requests.push(request(at, *client, Some(self.node(*who)), case.requests.len()))
            }
        }
    }
}

/// Request to append a word to one of three values. Words are unique, so each identifies its
/// request.
fn request(at: Time, client: u32, of: Option<NodeId>, number: usize) -> ClientRequest<Command<quorate_raft::KeyValue>> {
    let (key, value) = (["x", "y", "z"][number % 3].to_owned(), format!("{}.{number} ", client + 1));
    ClientRequest { at, client: ClientId(client), of, command: Command::Apply(KeyValueCommand::Append { key, value }) }
}

impl Case {
    /// Case without replication: nodes elect a leader, and clients only ask for it, from `until`
    /// on.
    pub(super) fn electing(title: &'static str, nodes: u32, until: Duration) -> Self {
        let quiet = Case::quiet(title, nodes, Settings::nodes(nodes));
        let names = Names::new((1..=nodes).map(|node| format!("n{node}")), (1..=nodes).map(|node| format!("c{node}")));
        let mut case =
            Case { names, retry_policy: BRIEF, must: "one leader is elected, and every node knows it", ..quiet };
        for round in 0..ROUNDS {
            let at = Time::ZERO + until + MS(300) * round;
            for node in 0..nodes {
                case.requests.push(request(at, node, Some(NodeId(node)), case.requests.len()));
            }
        }
        case.aim.replicates = false;
        case
    }

    /// Replication case without requests and faults.
    pub(super) fn quiet(title: &'static str, nodes: u32, settings: Settings) -> Self {
        Case {
            title,
            config: settings.build().expect("the settings of a case make sense"),
            names: Names::new(
                (1..=nodes).map(|node| format!("n{node}")),
                (1..=CLIENTS).map(|client| format!("c{client}")),
            ),
            conditions: FaultPlan::none().conditions,
            retry_policy: STUBBORN,
            requests: Vec::new(),
            faults: Vec::new(),
            fault_window: Duration::ZERO,
            recovery_window: CALM,
            must: "every client gets a reply, and every node has applied all committed entries",
            messages_max: 20_000,
            aim: Aim { replicates: true, ..Aim::default() },
        }
    }

    /// Adds a client request, to a given node or to any.
    pub(super) fn asks(mut self, at: Duration, client: u32, of: Option<u32>) -> Self {
        self.requests.push(request(Time::ZERO + at, client, of.map(NodeId), self.requests.len()));
        self
    }

    /// Adds requests of `clients` clients in turn, one every `every`.
    pub(super) fn asked(self, from: Duration, every: Duration, clients: u32, requests: u32) -> Self {
        (0..requests).fold(self, |case, number| case.asks(from + every * number, number % clients, None))
    }

    /// Adds events that depend on the leader at that time.
    pub(super) fn then(mut self, at: Duration, moves: Vec<Move>) -> Self {
        self.aim.turns.push(Turn { at: Time::ZERO + at, moves });
        self
    }

    /// Requires an election within that interval.
    pub(super) fn elects(mut self, from: Duration, until: Duration) -> Self {
        self.aim.led.push((Time::ZERO + from, Time::ZERO + until));
        self
    }

    /// Forbids candidacies within that interval.
    pub(super) fn stays(mut self, from: Duration, until: Duration) -> Self {
        self.aim.still.push((Time::ZERO + from, Time::ZERO + until));
        self
    }

    /// Adds a final request after a quiet period: a leader that begins its term without an entry of
    /// its own commits the entries found in its log only with its next entry (Raft §5.4.2, §8).
    pub(super) fn close(&mut self) {
        if self.aim.replicates {
            let last =
                self.faults.iter().map(|(at, _)| *at).chain(self.requests.iter().map(|request| request.at)).max();
            let quiet = last.unwrap_or(Time::ZERO).max(Time::ZERO + self.fault_window) + QUIET;
            self.requests.push(request(quiet, 0, None, self.requests.len()));
        }
    }

    /// Adds these random faults and network conditions until a common recovery, and `requests`
    /// requests at random times.
    pub(super) fn with_faults(mut self, seed: u64, fault_plan: FaultPlan, requests: u32) -> Self {
        let mut rng = Rng::new(seed, u64::MAX - 1);
        let nodes = self.config.voters.len() as u32;
        for number in 0..requests {
            let at = Time::from_nanos(rng.below(quorate_protocol::nanos(SPAN)));
            self.requests.push(request(at, number % CLIENTS, None, number as usize));
        }
        self.requests.sort_by_key(|request| request.at);
        let last = self.requests.len();
        if requests > 0 {
            self.requests.push(request(Time::ZERO + SPAN + Duration::from_nanos(1), 0, None, last));
        }
        Case {
            conditions: fault_plan.conditions,
            faults: fault_plan.schedule(seed, nodes, SPAN),
            fault_window: SPAN,
            ..self
        }
    }
}

/// Number of clients in replication cases.
pub(super) const CLIENTS: u32 = 5;
/// Duration of the fault window.
pub(super) const SPAN: Duration = Duration::from_secs(4);
/// Delay after the last fault until no node has reason to campaign.
const QUIET: Duration = Duration::from_secs(2);
/// Number of times that clients ask for the leader.
const ROUNDS: u32 = 20;
/// Retry policy: clients ask for the leader, and soon give up.
const BRIEF: RetryPolicy = RetryPolicy { timeout: Duration::from_millis(100), attempts: 2, rotates: false };
/// Retry policy: clients retry until the end of the run, at one node after another.
pub(super) const STUBBORN: RetryPolicy =
    RetryPolicy { timeout: Duration::from_millis(250), attempts: u32::MAX, rotates: true };
/// Recovery window: enough for several tens of elections, also after the last fault of a case that
/// contains its own recovery.
const CALM: Duration = Duration::from_secs(20);
