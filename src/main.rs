//! Command-line interface of Quorate. `cli/` has one file per subcommand.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
