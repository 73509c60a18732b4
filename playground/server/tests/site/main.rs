//! Tests of the playground as a site of files: what is written, and the page in headless Chromium
//! with the session in a worker.
//!
//! Those in the browser need a site whose session was built for it, which takes minutes:
//! `tests/tools/site` builds one and names it in `SITE`. Without it they print that they were
//! skipped.
#![cfg(unix)]

mod browsing;
mod host;
#[path = "../shared/speed.rs"]
mod shared_speed;
mod writing;
