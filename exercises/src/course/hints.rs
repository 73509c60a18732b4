//! Hints of an exercise: three of increasing directness, and some for particular failures.

/// Hints of an exercise.
///
/// In Markdown, each is under a heading: `## 1`, `## 2` and `## 3` are the three levels;
/// `## when AtMostOneChosen` is for answers that broke that invariant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hints {
    /// Three levels: a question, a direction, nearly the answer.
    pub levels: Vec<&'static str>,
    /// Hints by broken invariant.
    when: Vec<(&'static str, &'static str)>,
}

impl Hints {
    /// Parses hints. Text before the first heading is for the authors.
    pub fn read(text: &'static str) -> Self {
        let mut hints = Hints { levels: Vec::new(), when: Vec::new() };
        for section in text
            .split("\n## ")
            .flat_map(|section| section.strip_prefix("## ").or(Some(section)))
            .skip(usize::from(!text.starts_with("## ")))
        {
            let (heading, body) = section.split_once('\n').unwrap_or((section, ""));
            match heading.trim().strip_prefix("when ") {
                Some(broke) => hints.when.push((broke.trim(), body.trim())),
                None => hints.levels.push(body.trim()),
            }
        }
        hints
    }

    /// Returns the hint for a broken invariant, if there is one.
    pub fn when(&self, broke: &str) -> Option<&'static str> {
        self.when.iter().find(|(known, _)| *known == broke).map(|(_, hint)| *hint)
    }

    /// Names of the invariants that have a hint.
    pub fn known(&self) -> impl Iterator<Item = &'static str> {
        self.when.iter().map(|(broke, _)| *broke)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_separate_levels_and_failures() {
        let hints =
            Hints::read("For authors.\n\n## 1\n\nLook.\n\n## 2\nCloser.\n\n## when AtMostOneChosen\n\nTwo values.\n");
        assert_eq!(hints.levels, ["Look.", "Closer."]);
        assert_eq!(hints.when("AtMostOneChosen"), Some("Two values."));
        assert_eq!(hints.when("OneVotePerTerm"), None);
        assert_eq!(Hints::read("## 1\nLook.").levels, ["Look."]);
    }
}
