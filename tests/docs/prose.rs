//! Style of the prose: comments of Rust code, pages, and the introductions of scenarios.
//!
//! Sentences name their subject: "What a follower does …" and "So many nodes" force a reader to the
//! end of the sentence before they know its subject, so only questions begin like that.
//! Words of our own for things with a standard name do not come back, and comments stay within 100
//! columns.

use std::fs;
use std::path::{Path, PathBuf};

use super::root;

/// Beginnings that no sentence has, unless it is a question.
const BEGINNINGS: &[&str] =
    &["What", "What's", "Who", "Whoever", "Whose", "Whom", "So many", "So much", "How many", "How much"];

/// Words of our own that were replaced by standard ones (`docs/RENAMED.md`).
const REPLACED: &[&str] =
    &["befall", "befalls", "befell", "hearsay", "mishap", "mishaps", "storm", "storms", "weather", "whoever"];

/// Maximum width of a comment.
const COLUMNS_MAX: usize = 100;

/// Pages about earlier states of the project, whose words are those of that time.
const HISTORY: &[&str] = &["CHANGELOG.md", "docs/RENAMED.md"];

/// A paragraph of prose, without the marks of its language.
struct Paragraph {
    /// Line on which it begins, from 1.
    line: usize,
    text: String,
}

/// Paragraphs of consecutive lines that have the prefix. Code blocks, tables and headings are left
/// out; every item of a list is a paragraph.
fn paragraphs<'a>(text: &'a str, prose: impl Fn(&'a str) -> Option<&'a str>) -> Vec<Paragraph> {
    let (mut found, mut code, mut open): (Vec<Paragraph>, bool, bool) = (Vec::new(), false, false);
    for (number, line) in text.lines().enumerate() {
        let Some(line_text) = prose(line) else {
            (code, open) = (false, false);
            continue;
        };
        let trimmed = line_text.trim();
        if trimmed.starts_with("```") {
            (code, open) = (!code, false);
            continue;
        }
        if code || trimmed.is_empty() || trimmed.starts_with(['|', '#', '<']) || line_text.starts_with("    ") {
            open = false;
            continue;
        }
        let item = trimmed.strip_prefix("- ").or_else(|| trimmed.strip_prefix("* "));
        match found.last_mut() {
            Some(last) if open && item.is_none() => {
                last.text.push(' ');
                last.text.push_str(trimmed);
            }
            _ => found.push(Paragraph { line: number + 1, text: item.unwrap_or(trimmed).to_owned() }),
        }
        open = true;
    }
    found
}

/// Content of a comment line of Rust; `None` if the line is code.
fn rust_comment(line: &str) -> Option<&str> {
    let text = line.trim_start().strip_prefix("//")?;
    let text = text.strip_prefix(['!', '/']).unwrap_or(text);
    Some(text.strip_prefix(' ').unwrap_or(text))
}

/// Sentences of a paragraph, without quoted code: a dot in it ends nothing.
fn sentences(text: &str) -> Vec<String> {
    let plain: String =
        text.split('`').enumerate().map(|(index, part)| if index % 2 == 0 { part } else { "CODE" }).collect();
    let mut sentences = vec![String::new()];
    for word in plain.split_whitespace() {
        let sentence = sentences.last_mut().expect("there is always one");
        if !sentence.is_empty() {
            sentence.push(' ');
        }
        sentence.push_str(word);
        if word.trim_end_matches(['"', ')', '*']).ends_with(['.', '!', '?']) {
            sentences.push(String::new());
        }
    }
    sentences
}

/// The forbidden beginning of a sentence, if it has one.
fn bad_beginning(sentence: &str) -> Option<&'static str> {
    let sentence = sentence.trim_start_matches(['"', '(', '*', '_']);
    let is_question = sentence.trim_end_matches(['"', ')', '*']).ends_with('?');
    let begins = |beginning: &&&str| {
        sentence.strip_prefix(**beginning).is_some_and(|rest| rest.starts_with(|next: char| !next.is_alphanumeric()))
    };
    BEGINNINGS.iter().find(begins).copied().filter(|_| !is_question)
}

/// Every violation in a paragraph.
fn faults(paragraph: &Paragraph) -> Vec<String> {
    let bad = sentences(&paragraph.text).into_iter().filter(|sentence| bad_beginning(sentence).is_some());
    let words = REPLACED.iter().filter(|word| {
        let text = format!(" {} ", paragraph.text.replace(|sign: char| !sign.is_alphanumeric(), " "));
        text.contains(&format!(" {word} "))
    });
    bad.chain(words.map(|word| format!("the word '{word}'"))).collect()
}

/// Files with that ending, or scenarios if it is empty, by their paths in the repository.
fn files(folder: &Path, ending: &str, found: &mut Vec<String>) {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder can be listed").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let inside = path.strip_prefix(root()).expect("it is in the repository").to_string_lossy().replace('\\', "/");
        if path.is_dir() {
            if !name.starts_with('.') && !["target", "learning", "node_modules"].contains(&name.as_str()) {
                files(&path, ending, found);
            }
        } else if path.extension().unwrap_or_default() == ending && !HISTORY.contains(&inside.as_str()) {
            found.push(inside);
        }
    }
}

fn listed(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    files(&root().join(folder), ending, &mut found);
    assert!(!found.is_empty(), "there are no files .{ending} in {folder}");
    found
}

fn check(path: &str, paragraphs: &[Paragraph], complaints: &mut Vec<String>) {
    for paragraph in paragraphs {
        complaints.extend(faults(paragraph).into_iter().map(|fault| format!("{path}:{}: {fault}", paragraph.line)));
    }
}

/// Sentences of comments, pages and scenarios begin with their subject.
#[test]
fn no_sentence_begins_with_a_relative_clause() {
    let mut complaints = Vec::new();
    for path in listed("", "rs") {
        check(&path, &paragraphs(&super::read(&path), rust_comment), &mut complaints);
    }
    for path in listed("", "md") {
        check(&path, &paragraphs(&super::read(&path), Some), &mut complaints);
    }
    for path in listed("scenarios", "") {
        let scenario = |line: &'static str| line.strip_prefix("# ");
        let text: &'static str = super::read(&path).leak();
        check(&path, &paragraphs(text, scenario), &mut complaints);
    }
    assert!(complaints.is_empty(), "begin these with their subject:\n{}", complaints.join("\n"));
}

/// Comments stay within 100 columns, except tables, code and addresses.
#[test]
fn comments_are_within_100_columns() {
    let mut long = Vec::new();
    for path in listed("", "rs") {
        let mut code = false;
        for (number, line) in super::read(&path).lines().enumerate() {
            let Some(text) = rust_comment(line) else {
                code = false;
                continue;
            };
            code ^= text.trim().starts_with("```");
            let exempt = code || text.starts_with('|') || text.contains("://") || text.contains("](");
            if !exempt && line.chars().count() > COLUMNS_MAX {
                long.push(format!("{path}:{}", number + 1));
            }
        }
    }
    assert!(long.is_empty(), "wrap these comments at {COLUMNS_MAX} columns:\n{}", long.join("\n"));
}

/// The rules notice what they forbid, and nothing else.
#[test]
fn the_rules_notice_what_they_forbid() {
    let count = |text: &str| faults(&Paragraph { line: 1, text: text.to_owned() }).len();
    for bad in ["What a node does.", "A node. Who asks first wins.", "(So many nodes.)", "A storm of messages."] {
        assert_eq!(count(bad), 1, "{bad}");
    }
    for good in ["What is a ballot?", "Whole states.", "Call `f. What` now.", "It shows what a node does."] {
        assert_eq!(count(good), 0, "{good}");
    }
    let text = "/// One.\n/// two\n///\n/// - three\n/// ```\n/// What code.\n/// ```\ncode\n// four";
    let found: Vec<(usize, String)> =
        paragraphs(text, rust_comment).into_iter().map(|paragraph| (paragraph.line, paragraph.text)).collect();
    let expected = [(1, "One. two"), (4, "three"), (9, "four")];
    assert_eq!(found, expected.map(|(line, text)| (line, text.to_owned())));
}
