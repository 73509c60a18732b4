//! `quorate play`: hands over to the playground, a program of its own, so that this one needs none
//! of its packages.

use std::env::consts::EXE_SUFFIX;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use super::failure::Failure;

/// Name of the playground's program.
const PLAYGROUND: &str = "quorate-playground";
/// Address of the project, for those who have only the program.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Name of a scenario, or path of a scenario file; a small Raft cluster if left out
    scenario: Option<OsString>,
    #[command(flatten)]
    server: Server,
}

/// Options of the server behind the page.
#[derive(Args, Debug)]
pub(super) struct Server {
    /// Port on this machine; by default a free one
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// Print the address, and open no browser
    #[arg(long)]
    no_open: bool,
}

impl Server {
    /// The options as the playground reads them.
    pub(super) fn arguments(&self) -> impl Iterator<Item = OsString> {
        let port = self.port.map(|port| ["--port".into(), port.to_string().into()]);
        port.into_iter().flatten().chain(self.no_open.then(|| "--no-open".into()))
    }
}

pub(crate) fn play(arguments: &Arguments) -> Result<(), Failure> {
    hand_over(arguments.scenario.iter().cloned().chain(arguments.server.arguments()))
}

/// Runs the playground with these arguments in place of this process. Returns only if that is not
/// possible.
pub(super) fn hand_over(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let this = std::env::current_exe().unwrap_or_default();
    let beside = this.with_file_name(format!("{PLAYGROUND}{EXE_SUFFIX}"));
    let program = if beside.is_file() { beside } else { PathBuf::from(PLAYGROUND) };
    let error = replace_by(Command::new(&program).args(arguments));
    Err(match error.kind() {
        io::ErrorKind::NotFound => Failure::unusable(format_args!(
            "the playground is a program of its own, {PLAYGROUND}, which is neither beside this one nor on the PATH; \
             this command builds it:\n  {}",
            how_to_build(&this, Path::new(env!("CARGO_MANIFEST_DIR")))
        )),
        _ => Failure::unusable(format_args!("{} cannot be started: {error}", program.display())),
    })
}

/// The command that puts the playground where this program finds it.
fn how_to_build(this: &Path, project: &Path) -> String {
    let manifest = project.join("Cargo.toml");
    if !manifest.is_file() {
        return format!("cargo install --git {REPOSITORY} {PLAYGROUND}");
    }
    let target = project.join("target");
    if this.parent() == Some(&target.join("debug")) {
        format!("cargo build --manifest-path {} --package {PLAYGROUND}", manifest.display())
    } else if this.parent() == Some(&target.join("release")) {
        format!("cargo build --release --manifest-path {} --package {PLAYGROUND}", manifest.display())
    } else {
        format!("cargo install --path {}", project.join("playground").join("server").display())
    }
}

/// Replaces this process; the other one gets its terminal, its signals and its exit status.
#[cfg(unix)]
fn replace_by(command: &mut Command) -> io::Error {
    std::os::unix::process::CommandExt::exec(command)
}

/// Runs a program, and ends this process with its exit status.
#[cfg(not(unix))]
fn replace_by(command: &mut Command) -> io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(2)),
        Err(error) => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_builds_it_depends_on_where_this_program_is() {
        let project = tempfile::tempdir().expect("there is room for a folder");
        let said = |this: &str| how_to_build(&project.path().join(this), project.path());
        assert_eq!(said("bin/quorate"), format!("cargo install --git {REPOSITORY} {PLAYGROUND}"));
        std::fs::write(project.path().join("Cargo.toml"), "").expect("the folder is writable");
        let manifest = project.path().join("Cargo.toml").display().to_string();
        let built = format!("--manifest-path {manifest} --package {PLAYGROUND}");
        assert_eq!(said("target/debug/quorate"), format!("cargo build {built}"));
        assert_eq!(said("target/release/quorate"), format!("cargo build --release {built}"));
        assert!(said("bin/quorate").starts_with("cargo install --path "));
        assert!(said("bin/quorate").ends_with("server"));
    }
}
