//! JSON Lines format of histories: a header, then one JSON object per event.

use std::io;

use quorate_protocol::{ClientId, Time};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::error::quoted;
use super::lines::{Growing, each_line};
use super::{HistoryError, HistoryProblem};
use crate::linearizability::{CallOutcome, History, Model};
use crate::trace::nearest::nearest;

const HEADER: &str = "a header such as {\"quorate_history\":1,\"model\":\"register\"}, then a line for each event";
const EVENTS: [&str; 4] = ["invoke", "ok", "fail", "info"];

pub(super) fn read<M: Model>(input: impl io::BufRead) -> Result<History<M>, HistoryError>
where
    M::Op: DeserializeOwned,
    M::Return: DeserializeOwned,
{
    let mut growing = Growing::new();
    let mut header_read = false;
    each_line(input, |number, line| {
        if line.trim().is_empty() {
            return Ok(());
        }
        growing.on(number);
        let fields = object(line).map_err(|problem| growing.refuse(problem))?;
        if header_read {
            return event(&mut growing, fields);
        }
        header_read = true;
        header::<M>(&fields).map_err(|problem| growing.refuse(problem))
    })?;
    match header_read {
        true => Ok(growing.history),
        false => Err(HistoryProblem::Empty { expected: HEADER }.on(1)),
    }
}

fn object(line: &str) -> Result<Map<String, Value>, HistoryProblem> {
    match serde_json::from_str(line).map_err(HistoryProblem::NotJson)? {
        Value::Object(fields) => Ok(fields),
        other => {
            Err(HistoryProblem::NotAnEvent { expected: "one JSON object, {…}", found: quoted(&other.to_string()) })
        }
    }
}

fn header<M: Model>(fields: &Map<String, Value>) -> Result<(), HistoryProblem> {
    match fields.get("quorate_history") {
        None => {
            return Err(HistoryProblem::Missing {
                field: "quorate_history",
                expected: "1; the first line must be a header",
            });
        }
        Some(version) if *version != 1 => return Err(HistoryProblem::Version { found: quoted(&version.to_string()) }),
        Some(_) => {}
    }
    match fields.get("model") {
        None => {
            Err(HistoryProblem::Missing { field: "model", expected: "the model of the object, such as \"register\"" })
        }
        Some(model) if model == M::NAME => Ok(()),
        Some(model) => Err(HistoryProblem::OtherModel { found: quoted(&model.to_string()), expected: M::NAME }),
    }
}

fn event<M: Model>(growing: &mut Growing<M>, mut fields: Map<String, Value>) -> Result<(), HistoryError>
where
    M::Op: DeserializeOwned,
    M::Return: DeserializeOwned,
{
    let who_and_when = || {
        let client = number(&fields, "client", "a number from 0 to 4294967295", u64::from(u32::MAX))?;
        let client = client.ok_or(HistoryProblem::Missing { field: "client", expected: "a number from 0" })?;
        let at = number(&fields, "at", "a number of nanoseconds", u64::MAX)?.map_or(growing.now(), Time::from_nanos);
        Ok((ClientId(client as u32), at, kind(&fields)?))
    };
    let (client, at, kind) = who_and_when().map_err(|problem| growing.refuse(problem))?;
    if kind == "invoke" {
        let op = take(&mut fields, "op", "the operation").map_err(|problem| growing.refuse(problem))?;
        return growing.invoke(client, op, at);
    }
    let call = growing.waiting(client)?;
    match kind {
        "ok" => {
            let returned =
                take(&mut fields, "returned", "the returned value").map_err(|problem| growing.refuse(problem))?;
            growing.answer(at, |history| history.ok(call, returned, at))
        }
        "fail" => growing.answer(at, |history| history.fail(call, at)),
        _ => growing.answer(at, |history| history.info(call, at)),
    }
}

fn number(
    fields: &Map<String, Value>,
    field: &'static str,
    expected: &str,
    max: u64,
) -> Result<Option<u64>, HistoryProblem> {
    let Some(value) = fields.get(field) else { return Ok(None) };
    match value.as_u64().filter(|number| *number <= max) {
        Some(number) => Ok(Some(number)),
        None => Err(mistyped(field, expected, value, None)),
    }
}

fn kind(fields: &Map<String, Value>) -> Result<&'static str, HistoryProblem> {
    let expected = "\"invoke\", \"ok\", \"fail\" or \"info\"";
    let value = fields.get("event").ok_or(HistoryProblem::Missing { field: "event", expected })?;
    let word = value.as_str().unwrap_or_default();
    EVENTS
        .into_iter()
        .find(|event| *event == word)
        .ok_or_else(|| mistyped("event", expected, value, nearest(word, EVENTS)))
}

fn take<T: DeserializeOwned>(
    fields: &mut Map<String, Value>,
    field: &'static str,
    expected: &'static str,
) -> Result<T, HistoryProblem> {
    let value = fields.remove(field).ok_or(HistoryProblem::Missing { field, expected })?;
    T::deserialize(&value)
        .map_err(|error| mistyped(field, &format!("{expected} ({})", quoted_error(&error)), &value, None))
}

fn quoted_error(error: &serde_json::Error) -> String {
    error.to_string().chars().filter(|char| !char.is_control()).collect()
}

fn mistyped(field: &'static str, expected: &str, found: &Value, suggestion: Option<&'static str>) -> HistoryProblem {
    HistoryProblem::Mistyped { field, expected: expected.to_owned(), found: quoted(&found.to_string()), suggestion }
}

#[derive(Serialize)]
struct Header {
    quorate_history: u8,
    model: &'static str,
}

#[derive(Serialize)]
struct EventLine<'a, O, R> {
    client: u32,
    at: u64,
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    op: Option<&'a O>,
    #[serde(skip_serializing_if = "Option::is_none")]
    returned: Option<&'a R>,
}

pub(super) fn write<M: Model>(history: &History<M>, mut out: impl io::Write) -> io::Result<()>
where
    M::Op: Serialize,
    M::Return: Serialize,
{
    serde_json::to_writer(&mut out, &Header { quorate_history: 1, model: M::NAME })?;
    out.write_all(b"\n")?;
    for (position, id) in history.events().iter().enumerate() {
        let call = history.call(*id);
        let client = call.client.0;
        let line = match call.answered.filter(|answered| answered.position == position) {
            None => EventLine {
                client,
                at: call.invoked.at.as_nanos(),
                event: "invoke",
                op: Some(&call.op),
                returned: None,
            },
            Some(answered) => {
                let event = match call.outcome {
                    CallOutcome::Ok(_) => "ok",
                    CallOutcome::Fail => "fail",
                    CallOutcome::Info | CallOutcome::Waiting => "info",
                };
                EventLine { client, at: answered.at.as_nanos(), event, op: None, returned: call.returned() }
            }
        };
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}
