//! A reader for EDN, the notation of Clojure's data, as far as histories use it.
//!
//! Our own, because the crates for it are deprecated or unmaintained, and none says on which line an error is.
//! Read: nil, booleans, numbers, texts, characters, symbols, keywords, lists, vectors, sets, maps, tags (which are dropped),
//! discarded forms (`#_`) and comments. See <https://github.com/edn-format/edn>.

use std::fmt;

/// A value. Two are equal if Clojure calls them equal, except that numbers are compared as they are written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Edn {
    /// Nothing.
    #[default]
    Nil,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number, as it is written: `2.5`, `1e9`, `1/3`, or one that needs more than 64 bits.
    Number(String),
    /// A character, as it is written after the backslash.
    Char(String),
    /// A text.
    Text(String),
    /// A name, without the `:`.
    Keyword(String),
    /// A name that is not a keyword.
    Symbol(String),
    /// A vector or a list: Clojure calls two equal if their items are.
    Vector(Vec<Edn>),
    /// A map, by its keys. Keys are in order, so that equal maps are equal.
    Map(Vec<(Edn, Edn)>),
    /// A set, in order.
    Set(Vec<Edn>),
}

impl Edn {
    /// What a map holds under a keyword.
    pub fn get(&self, keyword: &str) -> Option<&Edn> {
        let Edn::Map(entries) = self else { return None };
        entries.iter().find(|(key, _)| matches!(key, Edn::Keyword(name) if name == keyword)).map(|(_, value)| value)
    }
}

impl fmt::Display for Edn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Edn::Nil => f.write_str("nil"),
            Edn::Bool(bool) => bool.fmt(f),
            Edn::Int(number) => number.fmt(f),
            Edn::Number(text) | Edn::Symbol(text) => f.write_str(text),
            Edn::Char(name) => write!(f, "\\{name}"),
            Edn::Text(text) => text_in_quotes(f, text),
            Edn::Keyword(name) => write!(f, ":{name}"),
            Edn::Vector(items) => between(f, "[", items, "]", |f, item| item.fmt(f)),
            Edn::Set(items) => between(f, "#{", items, "}", |f, item| item.fmt(f)),
            Edn::Map(entries) => between(f, "{", entries, "}", |f, (key, value)| write!(f, "{key} {value}")),
        }
    }
}

/// With the escapes that the reader knows, so that what is written reads back.
fn text_in_quotes(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("\"")?;
    for char in text.chars() {
        match char {
            '"' | '\\' => write!(f, "\\{char}")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            '\r' => f.write_str("\\r")?,
            control if control.is_control() => write!(f, "\\u{:04x}", u32::from(control))?,
            other => write!(f, "{other}")?,
        }
    }
    f.write_str("\"")
}

fn between<T>(
    f: &mut fmt::Formatter<'_>,
    open: &str,
    items: &[T],
    close: &str,
    mut show: impl FnMut(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    f.write_str(open)?;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(" ")?;
        }
        show(f, item)?;
    }
    f.write_str(close)
}

/// Why a text is not EDN. Displayed, each says what to do about it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum EdnError {
    /// The text ends within something.
    Unfinished {
        /// What, such as `[`.
        opened: &'static str,
        /// The line on which it began, from 1.
        since: usize,
    },
    /// A bracket closes what was not opened.
    Unopened {
        /// The bracket.
        bracket: char,
        /// The bracket that should come first, if one is open.
        expected: Option<char>,
    },
    /// A map has a key without a value.
    OddMap,
    /// A tag, `#_` or `#` that nothing follows.
    Dangling,
    /// An escape in a text that does not exist.
    Escape {
        /// The character after the backslash.
        found: char,
    },
    /// A character outside texts that EDN has no use for.
    Unexpected {
        /// The character.
        found: char,
    },
    /// Something that starts like a number but is none.
    NotANumber {
        /// What it is.
        found: String,
    },
    /// Brackets within brackets, too many.
    TooDeep {
        /// The most that are read.
        depth_max: usize,
    },
}

impl fmt::Display for EdnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is not EDN: ")?;
        match self {
            EdnError::Unfinished { opened, since } => {
                write!(f, "the text ends within what {opened} begins on line {since}; close it, or write the file out")
            }
            EdnError::Unopened { bracket, expected: None } => {
                write!(f, "{bracket} closes what was not opened; remove it, or add the opening bracket")
            }
            EdnError::Unopened { bracket, expected: Some(expected) } => {
                write!(f, "{bracket} comes where {expected} must; close brackets in the reverse order of opening")
            }
            EdnError::OddMap => {
                f.write_str("a map has a key without a value; give every key one, as in {:process 0, :type :ok}")
            }
            EdnError::Dangling => f.write_str("nothing follows #; write the value, or remove the #"),
            EdnError::Escape { found } => {
                write!(f, "there is no escape \\{}; use \\\" \\\\ \\n \\r \\t or \\uXXXX", found.escape_debug())
            }
            EdnError::Unexpected { found } => {
                write!(f, "{:?} is not part of the notation here; put texts in quotation marks", found)
            }
            EdnError::NotANumber { found } => {
                write!(f, "{found} starts like a number but is none; put texts in quotation marks")
            }
            EdnError::TooDeep { depth_max } => {
                write!(f, "brackets are nested more than {depth_max} deep, which no history needs; remove some")
            }
        }
    }
}

impl std::error::Error for EdnError {}

pub(super) use reader::Reader;

mod reader;
