//! Selection of one message by its ends, its name and its fields, and the words that select it.

use super::args::{Args, whole};
use super::assertion::{at_path, read_out, reads};
use super::command_line::CommandLine;
use super::forge;
use super::pattern::KnownNames;
use super::problem::ScriptProblem;
use crate::sim::Lie;
use crate::trace::{Lane, MessageId, Payload, Value};

/// The message that a command selects.
pub(super) struct Wanted {
    pub(super) from: Lane,
    pub(super) to: Lane,
    name: Option<String>,
    fields: Vec<(String, String)>,
    nth: usize,
}

const COPY: &str = "copy";

fn position(text: &str) -> Result<usize, ScriptProblem> {
    match whole(text, "a position")? {
        0 => Err(ScriptProblem::bad("nth=0 is not a position; the oldest message is nth=1")),
        nth => Ok(nth),
    }
}

impl Wanted {
    /// Parses `FROM TO [MESSAGE] [copy]`, and as options `nth=` and the fields. Returns whether the
    /// word `copy` is there.
    pub(super) fn read(args: &mut Args<'_>, known: &KnownNames<'_>) -> Result<(Self, bool), ScriptProblem> {
        let from = known.lane(args.need("the sender")?)?;
        let to = known.lane(args.need("the receiver")?)?;
        let mut next = args.take();
        let name = next.filter(|word| *word != COPY).map(|name| known.message(from, to, name)).transpose()?;
        if name.is_some() {
            next = args.take();
        }
        let copy = match next {
            None => false,
            Some(COPY) => true,
            Some(word) => return Err(ScriptProblem::Surplus { word: word.to_owned(), usage: args.usage() }),
        };
        let nth = args.option("nth").map(position).transpose()?.unwrap_or(1);
        let fields = args.remaining_options().map(|(path, text)| (path.to_owned(), text.to_owned())).collect();
        Ok((Wanted { from, to, name, fields, nth }, copy))
    }

    /// Parses the same form for `inflight forge`, where the fields are lies and select nothing.
    pub(super) fn read_forged(
        args: &mut Args<'_>,
        known: &KnownNames<'_>,
    ) -> Result<((Self, bool), Vec<Lie>), ScriptProblem> {
        let nth = args.option("nth");
        let lies = forge::lies(args)?;
        let (wanted, copy) = Wanted::read(args, known)?;
        let nth = nth.map(position).transpose()?.unwrap_or(1);
        Ok(((Wanted { nth, ..wanted }, copy), lies))
    }

    /// Whether a held message between the same ends has the name, whatever its fields.
    fn is_kind(&self, held: &Payload) -> bool {
        self.name.as_ref().is_none_or(|name| *name == held.name)
    }

    fn fits(&self, held: &Payload) -> bool {
        let fields_fit =
            || self.fields.iter().all(|(path, text)| at_path(&held.body, path).is_some_and(|value| reads(value, text)));
        self.is_kind(held) && fields_fit()
    }

    /// The message that fits, among those between the two ends. A lenient search accepts one of
    /// that name if none has the fields.
    pub(super) fn find(&self, between: &[(MessageId, Payload)], lenient: bool) -> Option<MessageId> {
        let exactly = between.iter().filter(|(_, message)| self.fits(message)).nth(self.nth - 1);
        let nearly = || between.iter().find(|(_, message)| lenient && self.is_kind(message));
        exactly.or_else(nearly).map(|(msg, _)| *msg)
    }
}

/// The options of commands that select a message: no field can have these names there.
const OPTIONS: [&str; 2] = ["nth", "later"];

/// Adds to a command what distinguishes a message from older ones of its name on the same link: a
/// field, or else its position. The oldest needs nothing.
pub(super) fn told_apart(command: CommandLine, older: &[&Value], body: &Value) -> CommandLine {
    if older.is_empty() {
        return command;
    }
    let tells_apart = |path: &str, text: &str| {
        older.iter().all(|body| at_path(body, path).is_none_or(|value| read_out(value) != text))
    };
    let fields = body.as_object().into_iter().flatten();
    let plain = fields.filter(|(path, value)| is_plain(path, value)).map(|(path, value)| (path, read_out(value)));
    match plain.into_iter().find(|(path, text)| tells_apart(path, text)) {
        Some((path, text)) => command.option(path, text),
        None => command.option("nth", older.len() + 1),
    }
}

/// Whether a field of a message can be written as an option.
fn is_plain(path: &str, value: &Value) -> bool {
    !OPTIONS.contains(&path)
        && matches!(value, Value::Number(_) | Value::String(_) | Value::Bool(_))
        && !read_out(value).contains(' ')
}
