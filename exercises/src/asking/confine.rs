//! What the process of an answer may not do: the launcher gives its own rights away, and then becomes the answer.
//!
//! | limit | by | where |
//! |---|---|---|
//! | no files but the program and the system's libraries, which are read | Landlock | Linux from 5.13 |
//! | no network | Landlock and seccomp | Linux |
//! | no other processes, no threads, no signals to others | seccomp | Linux on x86-64, AArch64 and RISC-V |
//! | memory, time on a processor, open files, sizes of files | resource limits | Unix |
//! | nothing of the grader's environment | an empty environment | everywhere |
//! | it ends with the grader | the parent-death signal, and the end of its input | Linux; elsewhere the end of its input alone |

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use quorate_answer::wire::MARK;
use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize};

use crate::answer::MEMORY_BYTES_MAX;

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

/// How long an answer may keep a processor busy, over all its cases, in seconds.
const CPU_SECONDS_MAX: u64 = 1_800;
/// How many files it may have open: its three streams, and its libraries one by one.
const OPEN_FILES_MAX: u64 = 16;
/// What a program takes besides what it asks for: its code, its stack, its libraries.
const OVERHEAD_BYTES: u64 = 1 << 29;

/// Gives all rights away that an answer does not need, says which those are, and becomes the answer. Returns only if that fails.
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
    let error = Command::new(answer).env_clear().exec();
    eprintln!("{}: {error}", answer.display());
    ExitCode::from(2)
}

fn confine(answer: &Path) -> io::Result<Confined> {
    limit()?;
    platform::confine(answer)
}

fn limit() -> io::Result<()> {
    let limits = [
        (Resource::As, MEMORY_BYTES_MAX as u64 + OVERHEAD_BYTES),
        (Resource::Cpu, CPU_SECONDS_MAX),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Nofile, OPEN_FILES_MAX),
    ];
    for (resource, most) in limits {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        match setrlimit(resource, limit) {
            Ok(()) => {}
            // Not every system has every limit.
            Err(error) if error == rustix::io::Errno::INVAL && !cfg!(target_os = "linux") => {}
            Err(error) => return Err(io::Error::other(format!("the limit {resource:?} of {most}: {error}"))),
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use super::{Confined, Path, io};

    /// Nothing beyond the limits.
    #[expect(clippy::unnecessary_wraps, reason = "other systems can fail")]
    pub(super) fn confine(_: &Path) -> io::Result<Confined> {
        Ok(Confined::default())
    }
}

#[cfg(target_os = "linux")]
mod platform {
    use std::collections::BTreeMap;

    use landlock::{
        ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
        RulesetCreatedAttr, RulesetStatus, Scope,
    };
    use rustix::process::{Signal, getpid, set_parent_process_death_signal};
    use seccompiler::{
        SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
    };

    use super::{Confined, Path, io};

    /// Where programs find their libraries.
    const LIBRARIES: [&str; 6] = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/nix/store"];
    /// What starts programs that have libraries.
    const LOADERS: [&str; 5] = [
        "/lib64/ld-linux-x86-64.so.2",
        "/lib/ld-linux-aarch64.so.1",
        "/lib/ld-linux-riscv64-lp64d.so.1",
        "/lib/ld-musl-x86_64.so.1",
        "/lib/ld-musl-aarch64.so.1",
    ];

    pub(super) fn confine(answer: &Path) -> io::Result<Confined> {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        let rules = landlock(answer).map_err(io::Error::other)?;
        let calls = forbid_calls().map_err(io::Error::other)?;
        Ok(Confined { files: rules, network: calls, processes: calls })
    }

    /// Gives up files and network. False if the system has no such thing.
    fn landlock(answer: &Path) -> Result<bool, landlock::RulesetError> {
        let abi = ABI::V6;
        let everything = AccessFs::from_all(abi);
        let ruleset = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(everything)?
            .handle_access(AccessNet::from_all(abi))?
            .scope(Scope::from_all(abi))?;
        let mut created = ruleset.create()?;
        let read = AccessFs::ReadFile | AccessFs::ReadDir;
        let run = AccessFs::ReadFile | AccessFs::Execute;
        let paths = LIBRARIES.iter().map(|path| (Path::new(path), read));
        let programs = LOADERS.iter().map(Path::new).chain([answer]).map(|path| (path, run));
        // The stack's place is read from here when a program starts; without it an overflow could not be told.
        let maps = [(Path::new("/proc/self/maps"), AccessFs::ReadFile.into())];
        for (path, access) in paths.chain(programs).chain(maps) {
            // What is not there needs no permission.
            let Ok(fd) = PathFd::new(path) else { continue };
            let access = if path.is_dir() { access } else { access & !AccessFs::ReadDir };
            created = created.add_rule(PathBeneath::new(fd, access))?;
        }
        let status = created.restrict_self()?;
        Ok(status.ruleset != RulesetStatus::NotEnforced)
    }

    /// Gives up calls to the system that start, reach or watch anything. False if this processor is not known.
    fn forbid_calls() -> Result<bool, seccompiler::Error> {
        let Ok(architecture) = TargetArch::try_from(std::env::consts::ARCH) else { return Ok(false) };
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> = FORBIDDEN.iter().map(|call| (*call, Vec::new())).collect();
        // A panic that cannot unwind ends the process by a signal to itself: that one is allowed.
        let own = u64::from(getpid().as_raw_nonzero().get().unsigned_abs());
        let others = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, own)?;
        rules.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![others])?]);
        // Limits may be read, and not set; the parent's death stays a signal.
        let sets = SeccompCondition::new(2, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, 0)?;
        rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![sets])?]);
        let death = SeccompCondition::new(
            0,
            SeccompCmpArgLen::Dword,
            SeccompCmpOp::Eq,
            u64::from(libc::PR_SET_PDEATHSIG.unsigned_abs()),
        )?;
        rules.insert(libc::SYS_prctl, vec![SeccompRule::new(vec![death])?]);
        let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
        let filter = SeccompFilter::new(rules, SeccompAction::Allow, refused, architecture)?;
        let program: seccompiler::BpfProgram = filter.try_into()?;
        seccompiler::apply_filter(&program)?;
        Ok(true)
    }

    /// What an answer has no use for.
    const FORBIDDEN: &[i64] = &[
        // Processes and threads.
        #[cfg(target_arch = "x86_64")]
        libc::SYS_fork,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_vfork,
        libc::SYS_clone,
        libc::SYS_clone3,
        libc::SYS_execveat,
        libc::SYS_setsid,
        libc::SYS_setpgid,
        libc::SYS_unshare,
        libc::SYS_setns,
        // Signals, and looking into others.
        libc::SYS_kill,
        libc::SYS_tkill,
        libc::SYS_rt_sigqueueinfo,
        libc::SYS_rt_tgsigqueueinfo,
        libc::SYS_pidfd_open,
        libc::SYS_pidfd_getfd,
        libc::SYS_pidfd_send_signal,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        // The network.
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_bind,
        libc::SYS_connect,
        libc::SYS_listen,
        libc::SYS_accept,
        libc::SYS_accept4,
        // Whatever goes around this filter, or changes the system.
        libc::SYS_io_uring_setup,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_userfaultfd,
        libc::SYS_memfd_create,
        libc::SYS_add_key,
        libc::SYS_request_key,
        libc::SYS_keyctl,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_pivot_root,
        libc::SYS_chroot,
        libc::SYS_setrlimit,
    ];
}
