//! Limits of resources, as every Unix has them.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::answer::MEMORY_BYTES_MAX;

/// How long an answer may keep a processor busy, over all its cases, in seconds.
const CPU_SECONDS_MAX: u64 = 1_800;
/// How many files it may have open: its three streams, and its libraries one by one.
const OPEN_FILES_MAX: u64 = 16;
/// What a program takes besides what it asks for: its code, its stack, its libraries.
const OVERHEAD_BYTES: u64 = 1 << 29;

/// Sets them, for this process and what it becomes.
pub(super) fn set() -> io::Result<()> {
    let limits = [
        #[cfg(not(target_os = "openbsd"))]
        (Resource::As, MEMORY_BYTES_MAX as u64 + OVERHEAD_BYTES),
        (Resource::Cpu, CPU_SECONDS_MAX),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Nofile, OPEN_FILES_MAX),
    ];
    for (resource, most) in limits {
        // What is less already stays so: nobody may raise it.
        let most = getrlimit(resource).maximum.map_or(most, |before| before.min(most));
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        match setrlimit(resource, limit) {
            Ok(()) => {}
            // Not every system has, or keeps, every limit.
            Err(rustix::io::Errno::INVAL) if !cfg!(target_os = "linux") => {}
            Err(error) => return Err(io::Error::other(format!("the limit {resource:?} of {most}: {error}"))),
        }
    }
    Ok(())
}
