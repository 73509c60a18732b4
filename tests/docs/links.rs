//! Tests of links between Markdown files: each leads to a file, and to a heading in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::{pages, read, root};

/// Lines outside blocks of code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// Targets of the links of a page.
fn targets(text: &str) -> Vec<String> {
    let mut targets = Vec::new();
    for line in prose(text) {
        for part in line.split("](").skip(1) {
            targets.push(part.split(')').next().unwrap_or_default().to_owned());
        }
    }
    targets
}

/// Anchors of a page's headings, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text).filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    headings
        .map(|heading| {
            let kept = heading
                .to_lowercase()
                .chars()
                .filter(|char| char.is_alphanumeric() || " -_".contains(*char))
                .collect::<String>();
            kept.replace(' ', "-")
        })
        .collect()
}

#[test]
fn every_link_between_pages_leads_to_a_file_and_a_heading() {
    let mut broken = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a page is text");
        for target in targets(&text).iter().filter(|target| !target.contains("://")) {
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if path.is_empty() { page.clone() } else { page.parent().unwrap_or(Path::new("")).join(path) };
            let is_there = file.exists();
            let has_heading =
                anchor.is_empty() || fs::read_to_string(&file).is_ok_and(|text| anchors(&text).contains(anchor));
            if !is_there || !has_heading {
                broken.push(format!("{}: {target}", page.strip_prefix(root()).unwrap_or(&page).display()));
            }
        }
    }
    assert!(broken.is_empty(), "these links lead nowhere:\n{}", broken.join("\n"));
}

/// Paths of the repository in code spans: with a slash, without blanks and without placeholders.
fn paths(text: &str) -> Vec<&str> {
    let is_path = |span: &&str| {
        span.contains('/')
            && span.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || "/._-".contains(char))
    };
    text.split('`').skip(1).step_by(2).filter(is_path).collect()
}

#[test]
fn the_lists_of_contributing_name_paths_that_exist() {
    let contributing = read("CONTRIBUTING.md");
    let paths = paths(&contributing);
    assert!(paths.len() > 25, "{paths:?}");
    let missing: Vec<_> = paths.into_iter().filter(|path| !root().join(path).exists()).collect();
    assert!(missing.is_empty(), "CONTRIBUTING.md names paths that are gone: {missing:?}");
}
