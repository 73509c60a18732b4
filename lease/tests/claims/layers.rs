//! Layering: modules shared by several kinds of leases import none of them, and none of the kinds
//! imports another.

use std::fs;
use std::path::{Path, PathBuf};

const MACHINES: [&str; 5] = ["cache", "majority", "replicated", "single", "store"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found = Vec::new();
    for path in entries {
        if path.is_dir() { found.extend(sources(&path)) } else { found.push(path) }
    }
    found
}

/// The machines from which a file imports something, outside its tests.
fn imports(text: &str) -> Vec<&'static str> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let all = MACHINES.into_iter();
    all.filter(|machine| code.lines().any(|line| line.starts_with(&format!("use crate::{machine}::")))).collect()
}

#[test]
fn the_ground_imports_no_machine_and_no_machine_another() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    for path in sources(&src) {
        let place = path.strip_prefix(&src).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        if place == Path::new("rulebook.rs") {
            // The shared rulebook returns the rules of each machine, and depends on nothing else of
            // it.
            assert_eq!(imports(&text), MACHINES);
            let of_machines = text.lines().filter(|line| !imports(line).is_empty());
            assert!(of_machines.into_iter().all(|line| line.contains("::rules::")));
        } else if place != Path::new("lib.rs") {
            assert_eq!(imports(&text), [""; 0], "{}", place.display());
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen} files were read");
}
