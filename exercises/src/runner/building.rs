//! Building an answer, from files of the learner's folder and from nothing else.

mod quotes;
mod sources;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use fs4::FileExt;
use serde::Deserialize;
use tempfile::TempDir;

use crate::asking::group;
use crate::course::Exercise;
use crate::workspace::{Workspace, project_root};

/// Time limit of a build. The first one also builds the dependencies of all answers.
const BUILD_TIME_MAX: Duration = Duration::from_secs(600);
/// Maximum size of compiler output that is kept, in bytes.
const SAID_BYTES_MAX: u64 = 1 << 16;
/// Message in place of the compiler's, if that could quote files of others.
const WITHHELD: &str = "the answer does not compile; the compiler's message is withheld, because the answer names files \
                        that may be outside its folder";

/// Program of an answer: a private copy, deleted on drop, so that other builds do not affect it.
#[derive(Debug)]
pub(super) struct Built {
    program: PathBuf,
    #[expect(dead_code, reason = "the folder goes when this does")]
    folder: TempDir,
}

impl Built {
    /// Path of the program.
    pub(super) fn program(&self) -> &Path {
        &self.program
    }
}

/// Builds an answer. The inner error is the compiler's output.
///
/// All folders share their dependencies, and with them cargo's output directory. So only one build
/// runs at a time, and it takes its program away before the next one begins. `within` is its time
/// limit, if that is shorter than [`BUILD_TIME_MAX`].
pub(super) fn build(
    workspace: &Workspace,
    exercise: &Exercise,
    within: Option<Duration>,
) -> Result<Result<Built, String>, String> {
    let time_max = within.unwrap_or(BUILD_TIME_MAX).min(BUILD_TIME_MAX);
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| project_root().join("target"), PathBuf::from);
    // Relative to the current directory, not to that of cargo.
    let target = std::path::absolute(target).map_err(|error| error.to_string())?;
    let unusable = |error: io::Error| format!("{}: {error}", target.display());
    fs::create_dir_all(&target).map_err(unusable)?;
    let folder = tempfile::Builder::new().prefix("answer-").tempdir_in(&target).map_err(unusable)?;
    let turn = Turn::take(&target).map_err(unusable)?;
    forget(exercise, &target.join("debug").join("deps")).map_err(unusable)?;
    let report = folder.path().join("built");
    let child = cargo(workspace, exercise, &target, File::create(&report).map_err(unusable)?)?;
    match finish(child, time_max) {
        Ok(None) => {}
        // Only a grader of many sets a limit.
        Ok(Some(_)) if within.is_some() && quotes::reach_outside(workspace.root()).map_err(unusable)? => {
            return Ok(Err(WITHHELD.to_owned()));
        }
        Ok(Some(said)) => return Ok(Err(said.trim_end().to_owned())),
        Err(error) => return Err(format!("cannot run cargo to build the answers: {error}")),
    }
    let built = fs::read_to_string(&report).map_err(unusable)?;
    let built = executable(&built, exercise).ok_or("cargo does not report the path of the built answers")?;
    let program = folder.path().join(exercise.id).with_extension(std::env::consts::EXE_EXTENSION);
    fs::copy(&built, &program).map_err(|error| format!("{}: {error}", built.display()))?;
    let listed = dependencies(exercise, &built).map_err(|error| format!("{}: {error}", built.display()))?;
    drop(turn);
    Ok(
        match sources::refused(&listed, workspace.root())
            .map_err(|error| format!("{}: {error}", workspace.root().display()))?
        {
            Some(why) => Err(format!("{} {why}", exercise.file())),
            None => Ok(Built { program, folder }),
        },
    )
}

/// Build lock, held by one build at a time.
struct Turn(File);

impl Turn {
    fn take(target: &Path) -> io::Result<Self> {
        let lock = target.join("answers.lock");
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(lock)?;
        FileExt::lock(&file)?;
        Ok(Turn(file))
    }
}

impl Drop for Turn {
    /// Unlocks explicitly, because closing the file is not enough: a process that another thread is
    /// just starting may have inherited it for a moment.
    fn drop(&mut self) {
        // If unlocking fails, the lock is released when the process ends.
        let _ = FileExt::unlock(&self.0);
    }
}

/// Prefix of the compiler's output files for an answer's program.
fn stem(exercise: &Exercise) -> String {
    format!("{}-", exercise.id.replace('-', "_"))
}

fn files_of(exercise: &Exercise, folder: &Path) -> io::Result<Vec<PathBuf>> {
    let stem = stem(exercise);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(&stem)) {
            files.push(entry.path());
        }
    }
    Ok(files)
}

/// Removes earlier build output of an exercise, from any folder. Cargo compares modification times,
/// and an answer from an archive may be older than one that was graded a minute ago under the same
/// name.
fn forget(exercise: &Exercise, folder: &Path) -> io::Result<()> {
    let files = match files_of(exercise, folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        files => files?,
    };
    files.iter().try_for_each(fs::remove_file)
}

/// Ignores the folder's own cargo configuration, which could run anything.
fn cargo(workspace: &Workspace, exercise: &Exercise, target: &Path, report: File) -> Result<Child, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = std::path::absolute(workspace.root().join("Cargo.toml")).map_err(|error| error.to_string())?;
    let mut command = Command::new(&cargo);
    command
        .args(["build", "--quiet", "--message-format=json-render-diagnostics", "--bin", exercise.id, "--target-dir"])
        .arg(target)
        .arg("--manifest-path")
        .arg(&manifest)
        // Incremental artifacts would only take space: an answer is built once for each change.
        .env("CARGO_INCREMENTAL", "0")
        .current_dir(project_root())
        .stdin(Stdio::null())
        .stdout(report)
        .stderr(Stdio::piped());
    group::lead(&mut command).spawn().map_err(|error| format!("cannot start cargo to build the answers: {error}"))
}

/// Waits for a build. Returns its messages if it fails.
fn finish(mut child: Child, time_max: Duration) -> io::Result<Option<String>> {
    let (sender, receiver) = channel();
    let stderr = child.stderr.take();
    thread::spawn(move || {
        let mut said = Vec::new();
        if let Some(mut stderr) = stderr {
            // A read error counts as the end; output beyond the limit is discarded, so that the
            // compiler is not blocked.
            let _ = stderr.by_ref().take(SAID_BYTES_MAX).read_to_end(&mut said);
            let _ = io::copy(&mut stderr, &mut io::sink());
        }
        // The receiver is gone after a timeout.
        let _ = sender.send(String::from_utf8_lossy(&said).into_owned());
    });
    let said = receiver.recv_timeout(time_max);
    if said == Err(RecvTimeoutError::Timeout) {
        group::end(&mut child);
        return Ok(Some(format!("the compiler did not finish within {} s", time_max.as_secs())));
    }
    let status = child.wait()?;
    Ok((!status.success()).then(|| said.unwrap_or_default()))
}

/// Message of cargo about a build artifact.
#[derive(Deserialize)]
struct Message {
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// Path of the program, as reported by cargo.
fn executable(report: &str, exercise: &Exercise) -> Option<PathBuf> {
    let messages = report.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok());
    let mut its = messages.filter(|message| message.target.as_ref().is_some_and(|target| target.name == exercise.id));
    its.find_map(|message| message.executable)
}

/// Reads the compiler's list of the files that a program was built from.
fn dependencies(exercise: &Exercise, built: &Path) -> io::Result<String> {
    let missing = || io::Error::new(io::ErrorKind::NotFound, "the list of its files is missing");
    let files = files_of(exercise, &built.parent().ok_or_else(missing)?.join("deps"))?;
    let mut lists = files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "d"));
    match (lists.next(), lists.next()) {
        (Some(list), None) => fs::read_to_string(list),
        _ => Err(missing()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::find;

    #[test]
    fn the_program_is_where_cargo_says() {
        let exercise = find("majority").expect("the course has it");
        let report = concat!(
            "{\"reason\":\"compiler-artifact\",\"target\":{\"name\":\"serde\"},\"executable\":null}\n",
            "{\"reason\":\"compiler-artifact\",\"target\":{\"name\":\"majority\"},\"executable\":\"/t/debug/majority\"}\n",
            "{\"reason\":\"build-finished\",\"success\":true}\n"
        );
        assert_eq!(executable(report, exercise), Some(PathBuf::from("/t/debug/majority")));
        assert_eq!(executable("", exercise), None);
    }

    /// Returns the output of a program that was built from this text.
    fn said(built: &Built) -> String {
        let output = Command::new(built.program()).output().expect("it can be started");
        String::from_utf8(output.stdout).expect("it is text")
    }

    /// All folders share cargo's output directory, where two programs built one after another look
    /// alike to cargo.
    #[test]
    fn programs_of_two_folders_are_not_taken_for_one_another_nor_new_files_for_old_ones() {
        let exercise = find("majority").expect("the course has it");
        let desks = ["one", "two"].map(|_| tempfile::tempdir().expect("there is room for a folder"));
        let build = |place: usize, says: &str| {
            let workspace = Workspace::set_up(desks[place].path()).expect("it is writable");
            let file = workspace.file(exercise);
            fs::write(&file, format!("fn main() {{ print!({says:?}) }}")).expect("it is writable");
            let old = File::options().write(true).open(&file).expect("it is there");
            old.set_modified(std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000))
                .expect("files have dates");
            build(&workspace, exercise, None).expect("there is a compiler").expect("it compiles")
        };
        let first = build(0, "one");
        let (second, third) = thread::scope(|scope| {
            let second = scope.spawn(|| build(1, "two"));
            let third = build(0, "three");
            (second.join().expect("it is built"), third)
        });
        assert_eq!([&first, &second, &third].map(said), ["one", "two", "three"]);
    }

    #[test]
    fn what_was_built_before_is_forgotten_and_nothing_else() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let exercise = find("raft-commit").expect("the course has it");
        for name in ["raft_commit-12ab", "raft_commit-12ab.d", "raft_commit_all-12ab", "raft-12ab"] {
            fs::write(folder.path().join(name), "").expect("the folder is writable");
        }
        forget(exercise, folder.path()).expect("they can be removed");
        let mut left: Vec<_> = fs::read_dir(folder.path())
            .expect("it is there")
            .map(|entry| entry.expect("it is there").file_name().into_string().expect("it is text"))
            .collect();
        left.sort();
        assert_eq!(left, ["raft-12ab", "raft_commit_all-12ab"]);
        forget(exercise, &folder.path().join("nowhere")).expect("nothing was built before");
    }
}
