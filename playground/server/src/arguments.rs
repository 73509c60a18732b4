//! Arguments of the command line.

use std::path::PathBuf;

use clap::Parser;

use crate::limits::SESSIONS_MAX;

/// Play with a cluster in the browser: every click is a command of a scenario.
#[derive(Debug, Parser)]
#[command(name = "quorate-playground", version)]
pub(crate) struct Arguments {
    /// Name of a scenario, or path of a scenario file, to begin with; a small Raft cluster if left
    /// out
    pub scenario: Option<String>,
    /// Goal of an attack exercise, a file that `quorate learn play` writes
    #[arg(long, value_name = "FILE", conflicts_with = "scenario")]
    pub goal: Option<PathBuf>,
    /// Port on the loopback; 0 picks a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub port: u16,
    /// Print the address, and open no browser
    #[arg(long)]
    pub no_open: bool,
    /// Largest number of sessions at a time; the one not used for longest ends first
    #[arg(long, value_name = "N", default_value_t = SESSIONS_MAX, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub sessions: u16,
}
