//! `quorate list`: lists the scenarios.

use quorate::catalogue;
use quorate::lab::script::title;

use super::failure::Failure;
use super::screen::Screen;

pub(crate) fn list(screen: &mut Screen) -> Result<(), Failure> {
    let scenarios = catalogue::all();
    let widest = scenarios.iter().map(|scenario| scenario.name().len()).max().unwrap_or_default();
    let mut folder = "";
    for scenario in scenarios {
        if scenario.folder() != folder {
            if !folder.is_empty() {
                screen.line("")?;
            }
            folder = scenario.folder();
            screen.line(folder)?;
        }
        screen.line(format_args!("  {:widest$}  {}", scenario.name(), title(scenario.text())))?;
    }
    screen.line("")?;
    screen.line("Perform one with `quorate run NAME`; add --why for the reason of every step.")
}
