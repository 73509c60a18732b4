//! Learner's folder: a small cargo package of its own, outside the workspace, so that its contents
//! cannot break the project.
//!
//! | file | contents |
//! |---|---|
//! | `paxos_promise.rs`, … | one for each exercise, a program by itself |
//! | `Cargo.toml`, `Cargo.lock` | build manifest |
//! | `progress.json` | solved exercises |
//! | `failures/` | for each exercise that failed: the report, the trace, the page |
//! | `play/` | for each attack that was played: its goal |
//! | `kept/` | answers that others have replaced |

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::{Deserialize, Serialize};

use crate::course::{AnswerKind, COURSE, Exercise, Language};
use crate::goal::Goal;
use crate::grading::discard;

/// Error: the learner's folder cannot be used.
#[derive(Debug)]
pub struct WorkspaceError {
    /// File or folder.
    pub path: PathBuf,
    /// Description of the problem, with a remedy.
    pub problem: String,
}

impl std::fmt::Display for WorkspaceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.problem)
    }
}

impl std::error::Error for WorkspaceError {}

/// Learner's folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Workspace {
    root: PathBuf,
}

/// Progress record: solved exercises, and the hints used.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct CourseProgress {
    /// Entries by exercise.
    pub exercises: BTreeMap<String, Standing>,
    /// Description of a damaged record and its repair.
    #[serde(skip)]
    pub mended: Option<String>,
}

/// Progress of one exercise.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Standing {
    /// Whether it has been solved.
    pub solved: bool,
    /// Number of gradings.
    pub gradings: u32,
    /// Number of hints read.
    pub hints: usize,
}

/// Content of a folder before it is used as a learner's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FolderState {
    /// It does not exist, or is empty.
    New,
    /// It has exercises.
    Own,
    /// It has other files and no exercise. One of them is named.
    Foreign(String),
}

impl CourseProgress {
    /// Progress of an exercise.
    pub fn of(&self, exercise: &Exercise) -> Standing {
        self.exercises.get(exercise.id).copied().unwrap_or_default()
    }

    /// First unsolved exercise.
    pub fn next(&self) -> Option<&'static Exercise> {
        COURSE.iter().find(|exercise| !self.of(exercise).solved)
    }

    /// Number of solved exercises.
    pub fn solved(&self) -> usize {
        COURSE.iter().filter(|exercise| self.of(exercise).solved).count()
    }
}

impl Workspace {
    /// Looks at a folder, and changes nothing. Hidden files do not count.
    ///
    /// # Errors
    /// [`WorkspaceError`], if it cannot be read.
    pub fn look(root: &Path) -> Result<FolderState, WorkspaceError> {
        let entries = match fs::read_dir(root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(FolderState::New),
            entries => entries.and_then(Iterator::collect::<io::Result<Vec<_>>>),
        };
        let entries = entries.map_err(|error| trouble(root, &error))?;
        let names = entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
        names.sort();
        let is_own = |name: &String| name == PROGRESS || COURSE.iter().any(|exercise| exercise.file() == *name);
        let is_made = || fs::read_to_string(root.join("Cargo.toml")).is_ok_and(|text| text.starts_with(MADE_BY));
        Ok(match names.first() {
            None => FolderState::New,
            Some(_) if names.iter().any(is_own) || is_made() => FolderState::Own,
            Some(first) => FolderState::Foreign(first.clone()),
        })
    }

    /// Opens the folder at this path, and adds a file for each exercise that has none. Existing
    /// files are not changed.
    ///
    /// # Errors
    /// [`WorkspaceError`], if a file or folder cannot be created.
    pub fn set_up(root: impl Into<PathBuf>) -> Result<Self, WorkspaceError> {
        let workspace = Workspace { root: root.into() };
        let failures = workspace.failures();
        fs::create_dir_all(&failures).map_err(|error| trouble(&failures, &error))?;
        if fs::symlink_metadata(&failures).is_ok_and(|folder| folder.is_symlink()) {
            let problem = "it is a symbolic link; remove it, and a folder is created".to_owned();
            return Err(WorkspaceError { path: failures, problem });
        }
        for exercise in COURSE {
            let file = workspace.file(exercise);
            if !file.exists() {
                write(&file, exercise.skeleton)?;
            }
        }
        // The list of exercises grows with the project, so the manifest is always regenerated.
        write(&workspace.root.join("Cargo.toml"), &manifest())?;
        write(&workspace.root.join(".gitignore"), "/failures\n/play\n/target\n")?;
        let lock = workspace.root.join("Cargo.lock");
        let locked = project_root().join("Cargo.lock");
        if !lock.exists() && locked.exists() {
            // Same versions as the project's, so that its build artifacts are reused.
            fs::copy(&locked, &lock).map_err(|error| trouble(&lock, &error))?;
        }
        Ok(workspace)
    }

    /// Path of the folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Path of the learner's file of an exercise.
    pub fn file(&self, exercise: &Exercise) -> PathBuf {
        self.root.join(exercise.file())
    }

    /// Folder of failure reports.
    pub fn failures(&self) -> PathBuf {
        self.root.join("failures")
    }

    /// Path of the report on an exercise.
    pub fn report(&self, exercise: &Exercise) -> PathBuf {
        self.failures().join(format!("{}.json", exercise.id))
    }

    /// Restores the skeleton. The learner's file is kept beside it, and its path returned. The
    /// exercise counts as unsolved, and the report on an earlier failure is removed.
    ///
    /// # Errors
    /// [`WorkspaceError`], if a file cannot be written.
    pub fn reset(&self, exercise: &Exercise) -> Result<PathBuf, WorkspaceError> {
        let file = self.file(exercise);
        let kept = self.free_place(exercise)?;
        fs::rename(&file, &kept).map_err(|error| trouble(&kept, &error))?;
        write(&file, exercise.skeleton)?;
        let report = self.report(exercise);
        discard(&report).map_err(|error| trouble(&report, &error))?;
        self.note(exercise, |standing| standing.solved = false)?;
        Ok(kept)
    }

    /// Copies the answer to a place beside it, unless the learner has written none. Returns the
    /// path of the copy, which may be an earlier one.
    ///
    /// # Errors
    /// [`WorkspaceError`], if a file cannot be read or written.
    pub fn keep(&self, exercise: &Exercise) -> Result<Option<PathBuf>, WorkspaceError> {
        let file = self.file(exercise);
        let answer = fs::read(&file).map_err(|error| trouble(&file, &error))?;
        if answer == exercise.skeleton.as_bytes() {
            return Ok(None);
        }
        let mut earlier = self.kept(exercise).take_while(|path| path.exists());
        if let Some(same) = earlier.find(|path| fs::read(path).is_ok_and(|kept| kept == answer)) {
            return Ok(Some(same));
        }
        let kept = self.free_place(exercise)?;
        fs::write(&kept, answer).map_err(|error| trouble(&kept, &error))?;
        Ok(Some(kept))
    }

    /// Unused path for an answer that is kept.
    fn free_place(&self, exercise: &Exercise) -> Result<PathBuf, WorkspaceError> {
        let folder = self.root.join("kept");
        fs::create_dir_all(&folder).map_err(|error| trouble(&folder, &error))?;
        Ok(self.kept(exercise).find(|path| !path.exists()).unwrap_or_default())
    }

    /// Paths for the kept answers of an exercise, in order.
    fn kept(&self, exercise: &Exercise) -> impl Iterator<Item = PathBuf> {
        let (folder, file) = (self.root.join("kept"), exercise.file());
        (1..).map(move |number| folder.join(format!("{file}.{number}")))
    }

    /// Writes the goal of an attack for the playground. Returns its path; `None` if the exercise is
    /// no attack.
    ///
    /// # Errors
    /// [`WorkspaceError`], if the file cannot be written.
    pub fn write_goal(
        &self,
        exercise: &'static Exercise,
        language: Language,
    ) -> Result<Option<PathBuf>, WorkspaceError> {
        let file = self.file(exercise);
        let answer = std::path::absolute(&file).map_err(|error| trouble(&file, &error))?;
        let Some(goal) = Goal::of(exercise, answer, language) else { return Ok(None) };
        let folder = self.root.join("play");
        fs::create_dir_all(&folder).map_err(|error| trouble(&folder, &error))?;
        let path = folder.join(format!("{}.json", exercise.id));
        let text = serde_json::to_string_pretty(&goal)
            .map_err(|error| WorkspaceError { path: path.clone(), problem: error.to_string() })?;
        write(&path, &(text + "\n"))?;
        Ok(Some(path))
    }

    /// Reads the progress record; empty if there is none.
    ///
    /// A damaged record is moved aside and never overwritten; its readable entries are kept.
    ///
    /// # Errors
    /// [`WorkspaceError`], if the record cannot be read or moved.
    pub fn progress(&self) -> Result<CourseProgress, WorkspaceError> {
        let path = self.root.join(PROGRESS);
        let (error, exercises) = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(CourseProgress::default()),
            Err(error) => return Err(trouble(&path, &error)),
            Ok(record) if !record.is_file() => ("it is not a regular file".to_owned(), BTreeMap::new()),
            Ok(_) => {
                let text = fs::read(&path).map_err(|error| trouble(&path, &error))?;
                match serde_json::from_slice(&text) {
                    Ok(progress) => return Ok(progress),
                    Err(error) => (error.to_string(), readable(&text)),
                }
            }
        };
        let aside = self.put_aside(&path)?;
        let what = match exercises.len() {
            0 => "none of it could be read".to_owned(),
            1 => "one entry was readable, and is kept".to_owned(),
            many => format!("{many} entries were readable, and are kept"),
        };
        let path = path.display();
        let mended = format!("{path} is not a valid progress file ({error}); it was moved to {aside}, and {what}");
        let progress = CourseProgress { exercises, mended: Some(mended) };
        self.save(&progress)?;
        Ok(progress)
    }

    /// Moves a file to an unused name; returns that name.
    fn put_aside(&self, path: &Path) -> Result<String, WorkspaceError> {
        let free = |name: &String| fs::symlink_metadata(self.root.join(name)).is_err();
        let name = (1..).map(|number| format!("{PROGRESS}.broken.{number}")).find(free).unwrap_or_default();
        fs::rename(path, self.root.join(&name)).map_err(|error| trouble(path, &error))?;
        Ok(name)
    }

    /// Updates the progress of an exercise.
    ///
    /// # Errors
    /// [`WorkspaceError`], if the record cannot be read or written.
    pub fn note(
        &self,
        exercise: &Exercise,
        change: impl FnOnce(&mut Standing),
    ) -> Result<CourseProgress, WorkspaceError> {
        let mut progress = self.progress()?;
        change(progress.exercises.entry(exercise.id.to_owned()).or_default());
        self.save(&progress)?;
        Ok(progress)
    }

    fn save(&self, progress: &CourseProgress) -> Result<(), WorkspaceError> {
        let path = self.root.join(PROGRESS);
        let text = serde_json::to_string_pretty(progress).unwrap_or_default();
        // Atomic replacement: an interruption at any time loses nothing, and concurrent writers do
        // not mix.
        let draft = self.root.join(format!("{PROGRESS}.{}.new", std::process::id()));
        write(&draft, &(text + "\n"))?;
        fs::rename(&draft, &path).map_err(|error| trouble(&path, &error))
    }
}

/// File name of the progress record.
const PROGRESS: &str = "progress.json";
/// First line of the manifest.
const MADE_BY: &str = "# Made by `quorate learn`.";

/// Readable entries of a damaged record.
fn readable(text: &[u8]) -> BTreeMap<String, Standing> {
    let record: serde_json::Value = serde_json::from_slice(text).unwrap_or_default();
    let entries = record.get("exercises").and_then(serde_json::Value::as_object).into_iter().flatten();
    entries.filter_map(|(id, entry)| Some((id.clone(), serde_json::from_value(entry.clone()).ok()?))).collect()
}

/// Path of the project that this was built from.
pub fn project_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Manifest of the learner's package: a program for each exercise, with the project's build
/// settings.
///
/// The dependencies are few and build in seconds; simulator and checker stay with the grader.
fn manifest() -> String {
    let mut text = format!(
        r#"{MADE_BY} Each exercise is a program by itself.

[package]
name = "learning"
version = "0.0.0"
edition = "2024"
publish = false
autobins = false
autolib = false
build = false

# Its own workspace: nothing here can break the project.
[workspace]
resolver = "3"

# Types and contracts, and nothing of the reference's decisions.
[dependencies]
quorate-exercises = {{ package = "quorate-answer", path = {:?} }}
serde = {{ version = "1", features = ["derive"] }}

[lints.rust]
unsafe_code = "forbid"

[profile.dev]
opt-level = 1
debug = "line-tables-only"

[profile.dev.package."*"]
opt-level = 0
debug = false
"#,
        Path::new(env!("CARGO_MANIFEST_DIR")).join("answer")
    );
    for package in
        ["answer", "byzantine", "lease", "locks", "paxos", "protocol", "raft", "replication", "time", "transactions"]
    {
        let _ =
            write!(text, "\n[profile.dev.package.quorate-{package}]\nopt-level = 1\ndebug = \"line-tables-only\"\n");
    }
    for exercise in COURSE.iter().filter(|exercise| exercise.kind != AnswerKind::Attack) {
        let _ = write!(text, "\n[[bin]]\nname = {:?}\npath = {:?}\n", exercise.id, exercise.file());
    }
    text
}

/// Writes a file unless its content is already the same: another grading may be reading it.
fn write(path: &Path, text: &str) -> Result<(), WorkspaceError> {
    // Through a symbolic link, a folder that was handed in could make the grader write anywhere.
    if fs::symlink_metadata(path).is_ok_and(|file| file.is_symlink()) {
        let problem = "it is a symbolic link; remove it, and the file is created again".to_owned();
        return Err(WorkspaceError { path: path.to_path_buf(), problem });
    }
    if fs::read(path).is_ok_and(|before| before == text.as_bytes()) {
        return Ok(());
    }
    fs::write(path, text).map_err(|error| trouble(path, &error))
}

fn trouble(path: &Path, error: &io::Error) -> WorkspaceError {
    WorkspaceError { path: path.to_path_buf(), problem: error.to_string() }
}
