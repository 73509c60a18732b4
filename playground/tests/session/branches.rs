//! Tests of branches, seeds, exports and the book.

use serde_json::{Value, json};

use crate::page::Page;

const RAFT: &str = "cluster raft nodes=3";

/// A page with the branches `main` and `branch`.
fn forked() -> Page {
    let mut page = Page::after(RAFT, &["fire n1 Election", "run 5ms", "run 5ms"]);
    page.ask(json!({"do": "go", "command": 3}));
    page.perform(&["crash n1", "run 50ms"]);
    page
}

fn names(page: &Page) -> Vec<String> {
    let branches = page.state["branches"].as_array().unwrap();
    branches.iter().map(|branch| branch["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn branches_are_named_switched_and_removed() {
    let mut page = forked();
    page.ask(json!({"do": "branch", "name": " a crash "}));
    assert_eq!(names(&page), ["main", "a crash"]);
    for (name, says) in [
        ("main", "another branch is called 'main'; choose another name"),
        ("", "'' is no name for a branch; use 1 to 40 letters, without line breaks"),
        ("a\nb", "is no name for a branch"),
    ] {
        assert!(page.refused(json!({"do": "branch", "name": name})).contains(says));
    }
    page.ask(json!({"do": "go", "command": 4}));
    page.perform(&["restart n1"]);
    assert_eq!(page.state["branches"][2]["parent"], "a crash");
    let wrong = page.refused(json!({"do": "remove", "branch": "branch"}));
    assert_eq!(wrong, "'branch' is the current branch; switch to another one before you remove it");
    page.ask(json!({"do": "remove", "branch": "a crash"}));
    assert_eq!((names(&page), page.branch()), (vec!["main".to_owned(), "branch".to_owned()], "branch"));
    assert_eq!((&page.state["branches"][1]["parent"], &page.state["branches"][1]["at"]), (&json!("main"), &json!(3)));
    let wrong = page.refused(json!({"do": "switch", "branch": "nowhere"}));
    assert_eq!(wrong, "there is no branch 'nowhere'; the branches are: main, branch");
    page.ask(json!({"do": "switch", "branch": "main"}));
    assert_eq!(page.count("at"), 4);
}

#[test]
fn two_branches_are_compared_in_the_words_of_diff() {
    let mut page = forked();
    let events = page.events().len();
    let compare = page.ask(json!({"do": "compare", "branch": "main"}))["compare"].clone();
    assert_eq!(compare["branch"], "main");
    let at = compare["at"].as_u64().unwrap() as usize;
    assert!(at < events && compare["says"].as_str().unwrap().starts_with("The traces agree on "));
    assert!(page.events()[at].contains("crash"));
    assert!(compare["trace"]["lines"].as_array().unwrap().len() >= at && compare["reigns"].is_object());
    let same = page.ask(json!({"do": "compare", "branch": "branch"}))["compare"].clone();
    assert_eq!((&same["at"], &same["says"]), (&Value::Null, &json!("The traces are the same, event for event.")));
}

#[test]
fn another_seed_is_another_branch() {
    let mut page = Page::after("cluster raft nodes=3 latency=1ms..5ms  # rough", &["run 400ms"]);
    let before = page.events().to_vec();
    let response = page.ask(json!({"do": "seed", "seed": 9}));
    assert_eq!(response["says"], "The commands under seed 9: all of them are possible.");
    assert_eq!((page.branch(), &page.state["seed"]), ("seed 9", &json!(9)));
    assert_ne!(page.events(), before);
    page.saves_itself();
    page.ask(json!({"do": "switch", "branch": "main"}));
    assert_eq!(page.events(), before);
    page.perform(&["!expect no-leader", "until leader", "expect fact=LeaderElected"]);
    page.ask(json!({"do": "seed", "seed": 2}));
    page.saves_itself();
}

#[test]
fn the_same_commands_by_the_book_part_where_the_rule_differs() {
    let mut page = Page::new();
    page.ask(json!({"do": "open", "text": "# T\n\ncluster paxos proposers=A,B acceptors=X,Y,Z learners=none rules=own-value\n\
        hold A Z\npropose A blue round=1\nrun\npropose B green round=9\nrun\nexpect violation=AtMostOneChosen\n"}));
    let response = page.ask(json!({"do": "by-the-book"}));
    assert_eq!(page.branch(), "by the book");
    assert!(!page.commands()[0].contains("rules="));
    assert!(page.state["violation"].is_null());
    let says = response["compare"]["says"].as_str().unwrap();
    assert!(says.contains("Left breaks AtMostOneChosen") && says.contains("right breaks no invariant"), "{says}");
    page.saves_itself();
    let wrong = page.refused(json!({"do": "by-the-book"}));
    assert!(wrong.starts_with("the run uses no rule of the zoo"), "{wrong}");
}

#[test]
fn an_exported_session_opens_as_it_was() {
    let mut page = forked();
    page.ask(json!({"do": "go", "event": page.events().len() - 3}));
    let saved = page.ask(json!({"do": "export"}))["saved"].clone();
    let mut other = Page::new();
    other.ask(json!({"do": "open", "saved": saved}));
    assert_eq!(other.events(), page.events());
    for key in ["branch", "at", "steps", "nodes", "in_flight", "timers", "now"] {
        assert_eq!(other.state[key], page.state[key], "{key}");
    }
    assert_eq!(other.ask(json!({"do": "export"}))["saved"], saved);
    other.ask(json!({"do": "switch", "branch": "main"}));
    other.saves_itself();
}

#[test]
fn a_broken_export_is_refused_with_the_reason() {
    let saved = forked().ask(json!({"do": "export"}))["saved"].clone();
    let mut page = Page::of(RAFT);
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut saved = saved.clone();
        change(&mut saved);
        json!({"do": "open", "saved": saved})
    };
    for (request, says) in [
        (changed(&|saved| saved["quorate_session"] = json!(2)), "its version is 2; this program reads version 1"),
        (changed(&|saved| saved["branch"] = json!("gone")), "there is no branch 'gone'"),
        (changed(&|saved| saved["at"] = json!(99)), "there is no place after 99 commands"),
        (changed(&|saved| saved["at"] = json!(0)), "there is no place after 0 commands"),
        (changed(&|saved| saved["branches"][0]["lines"] = json!([])), "has no commands"),
        (changed(&|saved| saved["branches"][1]["name"] = json!("main")), "another branch is called 'main'"),
        (changed(&|saved| saved["branches"][1]["lines"][1]["text"] = json!("crash n9")), "there is no node 'n9'"),
        (changed(&|saved| saved["branches"][1]["lines"][1]["prose"] = json!("crash n1\n")), "prose without a '#'"),
        (changed(&|saved| saved["colour"] = json!("blue")), "the request cannot be read"),
    ] {
        let wrong = page.refused(request);
        assert!(wrong.contains(says), "{wrong}");
    }
}

#[test]
fn branches_have_a_limit() {
    let mut page = Page::after(RAFT, &["fire n1 Election", "run 1ms"]);
    for number in 1..quorate_session::BRANCHES_MAX {
        page.ask(json!({"do": "go", "command": 2}));
        page.perform(&[&format!("run {number}us")]);
    }
    page.ask(json!({"do": "go", "command": 2}));
    let wrong = page.refused(json!({"do": "perform", "line": "run 7ms"}));
    assert_eq!(wrong, "65 branches are too many; a session has at most 64");
    page.refused(json!({"do": "seed", "seed": 5}));
}
