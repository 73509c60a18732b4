//! The table of states in `docs/TRANSACTIONS.md`: the published model of two-phase commit beside
//! the machines, and what `quorate check` explores.

use std::fs;

use quorate::bugs::NamedRulebookOf;
use quorate::checks::{Budget, SearchTarget};
use quorate::lab::check::{Model, Reductions, Search, SearchVerdict};
use quorate::protocols::{ThreePhaseTarget, TwoPhaseTarget};

use crate::{between, is_update, read, root};

#[path = "../../lab/tests/check/models/two_phase.rs"]
mod model;

const PAGE: &str = "docs/TRANSACTIONS.md";

/// Number of states of a model, all of which are explored.
fn states(model: &impl Model) -> u64 {
    let report = Search::new(model).threads(1).run().expect("the search makes sense");
    assert!(matches!(report.verdict, SearchVerdict::Exhausted), "nothing breaks and nothing is left out");
    report.progress.unique
}

/// Number of states of the machines, every one counted: one transaction, and so many timers.
fn of_machines<E: SearchTarget>(nodes: u32, firings: u32) -> u64 {
    let budget = Budget { nodes, requests: 1, firings, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None };
    let cluster =
        E::without_symmetry(NamedRulebookOf::<E::Machine>::default(), &budget).expect("such a cluster can be");
    states(&cluster.reductions(Reductions::NONE))
}

/// A number with a comma between thousands.
fn digits(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).expect("digits")).collect();
    groups.join(",")
}

fn models() -> String {
    let mut table =
        String::from("| resource managers | TLA+ model | two-phase commit | three-phase commit |\n|---|---|---|---|\n");
    for nodes in [3, 4, 5] {
        let counts = [
            states(&model::TwoPhase { managers: nodes as usize }),
            of_machines::<TwoPhaseTarget>(nodes, 0),
            of_machines::<ThreePhaseTarget>(nodes, 0),
        ]
        .map(digits);
        table += &format!("| {nodes} | {} |\n", counts.join(" | "));
    }
    table
}

/// The searches as they are declared, whose counts `tests/baseline` measures.
fn searches() -> String {
    let baseline = read("tests/baseline/searches.txt");
    let mut table = String::from("| search | states | transitions | depth |\n|---|---|---|---|\n");
    for protocol in ["two-phase", "three-phase", "paxos-commit", "outbox", "saga"] {
        let begin = format!("{protocol} as declared: exhausted");
        let line = baseline.lines().find(|line| line.starts_with(&begin)).unwrap_or_else(|| panic!("no {begin}"));
        let counts = line.rsplit("; ").next().unwrap_or_default();
        let numbers: Vec<u64> =
            counts.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect();
        let [states, transitions, depth] = numbers[..] else { panic!("{line}") };
        table += &format!("| `quorate check {protocol}` | {} | {} | {depth} |\n", digits(states), digits(transitions));
    }
    table
}

/// In each round of messages a participant has been asked, has answered, or has been heard; in the
/// last one of three-phase commit it has been told, or not yet.
#[test]
fn without_a_timer_the_machines_have_as_many_states_as_can_be_counted_by_hand() {
    for nodes in [1, 2, 3, 4, 5] {
        let (two, three) = (2_u64.pow(nodes), 3_u64.pow(nodes));
        assert_eq!(of_machines::<TwoPhaseTarget>(nodes, 0), 2 * three);
        assert_eq!(of_machines::<ThreePhaseTarget>(nodes, 0), 2 * three + two - 1);
    }
    let with_a_timer = of_machines::<TwoPhaseTarget>(3, 1);
    assert!(read(PAGE).contains(&digits(with_a_timer)), "{PAGE} does not say {with_a_timer}");
}

#[test]
fn the_published_counts_of_two_phase_commit_stand_beside_those_of_the_machines() {
    let published = [(3, 288), (4, 1_568), (5, 8_832)];
    let found = published.map(|(managers, _)| (managers, states(&model::TwoPhase { managers })));
    assert_eq!(found, published);
    let before = read(PAGE);
    let after = between(&between(&before, "states", &models()), "searches", &searches());
    if is_update() {
        fs::write(root().join(PAGE), after).expect("the page can be written");
    } else {
        assert!(after == before, "{PAGE} is stale: UPDATE_GOLDENFILES=1 cargo test --test docs");
    }
}
