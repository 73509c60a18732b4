//! Tests of the recovery checker: it rejects impossible traces.

use quorate::lab::sim::{CrashPoint, Fault, Setup};
use quorate::lab::trace::{Document, Event, EventKind, Lane};
use quorate::paxos::{Command, Config, Paxos, Value};
use quorate::protocol::{ClientId, Constants, Duration, Names, NodeId};

use crate::checker::{Counts, check};

const A: NodeId = NodeId(0);
const X: NodeId = NodeId(1);

/// A run's trace and the constants of its nodes.
struct Recorded {
    document: Document,
    constants: Constants<Paxos>,
}

impl Recorded {
    fn verdict(&self) -> Result<Counts, String> {
        check::<Paxos>(&self.document, &self.constants, &Default::default())
    }

    fn crash(&self) -> usize {
        let crash = |event: &Event| matches!(event.what, EventKind::Crash { .. });
        self.document.events.iter().position(crash).expect("X crashes")
    }

    /// Inserts a copy of the first matching event for X just before its crash.
    fn tamper(&mut self, is_such: impl Fn(&EventKind) -> bool) {
        let such = self.document.events.iter().find(|event| is_such(&event.what)).expect("there is one").clone();
        let crash = self.crash();
        self.document.events.insert(crash, Event { lane: Some(Lane::Node(X)), ..such });
    }
}

/// X crashes during its promise, before the only record of that step is durable, although the crash
/// keeps up to one record; then it restarts.
fn recorded() -> Recorded {
    let acceptors = [1, 2, 3].map(NodeId);
    let config = Config::new([A], acceptors, [A]).expect("such a cluster can be");
    let mut world = Setup::<Paxos>::new("paxos", Names::new(["A", "X", "Y", "Z"], ["ann"]), config).traced().start();
    let moment = CrashPoint::BeforePersist { kept: 1 };
    world.inject(Fault::Crash { node: X, point: moment }).expect("X is up");
    world.ask(ClientId(0), Some(A), Command::Propose { value: Value::from("red"), round: None });
    world.run_for(Duration::from_millis(20)).expect("nothing breaks");
    world.inject(Fault::Restart(X)).expect("X is down");
    Recorded { document: world.recording().expect("it is traced").document(), constants: world.constants().clone() }
}

#[test]
fn a_crash_before_the_only_record_keeps_none_and_the_trace_shows_none() {
    let recorded = recorded();
    let (before, crash) =
        (&recorded.document.events[..recorded.crash()], &recorded.document.events[recorded.crash()].what);
    assert_eq!(*crash, EventKind::Crash { lost: 1, wiped: false, restored: None });
    let written = before.iter().filter(|event| event.lane == Some(Lane::Node(X)));
    assert!(!written.into_iter().any(|event| matches!(event.what, EventKind::Persist(_))), "nothing of it is on disk");
    let counts = recorded.verdict().expect("it is true");
    assert_eq!((counts.restarts, counts.losses), (1, 1));
}

#[test]
fn a_record_that_was_not_written_is_noticed() {
    let mut recorded = recorded();
    recorded.tamper(|what| matches!(what, EventKind::Persist(payload) if payload.name == "Promised"));
    let wrong = recorded.verdict().expect_err("X never wrote that");
    assert!(wrong.contains("but what was persisted gives"), "{wrong}");
}

#[test]
fn a_message_in_a_step_that_was_cut_short_is_noticed() {
    let mut recorded = recorded();
    recorded.tamper(|what| matches!(what, EventKind::Send { to: Lane::Node(A), .. }));
    let wrong = recorded.verdict().expect_err("X never said that");
    assert!(wrong.contains("there is a message in its step"), "{wrong}");
}
