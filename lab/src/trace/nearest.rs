//! Spelling suggestions ("did you mean …").

/// Longer words are not compared: they are rarely mistyped, and comparison is quadratic.
const LENGTH_MAX: usize = 24;

/// Returns the candidate closest to `word`, if at most a third of its letters are wrong. The first
/// wins a tie.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.chars().take(LENGTH_MAX + 1).count() > LENGTH_MAX {
        return None;
    }
    let word = word.to_lowercase();
    let length = word.chars().count();
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LENGTH_MAX)
        .map(|candidate| (strsim::levenshtein(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().div_ceil(3).min(length))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_forgiven() {
        let kinds = ["send", "deliver", "drop", "duplicate"];
        assert_eq!(nearest("delivr", kinds), Some("deliver"));
        assert_eq!(nearest("DROP", kinds), Some("drop"));
        assert_eq!(nearest("sned", kinds), Some("send"));
        assert_eq!(nearest("banana", kinds), None);
        assert_eq!(nearest("", kinds), None);
        assert_eq!(nearest(&"d".repeat(1 << 20), kinds), None);
    }
}
