//! Parsing of schedules: checks that a schedule attacks the given system, and counts its commands.

use quorate_lab::script::shown;

use super::system::System;
use crate::grading::CaseFailure;

/// Schedule that can be run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Schedule {
    /// Text as the learner wrote it.
    pub(super) text: String,
    /// The same text without the bug.
    pub(super) by_the_book: String,
    /// Number of commands that make something happen. Notes, output and expectations are free.
    pub(super) commands: usize,
}

/// Rejected schedule.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Unplayable {
    /// It has no commands.
    Empty,
    /// A line cannot be parsed.
    Unreadable {
        /// Line number, from 1.
        line: usize,
        /// Description of the problem.
        problem: String,
    },
    /// It is a schedule of another system.
    Otherwise(CaseFailure),
}

/// Commands that do not change the run.
pub(crate) const FREE: [&str; 4] = ["note", "print", "show", "expect"];
/// Maximum number of free commands: each scans the whole run.
const FREE_MAX: usize = 100;

impl Schedule {
    /// Parses a schedule for this system.
    pub(super) fn read(system: &System, text: &str) -> Result<Self, Unplayable> {
        let mut commands = commands(text);
        let opening = commands.next();
        let Some((place, _)) = opening.filter(|(_, line)| line.trim() == system.opening) else {
            let (line, found) = opening.map_or((1, ""), |(place, line)| (place + 1, line.trim()));
            let detail = format!("line {line} must be '{}', but is '{}'", system.opening, shown(found));
            return Err(Unplayable::Otherwise(CaseFailure::new("Opening", detail)));
        };
        let (mut counted, mut free) = (0, 0);
        for (index, line) in commands {
            match name(line).map_err(|problem| Unplayable::Unreadable { line: index + 1, problem })? {
                // The run must start from an initial state that the system itself can have.
                "disk" => {
                    let detail =
                        format!("line {} writes to a disk; in this system all disks are initially empty", index + 1);
                    return Err(Unplayable::Otherwise(CaseFailure::new("Opening", detail)));
                }
                command if FREE.contains(&command) => free += 1,
                _ => counted += 1,
            }
        }
        match (counted, free) {
            (0, _) => Err(Unplayable::Empty),
            (_, too_many) if too_many > FREE_MAX => {
                let detail =
                    format!("{too_many} lines contain only notes, output or expectations; the maximum is {FREE_MAX}");
                Err(Unplayable::Otherwise(CaseFailure::new("Budget", detail)))
            }
            _ => {
                let text_of = |(index, line)| if index == place { system.by_the_book() } else { line };
                let by_the_book: Vec<&str> = text.lines().enumerate().map(text_of).collect();
                Ok(Schedule { text: text.to_owned(), by_the_book: by_the_book.join("\n") + "\n", commands: counted })
            }
        }
    }
}

/// Lines with commands, each with its index from 0. Lines below a `---` are output, up to an empty
/// line.
fn commands(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_output = false;
    text.trim_start_matches('\u{feff}').lines().enumerate().filter(move |(_, line)| {
        if is_output || *line == "---" {
            is_output = !line.is_empty();
            return false;
        }
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with('#') && !line.starts_with("//")
    })
}

/// Command name. Quotes and other signs are rejected: they could disguise another command, and no
/// command needs them.
fn name(line: &str) -> Result<&str, String> {
    let bare = line.trim_start_matches(['(', '!', ' ', '\t']);
    let end = bare.find(|sign: char| sign.is_whitespace() || sign == ')').unwrap_or(bare.len());
    let name = &bare[..end];
    if !name.is_empty() && name.bytes().all(|sign| sign.is_ascii_lowercase() || sign == b'-') {
        return Ok(name);
    }
    Err(format!("'{}' is not a command; write its name in plain letters, such as run", shown(name)))
}
