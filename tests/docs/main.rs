//! Tests of the documentation: its links lead somewhere, its lists are those of the code, its
//! examples run.
//!
//! `UPDATE_GOLDENFILES=1 cargo test --test docs` writes the lists anew.

mod architecture;
mod examples;
mod gate;
mod liars;
mod links;
mod options;
mod prose;
mod rows;
mod scenarios;
mod snippets;
mod states;
mod trace;

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether pages are to be written anew instead of compared.
fn is_update() -> bool {
    std::env::var_os("UPDATE_GOLDENFILES").is_some_and(|value| value == "1")
}

/// A file of the repository.
fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A page with the text between its marks `<!-- begin NAME -->` and `<!-- end NAME -->` replaced.
fn between(page: &str, name: &str, text: &str) -> String {
    let (begin, end) = (format!("<!-- begin {name} -->"), format!("<!-- end {name} -->"));
    let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("there is no {begin}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("there is no {end}"));
    format!("{before}{begin}\n\n{}\n\n{end}{after}", text.trim_end())
}

/// Every Markdown file of the repository.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    find(root(), &mut pages);
    pages.sort();
    pages
}

fn find(folder: &Path, pages: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder can be listed") {
        let path = entry.expect("an entry can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" && name != "learning" {
                find(&path, pages);
            }
        } else if name.ends_with(".md") {
            pages.push(path);
        }
    }
}
