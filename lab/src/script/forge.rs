//! `forge`: the messages in which a sender lies, and what they say instead.

use std::cell::RefCell;
use std::rc::Rc;

use quorate_protocol::{Invariant, Machine};

use super::args::{Args, whole};
use super::command_line::CommandLine;
use super::fields;
use super::pattern::{KnownNames, Pattern};
use super::problem::ScriptProblem;
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

/// The commands, shared by the network and the script.
#[derive(Clone, Default, Debug)]
pub(super) struct Forgings(Rc<RefCell<Commands>>);

#[derive(Default, Debug)]
struct Commands {
    /// Those whose lies are still to be told, oldest first.
    waiting: Vec<Forging>,
    /// Those whose lies were told since the last [`Forgings::blamed`], as they were before.
    told: Vec<Forging>,
}

impl Forgings {
    /// Installs them in a world.
    pub(super) fn install<M: Machine, I: Invariant<M>>(&self, world: &mut World<M, I>) {
        let forgings = self.clone();
        world.forge(move |from, to, name| forgings.lies(from, to, name));
    }

    /// The lies of a message that is sent, by the newest command that selects it.
    fn lies(&self, from: Lane, to: Lane, name: &dyn Fn() -> String) -> Vec<Lie> {
        let Commands { waiting, told } = &mut *self.0.borrow_mut();
        let Some(index) = waiting.iter().rposition(|forging| forging.pattern.fits(from, to, &name)) else {
            return Vec::new();
        };
        told.push(waiting[index].clone());
        waiting[index].left -= 1;
        if waiting[index].left == 0 {
            waiting.remove(index);
        }
        told.last().map(|forging| forging.lies.clone()).unwrap_or_default()
    }

    /// The problem of a message that was sent since the last call and cannot be forged, with the
    /// command that asked for it, which may stand far above. Names are in scope.
    pub(super) fn blamed(&self, error: Option<ForgeError>) -> Result<(), ScriptProblem> {
        let told = std::mem::take(&mut self.0.borrow_mut().told);
        let Some(error) = error else { return Ok(()) };
        let asks = |forging: &&Forging| forging.lies.iter().any(|lie| is_about(&error, lie));
        Err(ScriptProblem::refused(match told.iter().find(asks) {
            Some(forging) => format!("{error}; '{}' asks for it", forging.line()),
            None => error.to_string(),
        }))
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
        // Under another name it has the fields of that name.
        let message = lies.iter().find(|lie| lie.field == NAME).map_or(message, |lie| &lie.value);
        // Entries of maps and variants of enums show in the message alone: serde does not know them.
        for lie in lies.iter().filter(|lie| lie.field != NAME) {
            if let Some(known) = others_than::<M>(&pattern, message, &lie.field) {
                let (message, field) = (message.to_owned(), lie.field.clone());
                return Err(ScriptProblem::bad(ForgeError::NoField { message, field, known }));
            }
        }
        self.0.borrow_mut().waiting.push(Forging { pattern, lies, left });
        Ok(())
    }

    /// `pass`: ends those that a pattern covers. Returns whether there were any.
    pub(super) fn end(&self, pattern: &Pattern) -> bool {
        let Commands { waiting, .. } = &mut *self.0.borrow_mut();
        let before = waiting.len();
        waiting.retain(|forging| !pattern.covers(&forging.pattern));
        waiting.len() < before
    }

    /// Number of commands.
    pub(super) fn len(&self) -> usize {
        self.0.borrow().waiting.len()
    }

    /// The commands, oldest first. Names are in scope.
    pub(super) fn lines(&self) -> Vec<String> {
        self.0.borrow().waiting.iter().map(Forging::line).collect()
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

/// Whether it is this lie that cannot be told.
fn is_about(error: &ForgeError, lie: &Lie) -> bool {
    match error {
        ForgeError::NoField { field, .. } => *field == lie.field,
        ForgeError::NoValue { field, value, .. } => *field == lie.field && *value == lie.value,
        ForgeError::NoName { name, .. } => lie.field == NAME && *name == lie.value,
        // All of them together make the seal.
        ForgeError::NotOwnSeal { .. } => true,
    }
}

/// The fields that a message between the ends of a pattern has where it has not this one, as far as
/// serde knows them; `None` if it has it, or if nobody knows.
fn others_than<M: Machine>(pattern: &Pattern, message: &str, field: &str) -> Option<Vec<String>> {
    match (pattern.is_from_client(), pattern.is_to_client()) {
        (true, _) => fields::others_than::<M::Command>(message, field),
        (_, true) => fields::others_than::<M::Reply>(message, field),
        _ => fields::others_than::<M::Message>(message, field),
    }
}
