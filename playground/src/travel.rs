//! Requests that go forward and back in a branch.

use crate::error::SessionError;
use crate::live::Live;
use crate::request::Go;
use crate::session::{Done, Session};
use crate::tree::{Branch, Line, Place, Tree, has_room_for};

/// Commands that a place can be inside of: what they do is a number of steps.
const DIVISIBLE: [&str; 3] = ["run", "until", "step"];
/// The word for branches that begin when something else is done after going back.
const BRANCH: &str = "branch";

impl Session {
    /// Performs a command: at the end of a branch it continues the branch, elsewhere it begins one.
    pub(crate) fn perform_line(&mut self, line: &str) -> Result<Done, SessionError> {
        let line = Line::new(line.trim());
        let tree = self.tree_or_none()?;
        let (place, branch) = (tree.place, tree.branch());
        let is_next = branch.lines.get(place.commands).is_some_and(|next| next.text.trim() == line.text);
        if place.steps.is_none() && is_next {
            return self.redo();
        }
        has_room_for(branch.lines_up_to(place).len() + 1)?;
        let mut tree = tree.clone();
        if line.command() == "again" {
            self.is_stated(&line.text)?;
        }
        if place == tree.branch().end() {
            tree.branch_mut().lines.push(line);
            tree.place = tree.branch().end();
        } else {
            tree.has_room()?;
            let mut lines = tree.branch().lines_up_to(place);
            lines.push(line);
            tree.fork(BRANCH, lines);
        }
        self.go_to(tree)?;
        Ok(Done::moved())
    }

    /// Refuses to repeat a run whose violation the script does not expect: the file could not be
    /// run.
    fn is_stated(&mut self, command: &str) -> Result<(), SessionError> {
        match self.settled()?.broken() {
            Some((invariant, false)) => {
                Err(SessionError::StateFirst { command: command.to_owned(), invariant: invariant.to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// Takes the last command back, or the steps of the one that the place is inside of.
    pub(crate) fn undo(&mut self) -> Result<Done, SessionError> {
        let tree = self.tree_or_none()?;
        let place = match tree.place {
            Place { commands, steps: Some(_) } => Place::after(commands),
            Place { commands, steps: None } if commands > 1 => Place::after(commands - 1),
            _ => return Err(SessionError::NoMore { what: "undo" }),
        };
        self.go_to(Tree { place, ..tree.clone() })?;
        Ok(Done::moved())
    }

    /// Performs the next command of the branch.
    pub(crate) fn redo(&mut self) -> Result<Done, SessionError> {
        let tree = self.tree_or_none()?;
        if tree.place.commands >= tree.branch().lines.len() {
            return Err(SessionError::NoMore { what: "redo" });
        }
        self.go_to(Tree { place: Place::after(tree.place.commands + 1), ..tree.clone() })?;
        Ok(Done::moved())
    }

    /// Goes to a number of commands, or of events.
    pub(crate) fn go(&mut self, go: Go) -> Result<Done, SessionError> {
        let tree = self.tree_or_none()?;
        let max = tree.branch().lines.len();
        let place = match (go.command, go.event) {
            (Some(number), None) if (1..=max).contains(&number) => Place::after(number),
            (Some(number), None) => {
                return Err(SessionError::NoSuchPlace { what: "commands", number, min: 1, max });
            }
            (None, Some(event)) => self.place_of(event)?,
            _ => return Err(SessionError::OneOf { fields: "command and event" }),
        };
        let tree = Tree { place, ..self.tree_or_none()?.clone() };
        self.go_to(tree)?;
        Ok(Done::moved())
    }

    /// The place after so many events of the trace.
    fn place_of(&mut self, event: usize) -> Result<Place, SessionError> {
        let before = self.tree_or_none()?.clone();
        if before.branch().events.len() < before.branch().lines.len() {
            // The numbers of events are known after a run to the end.
            let end = before.branch().end();
            self.go_to(Tree { place: end, ..before.clone() })?;
            let known = self.tree_or_none()?.branch().events.clone();
            let mut tree = before;
            tree.branch_mut().events = known;
            self.tree = Some(tree);
        }
        let branch = self.tree_or_none()?.branch();
        let first = first_of_trace(branch, self.tree_or_none()?.place);
        let found = (first..branch.lines.len()).find(|index| branch.events[*index] >= event);
        let max = branch.events.iter().skip(first).copied().max().unwrap_or_default();
        let Some(index) = found else {
            return Err(SessionError::NoSuchPlace { what: "events", number: event, min: 0, max });
        };
        let is_expected_to_fail = branch.lines[index].text.trim_start_matches(['(', ' ']).starts_with('!');
        let is_divisible = !is_expected_to_fail && DIVISIBLE.contains(&branch.lines[index].command());
        if !is_divisible || index == 0 || branch.events[index] == event {
            return Ok(Place::after(index + 1));
        }
        if branch.events[index - 1] >= event {
            return Ok(Place::after(index));
        }
        let branch = branch.clone();
        Ok(self.inside(&branch, index, event).unwrap_or(Place::after(index + 1)))
    }

    /// The place inside of a command at which there are so many events; `None` if its end comes
    /// first.
    fn inside(&self, branch: &Branch, index: usize, event: usize) -> Option<Place> {
        let texts = branch.texts(Place::after(index));
        let mut live = Live::after(&self.registry, &branch.title(), None, &texts).ok()?;
        let mut steps = 0;
        while live.run.events() < event {
            live.run.perform("step").ok()?;
            steps += 1;
        }
        let is_inside = live.run.events() < branch.events[index];
        is_inside.then_some(Place { commands: index, steps: Some(steps) })
    }
}

/// The first command whose events belong to the trace of the place: a run that is repeated by
/// `again` has a trace of its own.
fn first_of_trace(branch: &Branch, place: Place) -> usize {
    let performed = branch.lines.iter().take(place.commands);
    performed.enumerate().filter(|(_, line)| line.command() == "again").map(|(index, _)| index).next_back().unwrap_or(0)
}
