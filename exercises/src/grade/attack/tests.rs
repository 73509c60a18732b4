use std::time::{Duration, Instant};

use quorate_lab::trace::{Event, EventId, Forgery, Lane, MessageId, Payload, Value};
use quorate_protocol::{NodeId, Time};

use super::*;
use crate::course::{self, AnswerKind, COURSE, Language};

/// Solution of each attack exercise.
const SOLUTIONS: &[(&str, &str)] = &[
    ("attack-two-values", include_str!("../../../course/attack/two-values/solution.scenario")),
    ("attack-forgotten-vote", include_str!("../../../course/attack/forgotten-vote/solution.scenario")),
    ("attack-two-leaders", include_str!("../../../course/attack/two-leaders/solution.scenario")),
    ("attack-lost-commit", include_str!("../../../course/attack/lost-commit/solution.scenario")),
    ("attack-two-primaries", include_str!("../../../course/attack/two-primaries/solution.scenario")),
    ("attack-late-write", include_str!("../../../course/attack/late-write/solution.scenario")),
    ("attack-stale-read", include_str!("../../../course/attack/stale-read/solution.scenario")),
    ("attack-clock-jump", include_str!("../../../course/attack/clock-jump/solution.scenario")),
    ("attack-forgetful-fence", include_str!("../../../course/attack/forgetful-fence/solution.scenario")),
    ("attack-two-outcomes", include_str!("../../../course/attack/two-outcomes/solution.scenario")),
    ("attack-torn-order", include_str!("../../../course/attack/torn-order/solution.scenario")),
    ("attack-old-value", include_str!("../../../course/attack/old-value/solution.scenario")),
];

fn grade(id: &str, text: &str) -> GradingOutcome {
    attack(course::find(id).expect("the course has it"), text, &mut Grading::new(1))
}

/// Verdict on a schedule against the two-values system.
fn verdict(schedule: &str) -> GradingVerdict {
    let opening = System::of("attack-two-values").expect("there is one").opening;
    grade("attack-two-values", &format!("# A schedule\n\n{opening}\n{schedule}")).verdict
}

fn failed(verdict: &GradingVerdict) -> &CaseFailure {
    match verdict {
        GradingVerdict::Failed(broke) => broke,
        other => panic!("{other:?}"),
    }
}

fn unreadable(verdict: &GradingVerdict) -> &str {
    match verdict {
        GradingVerdict::Unreadable { message } => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_attack_has_a_system_a_bug_a_budget_and_a_solution() {
    let attacks: Vec<_> = COURSE.iter().filter(|exercise| exercise.kind == AnswerKind::Attack).collect();
    assert!(attacks.iter().map(|exercise| exercise.id).eq(SYSTEMS.iter().map(|system| system.exercise)));
    assert!(attacks.iter().map(|exercise| exercise.id).eq(SOLUTIONS.iter().map(|(id, _)| *id)));
    for (exercise, system) in attacks.iter().zip(SYSTEMS) {
        assert_eq!(exercise.bugs, [system.bug()], "{}", exercise.id);
        for said in [system.opening, system.invariant, &format!("{} commands", system.commands_max)] {
            assert!(
                exercise.page(Language::English).contains(said),
                "the page of {} does not say '{said}'",
                exercise.id
            );
        }
    }
}

#[test]
fn every_solution_passes_with_little_room_in_the_budget() {
    for (id, text) in SOLUTIONS {
        let outcome = grade(id, text);
        assert_eq!(outcome.verdict, GradingVerdict::Passed, "{id}");
        assert!(outcome.points > 0 && outcome.passed.len() == 4, "{id}");
        let system = System::of(id).expect("there is one");
        let schedule = Schedule::read(system, text).expect("it passed");
        assert!((1..=4).contains(&(system.commands_max - schedule.commands)), "{id}: {}", schedule.commands);
    }
}

#[test]
fn every_skeleton_is_unfinished() {
    for exercise in COURSE.iter().filter(|exercise| exercise.kind == AnswerKind::Attack) {
        assert_eq!(grade(exercise.id, exercise.skeleton).verdict, GradingVerdict::Unfinished, "{}", exercise.id);
    }
}

#[test]
fn a_schedule_that_breaks_nothing_is_shown_with_its_trace() {
    let verdict = verdict("propose A 8\nrun\npropose B 5\nrun\n");
    let broke = failed(&verdict);
    assert_eq!(broke.what, "Holds");
    assert!(broke.trace.as_ref().is_some_and(|trace| trace.events.len() > 20));
}

#[test]
fn what_a_schedule_expects_in_vain_is_said_with_its_line() {
    let verdict = verdict("propose A 8\nrun\nexpect chosen 5\n");
    let broke = failed(&verdict);
    assert_eq!(broke.what, "Holds");
    assert!(broke.detail.contains("line 6: expected 5 to be chosen, but 8 was chosen"), "{}", broke.detail);
}

#[test]
fn a_schedule_over_the_budget_fails_although_it_breaks_the_system() {
    let (id, solution) = SOLUTIONS[0];
    let opening = System::of(id).expect("there is one").opening;
    let long = solution.replace(opening, &format!("{opening}\n{}", "run 1ns\n".repeat(20)));
    let outcome = grade(id, &long);
    assert_eq!(failed(&outcome.verdict).what, "Budget");
    assert_eq!(outcome.points, 0);
    let padded = solution.replace(opening, &format!("{opening}\n{}", "note \"still here\"\n".repeat(20)));
    assert_eq!(grade(id, &padded).verdict, GradingVerdict::Passed, "words cost nothing");
    let endless = solution.replace(opening, &format!("{opening}\n{}", "show facts\n".repeat(200)));
    assert_eq!(failed(&grade(id, &endless).verdict).what, "Budget", "but not without end");
}

#[test]
fn another_system_is_not_attacked() {
    let (id, solution) = SOLUTIONS[0];
    for (ours, theirs) in
        [("no-promise-check", "own-value"), ("acceptors=X,Y,Z", "acceptors=X,Y"), ("catch-up=off ", "")]
    {
        let outcome = grade(id, &solution.replacen(ours, theirs, 1));
        assert_eq!(failed(&outcome.verdict).what, "Opening", "{theirs}");
    }
    assert_eq!(failed(&grade(id, "run\n").verdict).what, "Opening");
    assert_eq!(failed(&grade(id, "").verdict).what, "Opening");
}

#[test]
fn a_system_does_not_begin_with_something_on_its_disks() {
    let opening = System::of("attack-lost-commit").expect("there is one").opening;
    let outcome = grade("attack-lost-commit", &format!("{opening}\ndisk n1 log=1,2 term=2\nrun\n"));
    assert_eq!(failed(&outcome.verdict).what, "Opening");
    let disguised = grade("attack-lost-commit", &format!("{opening}\n\"dis\\x6b\" n1 log=1,2\nrun\n"));
    assert!(unreadable(&disguised.verdict).contains("line 2"));
}

#[test]
fn mistakes_are_reported_with_file_line_and_suggestion() {
    for (schedule, expected) in [
        (
            "propose A 8\nrelase\n",
            "attack_two_values.scenario, line 5: there is no command 'relase'; did you mean 'release'?",
        ),
        ("propose C 8\n", "attack_two_values.scenario, line 4: there is no node 'C'"),
        ("cluster paxos nodes=3\n", "line 4: there is already a cluster"),
        ("release\n", "line 4: no such message is held"),
        ("note \"open\nrun\n", "line 4: expected a closing quote"),
    ] {
        let verdict = verdict(schedule);
        assert!(unreadable(&verdict).contains(expected), "{schedule}: {}", unreadable(&verdict));
    }
}

#[test]
fn output_that_a_scenario_holds_already_is_no_command() {
    let (id, solution) = SOLUTIONS[0];
    let outcome = grade(id, &format!("{solution}---\ncluster of nothing\nrun run run\n"));
    assert_eq!(outcome.verdict, GradingVerdict::Passed);
}

#[test]
fn a_schedule_that_would_go_on_for_ever_is_stopped() {
    let started = Instant::now();
    let opening = System::of("attack-stale-read").expect("there is one").opening;
    let outcome = grade("attack-stale-read", &format!("{opening}\n{}", "run 10000s\n".repeat(12)));
    assert!(unreadable(&outcome.verdict).contains("line 2: stopped after 20000 events"), "{:?}", outcome.verdict);
    let outcome = grade("attack-stale-read", &format!("{opening}\n{}", "run 8s\n".repeat(13)));
    assert_eq!(failed(&outcome.verdict).what, "Holds");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

/// Run in which this invariant broke.
fn broken(invariant: &str) -> Played {
    let what = EventKind::Violation { invariant: invariant.to_owned(), detail: "as it should not".to_owned() };
    let event = Event { id: EventId::FIRST, at: Time::ZERO, lane: None, cause: None, what };
    Played { document: Document { events: vec![event], ..Document::default() }, unmet: None }
}

#[test]
fn a_lie_is_not_the_fault_that_is_asked_for() {
    let system = &SYSTEMS[0];
    let mut played = broken(system.invariant);
    let payload = Payload { name: "Accept".to_owned(), body: Value::Null };
    let (msg, to, field) = (MessageId(1), Lane::Node(NodeId(0)), "value".to_owned());
    let forgery = Forgery { msg, to, field, old: 1.into(), new: 2.into(), payload };
    let lie = Event { what: EventKind::Forge(Box::new(forgery)), ..played.document.events[0].clone() };
    played.document.events.insert(0, lie);
    assert_eq!(breaks(system, played).map_err(|broke| broke.what), Err("Forged".to_owned()));
}

#[test]
fn only_the_invariant_that_is_asked_for_counts_and_only_if_the_book_keeps_it() {
    let system = &SYSTEMS[0];
    assert!(breaks(system, broken(system.invariant)).is_ok());
    assert_eq!(breaks(system, broken("LearnersAgree")).map_err(|broke| broke.what), Err("AnotherInvariant".to_owned()));
    assert_eq!(holds(Some(broken(system.invariant))).map_err(|broke| broke.what), Err("ByTheBook".to_owned()));
    assert!(holds(Some(Played::default())).is_ok() && holds(None).is_ok());
}
