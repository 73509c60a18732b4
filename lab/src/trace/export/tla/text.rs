//! Values as TLA+ writes them.

use std::fmt;

/// The largest number that TLC counts to.
pub(super) const LARGEST: u64 = i32::MAX as u64;

/// A value of TLA+.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Expr {
    Number(u64),
    /// A word of ours, which needs no escapes.
    Text(&'static str),
    Tuple(Vec<Expr>),
    Set(Vec<Expr>),
    Record(Vec<(&'static str, Expr)>),
    /// A function, by its values: of numbers to anything.
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
            // The empty tuple is the function of nothing.
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

/// Text for the rest of a line that is a comment: plain, and not so long that it hides what
/// follows.
pub(super) fn comment(text: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || " .,:;'-_/#".contains(char);
    let plainly: String = text.chars().map(|char| if plain(char) { char } else { '?' }).collect();
    super::super::cut(&plainly, 100).replace('…', "...")
}
