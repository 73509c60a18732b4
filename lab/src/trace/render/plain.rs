//! Escaping, truncating and wrapping of text for a terminal, with known width.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Escapes everything that a terminal would interpret instead of showing: control characters, and
/// the invisible format characters that reorder or hide text.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() || is_invisible(char) {
            plain.extend(char.escape_debug());
        } else {
            plain.push(char);
        }
    }
    plain
}

/// Whether a character is a Unicode format character (category Cf) or one of the two separators
/// that break lines.
fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Width of a text in columns.
pub(super) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// Returns the text, truncated with `…` if it is wider than `columns`.
pub(super) fn cut(text: &str, columns: usize) -> String {
    if !is_wider(text, columns) {
        return text.to_owned();
    }
    match columns {
        0 => String::new(),
        1 => "…".to_owned(),
        _ => format!("{}…", split_at_width(text, columns - 1).0.trim_end()),
    }
}

/// Pads the text with spaces to a width.
pub(super) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Wraps the text to lines of limited width, between words, or within a word that is too long by
/// itself.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for mut word in text.split(' ').filter(|word| !word.is_empty()) {
        if !line.is_empty() && is_wider(word, columns.saturating_sub(width(&line) + 1)) {
            lines.push(std::mem::take(&mut line));
        }
        while line.is_empty() && is_wider(word, columns) {
            let (head, rest) = split_at_width(word, columns);
            lines.push(head.to_owned());
            word = rest;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Whether a text is wider than `columns`. Only the beginning of a long text is examined.
fn is_wider(text: &str, columns: usize) -> bool {
    // A sequence of joined characters may be narrower than the sum of its parts, but not by that
    // factor.
    let (head, rest) = split_at_width(text, columns.saturating_mul(16));
    !rest.is_empty() || width(head) > columns
}

/// Splits the text where the columns are used up; the first part has at least one character.
fn split_at_width(text: &str, columns: usize) -> (&str, &str) {
    let mut used = 0;
    for (at, char) in text.char_indices() {
        used += char.width().unwrap_or(0);
        if used > columns && at > 0 {
            return text.split_at(at);
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        assert_eq!(plain("\u{1b}[2J\r\n\tbell\u{7}"), "\\u{1b}[2J\\r\\n\\tbell\\u{7}");
        assert_eq!(plain("\u{9b}31m right\u{202e}left zero\u{200b}"), "\\u{9b}31m right\\u{202e}left zero\\u{200b}");
        assert_eq!(plain("\\ \" ' … é ▶ 東京"), "\\ \" ' … é ▶ 東京");
    }

    #[test]
    fn cutting_keeps_within_the_columns() {
        assert_eq!(cut("ballot 2.A", 10), "ballot 2.A");
        assert_eq!(cut("ballot 2.A", 9), "ballot 2…");
        assert_eq!(cut("ballot 2.A", 8), "ballot…");
        assert_eq!(cut("東京都", 4), "東…");
        assert_eq!((cut("abc", 1), cut("abc", 0)), ("…".to_owned(), String::new()));
    }

    #[test]
    fn wrapping_breaks_between_words_if_it_can() {
        assert_eq!(wrap("the quick  brown fox", 10), ["the quick", "brown fox"]);
        assert_eq!(wrap("an incomprehensible word", 6), ["an", "incomp", "rehens", "ible", "word"]);
        assert_eq!(wrap("東京都", 1), ["東", "京", "都"]);
        assert!(wrap("", 10).is_empty());
        let long = "x".repeat(2_000_000);
        assert_eq!(wrap(&long, 10).len(), 200_000, "a long word takes no longer than its letters");
        assert_eq!(cut(&long, 3), "xx…");
    }
}
