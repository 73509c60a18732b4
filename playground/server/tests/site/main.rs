//! Tests of the playground as a site of files: what is written, and the page in headless Chromium
//! with the session in a worker.
//!
//! Those in the browser need a site whose session was built for it, which takes minutes:
//!
//! ```text
//! cargo run -p quorate-playground -- site --out target/site
//! SITE=target/site cargo test -p quorate-playground --test site
//! ```
//!
//! Without `SITE`, or without Chromium, they print that they were skipped; under `CI=true` they
//! fail.
#![cfg(unix)]

mod browsing;
mod host;
mod writing;
