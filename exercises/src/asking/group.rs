//! Processes with all that they start: where the system has groups of processes, they are ended together.

use std::process::{Child, Command, ExitStatus};

#[cfg(not(unix))]
pub(crate) use elsewhere::*;
#[cfg(unix)]
pub(crate) use unix::*;

#[cfg(unix)]
mod unix {
    use std::os::unix::process::{CommandExt, ExitStatusExt};

    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

    use super::{Child, Command, ExitStatus};

    /// Has a command start a group of its own.
    pub(crate) fn lead(command: &mut Command) -> &mut Command {
        command.process_group(0)
    }

    fn id(child: &Child) -> Option<Pid> {
        i32::try_from(child.id()).ok().and_then(Pid::from_raw)
    }

    /// Whether a process has ended. It stays known, so that its group is still its own and can be ended, too.
    pub(crate) fn has_ended(child: &mut Child) -> bool {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        id(child).is_none_or(|id| !matches!(waitid(WaitId::Pid(id), look), Ok(None)))
    }

    /// Ends a process that leads a group, and all in it. How it ended, if that can be known.
    pub(crate) fn end(child: &mut Child) -> Option<ExitStatus> {
        if let Some(group) = id(child) {
            // Perhaps nobody is left in it.
            let _ = kill_process_group(group, Signal::KILL);
        }
        child.wait().ok()
    }

    /// Whether a process ended as programs do that write to where nothing is.
    pub(crate) fn has_crashed(status: ExitStatus) -> bool {
        status.signal() == Some(Signal::SEGV.as_raw())
    }
}

#[cfg(any(not(unix), test))]
#[cfg_attr(unix, expect(dead_code, reason = "compiled with the tests, so that it goes on compiling"))]
mod elsewhere {
    use super::{Child, Command, ExitStatus};

    /// There are no groups.
    pub(crate) fn lead(command: &mut Command) -> &mut Command {
        command
    }

    /// Whether a process has ended.
    pub(crate) fn has_ended(child: &mut Child) -> bool {
        !matches!(child.try_wait(), Ok(None))
    }

    /// Ends a process. How it ended, if that can be known.
    pub(crate) fn end(child: &mut Child) -> Option<ExitStatus> {
        // Perhaps it has ended by itself.
        let _ = child.kill();
        child.wait().ok()
    }

    /// Nothing tells.
    pub(crate) fn has_crashed(_: ExitStatus) -> bool {
        false
    }
}
