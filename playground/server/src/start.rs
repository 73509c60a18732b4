//! The session with which the page begins: the scenario named on the command line.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use quorate_lab::trace::nearest;
use quorate_scenarios::ALL;
use serde_json::{Value, json};

use crate::goal::Goal;
use crate::limits::REQUEST_MAX;

/// Cluster of a page that is opened without a scenario.
const CLUSTER: &str = "raft nodes=3";
/// Its first command: there is something to see, and something to crash.
const FIRST: &str = "until leader within=5s";

/// Returns the request that opens the first session, and the commands that are performed then.
///
/// # Errors
/// There is no scenario of this name and no such file, or the file is too large or no text.
pub(crate) fn request(scenario: Option<&str>) -> Result<Value, String> {
    let alone = |open: Value| Ok(json!({"open": open, "then": []}));
    let Some(name) = scenario else {
        return Ok(json!({"open": {"do": "open", "cluster": CLUSTER}, "then": [FIRST]}));
    };
    if let Some(known) = ALL.iter().find(|known| known.name() == name || known.path() == name) {
        return alone(json!({"do": "open", "scenario": known.path(), "at": "start"}));
    }
    if Path::new(name).is_file() {
        return alone(json!({"do": "open", "text": read(Path::new(name))?, "at": "start"}));
    }
    let hint = nearest(name, ALL.iter().map(|known| known.name()))
        .map_or("`quorate list` shows all names".to_owned(), |near| format!("did you mean '{near}'?"));
    Err(format!("'{name}' is neither the name of a scenario nor a file; {hint}"))
}

/// Returns the request that opens the broken system of an exercise, with its goal for the page.
pub(crate) fn request_of(goal: &Goal) -> Value {
    json!({"open": {"do": "open", "text": goal.scenario()}, "then": [], "goal": goal.shown()})
}

/// Reads a file, up to the size that the page could send, too.
pub(crate) fn read(path: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
    let mut text = String::new();
    File::open(path).map_err(failed)?.take(REQUEST_MAX as u64 + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() > REQUEST_MAX {
        return Err(format!("{} is larger than {REQUEST_MAX} bytes; a scenario is a short text", path.display()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_opens_its_scenario_and_a_mistyped_one_says_which_is_near() {
        let named = request(Some("figure-8")).expect("it is in the catalogue");
        assert_eq!(named["open"]["scenario"], "raft/figure-8");
        assert_eq!(request(Some("raft/figure-8")).expect("so is its path"), named);
        assert_eq!(request(None).expect("there is a default")["open"]["cluster"], CLUSTER);
        let error = request(Some("figure-88")).expect_err("there is none");
        assert_eq!(error, "'figure-88' is neither the name of a scenario nor a file; did you mean 'figure-8'?");
    }
}
