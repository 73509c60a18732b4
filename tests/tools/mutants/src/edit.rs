//! Edits of a source text that nest, as the expressions around which they go do.

use std::ops::Range;

/// Changes to one source text. They are recorded from the outside in.
#[derive(Default)]
pub struct Edits(Vec<Edit>);

struct Edit {
    mutant: Option<u32>,
    at: Range<usize>,
    place: Place,
    text: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Behind an expression.
    Close,
    /// Before an expression.
    Open,
    /// Instead of a token.
    Instead,
}

/// A text with its edits, and the range of each mutant in it.
pub struct Woven {
    pub text: String,
    pub ranges: Vec<(u32, Range<usize>)>,
}

impl Edits {
    /// Puts text before and behind an expression.
    pub fn wrap(&mut self, mutant: u32, at: &Range<usize>, before: String, behind: impl Into<String>) {
        self.add(Some(mutant), at.start..at.start, Place::Open, before);
        self.add(Some(mutant), at.end..at.end, Place::Close, behind.into());
    }

    /// Replaces a token. Without a mutant, the replacement belongs to all.
    pub fn replace(&mut self, mutant: Option<u32>, at: Range<usize>, text: impl Into<String>) {
        self.add(mutant, at, Place::Instead, text.into());
    }

    /// Inserts text before everything else that is there.
    pub fn insert(&mut self, mutant: u32, at: usize, text: String) {
        self.add(Some(mutant), at..at, Place::Open, text);
    }

    fn add(&mut self, mutant: Option<u32>, at: Range<usize>, place: Place, text: String) {
        self.0.push(Edit { mutant, at, place, text });
    }

    /// Applies the edits of the mutants that are kept.
    pub fn weave(&self, source: &str, keep: impl Fn(u32) -> bool) -> Woven {
        let mut order: Vec<(usize, &Edit)> =
            self.0.iter().enumerate().filter(|(_, edit)| edit.mutant.is_none_or(&keep)).collect();
        // At one place: first the ends of expressions, the inner ones first, then the beginnings,
        // the outer ones first.
        order.sort_by_key(|&(age, edit)| match edit.place {
            Place::Close => (edit.at.start, 0, usize::MAX - age),
            Place::Open => (edit.at.start, 1, age),
            Place::Instead => (edit.at.start, 2, age),
        });
        let mut woven = Woven { text: String::new(), ranges: Vec::new() };
        let mut done = 0;
        for (_, edit) in order {
            woven.text.push_str(&source[done..edit.at.start]);
            let began = woven.text.len();
            woven.text.push_str(&edit.text);
            woven.note(edit.mutant, began);
            done = edit.at.end;
        }
        woven.text.push_str(&source[done..]);
        woven
    }
}

impl Woven {
    fn note(&mut self, mutant: Option<u32>, began: usize) {
        let Some(number) = mutant else { return };
        let end = self.text.len();
        match self.ranges.iter_mut().find(|(each, _)| *each == number) {
            Some((_, range)) => range.end = end,
            None => self.ranges.push((number, began..end)),
        }
    }

    /// The mutant with the shortest range around a position.
    pub fn mutant_at(&self, position: usize) -> Option<u32> {
        let around = self.ranges.iter().filter(|(_, range)| range.contains(&position));
        around.min_by_key(|(_, range)| range.len()).map(|(number, _)| *number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_nest_like_the_expressions_that_they_go_around() {
        let mut edits = Edits::default();
        edits.wrap(1, &(0..9), "[".into(), "]");
        edits.wrap(2, &(0..3), "(".into(), ")");
        edits.replace(Some(3), 8..9, "7");
        edits.wrap(4, &(6..9), "<".into(), ">");
        let source = "a+1 < b+2";
        assert_eq!(edits.weave(source, |_| true).text, "[(a+1) < <b+7>]");
        let woven = edits.weave(source, |number| number != 2);
        assert_eq!(woven.text, "[a+1 < <b+7>]");
        assert_eq!([0, 9, 10].map(|at| woven.mutant_at(at)), [Some(1), Some(4), Some(3)]);
    }
}
