//! Message filters: the messages that a scenario holds, drops, delays or duplicates.

use std::cell::RefCell;
use std::rc::Rc;

use quorate_protocol::{Duration, Invariant, Machine, Names, NodeId};

use super::args::{Args, node, whole};
use super::problem::ScriptProblem;
use super::variants::variants;
use crate::sim::{Delivery, InFlight, World};
use crate::trace::payload;

/// The wildcard for any node.
const ANY: &str = "*";
/// Default delay of a duplicated message.
const AFTER: Duration = Duration::from_millis(1);

/// The messages that a filter applies to.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Pattern {
    from: Option<NodeId>,
    to: Option<NodeId>,
    message: Option<String>,
}

impl Pattern {
    /// Parses `FROM TO [MESSAGE]`, where `*` stands for any node. `between` parses the words before
    /// the message.
    fn read<T>(
        args: &mut Args<'_>,
        names: &Names,
        known: &[&'static str],
        between: impl FnOnce(&mut Args<'_>) -> Result<T, ScriptProblem>,
    ) -> Result<(Self, T), ScriptProblem> {
        let from = end(args.need("the sender")?, names)?;
        let to = end(args.need("the receiver")?, names)?;
        let between = between(args)?;
        Ok((Pattern { from, to, message: message(args.take(), known)? }, between))
    }

    /// Parses the same form where trailing words may be omitted.
    fn read_loosely(args: &mut Args<'_>, names: &Names, known: &[&'static str]) -> Result<Self, ScriptProblem> {
        let mut end_or_any = || args.take().map_or(Ok(None), |name| end(name, names));
        let (from, to) = (end_or_any()?, end_or_any()?);
        Ok(Pattern { from, to, message: message(args.take(), known)? })
    }

    fn fits(&self, from: NodeId, to: NodeId, name: impl FnOnce() -> String) -> bool {
        self.from.is_none_or(|node| node == from)
            && self.to.is_none_or(|node| node == to)
            && self.message.as_ref().is_none_or(|message| *message == name())
    }

    /// Whether every message that matches the other pattern matches this one.
    fn covers(&self, other: &Pattern) -> bool {
        (self.from.is_none() || self.from == other.from)
            && (self.to.is_none() || self.to == other.to)
            && (self.message.is_none() || self.message == other.message)
    }
}

fn end(name: &str, names: &Names) -> Result<Option<NodeId>, ScriptProblem> {
    if name == ANY { Ok(None) } else { node(names, name).map(Some) }
}

fn message(name: Option<&str>, known: &[&'static str]) -> Result<Option<String>, ScriptProblem> {
    match name {
        Some(name) if !known.contains(&name) => Err(ScriptProblem::unknown("message", name, known.iter().copied())),
        name => Ok(name.map(str::to_owned)),
    }
}

/// One filter.
#[derive(Clone, Debug)]
struct MessageFilter {
    pattern: Pattern,
    fate: Delivery,
    /// Number of messages that it still applies to; all, if not given.
    left: Option<u64>,
}

/// The active filters, shared by the network and the script.
#[derive(Clone, Default, Debug)]
pub(super) struct MessageFilters(Rc<RefCell<Vec<MessageFilter>>>);

impl MessageFilters {
    /// Installs the filters in a world.
    pub(super) fn install<M: Machine, I: Invariant<M>>(&self, world: &mut World<M, I>) {
        let filters = self.clone();
        world.intercept(move |passing| filters.decide(passing));
    }

    /// Decides by the newest matching filter.
    fn decide<M: Machine>(&self, passing: &InFlight<'_, M>) -> Delivery {
        let mut filters = self.0.borrow_mut();
        let name = || payload(passing.message, "Message").name;
        let fitting = filters.iter().rposition(|filter| filter.pattern.fits(passing.from, passing.to, name));
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
    pub(super) fn take<M: Machine>(&self, name: &str, args: &mut Args<'_>, names: &Names) -> Result<(), ScriptProblem> {
        let known = &variants::<M::Message>("Message");
        let (pattern, fate) = match name {
            "hold" => Pattern::read(args, names, known, |_| Ok(Delivery::Hold))?,
            "drop" => Pattern::read(args, names, known, |_| Ok(Delivery::Drop))?,
            "delay" => Pattern::read(args, names, known, |args| args.need_span("the delay").map(Delivery::After))?,
            _ => {
                let after = args.span("after")?.unwrap_or(AFTER);
                Pattern::read(args, names, known, |_| Ok(Delivery::Duplicate(after)))?
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
        self.0.borrow_mut().push(MessageFilter { pattern, fate, left });
        Ok(())
    }

    /// `release`: frees held messages and ends `hold` filters. Returns the number of messages
    /// freed.
    pub(super) fn release<M: Machine, I: Invariant<M>>(
        &self,
        args: &mut Args<'_>,
        world: &mut World<M, I>,
    ) -> Result<usize, ScriptProblem> {
        let pattern = Pattern::read_loosely(args, world.names(), &variants::<M::Message>("Message"))?;
        self.end(|filter| filter.fate == Delivery::Hold && pattern.covers(&filter.pattern));
        Ok(world.release(|passing| pattern.fits(passing.from, passing.to, || payload(passing.message, "Message").name)))
    }

    /// `pass`: ends all drop, delay and duplicate filters. Returns whether there were any.
    pub(super) fn pass<M: Machine>(&self, args: &mut Args<'_>, names: &Names) -> Result<bool, ScriptProblem> {
        let pattern = Pattern::read_loosely(args, names, &variants::<M::Message>("Message"))?;
        Ok(self.end(|filter| filter.fate != Delivery::Hold && pattern.covers(&filter.pattern)))
    }

    fn end(&self, which: impl Fn(&MessageFilter) -> bool) -> bool {
        let mut filters = self.0.borrow_mut();
        let before = filters.len();
        filters.retain(|filter| !which(filter));
        filters.len() < before
    }
}
