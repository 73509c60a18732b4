//! Recovery on threads: crashes at all crash points under continuous client requests.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use quorate::experiments::SimTarget;
use quorate::lab::env::{Fault, Timeouts};
use quorate::lab::live::Setup;
use quorate::protocol::{Duration, NodeId};

use crate::checker::check;
use crate::witness::Witness;
use crate::{MOMENTS, of_every_protocol, run_of};

const MS: fn(u64) -> Duration = Duration::from_millis;

fn crashes<S: SimTarget>() {
    let experiment = run_of::<S>(1);
    let timeouts = Timeouts { attempt: MS(40), pause: MS(1), deadline: MS(120) };
    let nodes = experiment.setup.names.nodes().len() as u32;
    let setup =
        Setup::<Witness<S::Machine>>::new(S::NAME, experiment.setup.names, experiment.setup.constants.config().clone());
    let cluster = setup.timeouts(timeouts).traced().start().expect("it starts");
    let (over, cluster_ref) = (&AtomicBool::new(false), &cluster);
    thread::scope(|scope| {
        for start in 0..2 {
            let mut client = cluster_ref.client();
            let requests = experiment.requests.iter().skip(start).step_by(2);
            let commands: Vec<_> = requests.map(|asking| (asking.of, asking.command.clone())).collect();
            scope.spawn(move || {
                for (node, command) in commands.iter().cycle() {
                    if over.load(Ordering::Acquire) {
                        return;
                    }
                    if let Some(node) = node {
                        client.turn_to(*node);
                    }
                    // Most requests fail while nodes crash. Without a pause, a protocol that
                    // answers at once would be asked for as much as the machine can do.
                    _ = client.ask(command.clone());
                    thread::sleep(MS(1));
                }
            });
        }
        for round in 0..2 {
            for moment in MOMENTS {
                thread::sleep(MS(40));
                for node in (0..nodes).map(NodeId) {
                    // A node that is down, or was scheduled to crash and has not, is up again after
                    // the restart.
                    _ = cluster_ref.inject(&Fault::Crash { node, point: moment });
                    thread::sleep(MS(10 + 10 * round));
                    cluster_ref.inject(&Fault::Restart(node)).ok();
                }
            }
        }
        over.store(true, Ordering::Release);
    });
    let document = cluster.shutdown().expect("no node fails").recording.expect("it is traced").document();
    let counts = check::<Witness<S::Machine>>(&document, &experiment.setup.constants, &Default::default());
    let counts = counts.unwrap_or_else(|wrong| panic!("{}: {wrong}", S::NAME));
    assert!(counts.restarts > 5 && counts.records > 0, "{}: {counts:?}", S::NAME);
}

of_every_protocol!(crashes);
