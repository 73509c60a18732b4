//! `quorate new-protocol`: the crate that it makes builds, runs, draws and passes its tests.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

fn quorate(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("quorate").expect("the binary is built");
    command.current_dir(folder).arg("new-protocol");
    command
}

/// Cargo in the crate, without the network, with the artifacts of this build.
fn cargo(krate: &Path) -> Command {
    let binary = assert_cmd::cargo::cargo_bin("quorate");
    let target = binary.parent().and_then(Path::parent).expect("the binary is in a folder of the target folder");
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(krate).env("CARGO_TARGET_DIR", target).env("CARGO_NET_OFFLINE", "true");
    // The settings of the outer Cargo are not those of this crate.
    for variable in ["CARGO_MANIFEST_DIR", "CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS", "RUST_BACKTRACE"] {
        command.env_remove(variable);
    }
    command
}

#[test]
fn the_crate_builds_runs_draws_and_passes_its_tests() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    quorate(folder.path())
        .arg("chain-of-command")
        .assert()
        .success()
        .stdout(contains("cd chain-of-command").and(contains("cargo test")));
    let krate = folder.path().join("chain-of-command");
    cargo(&krate)
        .args(["run", "--quiet", "--", "--html", "run.html"])
        .assert()
        .success()
        .stdout(contains("boss").and(contains("because VoteYes")).and(contains("Gray 1978, phase 1")));
    let page = fs::read_to_string(krate.join("run.html")).expect("the page is written");
    assert!(page.contains("PresumeAbort"), "the page shows the run");
    cargo(&krate)
        .args(["run", "--quiet", "--", "--svg"])
        .assert()
        .code(2)
        .stderr(contains("'--svg' is not understood"));
    cargo(&krate).args(["test", "--quiet"]).assert().success().stdout(contains("5 passed"));
}

#[test]
fn a_folder_that_exists_is_left_alone() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let taken: PathBuf = folder.path().join("taken");
    fs::create_dir(&taken).expect("the folder is writable");
    quorate(folder.path()).arg("taken").assert().code(2).stderr(contains("taken exists").and(contains("--dir FOLDER")));
    quorate(folder.path()).args(["mine", "--dir", "taken"]).assert().code(2).stderr(contains("taken exists"));
    assert_eq!(fs::read_dir(&taken).expect("it is there").count(), 0);
    quorate(folder.path()).args(["taken", "--dir", "deep/down"]).assert().success();
    let manifest = fs::read_to_string(folder.path().join("deep/down/Cargo.toml")).expect("the crate is there");
    assert!(manifest.contains("name = \"taken\""), "{manifest}");
}

#[test]
fn a_name_that_is_no_crates_name_is_refused() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    for (name, says) in [("my protocol", "because of ' '"), ("fn", "a keyword of Rust"), ("", "begin with a letter")] {
        quorate(folder.path()).arg(name).assert().code(2).stderr(contains(says));
    }
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 0);
}
