//! The tests as judges: which mutants each of them comes by, and which it notices.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::find::Mutant;
use crate::tree::Suite;

/// Kilobytes of address space of a test: a mutant may allocate without end.
const MEMORY: u32 = 6_000_000;

/// Times up to which tests run together, in milliseconds: the quick ones judge first.
const LEAGUES: [u64; 4] = [20, 200, 2_000, u64::MAX];

/// A test, and what it did without a mutant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Test {
    pub suite: Suite,
    pub name: String,
    pub millis: u64,
    pub reaches: BTreeSet<u32>,
}

/// What the tests made of a mutant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// This test failed.
    Killed(String),
    /// A test did not end.
    Endless,
    /// No test failed.
    Survived,
    /// No test comes by.
    NotReached,
}

/// Runs every test alone, without a mutant, and notes by which mutants it comes.
///
/// # Errors
/// If a test fails.
pub fn baseline(suites: &[Suite], folder: &Path) -> Result<Vec<Test>, Box<dyn Error>> {
    let mut tests = Vec::new();
    for suite in suites {
        let listed =
            Command::new(&suite.program).current_dir(&suite.home).args(["--list", "--format", "terse"]).output()?;
        for name in String::from_utf8(listed.stdout)?.lines().filter_map(|line| line.strip_suffix(": test")) {
            let reached = folder.join("reached");
            let _ = fs::remove_dir_all(&reached);
            fs::create_dir_all(&reached)?;
            let began = Instant::now();
            let mut command = command(suite, &[name]);
            command.env("QUORATE_REACHED", &reached).stdout(Stdio::null());
            if !command.status()?.success() {
                return Err(format!("{name} fails without a mutant: {}", suite.program.display()).into());
            }
            let numbers = fs::read_dir(&reached)?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
            let millis = u64::try_from(began.elapsed().as_millis())?;
            tests.push(Test { suite: suite.clone(), name: name.to_owned(), millis, reaches: numbers.collect() });
        }
    }
    Ok(tests)
}

/// Runs the tests that come by a mutant, the quick ones first, until one fails.
///
/// # Errors
/// If a program cannot be started.
pub fn test(&Mutant { number, ref id }: &Mutant, tests: &[Test]) -> Result<Verdict, Box<dyn Error>> {
    let mut near: Vec<&Test> = tests.iter().filter(|test| test.reaches.contains(&number)).collect();
    // Those of its own package first.
    near.sort_by_key(|test| !id.starts_with(&test.suite.package));
    if near.is_empty() {
        return Ok(Verdict::NotReached);
    }
    let mut above = 0;
    for upto in LEAGUES {
        let league: Vec<&Test> = near.iter().copied().filter(|test| (above..upto).contains(&test.millis)).collect();
        for part in league.chunk_by(|a, b| a.suite.program == b.suite.program) {
            let names: Vec<&str> = part.iter().map(|test| test.name.as_str()).collect();
            let usual: u64 = part.iter().map(|test| test.millis).sum();
            let mut command = command(&part[0].suite, &names);
            command.env("QUORATE_MUTANT", number.to_string());
            match watch(command, Duration::from_millis(4_000 + 5 * usual))? {
                Verdict::Survived => {}
                verdict => return Ok(verdict),
            }
        }
        above = upto;
    }
    Ok(Verdict::Survived)
}

fn command(suite: &Suite, names: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\"")]).arg(&suite.program);
    command.args(["--exact", "--test-threads=1"]).args(names);
    // The same cases each time, and no files of those that failed.
    command.env("PROPTEST_RNG_SEED", "7").env("PROPTEST_FAILURE_PERSISTENCE", "off").env("RUST_BACKTRACE", "0");
    command.current_dir(&suite.home).stdin(Stdio::null()).stderr(Stdio::null());
    command
}

/// Runs tests until the first failure.
fn watch(mut command: Command, patience: Duration) -> Result<Verdict, Box<dyn Error>> {
    let mut running = command.stdout(Stdio::piped()).spawn()?;
    let Some(output) = running.stdout.take() else { return Err("the output of a test is not to be had".into()) };
    let (tell, told) = channel();
    let reader = thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(name) = line.strip_prefix("test ").and_then(|line| line.strip_suffix(" ... FAILED")) {
                let _ = tell.send(name.to_owned());
                return;
            }
        }
    });
    let verdict = match told.recv_timeout(patience) {
        Ok(name) => Verdict::Killed(name),
        Err(RecvTimeoutError::Timeout) => Verdict::Endless,
        // A test that aborts or overflows its stack does not get to say which it is.
        Err(RecvTimeoutError::Disconnected) if running.wait()?.success() => Verdict::Survived,
        Err(RecvTimeoutError::Disconnected) => Verdict::Killed("a test that aborted".to_owned()),
    };
    end(&mut running);
    reader.join().map_err(|_| "the reader of a test's output panicked")?;
    Ok(verdict)
}

fn end(running: &mut Child) {
    let _ = running.kill();
    let _ = running.wait();
}
