//! The mutated tree: a copy of the repository in which every mutant is compiled in, each behind its
//! number.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::edit::Woven;
use crate::find::{Mutated, find};
use crate::switch;

/// Files whose mutants are judged: decisions, quorums, what is durable, membership, snapshots.
pub const FILES: &[&str] = &[
    "paxos/src/rulebook.rs",
    "paxos/src/quorums.rs",
    "paxos/src/tally.rs",
    "paxos/src/phase_1.rs",
    "paxos/src/promise.rs",
    "paxos/src/config.rs",
    "paxos/src/basic/disk.rs",
    "paxos/src/multi/disk.rs",
    "raft/src/rulebook.rs",
    "raft/src/disk.rs",
    "raft/src/membership.rs",
    "raft/src/reconfiguration.rs",
    "raft/src/joint.rs",
    "raft/src/snapshot.rs",
    "raft/src/compaction.rs",
    "lease/src/rulebook.rs",
    "lease/src/terms.rs",
];

/// The packages whose tests judge.
const TEST_PACKAGES: &[&str] = &["quorate-paxos", "quorate-raft", "quorate-lease"];

/// The mutated tree on disk.
pub struct Tree {
    /// The repository.
    pub repository: PathBuf,
    /// The folder of the copy, of what is built of it, and of what is known of its mutants.
    pub folder: PathBuf,
}

/// A compiled set of tests.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Suite {
    pub program: PathBuf,
    /// The folder of its package, in which it runs.
    pub home: PathBuf,
    pub package: String,
}

type Fallible<T> = Result<T, Box<dyn Error>>;

impl Tree {
    /// Reads the files and finds their mutants.
    ///
    /// # Errors
    /// If a file cannot be read, or is not Rust.
    pub fn mutated(&self) -> Fallible<BTreeMap<&'static str, Mutated>> {
        let mut files = BTreeMap::new();
        let mut next = 1;
        for file in FILES {
            let source = fs::read_to_string(self.repository.join(file)).map_err(|error| format!("{file}: {error}"))?;
            let found = find(file, source, next).map_err(|error| format!("{file}: {error}"))?;
            next += found.mutants.len() as u32;
            files.insert(*file, found);
        }
        Ok(files)
    }

    /// Copies the repository. Returns a digest of all that was copied.
    ///
    /// # Errors
    /// If a file cannot be read or written.
    pub fn copy(&self) -> Fallible<String> {
        let listed = Command::new("git").current_dir(&self.repository).args(["ls-files", "-z"]).output()?;
        let mut digest = DefaultHasher::new();
        for name in String::from_utf8(listed.stdout)?.split('\0').filter(|name| !name.is_empty()) {
            // A file that was deleted and is not committed yet.
            let Ok(content) = fs::read(self.repository.join(name)) else { continue };
            // What is listed as equivalent changes no verdict.
            if !name.starts_with("docs/") {
                (name, &content).hash(&mut digest);
            }
            if !FILES.contains(&name) {
                let mut content = content;
                if name == "protocol/src/lib.rs" {
                    content.extend_from_slice(switch::MODULE.as_bytes());
                }
                write(&self.folder.join("tree").join(name), &content)?;
            }
        }
        Ok(format!("{:016x}", digest.finish()))
    }

    /// Compiles the tests with all mutants that the compiler accepts. Returns the tests, and the
    /// mutants that it does not accept.
    ///
    /// # Errors
    /// If the tests do not compile without any mutant, either.
    pub fn build(&self, files: &BTreeMap<&'static str, Mutated>) -> Fallible<(Vec<Suite>, BTreeSet<u32>)> {
        let mut dropped = BTreeSet::new();
        loop {
            let mut woven = BTreeMap::new();
            for (file, found) in files {
                let result = found.edits.weave(&found.source, |number| !dropped.contains(&number));
                write(&self.folder.join("tree").join(file), result.text.as_bytes())?;
                woven.insert(*file, result);
            }
            let said = self.compile()?;
            let errors: Vec<&Value> = said.iter().filter(|each| each["message"]["level"] == "error").collect();
            if errors.is_empty() {
                return Ok((said.iter().filter_map(suite).collect(), dropped));
            }
            let culprits: BTreeSet<u32> = errors.iter().flat_map(|error| culprits(error, &woven)).collect();
            if culprits.is_subset(&dropped) {
                let text = errors.iter().filter_map(|error| error["message"]["rendered"].as_str()).collect::<String>();
                return Err(format!("the tree does not compile, and no mutant is to blame:\n{text}").into());
            }
            dropped.extend(culprits);
        }
    }

    fn compile(&self) -> Fallible<Vec<Value>> {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(self.folder.join("tree")).args(["test", "--no-run", "--lib", "--tests", "--locked", "-j1"]);
        cargo.args(["--quiet", "--message-format", "json", "--profile", "dev"]);
        if std::env::var_os("CARGO_TARGET_DIR").is_none() {
            cargo.arg("--target-dir").arg(self.folder.join("build"));
        }
        TEST_PACKAGES.iter().for_each(|package| {
            cargo.args(["--package", package]);
        });
        let output = cargo.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
        let said: Vec<Value> =
            String::from_utf8(output.stdout)?.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let explained = said.iter().any(|each| each["message"]["level"] == "error");
        if output.status.success() || explained { Ok(said) } else { Err("cargo failed, see above".into()) }
    }
}

/// Writes a file unless it has this content already: cargo goes by the time of the last change.
fn write(path: &Path, content: &[u8]) -> Fallible<()> {
    if fs::read(path).is_ok_and(|before| before == content) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, content)?)
}

/// The mutants that an error of the compiler is about.
fn culprits(error: &Value, woven: &BTreeMap<&'static str, Woven>) -> Vec<u32> {
    let spans = error["message"]["spans"].as_array().into_iter().flatten();
    let places = spans.filter_map(|span| Some((span["file_name"].as_str()?, span["byte_start"].as_u64()?)));
    places.filter_map(|(file, at)| woven.get(file)?.mutant_at(usize::try_from(at).ok()?)).collect()
}

fn suite(artifact: &Value) -> Option<Suite> {
    let program = PathBuf::from(artifact["executable"].as_str()?);
    let home = Path::new(artifact["manifest_path"].as_str()?).parent()?.to_owned();
    let is_test = artifact["profile"]["test"].as_bool()?;
    let package = home.file_name()?.to_str()?.to_owned();
    is_test.then_some(Suite { program, home, package })
}
