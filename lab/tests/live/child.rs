//! This test binary as a process of its own, to be killed, starved or watched.
//!
//! The one test here does nothing unless another test has started this binary with a part to play.

use std::process::{Child, Command, Stdio};

use super::{disks, exactly_once, idle, restarts, telling};

/// Names the part that a child is to play.
const PART: &str = "QUORATE_LIVE_PART";

#[test]
fn plays_its_part() {
    match std::env::var(PART).as_deref() {
        Ok("idle") => idle::child(),
        Ok("exactly once") => exactly_once::child(),
        Ok("full disk") => disks::child(),
        Ok("owner") => disks::owner(),
        Ok("restarts") => restarts::child(),
        Ok("telling") => telling::child(),
        Ok(other) => panic!("there is no part '{other}'"),
        Err(_) => {}
    }
}

/// A command that runs this binary in a part, with what it prints on a pipe.
pub(super) fn command(part: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    prepare(&mut command, part);
    command.args(ARGUMENTS);
    command
}

/// What makes the harness run the part and nothing else.
pub(super) const ARGUMENTS: [&str; 4] = ["child::plays_its_part", "--exact", "--nocapture", "--test-threads=1"];

pub(super) fn prepare(command: &mut Command, part: &str) {
    command.env(PART, part).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
}

/// A child that is killed, at the latest, when its parent has no more use for it.
pub(super) struct Killed(pub(super) Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may have ended before.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}
