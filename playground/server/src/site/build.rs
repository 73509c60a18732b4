//! Building the session as WebAssembly, by one of the compilers that a machine may have.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::say;

const TARGET: &str = "wasm32-unknown-unknown";

/// The workspace that this program was built from.
const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Debian's compiler, and its sources of the standard library (`rustc-web`, `rust-web-src`).
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// Help for those who have no such compiler.
const NEEDED: &str = "no compiler for WebAssembly was found; `rustup target add wasm32-unknown-unknown` installs \
                      what is needed (on Debian with rustup: `apt-get install rustc-web rust-web-src`), or --wasm \
                      DIR takes modules that were built elsewhere";

/// Builds a module: with the protocols that a page begins with, or with all.
///
/// # Errors
/// The sources are not there, there is no compiler for it, or it fails.
pub(super) fn module(has_all: bool) -> Result<Vec<u8>, String> {
    let workspace = Path::new(WORKSPACE);
    if !workspace.join("playground/wasm/Cargo.toml").is_file() {
        return Err(format!("the sources are no longer in {WORKSPACE}; run it there, or give --wasm DIR"));
    }
    let mut cargo = compiler().ok_or(NEEDED)?;
    cargo.current_dir(workspace).args(["build", "--locked", "--profile", "site", "--target", TARGET]);
    cargo.args(["--package", "quorate-playground-wasm", "--target-dir", "target/wasm"]);
    if !has_all {
        cargo.arg("--no-default-features");
    }
    let protocols = if has_all { "all protocols" } else { "the first protocols" };
    say(&format!("Building the session for browsers, {protocols}: some minutes, the first time."));
    let status = cargo.status().map_err(|error| format!("cannot run cargo: {error}"))?;
    if !status.success() {
        return Err(format!("the session was not built ({status}); what was run: {cargo:?}"));
    }
    let built = workspace.join("target/wasm").join(TARGET).join("site/quorate_playground_wasm.wasm");
    fs::read(&built).map_err(|error| format!("cannot read {}: {error}", built.display()))
}

/// Cargo with a compiler that knows the target: the one of the workspace, or Debian's, which builds
/// the standard library with it.
fn compiler() -> Option<Command> {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let mut cargo = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    if Path::new(&asked(&rustc, &["--print", "target-libdir", "--target", TARGET])?).is_dir() {
        return Some(cargo);
    }
    let library = Path::new(&asked(DEBIAN_RUSTC, &["--print", "sysroot"])?).join("lib/rustlib/src/rust/library");
    if !library.is_dir() {
        return None;
    }
    // Debian's compiler is a stable one, to which building the standard library is an experiment.
    cargo.env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=std,panic_abort");
    if let Some(linker) = linker(&rustc) {
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    }
    Some(cargo)
}

/// The linker that comes with rustup's compiler; Debian's has none for the target.
fn linker(rustc: &str) -> Option<PathBuf> {
    let libraries = asked(rustc, &["--print", "target-libdir"])?;
    let linker = Path::new(&libraries).parent()?.join("bin/rust-lld");
    linker.is_file().then_some(linker)
}

/// Output of a compiler, if it is there.
fn asked(rustc: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(rustc).args(arguments).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
