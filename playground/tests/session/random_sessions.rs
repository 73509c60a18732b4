//! Random sessions of every protocol: played, taken back, branched, saved, and run again.

use quorate_harness::protocols;
use quorate_lab::env::Rng;
use serde_json::json;

use crate::page::Page;

/// Number of sessions of each protocol, if `QUORATE_SESSIONS` says nothing else.
const SESSIONS: u64 = 3;

fn sessions() -> u64 {
    std::env::var("QUORATE_SESSIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(SESSIONS)
}

/// The cluster line of a session: the example of the protocol, with a seed, and sometimes clients,
/// a rule of the zoo, or messages that wait for commands.
fn cluster(protocol: &serde_json::Value, rng: &mut Rng, seed: u64) -> String {
    let mut line = format!("{} seed={seed}", protocol["example"].as_str().expect("an example"));
    for key in ["clients=", "pace=", "latency="] {
        let is_free = !line.contains(key);
        match key {
            "clients=" if is_free && rng.below(2) == 0 => line.push_str(" clients=c1,c2"),
            "pace=" if is_free && rng.below(4) == 0 => line.push_str(" pace=1ms"),
            "latency=" if is_free && rng.below(2) == 0 => line.push_str(" latency=1ms..5ms"),
            _ => {}
        }
    }
    let bugs = protocol["bugs"].as_array().expect("bugs");
    if !bugs.is_empty() && rng.below(3) == 0 {
        let bug = &bugs[rng.below(bugs.len() as u64) as usize];
        line.push_str(&format!(" rules={}", bug["id"].as_str().expect("a name")));
    }
    // Seeds, which the example may have already, are given once.
    let words: Vec<&str> = line.split(' ').collect();
    let twice = words.iter().filter(|word| word.starts_with("seed=")).count() > 1;
    if twice {
        words.into_iter().filter(|word| *word != format!("seed={seed}")).collect::<Vec<_>>().join(" ")
    } else {
        line
    }
}

fn go_on(page: &mut Page, rng: &mut Rng) {
    let at = page.count("at") as u64;
    match rng.below(8) {
        0..4 => {
            let (steps, seed) = (rng.within(1, 25), rng.bits() % 1_000_000);
            page.ask(json!({"do": "auto", "steps": steps, "rate": 0.25, "seed": seed}));
        }
        4 => drop(page.ask(json!({"do": "go", "command": rng.within(1, at)}))),
        5 => {
            let event = rng.within(0, page.count("events") as u64);
            page.ask(json!({"do": "go", "event": event}));
        }
        6 => {
            let actions = page.state["actions"].as_array().expect("actions").clone();
            let action = &actions[rng.below(actions.len() as u64) as usize];
            page.try_to(json!({"do": "perform", "line": action["line"]}));
        }
        _ => drop(page.try_to(json!({"do": "redo"}))),
    }
}

#[test]
fn random_sessions_of_every_protocol_are_saved_and_run_with_the_same_events() {
    let catalogue = Page::new().ask(json!({"do": "catalogue"}))["catalogue"].clone();
    let listed = catalogue["protocols"].as_array().expect("protocols");
    assert_eq!(listed.len(), protocols::all().names().len());
    for protocol in listed {
        for seed in 0..sessions() {
            let mut rng = Rng::new(seed, 5);
            let mut page = Page::of(&cluster(protocol, &mut rng, seed));
            for _ in 0..rng.within(2, 8) {
                go_on(&mut page, &mut rng);
            }
            page.saves_itself();
        }
    }
}
