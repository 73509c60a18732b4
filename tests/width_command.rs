//! Every output of every subcommand in a terminal of 80 columns: no line is wider, and no word is
//! broken.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use quorate::catalogue;
use quorate_exercises::course::COURSE;
use unicode_width::UnicodeWidthStr;

/// Commands whose output is prose and lists.
const PROSE: &[&[&str]] = &[
    &["list"],
    &["bugs"],
    &["bugs", "own-value"],
    &["bugs", "figure-8"],
    &["bugs", "client-counts-all"],
    &["bugs", "expiry-ignores-renewal"],
    &["sim", "paxos", "--seeds", "0..20", "--faults", "harsh"],
    &["sim", "lease", "--seeds", "0..3"],
    &["learn", "list"],
    &["learn"],
    // Errors.
    &["bugs", "nothing"],
    &["run", "nothing"],
    &["run", "two-proposers", "--why=nobody"],
    &["run", "lease/majority-wall-clock", "--bug", "write-at-once"],
    &["sim", "nothing"],
    &["sim", "paxos", "--faults", "loss=two"],
    &["chekc"],
    &["learn", "play", "paxos-promise"],
];

/// Commands whose output has a diagram, too, in which values may be cut.
const DIAGRAMS: &[&[&str]] = &[
    &[],
    &["run", "figure-8"],
    &["run", "figure-8", "--why"],
    &["run", "figure-8", "--view", "log", "--why"],
    &["run", "figure-8", "--state"],
    &["run", "old-leader-returns", "--state", "--view", "log"],
    &["run", "backup-breaks-a-promise"],
    &["run", "three-guards"],
    &["run", "zookeeper-herd", "--view", "log"],
    &["run", "two-proposers", "--bug", "own-value"],
    &["check", "paxos", "--depth", "6"],
    &["check", "raft", "--bug", "small-quorum", "--time", "20s"],
    &["sim", "paxos", "--bug", "own-value", "--seeds", "0..50"],
];

fn at_width(columns: &str, arguments: &[&str], folder: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.args(arguments).env("COLUMNS", columns).env("LC_ALL", "C");
    if arguments.first() == Some(&"learn") {
        command.arg("--dir").arg(folder);
    }
    let done = command.output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr))
}

/// A folder of exercises: the first call makes it, and says so in a note.
fn exercises() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    no_line_is_wider(&["learn"], &at_width("80", &["learn"], folder.path()));
    folder
}

fn no_line_is_wider(arguments: &[&str], text: &str) {
    assert!(!text.is_empty(), "{arguments:?} prints nothing");
    // A path of a temporary folder may have no place to be broken.
    let wide = text.lines().find(|line| line.width() > 80 && line.trim().contains(' '));
    assert!(wide.is_none(), "quorate {}: {} columns: {wide:?}", arguments.join(" "), wide.unwrap_or_default().width());
}

fn words(text: &str) -> BTreeSet<&str> {
    text.split(|char: char| char.is_whitespace() || char == ',').collect()
}

fn no_word_is_broken(arguments: &[&str], folder: &Path) {
    let narrow = at_width("80", arguments, folder);
    no_line_is_wider(arguments, &narrow);
    let wide = at_width("140", arguments, folder);
    let broken: Vec<&str> = words(&narrow).difference(&words(&wide)).copied().collect();
    assert_eq!(broken, [""; 0], "quorate {}", arguments.join(" "));
}

#[test]
fn prose_and_lists_fit_into_80_columns_without_a_broken_word() {
    let folder = exercises();
    for arguments in PROSE {
        no_word_is_broken(arguments, folder.path());
    }
}

#[test]
fn diagrams_fit_into_80_columns() {
    let folder = exercises();
    for arguments in DIAGRAMS {
        no_line_is_wider(arguments, &at_width("80", arguments, folder.path()));
    }
    for scenario in catalogue::all().iter().step_by(5) {
        let arguments = ["run", scenario.name()];
        no_line_is_wider(&arguments, &at_width("80", &arguments, folder.path()));
    }
}

#[test]
fn every_help_fits_into_80_columns_without_a_broken_word() {
    let folder = exercises();
    let help = at_width("80", &["--help"], folder.path());
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let named: Vec<&str> =
        commands.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next()).collect();
    assert!(named.contains(&"learn") && named.len() > 10, "{named:?}");
    for name in named {
        no_word_is_broken(&["help", name], folder.path());
    }
    for name in ["list", "show", "next", "hint", "grade", "grade-all", "watch", "play", "reset"] {
        let arguments = ["learn", name, "--help"];
        no_line_is_wider(&arguments, &at_width("80", &arguments, folder.path()));
    }
}

#[test]
fn every_page_and_hint_of_the_course_fits_into_80_columns_without_a_broken_word() {
    let folder = exercises();
    for exercise in COURSE {
        no_word_is_broken(&["learn", "show", exercise.id], folder.path());
        let hint = ["learn", "hint", exercise.id];
        no_line_is_wider(&hint, &at_width("80", &hint, folder.path()));
        // Chinese is broken between any two characters.
        let chinese = ["learn", "show", exercise.id, "--lang", "zh"];
        no_line_is_wider(&chinese, &at_width("80", &chinese, folder.path()));
    }
}
