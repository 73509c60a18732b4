//! The command line of Quorate. One file per subcommand stands in `cli/`.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
