//! Tests of play by itself and of attacks.

use serde_json::json;

use crate::page::Page;

const BROKEN: &str = "cluster paxos proposers=A,B acceptors=X,Y,Z learners=none rules=own-value";

#[test]
fn play_by_itself_appends_commands_and_repeats_by_its_seed() {
    let play = |seed: u64| {
        let mut page = Page::of("cluster raft nodes=3");
        let response = page.ask(json!({"do": "auto", "steps": 60, "rate": 0.2, "seed": seed}));
        assert!(response["says"].as_str().unwrap().contains("commands were played"));
        page.saves_itself();
        (page.commands(), page.events().to_vec())
    };
    assert_eq!(play(3), play(3));
    assert_ne!(play(3).0, play(4).0);
    let commands: String = (0..10).map(|seed| play(seed).0.join("\n") + "\n").collect();
    for kind in ["step", "put n", "crash n", "restart n", "fire n", "inflight drop", "inflight hold", "cut n"] {
        assert!(commands.contains(kind), "no {kind} in\n{commands}");
    }
}

#[test]
fn without_faults_nothing_but_events_and_requests_is_played() {
    let mut page = Page::of("cluster raft nodes=3");
    page.ask(json!({"do": "auto", "steps": 100, "rate": 0, "seed": 1}));
    let faults = ["crash", "pause", "cut", "partition", "inflight", "drift", "jump", "wipe"];
    assert!(page.commands().iter().all(|line| !faults.iter().any(|fault| line.starts_with(fault))));
}

#[test]
fn play_by_itself_also_moves_messages_that_wait_for_commands() {
    for cluster in ["cluster raft nodes=3 pace=1ms", "cluster lease granter=Q holders=A,B term=10s pace=1ms"] {
        let mut page = Page::of(cluster);
        page.ask(json!({"do": "auto", "steps": 80, "rate": 0.1, "seed": 2}));
        assert!(page.commands().iter().any(|line| line.starts_with("inflight deliver")), "{:?}", page.commands());
        page.saves_itself();
    }
}

#[test]
fn an_attack_finds_a_violation_and_shrinks_it() {
    let mut page = Page::of(BROKEN);
    let response = page.ask(json!({"do": "attack", "forks": 200, "steps": 60, "seed": 1}));
    let says = response["says"].as_str().unwrap();
    assert!(says.contains(" breaks after "), "{says}");
    assert_eq!(page.branch(), "attack");
    assert!(!page.state["violation"].is_null());
    assert!(page.commands().len() < 20, "{:?}", page.commands());
    page.saves_itself();
    let over = page.ask(json!({"do": "attack", "forks": 2, "steps": 5, "seed": 1}));
    assert!(over["says"].as_str().unwrap().starts_with("The run has broken"), "{}", over["says"]);
}

#[test]
fn an_attack_that_finds_nothing_says_so_and_changes_nothing() {
    let mut page = Page::of("cluster paxos proposers=A,B acceptors=X,Y,Z");
    let response = page.ask(json!({"do": "attack", "forks": 10, "steps": 30, "seed": 1}));
    assert_eq!(response["says"], "No violation was found in 10 plays of 30 commands.");
    assert_eq!((page.branch(), page.count("at")), ("main", 1));
}

#[test]
fn limits_are_told() {
    let mut page = Page::of("cluster raft nodes=3");
    for (request, says) in [
        (
            json!({"do": "auto", "steps": 1001, "rate": 0.1, "seed": 1}),
            "1001 steps are too many; a session has at most 1000",
        ),
        (
            json!({"do": "auto", "steps": 1, "rate": 1.5, "seed": 1}),
            "1.5 is no rate of faults; use a number from 0 to 1",
        ),
        (json!({"do": "attack", "forks": 1001, "steps": 1, "seed": 1}), "1001 forks are too many"),
        (json!({"do": "attack", "forks": 1000, "steps": 1000, "seed": 1}), "1000000 steps of all forks are too many"),
    ] {
        let wrong = page.refused(request);
        assert!(wrong.contains(says), "{wrong}");
    }
}
