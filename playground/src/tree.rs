//! Tree of scripts: branches of commands, and the place among them.

use quorate_lab::script::{ScenarioLine, ScenarioLines};

use crate::error::SessionError;
use crate::limits::{BRANCHES_MAX, COMMANDS_MAX, NAME_MAX};

/// A branch: a script.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    pub(crate) name: String,
    /// The branch that it began from.
    pub(crate) parent: Option<String>,
    /// Number of commands that it shares with that one.
    pub(crate) at: usize,
    pub(crate) lines: Vec<Line>,
    /// The prose after the last command.
    pub(crate) after: String,
    /// Number of events after each command, as far as it was performed.
    pub(crate) events: Vec<usize>,
    /// The invariant that its run was last seen to break.
    pub(crate) violation: Option<String>,
}

/// A command of a branch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Line {
    pub(crate) text: String,
    /// The prose before it, with its `#`.
    pub(crate) prose: String,
    /// Its line in the file that it came from.
    pub(crate) number: Option<usize>,
}

impl Line {
    pub(crate) fn new(text: &str) -> Self {
        Line { text: text.to_owned(), prose: String::new(), number: None }
    }

    /// The word that it begins with, without `(` and `!`.
    pub(crate) fn command(&self) -> &str {
        let text = self.text.trim_start_matches(['(', '!', ' ', '\t']);
        text.split([' ', '\t', ')']).next().unwrap_or_default()
    }
}

impl From<ScenarioLine> for Line {
    fn from(ScenarioLine { text, number, prose }: ScenarioLine) -> Self {
        Line { text, prose, number: Some(number) }
    }
}

impl Branch {
    pub(crate) fn new(name: &str, lines: Vec<Line>) -> Self {
        Branch {
            name: name.to_owned(),
            parent: None,
            at: 0,
            lines,
            after: String::new(),
            events: Vec::new(),
            violation: None,
        }
    }

    /// The title: the first line of prose.
    pub(crate) fn title(&self) -> String {
        let prose = self.lines.first().map(|line| line.prose.as_str()).unwrap_or_default();
        let titles = prose.lines().map(|line| line.trim_start().trim_start_matches(['#', '/']).trim());
        titles.into_iter().find(|title| !title.is_empty()).unwrap_or_default().to_owned()
    }

    /// The texts of the first commands, and the steps of the next one.
    pub(crate) fn texts(&self, place: Place) -> Vec<String> {
        let mut texts: Vec<String> = self.lines.iter().take(place.commands).map(|line| line.text.clone()).collect();
        texts.extend(place.steps.map(|steps| format!("step {steps}")));
        texts
    }

    /// The place after the last command.
    pub(crate) fn end(&self) -> Place {
        Place::after(self.lines.len())
    }

    /// The first commands, and the steps of the next one, as lines.
    pub(crate) fn lines_up_to(&self, place: Place) -> Vec<Line> {
        let mut lines: Vec<Line> = self.lines.iter().take(place.commands).cloned().collect();
        lines.extend(place.steps.map(|steps| Line::new(&format!("step {steps}"))));
        lines
    }

    /// The chapters' prose of a line: each run of comment lines.
    pub(crate) fn remarks(line: &Line) -> Vec<String> {
        ScenarioLines::remarks(&line.prose)
    }
}

/// A place in a branch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    /// Number of commands that are performed.
    pub(crate) commands: usize,
    /// Number of steps of the next command, if the place is inside of it.
    pub(crate) steps: Option<u64>,
}

impl Place {
    pub(crate) fn after(commands: usize) -> Self {
        Place { commands, steps: None }
    }
}

/// All branches, and the place.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) branches: Vec<Branch>,
    pub(crate) current: usize,
    pub(crate) place: Place,
}

impl Tree {
    pub(crate) fn branch(&self) -> &Branch {
        &self.branches[self.current]
    }

    pub(crate) fn branch_mut(&mut self) -> &mut Branch {
        &mut self.branches[self.current]
    }

    /// The index of the branch of that name.
    pub(crate) fn find(&self, name: &str) -> Result<usize, SessionError> {
        self.branches.iter().position(|branch| branch.name == name).ok_or_else(|| SessionError::UnknownBranch {
            name: name.to_owned(),
            known: self.branches.iter().map(|branch| branch.name.clone()).collect(),
        })
    }

    /// A name that no branch has: the word, or the word and a number.
    pub(crate) fn free_name(&self, word: &str) -> String {
        let numbered = (2..).map(|number| format!("{word} {number}"));
        let is_free = |name: &String| self.branches.iter().all(|branch| branch.name != *name);
        std::iter::once(word.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
    }

    /// Checks that there is room for another branch.
    pub(crate) fn has_room(&self) -> Result<(), SessionError> {
        let count = self.branches.len() + 1;
        too_many("branches", count, BRANCHES_MAX)
    }

    /// Adds a branch that begins at the current place of the current branch, and goes to its end.
    pub(crate) fn fork(&mut self, word: &str, lines: Vec<Line>) {
        let name = self.free_name(word);
        let parent = Some(self.branch().name.clone());
        let shared = self.branch().lines.iter().zip(&lines).take_while(|(ours, theirs)| ours.text == theirs.text);
        let branch = Branch { parent, at: shared.count(), ..Branch::new(&name, lines) };
        self.place = branch.end();
        self.current = self.branches.len();
        self.branches.push(branch);
    }
}

/// Checks the name of a branch.
pub(crate) fn named(name: &str) -> Result<&str, SessionError> {
    let name = name.trim();
    let is_good = !name.contains(char::is_control) && (1..=NAME_MAX).contains(&name.chars().count());
    if is_good { Ok(name) } else { Err(SessionError::BadName { name: name.to_owned() }) }
}

/// Checks the number of commands of a branch.
pub(crate) fn has_room_for(commands: usize) -> Result<(), SessionError> {
    too_many("commands", commands, COMMANDS_MAX)
}

/// Checks a number against its maximum.
pub(crate) fn too_many(what: &'static str, count: usize, max: usize) -> Result<(), SessionError> {
    if count > max { Err(SessionError::TooMany { what, count, max }) } else { Ok(()) }
}
