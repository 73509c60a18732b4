//! Tests of the README: its traces are the output of real runs, and its scenario runs.

use quorate::catalogue;
use quorate::lab::script::{RunOptions, run_scenario};
use quorate::lab::trace::render::{self, Options};
use quorate::protocols::registry;

const README: &str = include_str!("../README.md");

/// Plain-text blocks in the README.
fn blocks() -> Vec<String> {
    let mut blocks = Vec::new();
    for part in README.split("```text\n").skip(1) {
        blocks.push(part.split("```").next().unwrap_or_default().to_owned());
    }
    blocks
}

#[test]
fn its_traces_are_those_of_the_two_proposer_run() {
    let scenario = catalogue::find("two-proposers").expect("it is in the catalogue");
    let document = run_scenario(scenario.text(), &registry(), RunOptions::default()).expect("it performs").document;
    let options = Options { width: 100, ..Options::default() };
    let log = render::log(&document, Options { why: true, ..options });
    let lanes = render::lanes(&document, options).expect("six lanes fit in 100 columns");
    let traces: Vec<String> = blocks().into_iter().filter(|block| !block.starts_with('#')).collect();
    assert!(traces.len() >= 4);
    for trace in traces {
        assert!(log.contains(&trace) || lanes.contains(&trace), "this is not in the run any more:\n{trace}");
    }
}

#[test]
fn its_scenario_performs() {
    let scenarios: Vec<String> = blocks().into_iter().filter(|block| block.starts_with('#')).collect();
    assert_eq!(scenarios.len(), 1);
    run_scenario(&scenarios[0], &registry(), RunOptions::default()).expect("it performs");
}

#[test]
fn its_commands_are_those_of_the_continuous_integration() {
    let ci = include_str!("../.ci/run");
    for command in ["cargo run", "cargo test --workspace"] {
        assert!(README.contains(&format!("`{command}`")) && ci.contains(command), "{command}");
    }
}
