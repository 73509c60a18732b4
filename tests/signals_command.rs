//! Tests of SIGINT and SIGTERM, as sent by a terminal or a supervisor: graceful termination, saved
//! files, and messages.
#![cfg(unix)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use quorate::lab::trace::{Document, EventKind};
use tempfile::TempDir;

/// Timeout, longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process with its output in files, so that it never blocks on a full pipe.
struct Running {
    child: Child,
    folder: TempDir,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        Running::start_with(arguments, |folder| File::create(folder.join("out")).expect("there is room").into())
    }

    fn start_with(arguments: &[&str], stdout: impl Fn(&Path) -> Stdio) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a temporary folder");
        let arguments = arguments.iter().map(|each| each.replace("DIR", folder.path().to_str().expect("a plain name")));
        let child = Command::new(assert_cmd::cargo::cargo_bin("quorate"))
            .args(arguments)
            .env_remove("COLUMNS")
            .stdin(Stdio::null())
            .stdout(stdout(folder.path()))
            .stderr(File::create(folder.path().join("err")).expect("there is room"))
            .spawn()
            .expect("the binary runs");
        Running { child, folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap_or_default()
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(sent.expect("there is a kill").success());
    }

    /// Waits until a file has `bytes` bytes, so that the run has made progress.
    fn wait_for(&mut self, name: &str, bytes: u64) {
        let begun = Instant::now();
        while fs::metadata(self.file(name)).map_or(0, |file| file.len()) < bytes {
            assert!(begun.elapsed() < PATIENCE, "nothing is written: {}", self.text("err"));
            assert_eq!(self.child.try_wait().expect("it can be asked"), None, "{}", self.text("err"));
            sleep(Duration::from_millis(20));
        }
    }

    fn ends(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be asked") {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "it goes on and on: {}", self.text("err"));
            sleep(Duration::from_millis(10));
        }
    }

    /// Asserts that it exits with this status, and reports the signal.
    fn ends_in_order(&mut self, status: i32, signal: &str) {
        let code = self.ends().code();
        let errors = self.text("err");
        assert_eq!(code, Some(status), "{errors}");
        assert!(errors.starts_with(&format!("interrupted by {signal}: ")) && !errors.contains("panicked"), "{errors}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has usually exited already.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Numbers in a text, without thousands separators.
fn numbers(text: &str) -> Vec<u64> {
    let text = text.replace(',', "");
    text.split(|sign: char| !sign.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

#[test]
fn a_sweep_says_which_seeds_it_has_completed_and_that_it_knows_nothing_of_the_others() {
    let mut sweep = Running::start(&["sim", "raft", "--seeds", "100..9000000", "--for", "5s"]);
    sleep(Duration::from_millis(1500));
    sweep.signal("-INT");
    sweep.ends_in_order(130, "SIGINT");
    let printed = sweep.text("out");
    let runs = printed.lines().find_map(|line| line.strip_suffix("  runs")).map(numbers).expect("a count of runs");
    let part = printed.split("Interrupted by SIGINT: ").nth(1).expect("it says that it is a part");
    let part = part.split("The other seeds were not run.").next().unwrap_or_default().replace('\n', " ");
    let (counts, ranges) = part.split_once("complete, seeds").expect("it names the seeds");
    assert_eq!(numbers(counts), [runs[0], 8_999_900], "{part}");
    let ranges = numbers(&ranges.replace(',', " and"));
    assert!(runs[0] > 0 && ranges[0] == 100, "{part}");
    assert_eq!(ranges.chunks(2).map(|range| range[1] - range[0]).sum::<u64>(), runs[0], "{part}");
    assert!(printed.contains("In these runs every invariant held after every step."), "{printed}");
}

#[test]
fn one_simulated_run_saves_its_trace_so_far_which_says_that_it_is_a_part() {
    let run = ["sim", "raft", "--seeds", "0..1", "--for", "3600s", "--jsonl", "DIR/trace", "--scenario", "DIR/broken"];
    let mut run = Running::start(&run);
    sleep(Duration::from_millis(500));
    run.signal("-TERM");
    run.ends_in_order(143, "SIGTERM");
    let trace = fs::read(run.file("trace")).expect("it was saved");
    let document = Document::read_jsonl(&trace[..]).expect("it conforms");
    assert!(document.events.len() > 100);
    let Some(EventKind::Note { text }) = document.events.last().map(|event| &event.what) else { panic!("no note") };
    assert!(text.starts_with("Interrupted by SIGTERM at "), "{text}");
    let printed = run.text("out").replace('\n', " ");
    assert!(printed.contains("broken was not written") && !run.file("broken").exists(), "{printed}");
}

#[test]
fn a_search_reports_how_far_it_came_and_never_that_it_is_exhausted() {
    let mut search = Running::start(&["check", "raft", "--time", "600s", "--depth", "900", "--html", "DIR/page"]);
    sleep(Duration::from_millis(1500));
    search.signal("-INT");
    search.ends_in_order(130, "SIGINT");
    let (printed, errors) = (search.text("out").replace('\n', " "), search.text("err"));
    assert!(errors.contains("not exhausted: depth ") && errors.contains("stopped by an interrupt"), "{errors}");
    assert!(printed.contains("Interrupted by SIGINT. Every invariant held in the states checked so far"), "{printed}");
    assert!(!(printed.clone() + &errors).replace("not exhausted", "").contains("exhausted"), "{printed}{errors}");
    assert!(printed.contains("page was not written"), "{printed}");
}

#[test]
fn a_cluster_on_threads_ends_heals_saves_and_sums_up() {
    for (protocol, signal, status) in [("raft", "INT", 130), ("paxos", "TERM", 143), ("lease", "INT", 130)] {
        let files = ["--jsonl", "DIR/trace", "--html", "DIR/page", "--directory", "DIR/logs"];
        let mut live = Running::start(&[&["live", protocol, "--for", "600s", "--faults", "mild"], &files[..]].concat());
        live.wait_for("out", 500);
        let sent = Instant::now();
        live.signal(&format!("-{signal}"));
        live.ends_in_order(status, &format!("SIG{signal}"));
        assert!(sent.elapsed() < Duration::from_secs(20), "{protocol}: {:?}", sent.elapsed());
        let printed = live.text("out");
        let summary = format!(" of 600s; interrupted by SIG{signal}.");
        assert!(printed.contains("\nRan for ") && printed.contains(&summary), "{printed}");
        assert!(printed.contains("  n1     ") && printed.contains("  syncs "), "{printed}");
        let document =
            Document::read_jsonl(&fs::read(live.file("trace")).expect("it was saved")[..]).expect("it conforms");
        let interrupted =
            |what: &EventKind| matches!(what, EventKind::Note { text } if text.starts_with("Interrupted by SIG"));
        assert!(document.events.iter().any(|event| interrupted(&event.what)), "{protocol}");
        assert!(live.text("page").contains("</html>"), "{protocol}");
        assert!(live.file("logs/n1.log").exists() && !live.file("logs/n1.log.lock").is_dir(), "{protocol}");
    }
}

#[test]
fn a_second_signal_ends_at_once_what_hangs() {
    // The pipe is not read, so the command blocks forever in the middle of its output.
    let run = ["sim", "raft", "--seeds", "0..1", "--for", "20s", "--trace", "--why"];
    let mut run = Running::start_with(&run, |_| Stdio::piped());
    sleep(Duration::from_millis(2500));
    run.signal("-INT");
    sleep(Duration::from_millis(500));
    assert_eq!(run.child.try_wait().expect("it can be asked"), None, "the first signal asks for an end in order");
    run.signal("-TERM");
    assert_eq!(run.ends().code(), Some(143));
}

#[test]
fn a_cluster_whose_output_cannot_be_written_ends_at_once() {
    let full = |_: &Path| File::options().write(true).open("/dev/full").map_or_else(|_| Stdio::null(), Stdio::from);
    if !Path::new("/dev/full").exists() {
        return;
    }
    let mut live = Running::start_with(&["live", "raft", "--for", "600s"], full);
    assert_eq!(live.ends().code(), Some(2));
    assert!(live.text("err").contains("No space left on device"), "{}", live.text("err"));
}
