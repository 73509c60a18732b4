//! `quorate run`: runs a scenario.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use clap::Args;
use quorate::catalogue;
use quorate::lab::script::{self, RunOptions};
use quorate::lab::trace::render;
use quorate::protocols;

use super::bug::Choice;
use super::failure::Failure;
use super::output::{Output, Showing, save_jsonl};
use super::pictures::Pictures;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// A scenario's name (see `quorate list`), or a file with one
    scenario: String,
    /// Leave to another chance what the scenario leaves to chance
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    showing: Showing,
    /// Save the trace as JSON Lines (`-`: print nothing else)
    #[arg(long, value_name = "FILE")]
    jsonl: Option<PathBuf>,
    #[command(flatten)]
    pictures: Pictures,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let (name, text) = read(&arguments.scenario)?;
    let staging = RunOptions { seed: arguments.seed, rules: arguments.choice.bug.map(|bug| bug.id) };
    let run_result = match script::run_scenario(&text, &protocols::registry(), staging) {
        Ok(run_result) => run_result,
        Err(failure) => {
            if let Some(document) = failure.document.as_ref().filter(|document| !document.events.is_empty()) {
                output.trace(document, arguments.showing)?;
                output.line("")?;
                arguments.pictures.save(document, output)?;
            }
            output.flush()?;
            let message = format!("{name}: {failure}");
            return Err(if failure.is_unmet() { Failure::Broke(message) } else { Failure::Unusable(message) });
        }
    };
    let document = &run_result.document;
    arguments.pictures.suit(&document.header.protocol)?;
    if let Some(path) = &arguments.jsonl {
        save_jsonl(document, path, output)?;
        if path.as_os_str() == "-" {
            return arguments.pictures.save(document, &mut Output::silent());
        }
    }
    output.line(render::heading(&document.header))?;
    output.line("")?;
    for paragraph in script::story(&text).split("\n\n").skip(1) {
        // An indented paragraph is a table, and keeps its line breaks.
        if paragraph.starts_with("    ") {
            output.line(paragraph)?;
        } else {
            output.prose(&paragraph.replace('\n', " "))?;
        }
        output.line("")?;
    }
    output.trace(document, arguments.showing)?;
    output.line("")?;
    arguments.pictures.save(document, output)?;
    let claims = run_result.expectations;
    match &run_result.violation {
        None => output.line(format_args!(
            "All {claims} expectations of {name} are met, and every invariant held after every step."
        )),
        Some(violation) => {
            output.line(format_args!("All {claims} expectations of {name} are met. As it says, {}.", violation.broken))
        }
    }
}

/// Reads a file; `None` if it is larger than any scenario, such as an endless device.
fn read_bounded(path: &str) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(script::TEXT_MAX as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > script::TEXT_MAX {
        return Ok(None);
    }
    String::from_utf8(bytes).map(Some).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "this is not UTF-8 text"))
}

/// Name and text of a scenario: from the file of that name if it exists, otherwise from the
/// catalogue.
fn read(scenario: &str) -> Result<(String, String), Failure> {
    match read_bounded(scenario) {
        Ok(Some(text)) => Ok((scenario.to_owned(), text)),
        Ok(None) => {
            let max = script::TEXT_MAX;
            Err(Failure::unusable(format_args!(
                "{scenario}: this is longer than {max} bytes, the most that a scenario has"
            )))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let found = catalogue::find(scenario).map_err(Failure::unusable)?;
            Ok((found.path().to_owned(), found.text().to_owned()))
        }
        Err(error) => Err(Failure::unusable(format_args!("{scenario}: {error}; a file with a scenario is expected"))),
    }
}
