//! Goal of an attack exercise: the broken system, what is to break within how many commands, and
//! the one file that a schedule which reaches the goal is written to.

use std::fs;
use std::path::{Path, PathBuf};

use quorate_session::{Open, Request, Response, Session, State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::start::read;

/// Commands that would change the system which is to be attacked.
const FORBIDDEN: [&str; 2] = ["cluster", "disk"];

/// Goal of an exercise, as `quorate learn play` writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Goal {
    exercise: String,
    title: String,
    cluster: String,
    by_the_book: String,
    invariant: String,
    commands_max: usize,
    free: Vec<String>,
    text: Value,
    language: String,
    answer: PathBuf,
}

/// The reason why a schedule does not reach the goal.
#[derive(PartialEq, Eq, Debug)]
enum Missed {
    /// It cannot be performed.
    Unreadable(String),
    /// It is one of another system.
    Opening,
    /// Nothing breaks.
    Holds,
    /// Another invariant breaks.
    Other(String),
    /// It has so many commands.
    Budget(usize),
    /// An invariant breaks by the book, too.
    ByTheBook(String),
}

impl Missed {
    fn json(&self) -> Value {
        match self {
            Missed::Unreadable(says) => json!({"ok": false, "why": "unreadable", "says": says}),
            Missed::Opening => json!({"ok": false, "why": "opening"}),
            Missed::Holds => json!({"ok": false, "why": "holds"}),
            Missed::Other(invariant) => json!({"ok": false, "why": "other", "invariant": invariant}),
            Missed::Budget(count) => json!({"ok": false, "why": "budget", "count": count}),
            Missed::ByTheBook(invariant) => json!({"ok": false, "why": "by-the-book", "invariant": invariant}),
        }
    }
}

impl Goal {
    /// Reads a goal.
    ///
    /// # Errors
    /// The file cannot be read, or is no goal.
    pub(crate) fn read(path: &Path) -> Result<Goal, String> {
        let not_one = |error| format!("{} is no goal as `quorate learn play` writes it: {error}", path.display());
        serde_json::from_str(&read(path)?).map_err(not_one)
    }

    /// The scenario to begin with: the broken system.
    pub(crate) fn scenario(&self) -> String {
        format!("# {}\n\n{}\n", self.title, self.cluster)
    }

    /// The goal as the page shows it. It does not learn where the file is.
    pub(crate) fn shown(&self) -> Value {
        let Goal { exercise, title, cluster, invariant, commands_max, free, text, .. } = self;
        let file = self.answer.file_name().unwrap_or_default().to_string_lossy();
        json!({"exercise": exercise, "title": title, "cluster": cluster, "invariant": invariant,
            "commands_max": commands_max, "free": free, "text": text, "file": file})
    }

    /// The end of the page's address: the reader's language.
    pub(crate) fn query(&self) -> String {
        if self.language == "zh" { "?lang=zh".to_owned() } else { String::new() }
    }

    /// Saves a schedule as the answer if it reaches the goal. The response for the page.
    pub(crate) fn answer(&self, schedule: &str) -> Value {
        if let Err(missed) = self.judge(schedule) {
            return missed.json();
        }
        // Through a link, another file would be written.
        if fs::symlink_metadata(&self.answer).is_ok_and(|file| !file.is_file()) {
            return json!({"ok": false, "why": "file", "says": "it is a link or a folder; remove it"});
        }
        match fs::write(&self.answer, schedule) {
            Ok(()) => json!({"ok": true}),
            Err(error) => json!({"ok": false, "why": "file", "says": error.to_string()}),
        }
    }

    /// Judges a schedule as `quorate learn grade` does.
    fn judge(&self, schedule: &str) -> Result<(), Missed> {
        let mut broken = Session::new();
        let text = Some(schedule.to_owned());
        let state = opened(&mut broken, Open { text, ..Open::default() }).map_err(Missed::Unreadable)?;
        let mut lines = state.commands.iter().map(|command| command.line.trim());
        if lines.next() != Some(self.cluster.as_str()) {
            return Err(Missed::Opening);
        }
        let lines: Vec<&str> = lines.collect();
        if lines.iter().any(|line| FORBIDDEN.contains(&name(line))) {
            return Err(Missed::Opening);
        }
        match &state.violation {
            None => return Err(Missed::Holds),
            Some(violation) if violation.invariant != self.invariant => {
                return Err(Missed::Other(violation.invariant.to_owned()));
            }
            Some(_) => {}
        }
        let count = lines.iter().filter(|line| self.free.iter().all(|free| free != name(line))).count();
        if count > self.commands_max {
            return Err(Missed::Budget(count));
        }
        self.holds_by_the_book(&lines)
    }

    /// Performs the commands without the bug, up to the first that is impossible there.
    fn holds_by_the_book(&self, lines: &[&str]) -> Result<(), Missed> {
        let mut correct = Session::new();
        let cluster = Some(self.by_the_book.clone());
        opened(&mut correct, Open { cluster, ..Open::default() }).map_err(Missed::Unreadable)?;
        for line in lines {
            let Response { state: Some(state), .. } = correct.perform(Request::Perform { line: (*line).to_owned() })
            else {
                return Ok(());
            };
            if let Some(violation) = state.violation {
                return Err(Missed::ByTheBook(violation.invariant.to_owned()));
            }
        }
        Ok(())
    }
}

/// Opens a session: its state, or what is wrong.
fn opened(session: &mut Session, open: Open) -> Result<Box<State>, String> {
    let Response { state, error, .. } = session.perform(Request::Open(open));
    state.ok_or_else(|| error.map_or_else(|| "it has no state".to_owned(), |error| error.says))
}

/// Name of a line's command.
fn name(line: &str) -> &str {
    let bare = line.trim_start_matches(['(', '!', ' ', '\t']);
    bare.split([' ', '\t', ')']).next().unwrap_or_default()
}
