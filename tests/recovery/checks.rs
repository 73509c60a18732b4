//! Recovery in schedules of the checker: random walks with all crash points, and the
//! counterexamples of the zoo's searches.

use quorate::bugs;
use quorate::bugs::NamedRulebookOf;
use quorate::checks::{CarelessRaftSearch, SearchTarget};
use quorate::experiments::SimTarget;
use quorate::lab::check::{Bounds, Clocks, Cluster, CrashPoints, RandomWalk, SearchVerdict, SyncMachine};
use quorate::protocol::{Duration, Invariant, InvariantViolation, StepView};
use quorate::protocols::{LeaseTarget, PaxosTarget};
use quorate::reproduce::shortest;

use crate::checker::{Counts, check};
use crate::witness::Witness;
use crate::{of_every_protocol, run_of};

/// Invariant that fails after a number of steps, because a walk returns its path only on a
/// violation.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct After(u32);

impl<M: quorate::protocol::Machine> Invariant<M> for After {
    fn check(&mut self, _: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        self.0 = self.0.saturating_sub(1);
        if self.0 == 0 { Err(InvariantViolation::new("After", "the walk is long enough")) } else { Ok(()) }
    }
}

/// Random walks with crashes at all crash points and restarts.
fn walks<S: SimTarget<Machine: SyncMachine>>()
where
    Witness<S::Machine>: SyncMachine,
{
    let experiment = run_of::<S>(1);
    let setup = experiment.setup.clone();
    let mut bounds = Bounds {
        crashes: 12,
        restarts: 12,
        duplicates: 2,
        crash_points: CrashPoints::ALL,
        clocks: Some(Clocks::exact(Duration::from_millis(40), 60)),
        ..Bounds::default()
    };
    for asking in experiment.requests.iter().take(6) {
        bounds = bounds.request(asking.client, asking.of, asking.command.clone());
    }
    let mut counts = Counts::default();
    for (steps, seed) in [20, 40, 60].into_iter().flat_map(|steps| (0..25).map(move |seed| (steps, seed))) {
        let cluster = Cluster::new(setup.clone(), After(steps), bounds.clone()).expect("something can happen");
        let walk = RandomWalk { seed, runs: 1, length: 400 };
        let report = walk.run(&cluster, &[]).expect("the walk makes sense");
        let SearchVerdict::Broken { path, .. } = &report.verdict else { continue };
        let document = cluster.replay(path).expect("machines are pure").document();
        counts += check::<Witness<S::Machine>>(&document, &setup.constants, &Default::default())
            .unwrap_or_else(|wrong| panic!("{}, walk {seed}: {wrong}\n{}", S::NAME, cluster.describe(path).join("\n")));
    }
    // Where most steps write nothing, a random walk may have no crash before a write. Caches write
    // nothing; and a walk takes so long from a poll to its answers that no server of TrueTime knows
    // the time well enough to commit.
    let rarely = ["raft", "lease-majority", "lease-cache", "lease-raft", "channel", "balancer", "true-time"];
    let losses = usize::from(!rarely.contains(&S::NAME));
    let records = usize::from(!["lease-cache", "true-time"].contains(&S::NAME));
    assert!(counts.restarts > 60 && counts.losses >= losses && counts.records >= records, "{}: {counts:?}", S::NAME);
}

of_every_protocol!(walks);

/// Checks the shortest counterexample of a bug that needs a crash, with the machines' own view of
/// their disks.
fn found<E: SearchTarget<Machine: SyncMachine, Invariants: Sync>>(rules: Option<NamedRulebookOf<E::Machine>>) {
    let (cluster, path) = shortest::<E>(rules.expect("the bug is in the zoo")).expect("something breaks");
    let document = cluster.replay(&path).expect("machines are pure").document();
    let counts = check::<E::Machine>(&document, &cluster.setup().constants, &Default::default());
    let counts = counts.unwrap_or_else(|wrong| panic!("{wrong}\n{}", cluster.describe(&path).join("\n")));
    assert!(counts.restarts > 0, "{counts:?}");
}

#[test]
fn shortest_schedules_of_bugs_that_take_a_crash() {
    for id in ["ballot-reuse", "forget-promise", "forget-accepted"] {
        found::<PaxosTarget>(bugs::paxos::NamedRulebook::named(id));
    }
    for id in ["vote-not-durable", "log-not-durable"] {
        found::<CarelessRaftSearch>(bugs::raft::careless::NamedRulebook::named(id));
    }
    found::<LeaseTarget>(bugs::lease::NamedRulebook::named("restart-grants-at-once"));
}
