//! An answer that starts another process, which outlives it and holds its streams, and then ends.

use std::process::Command;

use quorate_answer::paxos::*;
use quorate_answer::prelude::*;

fn promise(_: Option<Ballot>, _: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
    // Itself, so that there is something to start: it knows by its argument what to do.
    let own = std::env::current_exe().unwrap_or_else(|_| "/proc/self/exe".into());
    let started = [Command::new(own).arg("sleep").spawn(), Command::new("/bin/sleep").arg("60").spawn()];
    let count = started.iter().filter(|child| child.is_ok()).count();
    println!("asked about {asked}: {count} processes were started");
    std::process::exit(3)
}

hand_in!("paxos-promise", Yours { name: "breeds", promise: Some(promise), ..Yours::NONE });
