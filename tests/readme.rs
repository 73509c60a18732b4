//! Tests of the README and of the page of commands: their traces are the output of real runs, their
//! scenario runs, their numbers are those of the code.

use quorate::bugs::Discovery;
use quorate::lab::script::{RunOptions, run_scenario};
use quorate::lab::trace::Document;
use quorate::lab::trace::render::{self, Options};
use quorate::protocols::registry;
use quorate::{bugs, catalogue};

const README: &str = include_str!("../README.md");
const COMMANDS: &str = include_str!("../docs/COMMANDS.md");

/// The longest that the README may be: a front door, not the house.
const LINES_MAX: usize = 150;

/// Plain-text blocks of both pages.
fn blocks() -> Vec<String> {
    let parts = [README, COMMANDS].into_iter().flat_map(|page| page.split("```text\n").skip(1));
    parts.map(|part| part.split("```").next().unwrap_or_default().to_owned()).collect()
}

fn trace(scenario: &str) -> Document {
    let scenario = catalogue::find(scenario).expect("it is in the catalogue");
    run_scenario(scenario.text(), &registry(), RunOptions::default()).expect("it performs").document
}

fn log(document: &Document) -> String {
    render::log(document, Options { width: 100, why: true, ..Options::default() })
}

#[test]
fn its_traces_are_those_of_the_two_proposer_run() {
    let document = trace("two-proposers");
    let log = log(&document);
    let lanes = render::lanes(&document, Options { width: 100, ..Options::default() });
    let lanes = lanes.expect("six lanes fit in 100 columns");
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
fn it_is_a_front_door_and_no_longer() {
    let lines = README.lines().count();
    assert!(lines <= LINES_MAX, "the README has {lines} lines; move what is beyond {LINES_MAX} to docs/");
}

#[test]
fn its_commands_are_those_of_the_continuous_integration() {
    let ci = include_str!("../.ci/run");
    for command in ["cargo run", "cargo test --workspace"] {
        assert!(README.contains(&format!("`{command}`")) && ci.contains(command), "{command}");
    }
}

/// The table of notation explains the notation that runs print.
#[test]
fn its_notation_is_that_of_traces() {
    let (_, notation) = README.split_once("\n## Notation\n").expect("it explains the notation");
    let (notation, _) = notation.split_once("\n## ").expect("the section ends");
    let (paxos, figure_8) = (trace("two-proposers"), log(&trace("figure-8")));
    let lanes = render::lanes(&paxos, Options { width: 100, ..Options::default() }).expect("six lanes fit");
    let paxos = log(&paxos);
    for (sign, log) in [
        ("2.A", &paxos),
        ("2@3", &figure_8),
        ("no-op@4", &figure_8),
        ("because", &paxos),
        ("persists", &paxos),
        ("fact", &paxos),
        ("●", &lanes),
        ("─▶", &paxos),
        ("─╳", &figure_8),
    ] {
        assert!(notation.contains(&format!("`{sign}`")), "the README does not explain {sign}");
        assert!(log.contains(sign), "no run prints {sign}");
    }
    assert!(notation.contains("by the book"));
}

#[test]
#[cfg(feature = "exercises")]
fn it_counts_the_exercises() {
    assert!(README.contains(&format!("{} exercises", quorate::exercises::COURSE.len())));
}

#[test]
fn its_numbers_are_those_of_the_code() {
    for number in [format!("shows all {}", catalogue::all().len()), format!("[{} of the zoo]", bugs::all().count())] {
        assert!(README.contains(&number), "the README does not say '{number}'");
    }
    let found = |kind: fn(Discovery) -> bool| bugs::all().filter(|bug| kind(bug.discovery)).count();
    let all = bugs::all().count();
    let searched = found(|found| matches!(found, Discovery::Search { .. }));
    let staged = found(|found| matches!(found, Discovery::Stages { .. }));
    let random = found(|found| matches!(found, Discovery::Seed { .. }));
    let scenarios = found(|found| matches!(found, Discovery::Scenario { .. }));
    let said = [
        format!("Of the {all}, {searched} are found"),
        format!("{staged} in stages"),
        format!("{random} by a random run"),
        format!("and {scenarios} by a"),
    ];
    let missing: Vec<&String> = said.iter().filter(|number| !COMMANDS.contains(number.as_str())).collect();
    assert!(missing.is_empty(), "docs/COMMANDS.md does not say {missing:?}");
    // The searches whose counts the baseline records.
    let recorded = include_str!("baseline/searches.txt");
    for (search, count) in
        [("paxos", "5,395"), ("raft", "2,472,446"), ("lease", "1,835,289"), ("paxos", "44,613"), ("raft", "56,446")]
    {
        assert!(COMMANDS.contains(count), "{count}");
        let states = format!("{} states", count.replace(',', ""));
        assert!(
            recorded.lines().any(|line| line.starts_with(search) && line.contains(&states)),
            "docs/COMMANDS.md says {count} states of {search}; the baseline does not"
        );
    }
}
