//! Module boundaries of this crate: each module uses those below it, and none beside it.
#![allow(clippy::disallowed_methods, reason = "it reads the sources")]

use std::fs;
use std::path::{Path, PathBuf};

/// The modules by layer, lowest first, as in the documentation of the crate.
const LAYERS: [&[&str]; 5] =
    [&["env"], &["trace"], &["sim", "check", "live", "linearizability"], &["consistency"], &["script"]];

#[test]
fn a_module_uses_only_what_lies_below_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (layer, modules) in LAYERS.iter().enumerate() {
        let above = LAYERS[layer..].concat();
        for module in *modules {
            let mut files = Vec::new();
            list(&source.join(module), &mut files);
            assert!(files.len() > 1, "there is no source of {module}");
            for file in files {
                let code = fs::read_to_string(&file).expect("a source file is text");
                let depth = depth(file.strip_prefix(&source).expect("it lies below the source"));
                let barred = |named: &&str| *named != *module && above.contains(named);
                let named = from_the_root(&code, depth);
                let barred: Vec<&str> = named.iter().map(String::as_str).filter(barred).collect();
                assert!(barred.is_empty(), "{} names {barred:?}", file.display());
            }
        }
    }
}

#[test]
fn whatever_leads_to_another_module_is_noticed() {
    let named = |code: &str| from_the_root(code, 2);
    assert_eq!(named("use crate::sim::World;"), ["sim"]);
    assert_eq!(
        named("use crate::{\n    env::{Dice, Fault},\n    live, r#check as other,\n};"),
        ["env", "live", "check"]
    );
    assert_eq!(named("let dice = crate::env::Dice::new(1, 0); crate::live::f()"), ["env", "live"]);
    assert_eq!(named("use super::super::check::Path; use super::super::super::{sim};"), ["check", "sim"]);
    assert_eq!(
        named("use super::check; // from crate::live\n/// Like [this](crate::sim).\nuse simcrate::live;"),
        [""; 0]
    );
    assert_eq!(
        [depth(Path::new("sim/mod.rs")), depth(Path::new("sim/a/mod.rs")), depth(Path::new("sim/a/b.rs"))],
        [1, 2, 3]
    );
}

/// Lists every Rust file below a folder.
fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a module is a folder") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            list(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Returns the depth of a file's module below the root of the crate.
fn depth(file: &Path) -> usize {
    let inner = file.file_stem().is_some_and(|stem| stem != "mod");
    file.components().count() - 1 + usize::from(inner)
}

/// Returns the root modules that code names by a path: after `crate::`, or after enough `super::`.
fn from_the_root(code: &str, depth: usize) -> Vec<String> {
    let code: String =
        code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let mut named = Vec::new();
    let mut rest = code.as_str();
    while let Some(at) = ["crate::", "super::"].iter().filter_map(|root| rest.find(root)).min() {
        let is_inside_a_word = rest[..at].ends_with(|sign: char| sign.is_alphanumeric() || sign == '_');
        let mut path = &rest[at..];
        let mut supers = 0;
        while let Some(behind) = path.strip_prefix("super::") {
            (path, supers) = (behind, supers + 1);
        }
        let is_from_root = path.starts_with("crate::") || supers >= depth;
        path = path.strip_prefix("crate::").unwrap_or(path);
        if is_from_root && !is_inside_a_word {
            named.extend(heads(path));
        }
        rest = path;
    }
    named
}

/// Returns the first name of a path, or of each path of a list in braces.
fn heads(path: &str) -> Vec<String> {
    let name = |path: &str| -> String {
        let path = path.trim_start().trim_start_matches("r#");
        path.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect()
    };
    let Some(list) = path.strip_prefix('{') else { return vec![name(path)] };
    let (mut depth, mut items) = (0_usize, vec![String::new()]);
    for sign in list.chars() {
        match sign {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => items.push(String::new()),
            _ => {}
        }
        items.last_mut().expect("there is one").push(sign);
    }
    let heads = items.iter().map(|item| name(item.trim_start_matches(',')));
    heads.filter(|head| !head.is_empty()).collect()
}
