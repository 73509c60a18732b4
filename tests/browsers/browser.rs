//! Headless browser process: located, started with a temporary profile, and killed at the end of
//! the test.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// Browsers that tests can drive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Chromium,
    Firefox,
}

impl Kind {
    fn asked_for() -> Kind {
        match std::env::var("BROWSER").as_deref() {
            Ok("firefox") => Kind::Firefox,
            Ok("chromium") | Err(_) => Kind::Chromium,
            Ok(other) => panic!("BROWSER={other}: it is chromium or firefox"),
        }
    }

    /// Names of the executable; the environment variable of the second field has priority.
    fn names(self) -> (&'static [&'static str], &'static str) {
        match self {
            Kind::Chromium => {
                (&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"], "CHROMIUM")
            }
            Kind::Firefox => (&["firefox-esr", "firefox"], "FIREFOX"),
        }
    }

    /// Beginning of the line on standard error that names the endpoint.
    fn announcement(self) -> &'static str {
        match self {
            Kind::Chromium => "DevTools listening on ",
            Kind::Firefox => "WebDriver BiDi listening on ",
        }
    }

    fn find(self) -> Option<PathBuf> {
        let (names, variable) = self.names();
        if let Some(path) = std::env::var_os(variable) {
            return Some(PathBuf::from(path));
        }
        let path = std::env::var_os("PATH")?;
        let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|file| file.is_file())
    }

    fn command(self, executable: &Path, folder: &Path) -> Command {
        let profile = folder.join("profile");
        let mut command = Command::new(executable);
        command.args(["--headless", "--remote-debugging-port=0"]);
        match self {
            Kind::Chromium => command
                .args(["--no-first-run", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"])
                .args(["--disable-background-networking", "--disable-component-update", "--force-color-profile=srgb"])
                .arg(format!("--user-data-dir={}", profile.display()))
                .arg("about:blank"),
            Kind::Firefox => {
                std::fs::create_dir(&profile).expect("there is room for a profile");
                std::fs::write(profile.join("user.js"), FIREFOX_PREFERENCES).expect("there is room for preferences");
                command.args(["--no-remote", "--profile"]).arg(profile).arg("about:blank")
            }
        };
        command
    }
}

/// Firefox asks nobody for anything, and prefers light colours without movement: BiDi has no
/// command for either.
const FIREFOX_PREFERENCES: &str = r#"
user_pref("app.update.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("layout.css.prefers-color-scheme.content-override", 1);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("toolkit.telemetry.server", "");
user_pref("ui.prefersReducedMotion", 1);
"#;

/// A running browser.
pub struct Browser {
    process: Child,
    pub(crate) kind: Kind,
    /// WebSocket endpoint of the browser.
    pub(crate) endpoint: String,
    /// Folder for its profile and the pages of the test.
    pub folder: TempDir,
}

impl Browser {
    /// Starts a browser. Without one, prints a message and returns `None`; under `CI=true` it
    /// fails.
    pub fn start() -> Option<Browser> {
        let kind = Kind::asked_for();
        let Some(path) = kind.find() else {
            let (names, variable) = kind.names();
            let why = format!(
                "no {kind:?} was found: install one (Debian: apt-get install {}) or set {variable} to its path",
                names[0]
            );
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
            let test = std::thread::current().name().unwrap_or("a test").to_owned();
            // Not `eprintln!`, which is shown only for tests that fail.
            writeln!(std::io::stderr(), "skipped {test}: {why}").expect("standard error can be written to");
            return None;
        };
        let folder = tempfile::tempdir().expect("there is room for a profile");
        let mut process = kind
            .command(&path, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the executable can be started");
        let errors = BufReader::new(process.stderr.take().expect("it is piped"));
        let mut lines = errors.lines().map_while(Result::ok);
        let endpoint = lines
            .find_map(|line| line.strip_prefix(kind.announcement()).map(str::to_owned))
            .expect("it says where it listens");
        // A browser that cannot write to standard error any more may wait or end.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Browser { process, kind, endpoint, folder })
    }

    /// Whether it is Firefox, whose protocol lacks a few of Chromium's commands.
    pub fn is_firefox(&self) -> bool {
        self.kind == Kind::Firefox
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
