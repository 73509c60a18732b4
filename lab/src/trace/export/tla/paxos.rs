//! Translation of single-decree Paxos runs to steps of `docs/specs/Paxos.tla`.

use quorate_protocol::NodeId;

use super::reading::{Place, Reading, SentMessage, node, number_of};
use super::text::Expr;
use super::{Run, TlaError, step};
use crate::trace::{Event, EventKind, Lane, Payload, Value};

type Parameters = Vec<(&'static str, Expr)>;

/// Translates a run to steps.
pub(super) fn translate(mut reading: Reading<'_>) -> Result<Run, TlaError> {
    let constants = vec![("cluster", roles(&reading))];
    let mut steps = Vec::new();
    for event in &reading.document.events {
        let Some(Lane::Node(at)) = event.lane else { continue };
        let action = match &event.what {
            EventKind::Crash { wiped, .. } => Some((if *wiped { "LoseDisk" } else { "Restart" }, vec![])),
            EventKind::Deliver { .. } => received(&mut reading, event, at)?,
            EventKind::Persist(payload) => written(&mut reading, event, payload)?,
            EventKind::Send { payload, .. } => sent(&mut reading, event, payload)?,
            EventKind::Fact(payload) => became_true(&mut reading, event, payload)?,
            EventKind::Reply { payload, .. } if payload.name == "Chosen" => {
                let value = value(&mut reading, event, &payload.body)?;
                Some(("Answer", vec![("value", value)]))
            }
            _ => None,
        };
        if let Some((action, parameters)) = action {
            steps.push(step(event.id, action, of(at, parameters)));
        }
        reading.follow(event);
        if matches!(event.what, EventKind::Boot { .. } | EventKind::State { .. }) {
            let observed = observed(&mut reading, event, at)?;
            steps.push(step(event.id, "Observe", of(at, observed)));
        }
    }
    Ok(Run { constants, steps })
}

fn of(at: NodeId, parameters: Parameters) -> Parameters {
    std::iter::once(("node", node(at))).chain(parameters).collect()
}

/// Roles of the nodes, as shown by their first views.
fn roles(reading: &Reading<'_>) -> Expr {
    let playing = |role: &str| {
        let players = reading.first_boots().filter(|(_, _, view)| view[role].is_object());
        Expr::set(players.map(|(_, node, _)| number_of(node)))
    };
    Expr::Record(vec![
        ("proposers", playing("proposer")),
        ("acceptors", playing("acceptor")),
        ("learners", playing("learner")),
    ])
}

/// A ballot such as `2.A`: its round, and the number of its proposer. `<<0, 0>>` means none.
fn ballot(place: Place<'_>, json: &Value) -> Result<Expr, TlaError> {
    if json.is_null() {
        return Ok(Expr::pair(0, 0));
    }
    let expected = "a ballot such as '2.A'";
    let (round, owner) =
        json.as_str().and_then(|text| text.split_once('.')).ok_or_else(|| place.unreadable(expected))?;
    let round = place.count(round.parse().map_err(|_| place.unreadable(expected))?)?;
    Ok(Expr::pair(round, place.named(owner, expected)?))
}

fn value(reading: &mut Reading<'_>, event: &Event, body: &Value) -> Result<Expr, TlaError> {
    let text = reading.at(event.id).text(body, "value")?;
    Ok(Expr::Number(reading.value(text)))
}

/// A proposal; the one with the null ballot if there is none.
fn proposal(reading: &mut Reading<'_>, event: &Event, json: &Value) -> Result<Expr, TlaError> {
    let ballot = ballot(reading.at(event.id), &json["ballot"])?;
    let value = if json.is_null() { Expr::Number(0) } else { value(reading, event, json)? };
    Ok(Expr::Record(vec![("ballot", ballot), ("value", value)]))
}

fn ballot_and_value(reading: &mut Reading<'_>, event: &Event, body: &Value) -> Result<Parameters, TlaError> {
    Ok(vec![("ballot", ballot(reading.at(event.id), &body["ballot"])?), ("value", value(reading, event, body)?)])
}

type Action = Option<(&'static str, Parameters)>;

fn received(reading: &mut Reading<'_>, event: &Event, at: NodeId) -> Result<Action, TlaError> {
    let Some(SentMessage { from, payload, .. }) = reading.delivered(event) else { return Ok(None) };
    let place = reading.at(event.id);
    Ok(match payload.name.as_str() {
        "Promise" => Some((
            "ReceivePromise",
            vec![
                ("from", node(from)),
                ("ballot", ballot(place, &payload.body["ballot"])?),
                ("accepted", proposal(reading, event, &payload.body["accepted"])?),
            ],
        )),
        "Accepted" => {
            let vote = ballot_and_value(reading, event, &payload.body)?;
            Some(("ReceiveAccepted", std::iter::once(("from", node(from))).chain(vote).collect()))
        }
        // A proposer decides on the first notice of a chosen value.
        "Chosen" if reading.view(at)["proposer"]["stage"].as_str().is_some_and(|stage| stage != "decided") => {
            Some(("Decide", vec![("value", value(reading, event, &payload.body)?)]))
        }
        _ => None,
    })
}

fn written(reading: &mut Reading<'_>, event: &Event, payload: &Payload) -> Result<Action, TlaError> {
    let place = reading.at(event.id);
    Ok(Some(match payload.name.as_str() {
        "Tried" => ("Begin", vec![("ballot", ballot(place, &payload.body["ballot"])?)]),
        "Promised" => ("Promise", vec![("ballot", ballot(place, &payload.body["ballot"])?)]),
        "Accepted" => ("Accept", ballot_and_value(reading, event, &payload.body)?),
        _ => return Err(place.unreadable("a record of Tried, Promised or Accepted")),
    }))
}

fn sent(reading: &mut Reading<'_>, event: &Event, payload: &Payload) -> Result<Action, TlaError> {
    let place = reading.at(event.id);
    Ok(match payload.name.as_str() {
        "Prepare" => Some(("SendPrepare", vec![("ballot", ballot(place, &payload.body["ballot"])?)])),
        "PrepareWithValue" => Some(("SendPrepareWithValue", ballot_and_value(reading, event, &payload.body)?)),
        "Promise" => Some((
            "SendPromise",
            vec![
                ("ballot", ballot(place, &payload.body["ballot"])?),
                ("accepted", proposal(reading, event, &payload.body["accepted"])?),
            ],
        )),
        "Accept" => Some(("SendAccept", ballot_and_value(reading, event, &payload.body)?)),
        "Accepted" => Some(("SendAccepted", ballot_and_value(reading, event, &payload.body)?)),
        "Chosen" => Some(("SendChosen", vec![("value", value(reading, event, &payload.body)?)])),
        _ => None,
    })
}

fn became_true(reading: &mut Reading<'_>, event: &Event, payload: &Payload) -> Result<Action, TlaError> {
    Ok(match payload.name.as_str() {
        "Proposed" => Some(("Propose", ballot_and_value(reading, event, &payload.body)?)),
        "Chosen" => Some(("Learn", ballot_and_value(reading, event, &payload.body)?)),
        _ => None,
    })
}

/// Variables of the specification that a view shows.
fn observed(reading: &mut Reading<'_>, event: &Event, at: NodeId) -> Result<Parameters, TlaError> {
    let view = reading.view(at).clone();
    let place = reading.at(event.id);
    let mut shown = Vec::new();
    let (proposer, acceptor, learner) = (&view["proposer"], &view["acceptor"], &view["learner"]);
    if proposer.is_object() {
        shown.push(("tried", ballot(place, &proposer["ballot"])?));
        let decided = proposer["stage"] == "decided";
        let known = if decided { value(reading, event, proposer)? } else { Expr::Number(0) };
        shown.push(("decided", known));
        if proposer["stage"] == "preparing" {
            shown.push(("promises", Expr::set(place.nodes(proposer, "promises")?)));
        }
    }
    if acceptor.is_object() {
        shown.push(("promised", ballot(place, &acceptor["promised"])?));
        shown.push(("accepted", proposal(reading, event, &acceptor["accepted"])?));
    }
    if learner.is_object() {
        let chosen = &learner["chosen"];
        let known = if chosen.is_null() { Expr::Number(0) } else { value(reading, event, chosen)? };
        shown.push(("learned", known));
    }
    Ok(shown)
}
