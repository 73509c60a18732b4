//! Jepsen's register histories, as EDN and as the log that older versions print.

use std::io;

use quorate_protocol::{ClientId, Time};

use super::edn::Reader;
use super::error::quoted;
use super::lines::{Growing, whole};
use super::{Edn, HistoryError, HistoryProblem};
use crate::linearizability::History;
use crate::linearizability::models::{Keyed, KeyedOp, Register, RegisterOp, RegisterReturn};
use crate::trace::nearest::nearest;

/// Registers of arbitrary values, one per key or a single one without a key, initially nil.
pub type JepsenRegister = Keyed<Edn, Register<Edn>>;

impl Default for JepsenRegister {
    fn default() -> Self {
        Keyed::new(Register::new(Edn::Nil))
    }
}

type Op = KeyedOp<Edn, RegisterOp<Edn>>;

const EXPECTED: &str = "operations such as {:process 0, :type :invoke, :f :write, :value 3}";
const TYPES: [&str; 4] = [":invoke", ":ok", ":fail", ":info"];
const FUNCTIONS: [&str; 3] = [":read", ":write", ":cas"];
/// The logger name before an operation in a log.
const LOGGER: &str = "jepsen.util";

/// One event of the file.
struct Event<'a> {
    process: &'a Edn,
    kind: &'a Edn,
    function: &'a Edn,
    value: &'a Edn,
    time: Option<&'a Edn>,
}

pub(super) fn read(input: impl io::BufRead) -> Result<History<JepsenRegister>, HistoryError> {
    let text = whole(input)?;
    let mut growing = Growing::new();
    match text.contains(LOGGER) && !starts_like_edn(&text) {
        true => read_log(&mut growing, &text)?,
        false => read_edn(&mut growing, &text)?,
    }
    match growing.history.events().is_empty() {
        true => Err(HistoryProblem::Empty { expected: EXPECTED }.on(1)),
        false => Ok(growing.history),
    }
}

fn starts_like_edn(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[', '(', '#', ';'])
}

fn read_edn(growing: &mut Growing<JepsenRegister>, text: &str) -> Result<(), HistoryError> {
    let mut reader = Reader::new(text, 1);
    let mut opened = None;
    loop {
        if reader.at_end() {
            let unfinished = |since| super::EdnError::Unfinished { opened: "[", since };
            return opened.map_or(Ok(()), |since| Err(HistoryProblem::NotEdn(unfinished(since)).on(reader.line())));
        }
        let line = reader.line();
        if opened.is_none() && reader.enter_vector() {
            opened = Some(line);
        } else if opened.is_some() && reader.leave_vector() {
            opened = None;
        } else {
            let form = reader.form().map_err(|error| HistoryProblem::NotEdn(error).on(reader.line()))?;
            growing.on(line);
            if let Some(form) = form {
                event(growing, &of_map(&form).map_err(|problem| problem.on(line))?)?;
            }
        }
    }
}

fn of_map(form: &Edn) -> Result<Event<'_>, HistoryProblem> {
    if !matches!(form, Edn::Map(_)) {
        return Err(HistoryProblem::NotAnEvent { expected: EXPECTED, found: quoted(&form.to_string()) });
    }
    let required = |field, keyword, expected| form.get(keyword).ok_or(HistoryProblem::Missing { field, expected });
    Ok(Event {
        process: required(":process", "process", "a number from 0")?,
        kind: required(":type", "type", ":invoke, :ok, :fail or :info")?,
        function: required(":f", "f", ":read, :write or :cas")?,
        value: form.get("value").unwrap_or(&Edn::Nil),
        time: form.get("time"),
    })
}

fn read_log(growing: &mut Growing<JepsenRegister>, text: &str) -> Result<(), HistoryError> {
    for (number, line) in (1..).zip(text.lines()) {
        let Some((_, rest)) = line.split_once(LOGGER) else { continue };
        growing.on(number);
        let rest = rest.trim_start().trim_start_matches(['-', ':']);
        // The logger prints other lines too. A line that starts like an operation must be one.
        if !rest.trim_start().starts_with(|char: char| char.is_ascii_digit()) {
            continue;
        }
        let mut reader = Reader::new(rest, number);
        let forms: Result<Vec<Edn>, _> = std::iter::from_fn(|| reader.form().transpose()).collect();
        let forms = forms.map_err(|error| HistoryProblem::NotEdn(error).on(number))?;
        let [process, kind, function, rest @ ..] = &forms[..] else {
            let expected = "a process, a type, a function and a value, such as 0 :invoke :write 3";
            return Err(HistoryProblem::NotAnEvent { expected, found: quoted(rest.trim()) }.on(number));
        };
        let value = rest.first().unwrap_or(&Edn::Nil);
        event(growing, &Event { process, kind, function, value, time: None })?;
    }
    Ok(())
}

fn event(growing: &mut Growing<JepsenRegister>, event: &Event<'_>) -> Result<(), HistoryError> {
    let client = match event.process {
        Edn::Int(number) => u32::try_from(*number).ok(),
        Edn::Keyword(_) => return Ok(()),
        _ => None,
    };
    let client =
        client.ok_or_else(|| growing.refuse(mistyped(":process", "a number from 0 to 4294967295", event.process, &[])));
    let client = ClientId(client?);
    // Several threads read the clock before they take the lock, so the time may step back a little;
    // only the order counts.
    let time = match event.time {
        Some(Edn::Int(nanos)) => u64::try_from(*nanos).map_or(Time::ZERO, Time::from_nanos),
        _ => Time::ZERO,
    };
    let at = time.max(growing.now());
    let kind = event.kind.to_string();
    if !TYPES.contains(&kind.as_str()) {
        return Err(growing.refuse(mistyped(":type", ":invoke, :ok, :fail or :info", event.kind, &TYPES)));
    }
    if kind == ":invoke" {
        let op = operation(event).map_err(|problem| growing.refuse(problem))?;
        return growing.invoke(client, op, at);
    }
    let call = growing.waiting(client)?;
    let invoked = growing.history.call(call);
    if name(&invoked.op.op) != event.function.to_string() {
        let since = growing.line_of(invoked.invoked.position);
        let invoked = quoted(name(&invoked.op.op));
        let found = quoted(&event.function.to_string());
        return Err(growing.refuse(HistoryProblem::OtherOperation { client: client.0, invoked, since, found }));
    }
    match kind.as_str() {
        ":ok" => {
            let returned = returned(growing, client, event)?;
            growing.answer(at, |history| history.ok(call, returned, at))
        }
        ":fail" => growing.answer(at, |history| history.fail(call, at)),
        _ => growing.answer(at, |history| history.info(call, at)),
    }
}

fn name(op: &RegisterOp<Edn>) -> &'static str {
    match op {
        RegisterOp::Read => FUNCTIONS[0],
        RegisterOp::Write(_) => FUNCTIONS[1],
        RegisterOp::Cas(..) => FUNCTIONS[2],
    }
}

/// Parses the operation that a client invokes or that an answer repeats. The value of a read is not
/// part of it.
fn operation(event: &Event<'_>) -> Result<Op, HistoryProblem> {
    let pair = |value: &Edn| match value {
        Edn::Vector(items) => <[Edn; 2]>::try_from(items.clone()).ok(),
        _ => None,
    };
    let value = event.value;
    let (key, op) = match event.function.to_string().as_str() {
        ":read" => match pair(value) {
            Some([key, _]) => (Some(key), RegisterOp::Read),
            None => (None, RegisterOp::Read),
        },
        ":write" => match pair(value) {
            Some([key, value]) => (Some(key), RegisterOp::Write(value)),
            None => (None, RegisterOp::Write(value.clone())),
        },
        ":cas" => {
            let expected = "[old new], or [key [old new]]";
            let [first, second] = pair(value).ok_or_else(|| mistyped(":value", expected, value, &[]))?;
            match pair(&second) {
                Some([old, new]) => (Some(first), RegisterOp::Cas(old, new)),
                None => (None, RegisterOp::Cas(first, second)),
            }
        }
        _ => return Err(mistyped(":f", ":read, :write or :cas", event.function, &FUNCTIONS)),
    };
    Ok(KeyedOp { key, op })
}

/// Parses the result of an `:ok`; refuses one that repeats another operation than was invoked.
fn returned(
    growing: &Growing<JepsenRegister>,
    client: ClientId,
    event: &Event<'_>,
) -> Result<RegisterReturn<Edn>, HistoryError> {
    let call = growing.history.call(growing.waiting(client)?);
    // A read without a key may return anything, pairs included; and an older log repeats the value
    // only of a read.
    let is_read = call.op.op == RegisterOp::Read;
    let repeats = (is_read && call.op.key.is_none()) || (!is_read && *event.value == Edn::Nil);
    let repeated =
        if repeats { call.op.clone() } else { operation(event).map_err(|problem| growing.refuse(problem))? };
    if repeated != call.op {
        let since = growing.line_of(call.invoked.position);
        let (invoked, found) = (quoted(&shown(&call.op)), quoted(&shown(&repeated)));
        return Err(growing.refuse(HistoryProblem::OtherOperation { client: client.0, invoked, since, found }));
    }
    Ok(match (&call.op.op, event.value) {
        (RegisterOp::Read, Edn::Vector(items)) if call.op.key.is_some() => {
            RegisterReturn::Value(items.get(1).cloned().unwrap_or_default())
        }
        (RegisterOp::Read, value) => RegisterReturn::Value(value.clone()),
        (RegisterOp::Write(_), _) => RegisterReturn::Done,
        (RegisterOp::Cas(..), _) => RegisterReturn::Swapped(true),
    })
}

fn shown(op: &Op) -> String {
    let key = op.key.as_ref().map_or(String::new(), |key| format!(" of key {key}"));
    match &op.op {
        RegisterOp::Read => format!(":read{key}"),
        RegisterOp::Write(value) => format!(":write {value}{key}"),
        RegisterOp::Cas(old, new) => format!(":cas [{old} {new}]{key}"),
    }
}

fn mistyped(field: &'static str, expected: &str, found: &Edn, choices: &[&'static str]) -> HistoryProblem {
    let found = found.to_string();
    let suggestion = nearest(&found, choices.iter().copied())
        .and_then(|nearest| choices.iter().find(|choice| **choice == nearest))
        .copied();
    HistoryProblem::Mistyped { field, expected: expected.to_owned(), found: quoted(&found), suggestion }
}
