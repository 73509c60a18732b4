//! Heartbeats that change nothing, which renderings can fold into one line.
//!
//! A round of heartbeats begins with a timer of that name, goes on with the messages that its step
//! sends, and ends with their answers. It changes nothing if none of these steps writes, changes a
//! view, emits a fact or replies to a client. A message that is lost is shown all the same: a
//! reader looks for those.

use quorate_protocol::Time;

use super::Options;
use super::narrate::name_of;
use crate::trace::{Document, Event, EventKind, Header, Lane};

/// Part of an event in a heartbeat that changes nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    /// None: it is shown.
    None,
    /// The delivery of the heartbeat itself, which is counted, from this lane.
    Beat(Lane),
    /// Everything else of it.
    Other,
}

/// Word in the name of a timer that begins a heartbeat, as in `Raft(Heartbeat)`.
const HEARTBEAT: &str = "Heartbeat";

/// Stage of a heartbeat: the timer and what its step does, a message, or the answer to it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Timer,
    Message,
    Answer,
}

/// For each event its part in a heartbeat that changes nothing; empty if none are to be folded.
pub(super) fn heartbeats(document: &Document, options: &Options) -> Vec<Part> {
    if !options.fold {
        return Vec::new();
    }
    let rounds = Rounds::of(document, options);
    let parts = document.events.iter().zip(&rounds.places).map(|(event, place)| match (place, &event.what) {
        (Some(place), _) if rounds.changes[place.round] => Part::None,
        (Some(Place { stage: Stage::Message, .. }), EventKind::Deliver { from, .. }) => Part::Beat(*from),
        (Some(_), _) => Part::Other,
        (None, _) => Part::None,
    });
    parts.collect()
}

/// Place of an event in a round of heartbeats.
#[derive(Clone, Copy)]
struct Place {
    /// Position of the firing timer with which the round begins.
    round: usize,
    stage: Stage,
}

/// The rounds of heartbeats in a trace. A round is shown or folded as a whole.
struct Rounds<'a> {
    events: &'a [Event],
    places: Vec<Option<Place>>,
    /// Whether the round that begins with an event changes something.
    changes: Vec<bool>,
}

impl<'a> Rounds<'a> {
    fn of(document: &'a Document, options: &Options) -> Self {
        let count = document.events.len();
        let (places, changes) = (Vec::with_capacity(count), vec![false; count]);
        let mut rounds = Rounds { events: &document.events, places, changes };
        for index in 0..count {
            let place = rounds.place(index, options);
            rounds.places.push(place);
        }
        rounds
    }

    /// Finds the place of an event from that of its cause.
    fn place(&mut self, index: usize, options: &Options) -> Option<Place> {
        let event = &self.events[index];
        if let EventKind::Fire { timer, .. } = &event.what
            && timer.contains(HEARTBEAT)
        {
            return Some(Place { round: index, stage: Stage::Timer });
        }
        let id = event.cause?;
        let cause = self.events.binary_search_by_key(&id, |event| event.id).ok()?;
        let before = *self.places.get(cause)?.as_ref()?;
        match &event.what {
            EventKind::Deliver { late: false, .. } | EventKind::Arm { .. } | EventKind::Disarm { .. } => Some(before),
            EventKind::Send { .. } if before.stage == Stage::Timer => Some(Place { stage: Stage::Message, ..before }),
            EventKind::Send { .. } if before.stage == Stage::Message => Some(Place { stage: Stage::Answer, ..before }),
            EventKind::Rule { rule, .. } if !options.names(rule) => Some(before),
            EventKind::Drop { .. } | EventKind::Duplicate { .. } => None,
            // Another timer that a heartbeat has armed, such as an election timeout.
            EventKind::Fire { .. } => None,
            // Also what an answer leads to is more than a heartbeat.
            _ => {
                self.changes[before.round] = true;
                None
            }
        }
    }
}

/// Heartbeats that are folded into the next line.
#[derive(Debug, Default)]
pub(super) struct Folded {
    count: u64,
    first: Time,
    last: Time,
    senders: Vec<Lane>,
}

/// Maximum number of senders that are named.
const NAMED_MAX: usize = 3;

impl Folded {
    /// Counts a heartbeat.
    pub(super) fn add(&mut self, at: Time, sender: Lane) {
        if self.count == 0 {
            self.first = at;
        }
        self.count += 1;
        self.last = at;
        if !self.senders.contains(&sender) {
            self.senders.push(sender);
        }
    }

    /// Takes the heartbeats so far: the time of the first, and a text about all; `None` if there
    /// are none.
    pub(super) fn take(&mut self, header: &Header) -> Option<(Time, String)> {
        let Folded { count, first, last, senders } = std::mem::take(self);
        let noun = match count {
            0 => return None,
            1 => "heartbeat",
            _ => "heartbeats",
        };
        let names: Vec<String> = senders.iter().map(|lane| name_of(header, *lane)).collect();
        let of = if names.len() > NAMED_MAX { format!("{} nodes", names.len()) } else { names.join(", ") };
        let until = if first == last { String::new() } else { format!(" until {last}") };
        Some((first, format!("{count} {noun} of {of}{until}")))
    }
}

#[cfg(test)]
mod tests {
    use crate::trace::Document;
    use crate::trace::render::{Options, lanes, log};

    /// A leader and a follower, and these events after its two heartbeats, of which the second one
    /// makes the follower do what `second` says.
    fn document(second: &str) -> Document {
        let beat = |id: u32, at: u32, effect: &str| {
            [
                format!(r#"{{"id":{id},"at":{at}000000,"kind":"fire","node":"L","timer":"Raft(Heartbeat)"}}"#),
                format!(r#"{{"id":{},"at":{at}000000,"kind":"rule","node":"L","cause":{id},"rule":"Beat"}}"#, id + 1),
                format!(
                    r#"{{"id":{},"at":{at}000000,"kind":"send","node":"L","cause":{id},"msg":{id},"to":"F","name":"Append"}}"#,
                    id + 2
                ),
                format!(
                    r#"{{"id":{},"at":{at}100000,"kind":"deliver","node":"F","cause":{},"msg":{id},"from":"L"}}"#,
                    id + 3,
                    id + 2
                ),
                format!(
                    r#"{{"id":{},"at":{at}100000,"kind":"send","node":"F","cause":{},"msg":{},"to":"L","name":"Appended"}}"#,
                    id + 4,
                    id + 3,
                    id + 4
                ),
                effect
                    .replace("ID", &(id + 5).to_string())
                    .replace("STEP", &(id + 3).to_string())
                    .replace("AT", &format!("{at}100000")),
                format!(
                    r#"{{"id":{},"at":{at}200000,"kind":"deliver","node":"L","cause":{},"msg":{},"from":"F"}}"#,
                    id + 6,
                    id + 4,
                    id + 4
                ),
            ]
        };
        let header = r#"{"quorate_trace":1,"protocol":"p","nodes":["L","F"]}"#.to_owned();
        let lines = [vec![header], beat(1, 10, "").to_vec(), beat(11, 20, second).to_vec()].concat();
        Document::read_jsonl(lines.join("\n").as_bytes()).unwrap()
    }

    fn folded() -> Options {
        Options { width: 80, fold: true, ..Options::default() }
    }

    #[test]
    fn heartbeats_that_change_nothing_are_one_line_in_both_views() {
        let document = document("");
        assert_eq!(log(&document, folded()), "   10.1 ms  2 heartbeats of L until 20.1 ms\n");
        let drawn = lanes(&document, folded()).unwrap();
        assert!(drawn.ends_with("   10.1 ms │           │  2 heartbeats of L until 20.1 ms\n"), "{drawn}");
        let all = log(&document, Options { fold: false, ..folded() });
        assert_eq!(all.lines().count(), 6, "{all}");
        // A rule that the reader asks for is shown.
        let asked = Options { why: true, reasons_of: vec!["Beat".to_owned()], ..folded() };
        assert!(log(&document, asked).contains("because Beat"));
    }

    #[test]
    fn a_heartbeat_that_changes_something_is_shown() {
        for effect in [
            r#"{"id":ID,"at":AT,"kind":"persist","node":"F","cause":STEP,"name":"Term"}"#,
            r#"{"id":ID,"at":AT,"kind":"fact","node":"F","cause":STEP,"name":"Committed"}"#,
            r#"{"id":ID,"at":AT,"kind":"state","node":"F","cause":STEP,"diff":{"term":2}}"#,
        ] {
            let text = log(&document(effect), folded());
            let shown: Vec<&str> = text.lines().collect();
            assert_eq!(shown[0], "   10.1 ms  1 heartbeat of L", "{text}");
            assert!(shown[1].contains("timer Raft(Heartbeat) fires"), "{text}");
            assert!(shown[2].contains("Append"), "{text}");
        }
    }

    #[test]
    fn a_heartbeat_whose_answer_changes_something_is_shown_as_a_whole() {
        let mut document = document("");
        let step = document.events.last().unwrap().clone();
        let id = crate::trace::EventId::new(99);
        let diff = crate::trace::Value::default();
        let what = crate::trace::EventKind::State { diff };
        document.events.push(crate::trace::Event { id: id.unwrap(), cause: Some(step.id), what, ..step });
        let text = log(&document, folded());
        assert_eq!(text.lines().count(), 4, "{text}");
        assert!(text.contains("timer Raft(Heartbeat) fires") && text.contains("Appended"), "{text}");
    }

    #[test]
    fn a_lost_heartbeat_is_shown() {
        let mut document = document("");
        let lost = r#"{"quorate_trace":1,"protocol":"p","nodes":["L","F"]}
{"id":1,"at":1000000,"kind":"fire","node":"L","timer":"Heartbeat"}
{"id":2,"at":1000000,"kind":"send","node":"L","cause":1,"msg":1,"to":"F","name":"Append"}
{"id":3,"at":2000000,"kind":"drop","cause":2,"msg":1,"reason":"loss"}"#;
        document.events = Document::read_jsonl(lost.as_bytes()).unwrap().events;
        let text = log(&document, folded());
        assert!(text.contains("╳ F") && text.lines().count() == 1, "{text}");
    }
}
