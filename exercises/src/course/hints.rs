//! Hints: three that get ever plainer, and some for particular failures.

/// The hints of an exercise.
///
/// In Markdown, each stands under a heading: `## 1`, `## 2` and `## 3` are the three levels; `## when AtMostOneChosen` is for those
/// whose answer broke that invariant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hints {
    /// The three levels: a question, a direction, nearly the answer.
    pub levels: Vec<&'static str>,
    /// What broke, and what to think of then.
    when: Vec<(&'static str, &'static str)>,
}

impl Hints {
    /// Reads them. Whatever stands before the first heading is for the authors.
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

    /// The hint for what broke, if there is one.
    pub fn when(&self, broke: &str) -> Option<&'static str> {
        self.when.iter().find(|(known, _)| *known == broke).map(|(_, hint)| *hint)
    }

    /// What there are particular hints for.
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
