//! Process groups: a process is ended together with all its descendants, where the system supports
//! it.

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

    /// Configures a command to start in a process group of its own.
    pub(crate) fn lead(command: &mut Command) -> &mut Command {
        command.process_group(0)
    }

    fn id(child: &Child) -> Option<Pid> {
        i32::try_from(child.id()).ok().and_then(Pid::from_raw)
    }

    /// Whether a process has ended. It is not reaped, so that its group id stays valid and the
    /// group can still be killed.
    pub(crate) fn has_ended(child: &mut Child) -> bool {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        id(child).is_none_or(|id| !matches!(waitid(WaitId::Pid(id), look), Ok(None)))
    }

    /// Kills a process group by its leader. Returns the leader's exit status, if known.
    pub(crate) fn end(child: &mut Child) -> Option<ExitStatus> {
        if let Some(group) = id(child) {
            // Fails if the group is already empty.
            let _ = kill_process_group(group, Signal::KILL);
        }
        child.wait().ok()
    }

    /// Whether a process was killed by SIGSEGV.
    pub(crate) fn has_crashed(status: ExitStatus) -> bool {
        status.signal() == Some(Signal::SEGV.as_raw())
    }
}

#[cfg(any(not(unix), test))]
#[cfg_attr(unix, expect(dead_code, reason = "compiled with the tests, so that it goes on compiling"))]
mod elsewhere {
    use super::{Child, Command, ExitStatus};

    /// No process groups on this system.
    pub(crate) fn lead(command: &mut Command) -> &mut Command {
        command
    }

    /// Whether a process has ended.
    pub(crate) fn has_ended(child: &mut Child) -> bool {
        !matches!(child.try_wait(), Ok(None))
    }

    /// Kills a process. Returns its exit status, if known.
    pub(crate) fn end(child: &mut Child) -> Option<ExitStatus> {
        // Fails if the process has already ended.
        let _ = child.kill();
        child.wait().ok()
    }

    /// Unknown on this system.
    pub(crate) fn has_crashed(_: ExitStatus) -> bool {
        false
    }
}
