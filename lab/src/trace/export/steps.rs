//! Steps of a run, and which step received a message of which: happened-before, for clocks that
//! are added to a trace afterwards.

use std::collections::BTreeMap;

use quorate_protocol::{NodeId, Time};

use super::causality::{Causality, MessageOutcome};
use crate::env::HostClock;
use crate::trace::{Document, Event, EventKind, Lane};

/// A step of a node or a client: an event, with the actions that belong to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// The node or client.
    pub lane: Lane,
    /// Index of its first event in the document.
    pub event: usize,
    /// The step that sent the message received in this one, or that of the last lie in it.
    pub receives_from: Option<usize>,
    /// Reading of the lane's wall clock: the time since the start of the run, on a clock that
    /// drifts, jumps and is suspended as the trace says.
    pub wall: Time,
}

/// The steps of a run in their order, which is one that causes and effects allow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Steps {
    /// The steps.
    pub steps: Vec<Step>,
    /// Of each event of the document, the step that it belongs to; `None` for those of the network.
    pub of_event: Vec<Option<usize>>,
}

/// Returns the steps of a trace. Two steps of one lane follow one another, and the receipt of a
/// message follows its sending: the transitive closure is happened-before (Lamport 1978).
///
/// ```
/// use quorate_lab::trace::{Document, export};
///
/// let file = r#"{"quorate_trace":1,"protocol":"paxos","nodes":["A","X"]}
/// {"id":1,"at":0,"kind":"send","node":"A","msg":1,"to":"X","name":"Prepare","body":{"ballot":"1.A"}}
/// {"id":2,"at":3000000,"kind":"deliver","node":"X","cause":1,"msg":1,"from":"A"}"#;
/// let run = export::steps(&Document::read_jsonl(file.as_bytes())?);
/// assert_eq!(run.steps.iter().map(|step| step.receives_from).collect::<Vec<_>>(), [None, Some(0)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn steps(document: &Document) -> Steps {
    let causality = Causality::of(document);
    let mut walls = Walls::default();
    let mut run = Steps { steps: Vec::new(), of_event: Vec::with_capacity(document.events.len()) };
    for (at, event) in document.events.iter().enumerate() {
        let wall = walls.read(event);
        let head = causality.step[at];
        if head != at {
            run.of_event.push(run.of_event[head]);
            continue;
        }
        let Some(lane) = event.lane.filter(|_| !is_of_the_network(event)) else {
            run.of_event.push(None);
            continue;
        };
        let receives_from = sender(&causality, at).and_then(|step| run.of_event[step]);
        run.of_event.push(Some(run.steps.len()));
        run.steps.push(Step { lane, event: at, receives_from, wall });
    }
    run
}

/// Whether an event belongs to the network rather than to a lane.
fn is_of_the_network(event: &Event) -> bool {
    matches!(
        event.what,
        EventKind::Drop { .. } | EventKind::Duplicate { .. } | EventKind::Violation { .. } | EventKind::Note { .. }
    )
}

/// Returns the first event of the step that sent the message delivered by an event, or of that of
/// the last lie in it.
fn sender(causality: &Causality<'_>, at: usize) -> Option<usize> {
    let journey = causality.journeys[*causality.journey_at.get(&at)?];
    let MessageOutcome::Arrived(end) = journey.fate else { return None };
    if let Some(lie) = journey.forged.filter(|_| end == at) {
        return Some(causality.step[lie]);
    }
    let original = if journey.copy {
        causality.document.events[journey.left].cause?
    } else {
        causality.document.events[journey.left].id
    };
    let left = causality.document.events.binary_search_by_key(&original, |event| event.id).ok()?;
    (end == at).then(|| causality.step[left])
}

/// The wall clocks of the nodes, moved by the events of a trace. Clients have true clocks.
#[derive(Default)]
struct Walls {
    clocks: BTreeMap<NodeId, HostClock>,
}

impl Walls {
    /// The reading of the clock of the event's lane, after what the event does to it.
    fn read(&mut self, event: &Event) -> Time {
        let Some(Lane::Node(node)) = event.lane else { return event.at };
        let clock = self.clocks.entry(node).or_default();
        match event.what {
            EventKind::Drift { ppm } => {
                clock.drift(event.at, i32::try_from(ppm).unwrap_or(0));
            }
            EventKind::Jump { nanos } => clock.jump(nanos),
            EventKind::Suspend => clock.suspend(event.at),
            EventKind::Resume | EventKind::Crash { .. } => {
                clock.resume(event.at);
            }
            _ => {}
        }
        clock.read(event.at).wall
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(events: &str) -> Steps {
        let file = format!("{{\"quorate_trace\":1,\"protocol\":\"toy\",\"nodes\":[\"A\",\"B\"]}}\n{events}");
        steps(&Document::read_jsonl(file.as_bytes()).unwrap())
    }

    #[test]
    fn a_step_is_its_first_event_with_all_that_it_does() {
        let run = run(r#"{"id":1,"at":0,"kind":"boot","node":"A","incarnation":1}
{"id":2,"at":0,"kind":"send","node":"A","cause":1,"msg":1,"to":"B","name":"Ball","body":null}
{"id":3,"at":5,"kind":"duplicate","msg":1,"copy":2,"cause":2}
{"id":4,"at":7,"kind":"deliver","node":"B","cause":2,"msg":2,"from":"A"}
{"id":5,"at":9,"kind":"drop","msg":1,"cause":2,"reason":"loss"}"#);
        assert_eq!(run.of_event, [Some(0), Some(0), None, Some(1), None]);
        assert_eq!(run.steps[1].receives_from, Some(0), "a copy comes from the step that sent the message");
    }

    #[test]
    fn wall_clocks_are_those_of_the_trace() {
        let run = run(r#"{"id":1,"at":0,"kind":"clock","node":"A","drift_ppm":500000}
{"id":2,"at":1000,"kind":"clock","node":"A","jump_ns":7}
{"id":3,"at":1000,"kind":"clock","node":"B","jump_ns":-7}
{"id":4,"at":2000,"kind":"pause","node":"A"}"#);
        let walls: Vec<u64> = run.steps.iter().map(|step| step.wall.as_nanos()).collect();
        assert_eq!(walls, [0, 1507, 993, 3007]);
    }
}
