//! Log replication in Raft: a client's command is appended to the leader's log, replicated to the
//! followers, committed and applied everywhere.
//!
//! Run with `cargo run --example raft_replication`.

use quorate::lab::sim::Setup;
use quorate::lab::trace::render::{self, Options};
use quorate::protocol::{ClientId, Duration, Machine, Names, NodeId};
use quorate::raft::{Add, Command, Counter, Raft, Settings, Timer, invariants};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Three nodes with a counter. Every message takes a millisecond; the properties of Figure 3 are
    // checked after every step.
    let names = Names::new(["n1", "n2", "n3"], ["ann"]);
    let config = Settings::nodes(3).build()?;
    let mut world = Setup::<Raft<Counter>>::new("raft", names, config).traced().start_under(invariants());

    // Fires the election timer of n1 now, instead of waiting for a random timeout.
    let (n1, ann) = (NodeId(0), ClientId(0));
    world.fire_next(n1, &Timer::Election);
    world.run_for(Duration::from_millis(10))?;

    world.note("Ann asks the leader to add 5. The followers learn that it is committed with the next message.");
    world.ask(ann, Some(n1), Command::Apply(Add(5)));
    world.run_for(Duration::from_millis(55))?;

    let trace = world.recording().expect("the run is traced").document();
    print!("{}", render::log(&trace, Options { why: true, ..Options::default() }));

    println!("\nAnn was answered: {:?}\n", world.answers(ann));
    println!("node  role      term  log  committed  applied  count");
    for (node, raft) in world.up() {
        let view = raft.view(&world.context(node));
        println!(
            "{:<5} {:<9} {:>4}  {:>3}  {:>9}  {:>7}  {:>5}",
            node.to_string(),
            format!("{:?}", view.role),
            view.term,
            view.last.index,
            view.commit,
            view.applied,
            raft.state().0,
        );
    }
    Ok(())
}
