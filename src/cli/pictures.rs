//! Options that export a trace: an HTML page, a diagram, or another tool's format.

use std::fmt::Display;
use std::fs;
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

    /// Rejects exports that the protocol does not support, before anything runs.
    pub(crate) fn suit(&self, protocol: &str) -> Result<(), Failure> {
        match self.tla {
            Some(_) => Specification::of(protocol).map(|_| ()).map_err(Failure::unusable),
            None => Ok(()),
        }
    }

    /// Reports requested files that are not written because there is no trace.
    pub(crate) fn report_unwritten(&self, output: &mut Output) -> Result<(), Failure> {
        for path in [&self.html, &self.svg, &self.mermaid, &self.shiviz, &self.itf, &self.tla].into_iter().flatten() {
            output.prose(&format!("{} was not written: {}.", path.display(), ExportError::Unbroken))?;
        }
        Ok(())
    }

    /// Writes the requested files.
    pub(crate) fn save(&self, document: &Document, output: &mut Output) -> Result<(), Failure> {
        self.save_with(document, &PageInfo::default(), output)
    }

    /// Writes the requested files; the page also has the prose and remarks of the run.
    pub(crate) fn save_with(&self, document: &Document, info: &PageInfo, output: &mut Output) -> Result<(), Failure> {
        if let Some(path) = &self.html {
            write(path, html::page_with(document, info), output)?;
        }
        if let Some(path) = &self.svg {
            write(path, export::svg(document), output)?;
        }
        if let Some(path) = &self.mermaid {
            write(path, export::mermaid(document), output)?;
        }
        if let Some(path) = &self.shiviz {
            write(path, export::shiviz(document), output)?;
            output.line(format_args!("The regular expression for ShiViz: {}", export::SHIVIZ_REGEX))?;
        }
        if let Some(path) = &self.itf {
            write(path, export::itf(document), output)?;
        }
        if let Some(folder) = &self.tla {
            tla::save(document, folder, output)?;
        }
        Ok(())
    }
}

/// Writes a file and prints its path.
pub(crate) fn write(path: &Path, drawn: Result<String, impl Display>, output: &mut Output) -> Result<(), Failure> {
    let text = drawn.map_err(Failure::unusable)?;
    fs::write(path, text).map_err(|error| Failure::unusable(format_args!("{}: {error}", path.display())))?;
    output.line(format_args!("Saved {}.", path.display()))
}
