//! Builder of command lines.

use std::fmt;

use goldenscript::Argument;

/// A command with its words and options, displayed in the syntax of the language.
///
/// ```
/// use quorate_lab::script::CommandLine;
///
/// let command = CommandLine::new("put").word("n1").word("x").word("two words").option("client", "c1");
/// assert_eq!(command.to_string(), r#"put n1 x "two words" client=c1"#);
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommandLine {
    name: String,
    words: Vec<String>,
    options: Vec<(String, String)>,
}

impl CommandLine {
    /// A command without arguments.
    pub fn new(name: impl Into<String>) -> Self {
        CommandLine { name: name.into(), words: Vec::new(), options: Vec::new() }
    }

    /// Adds a word.
    #[must_use]
    pub fn word(mut self, word: impl ToString) -> Self {
        self.words.push(word.to_string());
        self
    }

    /// Adds an option.
    #[must_use]
    pub fn option(mut self, key: impl Into<String>, value: impl ToString) -> Self {
        self.options.push((key.into(), value.to_string()));
        self
    }

    /// Adds an option, if there is a value for it.
    #[must_use]
    pub fn option_if(self, key: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.option(key, value),
            None => self,
        }
    }

    /// The command's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The words after the name, without the options.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The arguments after the name, as they are parsed.
    pub(super) fn arguments(&self) -> Vec<Argument> {
        let words = self.words.iter().cloned().map(Argument::Positional);
        words.chain(self.options.iter().cloned().map(|(key, value)| Argument::KeyValue(key, value))).collect()
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for word in &self.words {
            write!(f, " {}", quoted(word, true))?;
        }
        for (key, value) in &self.options {
            write!(f, " {key}={}", quoted(value, false))?;
        }
        Ok(())
    }
}

/// A word, in quotes where the language needs them; an unquoted `=` in a word would make it an
/// option.
fn quoted(word: &str, alone: bool) -> String {
    let breaks = |sign: char| sign.is_whitespace() || sign.is_control() || (alone && sign == '=');
    let begins_otherwise = word.starts_with(['#', '"', '\'']) || word.starts_with("//") || word.ends_with(')');
    if !word.is_empty() && !word.contains(breaks) && !begins_otherwise {
        return word.to_owned();
    }
    let escaped =
        word.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t").replace('\r', "\\r");
    format!("\"{escaped}\"")
}
