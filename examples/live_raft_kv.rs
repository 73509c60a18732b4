//! Replicated key-value store: Raft on threads with logs in files, used by three clients
//! concurrently.
//!
//! Run with `cargo run --example live_raft_kv`.

use quorate::lab::live::Setup;
use quorate::protocol::Names;
use quorate::raft::{Command, KeyValue, KeyValueCommand, KeyValueQuery, Raft, Settings, Snapshots};

fn append(key: &str, value: &str) -> Command<KeyValue> {
    Command::Apply(KeyValueCommand::Append { key: key.to_owned(), value: value.to_owned() })
}

fn get(key: &str) -> Command<KeyValue> {
    Command::Read(KeyValueQuery::Get { key: key.to_owned() })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = std::env::temp_dir().join(format!("quorate-live-{}", std::process::id()));
    let settings = Settings {
        pre_vote: true,
        check_quorum: true,
        snapshots: Some(Snapshots { every: 1_000, keep: 100, chunk: 64 }),
        ..Settings::nodes(3)
    };
    let names = Names::new(["n1", "n2", "n3"], ["ann", "bob", "cho"]);
    let setup = Setup::<Raft<KeyValue>>::new("raft", names, settings.build()?);

    // One thread per node. A node's writes are on disk before it sends any message that depends on
    // them.
    let cluster = setup.in_directory(&directory).start()?;
    std::thread::scope(|scope| {
        for letter in ["a", "b", "c"] {
            let mut client = cluster.client();
            scope.spawn(move || {
                for _ in 0..5 {
                    match client.ask(append("word", letter)) {
                        Ok(reply) => println!("{} appended {letter}: {reply:?}", client.id()),
                        Err(error) => eprintln!("{error}"),
                    }
                }
            });
        }
    });
    let mut ann = cluster.client();
    println!("\nread without writing to the log: {:?}", ann.ask(get("word"))?);

    let report = cluster.shutdown()?;
    for (node, tally) in ["n1", "n2", "n3"].iter().zip(&report.nodes) {
        println!("{node}: {} inputs, {} records made durable by {} syncs", tally.steps, tally.records, tally.syncs);
    }
    std::fs::remove_dir_all(&directory)?;
    Ok(())
}
