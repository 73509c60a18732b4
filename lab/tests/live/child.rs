//! This test binary as a child process, which other tests kill, limit or observe.
//!
//! The only test here does nothing unless another test has started this binary with a part.

use std::process::{Child, Command, Stdio};

use super::{disks, exactly_once, idle, restarts, tracing_events};

/// Environment variable with the part of a child.
const PART: &str = "QUORATE_LIVE_PART";

#[test]
fn plays_its_part() {
    match std::env::var(PART).as_deref() {
        Ok("idle") => idle::child(),
        Ok("exactly once") => exactly_once::child(),
        Ok("full disk") => disks::child(),
        Ok("owner") => disks::owner(),
        Ok("restarts") => restarts::child(),
        Ok("telling") => tracing_events::child(),
        Ok(other) => panic!("there is no part '{other}'"),
        Err(_) => {}
    }
}

/// Returns a command that runs a part of this binary, with its output on a pipe.
pub(super) fn command(part: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    prepare(&mut command, part);
    command.args(ARGUMENTS);
    command
}

/// Arguments that make the test harness run the part and nothing else.
pub(super) const ARGUMENTS: [&str; 4] = ["child::plays_its_part", "--exact", "--nocapture", "--test-threads=1"];

pub(super) fn prepare(command: &mut Command, part: &str) {
    command.env(PART, part).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
}

/// A child process that is killed when it is dropped, at the latest.
pub(super) struct Killed(pub(super) Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may have exited before.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}
