//! Copies of the scenarios without their outputs, for a build as WebAssembly.

use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_ARCH").as_deref() != Ok("wasm32") {
        return;
    }
    println!("cargo::rerun-if-changed=lib.rs");
    let out = env::var("OUT_DIR").expect("cargo names the folder of a build script");
    let list = fs::read_to_string("lib.rs").expect("the list of scenarios is readable");
    for path in list.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix('"')) {
        println!("cargo::rerun-if-changed={path}");
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let copy = Path::new(&out).join(path);
        let folder = copy.parent().expect("a scenario is in a folder");
        fs::create_dir_all(folder).and_then(|()| fs::write(&copy, authored(&text))).expect("the copy can be written");
    }
}

/// A scenario without its outputs: the lines from one that is `---` to the next empty one.
fn authored(text: &str) -> String {
    let mut is_output = false;
    let mut authored = String::new();
    for line in text.lines() {
        is_output = !line.is_empty() && (is_output || line == "---");
        if !is_output || line == "---" {
            authored.push_str(line);
            authored.push('\n');
        }
    }
    authored
}
