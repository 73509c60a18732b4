//! Requests of clients, filled in: a usage such as `put NODE KEY VALUE` as a command.

use quorate_lab::script::{InteractiveRun, Registry, Snapshot, Usage};

/// The requests of the protocol of that name.
pub(crate) fn requests_of(registry: &Registry, protocol: &str) -> &'static [Usage] {
    registry.entries().iter().find(|entry| entry.name == protocol).map_or(&[], |entry| entry.requests)
}

/// The requests that a node could get, as commands with sample values; `number` makes values
/// different from each other.
pub(crate) fn requests_to(
    run: &InteractiveRun,
    look: &Snapshot,
    requests: &[Usage],
    node: usize,
    number: usize,
) -> Vec<(String, &'static str)> {
    // A value is a word, or a number where the protocol knows no others.
    let samples = [format!("v{number}"), number.to_string()];
    let accepted = |usage: &Usage| {
        let mut lines = samples.iter().filter_map(|value| filled(usage.form, look, node, number, value));
        Some((lines.find(|line| run.accepts(line))?, usage.says))
    };
    requests.iter().filter_map(accepted).collect()
}

/// A form with its placeholders replaced, without the optional parts; `None` if one is unknown.
fn filled(form: &str, look: &Snapshot, node: usize, number: usize, sample: &str) -> Option<String> {
    let name = |index: usize| look.nodes[index % look.nodes.len()].name.as_str();
    let mut words = form.split(' ').filter(|word| !word.starts_with('[') && *word != "…");
    let mut line = words.next()?.to_owned();
    for word in words {
        let value = match word {
            "NODE" | "PROPOSER" | "HOLDER" | "SERVER" => name(node).to_owned(),
            "TO" | "NEW" | "LEARNER" | "OLD" => name(node + 1).to_owned(),
            "A,B,C" => look.nodes.iter().take(3).map(|node| node.name.as_str()).collect::<Vec<_>>().join(","),
            "VALUE" | "VALUE|none" | "TEXT" => sample.to_owned(),
            "TOKEN" | "UNITS" => number.to_string(),
            "KEY" => "x".to_owned(),
            "SPAN" => "1s".to_owned(),
            "LEASE" => "jobs".to_owned(),
            "ITEM" => "book".to_owned(),
            "EXPECTED|none" => "none".to_owned(),
            "NODE.ROW+2" => format!("{}.x+2", name(node + 1)),
            "NODE.ROW-2" => format!("{}.x-2", name(node + 2)),
            // One of several words.
            choice
                if choice.contains('|')
                    && choice.chars().all(|letter| letter == '|' || letter.is_ascii_lowercase()) =>
            {
                let words: Vec<&str> = choice.split('|').collect();
                words[number % words.len()].to_owned()
            }
            _ => return None,
        };
        line.push(' ');
        line.push_str(&value);
    }
    Some(line)
}
