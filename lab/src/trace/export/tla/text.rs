//! Expressions of TLA+ and their syntax.

use std::fmt;

/// Largest integer that TLC supports.
pub(super) const LARGEST: u64 = i32::MAX as u64;

/// A TLA+ value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Expr {
    Number(u64),
    /// A string literal from this crate, which needs no escaping.
    Text(&'static str),
    Tuple(Vec<Expr>),
    Set(Vec<Expr>),
    Record(Vec<(&'static str, Expr)>),
    /// A function with numbers as arguments.
    Function(Vec<(u64, Expr)>),
}

impl Expr {
    /// A pair of numbers.
    pub(super) fn pair(first: u64, second: u64) -> Expr {
        Expr::Tuple(vec![Expr::Number(first), Expr::Number(second)])
    }

    pub(super) fn set(numbers: impl IntoIterator<Item = u64>) -> Expr {
        Expr::Set(numbers.into_iter().map(Expr::Number).collect())
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expr::Number(number) => write!(f, "{number}"),
            Expr::Text(text) => write!(f, "\"{text}\""),
            Expr::Tuple(items) => list(f, ("<<", ">>"), items, |f, item| write!(f, "{item}")),
            Expr::Set(items) => list(f, ("{", "}"), items, |f, item| write!(f, "{item}")),
            Expr::Record(fields) => list(f, ("[", "]"), fields, |f, (name, value)| write!(f, "{name} |-> {value}")),
            // The empty tuple is the function with empty domain.
            Expr::Function(values) if values.is_empty() => f.write_str("<<>>"),
            Expr::Function(values) => {
                for (place, (argument, value)) in values.iter().enumerate() {
                    write!(f, "{}({argument} :> {value})", if place == 0 { "" } else { " @@ " })?;
                }
                Ok(())
            }
        }
    }
}

fn list<T>(
    f: &mut fmt::Formatter<'_>,
    (open, close): (&str, &str),
    items: &[T],
    item: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    f.write_str(open)?;
    for (place, each) in items.iter().enumerate() {
        f.write_str(if place == 0 { "" } else { ", " })?;
        item(f, each)?;
    }
    f.write_str(close)
}

/// Escapes and shortens text for the rest of a comment line.
pub(super) fn comment(text: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || " .,:;'-_/#".contains(char);
    let plainly: String = text.chars().map(|char| if plain(char) { char } else { '?' }).collect();
    super::super::cut(&plainly, 100).replace('…', "...")
}
