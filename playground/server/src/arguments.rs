//! Arguments of the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::limits::SESSIONS_MAX;

/// Play with a cluster in the browser: every click is a command of a scenario.
#[derive(Debug, Parser)]
#[command(name = "quorate-playground", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub task: Option<Task>,
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

/// A task other than serving the page.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Write the playground as files for any web server, which need no program behind them
    Site(SiteArguments),
}

/// Arguments of `site`.
#[derive(Debug, Args)]
pub(crate) struct SiteArguments {
    /// Folder for the site: new, empty, or that of an earlier site, which is replaced
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Folder with the session as WebAssembly, first.wasm and quorate.wasm; it is built from the
    /// sources if left out
    #[arg(long, value_name = "DIR")]
    pub wasm: Option<PathBuf>,
    /// Folder with the pages of a book, which become the folder `book` of the site
    #[arg(long, value_name = "DIR")]
    pub book: Option<PathBuf>,
}
