//! Text at the width of the terminal, never broken inside a word.

use std::io;

use textwrap::core::{Word, display_width};
use textwrap::{Options, WordSeparator, WordSplitter};

/// Words longer than this, such as a list of faults, may be broken after their commas.
const LONG_WORD: usize = 40;

/// Width of the terminal that is the standard output, or that of `COLUMNS`; `None` if nobody says
/// so, as in a pipe.
pub(crate) fn columns() -> Option<usize> {
    terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0)).or_else(given)
}

/// The same for the standard error.
pub(crate) fn error_columns() -> Option<usize> {
    terminal_size::terminal_size_of(io::stderr()).map(|(width, _)| usize::from(width.0)).or_else(given)
}

fn given() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.parse().ok()
}

/// Wraps a text whose first line begins with `first`, and the others with `rest`.
pub(crate) fn wrap(text: &str, width: usize, first: &str, rest: &str) -> Vec<String> {
    // Names of scenarios and options have hyphens, and are one word.
    let options = Options::new(width)
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation)
        .word_separator(WordSeparator::Custom(words));
    textwrap::wrap(text, options).into_iter().map(|line| line.into_owned()).collect()
}

/// Wraps each line of a text that is too wide; its further lines are indented as it is, and by two
/// more.
pub(crate) fn lines(text: &str, width: usize) -> String {
    let wrapped = text.split('\n').flat_map(|line| {
        if display_width(line) <= width {
            return vec![line.to_owned()];
        }
        let indent = &line[..line.len() - line.trim_start().len()];
        wrap(line.trim_start(), width, indent, &format!("{indent}  "))
    });
    wrapped.collect::<Vec<_>>().join("\n")
}

/// The words of a line; a long one in pieces that end with a comma.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let pieces = |word: Word<'_>| -> Vec<&str> {
        let end = word.word.len() + word.whitespace.len();
        let start = word.word.as_ptr().addr() - line.as_ptr().addr();
        let whole = &line[start..start + end];
        if display_width(word.word) > LONG_WORD { whole.split_inclusive(',').collect() } else { vec![whole] }
    };
    Box::new(WordSeparator::AsciiSpace.find_words(line).flat_map(pieces).map(Word::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_between_words_and_keeps_its_indentation() {
        let text = "short\n  a line that is too wide for it\n";
        assert_eq!(lines(text, 20), "short\n  a line that is too\n    wide for it\n");
        let faults = "faults: loss=10%,duplicate=10%,latency=1ms~10ms,straggling=10%";
        assert_eq!(lines(faults, 40), "faults: loss=10%,duplicate=10%,\n  latency=1ms~10ms,straggling=10%");
        let path = "a/path/that/has/no/place/to/break/whatever/the/width";
        assert_eq!(lines(path, 20), path);
    }
}
