//! `quorate list`: lists the scenarios.

use quorate::catalogue;
use quorate::lab::script::title;

use super::failure::Failure;
use super::output::Output;

pub(crate) fn list(output: &mut Output) -> Result<(), Failure> {
    let scenarios = catalogue::all();
    let widest = scenarios.iter().map(|scenario| scenario.name().len()).max().unwrap_or_default();
    let mut folder = "";
    for scenario in scenarios {
        if scenario.folder() != folder {
            if !folder.is_empty() {
                output.line("")?;
            }
            folder = scenario.folder();
            output.line(folder)?;
        }
        output.entry(scenario.name(), widest, &title(scenario.text()))?;
    }
    output.line("")?;
    output.line("Run one with `quorate run NAME`; add --why for the reason of every step.")
}
