//! Tests that partial-order reduction and symmetry preserve the verdict: for each bug of the zoo
//! that an exhaustive search finds, the shortest counterexample has the same length with and
//! without them, and violates the same invariant; and the correct rulebook stays free of
//! violations.

use quorate::bugs::{self, Breaks, NamedRulebookOf};
use quorate::checks::{Budget, CarelessRaftSearch, RaftSearch, SearchTarget, Searched};
use quorate::lab::check::{Reductions, Search, SearchProgress, SearchReport, SearchVerdict, SyncMachine};
use quorate::protocols::{LeaseStoreTarget, LeaseTarget, PaxosTarget};

/// Outcome of a search, and its cost.
struct Outcome {
    /// The violated invariant, and the number of steps.
    broken: Option<(&'static str, usize)>,
    /// Number of steps to each goal.
    goals: Vec<Option<usize>>,
    progress: SearchProgress,
}

impl Outcome {
    fn of<E: SearchTarget<Machine: SyncMachine, Invariants: Sync>>(report: &SearchReport<Searched<E>>) -> Self {
        let broken = match &report.verdict {
            SearchVerdict::Broken { broken, path } => Some((broken.invariant, path.steps.len())),
            _ => None,
        };
        let goals = report.goals.iter().map(|goal| goal.path.as_ref().map(|path| path.steps.len())).collect();
        Outcome { broken, goals, progress: report.progress }
    }

    fn verdict(&self) -> (Option<(&'static str, usize)>, &[Option<usize>]) {
        (self.broken, &self.goals)
    }
}

/// Searches a cluster exhaustively within the budget.
fn searched<E: SearchTarget<Machine: SyncMachine, Invariants: Sync>>(
    cluster: &Searched<E>,
    budget: &Budget,
) -> Outcome {
    let mut search = Search::new(cluster);
    if let Some(depth) = budget.depth {
        search = search.depth(depth);
    }
    for (name, reached) in E::goals(budget) {
        search = search.goal(name, reached);
    }
    Outcome::of::<E>(&search.run().expect("the search makes sense"))
}

/// Asserts that a search has the same outcome without and with reductions and, if nodes are
/// symmetric, with symmetry and with both, and never generates more states. Returns the outcome,
/// and the cost of each.
fn same<E: SearchTarget<Machine: SyncMachine, Invariants: Sync>>(
    rules: NamedRulebookOf<E::Machine>,
    budget: &Budget,
) -> (Option<(&'static str, usize)>, Vec<SearchProgress>) {
    let apart = |reductions| searched::<E>(&E::without_symmetry(rules, budget).unwrap().reductions(reductions), budget);
    let alike = |reductions| searched::<E>(&E::cluster(rules, budget).unwrap().reductions(reductions), budget);
    let (all, reduced) = (apart(Reductions::NONE), apart(Reductions::ALL));
    let mut ways = vec![all, reduced];
    if E::NAME != LeaseTarget::NAME {
        ways.extend([alike(Reductions::NONE), alike(Reductions::ALL)]);
    }
    for way in &ways[1..] {
        assert_eq!(way.verdict(), ways[0].verdict(), "{}: {} or {}", E::NAME, way.progress, ways[0].progress);
        assert!(way.progress.generated <= ways[0].progress.generated, "{} {}", way.progress, ways[0].progress);
    }
    (ways[0].broken, ways.iter().map(|way| way.progress).collect())
}

/// Asserts that a bug is found, with any combination of reductions.
fn found<E: SearchTarget<Machine: SyncMachine, Invariants: Sync>>(
    id: &str,
    rules: Option<NamedRulebookOf<E::Machine>>,
) {
    let rules = rules.expect("the bug is in the zoo");
    let (broken, progress) = same::<E>(rules, &E::budget(rules));
    let Breaks::Invariant(expected) = bugs::find(id).expect("the bug is in the zoo").breaks else {
        panic!("{id} breaks no invariant")
    };
    assert_eq!(broken.map(|(invariant, _)| invariant), Some(expected), "{id} breaks its invariant");
    let (first, last) = (progress[0], progress[progress.len() - 1]);
    assert!(last.generated < first.generated, "{id}: {last} {first}");
}

#[test]
fn bugs_of_paxos() {
    for id in ["own-value", "no-promise-check", "accepted-only", "skip-phase-1", "forget-promise"] {
        found::<PaxosTarget>(id, bugs::paxos::NamedRulebook::named(id));
    }
}

#[test]
fn bugs_of_paxos_that_need_a_fault() {
    for id in ["duplicate-promise", "ballot-reuse", "forget-accepted"] {
        found::<PaxosTarget>(id, bugs::paxos::NamedRulebook::named(id));
    }
}

#[test]
fn bugs_of_raft() {
    found::<RaftSearch>("stale-vote-reply", bugs::raft::NamedRulebook::named("stale-vote-reply"));
    for id in ["vote-not-durable", "log-not-durable"] {
        found::<CarelessRaftSearch>(id, bugs::raft::careless::NamedRulebook::named(id));
    }
}

#[test]
fn bugs_of_leases() {
    for id in ["no-drift-margin", "counts-from-reply", "wall-clock", "restart-grants-at-once"] {
        found::<LeaseTarget>(id, bugs::lease::NamedRulebook::named(id));
    }
}

#[test]
fn the_bug_of_the_fenced_store() {
    found::<LeaseStoreTarget>("replica-fence-only", bugs::lease::NamedRulebook::named("replica-fence-only"));
}

#[test]
fn the_book_of_the_fenced_store_stays_clean_with_a_third_of_the_work() {
    let budget = Budget { requests: 2, ..LeaseStoreTarget::budget(Default::default()) };
    let (broken, ways) = same::<LeaseStoreTarget>(Default::default(), &budget);
    assert_eq!(broken, None);
    assert!(ways[3].generated * 3 < ways[0].generated, "{} {}", ways[3], ways[0]);
}

#[test]
fn the_book_of_paxos_stays_clean_and_is_exhausted_with_a_twentieth_of_the_work() {
    let (broken, ways) = same::<PaxosTarget>(Default::default(), &PaxosTarget::budget(Default::default()));
    assert_eq!(broken, None);
    let took: Vec<(u64, u64)> = ways.iter().map(|progress| (progress.unique, progress.generated)).collect();
    assert_eq!(took, [(44_613, 203_687), (30_160, 37_746), (8_195, 37_150), (5_395, 7_582)]);
}

#[test]
fn the_book_of_raft_stays_clean_with_a_twentieth_of_the_work() {
    let budget = Budget { depth: Some(9), ..RaftSearch::budget(Default::default()) };
    let (broken, ways) = same::<RaftSearch>(Default::default(), &budget);
    assert_eq!(broken, None);
    assert!(
        ways[3].unique * 10 < ways[0].unique && ways[3].generated * 20 < ways[0].generated,
        "{} {}",
        ways[3],
        ways[0]
    );
}

#[test]
fn the_book_of_leases_stays_clean() {
    let budget = Budget { depth: Some(9), ..LeaseTarget::budget(Default::default()) };
    assert_eq!(same::<LeaseTarget>(Default::default(), &budget).0, None);
}
