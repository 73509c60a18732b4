//! `quorate new-protocol`: a crate with a protocol to change, its tests and its scenario.
//!
//! The files are those of `examples/own_protocol`, which the project builds and tests.

use std::fmt::{self, Display};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use super::output::Output;

/// A file of the example, by its path in the crate.
macro_rules! files {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../examples/own_protocol/", $path)))),+]
    };
}

const FILES: &[(&str, &str)] = files![
    "scenarios/in-doubt",
    "src/invariant.rs",
    "src/lib.rs",
    "src/machine.rs",
    "src/main.rs",
    "src/message.rs",
    "src/rules.rs",
    "src/script.rs",
    "src/tests.rs",
];

/// The name of the library in the example, and the lines by which it is a module of the program.
const LIBRARY: &str = "own_protocol";
const AS_MODULE: &str = "#[path = \"lib.rs\"]
#[allow(dead_code, unused_imports, reason = \"as a crate of its own this is its library\")]
mod own_protocol;

";

/// Longest name that crates.io accepts.
const NAME_MAX: usize = 64;

/// Rust's keywords.
const KEYWORDS: &str = "abstract as async await become box break const continue crate do dyn else enum extern false \
                        final fn for gen if impl in let loop macro match mod move mut override priv pub ref return \
                        self static struct super trait true try type typeof unsafe unsized use virtual where while yield";
/// Crates that the code uses, and folders of Cargo.
const TAKEN: &str = "alloc build core deps examples incremental proc_macro quorate serde std test";

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Name of the crate, such as chain-replication
    name: String,
    /// Folder to create for the crate; by default one of its name, here
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

/// Reason why no crate is created.
#[derive(Debug)]
enum NewProtocolError {
    /// The name does not begin with a letter.
    Start(String),
    /// The name contains a character other than letters, digits, '-' and '_'.
    Character(String, char),
    /// The name is too long.
    Length(String),
    /// The name is a word of the language, or of a crate that the code uses.
    Taken(String, &'static str),
    /// The folder exists.
    Exists(PathBuf),
    /// A file or folder cannot be written.
    Write(PathBuf, io::Error),
}

impl Display for NewProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const USE: &str = "use letters, digits, '-' and '_', such as chain-replication";
        match self {
            NewProtocolError::Start(name) => {
                write!(f, "'{}' is not a crate's name: it must begin with a letter from a to z", name.escape_debug())
            }
            NewProtocolError::Character(name, sign) => {
                let (name, sign) = (name.escape_debug(), sign.escape_debug());
                write!(f, "'{name}' is not a crate's name because of '{sign}': {USE}")
            }
            NewProtocolError::Length(name) => {
                let length = name.len();
                write!(f, "a crate's name of {length} characters is too long: use at most {NAME_MAX}")
            }
            NewProtocolError::Taken(name, what) => {
                write!(f, "'{name}' cannot be the name of a crate: it is {what}; choose another name")
            }
            NewProtocolError::Exists(folder) => {
                let folder = folder.display();
                write!(
                    f,
                    "{folder} exists: nothing was written; choose another name, or a new folder with --dir FOLDER"
                )
            }
            NewProtocolError::Write(path, error) => write!(f, "{} cannot be written: {error}", path.display()),
        }
    }
}

impl std::error::Error for NewProtocolError {}

impl From<NewProtocolError> for Failure {
    fn from(error: NewProtocolError) -> Self {
        Failure::unusable(error)
    }
}

pub(crate) fn new_protocol(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let name = &arguments.name;
    check_name(name)?;
    let folder = arguments.dir.clone().unwrap_or_else(|| PathBuf::from(name));
    create(&folder, name, Path::new(env!("CARGO_MANIFEST_DIR")))?;
    output.line(format_args!(
        "Created a crate in {}: two-phase commit, to be changed into your protocol.",
        folder.display()
    ))?;
    output.line("")?;
    for (command, says) in [
        (format!("cd {}", folder.display()), ""),
        ("cargo run".to_owned(), "draws a run, with the rule behind every step"),
        ("cargo run -- --html run.html".to_owned(), "saves it as an interactive page as well"),
        ("cargo test".to_owned(), "makes random runs, and searches every schedule"),
    ] {
        output.line(format_args!("  {command:30}{says}").to_string().trim_end())?;
    }
    output.line("")?;
    output.line("Start with src/lib.rs, which lists the purpose of each file.")
}

fn check_name(name: &str) -> Result<(), NewProtocolError> {
    let listed = |list: &str| list.split_whitespace().any(|word| word == name.replace('-', "_"));
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Err(NewProtocolError::Start(name.to_owned()));
    }
    if let Some(sign) = name.chars().find(|sign| !(sign.is_ascii_alphanumeric() || "-_".contains(*sign))) {
        return Err(NewProtocolError::Character(name.to_owned(), sign));
    }
    if name.len() > NAME_MAX {
        return Err(NewProtocolError::Length(name.to_owned()));
    }
    if listed(KEYWORDS) {
        return Err(NewProtocolError::Taken(name.to_owned(), "a keyword of Rust"));
    }
    if listed(TAKEN) {
        return Err(NewProtocolError::Taken(name.to_owned(), "taken by a crate that the code uses, or by Cargo"));
    }
    Ok(())
}

/// Writes the crate. `project` is the folder of the package that this program was built from.
fn create(folder: &Path, name: &str, project: &Path) -> Result<(), NewProtocolError> {
    let error = |path: &Path| {
        let path = path.to_owned();
        move |error: io::Error| NewProtocolError::Write(path, error)
    };
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(error(parent))?;
    }
    match fs::create_dir(folder) {
        Err(exists) if exists.kind() == io::ErrorKind::AlreadyExists => {
            return Err(NewProtocolError::Exists(folder.to_owned()));
        }
        created => created.map_err(error(folder))?,
    }
    let write = |file: &str, text: &str| {
        let path = folder.join(file);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(error(parent))?;
        fs::write(&path, text).map_err(error(&path))
    };
    for (file, text) in FILES {
        write(file, &adapted(text, name))?;
    }
    write("Cargo.toml", &manifest(name, &dependency(project)))?;
    write(".gitignore", "/target\n")?;
    if let Ok(lock) = fs::read_to_string(project.join("Cargo.lock")) {
        // The versions that the project was tested with; Cargo drops what the crate does not need.
        write("Cargo.lock", &lock)?;
    }
    Ok(())
}

/// The text of a file in the crate: there the library is a crate, not a module of the program.
fn adapted(text: &str, name: &str) -> String {
    text.replace(AS_MODULE, "").replace(LIBRARY, &name.replace('-', "_"))
}

/// The dependency on Quorate: the checkout that this program was built from, if it is still there,
/// otherwise the published version. A published package lacks the other crates of the workspace.
fn dependency(project: &Path) -> String {
    let version = env!("CARGO_PKG_VERSION");
    if project.join("protocol").join("Cargo.toml").exists() {
        format!("path = {:?}", project.display().to_string())
    } else {
        format!("version = {version:?}")
    }
}

fn manifest(name: &str, dependency: &str) -> String {
    format!(
        r#"[package]
name = "{name}"
version = "0.1.0"
edition = "2024"
publish = false

# A workspace by itself, wherever the folder is. Remove this to make it a member of another.
[workspace]

[dependencies]
quorate = {{ {dependency}, default-features = false, features = ["check", "html", "script"] }}
serde = {{ version = "1", features = ["derive"] }}

# Searches and random runs are part of `cargo test`: unoptimised they would take minutes.
[profile.dev]
opt-level = 1
debug = "line-tables-only"

[profile.dev.package."*"]
opt-level = 0
debug = false
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_no_crates_name_is_refused_with_the_reason() {
        for (name, says) in [
            ("", "begin with a letter"),
            ("2pc", "begin with a letter"),
            ("-raft", "begin with a letter"),
            ("my protocol", "because of ' '"),
            ("up/../down", "because of '/'"),
            ("protokoll\u{e9}", "because of 'é'"),
            ("match", "a keyword"),
            ("quorate", "taken"),
            ("proc-macro", "taken"),
            (&"a".repeat(65), "65 characters"),
        ] {
            let error = check_name(name).expect_err(name).to_string();
            assert!(error.contains(says), "{error}");
        }
        for name in ["viewstamped", "chain-replication", "Chain_2", "a"] {
            check_name(name).expect(name);
        }
    }

    #[test]
    fn the_library_of_the_example_is_a_crate_in_the_copy() {
        let main = FILES.iter().find(|(path, _)| *path == "src/main.rs").expect("there is a program").1;
        assert!(main.contains(AS_MODULE), "the module is declared as this file expects");
        let copied = adapted(main, "chain-replication");
        assert!(!copied.contains("own_protocol") && copied.contains("use chain_replication::"), "{copied}");
    }

    #[test]
    fn without_a_checkout_the_published_version_is_the_dependency() {
        let project = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(dependency(project).starts_with("path = "));
        assert_eq!(dependency(&project.join("no-such-folder")), format!("version = {:?}", env!("CARGO_PKG_VERSION")));
    }
}
