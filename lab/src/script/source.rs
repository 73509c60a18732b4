//! The text of a scenario: its lines, its title, and the two spellings of its commands.
//!
//! People write `cluster paxos acceptors=X,Y,Z loss=5%`. Goldenscript wants words with such signs in quotes, so they
//! are quoted on the way in, and the author's own lines are put back on the way out, letter for letter. Because
//! the lines are read here first, everything that is wrong with them is found here, with the line it stands on.

use super::problem::{Problem, ScriptError};

/// Between a block's commands and what they print.
const SEPARATOR: &str = "---";

/// A scenario's text, read.
#[derive(Debug)]
pub(super) struct Source {
    /// The author's lines of comments and commands, in order; the separators and the output are left out.
    authored: Vec<String>,
    /// The whole text as goldenscript wants it, without the prose.
    pub(super) quoted: String,
    /// The line of each command, from 1.
    pub(super) command_lines: Vec<usize>,
    /// The first line of prose.
    pub(super) title: String,
    /// Whether the file holds any output yet.
    pub(super) has_output: bool,
    style: Style,
}

/// What of a file's form has nothing to do with its content, and is kept.
#[derive(Clone, Copy, Debug)]
struct Style {
    byte_order_mark: bool,
    carriage_returns: bool,
}

impl Style {
    /// Splits a file's form from its content: lines that end in `\n`.
    fn of(text: &str) -> (Self, String) {
        let style = Style { byte_order_mark: text.starts_with('\u{feff}'), carriage_returns: text.contains("\r\n") };
        let content = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
        (style, content)
    }

    fn restore(self, content: &str) -> String {
        let mark = if self.byte_order_mark { "\u{feff}" } else { "" };
        let content = if self.carriage_returns { content.replace('\n', "\r\n") } else { content.to_owned() };
        format!("{mark}{content}")
    }
}

/// What a line is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// Empty, or a comment.
    Prose,
    Command,
    Separator,
    Output,
    /// The empty line that ends an output.
    OutputEnd,
}

/// Tells the lines' kinds apart, one after the other.
#[derive(Default)]
struct Kinds {
    commands: usize,
    in_output: bool,
}

impl Kinds {
    fn of(&mut self, line: &str) -> Kind {
        if self.in_output {
            if line.is_empty() {
                *self = Kinds::default();
                return Kind::OutputEnd;
            }
            return Kind::Output;
        }
        if line == SEPARATOR {
            self.in_output = true;
            return Kind::Separator;
        }
        let text = line.trim_start_matches([' ', '\t']);
        if text.is_empty() || text.starts_with('#') || text.starts_with("//") {
            return Kind::Prose;
        }
        self.commands += 1;
        Kind::Command
    }
}

impl Source {
    /// Reads a scenario. A last block without its `---` gets one, so that a new file need not have any.
    pub(super) fn read(text: &str) -> Result<Self, ScriptError> {
        let (style, text) = Style::of(text);
        let mut source = Source {
            authored: Vec::new(),
            quoted: String::with_capacity(text.len()),
            command_lines: Vec::new(),
            title: String::new(),
            has_output: false,
            style,
        };
        let mut kinds = Kinds::default();
        for (index, line) in text.lines().enumerate() {
            let number = index + 1;
            if line.contains('\r') {
                return Err(Problem::Syntax { expected: "a line without a carriage return in it" }.at(number));
            }
            let commands_before = kinds.commands;
            let kind = kinds.of(line);
            match kind {
                Kind::Separator if commands_before == 0 => {
                    return Err(Problem::Syntax { expected: "a command before the '---'" }.at(number));
                }
                Kind::Command => {
                    source.command_lines.push(number);
                    let quoted =
                        Line::new(line).quoted().map_err(|expected| Problem::Syntax { expected }.at(number))?;
                    source.quoted.push_str(&quoted);
                }
                Kind::Prose => source.title_from(line),
                Kind::Output => {
                    source.has_output = true;
                    source.quoted.push_str(line);
                }
                Kind::Separator => source.quoted.push_str(line),
                Kind::OutputEnd => {}
            }
            if matches!(kind, Kind::Prose | Kind::Command) {
                source.authored.push(line.to_owned());
            }
            source.quoted.push('\n');
        }
        if kinds.commands > 0 && !kinds.in_output {
            source.quoted.push_str(SEPARATOR);
            source.quoted.push('\n');
        }
        Ok(source)
    }

    fn title_from(&mut self, line: &str) {
        if self.title.is_empty() {
            let prose = line.trim_start().trim_start_matches(['#', '/']).trim();
            prose.clone_into(&mut self.title);
        }
    }

    /// Puts the author's lines back into what goldenscript generated, in place of the quoted ones.
    pub(super) fn restore(&self, generated: &str) -> String {
        let mut authored = self.authored.iter();
        let mut kinds = Kinds::default();
        let mut restored = String::with_capacity(generated.len());
        for line in generated.lines() {
            let line = match kinds.of(line) {
                Kind::Prose | Kind::Command => authored.next().map_or(line, String::as_str),
                Kind::Separator | Kind::Output | Kind::OutputEnd => line,
            };
            restored.push_str(line);
            restored.push('\n');
        }
        self.style.restore(&restored)
    }
}

/// The first paragraphs of prose: what a scenario says before its first command.
pub(super) fn prose(text: &str) -> String {
    let mut kinds = Kinds::default();
    let mut prose = String::new();
    for line in text.trim_start_matches('\u{feff}').lines().take_while(|line| kinds.of(line) == Kind::Prose) {
        let line = line.trim();
        prose.push_str(line.strip_prefix("# ").unwrap_or(line.trim_start_matches(['#', '/'])));
        prose.push('\n');
    }
    prose.trim().to_owned()
}

/// A command's line, being read.
struct Line<'a> {
    rest: &'a str,
    /// Whether the line stands in parentheses, which keep what it prints out of the output.
    silent: bool,
}

type Expected = &'static str;

impl<'a> Line<'a> {
    fn new(line: &'a str) -> Self {
        Line { rest: line, silent: false }
    }

    /// The line as goldenscript wants it, without its comment.
    fn quoted(mut self) -> Result<String, Expected> {
        let mut quoted = String::new();
        for sign in ['(', '!'] {
            self.rest = self.rest.trim_start();
            if let Some(rest) = self.rest.strip_prefix(sign) {
                self.silent |= sign == '(';
                self.rest = rest;
                quoted.push(sign);
            }
        }
        let mut words = 0;
        while let Some(word) = self.word(words == 0)? {
            if words > 0 {
                quoted.push(' ');
            }
            quoted.push_str(&word);
            words += 1;
        }
        if words == 0 {
            return Err("a command");
        }
        if self.silent {
            self.rest = self.rest.strip_prefix(')').ok_or("a ')' at the end, because the line begins with '('")?;
            quoted.push(')');
            self.rest = self.rest.trim_start();
            if !(self.rest.is_empty() || self.is_at_comment()) {
                return Err("nothing after the ')'");
            }
        }
        Ok(quoted)
    }

    fn is_at_comment(&self) -> bool {
        self.rest.starts_with('#') || self.rest.starts_with("//")
    }

    /// The next word, in quotes where it needs them; `None` at the end. All words but the first may be `key=value`.
    fn word(&mut self, first: bool) -> Result<Option<String>, Expected> {
        self.rest = self.rest.trim_start();
        if self.rest.is_empty() || self.is_at_comment() || (self.silent && self.rest.starts_with(')')) {
            return Ok(None);
        }
        let mut word = self.piece(!first)?;
        if let Some(rest) = self.rest.strip_prefix('=').filter(|_| !first) {
            self.rest = rest;
            word.push('=');
            if !self.is_at_end_of_word() {
                word.push_str(&self.piece(false)?);
            }
        }
        if !self.is_at_end_of_word() {
            return Err("a space after the closing quote");
        }
        Ok(Some(word))
    }

    fn is_at_end_of_word(&self) -> bool {
        self.rest.starts_with(|sign: char| sign.is_whitespace() || (self.silent && sign == ')')) || self.rest.is_empty()
    }

    /// A quoted string, or letters up to a space (or, in a key, up to a `=`).
    fn piece(&mut self, key: bool) -> Result<String, Expected> {
        if let Some(quote @ ('"' | '\'')) = self.rest.chars().next() {
            let length = quoted_length(self.rest, quote)?;
            let (piece, rest) = self.rest.split_at(length);
            self.rest = rest;
            return Ok(piece.to_owned());
        }
        let ends = |sign: char| sign.is_whitespace() || (key && sign == '=') || (self.silent && sign == ')');
        let (piece, rest) = self.rest.split_at(self.rest.find(ends).unwrap_or(self.rest.len()));
        self.rest = rest;
        Ok(if is_plain(piece) { piece.to_owned() } else { quote(piece) })
    }
}

/// Whether goldenscript takes a word as it is.
fn is_plain(word: &str) -> bool {
    let is_letter = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    word.starts_with(is_letter) && word.chars().all(|sign| is_letter(sign) || "-./@".contains(sign))
}

fn quote(word: &str) -> String {
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The bytes of the quoted string that a text begins with, quotes included.
fn quoted_length(text: &str, quote: char) -> Result<usize, Expected> {
    let mut signs = text.char_indices().skip(1);
    while let Some((index, sign)) = signs.next() {
        match sign {
            '\\' => {
                let (_, escaped) = signs.next().ok_or("a sign after the '\\'")?;
                let digits = match escaped {
                    '\'' | '"' | '\\' | '0' | 'n' | 'r' | 't' => continue,
                    'x' => text.get(index + 2..index + 4),
                    'u' => text
                        .get(index + 2..)
                        .and_then(|rest| rest.strip_prefix('{')?.split_once('}'))
                        .map(|(digits, _)| digits),
                    _ => None,
                };
                let is_sign = |digits: &str| {
                    let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                    hexadecimal && u32::from_str_radix(digits, 16).ok().and_then(char::from_u32).is_some()
                };
                if !digits.is_some_and(|digits| digits.len() <= 6 && is_sign(digits)) {
                    return Err(r#"after the '\' one of \\ \' \" \n \r \t \0 \x41 \u{1f600}"#);
                }
            }
            _ if sign == quote => return Ok(index + 1),
            _ => {}
        }
    }
    Err("a closing quote")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(line: &str) -> String {
        Line::new(line).quoted().unwrap_or_else(|expected| format!("expected {expected}"))
    }

    #[test]
    fn words_get_the_quotes_that_goldenscript_wants() {
        for (authored, wanted) in [
            ("run 10ms", "run 10ms"),
            ("  cluster  paxos acceptors=X,Y,Z", "cluster paxos acceptors=\"X,Y,Z\""),
            ("network loss=5% latency=1ms..10ms # rough", "network loss=\"5%\" latency=1ms..10ms"),
            ("jump X -5s // backwards", "jump X \"-5s\""),
            ("hold * Zoë", "hold \"*\" \"Zoë\""),
            ("fire X Expiry(primary)", "fire X \"Expiry(primary)\""),
            ("(cut A X)  # hush", "(cut A X)"),
            ("!expect chosen 8", "!expect chosen 8"),
            ("( !expect a=b=c )", "(!expect a=\"b=c\")"),
            (r#"note "it's \"so\"" key='a b'"#, r#"note "it's \"so\"" key='a b'"#),
            ("note back\\slash a\"b", r#"note "back\\slash" "a\"b""#),
            ("x a=", "x a="),
            ("x =8", "x \"\"=8"),
            ("a=8", "\"a=8\""),
            ("[tag] x", "\"[tag]\" x"),
            ("> raw", "\">\" raw"),
        ] {
            assert_eq!(quoted(authored), wanted, "{authored}");
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_says_what_is_expected() {
        for (line, expected) in [
            ("note \"open", "a closing quote"),
            ("note 'a'b", "a space after the closing quote"),
            ("'a'=b", "a space after the closing quote"),
            (r#"note "\q""#, r#"after the '\' one of \\ \' \" \n \r \t \0 \x41 \u{1f600}"#),
            (r#"note "\u{d800}""#, r#"after the '\' one of \\ \' \" \n \r \t \0 \x41 \u{1f600}"#),
            ("(run", "a ')' at the end, because the line begins with '('"),
            ("(run) x", "nothing after the ')'"),
            ("!", "a command"),
        ] {
            assert_eq!(quoted(line), format!("expected {expected}"), "{line}");
        }
    }

    #[test]
    fn the_authors_lines_come_back_letter_for_letter() {
        let authored = "# Title\n#\n  cluster paxos acceptors=X,Y   # the cast\nrun\n---\nok\n\n# The end.\n";
        let source = Source::read(authored).unwrap();
        assert_eq!((source.title.as_str(), &source.command_lines[..]), ("Title", &[3, 4][..]));
        assert_eq!(source.quoted, "\n\ncluster paxos acceptors=\"X,Y\"\nrun\n---\nok\n\n\n");
        assert_eq!(source.restore(&source.quoted), authored);
    }

    #[test]
    fn the_files_own_line_ends_and_mark_are_kept() {
        let authored = "\u{feff}# Title\r\nrun 5%\r\n---\r\nok\r\n";
        let source = Source::read(authored).unwrap();
        assert_eq!(source.quoted, "\nrun \"5%\"\n---\nok\n");
        assert_eq!(source.restore(&source.quoted), authored);
    }

    #[test]
    fn a_new_file_needs_no_separator_but_a_separator_needs_a_command() {
        assert_eq!(Source::read("run").unwrap().quoted, "run\n---\n");
        let error = Source::read("# Title\n\n---\n").unwrap_err();
        assert_eq!(error.to_string(), "line 3: expected a command before the '---'");
        assert_eq!(Source::read("run\rx").unwrap_err().line, 1);
    }
}
