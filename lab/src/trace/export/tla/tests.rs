//! Tests of the translation to TLA+ steps, and of the rejected traces.

use super::{Specification, TlaError, tla};
use crate::trace::{Document, EventId};

fn document(lines: &[&str]) -> Document {
    Document::read_jsonl(lines.join("\n").as_bytes()).expect("it conforms")
}

/// Steps of a module, one per line, without the ids of their events.
fn steps(lines: &[&str]) -> Vec<String> {
    let module = tla(&document(lines)).expect("it is translated");
    let steps = module.lines().filter(|line| line.starts_with("    [event"));
    let bare = steps.map(|line| {
        let (_, action) = line.split_once("action |-> ").expect("every step is an action");
        let record = action.trim_end_matches(',');
        record.strip_suffix(']').expect("every step is a record").to_owned()
    });
    bare.collect()
}

const PAXOS: [&str; 4] = [
    r#"{"quorate_trace":1,"protocol":"paxos","nodes":["A","X","L"],"clients":["c1"]}"#,
    r#"{"id":1,"at":0,"kind":"boot","node":"A","incarnation":1,"state":{"proposer":{"stage":"idle"}}}"#,
    r#"{"id":2,"at":0,"kind":"boot","node":"X","incarnation":1,"state":{"acceptor":{}}}"#,
    r#"{"id":3,"at":0,"kind":"boot","node":"L","incarnation":1,"state":{"learner":{}}}"#,
];

#[test]
fn roles_are_those_of_the_first_views() {
    let module = tla(&document(&PAXOS)).expect("it is translated");
    assert!(module.contains("cluster |-> [proposers |-> {1}, acceptors |-> {2}, learners |-> {3}]"), "{module}");
    assert!(module.contains("\\* 2 is X\n"));
    assert_eq!(
        steps(&PAXOS),
        [
            r#""Observe", node |-> 1, tried |-> <<0, 0>>, decided |-> 0"#,
            r#""Observe", node |-> 2, promised |-> <<0, 0>>, accepted |-> [ballot |-> <<0, 0>>, value |-> 0]"#,
            r#""Observe", node |-> 3, learned |-> 0"#,
        ]
    );
}

#[test]
fn a_promise_is_a_write_then_a_message_then_what_is_seen_of_it() {
    let promise = [
        r#"{"id":4,"at":1,"kind":"send","node":"A","msg":1,"to":"X","name":"Prepare","body":{"ballot":"7.A"}}"#,
        r#"{"id":5,"at":1,"kind":"duplicate","msg":1,"copy":2}"#,
        r#"{"id":6,"at":2,"kind":"deliver","node":"X","cause":5,"msg":2,"from":"A"}"#,
        r#"{"id":7,"at":2,"kind":"persist","node":"X","cause":6,"name":"Promised","body":{"ballot":"7.A"}}"#,
        r#"{"id":8,"at":2,"kind":"send","node":"X","cause":6,"msg":3,"to":"A","name":"Promise","body":{"ballot":"7.A","accepted":{"ballot":"1.A","value":"v"}}}"#,
        r#"{"id":9,"at":2,"kind":"state","node":"X","cause":6,"diff":{"acceptor":{"promised":"7.A"}}}"#,
        r#"{"id":10,"at":3,"kind":"crash","node":"X","lost":0}"#,
        r#"{"id":11,"at":4,"kind":"deliver","node":"A","cause":8,"msg":3,"from":"X"}"#,
    ];
    let lines: Vec<&str> = PAXOS.into_iter().chain(promise).collect();
    assert_eq!(
        steps(&lines)[3..],
        [
            r#""SendPrepare", node |-> 1, ballot |-> <<7, 1>>"#,
            r#""Promise", node |-> 2, ballot |-> <<7, 1>>"#,
            r#""SendPromise", node |-> 2, ballot |-> <<7, 1>>, accepted |-> [ballot |-> <<1, 1>>, value |-> 1]"#,
            r#""Observe", node |-> 2, promised |-> <<7, 1>>, accepted |-> [ballot |-> <<0, 0>>, value |-> 0]"#,
            r#""Restart", node |-> 2"#,
            r#""ReceivePromise", node |-> 1, from |-> 2, ballot |-> <<7, 1>>, accepted |-> [ballot |-> <<1, 1>>, value |-> 1]"#,
        ]
    );
}

const RAFT: [&str; 3] = [
    r#"{"quorate_trace":1,"protocol":"raft","nodes":["a","b"]}"#,
    r#"{"id":1,"at":0,"kind":"boot","node":"a","incarnation":1,"state":{"role":"Follower","term":2,"vote":"a","last":{"index":1,"term":1},"log":{"1":{"term":1,"command":"no-op"}},"membership":{"voters":["a","b"]}}}"#,
    r#"{"id":2,"at":0,"kind":"boot","node":"b","incarnation":1,"state":{"role":"Follower","term":0,"log":{},"membership":{"voters":["a","b"]}}}"#,
];

#[test]
fn disks_and_members_are_those_of_the_first_views() {
    let module = tla(&document(&RAFT)).expect("it is translated");
    assert!(module.contains("first |-> [voters |-> {1, 2}, outgoing |-> {}, learners |-> {}]"), "{module}");
    assert!(module.contains("(1 :> [term |-> 2, vote |-> 1, log |-> <<<<1, 1>>>>])"), "{module}");
}

#[test]
fn commitments_of_one_step_are_one_and_a_message_stands_in_the_table_once() {
    let leading = [
        r#"{"id":3,"at":1,"kind":"fact","node":"a","cause":1,"name":"LeaderElected","body":{"term":2}}"#,
        r#"{"id":4,"at":1,"kind":"persist","node":"a","cause":1,"name":"Append","body":{"previous":1,"entries":[{"term":2,"command":{"Put":{"key":"k","was":null}},"ticket":"c1 #1"}]}}"#,
        r#"{"id":5,"at":1,"kind":"send","node":"a","cause":1,"msg":1,"to":"b","name":"AppendEntries","body":{"term":2,"previous":{"index":0,"term":0},"entries":[{"term":1,"command":"no-op"}],"commit":0}}"#,
        r#"{"id":6,"at":1,"kind":"send","node":"a","cause":1,"msg":2,"to":"b","name":"AppendEntries","body":{"term":2,"previous":{"index":0,"term":0},"entries":[{"term":1,"command":"no-op"}],"commit":0}}"#,
        r#"{"id":7,"at":2,"kind":"deliver","node":"b","cause":5,"msg":1,"from":"a"}"#,
        r#"{"id":8,"at":2,"kind":"persist","node":"b","cause":7,"name":"Append","body":{"previous":0,"entries":[{"term":1,"command":"no-op"}]}}"#,
        r#"{"id":9,"at":3,"kind":"fact","node":"a","cause":1,"name":"Committed","body":{"index":1,"term":1,"command":"no-op"}}"#,
        r#"{"id":10,"at":3,"kind":"fact","node":"a","cause":1,"name":"Committed","body":{"index":2,"term":2,"command":{"Put":{"key":"k"}},"ticket":"c1 #1"}}"#,
        r#"{"id":11,"at":4,"kind":"state","node":"a","cause":1,"diff":{"role":"Leader","commit":2}}"#,
    ];
    let lines: Vec<&str> = RAFT.into_iter().chain(leading).collect();
    assert_eq!(
        steps(&lines)[2..],
        [
            r#""BecomeLeader", node |-> 1, term |-> 2"#,
            r#""AppendOwn", node |-> 1, previous |-> 1, entries |-> <<<<2, 2>>>>"#,
            r#""SendAppend", node |-> 1, message |-> 1"#,
            r#""SendAppend", node |-> 1, message |-> 1"#,
            r#""Store", node |-> 2, previous |-> 0, entries |-> <<<<1, 1>>>>, message |-> 1"#,
            // A null that one event writes and another omits does not make a different value.
            r#""LeaderCommit", node |-> 1, index |-> 2, entry |-> <<2, 2>>"#,
            r#""Observe", node |-> 1, role |-> "leader", commit |-> 2"#,
        ]
    );
}

const LEASE: [&str; 4] = [
    r#"{"quorate_trace":1,"protocol":"lease","nodes":["Q","A"]}"#,
    r#"{"id":1,"at":0,"kind":"boot","node":"Q","incarnation":1,"state":{"role":"granter"}}"#,
    r#"{"id":2,"at":0,"kind":"boot","node":"A","incarnation":1,"state":{"role":"holder"}}"#,
    r#"{"id":3,"at":0,"kind":"clock","node":"A","drift_ppm":-500000}"#,
];

#[test]
fn clocks_drift_and_terms_are_read_off_what_the_nodes_do() {
    let granting = [
        r#"{"id":4,"at":2000000000,"kind":"send","node":"A","msg":1,"to":"Q","name":"Heartbeat","body":{"sent":1000000000}}"#,
        r#"{"id":5,"at":3000000000,"kind":"deliver","node":"Q","cause":4,"msg":1,"from":"A"}"#,
        r#"{"id":6,"at":3000000000,"kind":"persist","node":"Q","cause":5,"name":"Granted","body":{"grants":1,"lease":"primary","holder":"A","token":1}}"#,
        r#"{"id":7,"at":3000000000,"kind":"fact","node":"Q","cause":5,"name":"LeaseGranted","body":{"lease":"primary","holder":"A","token":1,"expires":3300000000}}"#,
        r#"{"id":8,"at":3000000000,"kind":"send","node":"Q","cause":5,"msg":2,"to":"A","name":"Granted","body":{"lease":"primary","token":1,"sent":1000000000}}"#,
        r#"{"id":9,"at":3000000001,"kind":"deliver","node":"A","cause":8,"msg":2,"from":"Q"}"#,
        r#"{"id":10,"at":3000000001,"kind":"fact","node":"A","cause":9,"name":"LeaseHeld","body":{"lease":"primary","token":1,"until":1100000000}}"#,
    ];
    let lines: Vec<&str> = LEASE.into_iter().chain(granting).collect();
    let module = tla(&document(&lines)).expect("it is translated");
    let terms = "terms |-> [granter |-> <<0, 300000000>>, holder |-> <<0, 100000000>>, \
                 silence |-> <<0, 300000000>>, drift |-> 500000]";
    assert!(module.contains(terms), "{module}");
    assert_eq!(
        steps(&lines)[3..],
        [
            r#""Tick", now |-> <<2, 0>>, clocks |-> <<<<2, 0>>, <<1, 0>>>>"#,
            r#""Ask", node |-> 2, sent |-> <<1, 0>>"#,
            r#""Tick", now |-> <<3, 0>>, clocks |-> <<<<3, 0>>, <<1, 500000000>>>>"#,
            r#""ReceiveAsk", node |-> 1, from |-> 2, sent |-> <<1, 0>>"#,
            r#""Grant", node |-> 1, holder |-> 2, token |-> 1, sent |-> <<1, 0>>"#,
            r#""SendGranted", node |-> 1, holder |-> 2, token |-> 1, sent |-> <<1, 0>>"#,
            // Half a nanosecond is rounded down.
            r#""Tick", now |-> <<3, 1>>, clocks |-> <<<<3, 1>>, <<1, 500000000>>>>"#,
            r#""Hold", node |-> 2, token |-> 1, sent |-> <<1, 0>>"#,
        ]
    );
}

#[test]
fn a_protocol_without_a_specification_is_refused_with_those_that_have_one() {
    let error = tla(&document(&[r#"{"quorate_trace":1,"protocol":"multi-paxos","nodes":[]}"#])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no TLA+ specification of 'multi-paxos'; there are specifications of paxos, raft, lease"
    );
    assert_eq!(Specification::of("raft"), Ok(Specification::Raft));
}

#[test]
fn what_tlc_cannot_read_is_refused_with_the_event() {
    let with = |line: &'static str| {
        let lines: Vec<&str> = PAXOS.into_iter().chain([line]).collect();
        tla(&document(&lines)).unwrap_err().to_string()
    };
    assert_eq!(
        with(r#"{"id":4,"at":1,"kind":"persist","node":"A","name":"Tried","body":{"ballot":"9007199254740992.A"}}"#),
        "event 4 has the number 9007199254740992, and the largest number of TLC is 2147483647"
    );
    assert_eq!(
        with(r#"{"id":9,"at":1,"kind":"persist","node":"A","name":"Tried","body":{"ballot":"1.nobody"}}"#),
        "event 9 cannot be translated for TLC: expected a ballot such as '2.A'"
    );
    assert_eq!(
        with(r#"{"id":4,"at":1,"kind":"persist","node":"A","name":"Dreamt","body":null}"#),
        "event 4 cannot be translated for TLC: expected a record of Tried, Promised or Accepted"
    );
    assert_eq!(
        with(r#"{"id":4,"at":1,"kind":"boot","node":"A","incarnation":1}"#),
        "event 4 cannot be translated for TLC: expected a first boot with the view of the node"
    );
    let suspended = r#"{"id":2,"at":1,"kind":"pause","node":"A","suspended":true}"#;
    let lease = [
        r#"{"quorate_trace":1,"protocol":"lease","nodes":["A"]}"#,
        r#"{"id":1,"at":0,"kind":"boot","node":"A","incarnation":1,"state":{"role":"holder"}}"#,
        suspended,
    ];
    assert_eq!(tla(&document(&lease)), Err(TlaError::Suspended { event: EventId::new(2).unwrap() }));
    let unseen = document(&[PAXOS[0], r#"{"id":1,"at":0,"kind":"pause","node":"A"}"#]);
    assert!(matches!(tla(&unseen), Err(TlaError::Unreadable { expected, .. }) if expected.starts_with("a first boot")));
    let long = r#"{"id":1,"at":0,"kind":"boot","node":"a","incarnation":1,"state":{"term":1,"log":{"2":{"term":1,"command":"no-op"}},"membership":{"voters":["a"]}}}"#;
    let error = tla(&document(&[r#"{"quorate_trace":1,"protocol":"raft","nodes":["a"]}"#, long])).unwrap_err();
    assert!(matches!(error, TlaError::Unreadable { .. }) && error.to_string().contains("shows whole"), "{error}");
}

#[test]
fn names_and_values_of_a_trace_never_become_syntax() {
    let header = r#"{"quorate_trace":1,"protocol":"paxos","title":"x\n====\n(* \\* \"","nodes":["A\" ==\n","X"]}"#;
    let lines = [
        header,
        r#"{"id":1,"at":0,"kind":"boot","node":"A\" ==\n","incarnation":1,"state":{"proposer":{"stage":"idle"}}}"#,
        r#"{"id":2,"at":0,"kind":"fact","node":"A\" ==\n","name":"Proposed","body":{"ballot":"1.A\" ==\n","value":"\"\n===="}}"#,
    ];
    let module = tla(&document(&lines)).expect("it is translated");
    assert!(module.contains("\\* x???????? ?? ?\n"), "a title is one line of plain text: {module}");
    assert!(module.contains("\\* 1 is A? ???\n"), "{module}");
    assert!(module.contains(r#"action |-> "Propose", node |-> 1, ballot |-> <<1, 1>>, value |-> 1]"#), "{module}");
    assert_eq!(module.matches("====").count(), module.lines().last().map_or(0, |line| line.matches("====").count()));
    assert_eq!(module, tla(&document(&lines)).expect("it is translated"), "the same document gives the same bytes");
}
