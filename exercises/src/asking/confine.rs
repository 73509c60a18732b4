//! What the process of an answer may not do: the launcher gives its own rights away, and then becomes the answer.
//!
//! | limit | by | where |
//! |---|---|---|
//! | no files but the program and the system's libraries, which are read | Landlock | Linux from 5.13 |
//! | no network | Landlock and seccomp | Linux |
//! | no other processes, no threads, no signals to others, no change of anybody's permissions or dates | seccomp | Linux on x86-64, AArch64 and RISC-V |
//! | memory, time on a processor, open files, sizes of files | resource limits | Unix |
//! | nothing of the grader's environment | an empty environment | everywhere |
//! | it ends with the grader | the parent-death signal, and the end of its input | Linux; elsewhere the end of its input alone |

#[cfg(unix)]
mod limits;
#[cfg(target_os = "linux")]
mod linux;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use quorate_answer::wire::MARK;
use serde::{Deserialize, Serialize};

/// What starts answers: a program that calls [`confined`] with the path of the answer, which comes after these arguments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Launcher {
    program: PathBuf,
    arguments: Vec<OsString>,
}

impl Launcher {
    /// Such a program.
    pub fn new(program: impl Into<PathBuf>, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        Launcher { program: program.into(), arguments: arguments.into_iter().map(Into::into).collect() }
    }

    /// The command that starts an answer.
    pub(super) fn command(&self, answer: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).arg(answer).env_clear().current_dir("/");
        command
    }
}

/// What the process of an answer cannot do on this system. What is false is not contained.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Confined {
    /// Read and write files.
    pub files: bool,
    /// Reach the network.
    pub network: bool,
    /// Start processes and threads, and send signals.
    pub processes: bool,
}

impl Confined {
    /// What is not contained, in a sentence; nothing if all is.
    pub fn gaps(self) -> Option<String> {
        let gaps: Vec<&str> = [
            (self.files, "read and write your files"),
            (self.network, "reach the network"),
            (self.processes, "start other processes"),
        ]
        .into_iter()
        .filter_map(|(contained, gap)| (!contained).then_some(gap))
        .collect();
        let last = gaps.last()?;
        let gaps = match gaps.as_slice() {
            [first, second] => format!("{first} and {second}"),
            [first, second, third] => format!("{first}, {second} and {third}"),
            _ => (*last).to_owned(),
        };
        Some(format!("on this system an answer can {gaps}: grade strangers' files in a container"))
    }
}

/// Gives all rights away that an answer does not need, says which those are, and becomes the answer. Returns if that
/// fails; on systems where a process cannot become another, when the answer has ended.
pub fn confined(answer: &Path) -> ExitCode {
    let told = match confine(answer) {
        Ok(confined) => serde_json::to_string(&confined).unwrap_or_default(),
        Err(error) => {
            eprintln!("an answer cannot be confined: {error}");
            return ExitCode::from(2);
        }
    };
    let greeting = format!("\n{MARK}0 confined {told}\n");
    let mut out = io::stdout().lock();
    if out.write_all(greeting.as_bytes()).and_then(|()| out.flush()).is_err() {
        return ExitCode::from(2);
    }
    drop(out);
    become_answer(Command::new(answer).env_clear()).unwrap_or_else(|error| {
        eprintln!("{}: {error}", answer.display());
        ExitCode::from(2)
    })
}

#[cfg(target_os = "linux")]
fn confine(answer: &Path) -> io::Result<Confined> {
    limits::set()?;
    linux::confine(answer)
}

/// Nothing beyond the limits.
#[cfg(all(unix, not(target_os = "linux")))]
fn confine(_: &Path) -> io::Result<Confined> {
    limits::set()?;
    Ok(Confined::default())
}

/// Nothing at all.
#[cfg(not(unix))]
fn confine(_: &Path) -> io::Result<Confined> {
    Ok(Confined::default())
}

/// Becomes the answer, and takes its rights along.
#[cfg(unix)]
fn become_answer(command: &mut Command) -> io::Result<ExitCode> {
    use std::os::unix::process::CommandExt;

    Err(command.exec())
}

/// Starts the answer, and ends as it does: here no process becomes another.
#[cfg(not(unix))]
fn become_answer(command: &mut Command) -> io::Result<ExitCode> {
    let code = command.status()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}
