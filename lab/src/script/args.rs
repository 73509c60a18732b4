//! Arguments of a command, taken one by one.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use quorate_protocol::{ClientId, Duration, Names, NodeId, Time};

use super::bounds::{VALUE_MAX, WORD_MAX};
use super::problem::ScriptProblem;
use super::usage::Usage;
use crate::env::duration;

/// A command's arguments: words in order, and options (`key=value`) in any order.
///
/// Every requested option is remembered, so that [`finish`](Self::finish) can report unknown ones
/// with a suggestion.
#[derive(Debug)]
pub struct Args<'a> {
    usage: &'static str,
    words: std::vec::IntoIter<&'a str>,
    options: BTreeMap<&'a str, &'a str>,
    asked: RefCell<Vec<&'static str>>,
    pub(super) start: Time,
}

impl<'a> Args<'a> {
    /// Creates the arguments of a parsed command.
    pub(super) fn new(usage: &'static str, arguments: &'a [goldenscript::Argument]) -> Result<Self, ScriptProblem> {
        let mut words = Vec::new();
        let mut options = BTreeMap::new();
        for argument in arguments {
            match argument {
                goldenscript::Argument::KeyValue(key, value) => {
                    bounded("an option's name", key, WORD_MAX)?;
                    bounded("an option's value", value, WORD_MAX)?;
                    if options.insert(key.as_str(), value.as_str()).is_some() {
                        return Err(ScriptProblem::Twice { key: key.clone() });
                    }
                }
                goldenscript::Argument::Positional(word) => words.push(bounded("a word", word, WORD_MAX)?),
                other => return Err(ScriptProblem::bad(format_args!("'{other}' is neither a word nor an option"))),
            }
        }
        Ok(Args { usage, words: words.into_iter(), options, asked: RefCell::default(), start: Time::ZERO })
    }

    /// The form of the command, for errors.
    pub fn usage(&self) -> &'static str {
        self.usage
    }

    /// The time that a clock which is right shows at the start of a `cluster`: its `date=`, or 0.
    pub fn start(&self) -> Time {
        self.start
    }

    /// Sets the form that errors cite from here on.
    pub(super) fn set_usage(&mut self, usage: &Usage) {
        self.usage = usage.form;
    }

    /// The next word, if there is one.
    pub fn take(&mut self) -> Option<&'a str> {
        self.words.next()
    }

    /// The next word, which must be there.
    ///
    /// # Errors
    /// [`ScriptProblem::Missing`]: there is none.
    pub fn need(&mut self, what: &'static str) -> Result<&'a str, ScriptProblem> {
        self.take().ok_or(ScriptProblem::Missing { what, usage: self.usage })
    }

    /// The next word, which must be there: a value that nodes store and send, of at most
    /// [`VALUE_MAX`] bytes.
    ///
    /// # Errors
    /// [`ScriptProblem::Missing`] or [`ScriptProblem::TooLong`].
    pub fn text(&mut self, what: &'static str) -> Result<&'a str, ScriptProblem> {
        let text = self.need(what)?;
        bounded(what, text, VALUE_MAX)
    }

    /// The remaining words.
    pub fn rest(&mut self) -> impl Iterator<Item = &'a str> + use<'_, 'a> {
        self.words.by_ref()
    }

    /// The next word, without taking it.
    pub(super) fn peek(&self) -> Option<&'a str> {
        self.words.as_slice().first().copied()
    }

    /// The value of an option, without marking it as requested.
    pub(super) fn written(&self, key: &str) -> Option<&'a str> {
        self.options.get(key).copied()
    }

    /// The value of an option, if it is given.
    pub fn option(&mut self, key: &'static str) -> Option<&'a str> {
        self.asked.borrow_mut().push(key);
        self.options.remove(key)
    }

    /// The value of an option, read as a number, a probability, a latency, ….
    ///
    /// # Errors
    /// [`ScriptProblem::Bad`]: it cannot be read.
    pub fn parsed<T: FromStr<Err: Display>>(&mut self, key: &'static str) -> Result<Option<T>, ScriptProblem> {
        let Some(text) = self.option(key) else { return Ok(None) };
        text.parse().map(Some).map_err(|error| ScriptProblem::bad(format_args!("{key}={text}: {error}")))
    }

    /// The value of an option, parsed as a duration such as `150ms`.
    ///
    /// # Errors
    /// [`ScriptProblem::Bad`]: it cannot be read.
    pub fn span(&mut self, key: &'static str) -> Result<Option<Duration>, ScriptProblem> {
        let Some(text) = self.option(key) else { return Ok(None) };
        duration(text).map(Some).map_err(|error| ScriptProblem::bad(format_args!("{key}=: {error}")))
    }

    /// The value of an option, parsed as a list with commas. Empty if it is not given.
    pub fn list(&mut self, key: &'static str) -> Vec<&'a str> {
        self.option(key).map(|text| text.split(',').collect()).unwrap_or_default()
    }

    /// The next word, parsed as a duration such as `150ms`.
    ///
    /// # Errors
    /// [`ScriptProblem::Missing`] or [`ScriptProblem::Bad`].
    pub(super) fn need_span(&mut self, what: &'static str) -> Result<Duration, ScriptProblem> {
        duration(self.need(what)?).map_err(ScriptProblem::bad)
    }

    /// The next word, which must name a node.
    ///
    /// # Errors
    /// [`ScriptProblem::Missing`], or [`ScriptProblem::Unknown`] with the existing nodes.
    pub fn node(&mut self, names: &Names) -> Result<NodeId, ScriptProblem> {
        let name = self.need("a node")?;
        node(names, name)
    }

    /// The next word, if there is one, which must then name a node.
    ///
    /// # Errors
    /// [`ScriptProblem::Unknown`] with the existing nodes.
    pub fn node_if_any(&mut self, names: &Names) -> Result<Option<NodeId>, ScriptProblem> {
        self.take().map(|name| node(names, name)).transpose()
    }

    /// The value of an option that names a node.
    ///
    /// # Errors
    /// [`ScriptProblem::Unknown`] with the existing nodes.
    pub fn node_option(&mut self, key: &'static str, names: &Names) -> Result<Option<NodeId>, ScriptProblem> {
        self.option(key).map(|name| node(names, name)).transpose()
    }

    /// The options that were not requested: fields to compare with, in the order of their names.
    pub(super) fn remaining_options(&mut self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        std::mem::take(&mut self.options).into_iter()
    }

    /// Checks that every word and option was requested.
    ///
    /// # Errors
    /// [`ScriptProblem::Surplus`] or [`ScriptProblem::UnknownOption`].
    pub fn finish(mut self) -> Result<(), ScriptProblem> {
        if let Some(word) = self.words.next() {
            return Err(ScriptProblem::Surplus { word: word.to_owned(), usage: self.usage });
        }
        match self.options.pop_first() {
            Some((key, _)) => {
                Err(ScriptProblem::UnknownOption { key: key.to_owned(), known: self.asked.take(), usage: self.usage })
            }
            None => Ok(()),
        }
    }
}

/// Returns the text, if it is not longer than `max` bytes.
pub(super) fn bounded<'a>(what: &'static str, text: &'a str, max: usize) -> Result<&'a str, ScriptProblem> {
    if text.len() > max { Err(ScriptProblem::too_long(what, text, max)) } else { Ok(text) }
}

/// Finds the node of that name.
pub(super) fn node(names: &Names, name: &str) -> Result<NodeId, ScriptProblem> {
    names.node(name).ok_or_else(|| ScriptProblem::unknown("node", name, names.nodes()))
}

/// Finds the client of that name.
pub(super) fn client(names: &Names, name: &str) -> Result<ClientId, ScriptProblem> {
    names.client(name).ok_or_else(|| ScriptProblem::unknown("client", name, names.clients()))
}

/// Parses a whole number.
pub(super) fn whole<T: FromStr>(text: &str, what: &str) -> Result<T, ScriptProblem> {
    text.parse().map_err(|_| ScriptProblem::bad(format_args!("'{text}' is not {what}; use a whole number such as 3")))
}
