//! Randomized cluster tests with seeded faults: loss, duplication, delay, reordering, crashes
//! between and within steps, partitions both ways and one way; clients that retry; reads,
//! snapshots, membership changes and transfers as well.
//!
//! All invariants hold after every step. In addition, no command is applied twice, no acknowledged
//! command is lost, and a read is at least as new as every command acknowledged before it was sent.

use std::collections::BTreeMap;

use quorate_protocol::{ClientId, InvariantViolation, RequestId, Rule};
use quorate_raft::{
    Add, BY_THE_BOOK, Command, ConfigChange, Counter, CounterQuery, Disk, Fact, RaftRule, Reply, Rulebook, Settings,
    Snapshots,
};

use crate::cluster::{Cluster, Faults, Rng, node};

const MS: u64 = 1_000_000;
const ELECTION: u64 = 300 * MS;

/// A client with one request at a time, which it repeats until it is answered.
struct Client {
    id: u32,
    number: u64,
    asks: Option<(RequestId, Command<Counter>, i64)>,
}

/// Coverage: facts and fired rules, summed over runs to show that the runs are not vacuous.
#[derive(Default)]
struct Tally {
    facts: BTreeMap<&'static str, u64>,
    fired: BTreeMap<RaftRule, u64>,
}

pub(crate) struct Run {
    pub(crate) nodes: Cluster<Counter>,
    members: u32,
    /// Whether members change: only with CheckQuorum, because removed nodes disturb a cluster that
    /// does not ignore them (§6).
    reconfigures: bool,
    clients: Vec<Client>,
    answered_adds: i64,
    asked_adds: i64,
    reads: u64,
}

impl Run {
    pub(crate) fn new(rules: Rulebook, seed: u64, members: u32, settings: Settings) -> Self {
        let reconfigures = settings.check_quorum;
        let mut nodes = Cluster::under(rules, vec![Disk::default(); members as usize + 1], settings);
        nodes.rng = Rng::new(seed);
        let clients = (0..3).map(|id| Client { id, number: 0, asks: None }).collect();
        Run { nodes, members, reconfigures, clients, answered_adds: 0, asked_adds: 0, reads: 0 }
    }

    /// A period of faults: some last throughout, partitions and restarts happen on the way.
    pub(crate) fn trouble(&mut self, slices: u64) {
        let rng = &mut self.nodes.rng;
        self.nodes.faults = Faults {
            loss: [0, 4, 10, 30][rng.below(4) as usize],
            duplication: [0, 5, 20][rng.below(3) as usize],
            crash_per_step: [0, 0, 300][rng.below(3) as usize],
            delay_ms: [1, 10, 60][rng.below(3) as usize],
        };
        for _ in 0..slices {
            self.mischief();
            self.nodes.run_until(self.nodes.now + 20 * MS);
            self.clients_act();
        }
    }

    fn mischief(&mut self) {
        let nodes = self.members + 1;
        let (one, other) = (self.nodes.rng.below(nodes as u64) as u32, self.nodes.rng.below(nodes as u64) as u32);
        match self.nodes.rng.below(40) {
            0 => self.nodes.isolate(one),
            1 if one != other => self.nodes.cut_one_way(one, other),
            2 => {
                let (left, right): (Vec<u32>, Vec<u32>) = (0..nodes).partition(|_| self.nodes.rng.one_in(2));
                self.nodes.partition(&left, &right);
            }
            3 | 4 => self.nodes.heal(),
            5 if self.nodes.nodes[one as usize].is_some() => self.nodes.crash(one),
            6..=9 => self.boot_all(),
            10 => self.administer(Command::TransferLeadership(node(one))),
            11 | 12 => self.administer(Command::ChangeMembership(ConfigChange::AddLearner(node(one)))),
            13 | 14 => self.administer(Command::ChangeMembership(ConfigChange::AddVoter(node(one)))),
            15 => self.administer(Command::ChangeMembership(ConfigChange::Remove(node(one)))),
            16 => {
                let voters = (0..nodes).filter(|_| !self.nodes.rng.one_in(4)).map(node).collect();
                self.administer(Command::ChangeMembership(ConfigChange::Replace { voters }));
            }
            _ => {}
        }
    }

    fn boot_all(&mut self) {
        for id in self.nodes.ids() {
            if self.nodes.nodes[id as usize].is_none() {
                self.nodes.boot(id);
            }
        }
    }

    fn administer(&mut self, command: Command<Counter>) {
        if matches!(command, Command::ChangeMembership(_)) && !self.reconfigures {
            return;
        }
        if let Some(leader) = self.nodes.leader() {
            self.nodes.ask(leader, command);
        }
    }

    fn clients_act(&mut self) {
        for (ticket, reply) in std::mem::take(&mut self.nodes.replies) {
            let owner = ticket.client.0.checked_sub(10).map(|client| client as usize);
            let Some(client) = owner.and_then(|at| self.clients.get_mut(at)) else { continue };
            let Some((asked, _, floor)) = &client.asks else { continue };
            match reply {
                _ if *asked != ticket || self.nodes.rng.one_in(10) => continue, // late, or lost on the way
                Reply::Applied(sum) => {
                    self.answered_adds += 1;
                    if sum <= *floor || sum > self.asked_adds {
                        let detail = format!("an add is answered {sum}, when {floor} were acknowledged before it");
                        self.nodes.report(InvariantViolation::new("AppliedOnce", detail));
                    }
                }
                Reply::Read(value) => {
                    if *floor > value || value > self.asked_adds {
                        let detail = format!("a read of {value}, when {floor} were acknowledged before it");
                        self.nodes.report(InvariantViolation::new("LinearizableReads", detail));
                    }
                    self.reads += 1;
                }
                _ => continue,
            }
            client.asks = None;
        }
        for client in &mut self.clients {
            if client.asks.is_none() {
                client.number += 1;
                let ticket = RequestId { client: ClientId(10 + client.id), number: client.number };
                let reads = self.nodes.rng.one_in(3);
                self.asked_adds += i64::from(!reads);
                let command = if reads { Command::Read(CounterQuery) } else { Command::Apply(Add(1)) };
                client.asks = Some((ticket, command, self.answered_adds));
            }
            let at = self.nodes.rng.below(u64::from(self.members) + 1) as u32;
            let at = self.nodes.leader().filter(|_| !self.nodes.rng.one_in(4)).unwrap_or(at);
            if let Some((ticket, command, _)) = &client.asks {
                self.nodes.retry(at, *ticket, command.clone());
            }
        }
    }

    /// After the last fault: a leader and a new commit within ten election timeouts, and equal
    /// states on all members in the end.
    fn recover(&mut self, seed: u64) {
        self.nodes.faults = Faults { delay_ms: 1, ..Faults::default() };
        self.nodes.heal();
        self.boot_all();
        let (healed, before) = (self.nodes.now, self.nodes.highest_commit());
        while self.nodes.highest_commit() <= before {
            self.nodes.run_until(self.nodes.now + 10 * MS);
            self.clients_act();
            assert!(self.nodes.now - healed < 10 * ELECTION, "seed {seed}: no commit within 10 election timeouts");
        }
        self.nodes.run_until(self.nodes.now + 4 * ELECTION);
        let leader = self.nodes.leader().expect("a healthy cluster has a leader");
        let members = self.nodes.raft(leader).membership().members();
        let state = *self.nodes.raft(leader).state();
        for member in members {
            assert_eq!(self.nodes.raft(member.0).state(), &state, "seed {seed}: {member}");
        }
        assert!(self.answered_adds <= state.0 && state.0 <= self.asked_adds, "seed {seed}: {state:?}");
    }

    fn add_to(&self, tally: &mut Tally) {
        for (_, fact) in &self.nodes.facts {
            let name = match fact {
                Fact::LeaderElected { .. } => "elections",
                Fact::SteppedDown { .. } => "step-downs",
                Fact::Committed { .. } => "commits",
                Fact::Applied { .. } => "applied",
                Fact::Truncated { .. } => "truncations",
                Fact::SnapshotTaken { .. } => "snapshots",
                Fact::SnapshotInstalled { .. } => "installs",
                Fact::ConfigurationCommitted { .. } => "configurations",
                Fact::ReadServed { .. } => "reads",
            };
            *tally.facts.entry(name).or_default() += 1;
        }
        for (rule, times) in &self.nodes.fired {
            *tally.fired.entry(*rule).or_default() += times;
        }
    }
}

pub(crate) fn settings(seed: u64, members: u32) -> Settings {
    let snapshots = Snapshots { every: 8, keep: seed % 3 * 4, chunk: 2 };
    Settings {
        pre_vote: seed & 1 != 0,
        check_quorum: seed & 2 != 0,
        probes: seed & 8 != 0,
        snapshots: (seed & 4 != 0).then_some(snapshots),
        window: 1 + seed as usize % 4,
        batch: 1 + seed as usize % 5,
        ..Settings::nodes(members)
    }
}

fn run(seeds: std::ops::Range<u64>) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let members = [3, 5, 7][seed as usize % 3];
        let mut run = Run::new(BY_THE_BOOK, seed, members, settings(seed, members));
        for _ in 0..3 {
            run.trouble(60);
        }
        run.recover(seed);
        run.add_to(&mut tally);
    }
    tally
}

/// A small sample that notices mistakes quickly; the simulator runs thousands of seeds.
#[test]
fn harsh_seeds() {
    let tally = run(0..240);
    let least = [
        ("elections", 500),
        ("commits", 10_000),
        ("truncations", 50),
        ("snapshots", 200),
        ("installs", 50),
        ("configurations", 100),
        ("reads", 1000),
    ];
    for (what, times) in least {
        assert!(tally.facts.get(what).is_some_and(|seen| *seen >= times), "too few {what}: {:?}", tally.facts);
    }
    // These need invalid input, and have tests of their own.
    let elsewhere = [RaftRule::StayOutDamaged, RaftRule::RefuseTooLarge, RaftRule::RefuseForgotten];
    let silent = RaftRule::ALL.iter().filter(|rule| !tally.fired.contains_key(rule) && !elsewhere.contains(rule));
    assert_eq!(silent.collect::<Vec<_>>(), Vec::<&RaftRule>::new(), "every rule fires");
}

/// §5.2, §9.3: timeouts are spread enough that a healthy cluster elects a leader within two of
/// them.
#[test]
fn a_healthy_cluster_elects_a_leader_soon() {
    let late = (0..1000).filter(|seed| {
        let mut nodes = Cluster::<Counter>::new(5, Settings::nodes(5));
        nodes.rng = Rng::new(*seed);
        nodes.faults = Faults { delay_ms: 4, ..Faults::default() };
        nodes.ids().for_each(|id| nodes.restart(id));
        nodes.run_until(2 * ELECTION);
        nodes.leader().is_none()
    });
    assert!(late.count() <= 10, "of 1000 runs");
}
