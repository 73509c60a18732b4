//! Languages of the course's pages and hints.

use std::fmt;
use std::str::FromStr;

/// A language in which the course can be read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
#[non_exhaustive]
pub enum Language {
    /// English, in which the course is written.
    #[default]
    English,
    /// Simplified Chinese, a translation.
    Chinese,
}

impl Language {
    /// Its two letters of ISO 639.
    pub const fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh",
        }
    }

    /// Hint for a decision that is wrong where no run shows it.
    pub(super) const fn wrong_decision(self) -> &'static str {
        match self {
            Language::English => {
                "No run shows this, because the rest of the protocol makes up for it. Take the arguments of the \
                 question through your code by hand: which line gives that answer?"
            }
            Language::Chinese => {
                "任何一次运行都看不出这个错误，因为协议的其余部分把它补上了。用问题里的各个参数，\
                 一步一步手工走一遍你的代码：是哪一行给出了这个回答？"
            }
        }
    }

    /// The language of a POSIX locale such as `zh_CN.UTF-8`; English for all that the course does
    /// not have.
    pub fn of_locale(locale: &str) -> Self {
        let language = locale.split(['_', '.', '@', '-']).next().unwrap_or_default();
        language.parse().unwrap_or_default()
    }
}

/// A language that the course does not have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownLanguage(String);

impl fmt::Display for UnknownLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the course is not written in '{}': choose en (English) or zh (Chinese)", self.0)
    }
}

impl std::error::Error for UnknownLanguage {}

impl FromStr for Language {
    type Err = UnknownLanguage;

    /// Reads the two letters of ISO 639.
    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        let known = [Language::English, Language::Chinese].into_iter().find(|language| language.code() == text);
        known.ok_or_else(|| UnknownLanguage(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_chooses_the_language() {
        let of = Language::of_locale;
        assert_eq!(["zh_CN.UTF-8", "zh", "zh-Hans"].map(of), [Language::Chinese; 3]);
        assert_eq!(["", "C", "C.UTF-8", "de_DE.UTF-8", "en_GB"].map(of), [Language::English; 5]);
        let unknown = "de".parse::<Language>().unwrap_err().to_string();
        assert_eq!(unknown, "the course is not written in 'de': choose en (English) or zh (Chinese)");
    }
}
