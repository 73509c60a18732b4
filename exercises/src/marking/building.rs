//! Building an answer, from files of the learner's folder and from nothing else.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use crate::course::Exercise;
use crate::desk::{Desk, workspace};

/// How long a build may take. The first one builds what all answers need.
const BUILD_TIME_MAX: Duration = Duration::from_secs(600);
/// How much of what a compiler says is kept.
const SAID_BYTES_MAX: u64 = 1 << 16;

/// Builds an answer. The inner error is what the compiler has to say.
///
/// The folder's own settings of cargo do not count: they could run anything.
pub(super) fn build(desk: &Desk, exercise: &Exercise) -> Result<Result<PathBuf, String>, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
    // Relative to where we are, and not to where cargo will be.
    let absolute = |path: &Path| std::path::absolute(path).map_err(|error| error.to_string());
    let (target, manifest) = (absolute(&target)?, absolute(&desk.root().join("Cargo.toml"))?);
    let child = Command::new(&cargo)
        .args(["build", "--quiet", "--bin", exercise.id, "--target-dir"])
        .arg(&target)
        .arg("--manifest-path")
        .arg(&manifest)
        .current_dir(workspace())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("cargo, which builds the answers, cannot be started: {error}"))?;
    match finish(child) {
        Ok(None) => {}
        Ok(Some(said)) => return Ok(Err(said.trim_end().to_owned())),
        Err(error) => return Err(format!("cargo, which builds the answers: {error}")),
    }
    let program = target.join("debug").join(exercise.id).with_extension(std::env::consts::EXE_EXTENSION);
    match stranger(&target, desk, exercise, &program) {
        Ok(None) => Ok(Ok(program)),
        Ok(Some(file)) => Ok(Err(format!(
            "{} reads {}, which is not in your folder: an answer is made of files of its folder alone",
            exercise.file(),
            file.display()
        ))),
        Err(error) => Err(format!("{}: {error}", program.display())),
    }
}

/// Waits for a build. What it says, if it fails.
fn finish(mut child: Child) -> io::Result<Option<String>> {
    let (tell, told) = channel();
    let stderr = child.stderr.take();
    thread::spawn(move || {
        let mut said = Vec::new();
        if let Some(mut stderr) = stderr {
            // What cannot be read was not said; what is too much is read and thrown away, so that nobody is held up.
            let _ = stderr.by_ref().take(SAID_BYTES_MAX).read_to_end(&mut said);
            let _ = io::copy(&mut stderr, &mut io::sink());
        }
        // Nobody listens any more if it took too long.
        let _ = tell.send(String::from_utf8_lossy(&said).into_owned());
    });
    let said = told.recv_timeout(BUILD_TIME_MAX);
    if said == Err(RecvTimeoutError::Timeout) {
        if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            // It may have ended just now.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        child.wait()?;
        return Ok(Some(format!("the compiler did not come to an end within {} s", BUILD_TIME_MAX.as_secs())));
    }
    let status = child.wait()?;
    Ok((!status.success()).then(|| said.unwrap_or_default()))
}

/// A file that an answer was built from, and that is not in the learner's folder: the rulebooks of the reference lie around, and an
/// answer could include their text.
fn stranger(target: &Path, desk: &Desk, exercise: &Exercise, program: &Path) -> io::Result<Option<PathBuf>> {
    let root = fs::canonicalize(desk.root())?;
    let listed = fs::read_to_string(dependencies(target, exercise, program)?)?;
    for file in files(&listed) {
        let path = root.join(&file);
        // What is no longer there was there a moment ago; where it lay can only be read off its name.
        let real = fs::canonicalize(&path).unwrap_or(path);
        if !real.starts_with(&root) {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// Where the compiler has listed the files that a program was built from.
fn dependencies(target: &Path, exercise: &Exercise, program: &Path) -> io::Result<PathBuf> {
    let built = fs::metadata(program)?;
    let stem = format!("{}-", exercise.id.replace('-', "_"));
    let mut newest: Option<(std::time::SystemTime, PathBuf)> = None;
    for entry in fs::read_dir(target.join("debug").join("deps"))? {
        let path = entry?.path();
        let is_its = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(&stem));
        if !is_its || path.extension().is_some() {
            continue;
        }
        let file = fs::metadata(&path)?;
        // Cargo links it to where it is found; where it cannot, it copies, and the newest it is.
        if (file.dev(), file.ino()) == (built.dev(), built.ino()) {
            return Ok(path.with_extension("d"));
        }
        let modified = file.modified()?;
        if newest.as_ref().is_none_or(|(before, _)| *before < modified) {
            newest = Some((modified, path));
        }
    }
    let newest = newest.map(|(_, path)| path.with_extension("d"));
    newest.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the list of its files is missing"))
}

/// The files of such a list: `target: file file`, where a space within a name stands behind a backslash.
fn files(listed: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for line in listed.lines().filter(|line| !line.starts_with('#')) {
        let Some((_, names)) = line.split_once(": ") else { continue };
        let names = names.replace("\\ ", "\0");
        files.extend(names.split_whitespace().map(|name| PathBuf::from(name.replace('\0', " "))));
    }
    files.sort();
    files.dedup();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_list_are_read_with_spaces_in_their_names() {
        let listed = "/t/a: a.rs my\\ disk.rs ../b.rs\n\na.rs:\nmy\\ disk.rs:\n# env-dep:HOME\n/t/a.d: a.rs\n";
        assert_eq!(files(listed), ["../b.rs", "a.rs", "my disk.rs"].map(PathBuf::from));
    }
}
