//! Raft as a library: a replicated key-value store with linearizable reads on three nodes, one of
//! which crashes during the run.
//!
//! Run with `cargo run --example raft_kv`.

use quorate::lab::sim::{CrashPoint, Fault, FaultPlan, RetryPolicy, Setup};
use quorate::protocol::{ClientId, Duration, Names};
use quorate::raft::{Command, KeyValue, KeyValueCommand, KeyValueQuery, Raft, Reply, Settings, Snapshots, invariants};

fn put(key: &str, value: &str) -> Command<KeyValue> {
    Command::Apply(KeyValueCommand::Put { key: key.to_owned(), value: value.to_owned() })
}

fn compare_and_set(key: &str, expected: &str, value: &str) -> Command<KeyValue> {
    let (expected, value) = (Some(expected.to_owned()), Some(value.to_owned()));
    Command::Apply(KeyValueCommand::CompareAndSet { key: key.to_owned(), expected, value })
}

/// A read by ReadIndex (dissertation §6.4): the leader confirms its leadership, and writes nothing
/// to the log.
fn get(key: &str) -> Command<KeyValue> {
    Command::Read(KeyValueQuery::Get { key: key.to_owned() })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Optional features that are useful in practice. Each is off by default.
    let config = Settings {
        pre_vote: true,
        check_quorum: true,
        snapshots: Some(Snapshots { every: 100, keep: 10, chunk: 16 }),
        ..Settings::nodes(3)
    };
    // A client that retries at the next node after a timeout, with the same request id, so nothing
    // is executed twice.
    let client = RetryPolicy { timeout: Duration::from_millis(100), attempts: 100, rotates: true };
    let names = Names::new(["n1", "n2", "n3"], ["ann"]);
    let setup = Setup::<Raft<KeyValue>>::new("raft", names, config.build()?).retry_policy(client);
    let mut world = setup.conditions(FaultPlan::mild().conditions).start_under(invariants());
    let ann = ClientId(0);

    let wishes = [
        ("put colour = red", put("colour", "red")),
        ("get colour", get("colour")),
        ("if colour is red, make it blue", compare_and_set("colour", "red", "blue")),
        ("if colour is red, make it green", compare_and_set("colour", "red", "green")),
    ];
    let after_crash = ("get colour, after the crash of the leader", get("colour"));
    for (_, command) in &wishes {
        world.ask(ann, None, command.clone());
    }
    world.run_until(quorate::protocol::Time::from_millis(2_000))?;

    let leader = world.leader().ok_or("nobody leads after two seconds")?;
    world.inject(Fault::Crash { node: leader, point: CrashPoint::BetweenSteps })?;
    world.ask(ann, Some(leader), after_crash.1.clone());
    world.run_for(Duration::from_secs(3))?;

    let asked = wishes.iter().chain([&after_crash]).map(|(words, _)| words);
    for (words, (ticket, reply)) in asked.zip(world.answers(ann)) {
        let shown = match reply {
            Reply::Applied(reply) => format!("{reply:?}"),
            Reply::Read(reply) => format!("{reply:?}, read without writing to the log"),
            other => format!("{other:?}"),
        };
        println!("{ticket}  {words:<36} {shown}");
    }
    println!("\nann's requests: {:?}", world.client_stats(ann));
    Ok(())
}
