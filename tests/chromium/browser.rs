//! Headless Chromium process: located, started with a temporary profile, and killed at the end of
//! the test.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// Names of the executable; the environment variable `CHROMIUM` has priority.
const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// A running browser.
pub struct Chromium {
    process: Child,
    /// `ws://127.0.0.1:PORT`, the address of its pages.
    pub address: String,
    /// WebSocket endpoint for the browser as a whole.
    pub endpoint: String,
    /// Folder for its profile and the pages of the test.
    pub folder: TempDir,
}

impl Chromium {
    /// Starts a browser. Without one, prints a message and returns `None`; under `CI=true` it
    /// fails.
    pub fn start() -> Option<Chromium> {
        let Some(path) = find() else {
            let why =
                "no Chromium was found: install one (Debian: apt-get install chromium) or set CHROMIUM to its path";
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
            let test = std::thread::current().name().unwrap_or("a test").to_owned();
            // Not `eprintln!`, which is shown only for tests that fail.
            writeln!(std::io::stderr(), "skipped {test}: {why}").expect("standard error can be written to");
            return None;
        };
        let folder = tempfile::tempdir().expect("there is room for a profile");
        let mut process = Command::new(path)
            .args([
                "--headless",
                "--remote-debugging-port=0",
                "--no-first-run",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
            ])
            .args(["--disable-background-networking", "--disable-component-update", "--force-color-profile=srgb"])
            .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("what was found can be started");
        let errors = process.stderr.take().expect("it is piped");
        let endpoint = BufReader::new(errors)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("DevTools listening on ").map(str::to_owned))
            .expect("it says where it listens");
        let address = endpoint.split("/devtools").next().expect("a split has a first part").to_owned();
        Some(Chromium { process, address, endpoint, folder })
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn find() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM") {
        return Some(PathBuf::from(path));
    }
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|file| file.is_file())
}
