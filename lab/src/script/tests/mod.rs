//! Tests of the scenario language, with a protocol of their own.

mod by_hand;
mod forge;
mod interactive;
mod language;
mod mistakes;
mod mutations;
mod schedules;
mod toy;
mod under_way;

use super::{RunOptions, RunResult, run_scenario};

/// Runs these lines after a cluster line with nodes A, B and C.
fn play(lines: &str) -> Result<RunResult, String> {
    play_all(&format!("# A test\ncluster gossip nodes=A,B,C\n{lines}"))
}

fn play_all(text: &str) -> Result<RunResult, String> {
    run_scenario(text, &toy::registry(), RunOptions::default()).map_err(|failure| failure.to_string())
}

/// The output of these lines, after the separator.
fn printed(lines: &str) -> String {
    let run_result = play(lines).unwrap();
    let (_, output) = run_result.text.split_once("---\n").unwrap();
    output.to_owned()
}

/// The error of these lines; the cluster line is line 2.
fn error(lines: &str) -> String {
    play(lines).expect_err("this should fail")
}
