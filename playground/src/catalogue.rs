//! Catalogue: all protocols, scenarios and commands.

use quorate_harness::catalogue;
use quorate_lab::script::{self, COMMANDS, Registry, RegistryEntry, Usage};
use serde::Serialize;

/// All that a session can begin with.
#[derive(Clone, Debug, Serialize)]
pub struct Catalogue {
    /// The protocols.
    pub protocols: Vec<ProtocolEntry>,
    /// The built-in scenarios, in recommended reading order.
    pub scenarios: Vec<ScenarioEntry>,
    /// The commands that every protocol has.
    pub commands: Vec<Form>,
}

/// A protocol.
#[derive(Clone, Debug, Serialize)]
pub struct ProtocolEntry {
    /// The word after `cluster`.
    pub name: &'static str,
    /// The form of its cluster line.
    pub form: &'static str,
    /// One line about it.
    pub says: &'static str,
    /// A cluster line that can be opened.
    pub example: String,
    /// The requests of clients.
    pub requests: Vec<Form>,
    /// The names of its timers.
    pub timers: Vec<&'static str>,
    /// The names of its messages.
    pub messages: Vec<&'static str>,
    /// Its bugs of the zoo.
    pub bugs: Vec<Bug>,
}

/// A command with its meaning.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Form {
    /// Its form.
    pub form: &'static str,
    /// Its effect, in one line.
    pub says: &'static str,
}

/// A bug of the zoo.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Bug {
    /// Its name, for `rules=`.
    pub id: &'static str,
    /// The mistake, in one sentence.
    pub summary: &'static str,
}

/// A built-in scenario.
#[derive(Clone, Debug, Serialize)]
pub struct ScenarioEntry {
    /// Its name.
    pub name: &'static str,
    /// Its title.
    pub title: String,
    /// Its protocol.
    pub protocol: String,
}

impl Catalogue {
    pub(crate) fn of(registry: &Registry) -> Self {
        let scenarios = catalogue::all().iter().map(|scenario| ScenarioEntry {
            name: scenario.path(),
            title: script::title(scenario.text()),
            protocol: clusters(scenario.text()).next().map(protocol).unwrap_or_default().to_owned(),
        });
        Catalogue {
            protocols: registry.entries().iter().map(entry).collect(),
            scenarios: scenarios.collect(),
            commands: COMMANDS.iter().map(form).collect(),
        }
    }
}

fn entry(entry: &RegistryEntry) -> ProtocolEntry {
    let bugs = entry.rulebooks.iter().filter_map(|id| quorate_bugs::find(id));
    ProtocolEntry {
        name: entry.name,
        form: entry.cluster.form,
        says: entry.cluster.says,
        example: example(entry),
        requests: entry.requests.iter().map(form).collect(),
        timers: entry.event_names.timers.clone(),
        messages: entry.event_names.messages.clone(),
        bugs: bugs.map(|bug| Bug { id: bug.id, summary: bug.summary }).collect(),
    }
}

fn form(usage: &Usage) -> Form {
    Form { form: usage.form, says: usage.says }
}

/// The cluster lines of a scenario.
fn clusters(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| line.starts_with("cluster "))
}

fn protocol(cluster: &str) -> &str {
    cluster.split_whitespace().nth(1).unwrap_or_default()
}

/// The shortest cluster line of a scenario of the protocol that runs by itself and by the book; if
/// there is none, the form without its optional parts.
fn example(entry: &RegistryEntry) -> String {
    let lines = catalogue::all().iter().flat_map(|scenario| clusters(scenario.text()));
    let is_plain = |line: &&str| !line.contains(" rules=") && !line.contains(" pace=");
    let shortest = lines.filter(|line| protocol(line) == entry.name).filter(is_plain).min_by_key(|line| line.len());
    let required = || entry.cluster.form.split(" [").next().unwrap_or_default().split(" | ").next();
    shortest.or_else(required).unwrap_or_default().to_owned()
}
