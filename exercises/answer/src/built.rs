//! Whole machines as answers to exercises: the learner's process runs the machine of Paxos, Raft,
//! leases, Redlock, two-phase commit or a replicated register that the learner has written, and
//! tells the grader's process over a pipe what it does.
//!
//! The grader asks to boot a node, to let it take a step, and for its view. States have numbers, so
//! that it can go back to an earlier one. The second half is the wire form of the protocols'
//! configurations.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use quorate_lease::{DetectorConfig, FenceCheck, Name, Recovery, Terms};
use quorate_locks::{ExpiryClock, Persistence, Recipe};
use quorate_paxos::{Backoff, Retry};
use quorate_protocol::{
    Clock, Constants, Delay, Disk, Duration, Effect, Input, LocalTime, Machine, Names, NodeId, Outbox, Rule,
};
use quorate_raft::{Settings, Snapshots};
use quorate_replication::register::{Available, Mode, Order, Session};

use crate::serve::Answers;
use crate::wire::{Boot, Does, Happens, Question, Reason, Step, WireForm};

/// Complete machine, handed in.
pub struct Built<M>(PhantomData<fn() -> M>);

/// Machine with the protocol of Basic Paxos, handed in.
pub type BuiltPaxos<M> = Built<M>;
/// Machine with the protocol of Raft, handed in.
pub type BuiltRaft<M> = Built<M>;
/// Machine with the protocol of leases, handed in.
pub type BuiltLease<M> = Built<M>;
/// Machine with the protocol of Redlock, handed in.
pub type BuiltRedlock<M> = Built<M>;
/// Machine with the protocol of two-phase commit, handed in.
pub type BuiltTwoPhase<M> = Built<M>;
/// Machine with the protocol of a register that answers at once, handed in.
pub type BuiltApRegister<M> = Built<M>;

impl<M> fmt::Debug for Built<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Built")
    }
}

impl<M: Machine<Config: WireForm>> Built<M> {
    /// Hands in a machine whose configuration is the protocol's own.
    #[expect(clippy::new_ret_no_self, reason = "it reads like that where a machine is handed in")]
    pub fn new() -> Machines<M> {
        Machines { nodes: BTreeMap::new() }
    }
}

/// Running nodes, by state number.
pub struct Machines<M: Machine> {
    nodes: BTreeMap<u64, Node<M>>,
}

/// Node: its machine, and the context of its steps.
#[derive(Clone)]
struct Node<M: Machine> {
    names: Names,
    me: NodeId,
    constants: Constants<M>,
    /// Clock reading of the latest step.
    now: M::Clock,
    machine: M,
}

impl<M: Machine> fmt::Debug for Machines<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machines").field("nodes", &self.nodes.len()).finish()
    }
}

impl<M: Machine<Config: WireForm>> Answers for Machines<M> {
    fn answer(&mut self, question: &Question<'_>) -> Option<String> {
        for gone in question.gone() {
            self.nodes.remove(&gone);
        }
        if let Some(from) = question.from {
            let copy = self.nodes.get(&from)?.clone();
            self.nodes.insert(question.state, copy);
        }
        match question.what {
            "boot" => self.boot(question),
            "step" => {
                let node = self.nodes.get_mut(&question.state)?;
                node.names.clone().scope(|| node.step(question.given))
            }
            "view" => {
                let node = self.nodes.get(&question.state)?;
                node.names.scope(|| node.view())
            }
            _ => None,
        }
    }
}

impl<M: Machine<Config: WireForm>> Machines<M> {
    fn boot(&mut self, question: &Question<'_>) -> Option<String> {
        let given: serde_json::Value = serde_json::from_str(question.given).ok()?;
        let (nodes, clients): (Vec<String>, Vec<String>) = serde_json::from_value(given.get("names")?.clone()).ok()?;
        let names = Names::new(nodes, clients);
        let (node, told) = names.clone().scope(|| {
            let boot: Boot<<M::Config as WireForm>::As, M::Record> = serde_json::from_value(given).ok()?;
            let constants = Constants::new(M::Config::from_wire(boot.config)?);
            let mut disk = M::Disk::default();
            boot.records.iter().for_each(|record| disk.apply(record));
            let mut out = outbox(boot.explaining);
            let (me, now) = (NodeId(boot.node), clock::<M>(boot.now));
            let machine = M::boot(&constants.of(me, now), &disk, &mut out);
            Some((Node { names, me, constants, now, machine }, told(&out)?))
        })?;
        self.nodes.insert(question.state, node);
        Some(told)
    }
}

impl<M: Machine> Node<M> {
    fn step(&mut self, given: &str) -> Option<String> {
        let Step { now, explaining, input }: Step<Happens<M>> = serde_json::from_str(given).ok()?;
        let input = match input {
            Happens::Deliver(from, message) => Input::Deliver { from, message },
            Happens::Fire(timer) => Input::Fire(timer),
            Happens::Request(ticket, command) => Input::Request { ticket, command },
        };
        let mut out = outbox(explaining);
        self.now = clock::<M>(now);
        self.machine.step(&self.constants.of(self.me, self.now), input, &mut out);
        told(&out)
    }

    fn view(&self) -> Option<String> {
        serde_json::to_string(&self.machine.view(&self.constants.of(self.me, self.now))).ok()
    }
}

const fn outbox<M: Machine>(explaining: bool) -> Outbox<M> {
    if explaining { Outbox::explaining() } else { Outbox::new() }
}

fn clock<M: Machine>((monotonic, wall): (quorate_protocol::Time, quorate_protocol::Time)) -> M::Clock {
    M::Clock::read(LocalTime { monotonic, wall })
}

/// Rules cited in a step and their effects, as JSON.
fn told<M: Machine>(out: &Outbox<M>) -> Option<String> {
    let reasons: Vec<Reason<M>> = out
        .reasons()
        .map(|reason| Reason {
            rule: reason.rule.id().to_owned(),
            why: reason.why.to_owned(),
            does: reason.effects.iter().map(does).collect(),
        })
        .collect();
    serde_json::to_string(&reasons).ok()
}

fn does<M: Machine>(effect: &Effect<M>) -> Does<M> {
    match effect.clone() {
        Effect::Send { to, message } => Does::Send(to, message),
        Effect::Persist(record) => Does::Persist(record),
        Effect::Arm { timer, after } => Does::Arm(timer, after.to_wire()),
        Effect::Disarm(timer) => Does::Disarm(timer),
        Effect::Emit(fact) => Does::Learn(fact),
        Effect::Reply { ticket, reply } => Does::Reply(ticket, reply),
    }
}

/// Wire form of an optional delay.
type Wait = Option<(Duration, Duration)>;

impl WireForm for quorate_paxos::Config {
    type As = ([Vec<u32>; 3], [usize; 3], Option<u32>, (Duration, Wait), Wait);

    fn to_wire(&self) -> Self::As {
        let ids = |nodes: &[NodeId]| nodes.iter().map(|node| node.0).collect();
        let backoff = match self.retry().backoff {
            Backoff::Never => None,
            Backoff::Exponential { unit, cap } => Some((unit, cap)),
        };
        (
            [ids(self.proposers()), ids(self.acceptors()), ids(self.learners())],
            self.quorums().to_wire(),
            self.distinguished_learner().map(|node| node.0),
            (self.retry().timeout, backoff),
            self.catch_up().map(|wait| wait.to_wire()),
        )
    }

    fn from_wire((roles, quorums, distinguished, (timeout, backoff), catch_up): Self::As) -> Option<Self> {
        let [proposers, acceptors, learners] = roles.map(|ids| ids.into_iter().map(NodeId));
        let backoff = backoff.map_or(Backoff::Never, |(unit, cap)| Backoff::Exponential { unit, cap });
        let catch_up = match catch_up {
            Some(wait) => Some(Delay::from_wire(wait)?),
            None => None,
        };
        let plain = quorate_paxos::Config::builder(proposers, acceptors, learners)
            .phase_1_quorum(quorums[1])
            .phase_2_quorum(quorums[2])
            .retry(Retry { timeout, backoff })
            .catch_up(catch_up);
        let told = match distinguished {
            Some(learner) => plain.distinguished_learner(NodeId(learner)),
            None => plain,
        };
        told.build().ok()
    }
}

impl WireForm for quorate_raft::Config {
    type As = ([Vec<u32>; 2], [Duration; 3], [usize; 4], u64, [bool; 3], Option<(u64, u64, usize)>);

    fn to_wire(&self) -> Self::As {
        let ids = |nodes: &[NodeId]| nodes.iter().map(|node| node.0).collect();
        (
            [ids(&self.voters), ids(&self.learners)],
            [self.election.start, self.election.end, self.heartbeat],
            [self.window, self.batch, self.command_limit, self.session_replies],
            self.promotion_lag,
            [self.probes, self.pre_vote, self.check_quorum],
            self.snapshots.map(|snapshots| (snapshots.every, snapshots.keep, snapshots.chunk)),
        )
    }

    fn from_wire((members, times, sizes, promotion_lag, switches, snapshots): Self::As) -> Option<Self> {
        let [voters, learners] = members.map(|ids| ids.into_iter().map(NodeId).collect());
        let [from, to, heartbeat] = times;
        let [window, batch, command_limit, session_replies] = sizes;
        let [probes, pre_vote, check_quorum] = switches;
        let snapshots = snapshots.map(|(every, keep, chunk)| Snapshots { every, keep, chunk });
        let settings = Settings {
            voters,
            learners,
            election: from..to,
            heartbeat,
            window,
            batch,
            command_limit,
            session_replies,
            promotion_lag,
            probes,
            pre_vote,
            check_quorum,
            snapshots,
        };
        settings.build().ok()
    }
}

/// Wire form of a failure detector: a timeout, or the parameters of φ accrual.
type Detector = Result<Duration, (u32, u32, Duration, Duration)>;

impl WireForm for quorate_lease::Config {
    type As = (u32, Vec<u32>, Option<u32>, Terms, Detector, [bool; 2], [Duration; 3], Option<Duration>);

    fn to_wire(&self) -> Self::As {
        let watch = match self.watch {
            DetectorConfig::Timeout { after } => Ok(after),
            DetectorConfig::PhiAccrual { threshold_milli, window, first_interval, least_deviation } => {
                Err((threshold_milli, window, first_interval, least_deviation))
            }
        };
        (
            self.granter.0,
            self.holders.iter().map(|node| node.0).collect(),
            self.resource.map(|node| node.0),
            self.terms,
            watch,
            [self.recovery == Recovery::FromDisk, self.check == FenceCheck::AskGranter],
            [self.own_term, self.lock_delay, self.work],
            self.act_every,
        )
    }

    fn from_wire((granter, holders, resource, terms, watch, ways, spans, act_every): Self::As) -> Option<Self> {
        let [from_disk, asks] = ways;
        let [own_term, lock_delay, work] = spans;
        let watch = match watch {
            Ok(after) => DetectorConfig::Timeout { after },
            Err((threshold_milli, window, first_interval, least_deviation)) => {
                DetectorConfig::PhiAccrual { threshold_milli, window, first_interval, least_deviation }
            }
        };
        let settings = quorate_lease::Settings {
            granter: NodeId(granter),
            holders: holders.into_iter().map(NodeId).collect(),
            resource: resource.map(NodeId),
            terms,
            own_term,
            watch,
            recovery: if from_disk { Recovery::FromDisk } else { Recovery::WaitOut },
            lock_delay,
            work,
            act_every,
            check: if asks { FenceCheck::AskGranter } else { FenceCheck::NewestSeen },
        };
        settings.build().ok()
    }
}

/// Configuration of Redlock; what other recipes need has its usual value.
impl WireForm for quorate_locks::Config {
    type As = ([Vec<u32>; 2], Name, [Duration; 4], (Duration, Duration), [bool; 2], Option<Duration>);

    fn to_wire(&self) -> Self::As {
        let ids = |nodes: &[NodeId]| nodes.iter().map(|node| node.0).collect();
        (
            [ids(&self.servers), ids(&self.holders)],
            self.key.clone(),
            [self.ttl.unwrap_or_default(), self.allowance, self.answer_timeout, self.restart_delay],
            self.retry.to_wire(),
            [self.expiry == ExpiryClock::Monotonic, self.persistence == Persistence::Always],
            self.act_every,
        )
    }

    fn from_wire((members, key, spans, retry, ways, act_every): Self::As) -> Option<Self> {
        let [servers, holders] = members.map(|ids| ids.into_iter().map(NodeId));
        let [ttl, allowance, answer_timeout, restart_delay] = spans;
        let [is_monotonic, is_durable] = ways;
        let settings = quorate_locks::Settings {
            key,
            allowance,
            answer_timeout,
            restart_delay,
            retry: Delay::from_wire(retry)?,
            expiry: if is_monotonic { ExpiryClock::Monotonic } else { ExpiryClock::Wall },
            persistence: if is_durable { Persistence::Always } else { Persistence::Never },
            act_every,
            ..quorate_locks::Settings::new(Recipe::Redlock, servers, holders, Some(ttl))
        };
        settings.build().ok()
    }
}

impl WireForm for quorate_transactions::two_phase::Config {
    type As = (u32, Vec<u32>, i64, [Duration; 2], bool);

    fn to_wire(&self) -> Self::As {
        (
            self.coordinator.0,
            self.participants.iter().map(|node| node.0).collect(),
            self.opening,
            [self.vote_timeout, self.retry],
            self.ask_others,
        )
    }

    fn from_wire((coordinator, participants, opening, [vote_timeout, retry], ask_others): Self::As) -> Option<Self> {
        let participants = participants.into_iter().map(NodeId).collect();
        let coordinator = NodeId(coordinator);
        quorate_transactions::two_phase::Settings {
            coordinator,
            participants,
            opening,
            vote_timeout,
            retry,
            ask_others,
        }
        .build()
        .ok()
    }
}

/// Configuration of a register that answers at once; a consistent one is no answer of the course.
impl WireForm for quorate_replication::register::Config {
    type As = ([Vec<u32>; 2], Duration, (usize, usize), bool, [Duration; 2]);

    fn to_wire(&self) -> Self::As {
        let ids = |nodes: &[NodeId]| nodes.iter().map(|node| node.0).collect();
        let available = self.available().unwrap_or_default();
        let Available { order, session, read_repair, anti_entropy, ahead } = available;
        (
            [ids(&self.replicas), ids(&self.apps)],
            self.timeout,
            (order.to_wire(), session.to_wire()),
            read_repair,
            [anti_entropy, ahead],
        )
    }

    fn from_wire((members, timeout, (order, session), read_repair, spans): Self::As) -> Option<Self> {
        let [replicas, apps] = members.map(|ids| ids.into_iter().map(NodeId).collect());
        let [anti_entropy, ahead] = spans;
        let (order, session) = (Order::from_wire(order)?, Session::from_wire(session)?);
        let mode = Mode::Available(Available { order, session, read_repair, anti_entropy, ahead });
        quorate_replication::register::Settings { replicas, apps, mode, timeout }.build().ok()
    }
}
