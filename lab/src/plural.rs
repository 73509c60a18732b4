//! Numbers with their nouns, for messages.

/// Formats a number with its noun, e.g. `1 step`, `2 steps`, `2 crashes`.
pub fn plural(count: u64, noun: &str) -> String {
    let ending = match count {
        1 => "",
        _ if noun.ends_with("sh") => "es",
        _ => "s",
    };
    format!("{count} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_is_singular() {
        assert_eq!([0, 1, 2].map(|count| plural(count, "step")), ["0 steps", "1 step", "2 steps"]);
        assert_eq!([1, 2].map(|count| plural(count, "crash")), ["1 crash", "2 crashes"]);
    }
}
