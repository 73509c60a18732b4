//! The roles of Paxos on a `cluster` line, the same for Basic Paxos and Multi-Paxos.

use quorate_lab::script::{Args, ScriptProblem, combined};
use quorate_lab::sim::duration;
use quorate_paxos::{Backoff, Builder, Config, Retry};
use quorate_protocol::{Delay, Names, NodeId};

/// Nodes, with their roles as given on the line.
pub(super) struct Roles {
    pub(super) nodes: Vec<String>,
    builder: Builder,
}

impl Roles {
    /// Reads `nodes=…`, or the nodes of each role; then quorums, learning and delays.
    pub(super) fn read(args: &mut Args<'_>) -> Result<Self, ScriptProblem> {
        let everybody = args.option("nodes");
        let lists = ["proposers", "acceptors", "learners"].map(|role| args.list(role));
        let [proposers, acceptors, learners] =
            lists.map(|list| list.into_iter().map(str::to_owned).collect::<Vec<_>>());
        let (proposers, acceptors, learners) = match everybody {
            Some(text) if [&proposers, &acceptors, &learners].iter().all(|role| role.is_empty()) => {
                let all = combined(text)?;
                (all.clone(), all.clone(), all)
            }
            Some(_) => {
                return Err(ScriptProblem::bad(
                    "nodes= sets all roles at once; remove proposers=, acceptors= and learners=",
                ));
            }
            None if proposers.is_empty() && acceptors.is_empty() => {
                return Err(ScriptProblem::Missing { what: "the list of nodes", usage: args.usage() });
            }
            None if learners == ["none"] => (proposers, acceptors, Vec::new()),
            // By default proposers learn, so that they learn the outcome of their proposals.
            None if learners.is_empty() => (proposers.clone(), acceptors, proposers),
            None => (proposers, acceptors, learners),
        };
        let nodes = in_order([&proposers, &acceptors, &learners]);
        let names = Names::new(nodes.iter().map(String::as_str), [""; 0]);
        let ids = |role: &[String]| role.iter().filter_map(|name| names.node(name)).collect::<Vec<NodeId>>();
        let builder = Config::builder(ids(&proposers), ids(&acceptors), ids(&learners));
        let builder = details(builder, args, &names)?;
        Ok(Roles { nodes, builder })
    }

    /// Builds the configuration.
    pub(super) fn config(self) -> Result<(Vec<String>, Config), ScriptProblem> {
        let config = self.builder.build().map_err(|error| refused(&self.nodes, &error))?;
        Ok((self.nodes, config))
    }
}

/// Error of a configuration that the protocol rejects, with the nodes' names.
pub(super) fn refused(nodes: &[String], error: &impl ToString) -> ScriptProblem {
    Names::new(nodes.iter().map(String::as_str), [""; 0]).scope(|| ScriptProblem::bad(error.to_string()))
}

/// Each name once, in the order of its first mention.
fn in_order(roles: [&Vec<String>; 3]) -> Vec<String> {
    let mut nodes: Vec<String> = Vec::new();
    for name in roles.into_iter().flatten() {
        if !nodes.contains(name) {
            nodes.push(name.clone());
        }
    }
    nodes
}

fn details(mut builder: Builder, args: &mut Args<'_>, names: &Names) -> Result<Builder, ScriptProblem> {
    if let Some(size) = args.parsed("phase-1")? {
        builder = builder.phase_1_quorum(size);
    }
    if let Some(size) = args.parsed("phase-2")? {
        builder = builder.phase_2_quorum(size);
    }
    if let Some(learner) = args.node_option("distinguished", names)? {
        builder = builder.distinguished_learner(learner);
    }
    let mut retry = Retry::default();
    if let Some(timeout) = args.span("retry")? {
        retry.timeout = timeout;
    }
    if let Some(text) = args.option("backoff") {
        retry.backoff = match text {
            "off" => Backoff::Never,
            _ => delay("backoff", text).map(|range| Backoff::Exponential { unit: range.min(), cap: range.max() })?,
        };
    }
    builder = builder.retry(retry);
    Ok(match args.option("catch-up") {
        Some("off") => builder.catch_up(None),
        Some(text) => builder.catch_up(Some(delay("catch-up", text)?)),
        None => builder,
    })
}

/// Reads a delay: `150ms`, or a range `150ms..300ms` to draw from.
pub(super) fn delay(key: &str, text: &str) -> Result<Delay, ScriptProblem> {
    let span = |text| duration(text).map_err(|error| ScriptProblem::bad(format_args!("{key}=: {error}")));
    match text.split_once("..") {
        None => span(text).map(Delay::from),
        Some((min, max)) => {
            let (min, max) = (span(min)?, span(max)?);
            if min > max {
                return Err(ScriptProblem::bad(format_args!(
                    "{key}={text}: the first duration must be the shorter one"
                )));
            }
            Ok((min..max).into())
        }
    }
}
