//! Headless Chromium for tests, driven like a user: keys, clicks, a window size.
//!
//! Without Chromium a test prints that it was skipped; under `CI=true` it fails.
//! `SCREENSHOTS=folder` saves the screenshots that tests take.

mod browser;
mod tab;

pub use browser::Chromium;
pub use tab::Tab;

/// Returns a browser with a tab, if one is installed.
pub fn tab() -> Option<(Chromium, Tab)> {
    let browser = Chromium::start()?;
    let tab = Tab::open(&browser);
    Some((browser, tab))
}
