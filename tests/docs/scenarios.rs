//! Tests of `docs/SCENARIOS.md`: its lists are those of the language and of the protocols, and its
//! examples show what they say.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use quorate::bugs;
use quorate::catalogue;
use quorate::lab::script::{ASSERTIONS, COMMANDS, RegistryEntry, RunOptions, RunResult, Usage, run_scenario};
use quorate::lab::trace::Document;
use quorate::protocols::registry;

use crate::examples::{self, EXAMPLES};
use crate::options::OPTIONS;
use crate::{between, is_update, root};

const PAGE: &str = "docs/SCENARIOS.md";

/// A meaning from a table, as a sentence.
fn sentence(says: &str) -> String {
    let mut letters = says.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// A form in the cell of a table.
fn cell(form: &str) -> String {
    format!("`{}`", form.replace('|', "\\|"))
}

/// The options in a form, as pairs of key and example.
fn options(form: &str) -> impl Iterator<Item = (&str, &str)> {
    let words = form.split([' ', '[', ']']).filter_map(|word| word.split_once('='));
    words.filter(|(key, _)| key.chars().all(|char| !char.is_uppercase()))
}

/// A table of the options in a form, with their meanings.
fn table_of_options(form: &str) -> String {
    let mut table = String::from("\n| option | |\n|---|---|\n");
    for (key, example) in options(form) {
        let meaning = OPTIONS.iter().find(|(option, _)| *option == key).map_or("", |(_, meaning)| meaning);
        writeln!(table, "| {} | {meaning} |", cell(&format!("{key}={example}"))).unwrap();
    }
    table
}

/// The commands by name; some have several forms.
fn by_name() -> impl Iterator<Item = (&'static str, &'static [Usage])> {
    COMMANDS.chunk_by(|one, other| one.name() == other.name()).map(|usages| (usages[0].name(), usages))
}

fn commands() -> String {
    let mut page = String::new();
    let links: Vec<String> = by_name().map(|(name, _)| format!("[`{name}`](#{name})")).collect();
    for line in links.chunks(12) {
        writeln!(page, "{}", line.join(" ")).unwrap();
    }
    for (name, usages) in by_name() {
        let example = EXAMPLES.iter().find(|example| example.command == name);
        let example = example.map(|example| example.text.trim()).unwrap_or_default();
        writeln!(page, "\n### {name}").unwrap();
        for Usage { form, says } in usages {
            writeln!(page, "\n```text\n{form}\n```\n\n{}", sentence(says)).unwrap();
        }
        writeln!(page, "\nExample:\n\n```text\n{example}\n```").unwrap();
        if name == "cluster" {
            page.push_str(&table_of_options(usages[0].form));
        }
    }
    page
}

fn assertions() -> String {
    let mut page = String::from("| assertion | |\n|---|---|\n");
    for Usage { form, says } in ASSERTIONS {
        writeln!(page, "| {} | {says} |", cell(form)).unwrap();
    }
    writeln!(page, "\nEach of them at least once:\n\n```text\n{}\n```", examples::ASSERTIONS.trim()).unwrap();
    page
}

/// The commands of a scenario, without its output, and without the marks around a command.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut is_output = false;
    text.lines().filter_map(move |line| {
        is_output = line == "---" || is_output && !line.is_empty();
        let command = line.trim_start_matches(['(', '!', ' ']).trim_end_matches(')');
        (!is_output && !line.starts_with('#')).then_some(command)
    })
}

/// The first scenario of a protocol that has a line with this beginning, as a link.
fn seen_in(protocol: &str, beginnings: &[String]) -> String {
    let begins = |line: &str, with: &String| {
        line.strip_prefix(with.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let cluster = format!("cluster {protocol}");
    let found = catalogue::all().iter().find(|scenario| {
        lines(scenario.text()).any(|line| begins(line, &cluster))
            && lines(scenario.text()).any(|line| beginnings.iter().any(|with| begins(line, with)))
    });
    found.map_or("–".to_owned(), |found| format!("[{}](../scenarios/{})", found.name(), found.path()))
}

fn usages(page: &mut String, protocol: &str, title: &str, usages: &[Usage], commands: &[&str]) {
    writeln!(page, "\n| {title} | | seen in |\n|---|---|---|").unwrap();
    for usage in usages {
        let beginnings: Vec<String> = commands.iter().map(|command| format!("{command}{}", usage.name())).collect();
        writeln!(page, "| {} | {} | {} |", cell(usage.form), usage.says, seen_in(protocol, &beginnings)).unwrap();
    }
}

fn protocol(page: &mut String, entry: &RegistryEntry) {
    writeln!(
        page,
        "\n### cluster {}\n\n{}\n\n```text\n{}\n```",
        entry.name,
        sentence(entry.cluster.says),
        entry.cluster.form
    )
    .unwrap();
    page.push_str(&table_of_options(entry.cluster.form));
    if let Some(Usage { form, says }) = entry.disk {
        writeln!(page, "\n`{form}`: {says}.").unwrap();
    }
    usages(page, entry.name, "request", entry.requests, &[""]);
    usages(page, entry.name, "assertion", entry.assertions, &["expect ", "until "]);
    let names = &entry.event_names;
    let kinds = [
        ("Messages", &names.messages, "Message"),
        ("Timers", &names.timers, "Timer"),
        ("Records", &names.records, "Record"),
        ("Facts", &names.facts, "Fact"),
        ("Replies", &names.replies, "Reply"),
    ];
    page.push('\n');
    for (kind, names, unnamed) in kinds {
        // A kind without names of its own: the protocol has none, or one that needs no name.
        if names[..] != [unnamed] {
            writeln!(page, "- {kind}: {}", listed(names)).unwrap();
        }
    }
    if !entry.rulebooks.is_empty() {
        writeln!(page, "- Rulebooks for `rules=`: {}", listed(&entry.rulebooks)).unwrap();
    }
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn protocols() -> String {
    let registry = registry();
    let mut page = String::new();
    let link = |entry: &RegistryEntry| format!("[`{name}`](#cluster-{name})", name = entry.name);
    writeln!(page, "{}", registry.entries().iter().map(link).collect::<Vec<_>>().join(" ")).unwrap();
    for entry in registry.entries() {
        protocol(&mut page, entry);
    }
    page
}

#[test]
fn every_option_of_a_cluster_line_has_a_meaning() {
    let registry = registry();
    let forms = registry.entries().iter().map(|entry| entry.cluster.form).chain([COMMANDS[0].form]);
    let used: BTreeSet<&str> = forms.flat_map(options).map(|(key, _)| key).collect();
    let known: BTreeSet<&str> = OPTIONS.iter().map(|(key, _)| *key).collect();
    let missing: Vec<_> = used.difference(&known).collect();
    assert!(missing.is_empty(), "tests/docs/options.rs does not say what these options mean: {missing:?}");
    let idle: Vec<_> = known.difference(&used).filter(|key| **key != "rules").collect();
    assert!(idle.is_empty(), "no protocol has these options: {idle:?}");
}

#[test]
fn the_rulebook_that_a_cluster_line_shows_is_one_of_the_protocol() {
    for entry in registry().entries() {
        for (_, shown) in options(entry.cluster.form).filter(|(key, _)| *key == "rules") {
            let bug = bugs::find(shown).unwrap_or_else(|| panic!("cluster {}: there is no bug {shown}", entry.name));
            assert_eq!(bug.protocol.name(), entry.name, "{shown} is shown by another protocol");
            assert!(entry.rulebooks.contains(&shown), "cluster {}: there is no rulebook {shown}", entry.name);
        }
    }
}

#[test]
fn its_lists_are_those_of_the_language() {
    let path = root().join(PAGE);
    let stored = std::fs::read_to_string(&path).unwrap();
    let mut page = stored.clone();
    for (section, text) in [("commands", commands()), ("assertions", assertions()), ("protocols", protocols())] {
        page = between(&page, section, &text);
    }
    if is_update() {
        std::fs::write(&path, page).unwrap();
        return;
    }
    let differs = page.lines().zip(stored.lines()).position(|(new, old)| new != old);
    let line = differs.unwrap_or_else(|| page.lines().count().min(stored.lines().count())) + 1;
    assert!(
        page == stored,
        "{PAGE}, line {line}: the language says something else; UPDATE_GOLDENFILES=1 cargo test --test docs"
    );
}

fn performed(what: &str, text: &str) -> RunResult {
    let scenario = format!("# An example\n\n{}\n", text.trim());
    run_scenario(&scenario, &registry(), RunOptions::default()).unwrap_or_else(|failure| panic!("{what}: {failure}"))
}

/// A trace as a file.
fn written(document: &Document) -> String {
    let mut trace = Vec::new();
    document.write_jsonl(&mut trace).unwrap();
    String::from_utf8(trace).unwrap()
}

#[test]
fn every_command_has_an_example_that_shows_it_happen() {
    let commands: Vec<&str> = by_name().map(|(name, _)| name).collect();
    assert_eq!(EXAMPLES.iter().map(|example| example.command).collect::<Vec<_>>(), commands);
    for example in EXAMPLES {
        let command = example.command;
        assert!(lines(example.text).any(|line| line.split(' ').next() == Some(command)), "{command} is not used");
        assert!(example.shows.len() + example.prints.len() > 0, "{command}: nothing is asserted");
        let run_result = performed(command, example.text);
        let trace = written(&run_result.document);
        for part in example.shows {
            assert!(trace.contains(part), "{command}: no event has {part}");
        }
        for part in example.hides {
            assert!(!trace.contains(part), "{command}: an event has {part}");
        }
        for part in example.prints {
            assert!(run_result.text.contains(part), "{command} does not print '{part}':\n{}", run_result.text);
        }
    }
}

/// Without the command, what an example of a fault shows does not happen.
#[test]
fn the_faults_of_the_examples_come_from_their_commands() {
    for command in [
        "drop",
        "duplicate",
        "forge",
        "cut",
        "partition",
        "network",
        "link",
        "service",
        "crash",
        "wipe",
        "restore",
        "pause",
        "suspend",
        "drift",
        "jump",
    ] {
        let example = EXAMPLES.iter().find(|example| example.command == command).unwrap();
        let kept = example.text.trim().lines().filter(|line| !line.starts_with(command) && !line.starts_with("expect"));
        let scenario: String = kept.map(|line| format!("{line}\n")).collect();
        // It fails, because it expects nothing; its trace is there.
        let failure = run_scenario(&scenario, &registry(), RunOptions::default()).expect_err("it expects nothing");
        let trace = written(&failure.document.unwrap());
        assert!(example.shows.iter().any(|part| !trace.contains(part)), "{command}: it happens without the command");
    }
}

#[test]
fn the_example_of_assertions_uses_each_and_holds() {
    for usage in ASSERTIONS {
        let option = format!(" {}=", usage.name());
        assert!(lines(examples::ASSERTIONS).any(|line| line.contains(&option)), "{option} is not in the example");
    }
    performed("the assertions", examples::ASSERTIONS);
}
