//! Tests of the scenario language, with a protocol of their own.

mod by_hand;
mod language;
mod mistakes;
mod mutations;
mod schedules;
mod toy;

use super::{Performance, Staging, perform};

/// Runs these lines after a cluster line with nodes A, B and C.
fn play(lines: &str) -> Result<Performance, String> {
    play_all(&format!("# A test\ncluster gossip nodes=A,B,C\n{lines}"))
}

fn play_all(text: &str) -> Result<Performance, String> {
    perform(text, &toy::repertoire(), Staging::default()).map_err(|failure| failure.to_string())
}

/// The output of these lines, after the separator.
fn printed(lines: &str) -> String {
    let performance = play(lines).unwrap();
    let (_, output) = performance.text.split_once("---\n").unwrap();
    output.to_owned()
}

/// The error of these lines; the cluster line is line 2.
fn error(lines: &str) -> String {
    play(lines).expect_err("this should fail")
}
