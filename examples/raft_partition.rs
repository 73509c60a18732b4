//! Network partition in Raft: a leader that is cut off cannot commit, the majority elects another,
//! and after the partition the old leader's entry is overwritten (Raft §5.3, §5.4); shown as lanes,
//! one column per node.
//!
//! Run with `cargo run --example raft_partition`.

use quorate::lab::sim::{Fault, Setup, World};
use quorate::lab::trace::render::{self, Options};
use quorate::protocol::{ClientId, Duration, Names, NodeId};
use quorate::raft::{Command, Invariants, KeyValue, KeyValueCommand, Raft, Settings, Timer, invariants};

type Cluster = World<Raft<KeyValue>, Invariants<KeyValue>>;

fn put(value: &str) -> Command<KeyValue> {
    Command::Apply(KeyValueCommand::Put { key: "x".to_owned(), value: value.to_owned() })
}

/// Prints the logs of the nodes: the term of each entry, in brackets while it is not known to be
/// committed.
fn print_logs(world: &Cluster, when: &str) {
    println!("\n{when}:");
    for (node, raft) in world.up() {
        let shown = |index: u64| {
            let term = raft.log().entry(quorate::raft::LogIndex(index)).map_or(0, |entry| entry.term.0);
            if index <= raft.commit().0 { format!(" {term} ") } else { format!("[{term}]") }
        };
        let log: Vec<String> = (1..=raft.log().last_index().0).map(shown).collect();
        println!(
            "  {}  {:<9} x = {:<8} log {}",
            node,
            format!("{:?}", raft.role()),
            format!("{:?}", raft.state().get("x")),
            log.join("")
        );
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let names = Names::new(["n1", "n2", "n3"], ["ann", "bob"]);
    let config = Settings::nodes(3).build()?;
    let mut world = Setup::<Raft<KeyValue>>::new("raft", names, config).traced().start_under(invariants());
    let [n1, n2, n3] = [0, 1, 2].map(NodeId);
    let (ann, bob) = (ClientId(0), ClientId(1));

    world.fire_next(n1, &Timer::Election);
    world.run_for(Duration::from_millis(10))?;
    print_logs(&world, "n1 leads, and has committed the first entry of its term");

    world.note("n1 is cut off. Ann, who is on its side, asks it for x = red: it cannot commit that.");
    world.inject(Fault::Partition(vec![vec![n1], vec![n2, n3]]))?;
    world.inject_request(ann, n1, put("red"))?;
    world.run_for(Duration::from_millis(10))?;

    world.note("The others elect n2, and Bob gets x = blue.");
    world.fire_next(n2, &Timer::Election);
    world.run_for(Duration::from_millis(10))?;
    world.inject_request(bob, n2, put("blue"))?;
    world.run_for(Duration::from_millis(10))?;
    print_logs(&world, "Two leaders, but only the newer can commit");

    world.note("The network heals: n1 hears of term 2, follows, and its entry is overwritten.");
    world.inject(Fault::Heal)?;
    world.run_for(Duration::from_millis(150))?;
    print_logs(&world, "Healed");

    println!("\nAnn was answered: {:?}", world.answers(ann));
    println!("Bob was answered: {:?}\n", world.answers(bob));
    let mut trace = world.recording().expect("the run is traced").document();
    trace.events.retain(|event| event.at <= quorate::protocol::Time::from_millis(90));
    print!("{}", render::lanes(&trace, Options::default())?);
    Ok(())
}
