//! EDN parser: turns characters into values, one form at a time, with the line of each.

use super::{Edn, EdnError};
use crate::linearizability::file::error::quoted;

/// The deepest supported nesting of brackets.
const DEPTH_MAX: usize = 64;

/// Reads forms from a text, counting lines.
pub(in crate::linearizability::file) struct Reader<'a> {
    rest: &'a str,
    line: usize,
    depth: usize,
}

type Read<T> = Result<T, EdnError>;

/// The next item in the input.
enum Next {
    Form(Edn),
    Close(char),
    End,
}

impl<'a> Reader<'a> {
    /// Creates a reader of a text that begins on this line.
    pub fn new(text: &'a str, line: usize) -> Self {
        Reader { rest: text, line, depth: 0 }
    }

    /// The current line: after an error, the line of the error.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Skips blanks and returns whether the input is at its end. If not, the reader is before the
    /// next form.
    pub fn at_end(&mut self) -> bool {
        self.skip_blanks();
        self.rest.is_empty()
    }

    /// Consumes a vector's opening bracket, if it is next.
    pub fn enter_vector(&mut self) -> bool {
        self.skip_blanks();
        self.eat("[")
    }

    /// Consumes a vector's closing bracket, if it is next.
    pub fn leave_vector(&mut self) -> bool {
        self.skip_blanks();
        self.eat("]")
    }

    /// Reads the next form; `None` at the end.
    pub fn form(&mut self) -> Read<Option<Edn>> {
        match self.next()? {
            Next::Form(form) => Ok(Some(form)),
            Next::Close(bracket) => Err(EdnError::Unopened { bracket, expected: None }),
            Next::End => Ok(None),
        }
    }

    fn eat(&mut self, token: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(token) else { return false };
        self.rest = rest;
        true
    }

    fn bump(&mut self) -> Option<char> {
        let char = self.rest.chars().next()?;
        self.rest = &self.rest[char.len_utf8()..];
        self.line += usize::from(char == '\n');
        Some(char)
    }

    fn skip_blanks(&mut self) {
        while let Some(char) = self.rest.chars().next() {
            match char {
                ';' => {
                    let end = self.rest.find('\n').unwrap_or(self.rest.len());
                    self.rest = &self.rest[end..];
                }
                ',' | '\u{feff}' => drop(self.bump()),
                blank if blank.is_whitespace() => drop(self.bump()),
                _ => return,
            }
        }
    }

    fn next(&mut self) -> Read<Next> {
        loop {
            self.skip_blanks();
            let since = self.line;
            let Some(char) = self.rest.chars().next() else { return Ok(Next::End) };
            let form = match char {
                ')' | ']' | '}' => {
                    self.bump();
                    return Ok(Next::Close(char));
                }
                '(' => Edn::Vector(self.within("(", ')', since)?),
                '[' => Edn::Vector(self.within("[", ']', since)?),
                '{' => map(self.within("{", '}', since)?)?,
                '"' => self.text(since)?,
                '\\' => self.character(),
                '#' if self.rest.starts_with("#{") => Edn::Set(sorted(self.within("#{", '}', since)?)),
                '#' if self.eat("#_") => {
                    self.tagged()?;
                    continue;
                }
                '#' => {
                    self.bump();
                    // The tag itself is not needed: a record's fields are those of a map. `##Inf`
                    // is a symbol of its own.
                    if !self.eat("#") {
                        self.word();
                        self.tagged()?
                    } else {
                        Edn::Number(format!("##{}", self.word()))
                    }
                }
                _ => self.atom(char)?,
            };
            return Ok(Next::Form(form));
        }
    }

    /// Reads the form that a `#` applies to.
    fn tagged(&mut self) -> Read<Edn> {
        self.deeper(|reader| match reader.next()? {
            Next::Form(form) => Ok(form),
            Next::Close(_) | Next::End => Err(EdnError::Dangling),
        })
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth == DEPTH_MAX {
            return Err(EdnError::TooDeep { depth_max: DEPTH_MAX });
        }
        self.depth += 1;
        let read = read(self)?;
        self.depth -= 1;
        Ok(read)
    }

    /// Reads the forms up to a closing bracket.
    fn within(&mut self, open: &'static str, close: char, since: usize) -> Read<Vec<Edn>> {
        self.eat(open);
        self.deeper(|reader| {
            let mut items = Vec::new();
            loop {
                match reader.next()? {
                    Next::Form(form) => items.push(form),
                    Next::Close(bracket) if bracket == close => return Ok(items),
                    Next::Close(bracket) => return Err(EdnError::Unopened { bracket, expected: Some(close) }),
                    Next::End => return Err(EdnError::Unfinished { opened: open, since }),
                }
            }
        })
    }

    fn text(&mut self, since: usize) -> Read<Edn> {
        self.eat("\"");
        let unfinished = EdnError::Unfinished { opened: "\"", since };
        let mut text = String::new();
        while let Some(char) = self.bump() {
            match char {
                '"' => return Ok(Edn::Text(text)),
                '\\' => text.push(self.escape(&unfinished)?),
                other => text.push(other),
            }
        }
        Err(unfinished)
    }

    fn escape(&mut self, unfinished: &EdnError) -> Read<char> {
        Ok(match self.bump().ok_or_else(|| unfinished.clone())? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            char @ ('"' | '\\') => char,
            'u' => {
                let code = self.rest.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
                let char = code.and_then(char::from_u32).ok_or(EdnError::Escape { found: 'u' })?;
                self.rest = &self.rest[4..];
                char
            }
            found => return Err(EdnError::Escape { found }),
        })
    }

    /// Reads `\a`, `\newline`, `\(`: at least one character, of any kind, and the rest of a word.
    fn character(&mut self) -> Edn {
        self.eat("\\");
        let mut name: String = self.bump().into_iter().collect();
        name.push_str(self.word());
        Edn::Char(name)
    }

    /// Reads up to the next character that ends a word.
    fn word(&mut self) -> &'a str {
        let ends = |char: char| {
            char.is_whitespace() || matches!(char, ',' | ';' | '"' | '(' | ')' | '[' | ']' | '{' | '}' | '\\')
        };
        let (word, rest) = self.rest.split_at(self.rest.find(ends).unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }

    fn atom(&mut self, first: char) -> Read<Edn> {
        if !(first.is_alphanumeric() || ":.*+!-_?$%&=<>/'^`~@|".contains(first)) {
            return Err(EdnError::Unexpected { found: first });
        }
        let word = self.word();
        Ok(match word {
            "nil" => Edn::Nil,
            "true" => Edn::Bool(true),
            "false" => Edn::Bool(false),
            _ if first == ':' => Edn::Keyword(word[1..].to_owned()),
            _ if word.trim_start_matches(['+', '-']).starts_with(|char: char| char.is_ascii_digit()) => number(word)?,
            _ => Edn::Symbol(word.to_owned()),
        })
    }
}

/// Parses `7`, `-7`, `7N`; and `2.5`, `2.5M`, `1e9`, `1/3`, which are kept as written.
fn number(word: &str) -> Read<Edn> {
    let not_a_number = || EdnError::NotANumber { found: quoted(word) };
    let digits = word.strip_suffix('N').unwrap_or(word);
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(digits.parse().map_or_else(|_| Edn::Number(digits.trim_start_matches('+').to_owned()), Edn::Int));
    }
    let decimal = word.strip_suffix('M').unwrap_or(word);
    let is_ratio = || {
        let whole = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        unsigned.split_once('/').is_some_and(|(over, under)| whole(over) && whole(under))
    };
    match decimal.parse::<f64>().is_ok() || is_ratio() {
        true => Ok(Edn::Number(word.to_owned())),
        false => Err(not_a_number()),
    }
}

fn map(items: Vec<Edn>) -> Read<Edn> {
    if items.len() % 2 == 1 {
        return Err(EdnError::OddMap);
    }
    let mut items = items.into_iter();
    let mut entries = Vec::with_capacity(items.len() / 2);
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        entries.push((key, value));
    }
    entries.sort();
    Ok(Edn::Map(entries))
}

fn sorted(mut items: Vec<Edn>) -> Vec<Edn> {
    items.sort();
    items.dedup();
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Read<Vec<Edn>> {
        let mut reader = Reader::new(text, 1);
        std::iter::from_fn(|| reader.form().transpose()).collect()
    }

    fn shown(text: &str) -> String {
        read(text).unwrap().iter().map(|form| form.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_kind_of_value_is_read() {
        assert_eq!(
            shown("nil true false 0 -7 +7 7N 2.5 -1e9 1/3 2.50M ##Inf"),
            "nil true false 0 -7 7 7 2.5 -1e9 1/3 2.50M ##Inf"
        );
        assert_eq!(
            shown("99999999999999999999 \\a \\newline \\( sym a/b - :k :a/b"),
            "99999999999999999999 \\a \\newline \\( sym a/b - :k :a/b"
        );
        assert_eq!(
            shown(r#"("a\n\"\\\u0041" [1, [2]] {}) #{3 1 1} {:b 2 :a 1}"#),
            r#"["a\n\"\\A" [1 [2]] {}] #{1 3} {:a 1 :b 2}"#
        );
        assert_eq!(shown("1 ; no 2\n 3 #_4 #_[5 6] #inst \"7\" #a.B{:c 8} #_#_9 9 10"), "1 3 \"7\" {:c 8} 10");
    }

    #[test]
    fn lists_and_maps_are_equal_as_in_clojure() {
        assert_eq!(read("(1 2) {:a 1 :b 2} #{1 2}"), read("[1 2] {:b 2, :a 1} #{2 1}"));
    }

    #[test]
    fn what_is_no_edn_is_refused_with_its_line() {
        let refused = |text: &str| {
            let mut reader = Reader::new(text, 1);
            loop {
                match reader.form() {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("{text} is fine"),
                    Err(error) => return (reader.line(), error),
                }
            }
        };
        assert_eq!(refused("{:a\n1\n"), (3, EdnError::Unfinished { opened: "{", since: 1 }));
        assert_eq!(refused("\n\"a"), (2, EdnError::Unfinished { opened: "\"", since: 2 }));
        assert_eq!(refused("1\n]"), (2, EdnError::Unopened { bracket: ']', expected: None }));
        assert_eq!(refused("[1}"), (1, EdnError::Unopened { bracket: '}', expected: Some(']') }));
        assert_eq!(refused("{:a}"), (1, EdnError::OddMap));
        assert_eq!(refused("[#_]"), (1, EdnError::Dangling));
        assert_eq!(refused("\"\\q\""), (1, EdnError::Escape { found: 'q' }));
        assert_eq!(refused("\"\\u12\""), (1, EdnError::Escape { found: 'u' }));
        assert_eq!(refused("\u{1}"), (1, EdnError::Unexpected { found: '\u{1}' }));
        assert_eq!(refused("12ab"), (1, EdnError::NotANumber { found: "12ab".to_owned() }));
        for deep in ["[", "{", "#_", "#a ", "#{"] {
            assert_eq!(refused(&deep.repeat(100_000)), (1, EdnError::TooDeep { depth_max: DEPTH_MAX }));
        }
    }

    fn values() -> impl Strategy<Value = Edn> {
        let leaf = prop_oneof![
            Just(Edn::Nil),
            any::<bool>().prop_map(Edn::Bool),
            any::<i64>().prop_map(Edn::Int),
            any::<String>().prop_map(Edn::Text),
            "[a-z][a-z0-9/-]{0,5}".prop_map(Edn::Keyword),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Edn::Vector),
                prop::collection::btree_set(inner.clone(), 0..4).prop_map(|set| Edn::Set(set.into_iter().collect())),
                prop::collection::btree_map(inner.clone(), inner, 0..4)
                    .prop_map(|map| Edn::Map(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(value in values()) {
            prop_assert_eq!(read(&value.to_string()), Ok(vec![value]));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = read(&text);
        }

        #[test]
        fn no_text_of_its_own_characters_does(text in r#"[\[\](){}#_"\\:;,nu0-9a-f/+.\- \n]{0,60}"#) {
            let _ = read(&text);
        }
    }
}
