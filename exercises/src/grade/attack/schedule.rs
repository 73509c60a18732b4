//! Reading a schedule: whether it attacks the system that it was given, and how many commands it takes.

use quorate_lab::script::shown;

use super::system::System;
use crate::exam::Broke;

/// A schedule that can be played.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Schedule {
    /// As the learner wrote it.
    pub(super) text: String,
    /// The same without the bug.
    pub(super) by_the_book: String,
    /// How many commands make something happen. What only tells, shows or expects is free.
    pub(super) commands: usize,
}

/// A schedule that cannot be played, or should not.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Unplayable {
    /// Nothing happens in it.
    Empty,
    /// A line of it cannot be read.
    Unreadable {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// It is a schedule of something else.
    Otherwise(Broke),
}

/// Commands that make nothing happen.
const FREE: [&str; 4] = ["note", "print", "show", "expect"];
/// How many of them there may be: each looks at the whole run.
const FREE_MAX: usize = 100;

impl Schedule {
    /// Reads a schedule against this system.
    pub(super) fn read(system: &System, text: &str) -> Result<Self, Unplayable> {
        let mut commands = commands(text);
        let opening = commands.next();
        let Some((place, _)) = opening.filter(|(_, line)| line.trim() == system.opening) else {
            let (line, found) = opening.map_or((1, ""), |(place, line)| (place + 1, line.trim()));
            let detail = format!("line {line} should be '{}', and is '{}'", system.opening, shown(found));
            return Err(Unplayable::Otherwise(Broke::new("Opening", detail)));
        };
        let (mut counted, mut free) = (0, 0);
        for (index, line) in commands {
            match name(line).map_err(|problem| Unplayable::Unreadable { line: index + 1, problem })? {
                // A run must come to its bad end from a beginning that the system itself could have.
                "disk" => {
                    let detail = format!("line {} writes to a disk: this system begins with empty ones", index + 1);
                    return Err(Unplayable::Otherwise(Broke::new("Opening", detail)));
                }
                told if FREE.contains(&told) => free += 1,
                _ => counted += 1,
            }
        }
        match (counted, free) {
            (0, _) => Err(Unplayable::Empty),
            (_, too_many) if too_many > FREE_MAX => {
                let detail = format!("{too_many} lines only tell, show or expect; {FREE_MAX} are enough");
                Err(Unplayable::Otherwise(Broke::new("Budget", detail)))
            }
            _ => {
                let text_of = |(index, line)| if index == place { system.by_the_book() } else { line };
                let by_the_book: Vec<&str> = text.lines().enumerate().map(text_of).collect();
                Ok(Schedule { text: text.to_owned(), by_the_book: by_the_book.join("\n") + "\n", commands: counted })
            }
        }
    }
}

/// The lines with commands, each with its place from 0. What stands below a `---` is output, up to an empty line.
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

/// A command's name. One in quotes or signs could be any other in disguise, and nobody needs them.
fn name(line: &str) -> Result<&str, String> {
    let bare = line.trim_start_matches(['(', '!', ' ', '\t']);
    let end = bare.find(|sign: char| sign.is_whitespace() || sign == ')').unwrap_or(bare.len());
    let name = &bare[..end];
    if !name.is_empty() && name.bytes().all(|sign| sign.is_ascii_lowercase() || sign == b'-') {
        return Ok(name);
    }
    Err(format!("'{}' is no command; write its name in plain letters, such as run", shown(name)))
}
