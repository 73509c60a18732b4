//! Launcher that starts an answer without the rights that it does not need, as `quorate learn` does
//! itself. For the tests of this package.
//!
//! Usage: `confined ANSWER`.

use std::path::Path;
use std::process::ExitCode;

use quorate_exercises::asking::confine::confined;

fn main() -> ExitCode {
    match std::env::args_os().nth(1) {
        Some(answer) => confined(Path::new(&answer)),
        None => ExitCode::from(2),
    }
}
