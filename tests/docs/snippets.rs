//! Scenarios that stand in documents: pages, exercises and comments of the code. Each runs, and
//! each of its faults happens.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use quorate::lab::script::{RunOptions, ScriptProblem, run_scenario};
use quorate::lab::trace::{Document, EventKind, Lane};
use quorate::protocols::registry;

use crate::examples::EXAMPLES;
use crate::{pages, root};

/// A scenario in a document.
struct Snippet {
    /// File, with the line at which the scenario begins.
    place: String,
    text: String,
}

/// Commands that cause nothing by themselves when they have taken effect: something must follow.
const FAULTS: [&str; 21] = [
    "hold",
    "drop",
    "delay",
    "duplicate",
    "forge",
    "cut",
    "join",
    "partition",
    "heal",
    "network",
    "link",
    "service",
    "crash",
    "restart",
    "wipe",
    "pause",
    "suspend",
    "resume",
    "drift",
    "jump",
    "clock",
];

/// Faults of a node that leave an event of their own in the trace, which says that they happened.
const TRACED: [&str; 9] = ["crash", "restart", "wipe", "pause", "suspend", "resume", "drift", "jump", "clock"];

/// The lines of a document, each without what makes it a part of a block there: a comment sign, or
/// an indentation. `None` ends a block.
fn lines<'t>(place: &str, text: &'t str) -> Vec<Option<&'t str>> {
    let is_code = place.ends_with(".rs");
    let comment = |line: &'t str| {
        let said = line.trim_start();
        said.strip_prefix("//!").or_else(|| said.strip_prefix("///")).map(|said| said.strip_prefix(' ').unwrap_or(said))
    };
    let said = |line: &'t str| if is_code { comment(line) } else { Some(line) };
    let is_end = |line: &&str| !["```", "\"#", "---", "…"].iter().any(|end| line.starts_with(end));
    text.lines().map(|line| said(line).map(str::trim_end).filter(is_end)).collect()
}

/// Whether a line sets up a cluster, and is no form of such a line.
fn opens(line: &str) -> bool {
    let registry = registry();
    let mut words = line.split(' ');
    let is_cluster = words.next() == Some("cluster");
    let is_known = words.next().is_some_and(|name| registry.entries().iter().any(|entry| entry.name == name));
    is_cluster && is_known && !line.contains(['[', '|', '`', '…', '"'])
}

/// The scenarios in a text: from each cluster line to the end of its block. Prose before the line
/// is left out.
fn snippets(place: &str, text: &str) -> Vec<Snippet> {
    let lines = lines(place, text);
    let begins = (0..lines.len()).filter_map(|number| {
        let line = lines[number]?;
        opens(line.trim_start()).then_some((number, line.len() - line.trim_start().len()))
    });
    let commands = |begin: usize, indented: usize| -> String {
        let block = lines[begin..].iter().map_while(|line| {
            let line = (*line)?;
            if line.is_empty() { Some("") } else { line.get(indented..).filter(|_| line[..indented].trim().is_empty()) }
        });
        block.map(|line| format!("{line}\n")).collect()
    };
    begins
        .map(|(begin, indented)| Snippet {
            place: format!("{place}:{}", begin + 1),
            text: format!("# A snippet\n\n{}", commands(begin, indented)),
        })
        .collect()
}

/// Files with an extension below a folder, but for what is built.
fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder can be listed") {
        let path = entry.expect("an entry can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && !["target", "learning", "tests"].contains(&name.as_str()) {
                files(&path, extension, found);
            }
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
}

/// Every scenario in a document.
fn all() -> Vec<Snippet> {
    let mut found = pages();
    for extension in ["rs", "scenario"] {
        files(root(), extension, &mut found);
    }
    found.sort();
    let place = |path: &Path| path.strip_prefix(root()).unwrap_or(path).display().to_string();
    let read = |path: &PathBuf| (place(path), fs::read_to_string(path).expect("a text can be read"));
    found.iter().map(read).flat_map(|(place, text)| snippets(&place, &text)).collect()
}

/// The trace of a scenario. One without an expectation is an example, too.
fn trace(text: &str) -> Result<Document, String> {
    match run_scenario(text, &registry(), RunOptions::default()) {
        Ok(run_result) => Ok(run_result.document),
        Err(failure) => {
            let is_example = matches!(failure.error.problem, ScriptProblem::Vacuous);
            failure.document.clone().filter(|_| is_example).ok_or_else(|| failure.to_string())
        }
    }
}

/// The command of a line, without the marks around it.
fn command(line: &str) -> &str {
    line.trim_start_matches(['(', '!', ' ']).trim_end_matches(')')
}

/// Number of events that say that a fault of this name has happened at a node.
fn happened(document: &Document, fault: &str, node: &str) -> usize {
    let is_it = |what: &EventKind| match what {
        EventKind::Crash { wiped, .. } => matches!((fault, wiped), ("crash", false) | ("wipe", true)),
        EventKind::Boot { incarnation, .. } => fault == "restart" && *incarnation > 1,
        EventKind::Pause => fault == "pause",
        EventKind::Suspend => fault == "suspend",
        EventKind::Resume => fault == "resume",
        EventKind::Drift { .. } => fault == "drift",
        EventKind::Jump { .. } => ["jump", "clock"].contains(&fault),
        _ => false,
    };
    let at_node = |lane: Option<Lane>| lane.is_some_and(|lane| document.header.name(lane) == node);
    document.events.iter().filter(|event| at_node(event.lane) && is_it(&event.what)).count()
}

/// Events of a trace, without ids.
fn story(document: &Document) -> Vec<String> {
    document.events.iter().map(|event| format!("{} {:?} {:?}", event.at, event.lane, event.what)).collect()
}

/// The faults of a scenario that do not happen.
fn idle(text: &str) -> Result<Vec<String>, String> {
    let whole = trace(text)?;
    let lines: Vec<&str> = text.lines().collect();
    let faults = || {
        lines
            .iter()
            .map(|line| command(line))
            .enumerate()
            .filter(|(_, line)| FAULTS.contains(&line.split(' ').next().unwrap_or_default()))
    };
    let mut asked: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut idle = Vec::new();
    for (number, line) in faults() {
        let mut words = line.split(' ');
        let (name, node) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if TRACED.contains(&name) {
            *asked.entry((name, node)).or_default() += 1;
            continue;
        }
        // Without the line something else happens, or the scenario is impossible.
        let rest = lines.iter().enumerate().filter(|(other, _)| *other != number).map(|(_, line)| format!("{line}\n"));
        let without = trace(&rest.collect::<String>());
        if without.is_ok_and(|without| story(&without) == story(&whole)) {
            idle.push(line.to_owned());
        }
    }
    let missing = asked.iter().filter(|((name, node), count)| happened(&whole, name, node) < **count);
    idle.extend(missing.map(|((name, node), _)| format!("{name} {node}")));
    // After the last fault something happens.
    let last = faults().next_back().map_or(0, |(number, _)| number);
    let until_then: String = lines[..=last].iter().map(|line| format!("{line}\n")).collect();
    if last > 0 && trace(&until_then).is_ok_and(|short| short.events.len() == whole.events.len()) {
        idle.push(format!("nothing happens after '{}'", lines[last]));
    }
    Ok(idle)
}

#[test]
fn every_scenario_in_a_document_runs_and_each_of_its_faults_happens() {
    let snippets = all();
    for file in [
        "docs/COMMANDS.md",
        "docs/SCENARIOS.md",
        "exercises/course/attack/lost-commit/solution.scenario",
        "lab/src/script/mod.rs",
    ] {
        assert!(snippets.iter().any(|snippet| snippet.place.starts_with(file)), "no scenario is found in {file}");
    }
    let mut wrong = Vec::new();
    for Snippet { place, text } in &snippets {
        match idle(text) {
            Ok(idle) if idle.is_empty() => {}
            Ok(idle) => wrong.push(format!("{place}: this does not happen: {idle:?}")),
            Err(failure) => wrong.push(format!("{place}: {failure}")),
        }
    }
    assert!(wrong.is_empty(), "{} of {} scenarios are wrong:\n{}", wrong.len(), snippets.len(), wrong.join("\n"));
}

/// The check notices what it is for: a fault for which no time is left, or no message.
#[test]
fn a_fault_that_does_not_happen_is_noticed() {
    let scenario = |faults: &str| format!("# An example\n\ncluster paxos proposers=A acceptors=X,Y,Z\n{faults}");
    let late = scenario("propose A blue\nrun 10ms\nexpect chosen blue\ncrash X after-persist\n");
    assert_eq!(idle(&late).unwrap(), ["crash X", "nothing happens after 'crash X after-persist'"]);
    let none = scenario("drop X Y\npropose A blue\nrun 10ms\nexpect chosen blue\n");
    assert_eq!(idle(&none).unwrap(), ["drop X Y"], "acceptors send each other nothing");
    for example in EXAMPLES {
        assert!(idle(&format!("# An example\n\n{}", example.text.trim())).is_ok(), "{}", example.command);
    }
}
