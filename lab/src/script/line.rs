//! Lexer of one command line, which adds the quotes that goldenscript requires around some words.

/// A command line that is being read.
pub(super) struct Line<'a> {
    rest: &'a str,
    /// Whether the line is in parentheses, which suppress its output.
    silent: bool,
}

/// The expected syntax, for errors.
pub(super) type Expected = &'static str;

impl<'a> Line<'a> {
    pub(super) fn new(line: &'a str) -> Self {
        Line { rest: line, silent: false }
    }

    /// The line as goldenscript requires it, without its comment.
    pub(super) fn quoted(mut self) -> Result<String, Expected> {
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

    /// Reads the next word, with quotes where it needs them; `None` at the end. All words but the
    /// first may be `key=value`.
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

    /// Reads a quoted string, or letters up to a space (or, in a key, up to a `=`).
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

/// Whether goldenscript accepts a word without quotes.
fn is_plain(word: &str) -> bool {
    let is_letter = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    word.starts_with(is_letter) && word.chars().all(|sign| is_letter(sign) || "-./@".contains(sign))
}

fn quote(word: &str) -> String {
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The length in bytes of the quoted string at the beginning of a text, quotes included.
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
}
