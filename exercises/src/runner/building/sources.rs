//! Source files of an answer, as the compiler lists them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Environment variables set by cargo itself; all others come from the grader's environment.
const HARMLESS: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_NAME", "CARGO_CRATE_NAME"];

/// Returns why an answer that was built from these files is rejected, as a phrase to follow the
/// file's name.
///
/// An answer could include the text of the reference rulebooks, or read the grader's environment.
pub(super) fn refused(listed: &str, root: &Path) -> io::Result<Option<String>> {
    if let Some(variable) = variables(listed).find(|name| !HARMLESS.iter().any(|prefix| name.starts_with(prefix))) {
        return Ok(Some(format!("reads the environment variable {variable}; an answer may use only its own files")));
    }
    let root = fs::canonicalize(root)?;
    for file in files(listed) {
        let path = root.join(&file);
        // A file that no longer exists was there a moment ago; only its name tells where it was.
        let real = fs::canonicalize(&path).unwrap_or(path);
        if !real.starts_with(&root) {
            let file = file.display();
            return Ok(Some(format!(
                "reads {file}, which is not in your folder; an answer may use only files of its folder"
            )));
        }
    }
    Ok(None)
}

/// Files of such a list: `target: file file`, where a space within a name is escaped with a
/// backslash.
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

/// Environment variables that were read: `# env-dep:NAME=value`, or without a value if there is
/// none.
fn variables(listed: &str) -> impl Iterator<Item = &str> {
    let asked = listed.lines().filter_map(|line| line.strip_prefix("# env-dep:"));
    asked.map(|variable| variable.split_once('=').map_or(variable, |(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_list_are_read_with_spaces_in_their_names() {
        let listed = "/t/a: a.rs my\\ disk.rs ../b.rs\n\na.rs:\nmy\\ disk.rs:\n# env-dep:HOME\n/t/a.d: a.rs\n";
        assert_eq!(files(listed), ["../b.rs", "a.rs", "my disk.rs"].map(PathBuf::from));
    }

    #[test]
    fn an_answer_is_made_of_its_folder_and_of_no_variables() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        fs::write(folder.path().join("a.rs"), "").expect("the folder is writable");
        let why = |listed: &str| refused(listed, folder.path()).expect("the folder is there");
        assert_eq!(why("/t/a: a.rs\n# env-dep:CARGO_PKG_NAME=learning\n"), None);
        assert!(why("/t/a: a.rs ../../etc/passwd\n").is_some_and(|why| why.contains("which is not in your folder")));
        for line in ["# env-dep:HOME=/home/ada", "# env-dep:CARGO_REGISTRY_TOKEN"] {
            assert!(why(&format!("/t/a: a.rs\n{line}\n")).is_some_and(|why| why.contains("environment")), "{line}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_folder_is_followed() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("a.rs")).expect("there are links");
        assert!(refused("/t/a: a.rs\n", folder.path()).expect("the folder is there").is_some());
    }
}
