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
        match display_width(word.word) {
            _ if whole.contains(is_wide) => between_wide(whole),
            width if width > LONG_WORD => whole.split_inclusive(',').collect(),
            _ => vec![whole],
        }
    };
    Box::new(WordSeparator::AsciiSpace.find_words(line).flat_map(pieces).map(Word::from))
}

/// Whether a character takes two columns, as Chinese ones do.
pub(crate) fn is_wide(char: char) -> bool {
    display_width(char.encode_utf8(&mut [0; 4])) == 2
}

/// The pieces of a text that may be on different lines: Chinese is broken between any two
/// characters, but not before a closing mark nor after an opening one.
fn between_wide(text: &str) -> Vec<&str> {
    const CLOSING: &str = "，。；：、？！）》”’」…";
    const OPENING: &str = "（《“‘「";
    let mut pieces = Vec::new();
    let mut start = 0;
    let chars = text.char_indices().zip(text.chars().skip(1));
    for ((place, char), next) in chars {
        let may_break = (is_wide(char) || is_wide(next)) && !char.is_whitespace() && !next.is_whitespace();
        if may_break && !CLOSING.contains(next) && !OPENING.contains(char) {
            let end = place + char.len_utf8();
            pieces.push(&text[start..end]);
            start = end;
        }
    }
    pieces.push(&text[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_is_broken_between_characters_and_never_before_a_comma() {
        let text = "一个接受者承诺过编号，就不再理会更低的编号（Paxos 的第一阶段）。";
        for width in 8..70 {
            let wrapped = lines(text, width);
            assert_eq!(wrapped.replace("\n  ", "").replace(' ', ""), text.replace(' ', ""));
            for line in wrapped.lines() {
                // A mark that must not begin a line makes its character wait for it.
                assert!(display_width(line) <= width.max(12), "{width}: {line}");
                assert!(!line.trim_start().starts_with(['，', '。', '）']) && !line.ends_with('（'), "{width}: {line}");
            }
        }
    }

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
