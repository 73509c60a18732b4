//! `quorate completions` and `quorate man`: what a shell and a manual reader need of the command
//! line, generated from its own description.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::failure::Failure;
use super::output::Output;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the completion script of a shell.
pub(crate) fn completions<C: CommandFactory>(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut C::command(), "quorate", &mut script);
    output.text(&String::from_utf8_lossy(&script))
}

/// Prints the manual page, and then that of each subcommand, in the format of `man`.
pub(crate) fn man<C: CommandFactory>(output: &mut Output) -> Result<(), Failure> {
    let mut command = C::command();
    command.build();
    let subcommands = command.get_subcommands().filter(|command| command.get_name() != "help").cloned();
    let mut pages = Vec::new();
    for command in std::iter::once(command.clone()).chain(subcommands) {
        clap_mangen::Man::new(command).render(&mut pages)?;
    }
    output.text(&String::from_utf8_lossy(&pages))
}
