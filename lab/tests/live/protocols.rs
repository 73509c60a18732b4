//! The other protocols on threads.

use quorate_lab::env::{Fault, Timeouts};
use quorate_lab::live::Setup;
use quorate_lease::{Drift, Lease, Settings, Terms};
use quorate_paxos::{Config, Paxos, Value};
use quorate_protocol::{Names, NodeId};

use super::ms;

#[test]
fn rivals_of_paxos_on_threads_learn_one_value() {
    let names = Names::new(["A", "B", "X", "Y", "Z"], ["ann", "bob"]);
    let (proposers, acceptors) = ([0, 1].map(NodeId), [2, 3, 4].map(NodeId));
    let config = Config::new(proposers, acceptors, proposers).unwrap();
    // Acceptors refuse to propose, so a client should stay with its node.
    let steady = Timeouts { attempt: ms(20_000), pause: ms(5), deadline: ms(20_000) };
    let cluster = Setup::<Paxos>::new("paxos", names, config).timeouts(steady).traced().start().unwrap();
    let chosen: Vec<String> = std::thread::scope(|scope| {
        let asking: Vec<_> = [(0, "red"), (1, "blue")]
            .map(|(node, value)| {
                let mut client = cluster.client();
                client.turn_to(NodeId(node));
                let command = quorate_paxos::Command::Propose { value: Value::from(value), round: None };
                scope.spawn(move || format!("{:?}", client.ask(command).unwrap()))
            })
            .into_iter()
            .collect();
        asking.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(chosen[0], chosen[1], "both were told the same value");
    assert!(chosen[0].contains("red") || chosen[0].contains("blue"), "{chosen:?}");
    let facts = cluster.shutdown().unwrap().recording.unwrap().document();
    assert!(facts.events.iter().any(|event| format!("{:?}", event.what).contains("Chosen")));
}

/// A machine that reads clocks reads real ones here: an isolated holder stops by itself when its
/// term is over.
#[test]
fn a_lease_ends_by_the_real_clock() {
    let [q, a, b] = [0, 1, 2].map(NodeId);
    let drift = Drift::from_ppm(200).unwrap();
    let longest = Terms::longest(ms(400), drift).unwrap();
    let terms = Terms::new(ms(400), longest.holder(), ms(150), drift).unwrap();
    let config = Settings::new(q, [a, b], terms).build().unwrap();
    let cluster = Setup::<Lease>::new("lease", Names::new(["Q", "A", "B"], ["ann"]), config).traced().start().unwrap();
    std::thread::sleep(ms(600));
    cluster.inject(&Fault::Partition(vec![vec![a], vec![b]])).unwrap();
    let cut = cluster.now();
    // Much longer than a term: on a busy machine a timer may be late.
    std::thread::sleep(ms(2_000));
    let document = cluster.shutdown().unwrap().recording.unwrap().document();
    let lost =
        document.events.iter().filter(|event| event.at > cut && format!("{:?}", event.what).contains("LeaseLost"));
    let held = document.events.iter().filter(|event| format!("{:?}", event.what).contains("LeaseHeld"));
    assert!(held.count() > 0, "somebody held a lease");
    assert!(lost.count() > 0, "a holder that is cut off notices that its term is over");
}
