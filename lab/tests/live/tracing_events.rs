//! Events of `tracing`, from the simulator and from threads.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use quorate_lab::sim;
use quorate_protocol::{ClientId, Duration, Names};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

use super::{Node, add, child, counters, settings};

/// An event as received by a subscriber.
#[derive(Clone, Debug)]
struct Heard {
    target: String,
    level: Level,
    fields: BTreeMap<String, String>,
}

/// Collects all events at or above a level.
#[derive(Clone)]
struct Listener {
    level: Level,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("quorate::") && *metadata.level() <= self.level
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(BTreeMap::new());
        event.record(&mut fields);
        let metadata = event.metadata();
        let heard = Heard { target: metadata.target().to_owned(), level: *metadata.level(), fields: fields.0 };
        self.heard.lock().unwrap().push(heard);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Fields(BTreeMap<String, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

fn check(heard: &[Heard]) {
    assert!(heard.iter().all(|event| event.target == "quorate::raft"));
    // The winner of an election and its term depend on timing.
    let has = |level: Level, message: &str, fields: &[&str]| {
        heard.iter().any(|event| {
            event.level == level
                && event.fields["message"].starts_with(message)
                && fields.iter().all(|field| event.fields.get(*field).is_some_and(|value| !value.is_empty()))
        })
    };
    assert!(has(Level::INFO, "LeaderElected: term ", &["term", "node", "rule"]), "{heard:#?}");
    assert!(has(Level::TRACE, "RequestVote: term ", &["term", "node", "rule"]));
    assert!(has(Level::TRACE, "persists Vote", &["node", "rule"]));
    assert!(heard.iter().any(|event| event.level == Level::DEBUG && event.fields.contains_key("cite")));
}

#[test]
fn the_simulator_tells_its_steps() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    tracing::subscriber::with_default(Listener { level: Level::TRACE, heard: Arc::clone(&heard) }, || {
        let setup = sim::Setup::<Node>::new("raft", Names::new(["n1", "n2"], ["ann"]), settings(2).build().unwrap());
        let mut world = setup.start();
        world.ask(ClientId(0), None, add(1));
        world.run_for(Duration::from_secs(2)).unwrap();
    });
    check(&heard.lock().unwrap());
}

/// Runs in a process of its own: only a global subscriber receives the events of threads that
/// others start.
pub(super) fn child() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let listener = Listener { level: Level::TRACE, heard: Arc::clone(&heard) };
    tracing::subscriber::set_global_default(listener).unwrap();
    let cluster = counters(2).start().unwrap();
    cluster.client().ask(add(1)).unwrap();
    cluster.shutdown().unwrap();
    check(&heard.lock().unwrap());
}

#[test]
fn threads_tell_their_steps() {
    let output = child::command("telling").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
