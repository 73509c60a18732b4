//! Recovery in random runs of the simulator with harsh faults.

use quorate::experiments::SimTarget;
use quorate::lab::sim::{Experiment, Fault};

use crate::checker::{Counts, check};
use crate::witness::Witness;
use crate::{MOMENTS, of_every_protocol, run_of};

/// Runs an experiment, and compares its trace with itself and with the final state of the world.
fn hold<M: quorate::protocol::Machine>(experiment: &Experiment<Witness<M>, ()>) -> Counts {
    let world = experiment.run_to_end().world;
    let document = world.recording().expect("the run is traced").document();
    let seed = experiment.setup.seed;
    let counts = check::<Witness<M>>(&document, world.constants(), &experiment.setup.disks);
    let counts = counts.unwrap_or_else(|wrong| panic!("{} with seed {seed}: {wrong}", experiment.setup.protocol));
    assert_eq!(counts.in_flight, world.in_flight(), "messages under way at the end, with seed {seed}");
    counts
}

/// Runs with harsh faults, as generated and with all crashes at one crash point.
fn harsh<S: SimTarget>() {
    let mut counts = Counts::default();
    for seed in 0..20 {
        counts += hold(&run_of::<S>(seed));
    }
    let mut struck = 0;
    for moment in MOMENTS {
        let mut at_moment = Counts::default();
        for seed in 100..106 {
            let mut run = run_of::<S>(seed);
            for (_, fault) in &mut run.faults {
                if let Fault::Crash { point: its, .. } = fault {
                    *its = moment;
                }
            }
            at_moment += hold(&run);
        }
        struck += usize::from(at_moment.restarts > 0);
        counts += at_moment;
    }
    let (moments, losses) = match S::NAME {
        // A node of a majority lease, or of a balancer, writes only when it boots: no crash happens
        // before that.
        "lease-majority" | "balancer" => (3, 0),
        // With one server, one registry or one issuer, and in a saga, no step sends two messages:
        // no crash happens between them.
        "lock" | "saga" | "snowflake" | "lease-pushed" => (6, 20),
        _ => (7, 20),
    };
    assert!(struck >= moments, "{}: {struck} of the moments strike", S::NAME);
    assert!(counts.restarts > 100 && counts.losses >= losses && counts.records > 100, "{}: {counts:?}", S::NAME);
}

of_every_protocol!(harsh);
