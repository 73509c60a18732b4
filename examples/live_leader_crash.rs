//! Leader crash on threads: the leader's thread is killed under load, another node takes over, and
//! no acknowledged write is lost.
//!
//! Run with `cargo run --example live_leader_crash`.

use quorate::lab::env::{CrashPoint, Fault};
use quorate::lab::live::{Cluster, Setup};
use quorate::lab::trace::EventKind;
use quorate::protocol::{Duration, Names, NodeId};
use quorate::raft::{Add, Command, Counter, CounterQuery, Raft, Reply, Role, Settings};

/// The current leader, if there is one.
fn leader(cluster: &Cluster<Raft<Counter>>) -> Option<NodeId> {
    let leads = |node: &NodeId| cluster.view(*node).is_some_and(|view| view.role == Role::Leader);
    (0..3).map(NodeId).find(leads)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let names = Names::new(["n1", "n2", "n3"], ["ann", "bob"]);
    let config = Settings { pre_vote: true, ..Settings::nodes(3) }.build()?;
    let cluster = Setup::<Raft<Counter>>::new("raft", names.clone(), config).traced().start()?;

    let acknowledged = std::thread::scope(|scope| -> Result<i64, Box<dyn std::error::Error>> {
        let mut ann = cluster.client();
        // Ann sends one addition after the other. A request to the crashed leader is retried at the
        // next one with the same id.
        let work = scope.spawn(move || (0..500).filter(|_| ann.ask(Command::Apply(Add(1))).is_ok()).count() as i64);

        let old = std::iter::repeat_with(|| leader(&cluster)).flatten().next().ok_or("nobody leads")?;
        std::thread::sleep(Duration::from_millis(20));
        cluster.inject(&Fault::Crash { node: old, point: CrashPoint::BetweenSteps })?;
        println!("{:>9}  the thread of {} is killed", cluster.now().to_string(), names.nodes()[old.index()]);
        let acknowledged = work.join().map_err(|_| "ann's thread has panicked")?;
        cluster.inject(&Fault::Restart(old))?;
        Ok(acknowledged)
    })?;

    let counted = cluster.client().ask(Command::Read(CounterQuery))?;
    println!("\nacknowledged: {acknowledged}, counted: {counted:?}");
    assert_eq!(counted, Reply::Read(acknowledged), "nothing is lost, nothing is applied twice");

    println!("\nthe failover in the merged trace:");
    let trace = cluster.shutdown()?.recording.ok_or("the run was traced")?.document();
    for event in &trace.events {
        let name = event.lane.map(|lane| trace.header.name(lane)).unwrap_or_default();
        match &event.what {
            EventKind::Crash { .. } => println!("{:>9}  {name} is down", event.at.to_string()),
            EventKind::Boot { incarnation, .. } => {
                println!("{:>9}  {name} boots, incarnation {incarnation}", event.at.to_string())
            }
            EventKind::Fact(fact) if fact.name == "LeaderElected" => {
                println!("{:>9}  {name} leads term {}", event.at.to_string(), fact.body["term"]);
            }
            _ => {}
        }
    }
    Ok(())
}
