//! The name that somebody may have meant.

/// Longer words are not compared: nobody mistypes those, and comparing is quadratic.
const LENGTH_MAX: usize = 24;

/// The candidate most like `word`, if one is close: at most a third of its letters wrong. The first of equals.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.chars().take(LENGTH_MAX + 1).flat_map(char::to_lowercase).collect();
    if word.len() > LENGTH_MAX {
        return None;
    }
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LENGTH_MAX)
        .map(|candidate| (distance(&word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().div_ceil(3).min(word.len()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance, regardless of case, row by row.
fn distance(word: &[char], candidate: &str) -> usize {
    let mut row: Vec<usize> = (0..=word.len()).collect();
    for (above, letter) in candidate.chars().flat_map(char::to_lowercase).enumerate() {
        let mut diagonal = above;
        row[0] = above + 1;
        for column in 0..word.len() {
            let replaced = diagonal + usize::from(word[column] != letter);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[word.len()]
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

    #[test]
    fn distance_counts_single_edits() {
        let of = |a: &str, b| distance(&a.chars().collect::<Vec<_>>(), b);
        assert_eq!((of("kitten", "sitting"), of("", "abc"), of("abc", ""), of("same", "same")), (3, 3, 3, 0));
    }
}
