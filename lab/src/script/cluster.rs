//! The `cluster` command: options that every protocol's cluster has.

use std::collections::BTreeSet;

use quorate_protocol::{Date, Duration, Names, Time};

use super::args::{Args, whole};
use super::problem::{ScriptProblem, shown};
use crate::env::{Conditions, Latency, RetryPolicy};

/// Maximum number of nodes and clients of a scenario: a diagram with more lanes is unreadable.
const MEMBERS_MAX: usize = 64;
/// Maximum length of a name in letters: it is a column heading.
const NAME_MAX: usize = 16;
/// Default latency of a message.
const LATENCY: Duration = Duration::from_millis(1);
/// Name of the default client, which sends requests if the script names no clients.
const DEFAULT_CLIENT: &str = "client";

/// The options that every cluster has.
pub(super) struct Common {
    /// The clients that the script names; none if it uses the default client.
    pub(super) clients: Vec<String>,
    pub(super) patience: RetryPolicy,
    pub(super) seed: u64,
    pub(super) conditions: Conditions,
    /// Reading of all wall clocks at the start.
    pub(super) wall_clock: Time,
    /// In manual mode, the duration of each manual command.
    pub(super) pace: Option<Duration>,
}

impl Common {
    pub(super) fn read(args: &mut Args<'_>) -> Result<Self, ScriptProblem> {
        let clients: Vec<String> = args.list("clients").into_iter().map(str::to_owned).collect();
        let usual = RetryPolicy::default();
        let patience = RetryPolicy {
            timeout: args.span("patience")?.unwrap_or(usual.timeout),
            attempts: args
                .option("attempts")
                .map(|text| whole(text, "a number of attempts"))
                .transpose()?
                .unwrap_or(usual.attempts),
            rotates: usual.rotates,
        };
        if patience.timeout.is_zero() {
            return Err(ScriptProblem::bad("patience= is zero; a client waits at least 1ns for a reply"));
        }
        let seed = args.option("seed").map(|text| whole(text, "a seed")).transpose()?.unwrap_or_default();
        let conditions = conditions(args, Conditions::steady(LATENCY))?;
        let date = args.option("date").map(|text| text.parse::<Date>().map_err(ScriptProblem::bad)).transpose()?;
        let wall_clock = date.map_or(Time::ZERO, |Date(wall)| wall);
        args.start = wall_clock;
        let pace = args.span("pace")?;
        Ok(Common { clients, patience, seed, conditions, wall_clock, pace })
    }
}

/// Parses network conditions; omitted options keep their values.
pub(super) fn conditions(args: &mut Args<'_>, before: Conditions) -> Result<Conditions, ScriptProblem> {
    Ok(Conditions {
        latency: args.parsed::<Latency>("latency")?.unwrap_or(before.latency),
        loss: args.parsed("loss")?.unwrap_or(before.loss),
        duplication: args.parsed("duplicate")?.unwrap_or(before.duplication),
        extra_delay_rate: args.parsed("straggling")?.unwrap_or(before.extra_delay_rate),
        extra_delay: args.parsed("straggle")?.unwrap_or(before.extra_delay),
    })
}

/// The names of a cluster's nodes: those of a list such as `nodes=3`, `nodes=A,B,C` or `nodes=A`.
///
/// # Errors
/// A number that is too large.
pub fn combined(text: &str) -> Result<Vec<String>, ScriptProblem> {
    if !text.starts_with(|first: char| first.is_ascii_digit()) || text.contains(',') {
        return Ok(text.split(',').map(str::to_owned).collect());
    }
    let count: usize = text.parse().map_err(|_| {
        ScriptProblem::bad(format_args!("'{text}' is neither a number of nodes, such as 3, nor names, such as A,B,C"))
    })?;
    limit(count)?;
    Ok((1..=count).map(|number| format!("n{number}")).collect())
}

fn limit(count: usize) -> Result<(), ScriptProblem> {
    if count > MEMBERS_MAX {
        return Err(ScriptProblem::TooMany { what: "nodes and clients", count, max: MEMBERS_MAX });
    }
    Ok(())
}

/// The names of all nodes and clients, checked to be valid and distinct.
pub(super) fn members(nodes: &[String], clients: &[String]) -> Result<Names, ScriptProblem> {
    if nodes.is_empty() {
        return Err(ScriptProblem::bad("the cluster has no nodes; name at least one"));
    }
    limit(nodes.len().saturating_add(clients.len()))?;
    let mut taken = BTreeSet::new();
    for name in nodes.iter().chain(clients) {
        readable(name)?;
        if !taken.insert(name.as_str()) {
            return Err(ScriptProblem::bad(format_args!(
                "'{name}' is used twice; give each node and client a unique name"
            )));
        }
    }
    let mut clients = clients.to_vec();
    if clients.is_empty() {
        clients.push(default_client(&taken));
    }
    Ok(Names::new(nodes.to_vec(), clients))
}

/// `client`, or, if a node has that name, the first unused one of `client2`, `client3`, ….
fn default_client(taken: &BTreeSet<&str>) -> String {
    let numbered = (2..).map(|number| format!("{DEFAULT_CLIENT}{number}"));
    std::iter::once(DEFAULT_CLIENT.to_owned())
        .chain(numbered)
        .find(|name| !taken.contains(name.as_str()))
        .unwrap_or_default()
}

fn readable(name: &str) -> Result<(), ScriptProblem> {
    let letters = name.chars().count();
    let is_readable = name.chars().all(|sign| sign.is_alphanumeric() || "-_".contains(sign));
    if is_readable && (1..=NAME_MAX).contains(&letters) {
        return Ok(());
    }
    let name = shown(name);
    Err(ScriptProblem::bad(format_args!(
        "'{name}' is not a valid name; use 1 to {NAME_MAX} letters, digits, '-' or '_'"
    )))
}
