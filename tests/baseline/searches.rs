//! Baseline counts of every declared exhaustive search, and of those for the bugs of the zoo.

use quorate::bugs::{self, Discovery, NamedRulebook, NamedRulebookOf};
use quorate::checks::{Budget, RaftSearch, SearchTarget, Searched, guided};
use quorate::lab::check::{Reductions, Search, SearchReport, SearchVerdict, SyncMachine};
use quorate::protocols::{
    self, ChubbyTarget, EtcdTarget, LeaseMajorityTarget, LeaseRaftTarget, LeaseStoreTarget, LeaseTarget, LockTarget,
    OutboxTarget, PaxosCommitTarget, PaxosTarget, RedlockTarget, SagaTarget, SearchVisitor, Target, ThreePhaseTarget,
    TwoPhaseTarget, Visitor, ZooKeeperTarget,
};

use crate::record::{Mode, Record};

pub const HEAD: &str = "\
Searches by one thread: what each comes to, how many states it found of how many it generated, and the depth to which it is complete.";

/// Runs a search with a budget; `plain` disables reductions and symmetry.
fn search<E: SearchTarget>(record: &mut Record, name: &str, budget: Budget, plain: bool) {
    let rules = NamedRulebookOf::<E::Machine>::default();
    let cluster = match plain {
        true => E::without_symmetry(rules, &budget).map(|cluster| cluster.reductions(Reductions::NONE)),
        false => E::cluster(rules, &budget),
    };
    let cluster = cluster.unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut search = Search::new(&cluster).threads(1);
    if let Some(depth) = budget.depth {
        search = search.depth(depth);
    }
    for (goal, reached) in E::goals(&budget) {
        search = search.goal(goal, reached);
    }
    let report = search.run().unwrap_or_else(|error| panic!("{name}: {error}"));
    record.add(format!("{} {name}", E::NAME), counts::<E>(&report, 0));
}

fn counts<E: SearchTarget>(report: &SearchReport<Searched<E>>, before: usize) -> String {
    let verdict = match &report.verdict {
        SearchVerdict::Exhausted => "exhausted".to_owned(),
        SearchVerdict::Reached => "all goals reached".to_owned(),
        SearchVerdict::Stopped(limit) => format!("stopped by {limit:?}"),
        SearchVerdict::Broken { broken, path } => {
            format!("{} after {} steps", broken.invariant, before + path.steps.len())
        }
    };
    let goals = report.goals.iter().map(|goal| match &goal.path {
        Some(path) => format!(", '{}' after {}", goal.name, path.steps.len()),
        None => format!(", '{}' never", goal.name),
    });
    let progress = &report.progress;
    let depth = progress.depth.map_or_else(|| "none".to_owned(), |depth| depth.to_string());
    let goals: String = goals.collect();
    format!("{verdict}{goals}; {} states of {}, depth {depth}", progress.unique, progress.generated)
}

/// Runs the search for a bug, or its last stage.
fn bug<E: SearchTarget>(record: &mut Record, id: &str, rules: NamedRulebookOf<E::Machine>) {
    let (budget, waypoints) = (E::budget(rules), E::waypoints(rules));
    let cluster = if waypoints.is_empty() { E::cluster(rules, &budget) } else { E::without_symmetry(rules, &budget) };
    let cluster = cluster.unwrap_or_else(|error| panic!("{id}: {error}"));
    let way = guided::<E>(&cluster, &waypoints).unwrap_or_else(|error| panic!("{id}: {error}"));
    let name = format!("bug {id}");
    if let Some((_, broken)) = way.as_ref().and_then(|way| way.end().broken()) {
        let steps = way.as_ref().map_or(0, |way| way.steps.len());
        return record.add(name, format!("{} after {steps} steps, on the way", broken.invariant));
    }
    let search = Search::new(&cluster).threads(1);
    let search = match &way {
        Some(way) => search.from([way.end().clone()]),
        None => search,
    };
    let report = search.run().unwrap_or_else(|error| panic!("{id}: {error}"));
    record.add(name, counts::<E>(&report, way.map_or(0, |way| way.steps.len())));
}

/// Visitor that records the search for a bug in its protocol.
struct OfBug<'a> {
    record: &'a mut Record,
    id: &'static str,
}

impl Visitor for OfBug<'_> {
    /// `None` if the protocol has no search for it.
    type Output = Option<()>;

    fn visit<P: Target>(self) -> Option<()> {
        let rules = P::book(self.id)?;
        P::search(rules, UnderBug { of: self, rules })
    }
}

/// Visitor that records it in the search that finds it.
struct UnderBug<'a, R> {
    of: OfBug<'a>,
    rules: NamedRulebook<R>,
}

impl<R> SearchVisitor<R> for UnderBug<'_, R> {
    type Output = ();

    fn visit<E: SearchTarget<Machine: SyncMachine<Rulebook = R>>>(self) {
        bug::<E>(self.of.record, self.of.id, self.rules);
    }
}

pub fn measure(mode: Mode) -> Record {
    let mut record = Record::new();
    let (paxos, raft, lease) = (
        PaxosTarget::budget(bugs::paxos::NamedRulebook::default()),
        RaftSearch::budget(bugs::raft::NamedRulebook::default()),
        LeaseTarget::budget(bugs::lease::NamedRulebook::default()),
    );
    search::<PaxosTarget>(&mut record, "as declared", paxos, false);
    search::<RaftSearch>(&mut record, "to depth 12", Budget { depth: Some(12), ..raft }, false);
    search::<LeaseTarget>(&mut record, "to depth 8", Budget { depth: Some(8), ..lease }, false);
    if !mode.is_brief() {
        search::<PaxosTarget>(&mut record, "as declared, unreduced", paxos, true);
        search::<PaxosTarget>(
            &mut record,
            "with a crash and a restart",
            Budget { crashes: 1, restarts: 1, ..paxos },
            false,
        );
        search::<PaxosTarget>(&mut record, "with a repetition", Budget { duplicates: 1, ..paxos }, false);
        search::<RaftSearch>(&mut record, "as declared", raft, false);
        search::<RaftSearch>(&mut record, "to depth 9, unreduced", Budget { depth: Some(9), ..raft }, true);
        search::<RaftSearch>(
            &mut record,
            "to depth 13 with a crash and a restart",
            Budget { crashes: 1, restarts: 1, depth: Some(13), ..raft },
            false,
        );
        search::<LeaseTarget>(&mut record, "as declared", lease, false);
        let book = bugs::lease::NamedRulebook::default();
        search::<LeaseMajorityTarget>(&mut record, "as declared", LeaseMajorityTarget::budget(book), false);
        search::<LeaseStoreTarget>(&mut record, "as declared", LeaseStoreTarget::budget(book), false);
        search::<LeaseRaftTarget>(&mut record, "as declared", LeaseRaftTarget::budget(book), false);
        let locks = bugs::locks::NamedRulebook::default();
        search::<LockTarget>(&mut record, "as declared", LockTarget::budget(locks), false);
        search::<RedlockTarget>(&mut record, "as declared", RedlockTarget::budget(locks), false);
        let services = bugs::coordination::NamedRulebook::default();
        search::<ZooKeeperTarget>(&mut record, "as declared", ZooKeeperTarget::budget(services), false);
        search::<EtcdTarget>(&mut record, "as declared", EtcdTarget::budget(services), false);
        search::<ChubbyTarget>(&mut record, "as declared", ChubbyTarget::budget(services), false);
        let two_phase = TwoPhaseTarget::budget(bugs::transactions::two_phase::NamedRulebook::default());
        search::<TwoPhaseTarget>(&mut record, "as declared", two_phase, false);
        let paxos_commit = PaxosCommitTarget::budget(bugs::transactions::paxos_commit::NamedRulebook::default());
        search::<PaxosCommitTarget>(&mut record, "as declared", paxos_commit, false);
        let outbox = OutboxTarget::budget(bugs::transactions::outbox::NamedRulebook::default());
        search::<OutboxTarget>(&mut record, "as declared", outbox, false);
        let three_phase = ThreePhaseTarget::budget(bugs::transactions::three_phase::NamedRulebook::default());
        search::<ThreePhaseTarget>(&mut record, "as declared", three_phase, false);
        let saga = SagaTarget::budget(bugs::transactions::saga::NamedRulebook::default());
        search::<SagaTarget>(&mut record, "as declared", saga, false);
        search::<LeaseTarget>(&mut record, "to depth 9, unreduced", Budget { depth: Some(9), ..lease }, true);
        search::<LeaseTarget>(
            &mut record,
            "to depth 9 with a crash and a restart",
            Budget { crashes: 1, restarts: 1, depth: Some(9), ..lease },
            false,
        );
    }
    let brief = ["own-value", "no-promise-check", "skip-phase-1", "ballot-reuse", "vote-not-durable", "wall-clock"];
    for entry in bugs::all().filter(|entry| !mode.is_brief() || brief.contains(&entry.id)) {
        if !matches!(entry.discovery, Discovery::Search { .. } | Discovery::Stages { .. }) {
            continue;
        }
        let searched = protocols::all().visit_under(
            entry.protocol.name(),
            Some(entry.id),
            OfBug { record: &mut record, id: entry.id },
        );
        assert_eq!(searched, Ok(Some(())), "a search of {} is missing here", entry.protocol);
    }
    record
}
