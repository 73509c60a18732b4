//! Tests of going forward and back.

use serde_json::json;

use crate::page::Page;

const RAFT: &str = "cluster raft nodes=3";

#[test]
fn a_command_appends_to_the_trace_and_nothing_else() {
    let mut page = Page::after(RAFT, &["fire n1 Election"]);
    let before = page.events().len();
    let response = page.ask(json!({"do": "perform", "line": "run 5ms"}));
    assert_eq!(response["trace"]["keep"], before);
    assert!(response["trace"]["header"].is_null(), "the header has not changed");
    assert!(page.events().iter().any(|line| line.contains("LeaderElected")));
    assert_eq!(page.document().header.protocol, "raft");
    page.saves_itself();
}

#[test]
fn undo_and_redo_go_back_and_forth_over_the_same_events() {
    let mut page = Page::of(RAFT);
    let mut traces = vec![page.events().to_vec()];
    for line in ["fire n1 Election", "run 5ms", "crash n1", "inflight drop n1 n2 nth=1", "run 2ms"] {
        if page.try_to(json!({"do": "perform", "line": line}))["ok"] == true {
            traces.push(page.events().to_vec());
        }
    }
    for trace in traces.iter().rev().skip(1) {
        page.ask(json!({"do": "undo"}));
        assert_eq!(page.events(), trace);
    }
    assert_eq!(page.refused(json!({"do": "undo"})), "there is no command to undo; this is the beginning");
    for trace in traces.iter().skip(1) {
        page.ask(json!({"do": "redo"}));
        assert_eq!(page.events(), trace);
    }
    assert_eq!(page.refused(json!({"do": "redo"})), "there is no command to redo; this is the end of the branch");
}

#[test]
fn a_lie_is_undone_redone_and_saved_like_any_command() {
    let mut page = Page::after(RAFT, &["hold n1 n3", "fire n1 Election", "run 10ms", "fire n3 Election", "run 1ms"]);
    let honest = page.events().to_vec();
    let under_way = page.state["in_flight"].as_array().unwrap().iter();
    let refused: Vec<_> = under_way.filter(|message| message["name"] == "VoteRefused").collect();
    assert!(refused.iter().any(|message| message["from"] == "n2" && message["to"] == "n3"), "{refused:?}");
    page.perform(&["inflight forge n2 n3 VoteRefused as=VoteGranted"]);
    assert!(page.events().last().unwrap().contains("\"kind\":\"forge\",\"node\":\"n2\""));
    page.perform(&["run 5ms"]);
    assert_eq!(page.state["violation"]["invariant"], "ElectionSafety");
    let lied = page.events().to_vec();
    assert!(page.saves_itself().text.contains("inflight forge n2 n3 VoteRefused as=VoteGranted"));
    page.ask(json!({"do": "undo"}));
    page.ask(json!({"do": "undo"}));
    assert_eq!(page.events(), honest);
    let wrong = page.refused(json!({"do": "perform", "line": "inflight forge n2 n3 VoteRefused trem=2"}));
    assert_eq!(wrong, "VoteRefused has no field 'trem'; did you mean 'term'?");
    page.ask(json!({"do": "redo"}));
    page.ask(json!({"do": "redo"}));
    assert_eq!(page.events(), lied);
}

#[test]
fn a_lie_to_come_is_a_filter_in_force() {
    let mut page = Page::after(RAFT, &["forge n2 n1 VoteGranted term=9", "fire n1 Election"]);
    assert_eq!(page.state["filters"], json!(["forge n2 n1 VoteGranted term=9"]));
    page.perform(&["run 5ms"]);
    assert_eq!(page.state["filters"], json!([]));
    page.saves_itself();
}

#[test]
fn a_place_in_the_middle_of_a_run_is_written_as_steps() {
    let mut page = Page::after(RAFT, &["fire n1 Election", "run 20ms"]);
    let (before, whole) = (page.state["commands"][1]["events"].as_u64().unwrap() as usize, page.events().to_vec());
    let event = before + (whole.len() - before) / 2;
    page.ask(json!({"do": "go", "event": event}));
    assert_eq!(page.count("at"), 2);
    assert!(page.count("events") >= event && page.events().len() < whole.len());
    assert_eq!(page.events(), &whole[..page.events().len()]);
    let steps = page.count("steps");
    page.perform(&["crash n1"]);
    let step = format!("step {steps}");
    assert_eq!(page.commands(), [RAFT, "fire n1 Election", &step, "crash n1"]);
    assert_eq!((page.branch(), &page.state["branches"][1]["parent"]), ("branch", &json!("main")));
    page.saves_itself();
    page.ask(json!({"do": "switch", "branch": "main"}));
    assert_eq!(page.events(), whole);
    page.ask(json!({"do": "go", "event": whole.len()}));
    assert_eq!((page.count("at"), page.state["steps"].is_null()), (3, true));
    page.ask(json!({"do": "go", "event": event}));
    page.ask(json!({"do": "undo"}));
    assert_eq!((page.count("at"), page.events().len()), (2, before));
    let wrong = page.refused(json!({"do": "go", "event": 100_000}));
    assert!(wrong.starts_with("there is no place after 100000 events; the branch has 0 to"), "{wrong}");
}

#[test]
fn every_event_of_a_run_can_be_gone_to() {
    let mut page = Page::after(RAFT, &["until leader", "put n1 x 1", "run 30ms"]);
    let whole = page.events().to_vec();
    for event in 0..=whole.len() {
        page.ask(json!({"do": "go", "event": event}));
        let shown = page.events().len();
        assert!(shown >= event, "{event}");
        assert_eq!(page.events(), &whole[..shown]);
        if event % 40 == 7 {
            page.saves_itself();
        }
    }
}

#[test]
fn after_going_back_another_command_begins_a_branch_and_the_same_one_does_not() {
    let mut page = Page::after(RAFT, &["fire n1 Election", "run 5ms"]);
    page.ask(json!({"do": "undo"}));
    page.perform(&["run 5ms"]);
    assert_eq!((page.branch(), page.count("at")), ("main", 3));
    page.ask(json!({"do": "go", "command": 2}));
    page.perform(&["crash n1"]);
    assert_eq!(page.commands(), [RAFT, "fire n1 Election", "crash n1"]);
    assert_eq!(page.state["branches"][1]["at"], 2);
    page.ask(json!({"do": "switch", "branch": "main"}));
    assert_eq!(page.commands(), [RAFT, "fire n1 Election", "run 5ms"]);
}

#[test]
fn a_command_that_fails_changes_nothing_even_if_it_has_begun() {
    let mut page = Page::after(RAFT, &["fire n1 Election"]);
    for line in [
        "until leader n2 within=50ms",
        "hold n1 n2 RequestVote surplus",
        "crash n7",
        "run soon",
        "restart n1",
        "step 100000000",
        "expect leader n2",
        "run\ncrash n1",
        "",
        "# prose",
        "cluster raft nodes=3",
        "inflight drop n2 n1",
        "again rules=nothing",
    ] {
        page.refused(json!({"do": "perform", "line": line}));
    }
    page.perform(&["run 5ms"]);
    page.saves_itself();
}

#[test]
fn a_violation_is_told_and_saved_and_can_be_gone_on_from() {
    let cluster = "cluster paxos proposers=A acceptors=X,Y,Z";
    let mut page = Page::after(cluster, &["propose A blue", "run", "wipe X", "restart X"]);
    assert_eq!(page.state["violation"]["invariant"], "PromisesNeverDecrease");
    let event = page.state["violation"]["event"].as_u64().unwrap() as usize;
    assert!(page.events()[event].contains("\"kind\":\"violation\""));
    assert_eq!(page.state["branches"][0]["violation"], "PromisesNeverDecrease");
    let invariants = page.state["invariants"].as_array().unwrap();
    let broken: Vec<_> = invariants.iter().filter(|invariant| invariant["holds"] == false).collect();
    assert_eq!(broken.len(), 1);
    let result = page.saves_itself();
    assert!(result.text.contains("expect violation=PromisesNeverDecrease"));
    let stated = page.refused(json!({"do": "perform", "line": "again"}));
    assert_eq!(stated, "say first what is broken, and then 'again': expect violation=PromisesNeverDecrease");
    for _ in 0..2 {
        let action = page.state["actions"][0]["line"].as_str().unwrap().to_owned();
        page.perform(&[&action]);
    }
    assert!(page.state["violation"].is_null());
    page.perform(&["propose A green", "run"]);
    page.saves_itself();
}

#[test]
fn a_rule_of_the_zoo_can_be_given_to_all_nodes_or_one_also_one_that_needs_another_machine() {
    let mut page = Page::after("cluster raft nodes=3", &["fire n1 Election", "run 5ms"]);
    let catalogue = page.ask(json!({"do": "catalogue"}))["catalogue"].clone();
    let protocols = catalogue["protocols"].as_array().unwrap();
    let raft = protocols.iter().find(|protocol| protocol["name"] == "raft").unwrap();
    for bug in raft["bugs"].as_array().unwrap() {
        let id = bug["id"].as_str().unwrap();
        page.perform(&[&format!("rules * {id}"), "run 20ms"]);
        if page.state["violation"].is_null() {
            let used = page.state["nodes"].as_array().unwrap().iter().all(|node| node["rules"] == id);
            assert!(used, "{id}");
        }
        page.saves_itself();
        page.ask(json!({"do": "go", "command": 3}));
        page.perform(&[&format!("rules n2 {id}")]);
        assert_eq!((&page.state["nodes"][0]["rules"], &page.state["nodes"][1]["rules"]), (&json!(null), &json!(id)));
        page.ask(json!({"do": "open", "cluster": "cluster raft nodes=3"}));
        page.perform(&["fire n1 Election", "run 5ms"]);
    }
}
