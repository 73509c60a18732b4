//! `quorate run`: runs a scenario.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use quorate::bugs::Bug;
use quorate::catalogue;
use quorate::lab::script::{self, Remark, RunOptions, RunResult, ScenarioFailure, ScriptProblem};
use quorate::lab::trace::html::{Chapter, PageInfo};
use quorate::lab::trace::render;
use quorate::protocol::InvariantSummary;
use quorate::protocols;

use super::bug::Choice;
use super::failure::Failure;
use super::output::{Output, save_jsonl};
use super::pictures::{Pictures, check_jsonl};
use super::showing::Showing;
use super::stamps::Stamps;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Name of a scenario (see `quorate list`), path of a scenario file, or `-` for standard input
    scenario: String,
    /// Use another seed for the random choices of the run
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    showing: Showing,
    #[command(flatten)]
    stamps: Stamps,
    /// Save the trace as JSON Lines (`-`: to standard output, and print nothing else)
    #[arg(long, value_name = "FILE")]
    jsonl: Option<PathBuf>,
    /// Write the output of this run into the scenario's file, as what it is to print
    #[arg(long, conflicts_with_all = ["seed", "bug"])]
    bless: bool,
    #[command(flatten)]
    pictures: Pictures,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let (name, text) = read(&arguments.scenario)?;
    if arguments.bless && !Path::new(&name).is_file() {
        return Err(Failure::unusable("--bless is for a file of yours; give its path"));
    }
    check_jsonl(arguments.jsonl.as_deref())?;
    let bug = arguments.choice.bug;
    let staging = RunOptions { seed: arguments.seed, rules: bug.map(|bug| bug.id), goes_on: bug.is_some() };
    let run_result = match script::run_scenario(&text, &protocols::registry(), staging) {
        Ok(run_result) => run_result,
        Err(failure) => return failed(arguments, &name, &text, &failure, output),
    };
    let document = &*arguments.stamps.on(&run_result.document);
    arguments.pictures.suit(&document.header.protocol)?;
    arguments.showing.suit(document)?;
    let info = page_info(arguments, &text, &run_result.remarks, run_result.invariants.clone());
    if let Some(path) = &arguments.jsonl {
        save_jsonl(document, path, output)?;
        if path.as_os_str() == "-" {
            return arguments.pictures.write(document, &info).map(drop);
        }
    }
    let written = arguments.pictures.write(document, &info)?;
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
    output.trace(document, &arguments.showing)?;
    output.line("")?;
    written.report(output)?;
    if let Some(bug) = bug.filter(|_| !run_result.unmet.is_empty()) {
        return harm(&name, bug, &run_result, output);
    }
    let met = match run_result.expectations {
        1 => "the expectation is met".to_owned(),
        count => format!("all {count} expectations are met"),
    };
    compare(arguments, &name, &run_result, output)?;
    match &run_result.violation {
        None => output.line(format_args!("{name}: {met}, and every invariant held after every step.")),
        Some(violation) => output.line(format_args!("{name}: {met}. As expected, {}.", violation.broken)),
    }
}

/// Compares the output with the one that the scenario's file holds, or writes it there.
fn compare(arguments: &Arguments, name: &str, run_result: &RunResult, output: &mut Output) -> Result<(), Failure> {
    let overridden = arguments.seed.is_some() || arguments.choice.bug.is_some();
    match &run_result.difference {
        _ if overridden || name == STDIN => Ok(()),
        _ if arguments.bless => {
            let is_same = run_result.has_output && run_result.difference.is_none();
            if !is_same {
                std::fs::write(name, &run_result.text).map_err(|error| {
                    Failure::unusable(format_args!("{name}: cannot write the output into the scenario: {error}"))
                })?;
            }
            output.line(if is_same { "The output is the stored one." } else { "The output is stored." })
        }
        Some(difference) => {
            output.flush()?;
            let advice = "if that is meant, --bless stores the new output";
            Err(Failure::Broke(format!("{name}: {difference}; {advice}")))
        }
        None if !run_result.has_output => output.line("The scenario holds no output to compare with; --bless adds it."),
        None => Ok(()),
    }
}

/// Lists what a bug has changed: expectations that no longer hold, and the invariant that broke.
fn harm(name: &str, bug: &Bug, run_result: &RunResult, output: &mut Output) -> Result<(), Failure> {
    output.line(format_args!("{name}: under {} this differs from what the scenario says.", bug.id))?;
    let mut differences: Vec<_> = run_result.unmet.iter().collect();
    differences.sort_by_key(|difference| difference.line);
    for difference in differences {
        output.prose(&format!("  {difference}"))?;
    }
    output.flush()?;
    let unmet = run_result.unmet.iter().filter(|error| matches!(error.problem, ScriptProblem::Unmet { .. })).count();
    let broken = match &run_result.violation {
        Some(violation) => format!("{} is broken", violation.broken.invariant),
        None => "no invariant is broken".to_owned(),
    };
    let all = run_result.expectations;
    Err(Failure::Broke(format!("{name}: under {} {unmet} of {all} expectations do not hold, and {broken}", bug.id)))
}

/// Shows and saves a run as far as it came, and says why it ended.
fn failed(
    arguments: &Arguments,
    name: &str,
    text: &str,
    failure: &ScenarioFailure,
    output: &mut Output,
) -> Result<(), Failure> {
    // A scenario that only looks is no failure.
    let only_looks = matches!(failure.error.problem, ScriptProblem::Vacuous);
    let document = failure.document.as_ref().filter(|document| !document.events.is_empty());
    if let Some(document) = document {
        let document = &*arguments.stamps.on(document);
        arguments.showing.suit(document)?;
        let info = PageInfo {
            failure: (!only_looks).then(|| failure.to_string()),
            ..page_info(arguments, text, &[], failure.invariants.clone())
        };
        let mut silent = Output::silent();
        let mut output = &mut *output;
        if let Some(path) = &arguments.jsonl {
            save_jsonl(document, path, output)?;
            if path.as_os_str() == "-" {
                output = &mut silent;
            }
        }
        let written = arguments.pictures.write(document, &info)?;
        output.trace(document, &arguments.showing)?;
        output.line("")?;
        written.report(output)?;
        if only_looks {
            let held = "every invariant held after every step";
            return output.line(format_args!("{name}: {held}. Add an `expect` line, and it tests what it shows."));
        }
    }
    output.flush()?;
    let message = format!("{name}: {failure}");
    Err(if failure.is_unmet() { Failure::Broke(message) } else { Failure::Unusable(message) })
}

/// Text of the page beside the trace: the scenario's prose as chapters, the bug under which it
/// runs, and what was checked.
fn page_info(arguments: &Arguments, text: &str, remarks: &[Remark], invariants: Vec<InvariantSummary>) -> PageInfo {
    let story = script::story(text);
    // The first paragraph is the title.
    let (_, story) = story.split_once("\n\n").unwrap_or_default();
    let mut info = PageInfo { invariants, ..PageInfo::story(story) };
    // A remark is about what has just happened: it begins with the last event before it.
    let chapter = |remark: &Remark| Chapter { at: remark.after.saturating_sub(1), text: remark.text.clone() };
    info.chapters.extend(remarks.iter().map(chapter));
    let cluster = text.lines().find(|line| line.trim_start().starts_with("cluster "));
    let written = cluster.and_then(|line| line.split_whitespace().find_map(|word| word.strip_prefix("rules=")));
    info.bug = arguments.choice.bug.map(|bug| bug.id).or(written).map(str::to_owned);
    info
}

/// Path that stands for standard input.
const STDIN: &str = "-";

/// Reads a file or standard input; `None` if it is larger than any scenario, such as an endless
/// device.
fn read_bounded(path: &str) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let max = script::TEXT_MAX as u64 + 1;
    match path {
        STDIN => io::stdin().take(max).read_to_end(&mut bytes)?,
        path => File::open(path)?.take(max).read_to_end(&mut bytes)?,
    };
    if bytes.len() > script::TEXT_MAX {
        return Ok(None);
    }
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the file is not UTF-8 text"))
}

/// Name and text of a scenario: from the file of that name if it exists, otherwise from the
/// catalogue.
fn read(scenario: &str) -> Result<(String, String), Failure> {
    match read_bounded(scenario) {
        Ok(Some(text)) => Ok((scenario.to_owned(), text)),
        Ok(None) => {
            let max = script::TEXT_MAX;
            Err(Failure::unusable(format_args!(
                "{scenario}: the file is longer than {max} bytes, the maximum for a scenario"
            )))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let is_path = scenario.starts_with(['.', '/']) || scenario.ends_with(".scenario");
            let found = catalogue::find(scenario).map_err(|unknown| match is_path {
                true => Failure::unusable(format_args!("there is no file '{scenario}'")),
                false => Failure::unusable(unknown),
            })?;
            Ok((found.path().to_owned(), found.text().to_owned()))
        }
        Err(error) => Err(Failure::unusable(format_args!("{scenario}: cannot read the scenario: {error}"))),
    }
}
