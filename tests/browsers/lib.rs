//! Headless browsers for tests, driven like a user: keys, clicks, a window size.
//!
//! The browser is Chromium or, under `BROWSER=firefox`, Firefox. Without it a test prints that it
//! was skipped; under `CI=true` it fails. `SCREENSHOTS=folder` saves the screenshots that tests
//! take.

mod bidi;
mod browser;
mod devtools;
mod driver;
mod socket;
mod tab;

pub use browser::Browser;
pub use tab::Tab;

/// Starts a browser with a tab, if it is installed.
pub fn tab() -> Option<(Browser, Tab)> {
    let browser = Browser::start()?;
    let tab = Tab::open(&browser);
    Some((browser, tab))
}
