//! Text of a scenario: its lines, its title, and the two spellings of its commands.
//!
//! Authors write `cluster paxos acceptors=X,Y,Z loss=5%`. Goldenscript requires quotes around words
//! with such characters, so they are quoted on input, and the author's own lines are restored on
//! output, unchanged. Because the lines are read here first, every syntax error is found here, with
//! its line.

use super::bounds::TEXT_MAX;
use super::line::Line;
use super::problem::{ScriptError, ScriptProblem};

/// The separator between a block's commands and their output.
const SEPARATOR: &str = "---";

/// A scenario's text after reading.
#[derive(Debug)]
pub(super) struct Source {
    /// The author's comment and command lines, in order; without separators and output.
    authored: Vec<String>,
    /// The whole text in goldenscript's syntax, without the prose.
    pub(super) quoted: String,
    /// The line of each command, from 1.
    pub(super) command_lines: Vec<usize>,
    /// The first line of prose.
    pub(super) title: String,
    /// Whether the file has any output yet.
    pub(super) has_output: bool,
    style: Style,
}

/// The properties of a file that are independent of its content and are preserved.
#[derive(Clone, Copy, Debug)]
struct Style {
    byte_order_mark: bool,
    carriage_returns: bool,
}

impl Style {
    /// Separates a file's style from its content: lines that end in `\n`.
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

/// The kind of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// An empty line, or a comment.
    Prose,
    Command,
    Separator,
    Output,
    /// The empty line that ends an output.
    OutputEnd,
}

/// Classifies lines, one after the other.
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
        if is_prose(line) {
            return Kind::Prose;
        }
        self.commands += 1;
        Kind::Command
    }
}

/// Whether a line of a block is empty or a comment.
fn is_prose(line: &str) -> bool {
    let text = line.trim_start_matches([' ', '\t']);
    text.is_empty() || text.starts_with('#') || text.starts_with("//")
}

impl Source {
    /// Reads a scenario. A last block without its `---` gets one, so that a new file needs none.
    pub(super) fn read(text: &str) -> Result<Self, ScriptError> {
        if text.len() > TEXT_MAX {
            let (what, begins, bytes, max) = ("a scenario", String::new(), text.len(), TEXT_MAX);
            return Err(ScriptProblem::TooLong { what, begins, bytes, max }.at(1));
        }
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
                return Err(ScriptProblem::Syntax { expected: "a line without a carriage return" }.at(number));
            }
            let commands_before = kinds.commands;
            let kind = kinds.of(line);
            match kind {
                Kind::Separator if commands_before == 0 => {
                    return Err(ScriptProblem::Syntax { expected: "a command before the '---'" }.at(number));
                }
                Kind::Command => {
                    source.command_lines.push(number);
                    let quoted =
                        Line::new(line).quoted().map_err(|expected| ScriptProblem::Syntax { expected }.at(number))?;
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

    /// The author's lines, without separators and output; each with whether it is a command.
    pub(super) fn authored(&self) -> impl Iterator<Item = (bool, &str)> {
        self.authored.iter().map(|line| (!is_prose(line), line.as_str()))
    }

    fn title_from(&mut self, line: &str) {
        if self.title.is_empty() {
            let prose = line.trim_start().trim_start_matches(['#', '/']).trim();
            prose.clone_into(&mut self.title);
        }
    }

    /// Restores the author's lines in goldenscript's result, in place of the quoted ones.
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

/// The prose of a scenario before its first command.
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

/// The prose after a scenario's first command: each run of comment lines, with the line at which it
/// begins.
pub(super) fn later_prose(text: &str) -> Vec<(usize, String)> {
    let mut kinds = Kinds::default();
    let mut remarks: Vec<(usize, String)> = Vec::new();
    let (mut begun, mut goes_on) = (false, false);
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let kind = kinds.of(line);
        if kind != Kind::Prose {
            begun |= kind == Kind::Command;
            goes_on = false;
            continue;
        }
        let line = line.trim();
        let line = line.strip_prefix("# ").unwrap_or(line.trim_start_matches(['#', '/']));
        if !begun || (!goes_on && line.is_empty()) {
            continue;
        }
        if let Some((_, text)) = remarks.last_mut().filter(|_| goes_on) {
            *text = format!("{text}\n{line}");
        } else {
            remarks.push((index + 1, line.to_owned()));
        }
        goes_on = true;
    }
    remarks.into_iter().map(|(line, text)| (line, text.trim_end().to_owned())).collect()
}

/// Some prose as the remarks that it is in a scenario.
pub(super) fn paragraphs(prose: &str) -> Vec<String> {
    // Prose after a command is what `later_prose` reads.
    later_prose(&format!("run\n{prose}")).into_iter().map(|(_, text)| text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authors_lines_come_back_letter_for_letter() {
        let authored = "# Title\n#\n  cluster paxos acceptors=X,Y   # the cast\nrun\n---\nok\n\n# The end.\n";
        let source = Source::read(authored).unwrap();
        assert_eq!((source.title.as_str(), &source.command_lines[..]), ("Title", &[3, 4][..]));
        assert_eq!(source.quoted, "\n\ncluster paxos acceptors=\"X,Y\"\nrun\n---\nok\n\n\n");
        assert_eq!(source.restore(&source.quoted), authored);
    }

    #[test]
    fn prose_after_the_first_command_has_its_line() {
        let text = "# Title\n\ncluster paxos\n# One.\n# Two.\nrun\n---\nok\n\n# The end,\n#\n# at last.\n";
        let expected = [(4, "One.\nTwo.".to_owned()), (10, "The end,\n\nat last.".to_owned())];
        assert_eq!(later_prose(text), expected);
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
