//! Resource limits, available on every Unix.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::answer::MEMORY_BYTES_MAX;

/// CPU time limit of an answer, over all its cases, in seconds.
const CPU_SECONDS_MAX: u64 = 1_800;
/// Limit of open files: three streams, and the libraries, opened one at a time.
const OPEN_FILES_MAX: u64 = 16;
/// Memory overhead of a program beyond its allocations: code, stack, libraries.
const OVERHEAD_BYTES: u64 = 1 << 29;

/// Sets the limits, for this process and the program that replaces it.
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
        // A limit that is already lower stays: it must not be raised.
        let most = getrlimit(resource).maximum.map_or(most, |before| before.min(most));
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        match setrlimit(resource, limit) {
            Ok(()) => {}
            // Some systems lack, or do not enforce, some limits.
            Err(rustix::io::Errno::INVAL) if !cfg!(target_os = "linux") => {}
            Err(error) => return Err(io::Error::other(format!("the limit {resource:?} of {most}: {error}"))),
        }
    }
    Ok(())
}
