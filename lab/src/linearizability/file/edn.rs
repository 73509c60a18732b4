//! A reader for EDN (Extensible Data Notation, Clojure's data format), as far as histories use it.
//!
//! Written here because the crates for it are deprecated or unmaintained, and none reports the line
//! of an error. Supported: nil, booleans, numbers, strings, characters, symbols, keywords, lists,
//! vectors, sets, maps, tags (dropped), discarded forms (`#_`) and comments. See
//! <https://github.com/edn-format/edn>.

use std::fmt;

/// An EDN value. Equality is Clojure's, except that numbers are compared as they are written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Edn {
    /// `nil`.
    #[default]
    Nil,
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// Any other number, as written: `2.5`, `1e9`, `1/3`, or one that needs more than 64 bits.
    Number(String),
    /// A character, as written after the backslash.
    Char(String),
    /// A string.
    Text(String),
    /// A keyword, without the `:`.
    Keyword(String),
    /// A symbol.
    Symbol(String),
    /// A vector or a list: Clojure considers two equal if their items are.
    Vector(Vec<Edn>),
    /// A map, sorted by key so that equal maps compare equal.
    Map(Vec<(Edn, Edn)>),
    /// A set, sorted.
    Set(Vec<Edn>),
}

impl Edn {
    /// Returns the value under a keyword of a map.
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

/// Writes the text with the escapes that the reader knows, so that it reads back unchanged.
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

/// Reason why a text is not valid EDN. The displayed message says how to fix it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum EdnError {
    /// The input ends inside an open form.
    Unfinished {
        /// The form that was opened, such as `[`.
        opened: &'static str,
        /// The line on which it began, from 1.
        since: usize,
    },
    /// A closing bracket without an opening one.
    Unopened {
        /// The bracket.
        bracket: char,
        /// The closing bracket expected instead, if one is open.
        expected: Option<char>,
    },
    /// A map has a key without a value.
    OddMap,
    /// A tag, `#_` or `#` that nothing follows.
    Dangling,
    /// An unknown escape in a string.
    Escape {
        /// The character after the backslash.
        found: char,
    },
    /// A character that EDN does not allow outside strings.
    Unexpected {
        /// The character.
        found: char,
    },
    /// A token that starts like a number but is not one.
    NotANumber {
        /// The token.
        found: String,
    },
    /// Brackets nested too deeply.
    TooDeep {
        /// The deepest nesting that is supported.
        depth_max: usize,
    },
}

impl fmt::Display for EdnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is not EDN: ")?;
        match self {
            EdnError::Unfinished { opened, since } => {
                write!(
                    f,
                    "the text ends inside the {opened} that opens on line {since}; close it, or write the complete file"
                )
            }
            EdnError::Unopened { bracket, expected: None } => {
                write!(f, "{bracket} has no opening bracket; remove it, or add the opening bracket")
            }
            EdnError::Unopened { bracket, expected: Some(expected) } => {
                write!(
                    f,
                    "found {bracket} where {expected} is required; close brackets in the reverse order of opening"
                )
            }
            EdnError::OddMap => {
                f.write_str("a map has a key without a value; give every key a value, as in {:process 0, :type :ok}")
            }
            EdnError::Dangling => f.write_str("nothing follows #; write the value, or remove the #"),
            EdnError::Escape { found } => {
                write!(f, "the escape \\{} does not exist; use \\\" \\\\ \\n \\r \\t or \\uXXXX", found.escape_debug())
            }
            EdnError::Unexpected { found } => {
                write!(f, "{:?} is not allowed here; put strings in quotation marks", found)
            }
            EdnError::NotANumber { found } => {
                write!(f, "{found} starts like a number but is not one; put strings in quotation marks")
            }
            EdnError::TooDeep { depth_max } => {
                write!(f, "brackets are nested more than {depth_max} deep; no history needs that, so remove some")
            }
        }
    }
}

impl std::error::Error for EdnError {}

pub(super) use reader::Reader;

mod reader;
