//! Sandbox for the process of an answer: the launcher drops its own rights, and then becomes the
//! answer.
//!
//! | limit | by | where |
//! |---|---|---|
//! | no files but the program and the system's libraries, read-only | Landlock | Linux from 5.13 |
//! | no network | Landlock and seccomp | Linux |
//! | no other processes, no threads, no signals to others, no changes of permissions or timestamps | seccomp | Linux on x86-64, AArch64 and RISC-V |
//! | memory, CPU time, open files, file sizes | resource limits | Unix |
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
use std::time::Duration;

use quorate_answer::wire::MARK;
use serde::{Deserialize, Serialize};

/// Launcher of answers: a program that calls [`confined`] with the path of the answer, which is
/// appended to these arguments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Launcher {
    program: PathBuf,
    arguments: Vec<OsString>,
    within: Option<Duration>,
}

impl Launcher {
    /// Creates a launcher.
    pub fn new(program: impl Into<PathBuf>, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        Launcher { program: program.into(), arguments: arguments.into_iter().map(Into::into).collect(), within: None }
    }

    /// Sets a time limit for building an answer, and again for all of its cases.
    #[must_use]
    pub fn within(self, time: Duration) -> Self {
        Launcher { within: Some(time), ..self }
    }

    /// Time limit of a build, and of all cases; `None` if only those of their parts count.
    pub(crate) const fn time_limit(&self) -> Option<Duration> {
        self.within
    }

    /// Returns the command that starts an answer.
    pub(super) fn command(&self, answer: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).arg(answer).env_clear().current_dir("/");
        command
    }
}

/// Restrictions in force for the process of an answer on this system: `true` means blocked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Confined {
    /// Reading and writing files is blocked.
    pub files: bool,
    /// Network access is blocked.
    pub network: bool,
    /// Starting processes and threads, and sending signals, is blocked.
    pub processes: bool,
}

impl Confined {
    /// Describes the restrictions that are missing, in a sentence; `None` if all are in force.
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
        Some(format!("on this system an answer can {gaps}; grade untrusted files in a container"))
    }
}

/// Limits this process and all that it starts, such as the compiler: memory, the size of files, no
/// core dumps. For a grader whose answers come from many hands.
///
/// # Errors
/// If a limit cannot be set.
pub fn limit_grader() -> io::Result<()> {
    #[cfg(unix)]
    limits::set_for_grader()?;
    Ok(())
}

/// Drops all rights that an answer does not need, reports which, and becomes the answer. Returns
/// only if that fails; on systems without `exec`, when the answer has ended.
pub fn confined(answer: &Path) -> ExitCode {
    let result = match confine(answer) {
        Ok(confined) => serde_json::to_string(&confined).unwrap_or_default(),
        Err(error) => {
            eprintln!("cannot confine an answer: {error}");
            return ExitCode::from(2);
        }
    };
    let greeting = format!("\n{MARK}0 confined {result}\n");
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

/// No restrictions beyond resource limits.
#[cfg(all(unix, not(target_os = "linux")))]
fn confine(_: &Path) -> io::Result<Confined> {
    limits::set()?;
    Ok(Confined::default())
}

/// No restrictions.
#[cfg(not(unix))]
fn confine(_: &Path) -> io::Result<Confined> {
    Ok(Confined::default())
}

/// Number of times that a busy program file is tried again, with a pause after each.
#[cfg(unix)]
const BUSY_RETRIES: u32 = 500;
#[cfg(unix)]
const BUSY_PAUSE: std::time::Duration = std::time::Duration::from_millis(10);

/// Replaces this process by the answer, which inherits its restrictions. A program file that has
/// just been written is busy as long as any process has it open for writing: the one that wrote it,
/// and for a moment each process that was started meanwhile.
#[cfg(unix)]
fn become_answer(command: &mut Command) -> io::Result<ExitCode> {
    use std::os::unix::process::CommandExt;

    for _ in 0..BUSY_RETRIES {
        match command.exec() {
            error if error.kind() == io::ErrorKind::ExecutableFileBusy => std::thread::sleep(BUSY_PAUSE),
            error => return Err(error),
        }
    }
    Err(command.exec())
}

/// Starts the answer, and exits as it does: this system has no `exec`.
#[cfg(not(unix))]
fn become_answer(command: &mut Command) -> io::Result<ExitCode> {
    let code = command.status()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}
