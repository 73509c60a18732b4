//! Tests of nodes that are made liars, and honest again.

use serde_json::json;

use crate::page::Page;

const PBFT: &str = "cluster pbft replicas=4 proxies=P";

/// The lie of each node, as the state tells it.
fn lies(page: &Page) -> Vec<Option<String>> {
    let nodes = page.state["nodes"].as_array().expect("nodes");
    nodes.iter().map(|node| node["lie"].as_str().map(str::to_owned)).collect()
}

#[test]
fn a_node_is_made_a_liar_in_a_branch_and_honest_again() {
    let mut page = Page::after(PBFT, &["add P 5", "run 20ms"]);
    let honest = page.events().to_vec();
    assert_eq!(lies(&page), [None, None, None, None, None]);
    let response = page.ask(json!({"do": "liar", "node": "n4", "lie": "silent"}));
    assert_eq!(response["says"], "The commands with the liar n4:silent: all of them are possible.");
    assert_eq!((page.branch(), page.commands()[0].as_str()), ("n4 silent", &*format!("{PBFT} liars=n4:silent")));
    assert_eq!(lies(&page)[3].as_deref(), Some("silent"));
    assert!(!page.events().iter().any(|line| line.contains(r#""kind":"send","node":"n4""#)), "it is silent");
    page.saves_itself();
    page.ask(json!({"do": "liar", "node": "n2", "lie": "forging"}));
    page.ask(json!({"do": "liar", "node": "n4", "lie": "equivocating"}));
    assert_eq!(page.commands()[0], format!("{PBFT} liars=n2:forging,n4:equivocating"));
    page.ask(json!({"do": "liar", "node": "n2"}));
    page.ask(json!({"do": "liar", "node": "n4"}));
    assert_eq!((page.commands()[0].as_str(), page.events()), (PBFT, &honest[..]));
    page.ask(json!({"do": "switch", "branch": "main"}));
    assert_eq!(page.events(), honest);
}

#[test]
fn every_lie_that_is_offered_is_possible() {
    for (cluster, lines) in [
        ("cluster generals nodes=C,L1,L2,L3", ["order C attack", "run 200ms"]),
        ("cluster broadcast nodes=S,A,B,C", ["broadcast S 6", "run 50ms"]),
        (PBFT, ["add P 5", "run 50ms"]),
    ] {
        let mut page = Page::after(cluster, &lines);
        let nodes = page.state["nodes"].as_array().expect("nodes").clone();
        for node in nodes {
            for lie in node["lies"].as_array().expect("lies") {
                page.ask(json!({"do": "liar", "node": node["name"], "lie": lie}));
                assert!(page.commands()[0].ends_with(&format!(
                    " liars={}:{}",
                    node["name"].as_str().unwrap(),
                    lie.as_str().unwrap()
                )));
                page.saves_itself();
                page.ask(json!({"do": "switch", "branch": "main"}));
            }
        }
        assert!(page.state["branches"].as_array().expect("branches").len() > 12);
    }
}

#[test]
fn commands_that_are_impossible_with_a_liar_are_left_out() {
    let mut page =
        Page::after("cluster broadcast nodes=S,A,B,C", &["broadcast S 6", "run 50ms", "expect accepted A 6"]);
    let response = page.ask(json!({"do": "liar", "node": "S", "lie": "silent"}));
    let says = response["says"].as_str().expect("a remark");
    assert_eq!(
        says,
        "The commands with the liar S:silent: 1 is impossible and left out; the first is 'expect accepted A 6'."
    );
}

#[test]
fn a_liar_that_cannot_be_is_refused_with_the_reason() {
    let mut page = Page::of(PBFT);
    for (request, says) in [
        (json!({"do": "liar", "node": "n5", "lie": "silent"}), "there is no node 'n5'"),
        (json!({"do": "liar", "node": "n4", "lie": "slient"}), "there is no lie 'slient'; did you mean 'silent'?"),
        (json!({"do": "liar", "node": "P", "lie": "silent"}), "P is a proxy, and proxies are honest"),
        (json!({"do": "liar", "node": "n4"}), "'n4' is no liar, nor is any other node; name a lie"),
    ] {
        let wrong = page.refused(request);
        assert!(wrong.contains(says), "{wrong}");
    }
    page.ask(json!({"do": "liar", "node": "n3", "lie": "silent"}));
    assert_eq!(page.refused(json!({"do": "liar", "node": "n4"})), "'n4' is no liar; the liars are: n3");
    let mut page = Page::of("cluster raft nodes=3");
    assert_eq!(page.state["nodes"][0]["lies"], json!([]));
    let wrong = page.refused(json!({"do": "liar", "node": "n3", "lie": "silent"}));
    assert!(wrong.starts_with("raft is for honest nodes; open broadcast, generals or pbft for liars"), "{wrong}");
}
