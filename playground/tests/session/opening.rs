//! Tests of what a session begins with, and of the catalogue.

use quorate_harness::{catalogue, protocols};
use serde_json::json;

use crate::page::Page;

#[test]
fn the_catalogue_has_every_protocol_with_a_cluster_that_opens_and_a_request() {
    let catalogue = Page::new().ask(json!({"do": "catalogue"}))["catalogue"].clone();
    let listed = catalogue["protocols"].as_array().unwrap();
    let names: Vec<&str> = listed.iter().map(|protocol| protocol["name"].as_str().unwrap()).collect();
    assert_eq!(names, protocols::all().names());
    for protocol in listed {
        let mut page = Page::of(protocol["example"].as_str().unwrap());
        assert_eq!(page.state["protocol"], protocol["name"]);
        let requests = protocol["requests"].as_array().unwrap();
        let kinds: Vec<&str> =
            requests.iter().map(|usage| usage["form"].as_str().unwrap().split(' ').next().unwrap()).collect();
        let actions = page.state["actions"].as_array().unwrap().clone();
        let offered =
            |kind: &str| actions.iter().any(|action| action["line"].as_str().unwrap().starts_with(&format!("{kind} ")));
        let missing: Vec<&&str> = kinds.iter().filter(|kind| !offered(kind)).collect();
        assert!(missing.is_empty(), "{}: no action is a {missing:?}", protocol["name"]);
        page.saves_itself();
    }
    let scenarios = catalogue["scenarios"].as_array().unwrap();
    assert_eq!(scenarios.len(), catalogue::all().len());
    assert!(scenarios.iter().all(|scenario| scenario["protocol"].as_str().is_some_and(|name| names.contains(&name))));
    let bugs: usize = listed.iter().map(|protocol| protocol["bugs"].as_array().unwrap().len()).sum();
    assert!(bugs > 170, "{bugs} bugs");
}

#[test]
fn every_action_that_is_offered_is_possible() {
    for name in protocols::all().names() {
        let catalogue = Page::new().ask(json!({"do": "catalogue"}))["catalogue"].clone();
        let listed = catalogue["protocols"].as_array().unwrap();
        let protocol = listed.iter().find(|protocol| protocol["name"] == name).unwrap();
        let mut page = Page::of(protocol["example"].as_str().unwrap());
        page.ask(json!({"do": "auto", "steps": 25, "rate": 0.2, "seed": 5}));
        let at = page.count("at");
        let mut kinds: Vec<String> = Vec::new();
        for action in page.state["actions"].as_array().unwrap().clone() {
            let line = action["line"].as_str().unwrap();
            let kind: String = line.split(' ').take(2).collect::<Vec<_>>().join(" ");
            if kinds.contains(&kind) {
                continue;
            }
            kinds.push(kind);
            page.ask(json!({"do": "perform", "line": line}));
            if page.branch() != "main" {
                let branch = page.branch().to_owned();
                page.ask(json!({"do": "switch", "branch": "main"}));
                page.ask(json!({"do": "remove", "branch": branch}));
            }
            page.ask(json!({"do": "go", "command": at}));
        }
    }
}

#[test]
fn a_scenario_opens_at_its_end_its_start_or_in_between() {
    let mut page = Page::new();
    page.ask(json!({"do": "open", "scenario": "raft/figure-8"}));
    let (all, events) = (page.count("at"), page.count("events"));
    assert_eq!((all, page.commands().len()), (all, all));
    assert!(page.state["title"].as_str().unwrap().starts_with("Figure 8"));
    page.ask(json!({"do": "open", "scenario": "raft/figure-8", "at": "start"}));
    assert_eq!((page.count("at"), page.commands().len()), (1, all));
    assert_eq!(page.state["commands"][all - 1]["events"], events);
    page.ask(json!({"do": "open", "scenario": "raft/figure-8", "at": 9}));
    assert_eq!(page.count("at"), 9);
    let wrong = page.refused(json!({"do": "open", "scenario": "raft/figure-8", "at": 900}));
    assert_eq!(wrong, format!("there is no place after 900 commands; the branch has 1 to {all}"));
    let wrong = page.refused(json!({"do": "open", "scenario": "raft/figure-9"}));
    assert!(wrong.starts_with("there is no scenario 'raft/figure-9'; did you mean"), "{wrong}");
}

#[test]
fn a_foreign_file_that_is_wrong_is_refused_with_its_line() {
    let mut page = Page::of("raft nodes=3");
    let response = page.try_to(json!({"do": "open", "text": "# T\n\ncluster raft nodes=3\nrun 5ms\ncrash n9\n"}));
    assert_eq!(response["error"]["line"], 5);
    assert_eq!(response["error"]["says"], "there is no node 'n9'; did you mean 'n1'?");
    for (text, says) in [
        ("", "needs a cluster"),
        ("# only prose\n", "needs a cluster"),
        ("run\n", "needs a cluster"),
        ("cluster raft nodes=3\nnote \"\n", "expected a closing quote"),
        ("cluster raff nodes=3\n", "did you mean 'raft'?"),
        ("cluster raft nodes=3\nexpect leader n1\n", "expected"),
    ] {
        let wrong = page.refused(json!({"do": "open", "text": text}));
        assert!(wrong.contains(says), "{text:?}: {wrong}");
    }
    let wrong = page.refused(json!({"do": "open", "cluster": "raft nodes=3", "scenario": "raft/figure-8"}));
    assert_eq!(wrong, "give exactly one of scenario, text, cluster and saved");
    let wrong = page.refused(json!({"do": "open", "cluster": "raft nodes=3\ncrash n1"}));
    assert!(wrong.contains("expected one command"), "{wrong}");
}

#[test]
fn prose_becomes_chapters_at_its_place() {
    let text =
        "# T\n#\n# Story.\n\ncluster raft nodes=3\nfire n1 Election\n# Now.\nrun 5ms\nexpect leader n1\n# End.\n";
    let mut page = Page::new();
    let response = page.ask(json!({"do": "open", "text": text}));
    let chapters = response["chapters"].as_array().unwrap();
    let fired = response["state"]["commands"][1]["events"].as_u64().unwrap();
    assert_eq!(chapters[0], json!({"at": 0, "text": "Story."}));
    assert_eq!(chapters[1], json!({"at": fired - 1, "text": "Now."}));
    assert_eq!(chapters[2]["text"], "End.");
    assert_eq!(page.saved(), text, "nothing is lost");
}

#[test]
fn without_a_run_every_other_request_says_so() {
    for request in [
        json!({"do": "perform", "line": "run"}),
        json!({"do": "undo"}),
        json!({"do": "redo"}),
        json!({"do": "go", "command": 1}),
        json!({"do": "branch", "name": "x"}),
        json!({"do": "switch", "branch": "x"}),
        json!({"do": "remove", "branch": "x"}),
        json!({"do": "compare", "branch": "x"}),
        json!({"do": "seed", "seed": 1}),
        json!({"do": "auto", "steps": 1, "rate": 0.1, "seed": 1}),
        json!({"do": "attack", "forks": 1, "steps": 1, "seed": 1}),
        json!({"do": "by-the-book"}),
        json!({"do": "liar", "node": "n1"}),
        json!({"do": "save"}),
        json!({"do": "export"}),
        json!({"do": "look"}),
    ] {
        let response = Page::new().try_to(request);
        assert_eq!(response["error"]["says"], "there is no run yet; open a scenario or a cluster first");
    }
    let unread = Page::new().try_to(json!({"do": "dance"}));
    assert!(unread["error"]["says"].as_str().unwrap().starts_with("the request cannot be read: unknown variant"));
    let mut session = quorate_session::Session::new();
    let long = format!("{{\"do\":\"perform\",\"line\":\"{}\"}}", "x".repeat(quorate_session::REQUEST_MAX));
    assert!(session.handle(&long).contains("bytes of a request are too many"));
}
