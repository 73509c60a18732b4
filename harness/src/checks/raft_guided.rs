//! Guided model checking of Raft: bugs that need several terms, a snapshot, a read or a membership
//! change.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use quorate_bugs::NamedRulebookOf;
use quorate_bugs::raft::careless::CarelessRaft;
use quorate_lab::check::{Bounds, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_protocol::{ClientId, Effect, Invariant, InvariantViolation, Names, NodeId, StepView, Variant};
use quorate_raft::{
    Add, Command, ConfigChange, Counter, CounterQuery, Invariants, LogIndex, Raft, RaftRule, Reply, Settings,
    Snapshots, Term, invariants,
};

use super::{Budget, Goal, SearchTarget, Searched, counter};
use crate::TargetError;
use crate::protocols::{RaftMachine, RaftTarget};

/// Search target: Raft with a counter and named nodes for requests, along waypoints. The reference,
/// or a variant.
#[derive(Debug)]
pub struct RaftGuidedSearchOf<M>(PhantomData<fn() -> M>);

/// Raft with a counter, searched along waypoints.
pub type RaftGuidedSearch = RaftGuidedSearchOf<Raft<Counter>>;
/// Careless Raft with a counter, searched along waypoints.
pub type CarelessRaftGuidedSearch = RaftGuidedSearchOf<CarelessRaft<Counter>>;

const N1: NodeId = NodeId(0);
const N2: NodeId = NodeId(1);
const N3: NodeId = NodeId(2);
const N4: NodeId = NodeId(3);

impl<M: RaftMachine<Counter>> RaftGuidedSearchOf<M> {
    /// Whether the rulebook's bug shows in this search; other bugs show in
    /// [`RaftSearch`](super::RaftSearch).
    pub fn shows(rules: NamedRulebookOf<M>) -> bool {
        rules.id() == "match-regresses" || !Self::waypoints(rules).is_empty()
    }

    /// Requests by node.
    fn requests(bug: NamedRulebookOf<M>) -> Vec<(NodeId, Command<Counter>)> {
        let add = |amount| Command::Apply(Add(amount));
        let remove = |node| Command::ChangeMembership(ConfigChange::Remove(node));
        match bug.id() {
            "empty-append-truncates" | "match-regresses" | "snapshot-lowers-term" => vec![(N1, add(1))],
            "stale-nack-rollback" => vec![(N1, add(1)), (N1, add(2))],
            "config-before-commit" => vec![(N1, remove(N4)), (N2, remove(N3))],
            "deposed-read" => vec![(N2, add(5)), (N1, Command::Read(CounterQuery))],
            "read-before-own-commit" => vec![(N1, add(5)), (N2, Command::Read(CounterQuery))],
            _ => Vec::new(),
        }
    }

    fn settings(bug: NamedRulebookOf<M>, nodes: u32) -> Settings {
        let usual = Settings::nodes(nodes);
        match bug.id() {
            // A leader must probe with an entry before it sends the conflicting entries behind it.
            "commit-not-min" | "ack-beyond" => Settings { probes: true, ..usual },
            // An old entry must be sendable without the new one behind it.
            "figure-8" => Settings { batch: 1, ..usual },
            "snapshot-lowers-term" => Settings { snapshots: Some(Snapshots { every: 1, keep: 0, chunk: 1 }), ..usual },
            _ => usual,
        }
    }
}

impl<M: RaftMachine<Counter>> SearchTarget for RaftGuidedSearchOf<M> {
    type Machine = M;
    type Invariants = (Invariants<Counter>, FreshReads, MatchNeverDecreases);

    const NAME: &'static str = RaftTarget::NAME;

    fn budget(rules: NamedRulebookOf<M>) -> Budget {
        let firings = match rules.id() {
            "figure-8" => 6,
            "length-only-check" | "commit-not-min" | "ack-beyond" | "snapshot-lowers-term" | "config-before-commit" => {
                4
            }
            "empty-append-truncates" | "deposed-read" | "read-before-own-commit" => 3,
            _ => 2,
        };
        let nodes = if rules.id() == "config-before-commit" { 4 } else { 3 };
        let requests = Self::requests(rules).len() as u32;
        Budget { nodes, requests, firings, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None }
    }

    fn under_rules(
        bug: NamedRulebookOf<M>,
        rules: NamedRulebookOf<M>,
        budget: &Budget,
    ) -> Result<Searched<Self>, TargetError> {
        let config = Self::settings(bug, budget.nodes).build()?;
        let nodes = (1..=budget.nodes).map(|number| format!("n{number}"));
        let clients = (1..=budget.requests.max(1)).map(|number| format!("c{number}"));
        let setup = Setup::new(Self::NAME, Names::new(nodes, clients), config).under_named(rules.id(), rules.rules);
        let mut bounds = Bounds {
            firings: budget.firings,
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        for (client, (of, command)) in (0..budget.requests).map(ClientId).zip(Self::requests(bug)) {
            bounds = bounds.request(client, Some(of), command);
        }
        let watched = (invariants(), FreshReads::default(), MatchNeverDecreases::default());
        Ok(Cluster::new(setup.title("Every schedule of Raft, in stages"), watched, bounds)?)
    }

    fn goals(_: &Budget) -> Vec<Goal<Self>> {
        vec![("a leader is elected", |state| state.machines().flatten().any(|machine| machine.reference().is_leader()))]
    }

    fn waypoints(rules: NamedRulebookOf<M>) -> Vec<Goal<Self>> {
        match rules.id() {
            "figure-8" => vec![
                ("n1 leads term 1", |state| leads(state, N1, 1)),
                ("n2 leads term 2, and n1 has kept its entry", |state| leads(state, N2, 2) && log(state, N1) == [1]),
                ("n1 leads term 3", |state| leads(state, N1, 3)),
                ("n1 has committed its old entry, and n2 has its own", |state| {
                    commit(state, N1) == 1 && log(state, N2) == [2]
                }),
            ],
            "length-only-check" => vec![
                ("n1 leads term 1", |state| leads(state, N1, 1)),
                ("n2 leads term 2, and n1 alone has an entry of term 1", |state| {
                    leads(state, N2, 2) && log(state, N1) == [1] && log(state, N3).is_empty()
                }),
                ("n2 and n3 have committed an entry of term 2", |state| {
                    commit(state, N2) == 1 && log(state, N1) == [1] && log(state, N3) == [2]
                }),
            ],
            "commit-not-min" | "ack-beyond" => vec![
                ("n1 leads term 1, and n2 has its entry", |state| leads(state, N1, 1) && log(state, N2) == [1]),
                ("n2 leads term 2, and has another entry", |state| leads(state, N2, 2) && log(state, N2) == [1, 2]),
                ("n1 leads term 3, and n2 has kept its entry", |state| leads(state, N1, 3) && log(state, N2) == [1, 2]),
                ("n1 considers its own entry committed, and n2 has another one at that index", |state| {
                    commit(state, N1) == 2 && log(state, N2) == [1, 2]
                }),
            ],
            "empty-append-truncates" => vec![
                ("n1 leads term 1", |state| leads(state, N1, 1)),
                ("n1 has committed an entry", |state| commit(state, N1) == 1),
            ],
            "stale-nack-rollback" => vec![
                ("n1 leads, and n3 has its first entry", |state| leads(state, N1, 1) && log(state, N3) == [1]),
                ("n1 considers its second entry committed, and no other node has it", |state| {
                    commit(state, N1) == 2 && log(state, N2).is_empty() && log(state, N3) == [1]
                }),
            ],
            "config-before-commit" => vec![
                ("n1 leads term 1", |state| leads(state, N1, 1)),
                ("n1 has begun to remove n4", |state| log(state, N1) == [1, 1]),
                ("n2 leads term 2, and does not know that", |state| {
                    leads(state, N2, 2) && log(state, N1) == [1, 1] && log(state, N2) == [2] && nothing(state, [N3, N4])
                }),
                ("n2 has begun to remove n3", |state| {
                    log(state, N1) == [1, 1] && log(state, N2) == [2, 2] && nothing(state, [N3, N4])
                }),
                ("n2 and n4 have committed an entry", |state| {
                    commit(state, N2) == 1 && log(state, N1) == [1, 1] && log(state, N3).is_empty()
                }),
            ],
            "snapshot-lowers-term" => vec![
                ("n1 leads term 1", |state| leads(state, N1, 1)),
                ("n1 has committed an entry that n3 lacks", |state| {
                    commit(state, N1) == 1 && log(state, N3).is_empty()
                }),
                ("n3 is in term 2", |state| raft(state, N3).is_some_and(|raft| raft.term() == Term(2))),
            ],
            "deposed-read" => vec![
                ("n1 leads term 1, and has committed an entry of it", |state| commit(state, N1) == 1),
                ("n2 leads term 2, and n1 does not know", |state| leads(state, N2, 2) && leads(state, N1, 1)),
                ("n2 has committed the command, and n1 does not know", |state| {
                    commit(state, N2) == 3 && leads(state, N1, 1)
                }),
            ],
            "read-before-own-commit" => vec![
                ("n1 leads term 1", |state| leads(state, N1, 1)),
                ("n1 has committed the command, and n2 does not know", |state| {
                    commit(state, N1) == 2 && commit(state, N2) == 0
                }),
                ("n2 leads term 2", |state| leads(state, N2, 2)),
            ],
            _ => Vec::new(),
        }
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        counter::schedule(cluster.setup(), path)
    }
}

type Moment<M> = State<M, (Invariants<Counter>, FreshReads, MatchNeverDecreases)>;

fn raft<M: RaftMachine<Counter>>(state: &Moment<M>, node: NodeId) -> Option<&Raft<Counter>> {
    state.machine(node).map(M::reference)
}

fn leads<M: RaftMachine<Counter>>(state: &Moment<M>, node: NodeId, term: u64) -> bool {
    raft(state, node).is_some_and(|raft| raft.is_leader() && raft.term() == Term(term))
}

/// Terms of a node's log entries.
fn log<M: RaftMachine<Counter>>(state: &Moment<M>, node: NodeId) -> Vec<u64> {
    let Some(raft) = raft(state, node) else { return Vec::new() };
    let log = raft.log();
    (log.base().index.0 + 1..=log.last_index().0).filter_map(|index| Some(log.term_at(LogIndex(index))?.0)).collect()
}

fn nothing<M: RaftMachine<Counter>>(state: &Moment<M>, nodes: [NodeId; 2]) -> bool {
    nodes.iter().all(|node| log(state, *node).is_empty())
}

fn commit<M: RaftMachine<Counter>>(state: &Moment<M>, node: NodeId) -> u64 {
    raft(state, node).map_or(0, |raft| raft.commit().0)
}

/// A read shows every sum that had been returned to a client before it was requested (dissertation
/// §6.4). For sums that only grow, and one read.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct FreshReads {
    acknowledged: i64,
    /// Highest sum returned before the read was requested.
    floor: i64,
}

impl<M: Variant<Reference = Raft<Counter>>> Invariant<M> for FreshReads {
    fn requested(&mut self, _: NodeId, command: &Command<Counter>) {
        if matches!(command, Command::Read(_)) {
            self.floor = self.acknowledged;
        }
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for effect in seen.out.effects() {
            match effect {
                Effect::Reply { reply: Reply::Applied(sum), .. } => self.acknowledged = self.acknowledged.max(*sum),
                Effect::Reply { reply: Reply::Read(sum), .. } if *sum < self.floor => {
                    let (node, floor) = (seen.node, self.floor);
                    let detail =
                        format!("{node} reads {sum}, but {floor} was already returned before the read was requested");
                    return Err(InvariantViolation::new("FreshReads", detail));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// A leader's match index for a follower never decreases (Raft Figure 2: matchIndex increases
/// monotonically).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct MatchNeverDecreases(BTreeMap<(NodeId, NodeId), LogIndex>);

impl<M: Variant<Reference = Raft<Counter>>> Invariant<M> for MatchNeverDecreases {
    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        let leader = seen.node;
        let Some(raft) = seen.machine().filter(|machine| machine.reference().is_leader()) else {
            self.0.retain(|(node, _), _| *node != leader);
            return Ok(());
        };
        if !seen.out.rules().any(|rule| rule == RaftRule::CountAck) {
            return Ok(());
        }
        for (follower, progress) in &raft.view(&seen.constants.of(leader, ())).followers {
            let matched = progress.matched;
            match self.0.insert((leader, *follower), matched) {
                Some(before) if before > matched => {
                    let detail = format!("{leader} lowers the match index of {follower} from {before} to {matched}");
                    return Err(InvariantViolation::new("MatchNeverDecreases", detail));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
