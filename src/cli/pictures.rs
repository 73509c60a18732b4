//! Options that export a trace: an HTML page, a diagram, or another tool's format.

use std::fmt::Display;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use quorate::lab::script::ExportError;
use quorate::lab::trace::export::Specification;
use quorate::lab::trace::html::PageInfo;
use quorate::lab::trace::{Document, export, html};

use super::failure::Failure;
use super::output::Output;
use super::tla;

/// The files to make of a trace.
#[derive(Args, Debug)]
pub(crate) struct Pictures {
    /// Save an interactive page (HTML), in one self-contained file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Save a static diagram (SVG)
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Save a sequence diagram for Mermaid
    #[arg(long, value_name = "FILE")]
    mermaid: Option<PathBuf>,
    /// Save a log for ShiViz; its regular expression is printed
    #[arg(long, value_name = "FILE")]
    shiviz: Option<PathBuf>,
    /// Save the states in the Informal Trace Format (ITF) of Apalache and Quint
    #[arg(long, value_name = "FILE")]
    itf: Option<PathBuf>,
    /// Save the steps and the TLA+ specification that checks them, in a folder for TLC (paxos, raft
    /// and lease only)
    #[arg(long, value_name = "FOLDER")]
    tla: Option<PathBuf>,
}

impl Pictures {
    /// Whether any export is requested.
    pub(crate) fn any(&self) -> bool {
        [&self.html, &self.svg, &self.mermaid, &self.shiviz, &self.itf, &self.tla].into_iter().any(Option::is_some)
    }

    /// Rejects exports that the protocol does not support and files that cannot be written, before
    /// anything runs or is printed.
    pub(crate) fn suit(&self, protocol: &str) -> Result<(), Failure> {
        if self.tla.is_some() {
            Specification::of(protocol).map_err(Failure::unusable)?;
        }
        let files = [&self.html, &self.svg, &self.mermaid, &self.shiviz, &self.itf];
        files.into_iter().flatten().try_for_each(|path| check_writable(path))
    }

    /// Reports requested files that are not written because there is no trace.
    pub(crate) fn report_unwritten(&self, output: &mut Output) -> Result<(), Failure> {
        for path in [&self.html, &self.svg, &self.mermaid, &self.shiviz, &self.itf, &self.tla].into_iter().flatten() {
            output.prose(&format!("{} was not written: {}.", path.display(), ExportError::Unbroken))?;
        }
        Ok(())
    }

    /// Writes the requested files; the page also has the prose and remarks of the run. This is done
    /// before anything is printed, because the reader of the output may stop reading.
    pub(crate) fn write(&self, document: &Document, info: &PageInfo) -> Result<Written, Failure> {
        let mut lines = Vec::new();
        if let Some(path) = &self.html {
            lines.push(write_file(path, html::page_with(document, info))?);
        }
        if let Some(path) = &self.svg {
            lines.push(write_file(path, export::svg(document))?);
        }
        if let Some(path) = &self.mermaid {
            lines.push(write_file(path, export::mermaid(document))?);
        }
        if let Some(path) = &self.shiviz {
            lines.push(write_file(path, export::shiviz(document))?);
            lines.push(format!("The regular expression for ShiViz: {}", export::SHIVIZ_REGEX));
        }
        if let Some(path) = &self.itf {
            lines.push(write_file(path, export::itf(document))?);
        }
        if let Some(folder) = &self.tla {
            lines.extend(tla::save(document, folder)?);
        }
        Ok(Written(lines))
    }
}

/// Files that are written, to be reported below the trace.
#[must_use]
pub(crate) struct Written(Vec<String>);

impl Written {
    /// Prints where the files are, and what they are for.
    pub(crate) fn report(self, output: &mut Output) -> Result<(), Failure> {
        self.0.iter().try_for_each(|line| output.line(line))
    }
}

/// Writes a file and prints its path.
pub(crate) fn write(path: &Path, drawn: Result<String, impl Display>, output: &mut Output) -> Result<(), Failure> {
    let saved = write_file(path, drawn)?;
    output.line(saved)
}

/// Writes a file. Returns the line that says so.
pub(crate) fn write_file(path: &Path, drawn: Result<String, impl Display>) -> Result<String, Failure> {
    let text = drawn.map_err(Failure::unusable)?;
    fs::write(path, text).map_err(|error| unwritable(path, &error))?;
    Ok(format!("Saved {}.", path.display()))
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::unusable(format_args!("{}: {error}", path.display()))
}

/// Reports a trace file that cannot be written; `-` is the standard output.
pub(crate) fn check_jsonl(path: Option<&Path>) -> Result<(), Failure> {
    path.filter(|path| path.as_os_str() != "-").map_or(Ok(()), check_writable)
}

/// Reports a file that cannot be written; changes none that exists, and leaves none behind.
pub(crate) fn check_writable(path: &Path) -> Result<(), Failure> {
    let exists = match fs::metadata(path) {
        // A pipe or a device might wait for a reader, or take the check for a file.
        Ok(found) if !found.is_file() && !found.is_dir() => return Ok(()),
        found => found.is_ok(),
    };
    let opened = OpenOptions::new().append(true).create(true).open(path);
    opened.map_err(|error| unwritable(path, &error))?;
    if exists {
        return Ok(());
    }
    fs::remove_file(path).map_err(|error| unwritable(path, &error))
}
