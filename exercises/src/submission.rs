//! Submissions of a class: a folder for each student. Grading never works in these folders: the
//! answers of one are copied to a private folder, so that it finds no other's, and its links,
//! settings and build output stay behind.

use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::course::Exercise;
use crate::workspace::{Workspace, WorkspaceError};

/// Maximum total size of a submission, in bytes.
const BYTES_MAX: u64 = 16 << 20;
/// Maximum number of files of a submission.
const FILES_MAX: usize = 2_000;
/// Maximum depth of its folders.
const DEPTH_MAX: usize = 8;
/// Names that are made by `quorate learn` or by cargo, and are not answers.
const MADE: [&str; 7] = ["Cargo.toml", "Cargo.lock", "build.rs", "progress.json", "failures", "kept", "target"];
/// Folder that `quorate learn` makes by default; students hand it in as it is.
const LEARNING: &str = "learning";

/// Folder of a student.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Submission {
    /// Name of the folder.
    pub student: String,
    /// Its path.
    pub folder: PathBuf,
}

/// Submissions of a class.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Submissions {
    /// Submissions by student, in the order of their names.
    pub students: Vec<Submission>,
    /// Names of entries that are not folders, and so are not graded.
    pub others: Vec<String>,
}

/// Error: a submission cannot be read, or is too large.
#[derive(Debug)]
pub enum SubmissionError {
    /// A file or folder cannot be read or copied.
    Io {
        /// Its path.
        path: PathBuf,
        /// The reason.
        error: io::Error,
    },
    /// There are too many files, or they are too large.
    TooLarge {
        /// The student.
        student: String,
    },
    /// The private folder cannot be set up.
    Workspace(WorkspaceError),
}

impl std::fmt::Display for SubmissionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SubmissionError::Io { path, error } => write!(f, "{}: {error}", path.display()),
            SubmissionError::TooLarge { student } => write!(
                f,
                "the folder of {student} has more than {FILES_MAX} files, {} MB or {DEPTH_MAX} levels; remove what \
                 is not part of the answers",
                BYTES_MAX >> 20
            ),
            SubmissionError::Workspace(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SubmissionError {}

impl From<WorkspaceError> for SubmissionError {
    fn from(error: WorkspaceError) -> Self {
        SubmissionError::Workspace(error)
    }
}

impl Submissions {
    /// Lists the submissions in a folder. Hidden entries and links are not followed.
    ///
    /// # Errors
    /// [`SubmissionError::Io`], if the folder cannot be read.
    pub fn list(folder: &Path) -> Result<Self, SubmissionError> {
        let mut submissions = Submissions::default();
        for entry in entries(folder)? {
            let Some(student) = visible(&entry) else { continue };
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => {
                    submissions.students.push(Submission { student, folder: entry.path() });
                }
                _ => submissions.others.push(student),
            }
        }
        Ok(submissions)
    }
}

/// Answers of a student in a private folder, which is deleted on drop.
#[derive(Debug)]
pub struct Unpacked {
    folder: TempDir,
    /// The folder as the grader uses it.
    pub workspace: Workspace,
    /// Paths that were left behind, with the reason.
    pub left_behind: Vec<String>,
}

impl Unpacked {
    /// A folder in which nothing was handed in.
    ///
    /// # Errors
    /// [`SubmissionError`], if it cannot be made.
    pub fn empty() -> Result<Self, SubmissionError> {
        let folder = private_folder()?;
        let workspace = Workspace::set_up(folder.path())?;
        Ok(Unpacked { folder, workspace, left_behind: Vec::new() })
    }

    /// Path of the private folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Whether nothing was handed in for an exercise: its file is the skeleton.
    pub fn is_missing(&self, exercise: &Exercise) -> bool {
        fs::read(self.workspace.file(exercise)).is_ok_and(|text| text == exercise.skeleton.as_bytes())
    }
}

impl Submission {
    /// Copies the answers to a private folder.
    ///
    /// # Errors
    /// [`SubmissionError`], if a file cannot be read, or the submission is too large.
    pub fn unpack(&self) -> Result<Unpacked, SubmissionError> {
        let folder = private_folder()?;
        let inner = self.folder.join(LEARNING);
        let is_folder = fs::symlink_metadata(&inner).is_ok_and(|found| found.is_dir());
        let root = if is_folder { inner } else { self.folder.clone() };
        let mut copying = Copying { student: &self.student, bytes: 0, files: 0, left_behind: Vec::new() };
        copying.folder(&root, folder.path(), Path::new(""), 0)?;
        let left_behind = copying.left_behind;
        let workspace = Workspace::set_up(folder.path())?;
        Ok(Unpacked { folder, workspace, left_behind })
    }
}

/// Makes a folder that only the grader's user can read.
fn private_folder() -> Result<TempDir, SubmissionError> {
    let made = tempfile::Builder::new().prefix("submission-").tempdir();
    made.map_err(|error| SubmissionError::Io { path: std::env::temp_dir(), error })
}

/// Copying in progress.
struct Copying<'a> {
    student: &'a str,
    bytes: u64,
    files: usize,
    left_behind: Vec<String>,
}

impl Copying<'_> {
    fn too_large(&self) -> SubmissionError {
        SubmissionError::TooLarge { student: self.student.to_owned() }
    }

    /// Copies the files below a folder. `below` is its path in the submission.
    fn folder(&mut self, from: &Path, to: &Path, below: &Path, depth: usize) -> Result<(), SubmissionError> {
        if depth > DEPTH_MAX {
            return Err(self.too_large());
        }
        for entry in entries(from)? {
            let Some(name) = visible(&entry) else { continue };
            if depth == 0 && MADE.contains(&name.as_str()) {
                continue;
            }
            let (path, below) = (entry.path(), below.join(entry.file_name()));
            let unreadable = |error| SubmissionError::Io { path: path.clone(), error };
            // Of the entry itself, not of what a link points to.
            let found = entry.metadata().map_err(unreadable)?;
            self.files += 1;
            self.bytes = self.bytes.saturating_add(if found.is_file() { found.len() } else { 0 });
            if self.files > FILES_MAX || self.bytes > BYTES_MAX {
                return Err(self.too_large());
            }
            let copy = to.join(entry.file_name());
            if found.is_dir() {
                fs::create_dir(&copy).map_err(unreadable)?;
                self.folder(&path, &copy, &below, depth + 1)?;
            } else if found.is_file() {
                let text = fs::read(&path).map_err(unreadable)?;
                // With its content alone: a file without permissions would be in the way.
                fs::write(&copy, text).map_err(unreadable)?;
            } else {
                let what = if found.is_symlink() { "it is a link" } else { "it is not a regular file" };
                self.left_behind.push(format!("{}: {what}", below.display()));
            }
        }
        Ok(())
    }
}

/// Entries of a folder, by name.
fn entries(folder: &Path) -> Result<Vec<DirEntry>, SubmissionError> {
    let unreadable = |error| SubmissionError::Io { path: folder.to_path_buf(), error };
    let mut entries = fs::read_dir(folder).map_err(unreadable)?.collect::<io::Result<Vec<_>>>().map_err(unreadable)?;
    entries.sort_by_key(DirEntry::file_name);
    Ok(entries)
}

/// Name of an entry; `None` if it is hidden.
fn visible(entry: &DirEntry) -> Option<String> {
    let name = entry.file_name().to_string_lossy().into_owned();
    (!name.starts_with('.')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::find;

    fn class(files: &[(&str, &str)]) -> TempDir {
        let class = tempfile::tempdir().expect("there is room for a folder");
        for (file, text) in files {
            let path = class.path().join(file);
            fs::create_dir_all(path.parent().expect("it has a folder")).expect("the folder is writable");
            fs::write(path, text).expect("the folder is writable");
        }
        class
    }

    fn only(class: &TempDir) -> Submission {
        let submissions = Submissions::list(class.path()).expect("it is readable");
        submissions.students.into_iter().next().expect("there is one")
    }

    #[test]
    fn each_folder_is_a_student_and_other_files_are_named() {
        let class = class(&[("bob/a.rs", ""), ("ada/a.rs", ""), ("eve.zip", ""), (".git/config", "")]);
        let submissions = Submissions::list(class.path()).expect("it is readable");
        let students: Vec<_> = submissions.students.iter().map(|each| each.student.as_str()).collect();
        assert_eq!((students, submissions.others), (vec!["ada", "bob"], vec!["eve.zip".to_owned()]));
    }

    #[test]
    fn answers_and_their_modules_are_copied_and_nothing_that_sets_up_the_build() {
        let majority = find("majority").expect("the course has it");
        let class = class(&[
            ("ada/learning/majority.rs", "// mine\n"),
            ("ada/learning/parts/one.rs", "// one\n"),
            ("ada/learning/Cargo.toml", "[package]\nname = \"mine\"\n"),
            ("ada/learning/build.rs", "fn main() {}\n"),
            ("ada/learning/.cargo/config.toml", "[build]\n"),
            ("ada/learning/failures/majority.json", "{}"),
        ]);
        let unpacked = only(&class).unpack().expect("it can be copied");
        let text = |file: &str| fs::read_to_string(unpacked.path().join(file)).unwrap_or_default();
        assert_eq!((text("majority.rs"), text("parts/one.rs")), ("// mine\n".to_owned(), "// one\n".to_owned()));
        assert!(!text("Cargo.toml").contains("mine"), "{}", text("Cargo.toml"));
        let absent = ["build.rs", ".cargo", "failures/majority.json"].map(|file| unpacked.path().join(file).exists());
        assert_eq!(absent, [false; 3]);
        assert!(!unpacked.is_missing(majority));
        assert!(unpacked.is_missing(find("paxos-promise").expect("the course has it")));
    }

    #[test]
    fn a_submission_that_is_too_large_is_refused() {
        let class = class(&[("ada/a.rs", "")]);
        let large = fs::File::create(class.path().join("ada").join("b.bin")).expect("the folder is writable");
        large.set_len(BYTES_MAX + 1).expect("files can be sparse");
        let refused = only(&class).unpack().expect_err("it is too large").to_string();
        assert!(refused.starts_with("the folder of ada has more than"), "{refused}");
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_behind_and_are_named() {
        let class = class(&[("ada/a.rs", ""), ("bob/secret.rs", "// secret\n")]);
        let (ada, bob) = (class.path().join("ada"), class.path().join("bob"));
        std::os::unix::fs::symlink(bob.join("secret.rs"), ada.join("majority.rs")).expect("there are links");
        std::os::unix::fs::symlink(&bob, ada.join("others")).expect("there are links");
        let unpacked = only(&class).unpack().expect("it can be copied");
        assert_eq!(unpacked.left_behind, ["majority.rs: it is a link", "others: it is a link"]);
        assert!(unpacked.is_missing(find("majority").expect("the course has it")));
        assert!(!unpacked.path().join("others").exists());
    }
}
