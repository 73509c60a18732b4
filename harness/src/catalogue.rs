//! Built-in scenarios, by name.

use std::fmt;

use quorate_lab::script;
pub use quorate_scenarios::Scenario;

/// All built-in scenarios, in recommended reading order.
pub const fn all() -> &'static [Scenario] {
    quorate_scenarios::ALL
}

/// Returns the scenario of that name, with or without its folder.
///
/// ```
/// use quorate_harness::catalogue;
///
/// assert_eq!(catalogue::find("two-proposers"), catalogue::find("paxos/two-proposers"));
/// let error = catalogue::find("two-propsers").unwrap_err();
/// assert_eq!(error.to_string(), "there is no scenario 'two-propsers'; did you mean 'two-proposers'?");
/// ```
///
/// # Errors
/// [`UnknownScenario`], with the closest name as a suggestion.
pub fn find(name: &str) -> Result<Scenario, UnknownScenario> {
    let found = all().iter().find(|scenario| scenario.path() == name || scenario.name() == name);
    found.copied().ok_or_else(|| {
        let names = all().iter().flat_map(|scenario| [scenario.name(), scenario.path()]);
        UnknownScenario { name: script::shown(name), like: script::nearest(name, names) }
    })
}

/// Error: no scenario of that name, neither built in nor as a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownScenario {
    name: String,
    like: Option<&'static str>,
}

impl fmt::Display for UnknownScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no scenario '{}'", self.name)?;
        match self.like {
            Some(like) => write!(f, "; did you mean '{like}'?"),
            None => write!(f, "; `quorate list` lists them; the path of a scenario file is accepted, too"),
        }
    }
}

impl std::error::Error for UnknownScenario {}
