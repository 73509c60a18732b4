//! `forge`: the messages in which a sender lies, and what they say instead.

use std::cell::RefCell;
use std::rc::Rc;

use quorate_protocol::{Invariant, Machine};

use super::args::{Args, whole};
use super::command_line::CommandLine;
use super::pattern::{KnownNames, Pattern};
use super::problem::ScriptProblem;
use super::variants::fields;
use crate::sim::{ForgeError, Lie, World};
use crate::trace::{Lane, NAME};

/// One command: the messages that it selects, and the lies in them.
#[derive(Clone, Debug)]
struct Forging {
    pattern: Pattern,
    lies: Vec<Lie>,
    /// Number of messages that it still applies to.
    left: u64,
}

impl Forging {
    /// The command that adds it now. Names are in scope.
    fn line(&self) -> String {
        let (from, to) = self.pattern.ends();
        let command = CommandLine::new("forge").word(from).word(to).word(self.pattern.message().unwrap_or_default());
        let command = self.lies.iter().fold(command, |command, lie| command.option(&lie.field, &lie.value));
        command.option_if("count", (self.left > 1).then_some(self.left)).to_string()
    }
}

/// The lies that are still to be told, shared by the network and the script.
#[derive(Clone, Default, Debug)]
pub(super) struct Forgings(Rc<RefCell<Vec<Forging>>>);

impl Forgings {
    /// Installs them in a world.
    pub(super) fn install<M: Machine, I: Invariant<M>>(&self, world: &mut World<M, I>) {
        let forgings = self.clone();
        world.forge(move |from, to, name| forgings.lies(from, to, name));
    }

    /// The lies of a message that is sent, by the newest command that selects it.
    fn lies(&self, from: Lane, to: Lane, name: &dyn Fn() -> String) -> Vec<Lie> {
        let mut forgings = self.0.borrow_mut();
        let Some(index) = forgings.iter().rposition(|forging| forging.pattern.fits(from, to, &|| name())) else {
            return Vec::new();
        };
        let lies = forgings[index].lies.clone();
        forgings[index].left -= 1;
        if forgings[index].left == 0 {
            forgings.remove(index);
        }
        lies
    }

    /// `forge`: adds a command.
    pub(super) fn take<M: Machine>(&self, args: &mut Args<'_>, known: &KnownNames<'_>) -> Result<(), ScriptProblem> {
        let (pattern, ()) = Pattern::read(args, known, |_| Ok(()))?;
        let Some(message) = pattern.message() else {
            return Err(ScriptProblem::Missing { what: "the message", usage: args.usage() });
        };
        let left = args.option("count").map(|text| whole(text, "a count")).transpose()?.unwrap_or(1);
        if left == 0 {
            return Err(ScriptProblem::bad("count=0 selects no message; omit the option for the next one"));
        }
        let lies = lies(args)?;
        // Of the fields themselves serde knows the names; those within them show in the message.
        if let Some(known) = known_fields::<M>(&pattern, message)
            && !lies.iter().any(|lie| lie.field == NAME)
            && let Some(lie) = lies.iter().find(|lie| !known.contains(&lie.field.split('.').next().unwrap_or_default()))
        {
            let known = known.iter().map(|field| (*field).to_owned()).collect();
            let (message, field) = (message.to_owned(), lie.field.clone());
            return Err(ScriptProblem::bad(ForgeError::NoField { message, field, known }));
        }
        self.0.borrow_mut().push(Forging { pattern, lies, left });
        Ok(())
    }

    /// `pass`: ends those that a pattern covers. Returns whether there were any.
    pub(super) fn end(&self, pattern: &Pattern) -> bool {
        let mut forgings = self.0.borrow_mut();
        let before = forgings.len();
        forgings.retain(|forging| !pattern.covers(&forging.pattern));
        forgings.len() < before
    }

    /// Number of commands.
    pub(super) fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// The commands, oldest first. Names are in scope.
    pub(super) fn lines(&self) -> Vec<String> {
        self.0.borrow().iter().map(Forging::line).collect()
    }
}

/// The options that are left: the name first, for the fields are those of the message of that name.
pub(super) fn lies(args: &mut Args<'_>) -> Result<Vec<Lie>, ScriptProblem> {
    let name = args.option(NAME).map(|value| (NAME, value));
    let all = name.into_iter().chain(args.remaining_options());
    let lies: Vec<Lie> = all.map(|(field, value)| Lie { field: field.to_owned(), value: value.to_owned() }).collect();
    match lies.is_empty() {
        true => Err(ScriptProblem::Missing { what: "a field of the message", usage: args.usage() }),
        false => Ok(lies),
    }
}

/// The fields of a message between the ends of a pattern, if serde knows them.
fn known_fields<M: Machine>(pattern: &Pattern, message: &str) -> Option<Vec<&'static str>> {
    match (pattern.is_from_client(), pattern.is_to_client()) {
        (true, _) => fields::<M::Command>(message),
        (_, true) => fields::<M::Reply>(message),
        _ => fields::<M::Message>(message),
    }
}
