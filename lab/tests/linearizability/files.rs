//! History files: round trips, other tools' formats, and errors with line numbers.

use proptest::prelude::*;
use quorate_lab::linearizability::file::{Edn, JepsenRegister};
use quorate_lab::linearizability::models::{KeyValue, Queue, Register, RegisterOp};
use quorate_lab::linearizability::{CallOutcome, ClientId, History, Limits, Model, Verdict, check};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::random;

const HEADER: &str = r#"{"quorate_history":1,"model":"register"}"#;
const WRITE: &str = r#"{"client":0,"event":"invoke","at":5,"op":{"write":3}}"#;
const DONE: &str = r#"{"client":0,"event":"ok","at":6,"returned":"done"}"#;

fn jsonl_error(lines: &[&str]) -> String {
    History::<Register<u8>>::read_jsonl(lines.join("\n").as_bytes()).unwrap_err().to_string()
}

fn jepsen_error(lines: &[&str]) -> String {
    History::read_jepsen(lines.join("\n").as_bytes()).unwrap_err().to_string()
}

#[test]
fn an_event_that_cannot_follow_is_named_with_both_lines() {
    assert_eq!(
        jsonl_error(&[HEADER, DONE]),
        "line 2: client 0 has a response before its first invocation; put the invocation before the response"
    );
    assert_eq!(
        jsonl_error(&[HEADER, "", WRITE, WRITE]),
        "line 4: client 0 invokes again while it waits for the response to line 3; record that response first, or `info` if none arrived"
    );
    assert_eq!(
        jsonl_error(&[HEADER, WRITE, DONE, DONE]),
        "line 4: client 0 has a second response, the first is line 3; remove one of them, or put an invocation between them"
    );
    assert_eq!(
        jsonl_error(&[HEADER, WRITE, r#"{"client":0,"event":"info","at":4}"#]),
        "line 3: the time goes back from 5 to 4 ns; record events in the order of their times"
    );
}

#[test]
fn a_malformed_line_says_what_was_expected() {
    let cases: [(&[&str], &str); 14] = [
        (&[], "line 1: there is no history in the file; it should hold a header such as"),
        (
            &[HEADER, "{\"client\":0,"],
            "line 2: this is not JSON (EOF while parsing a value at column 12); each line must be one JSON object",
        ),
        (&[HEADER, "[1]"], "line 2: this is [1]; it must be one JSON object, {…}"),
        (&[WRITE], "line 1: `quorate_history` is missing; it must be 1; the first line must be a header"),
        (&[r#"{"quorate_history":2,"model":"register"}"#], "line 1: this history has version 2, but only version 1"),
        (&[r#"{"quorate_history":1}"#], "line 1: `model` is missing"),
        (&[r#"{"quorate_history":1,"model":"queue"}"#], "line 1: this is a history of \"queue\", not of register"),
        (&[HEADER, r#"{"event":"invoke","op":"read"}"#], "line 2: `client` is missing; it must be a number from 0"),
        (
            &[HEADER, r#"{"client":-1,"event":"invoke","op":"read"}"#],
            "line 2: `client` is -1; it must be a number from 0 to",
        ),
        (&[HEADER, r#"{"client":0,"op":"read"}"#], "line 2: `event` is missing; it must be \"invoke\""),
        (
            &[HEADER, r#"{"client":0,"event":"invok","op":"read"}"#],
            "line 2: `event` is \"invok\"; it must be \"invoke\", \"ok\", \"fail\" or \"info\"; did you mean invoke?",
        ),
        (&[HEADER, r#"{"client":0,"event":"invoke"}"#], "line 2: `op` is missing; it must be the operation"),
        (
            &[HEADER, r#"{"client":0,"event":"invoke","op":{"write":300}}"#],
            "line 2: `op` is {\"write\":300}; it must be the operation (invalid value",
        ),
        (
            &[HEADER, WRITE, r#"{"client":0,"event":"ok"}"#],
            "line 3: `returned` is missing; it must be the returned value",
        ),
    ];
    for (lines, expected) in cases {
        let error = jsonl_error(lines);
        assert!(error.starts_with(expected), "{error}\ninstead of\n{expected}");
    }
    let not_utf8 = History::<Register<u8>>::read_jsonl(&b"{}\xff"[..]).unwrap_err();
    assert_eq!(not_utf8.to_string(), "line 1: byte 3 is not UTF-8; save the file as UTF-8");
}

/// The formats of the same history.
const EDN_LINES: &str = "{:process 0, :type :invoke, :f :write, :value 3, :index 0, :time 100}
{:process 1, :type :invoke, :f :read, :value nil, :index 1, :time 90}
; the nemesis is no client
{:process :nemesis, :type :info, :f :start, :value \"[:isolated #{\\\"n1\\\"}]\"}
{:process 1, :type :ok, :f :read, :value 3}
{:process 1, :type :invoke, :f :cas, :value [3 4]}
{:process 1, :type :fail, :f :cas, :value [3 4]}
{:process 2, :type :invoke, :f :read, :value nil}
{:process 2, :type :fail, :f :read, :value nil, :error :timed-out}
{:process 0, :type :info, :f :write, :value 3, :error :timed-out}";

const LOG: &str = "INFO  jepsen.core - Running test
INFO  jepsen.util - 0\t:invoke\t:write\t3
INFO  jepsen.util - 1\t:invoke\t:read\tnil
INFO  jepsen.util - :nemesis\t:info\t:start\tnil
INFO  jepsen.util - 1\t:ok\t:read\t3
INFO  jepsen.util - 1\t:invoke\t:cas\t[3 4]
2019-05-01 12:00:00,000{GMT}\tINFO\t[jepsen worker 1] jepsen.util: 1\t:fail\t:cas\t[3 4]
INFO  jepsen.util - 2\t:invoke\t:read\tnil
INFO  jepsen.util - 2\t:fail\t:read\t:timed-out
INFO  jepsen.util - 0\t:info\t:write\t:timed-out
";

#[test]
fn every_form_of_a_jepsen_history_is_the_same() {
    let in_a_vector = format!("\u{feff}[{EDN_LINES}\n]");
    let as_records = EDN_LINES.replace("{:process", "#jepsen.history.Op{:process");
    for file in [EDN_LINES, &in_a_vector, &as_records, LOG] {
        let history = History::read_jepsen(file.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{file}"));
        let outcomes: Vec<_> = history.calls().iter().map(|call| (call.client.0, &call.outcome)).collect();
        assert_eq!(outcomes.len(), 4);
        assert_eq!(
            (outcomes[0], outcomes[2], outcomes[3]),
            ((0, &CallOutcome::Info), (1, &CallOutcome::Fail), (2, &CallOutcome::Fail))
        );
        assert_eq!(history.calls()[0].op.op, RegisterOp::Write(Edn::Int(3)));
        assert_eq!(history.calls()[2].op.op, RegisterOp::Cas(Edn::Int(3), Edn::Int(4)));
        let verdict = check(&JepsenRegister::default(), &history, Limits::default()).verdict;
        assert!(matches!(verdict, Verdict::Linearizable { order } if order.len() == 2));
    }
}

#[test]
fn keys_are_told_apart() {
    let file = "{:process 0, :type :invoke, :f :write, :value [:x 1]} {:process 0, :type :ok, :f :write, :value [:x 1]}
        {:process 0, :type :invoke, :f :cas, :value [:y [nil 2]]} {:process 0, :type :ok, :f :cas, :value [:y [nil 2]]}
        {:process 0, :type :invoke, :f :read, :value [:x nil]} {:process 0, :type :ok, :f :read, :value [:x 1]}
        {:process 0, :type :invoke, :f :read, :value [:y nil]} {:process 0, :type :ok, :f :read, :value [:y 2]}";
    let report = |file: &str| {
        let history = History::read_jepsen(file.as_bytes()).unwrap();
        check(&JepsenRegister::default(), &history, Limits::default())
    };
    let good = report(file);
    assert!(matches!(good.verdict, Verdict::Linearizable { order } if order.len() == 4));
    assert_eq!(good.cost.objects, 2);
    assert!(matches!(report(&file.replace("[:y 2]}", "[:y 1]}")).verdict, Verdict::NotLinearizable(_)));
}

#[test]
fn a_bad_jepsen_history_is_refused_with_its_line() {
    const INVOKE: &str = "{:process 0, :type :invoke, :f :write, :value 3}";
    const OK: &str = "{:process 0, :type :ok, :f :write, :value 3}";
    let cases: [(&[&str], &str); 15] = [
        (&["; nothing"], "line 1: there is no history in the file; it should hold operations such as {:process 0,"),
        (
            &[INVOKE, "{:process 0, :type :ok"],
            "line 2: this is not EDN: the text ends inside the { that opens on line 2; close it",
        ),
        (&["[", INVOKE], "line 2: this is not EDN: the text ends inside the [ that opens on line 1"),
        (&[INVOKE, "}"], "line 2: this is not EDN: } has no opening bracket"),
        (&[INVOKE, "7"], "line 2: this is 7; it must be operations such as"),
        (&["{:type :ok, :f :read}"], "line 1: `:process` is missing; it must be a number from 0"),
        (&["{:process -1, :type :ok, :f :read}"], "line 1: `:process` is -1; it must be a number from 0 to 4294967295"),
        (
            &["{:process 0, :type :invokd, :f :read}"],
            "line 1: `:type` is :invokd; it must be :invoke, :ok, :fail or :info; did you mean :invoke?",
        ),
        (
            &["{:process 0, :type :invoke, :f :wriet, :value 1}"],
            "line 1: `:f` is :wriet; it must be :read, :write or :cas; did you mean :write?",
        ),
        (
            &["{:process 0, :type :invoke, :f :cas, :value 1}"],
            "line 1: `:value` is 1; it must be [old new], or [key [old new]]",
        ),
        (&[OK], "line 1: client 0 has a response before its first invocation"),
        (&[INVOKE, OK, "", OK], "line 4: client 0 has a second response, the first is line 2"),
        (&[INVOKE, INVOKE], "line 2: client 0 invokes again while it waits for the response to line 1"),
        (
            &[INVOKE, "{:process 0, :type :ok, :f :write, :value 4}"],
            "line 2: client 0 has a response to :write 4, but invoked :write 3 on line 1; a response must repeat",
        ),
        (
            &[INVOKE, "{:process 0, :type :ok, :f :read, :value 4}"],
            "line 2: client 0 has a response to :read, but invoked :write on line 1",
        ),
    ];
    for (lines, expected) in cases {
        let error = jepsen_error(lines);
        assert!(error.starts_with(expected), "{error}\ninstead of\n{expected}");
    }
    assert!(
        jepsen_error(&["INFO  jepsen.util - 0 :invoke"])
            .starts_with("line 1: this is 0 :invoke; it must be a process, a type")
    );
    let not_utf8 = History::read_jepsen(&b"{}\n; \xff"[..]).unwrap_err();
    assert_eq!(not_utf8.to_string(), "line 2: byte 3 is not UTF-8; save the file as UTF-8");
}

/// Round trip: the same calls, the same bytes.
fn reads_back<M: Model>(history: &History<M>) -> Result<(), TestCaseError>
where
    M::Op: Serialize + DeserializeOwned + PartialEq,
    M::Return: Serialize + DeserializeOwned + PartialEq,
{
    let mut file = Vec::new();
    history.write_jsonl(&mut file).unwrap();
    let again = History::<M>::read_jsonl(&file[..]).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(again.events(), history.events());
    for (again, call) in again.calls().iter().zip(history.calls()) {
        prop_assert_eq!((again.client, again.invoked, again.answered), (call.client, call.invoked, call.answered));
        prop_assert!(again.op == call.op && again.outcome == call.outcome);
    }
    let mut second = Vec::new();
    again.write_jsonl(&mut second).unwrap();
    prop_assert_eq!(second, file);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back(register in random::register(), store in random::key_value(), queue in random::queue()) {
        reads_back::<Register<u8>>(&register)?;
        reads_back::<KeyValue>(&store)?;
        reads_back::<Queue<u8>>(&queue)?;
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = History::<Register<u8>>::read_jsonl(&bytes[..]);
        let _ = History::<Register<u8>>::read_jsonl(&[HEADER.as_bytes(), b"\n", &bytes].concat()[..]);
        let _ = History::read_jepsen(&bytes[..]);
    }

    #[test]
    fn no_damage_to_a_file_makes_a_reader_panic(
        at in 0..EDN_LINES.len(), length in 0..20_usize, instead in r#"[\[\]{}:#"\\0-9a-z \n]{0,3}"#, log in any::<bool>(),
    ) {
        let mut bytes = if log { LOG } else { EDN_LINES }.as_bytes().to_vec();
        let at = at.min(bytes.len());
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, instead.bytes());
        if let Ok(history) = History::read_jepsen(&bytes[..]) {
            prop_assert!(history.calls().iter().all(|call| call.client != ClientId(u32::MAX)));
            check(&JepsenRegister::default(), &history, Limits::default());
        }
    }
}
