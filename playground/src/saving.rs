//! Saving: a branch as a scenario file, and the whole session as a value.

use quorate_lab::trace::EventKind;
use serde::{Deserialize, Serialize};

use crate::error::SessionError;
use crate::limits::BRANCHES_MAX;
use crate::live::Live;
use crate::response::Response;
use crate::session::{Done, Session};
use crate::tree::{Branch, Line, Place, Tree, has_room_for, named, too_many};

/// Version of the format.
const VERSION: u32 = 1;

/// An exported session.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// Version of the format: 1.
    pub quorate_session: u32,
    /// All branches.
    pub branches: Vec<SavedBranch>,
    /// The current branch.
    pub branch: String,
    /// Number of commands that were performed.
    pub at: usize,
    /// Number of steps of the next one, if the place is inside of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
}

/// A branch of an exported session.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedBranch {
    /// Its name.
    pub name: String,
    /// The branch that it began from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Number of commands that it shares with that one.
    #[serde(default)]
    pub at: usize,
    /// Its commands.
    pub lines: Vec<SavedLine>,
    /// The prose after them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub after: String,
}

/// A command of an exported session.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedLine {
    /// The line.
    pub text: String,
    /// The prose before it, with its `#`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prose: String,
}

impl Saved {
    fn of(tree: &Tree) -> Self {
        let line = |line: &Line| SavedLine { text: line.text.clone(), prose: line.prose.clone() };
        let branch = |branch: &Branch| SavedBranch {
            name: branch.name.clone(),
            parent: branch.parent.clone(),
            at: branch.at,
            lines: branch.lines.iter().map(line).collect(),
            after: branch.after.clone(),
        };
        Saved {
            quorate_session: VERSION,
            branches: tree.branches.iter().map(branch).collect(),
            branch: tree.branch().name.clone(),
            at: tree.place.commands,
            steps: tree.place.steps,
        }
    }

    /// The tree, checked as far as it can be without performing it.
    pub(crate) fn tree(saved: Saved) -> Result<Tree, SessionError> {
        let bad = |reason: String| SessionError::BadSaved { reason };
        let Saved { quorate_session, branches, branch, at, steps } = saved;
        if quorate_session != VERSION {
            return Err(bad(format!("its version is {quorate_session}; this program reads version {VERSION}")));
        }
        too_many("branches", branches.len(), BRANCHES_MAX)?;
        let mut tree = Tree { branches: Vec::new(), current: 0, place: Place { commands: at, steps } };
        for SavedBranch { name, parent, at, lines, after } in branches {
            let name = named(&name)?.to_owned();
            has_room_for(lines.len())?;
            if tree.find(&name).is_ok() {
                return Err(SessionError::NameTaken { name });
            }
            if lines.is_empty() {
                return Err(bad(format!("the branch '{name}' has no commands")));
            }
            if let Some(line) = lines.iter().find(|line| !is_prose(&line.prose)) {
                return Err(bad(format!("before '{}' there is prose without a '#'", line.text)));
            }
            if !is_prose(&after) {
                return Err(bad(format!("at the end of '{name}' there is prose without a '#'")));
            }
            let lines = lines.into_iter().map(|SavedLine { text, prose }| Line { text, prose, number: None });
            let branch = Branch::new(&name, lines.collect());
            tree.branches.push(Branch { parent, at, after, ..branch });
        }
        tree.current = tree.find(&branch)?;
        let max = tree.branch().lines.len();
        let is_place = (1..=max).contains(&at) && (steps.is_none() || at < max);
        if !is_place {
            return Err(SessionError::NoSuchPlace { what: "commands", number: at, min: 1, max });
        }
        Ok(tree)
    }
}

/// Whether every line is empty or a comment.
fn is_prose(text: &str) -> bool {
    let lines = text.lines().map(str::trim_start);
    lines.into_iter().all(|line| line.is_empty() || line.starts_with('#') || line.starts_with("//"))
}

impl Session {
    /// The branch up to the place as a scenario file.
    pub(crate) fn save(&mut self) -> Result<Done, SessionError> {
        let live = self.settled()?;
        live.collect();
        let assertion = missing_expectation(live);
        let tree = self.tree_or_none()?;
        let branch = tree.branch();
        let mut text = String::new();
        for line in branch.lines_up_to(tree.place) {
            text.push_str(&line.prose);
            text.push_str(&line.text);
            text.push('\n');
        }
        if tree.place == branch.end() {
            text.push_str(&branch.after);
        }
        if let Some(assertion) = assertion {
            text.push_str(&assertion);
            text.push('\n');
        }
        Ok(Done { response: Response { text: Some(text), ..Response::default() }, has_state: false })
    }

    /// All branches as a value.
    pub(crate) fn export(&mut self) -> Result<Done, SessionError> {
        let saved = Some(Saved::of(self.tree_or_none()?));
        Ok(Done { response: Response { saved, ..Response::default() }, has_state: false })
    }
}

/// The expectation without which the file would fail: the violation that has ended the run, or,
/// where the script expects nothing, the last fact, or the number of held messages.
fn missing_expectation(live: &Live) -> Option<String> {
    match live.broken() {
        Some((invariant, false)) => return Some(format!("expect violation={invariant}")),
        Some(_) => return None,
        None if live.run.expectations() > 0 => return None,
        None => {}
    }
    let document = &live.document;
    let fact = document.events.iter().rev().find_map(|event| match &event.what {
        EventKind::Fact(fact) => Some((fact.name.clone(), document.header.name(event.lane?).into_owned())),
        _ => None,
    });
    let held = || {
        let held = live.run.snapshot()?.under_way.iter().filter(|message| message.due.is_none()).count();
        Some(format!("expect held={held}"))
    };
    fact.map(|(name, node)| format!("expect fact={name} node={node}")).or_else(held)
}
