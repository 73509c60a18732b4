//! Tests of interactive runs: they are what a scenario of the same lines is.

use std::rc::Rc;

use super::play_all;
use super::toy::registry;
use crate::env::Status;
use crate::script::{InteractiveRun, MessageKind, ScenarioLines, Snapshot};

const CLUSTER: &str = "cluster gossip nodes=A,B,C";

fn run_of(lines: &[&str]) -> InteractiveRun {
    let mut run = InteractiveRun::new(Rc::new(registry()), "A test", lines.iter().copied());
    for line in lines {
        run.perform(line).unwrap_or_else(|problem| panic!("{line}: {problem}"));
    }
    run
}

fn look(lines: &[&str]) -> Snapshot {
    run_of(&[&[CLUSTER], lines].concat()).snapshot().unwrap()
}

#[test]
fn it_has_the_events_of_a_scenario_of_the_same_lines() {
    let lines = [
        CLUSTER,
        "rules B secretive",
        "tell A x",
        "(run 1ms)",
        "!expect known y",
        "inflight drop C A",
        "crash C",
        "print off",
        "run",
        "expect down=C",
        "again",
        "run",
    ];
    let run = run_of(&lines);
    let whole = play_all(&format!("# A test\n{}\n", lines.join("\n"))).unwrap();
    let again = whole.again.unwrap();
    assert_eq!((run.events_from(0), run.header()), (again.events, again.header));
    assert!(run.is_again());
    let run = run_of(&lines[..10]);
    assert_eq!((run.events_from(0), run.header()), (whole.document.events.clone(), whole.document.header));
    assert_eq!(run.events_from(7), whole.document.events[7..]);
    assert_eq!((run.events(), run.expectations(), run.is_spoilt()), (whole.document.events.len(), 2, false));
}

#[test]
fn its_output_is_that_of_a_scenario() {
    let mut run = run_of(&[CLUSTER]);
    assert!(run.perform("tell A x").unwrap().contains("A ───────Told────────────▶ client"));
    assert_eq!(run.perform("hold A C").unwrap(), "ok\n");
    let told = run.perform("run").unwrap();
    assert!(told.contains("A ───────Rumour──────────▶ B"), "{told}");
    assert!(run.perform("show facts").unwrap().contains("Heard"));
}

#[test]
fn a_line_that_is_refused_says_why_and_whether_it_changed_anything() {
    let mut run = run_of(&[CLUSTER, "tell A x"]);
    for (line, wanted) in [
        ("crsh A", "there is no command 'crsh'; did you mean 'crash'?"),
        ("crash D", "there is no node 'D'; did you mean 'A'?"),
        ("restart A", "A is up"),
        ("run\nrun", "expected one command"),
        ("# only prose", "expected one command"),
        ("", "expected one command"),
        ("---", "expected a command before the '---'"),
        ("note \"", "expected a closing quote"),
        ("cluster gossip nodes=A", "there is already a cluster"),
        ("expect known x", "expected everybody to know x"),
    ] {
        let problem = run.perform(line).unwrap_err().to_string();
        assert!(problem.contains(wanted), "{line}: {problem}");
        assert!(!run.is_spoilt(), "{line}");
    }
    assert!(run.perform("until known y within=5ms").is_err());
    assert!(run.is_spoilt(), "time has passed");
    let mut run = run_of(&[CLUSTER]);
    assert!(run.perform("hold A B Rumour too much").is_err() && run.is_spoilt(), "the filter is there");
    let mut run = run_of(&[CLUSTER]);
    assert!(run.perform("crash D").is_err() && run.is_spoilt(), "it is too late for 'disk'");
    assert!(InteractiveRun::new(Rc::new(registry()), "", std::iter::empty()).snapshot().is_none());
}

#[test]
fn a_snapshot_has_what_is_under_way_and_what_selects_it() {
    let look = look(&["hold A C", "tell A x", "tell A y"]);
    let told = |due: Option<u64>| {
        move |message: &&crate::script::MessageUnderWay| message.due.map(|due| due.as_nanos()) == due
    };
    let selected = |due| look.under_way.iter().filter(told(due)).filter_map(|message| message.select.as_deref());
    assert_eq!(selected(Some(1_000_000)).collect::<Vec<_>>(), ["A B Rumour", "A B Rumour word=y"]);
    assert_eq!(selected(None).collect::<Vec<_>>(), ["A C Rumour", "A C Rumour word=y"]);
    let first = &look.under_way[0];
    assert_eq!((first.from.as_str(), first.to.as_str(), first.kind), ("A", "B", MessageKind::Message));
    assert_eq!((first.payload.name.as_str(), first.sent.map(|sent| sent.as_nanos())), ("Rumour", Some(0)));
    assert_eq!(look.filters, ["hold A C"]);
    assert!(look.has_next && !look.manual && !look.sees_time);
}

#[test]
fn every_selection_selects_its_message() {
    let lines = [CLUSTER, "tell A x", "tell A x", "tell A y", "tell B x", "run 500us"];
    for message in run_of(&lines).snapshot().unwrap().under_way {
        let mut run = run_of(&lines);
        run.perform(&format!("inflight drop {}", message.select.unwrap())).unwrap();
        let left = run.snapshot().unwrap().under_way;
        assert!(left.iter().all(|other| other.id != message.id), "{}", message.id);
    }
}

#[test]
fn a_snapshot_has_nodes_timers_cuts_filters_and_invariants() {
    let lines = [
        "rules B secretive",
        "tell A x",
        "run 2ms",
        "crash C",
        "pause B",
        "cut A B",
        "drop A * Thanks count=2",
        "delay A B 5ms",
        "duplicate A C after=2ms",
        "forge A B Rumour word=\"two words\" count=2",
    ];
    let look = look(&lines);
    let nodes: Vec<_> =
        look.nodes.iter().map(|node| (node.name.as_str(), node.status, node.rules.as_deref())).collect();
    let wanted = [("A", Status::Up, None), ("B", Status::Paused, Some("secretive")), ("C", Status::Down, None)];
    assert_eq!(nodes, wanted);
    assert_eq!(look.cuts, [("A".to_owned(), "B".to_owned())]);
    assert_eq!(
        look.filters,
        [
            "drop A * Thanks count=2",
            "delay A B 5ms",
            "duplicate A C after=2ms",
            "forge A B Rumour word=\"two words\" count=2"
        ]
    );
    let timer = &look.timers[0];
    assert_eq!((timer.node.as_str(), timer.name.as_str(), timer.due.as_nanos()), ("A", "Repeat", 50_000_000));
    assert_eq!(timer.armed.map(|armed| armed.as_nanos()), Some(0));
    assert!(look.can_fire(timer));
    assert!(look.invariants.iter().all(|invariant| invariant.holds) && look.violation.is_none());
}

#[test]
fn a_snapshot_tells_what_broke_and_whether_that_was_expected() {
    let secret = ["tell A secret", "run"];
    let broken = look(&secret);
    assert_eq!(broken.violation.map(|violation| violation.broken.invariant), Some("Discretion"));
    assert!(!broken.invariants[0].holds && !broken.violation_expected);
    let expected = look(&[&secret[..], &["expect violation=Discretion"]].concat());
    assert!(expected.violation_expected);
    let accepted = look(&[&secret[..], &["expect violation=Discretion", "continue"]].concat());
    assert!(!accepted.invariants[0].holds && accepted.violation.is_none());
}

#[test]
fn a_request_is_accepted_if_its_arguments_can_be_read() {
    let run = run_of(&[CLUSTER]);
    assert!(run.accepts("tell A x") && run.accepts("tell A \"two words\" client=c9"));
    assert!(!run.accepts("tell D x") && !run.accepts("tell A") && !run.accepts("tell A x y"));
    assert!(!run.accepts("crash A") && !run.accepts("tell \"") && !run.accepts(""));
}

#[test]
fn a_file_is_taken_apart_and_put_together_again() {
    let text = "# Title\n#\n# Story.\n\ncluster gossip nodes=A,B\n# One.\n# Two.\n\n# Three.\ntell A x  # now\n---\nok\n\n# End.\n";
    let parts = ScenarioLines::read(text).unwrap();
    let lines: Vec<_> = parts.lines.iter().map(|line| (line.number, line.text.as_str())).collect();
    assert_eq!(lines, [(5, "cluster gossip nodes=A,B"), (10, "tell A x  # now")]);
    assert_eq!(parts.lines[0].prose, "# Title\n#\n# Story.\n\n");
    assert_eq!(ScenarioLines::remarks(&parts.lines[1].prose), ["One.\nTwo.\n\nThree."]);
    assert_eq!(parts.after, "# End.\n");
    assert_eq!(ScenarioLines::read("note \"").unwrap_err().line, 1);
}
