//! Tests of the playground: its server over TCP, and its page in headless Chromium, used as a
//! person would. On a machine without Chromium those of the page print that they were skipped;
//! under `CI=true` they fail. `SCREENSHOTS=folder` saves the screenshots that they take.
#![cfg(unix)]

mod attacking;
mod keeping;
mod look;
mod lying;
mod page;
mod playing;
mod running;
mod server;
#[path = "../shared/speed.rs"]
mod shared_speed;
mod speed;
