//! Message filters: the messages that a scenario holds, drops, delays, duplicates or forges.

use std::cell::RefCell;
use std::rc::Rc;

use quorate_protocol::{Duration, Invariant, Machine};

use super::args::{Args, whole};
use super::command_line::CommandLine;
use super::forge::Forgings;
use super::pattern::{KnownNames, Pattern, client_message_name, message_name};
use super::problem::ScriptProblem;
use crate::sim::{Delivery, World};
use crate::trace::Lane;

/// Default delay of a duplicated message.
const AFTER: Duration = Duration::from_millis(1);

/// One filter.
#[derive(Clone, Debug)]
struct MessageFilter {
    pattern: Pattern,
    fate: Delivery,
    /// Number of messages that it still applies to; all, if not given.
    left: Option<u64>,
}

impl MessageFilter {
    /// The command that adds it now. Names are in scope.
    fn line(&self) -> String {
        let command = match self.fate {
            Delivery::Drop => CommandLine::new("drop"),
            Delivery::After(_) => CommandLine::new("delay"),
            Delivery::Duplicate(_) => CommandLine::new("duplicate"),
            Delivery::Hold | Delivery::Random => CommandLine::new("hold"),
        };
        let (from, to) = self.pattern.ends();
        let mut command = command.word(from).word(to);
        if let Delivery::After(span) = self.fate {
            command = command.word(format_args!("{span:?}"));
        }
        if let Some(message) = self.pattern.message() {
            command = command.word(message);
        }
        if let Delivery::Duplicate(later) = self.fate {
            command = command.option("after", format_args!("{later:?}"));
        }
        command.option_if("count", self.left).to_string()
    }
}

/// The active filters, shared by the network and the script.
#[derive(Clone, Default, Debug)]
pub(super) struct MessageFilters {
    deliveries: Rc<RefCell<Vec<MessageFilter>>>,
    /// A message is forged first, and delivered afterwards as the others say.
    pub(super) forgings: Forgings,
}

impl MessageFilters {
    /// Installs the filters in a world.
    pub(super) fn install<M: Machine, I: Invariant<M>>(&self, world: &mut World<M, I>) {
        self.forgings.install(world);
        let filters = self.clone();
        world
            .intercept(move |passing| filters.decide(passing.from.into(), passing.to.into(), || message_name(passing)));
        let filters = self.clone();
        world.intercept_clients(move |passing| {
            filters.decide(passing.from, passing.to, || client_message_name(passing))
        });
    }

    /// Decides by the newest matching filter.
    fn decide(&self, from: Lane, to: Lane, name: impl Fn() -> String) -> Delivery {
        let mut filters = self.deliveries.borrow_mut();
        let fitting = filters.iter().rposition(|filter| filter.pattern.fits(from, to, &name));
        let Some(index) = fitting else { return Delivery::Random };
        let fate = filters[index].fate;
        if let Some(left) = &mut filters[index].left {
            *left = left.saturating_sub(1);
            if *left == 0 {
                filters.remove(index);
            }
        }
        fate
    }

    /// Adds a filter: `hold`, `drop`, `delay` or `duplicate`.
    pub(super) fn take(&self, name: &str, args: &mut Args<'_>, known: &KnownNames<'_>) -> Result<(), ScriptProblem> {
        let (pattern, fate) = match name {
            "hold" => Pattern::read(args, known, |_| Ok(Delivery::Hold))?,
            "drop" => Pattern::read(args, known, |_| Ok(Delivery::Drop))?,
            "delay" => Pattern::read(args, known, |args| args.need_span("the delay").map(Delivery::After))?,
            _ => {
                let after = args.span("after")?.unwrap_or(AFTER);
                Pattern::read(args, known, |_| Ok(Delivery::Duplicate(after)))?
            }
        };
        let left = match args.option("count") {
            Some(text) => Some(whole::<u64>(text, "a count")?),
            None => None,
        };
        if left == Some(0) {
            return Err(ScriptProblem::bad(
                "count=0 selects no message; omit the option for all messages, or remove the line",
            ));
        }
        self.deliveries.borrow_mut().push(MessageFilter { pattern, fate, left });
        Ok(())
    }

    /// `release`: frees held messages and ends `hold` filters. Returns the number of messages
    /// freed.
    pub(super) fn release<M: Machine, I: Invariant<M>>(
        &self,
        args: &mut Args<'_>,
        known: &KnownNames<'_>,
        world: &mut World<M, I>,
    ) -> Result<usize, ScriptProblem> {
        let pattern = Pattern::read_loosely(args, known)?;
        self.end(|filter| filter.fate == Delivery::Hold && pattern.covers(&filter.pattern));
        let between_nodes =
            world.release(|passing| pattern.fits(passing.from.into(), passing.to.into(), &|| message_name(passing)));
        let of_clients =
            world.release_clients(|passing| pattern.fits(passing.from, passing.to, &|| client_message_name(passing)));
        Ok(between_nodes + of_clients)
    }

    /// `pass`: ends all drop, delay, duplicate and forge filters. Returns whether there were
    /// any.
    pub(super) fn pass(&self, args: &mut Args<'_>, known: &KnownNames<'_>) -> Result<bool, ScriptProblem> {
        let pattern = Pattern::read_loosely(args, known)?;
        let deliveries = self.end(|filter| filter.fate != Delivery::Hold && pattern.covers(&filter.pattern));
        Ok(self.forgings.end(&pattern) || deliveries)
    }

    /// Number of filters.
    pub(super) fn len(&self) -> usize {
        self.deliveries.borrow().len() + self.forgings.len()
    }

    /// The filters as commands, oldest first, and after them the lies that are still to be told.
    /// Names are in scope.
    pub(super) fn lines(&self) -> Vec<String> {
        let deliveries = self.deliveries.borrow();
        deliveries.iter().map(MessageFilter::line).chain(self.forgings.lines()).collect()
    }

    fn end(&self, which: impl Fn(&MessageFilter) -> bool) -> bool {
        let mut filters = self.deliveries.borrow_mut();
        let before = filters.len();
        filters.retain(|filter| !which(filter));
        filters.len() < before
    }
}
