//! Comparison of a scenario's output with the output that its file holds.

use super::problem::shown;
use super::source::Source;

/// The first line in which a scenario's stored output differs from its actual output.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The line of the scenario, from 1.
    pub line: usize,
    /// The stored line; `None` after the end.
    pub stored: Option<String>,
    /// The printed line; `None` if there is no more output.
    pub printed: Option<String>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let quoted =
            |line: &Option<String>| line.as_ref().map_or("nothing".to_owned(), |line| format!("'{}'", shown(line)));
        write!(f, "line {}: the output is {}, but {} is stored", self.line, quoted(&self.printed), quoted(&self.stored))
    }
}

/// First difference between the stored and the printed script, as the author sees them.
pub(super) fn first_difference(stored: &str, printed: &str, source: &Source) -> Option<Difference> {
    if stored == printed {
        return None;
    }
    let (stored, printed) = (source.restore(stored), source.restore(printed));
    let (mut stored, mut printed) = (stored.lines(), printed.lines());
    for line in 1.. {
        match (stored.next(), printed.next()) {
            (None, None) => break,
            (ours, theirs) if ours == theirs => {}
            (ours, theirs) => {
                return Some(Difference { line, stored: ours.map(str::to_owned), printed: theirs.map(str::to_owned) });
            }
        }
    }
    None
}
