//! `RUST_LOG`: log lines about the machines on stderr.

use std::io::IsTerminal;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::failure::Failure;

/// Enables the logging requested by `RUST_LOG`, such as `quorate::raft=debug`; none if it is unset
/// or empty.
///
/// # Errors
///
/// The value is not a list of targets and levels.
pub(crate) fn begin() -> Result<(), Failure> {
    let Some(wanted) = std::env::var_os("RUST_LOG").filter(|wanted| !wanted.is_empty()) else { return Ok(()) };
    let wanted = wanted.to_string_lossy();
    let filter: Targets = wanted.parse().map_err(|problem| {
        Failure::unusable(format!(
            "RUST_LOG is \"{wanted}\": {problem}; use targets and levels, such as quorate::raft=debug,quorate=info \
             (targets: quorate::paxos, quorate::raft, quorate::lease, quorate::machine; \
             levels: info for facts, debug for rules, trace for messages)"
        ))
    })?;
    let lines = tracing_subscriber::fmt::layer()
        .without_time()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    tracing_subscriber::registry().with(lines).with(filter).init();
    Ok(())
}
