//! Serialisation of messages, facts, records, commands and replies, as traces contain them.

use quorate_paxos::{Ballot, Command, Fact, Message, Proposal, Record, Reply, Timer, Value, multi};
use quorate_protocol::{ClientId, NodeId, RequestId};
use serde::{Serialize, de::DeserializeOwned};

use crate::cluster::{A, B};

/// Asserts that the JSON is as expected and reads back as the same data.
fn reads<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(data: T, json: &str) {
    assert_eq!(serde_json::to_string(&data).unwrap(), json);
    assert_eq!(serde_json::from_str::<T>(json).unwrap(), data);
}

fn ballot() -> Ballot {
    Ballot::new(2, A)
}

fn value() -> Value {
    Value::from(8)
}

#[test]
fn basic_paxos() {
    let (ballot, promised, value) = (ballot(), Ballot::new(3, B), value());
    let accepted = Some(Proposal { ballot, value: value.clone() });
    reads(Message::Prepare { ballot }, r#"{"Prepare":{"ballot":"2.n1"}}"#);
    reads(Message::Promise { ballot, accepted: None }, r#"{"Promise":{"ballot":"2.n1","accepted":null}}"#);
    reads(
        Message::Promise { ballot: promised, accepted },
        r#"{"Promise":{"ballot":"3.n2","accepted":{"ballot":"2.n1","value":"8"}}}"#,
    );
    reads(Message::Accept { ballot, value: value.clone() }, r#"{"Accept":{"ballot":"2.n1","value":"8"}}"#);
    reads(Message::Refused { ballot, promised }, r#"{"Refused":{"ballot":"2.n1","promised":"3.n2"}}"#);
    reads(Message::Accepted { ballot, value: value.clone() }, r#"{"Accepted":{"ballot":"2.n1","value":"8"}}"#);
    reads(Message::Chosen { ballot, value: value.clone() }, r#"{"Chosen":{"ballot":"2.n1","value":"8"}}"#);
    reads(Message::AskAccepted, r#""AskAccepted""#);
    reads(Message::AskChosen, r#""AskChosen""#);
    reads(Timer::Retry, r#""Retry""#);
    reads(Timer::CatchUp, r#""CatchUp""#);
    reads(Command::Propose { value: value.clone(), round: None }, r#"{"Propose":{"value":"8"}}"#);
    reads(Command::Propose { value: value.clone(), round: Some(4) }, r#"{"Propose":{"value":"8","round":4}}"#);
    reads(Reply::Chosen { value: value.clone() }, r#"{"Chosen":{"value":"8"}}"#);
    reads(Reply::NotAProposer, r#""NotAProposer""#);
    reads(Fact::Promised { ballot }, r#"{"Promised":{"ballot":"2.n1"}}"#);
    reads(Fact::Proposed { ballot, value: value.clone() }, r#"{"Proposed":{"ballot":"2.n1","value":"8"}}"#);
    reads(Fact::Accepted { ballot, value: value.clone() }, r#"{"Accepted":{"ballot":"2.n1","value":"8"}}"#);
    reads(Fact::Chosen { ballot, value: value.clone() }, r#"{"Chosen":{"ballot":"2.n1","value":"8"}}"#);
    reads(Record::Tried { ballot }, r#"{"Tried":{"ballot":"2.n1"}}"#);
    reads(Record::Promised { ballot }, r#"{"Promised":{"ballot":"2.n1"}}"#);
    reads(Record::Accepted { ballot, value }, r#"{"Accepted":{"ballot":"2.n1","value":"8"}}"#);
}

#[test]
fn multi_paxos() {
    let (slot, ballot, promised) = (multi::Slot(5), ballot(), Ballot::new(3, B));
    let entry = multi::Entry::command(RequestId { client: ClientId(0), number: 7 }, value());
    let report = multi::SlotProposal { slot, ballot, entry: entry.clone() };
    let body = r#"{"slot":5,"ballot":"2.n1","value":"8","ticket":"c1 #7"}"#;
    let noop = r#"{"slot":5,"ballot":"2.n1","value":"no-op"}"#;
    let of = |name: &str, body: &str| format!(r#"{{"{name}":{body}}}"#);
    {
        use multi::Message::*;
        let from_slot = slot;
        reads(Prepare { ballot, from_slot }, r#"{"Prepare":{"ballot":"2.n1","from_slot":5}}"#);
        let accepted = vec![report.clone()];
        reads(Promise { ballot, accepted }, &format!(r#"{{"Promise":{{"ballot":"2.n1","accepted":[{body}]}}}}"#));
        reads(Accept { slot, ballot, entry: entry.clone() }, &of("Accept", body));
        reads(Accept { slot, ballot, entry: multi::Entry::noop() }, &of("Accept", noop));
        reads(Refused { ballot, promised }, r#"{"Refused":{"ballot":"2.n1","promised":"3.n2"}}"#);
        reads(Accepted { slot, ballot, entry: entry.clone() }, &of("Accepted", body));
        reads(Chosen { slot, ballot, entry: entry.clone() }, &of("Chosen", body));
        reads(Heartbeat { ballot, open: slot }, r#"{"Heartbeat":{"ballot":"2.n1","open":5}}"#);
        reads(AskChosen { from_slot }, r#"{"AskChosen":{"from_slot":5}}"#);
        reads(Log { chosen: vec![report] }, &format!(r#"{{"Log":{{"chosen":[{body}]}}}}"#));
    }
    {
        use multi::Fact::*;
        reads(Promised { ballot }, r#"{"Promised":{"ballot":"2.n1"}}"#);
        reads(Leads { ballot }, r#"{"Leads":{"ballot":"2.n1"}}"#);
        reads(Proposed { slot, ballot, entry: entry.clone() }, &of("Proposed", body));
        reads(Accepted { slot, ballot, entry: entry.clone() }, &of("Accepted", body));
        reads(Chosen { slot, ballot, entry: entry.clone() }, &of("Chosen", body));
    }
    {
        use multi::Record::*;
        reads(Tried { ballot }, r#"{"Tried":{"ballot":"2.n1"}}"#);
        reads(Promised { ballot }, r#"{"Promised":{"ballot":"2.n1"}}"#);
        reads(Accepted { slot, ballot, entry: entry.clone() }, &of("Accepted", body));
        reads(Chosen { slot, ballot, entry }, &of("Chosen", body));
    }
    reads(multi::Timer::Election, r#""Election""#);
    reads(multi::Timer::Heartbeat, r#""Heartbeat""#);
    reads(multi::Command::Propose { value: value() }, r#"{"Propose":{"value":"8"}}"#);
    reads(multi::Reply::Chosen { slot, value: value() }, r#"{"Chosen":{"slot":5,"value":"8"}}"#);
    reads(multi::Reply::NotLeader { leader: Some(NodeId(1)) }, r#"{"NotLeader":{"leader":"n2"}}"#);
    reads(multi::Reply::NotLeader { leader: None }, r#"{"NotLeader":{"leader":null}}"#);
}
