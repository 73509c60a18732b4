//! Random runs of a primary with a backup, with harsh faults: synchronous and with the fence of
//! views, no acknowledged write is lost and every history is linearizable. Each claim fails when an
//! assumption of it is dropped: the wait for the backup, the fence, the disk.
//!
//! `QUORATE_FAILOVER_SEEDS=10000` sets the number of runs by the book.

use std::collections::BTreeMap;

use quorate_bugs::NamedRulebook;
use quorate_harness::experiments::{AnswerStats, LinearizableInSynchronousMode, Planned, RunParameters, SimTarget};
use quorate_harness::protocols::PrimaryBackupTarget;
use quorate_lab::sim::{Coverage, Experiment, FaultPlan, RunVerdict, Setup};
use quorate_protocol::Ruling::Allow;
use quorate_protocol::{Duration, Invariant, InvariantSummary, InvariantViolation, RequestId, Rule, StepView};
use quorate_replication::primary_backup::{
    BY_THE_BOOK, Fact, Mode, PrimaryBackup, PrimaryBackupRule, Rulebook, Safety,
};

/// Number of runs of which the counts are exact, since a seed always makes the same run.
const COUNTED: u64 = 100;

fn seeds() -> u64 {
    std::env::var("QUORATE_FAILOVER_SEEDS").map_or(500, |text| text.parse().expect("a number of seeds"))
}

fn run(seed: u64) -> RunParameters {
    RunParameters { nodes: 3, seed, fault_plan: FaultPlan::harsh(), span: Duration::from_secs(2) }
}

fn plan(mode: Mode, seed: u64) -> Planned<PrimaryBackupTarget> {
    PrimaryBackupTarget::plan_in(mode, NamedRulebook::default(), &run(seed)).expect("such a cluster can be")
}

/// In any mode: an acknowledged write is in the state of the primary of every later view.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct KeepsAcknowledged(BTreeMap<RequestId, u64>);

impl Invariant<PrimaryBackup> for KeepsAcknowledged {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("KeepsAcknowledged", "An acknowledged write is kept by every later primary.")]
    }

    fn check(&mut self, seen: &StepView<'_, PrimaryBackup>) -> Result<(), InvariantViolation> {
        for fact in seen.facts() {
            if let Fact::Acknowledged { ticket, view } = fact {
                self.0.entry(*ticket).or_insert(*view);
            }
        }
        for (node, machine) in seen.up() {
            let Some(view) = machine.view_known().filter(|view| view.primary == node) else { continue };
            let Some(state) = machine.state() else { continue };
            if let Some((ticket, _)) =
                self.0.iter().find(|(ticket, since)| **since <= view.number && !state.has(**ticket))
            {
                let detail = format!("{ticket} is missing at {node}, the primary of view {}", view.number);
                return Err(InvariantViolation::new("KeepsAcknowledged", detail));
            }
        }
        Ok(())
    }
}

/// Counts of the runs of one mode.
#[derive(Default)]
struct Counts {
    coverage: Coverage<PrimaryBackup>,
    checked: AnswerStats,
    not_linearizable: u64,
}

/// Harsh runs by the book: each must be safe, and reach its goal.
fn harsh(mode: Mode, seeds: u64) -> Counts {
    let mut counts = Counts::default();
    for seed in 0..seeds {
        let outcome = plan(mode, seed).run(PrimaryBackupTarget::reached);
        let is_reached = matches!(outcome.verdict, RunVerdict::Reached { .. });
        assert!(is_reached, "{mode:?}, seed {seed}: {:?}", outcome.verdict);
        let ((_, answers), seen) = outcome.world.invariants();
        counts.coverage.add(seen);
        counts.checked += answers.answer_stats();
        counts.not_linearizable += LinearizableInSynchronousMode::not_linearizable(answers);
    }
    counts
}

/// Number of the counted runs that break an invariant, under a rulebook and judged by `invariants`.
fn broken<I>(mode: Mode, rules: Rulebook, invariants: &I) -> BTreeMap<&'static str, u64>
where
    I: Invariant<PrimaryBackup> + Clone,
{
    let mut broken = BTreeMap::new();
    for seed in 0..COUNTED {
        let planned = plan(mode, seed);
        let setup: Setup<PrimaryBackup> = planned.setup.under_named("changed", rules);
        let judged = Experiment {
            setup,
            invariants: invariants.clone(),
            requests: planned.requests,
            faults: planned.faults,
            message_faults: planned.message_faults,
            fault_window: planned.fault_window,
            recovery_window: planned.recovery_window,
        };
        if let RunVerdict::Broke(violation) = judged.run(|_| false).verdict {
            *broken.entry(violation.broken.invariant).or_default() += 1;
        }
    }
    broken
}

#[test]
fn synchronous_and_fenced_loses_no_acknowledged_write() {
    let Counts { coverage, checked, not_linearizable } = harsh(Mode::Synchronous, seeds());
    assert_eq!((checked.histories, checked.undecided, not_linearizable), (seeds(), 0, 0));
    assert!(checked.operations > 10 * seeds(), "{checked:?}");
    assert!(coverage.of(PrimaryBackupRule::Promote) > 0, "{}", coverage.of(PrimaryBackupRule::Promote));
    assert!(coverage.of(PrimaryBackupRule::AckStored) > 0, "{}", coverage.of(PrimaryBackupRule::AckStored));
    assert_eq!(broken(Mode::Synchronous, BY_THE_BOOK, &KeepsAcknowledged::default()), BTreeMap::new());
}

#[test]
fn asynchronous_loses_acknowledged_writes() {
    let lost = broken(Mode::Asynchronous, BY_THE_BOOK, &KeepsAcknowledged::default());
    assert_eq!(lost, BTreeMap::from([("KeepsAcknowledged", 25)]));
    let Counts { checked, not_linearizable, .. } = harsh(Mode::Asynchronous, COUNTED);
    assert_eq!((checked.histories, checked.undecided), (COUNTED, 0));
    assert_eq!(not_linearizable, 10);
}

/// Without the fence a primary is replaced by a backup without its writes, or counts the answers of
/// its successor.
#[test]
fn without_the_fence_synchronous_loses_acknowledged_writes() {
    let unfenced = Rulebook {
        may_promote: |_, _| Allow(PrimaryBackupRule::Promote),
        counts: |_, _| Allow(PrimaryBackupRule::CountStored),
        ..BY_THE_BOOK
    };
    let lost = broken(Mode::Synchronous, unfenced, &Safety::default());
    assert_eq!(lost, BTreeMap::from([("NoLostWrite", 27)]));
}

/// A primary that strikes off its backup by its own clock loses what it acknowledges alone.
#[test]
fn a_primary_that_strikes_off_its_backup_loses_writes() {
    let hasty = Rulebook {
        may_ack: |mode, has_backup, confirmed, suspects| {
            BY_THE_BOOK.may_ack(mode, has_backup, confirmed || suspects, suspects)
        },
        ..BY_THE_BOOK
    };
    let lost = broken(Mode::Synchronous, hasty, &Safety::default());
    assert_eq!(lost, BTreeMap::from([("NoLostWrite", 14)]));
}

/// Every rule fires in random runs, but that of a message to the wrong role.
#[test]
fn every_rule_fires_in_random_runs() {
    let mut met = Coverage::<PrimaryBackup>::default();
    for seed in 0..400 {
        let outcome = PrimaryBackupTarget::experiment(&run(seed)).expect("it can be").run(PrimaryBackupTarget::reached);
        met.add(&outcome.world.invariants().1);
    }
    let never: Vec<_> = PrimaryBackupRule::ALL.iter().filter(|rule| met.of(**rule) == 0).collect();
    assert_eq!(never, [&PrimaryBackupRule::NotMyRole]);
}
