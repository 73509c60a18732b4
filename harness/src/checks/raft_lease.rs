//! Model checking of leases on Raft: servers n1, n2, n3, whose leader reads locally under a leader
//! lease, and holders A and B.
//!
//! The violations need a leader with a lease and then another leader, which is too deep for
//! breadth-first search from the initial state. So each search takes the shortest path to such a
//! leader and explores every schedule from there.

use quorate_bugs::lease::NamedRulebook;
use quorate_lab::check::{Bounds, Clocks, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_lease::invariants::AtMostOnePrimary;
use quorate_lease::replicated::{Command, LeaseTable, NoStaleRead, RaftLease, Settings};
use quorate_lease::{Drift, Name, Terms};
use quorate_protocol::{ClientId, Duration, Names, NodeId};
use quorate_raft as raft;

use super::{Budget, Goal, SearchTarget, Searched};
use crate::TargetError;
use crate::protocols::{LeaseRaftTarget, ToScenario};

const N1: NodeId = NodeId(0);
const N2: NodeId = NodeId(1);
const N3: NodeId = NodeId(2);

/// Clock drift bound: 20 %, in ppm.
const DRIFT_PPM: u32 = 200_000;
/// Length of one clock tick.
///
/// The leader lease binds followers for 30 ms, which last 25 ms on a fast clock; the leader counts
/// 20 ms, which last 25 ms on a slow one. A tick is just under 25 ms: after one tick the leader
/// still reads and its followers are still bound, after two neither holds.
const TICK: Duration = Duration::from_micros(24_900);
/// Just over 25 ms: after one such tick neither holds, under the papers' rules.
const TICK_AND_MORE: Duration = Duration::from_millis(26);
/// Just over a term of the table on accurate clocks.
const TERM_AND_MORE: Duration = Duration::from_millis(31);
/// Election timeout that never fires by itself, so that time can pass without an election.
const NEVER: Duration = Duration::from_secs(3_600);

fn lease() -> Name {
    Name::from("x")
}

/// Ids of holders A and B, which follow the servers.
fn holders(servers: u32) -> [NodeId; 2] {
    [servers, servers + 1].map(NodeId)
}

/// Requests by node, for a cluster with this many servers.
fn requests(bug: NamedRulebook, servers: u32) -> Vec<(NodeId, Command)> {
    let [a, b] = holders(servers);
    let acquire = |holder| (holder, Command::Acquire { lease: lease() });
    let query = (N2, Command::Query { lease: lease() });
    match bug.id() {
        "transfer-keeps-lease" => vec![(N2, Command::TransferLeadership { to: N1 }), acquire(a), query],
        "successor-does-not-wait" => vec![acquire(a), acquire(b), (a, Command::Act { lease: lease() })],
        _ => vec![acquire(a), query],
    }
}

/// The leader's clock is as slow and the others' as fast as the bound allows; where terms of the
/// table are counted, all clocks are accurate.
fn clocks(bug: NamedRulebook, ticks: u32) -> Option<Clocks> {
    let ppm = DRIFT_PPM as i32;
    match bug.id() {
        _ if ticks == 0 => None,
        "successor-does-not-wait" => Some(Clocks::exact(TERM_AND_MORE, ticks)),
        _ => {
            let drifts = [(N1, vec![ppm]), (N2, vec![-ppm]), (N3, vec![ppm])].into();
            let tick = if bug.id() == "no-drift-margin" { TICK_AND_MORE } else { TICK };
            Some(Clocks { drifts, ..Clocks::exact(tick, ticks) })
        }
    }
}

/// Search target: leases on Raft.
impl SearchTarget for LeaseRaftTarget {
    type Machine = RaftLease;
    type Invariants = (AtMostOnePrimary<Name>, NoStaleRead);

    const NAME: &'static str = Self::NAME;

    fn budget(rules: NamedRulebook) -> Budget {
        let requests = requests(rules, 3).len() as u32;
        let still =
            Budget { nodes: 3, requests, firings: 3, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None };
        match rules.id() {
            "transfer-keeps-lease" => Budget { firings: 1, ..still },
            "votes-while-trusting" | "limbo-read" => still,
            "successor-does-not-wait" | "no-drift-margin" => Budget { firings: 0, ticks: 2, ..still },
            _ => Budget { firings: 0, ticks: 3, depth: Some(11), ..still },
        }
    }

    fn under_rules(bug: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let ms = Duration::from_millis;
        let terms = Terms::new(ms(30), ms(20), ms(19), Drift::from_ppm(DRIFT_PPM)?)?;
        let servers =
            raft::Settings { election: ms(19)..NEVER, heartbeat: ms(18), ..raft::Settings::nodes(budget.nodes) };
        let holders = holders(budget.nodes).to_vec();
        let config = Settings { servers, holders, terms, trust: terms, act_every: None }.build()?;
        let nodes = (1..=budget.nodes).map(|number| format!("n{number}")).chain(["A", "B"].map(str::to_owned));
        let clients = (1..=budget.requests.max(1)).map(|number| format!("c{number}"));
        let setup = Setup::new(Self::NAME, Names::new(nodes, clients), config).under_named(rules.id(), rules.rules);
        let mut bounds = Bounds {
            clocks: clocks(bug, budget.ticks),
            firings: budget.firings,
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        for (client, (of, command)) in (0..budget.requests).map(ClientId).zip(requests(bug, budget.nodes)) {
            bounds = bounds.request(client, Some(of), command);
        }
        let invariants = (AtMostOnePrimary::default(), NoStaleRead::default());
        Ok(Cluster::new(setup.title("Every schedule of leases on Raft, in stages"), invariants, bounds)?)
    }

    fn goals(_: &Budget) -> Vec<Goal<Self>> {
        vec![("a leader is elected", |state| [N1, N2, N3].iter().any(|&server| leads(state, server, 1)))]
    }

    fn waypoints(rules: NamedRulebook) -> Vec<Goal<Self>> {
        let n1_leads: Goal<Self> = ("n1 leads term 1", |state| leads(state, N1, 1));
        let n2_leads: Goal<Self> = ("n2 leads term 1", |state| leads(state, N2, 1));
        let n2_reads: Goal<Self> = ("n2 is trusted by a majority and has applied its first entry", |state| {
            reads(state) && applied(state, N2, 1)
        });
        let a_tick_later: Goal<Self> = ("a tick later it still leads", |state| state.tick() == 2 && reads(state));
        let n1_leads_too: Goal<Self> =
            ("n1 leads term 2, and n2 does not know", |state| leads(state, N1, 2) && reads(state));
        let granted_unseen: Goal<Self> =
            ("n1 has granted the lease to A, and n2 does not know", |state| changes(state, N1) == 1 && reads(state));
        match rules.id() {
            "transfer-keeps-lease" | "votes-while-trusting" => vec![n2_leads, n2_reads, n1_leads_too, granted_unseen],
            "no-drift-margin" => vec![n2_leads, n2_reads, a_tick_later, n1_leads_too, granted_unseen],
            "limbo-read" => vec![
                n1_leads,
                ("n1 has granted the lease to A", |state| changes(state, N1) == 1),
                ("n2 leads term 2", |state| leads(state, N2, 2)),
                ("n2 is trusted", |state| leads(state, N2, 2) && trusted(state, N2)),
            ],
            "successor-does-not-wait" => vec![
                n1_leads,
                ("n1 has led for a term", |state| leads(state, N1, 1) && state.tick() == 2),
                ("A holds the lease", |state| held(state)[0]),
                ("n1 has let it expire", |state| held(state)[0] && changes(state, N1) == 2),
                ("B holds the lease", |state| held(state) == [true, true]),
            ],
            _ => vec![n2_leads, n2_reads, a_tick_later],
        }
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

type Moment = State<RaftLease, (AtMostOnePrimary<Name>, NoStaleRead)>;

/// The Raft node inside a server.
fn inside(state: &Moment, server: NodeId) -> Option<&raft::Raft<LeaseTable>> {
    state.machine(server)?.raft()
}

fn leads(state: &Moment, server: NodeId, term: u64) -> bool {
    inside(state, server).is_some_and(|raft| raft.is_leader() && raft.term() == raft::Term(term))
}

/// Whether a leader has a leader lease; it may have expired.
fn trusted(state: &Moment, server: NodeId) -> bool {
    state.machine(server).is_some_and(|machine| machine.reads_until().is_some())
}

/// Whether n2 leads its first term and has a leader lease, which may have expired.
fn reads(state: &Moment) -> bool {
    leads(state, N2, 1) && trusted(state, N2)
}

fn applied(state: &Moment, server: NodeId, index: u64) -> bool {
    inside(state, server).is_some_and(|raft| raft.applied() >= raft::LogIndex(index))
}

/// Number of changes of the table that a server has applied.
fn changes(state: &Moment, server: NodeId) -> u64 {
    inside(state, server).map_or(0, |raft| raft.state().changes())
}

/// Whether A and B believe that they hold a lease.
fn held(state: &Moment) -> [bool; 2] {
    holders(state.machines().count() as u32 - 2).map(|holder| state.machine(holder).is_some_and(RaftLease::holds))
}
