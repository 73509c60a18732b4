//! Any sequence of requests, valid or not, never panics, and gives the same bytes twice.

use proptest::collection::vec;
use proptest::prelude::*;
use quorate_session::Session;
use serde_json::{Value, json};

/// Lines for `perform`, most of which are possible at times.
fn line() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "step",
        "step 3",
        "run",
        "run 7ms",
        "run 0ms",
        "until leader within=300ms",
        "fire n1 Election",
        "fire n2 Election",
        "crash n1",
        "crash n2 after-persist",
        "crash n3 before-persist kept=1",
        "restart n1",
        "restart n2",
        "wipe n3",
        "pause n2",
        "resume n2",
        "cut n1 n2",
        "join n1 n2",
        "partition n1 n2,n3",
        "heal",
        "drift n1 100ppm",
        "jump n2 5s",
        "put n1 x 1",
        "put n2 y 2",
        "get n1 x",
        "hold n1 n2",
        "drop * n3 AppendEntries",
        "delay n1 n3 9ms",
        "duplicate n1 *",
        "pass",
        "release",
        "deliver n1 n2",
        "inflight deliver n1 n2",
        "inflight drop n1 n3",
        "inflight hold n2 n1",
        "inflight duplicate n1 n2 later=3ms",
        "inflight forge n1 n2 term=9",
        "inflight forge n1 n2 RequestVote candidate=n3 last.index=7",
        "forge n2 n1 VoteRefused as=VoteGranted",
        "forge * * AppendEntries term=5 commit=none count=3",
        "inflight delay n1 n2 RequestVote later=3ms",
        "rules * by-the-book",
        "rules n1 vote-not-durable",
        "rules * figure-8",
        "note hello",
        "print off",
        "show log",
        "show lanes",
        "show state",
        "expect leader n1",
        "!expect leader n1",
        "(run 1ms)",
        "expect violation=ElectionSafety",
        "continue",
        "again",
        "disk n1 term=3",
        "cluster raft nodes=3",
        "network loss=50%",
        "---",
        "# prose",
        "",
        "run\nrun",
        "\u{0}",
        "(",
        "!",
    ]);
    prop_oneof![8 => known.prop_map(str::to_owned), 1 => ".{0,40}"]
}

fn request() -> impl Strategy<Value = String> {
    let small = 0_usize..12;
    let name = prop::sample::select(vec![
        "main",
        "branch",
        "branch 2",
        "attack",
        "played",
        "by the book",
        "seed 3",
        "x",
        "",
        "ü",
    ]);
    let known = prop_oneof![
        12 => line().prop_map(|line| json!({"do": "perform", "line": line})),
        2 => Just(json!({"do": "undo"})),
        1 => Just(json!({"do": "redo"})),
        2 => small.clone().prop_map(|number| json!({"do": "go", "command": number})),
        2 => (0_usize..150).prop_map(|number| json!({"do": "go", "event": number})),
        1 => name.clone().prop_map(|name| json!({"do": "branch", "name": name})),
        1 => name.clone().prop_map(|name| json!({"do": "switch", "branch": name})),
        1 => name.clone().prop_map(|name| json!({"do": "remove", "branch": name})),
        1 => name.prop_map(|name| json!({"do": "compare", "branch": name})),
        1 => (0_u64..5).prop_map(|seed| json!({"do": "seed", "seed": seed})),
        1 => (0_usize..15, -0.5_f64..1.5, 0_u64..9).prop_map(|(steps, rate, seed)|
            json!({"do": "auto", "steps": steps, "rate": rate, "seed": seed})),
        1 => (0_usize..3, 0_usize..12, 0_u64..9).prop_map(|(forks, steps, seed)|
            json!({"do": "attack", "forks": forks, "steps": steps, "seed": seed})),
        1 => Just(json!({"do": "by-the-book"})),
        1 => Just(json!({"do": "liar", "node": "n2", "lie": "silent"})),
        1 => Just(json!({"do": "save"})),
        1 => Just(json!({"do": "export"})),
        1 => Just(json!({"do": "look"})),
        1 => Just(json!({"do": "open", "scenario": "raft/figure-8", "at": 5})),
        1 => Just(json!({"do": "open", "cluster": "raft nodes=3 rules=figure-8 clients=c1"})),
        1 => line().prop_map(|line| json!({"do": "open", "text": format!("cluster raft nodes=3\n{line}\n")})),
        1 => Just(json!({"do": "open"})),
        1 => Just(json!({"do": "perform"})),
        1 => Just(json!({"do": 7})),
    ];
    prop_oneof![20 => known.prop_map(|request: Value| request.to_string()), 1 => ".{0,60}"]
}

/// The responses of a new session.
fn responses(requests: &[String]) -> Vec<String> {
    let mut session = Session::new();
    session.handle(r#"{"do":"open","cluster":"cluster raft nodes=3"}"#);
    requests.iter().map(|request| session.handle(request)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_requests_give_the_same_bytes_twice_and_never_panic(requests in vec(request(), 1..14)) {
        let once = responses(&requests);
        prop_assert_eq!(&once, &responses(&requests));
        for response in &once {
            let response: Value = serde_json::from_str(response).expect("a response is JSON");
            let is_refused = response["error"]["says"].as_str().is_some_and(|says| !says.is_empty());
            prop_assert_eq!(response["ok"] == true, !is_refused);
        }
    }
}

/// Number of sequences, if `QUORATE_SEQUENCES` says nothing else.
fn cases() -> u32 {
    std::env::var("QUORATE_SEQUENCES").ok().and_then(|text| text.parse().ok()).unwrap_or(24)
}
