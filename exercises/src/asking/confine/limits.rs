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
/// Memory limit of a grader, and of the compiler that it starts.
const GRADER_BYTES_MAX: u64 = 6 << 30;
/// Maximum size of a file that a grader or the compiler writes.
const GRADER_FILE_BYTES_MAX: u64 = 1 << 30;

/// Sets the limits, for this process and the program that replaces it.
pub(super) fn set() -> io::Result<()> {
    impose(&[
        #[cfg(not(target_os = "openbsd"))]
        (Resource::As, MEMORY_BYTES_MAX as u64 + OVERHEAD_BYTES),
        (Resource::Cpu, CPU_SECONDS_MAX),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Nofile, OPEN_FILES_MAX),
    ])
}

/// Sets the limits of a grader, which the compiler inherits.
pub(super) fn set_for_grader() -> io::Result<()> {
    impose(&[
        #[cfg(not(target_os = "openbsd"))]
        (Resource::As, GRADER_BYTES_MAX),
        (Resource::Core, 0),
        (Resource::Fsize, GRADER_FILE_BYTES_MAX),
    ])
}

fn impose(limits: &[(Resource, u64)]) -> io::Result<()> {
    for &(resource, most) in limits {
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
