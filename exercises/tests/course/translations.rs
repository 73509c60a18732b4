//! The Chinese pages and hints follow the English ones: nothing is missing, and nothing is older.
//!
//! `translations.txt` has the fingerprint of each English text at the time of its translation.
//! Where one has changed since, the Chinese text is to be looked at; `UPDATE_TRANSLATIONS=1 cargo
//! test -p quorate-exercises --test course translations` then records that it was.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use quorate_exercises::course::{COURSE, Exercise, Language};

/// English and Chinese text of an exercise, with its name.
fn texts() -> impl Iterator<Item = (String, String, String)> {
    let read = |exercise: &'static Exercise, name: &str, language: &str| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("course");
        let path = root.join(exercise.folder).join(format!("{name}{language}.md"));
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    COURSE.iter().flat_map(move |exercise| {
        ["page", "hints"]
            .map(|name| (format!("{} {name}", exercise.id), read(exercise, name, ""), read(exercise, name, ".zh")))
    })
}

/// FNV-1a, 64 bits: a change is to be noticed, not an attack.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Number of headings, rows of tables, and fences.
fn shape(text: &str) -> [usize; 3] {
    ["#", "|", "```"].map(|sign| text.lines().filter(|line| line.starts_with(sign)).count())
}

/// Identifiers in code spans.
fn identifiers(text: &str) -> BTreeSet<&str> {
    let spans = text.split('`').skip(1).step_by(2);
    spans
        .filter(|span| !span.is_empty() && span.chars().all(|char| char.is_ascii_alphanumeric() || "_:".contains(char)))
        .collect()
}

#[test]
fn every_translation_has_the_shape_of_its_original() {
    let mut amiss = String::new();
    for (name, english, chinese) in texts() {
        if shape(&english) != shape(&chinese) {
            let _ = writeln!(
                amiss,
                "{name}: headings, table rows, fences {:?}, not {:?}",
                shape(&chinese),
                shape(&english)
            );
        }
        let missing: Vec<&str> = identifiers(&english).difference(&identifiers(&chinese)).copied().collect();
        if !missing.is_empty() {
            let _ = writeln!(amiss, "{name}: {} are not named", missing.join(", "));
        }
        let wide = chinese.chars().filter(|char| ('\u{4e00}'..='\u{9fff}').contains(char)).count();
        if wide * 12 < english.len() {
            let _ = writeln!(amiss, "{name}: {wide} Chinese characters for {} of English", english.len());
        }
    }
    assert!(amiss.is_empty(), "{amiss}");
}

#[test]
fn every_hint_answers_the_same_broken_invariants() {
    for exercise in COURSE {
        let known = |language| -> Vec<&'static str> { exercise.hints(language).known().collect() };
        assert_eq!(known(Language::English), known(Language::Chinese), "{}", exercise.id);
        let levels = |language| exercise.hints(language).levels.len();
        assert_eq!(levels(Language::English), levels(Language::Chinese), "{}", exercise.id);
    }
}

#[test]
fn no_translation_is_older_than_its_original() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("course/translations.txt");
    let now: String = texts().map(|(name, english, _)| format!("{name} {:016x}\n", fingerprint(&english))).collect();
    if std::env::var_os("UPDATE_TRANSLATIONS").is_some() {
        return fs::write(path, now).expect("the list can be written");
    }
    let recorded = fs::read_to_string(path).expect("the list is readable");
    let recorded: BTreeSet<&str> = recorded.lines().collect();
    let stale: Vec<&str> = now.lines().filter(|line| !recorded.contains(line)).collect();
    assert!(
        stale.is_empty(),
        "look at the Chinese of these, and record it (UPDATE_TRANSLATIONS=1):\n{}",
        stale.join("\n")
    );
}
