//! The `cluster` and `disk` lines of Raft.

use quorate_lab::script::{Args, ScriptProblem, combined};
use quorate_protocol::{ClientId, Names, NodeId, RequestId};
use quorate_raft::{Disk, Entry, KeyValue, KeyValueCommand, Log, Payload, Settings, Snapshots, Term};

use super::named;
use crate::protocols::roles::delay;

/// Reads the nodes and the settings.
pub(super) fn settings(args: &mut Args<'_>) -> Result<(Vec<String>, Settings), ScriptProblem> {
    let Some(text) = args.option("nodes") else {
        return Err(ScriptProblem::Missing { what: "the list of nodes", usage: args.usage() });
    };
    let nodes = combined(text)?;
    let learners = named(&nodes, &args.list("learners"))?;
    let voters = match args.list("voters") {
        all if all.is_empty() => {
            (0..nodes.len() as u32).map(NodeId).filter(|node| !learners.contains(node)).collect::<Vec<_>>()
        }
        some => named(&nodes, &some)?,
    };
    let mut settings = Settings { voters, learners, ..Settings::default() };
    times(&mut settings, args)?;
    sizes(&mut settings, args)?;
    settings.probes = switch(args, "probes")?;
    settings.pre_vote = switch(args, "pre-vote")?;
    settings.check_quorum = switch(args, "check-quorum")?;
    settings.snapshots = snapshots(args)?;
    Ok((nodes, settings))
}

fn times(settings: &mut Settings, args: &mut Args<'_>) -> Result<(), ScriptProblem> {
    if let Some(text) = args.option("election") {
        let range = delay("election", text)?;
        settings.election = range.min()..range.max();
    }
    if let Some(heartbeat) = args.span("heartbeat")? {
        settings.heartbeat = heartbeat;
    }
    Ok(())
}

fn sizes(settings: &mut Settings, args: &mut Args<'_>) -> Result<(), ScriptProblem> {
    for (key, size) in [
        ("window", &mut settings.window),
        ("batch", &mut settings.batch),
        ("command-limit", &mut settings.command_limit),
        ("session-replies", &mut settings.session_replies),
    ] {
        if let Some(given) = args.parsed(key)? {
            *size = given;
        }
    }
    if let Some(lag) = args.parsed("promotion-lag")? {
        settings.promotion_lag = lag;
    }
    Ok(())
}

fn switch(args: &mut Args<'_>, key: &'static str) -> Result<bool, ScriptProblem> {
    match args.option(key) {
        None | Some("off") => Ok(false),
        Some("on") => Ok(true),
        Some(other) => Err(ScriptProblem::bad(format_args!("{key}={other}: use on or off"))),
    }
}

/// Default number of pieces of a snapshot per message.
const CHUNK: usize = 8;

fn snapshots(args: &mut Args<'_>) -> Result<Option<Snapshots>, ScriptProblem> {
    let every = args.parsed("snapshot-every")?;
    let (keep, chunk) = (args.parsed("snapshot-keep")?, args.parsed("snapshot-chunk")?);
    match every {
        Some(every) => Ok(Some(Snapshots { every, keep: keep.unwrap_or(0), chunk: chunk.unwrap_or(CHUNK) })),
        None if keep.is_none() && chunk.is_none() => Ok(None),
        None => Err(ScriptProblem::bad("snapshots are off; add snapshot-every= to take snapshots")),
    }
}

/// Reads a comma-separated list of nodes.
pub(super) fn nodes(text: &str, names: &Names) -> Result<Vec<NodeId>, ScriptProblem> {
    named(names.nodes(), &text.split(',').collect::<Vec<_>>())
}

/// Maximum number of initial log entries: each needs a request id of its own, and longer logs are
/// unreadable.
const ENTRIES_MAX: usize = 999;

/// Reads the initial disk of a node.
pub(super) fn disk(args: &mut Args<'_>, names: &Names) -> Result<Disk<KeyValue>, ScriptProblem> {
    let vote = args.node_option("vote", names)?;
    let entries = args.list("log");
    if entries.len() > ENTRIES_MAX {
        return Err(ScriptProblem::TooMany { what: "entries", count: entries.len(), max: ENTRIES_MAX });
    }
    let mut log = Log::default();
    for (text, index) in entries.into_iter().zip(1..) {
        log.push(entry(text, index)?);
    }
    let term = args.parsed("term")?.map_or(log.last().term, Term);
    Ok(Disk::new(term, vote, log))
}

/// Reads `4`, a no-op entry of term 4, or `4:x=8`, one that sets x to 8.
fn entry(text: &str, index: u64) -> Result<Entry<KeyValue>, ScriptProblem> {
    let bad = || {
        ScriptProblem::bad(format_args!(
            "log=: '{text}' is not an entry; write its term, with a command if needed, such as 4 or 4:x=8"
        ))
    };
    let (term, sets) = text.split_once(':').map_or((text, None), |(term, sets)| (term, Some(sets)));
    let term: u64 = term.parse().map_err(|_| bad())?;
    let payload = match sets {
        None => Payload::Noop,
        Some(sets) => {
            let (key, value) = sets.split_once('=').ok_or_else(bad)?;
            let command = KeyValueCommand::Put { key: key.to_owned(), value: value.to_owned() };
            Payload::Apply { ticket: earlier(term, index), command }
        }
    };
    Ok(Entry { term: Term(term), payload })
}

/// Id of a request from before the scenario begins: by the first client, under a number that the
/// client will not reach, unique for each index and term.
fn earlier(term: u64, index: u64) -> RequestId {
    RequestId { client: ClientId(0), number: term.saturating_mul(1 + ENTRIES_MAX as u64).saturating_add(index) }
}
