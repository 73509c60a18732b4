//! Record of measurements, one line for each item, and its comparison with the stored baseline.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

/// Extent and purpose of a measurement, set by the environment variable `BASELINE`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Compares a sample that takes a few seconds.
    Sample,
    /// Compares everything: `full`.
    Full,
    /// Records everything: `write`.
    Write,
}

impl Mode {
    /// Returns the requested mode.
    pub fn wanted() -> Self {
        match std::env::var("BASELINE").as_deref() {
            Err(_) | Ok("") => Mode::Sample,
            Ok("full") => Mode::Full,
            Ok("write") => Mode::Write,
            Ok(other) => panic!("BASELINE={other} is none of 'full' and 'write'"),
        }
    }

    /// Whether slow measurements are omitted.
    pub fn is_brief(self) -> bool {
        self == Mode::Sample
    }
}

/// An item and its value.
type Line = (String, String);

/// Describes the difference of an item's values, if more can be said than both of them.
type Difference = fn(name: &str, was: &str, is: &str) -> String;

/// Measurements, in order.
pub struct Record {
    lines: Vec<Line>,
    difference: Difference,
}

impl Record {
    pub fn new() -> Self {
        Self::differing(|name, was, is| format!("{name}\n  was: {was}\n  is:  {is}"))
    }

    /// Creates a record with its own description of differences.
    pub fn differing(difference: Difference) -> Self {
        Record { lines: Vec::new(), difference }
    }

    /// Adds an item. Its name must not contain a colon.
    pub fn add(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.lines.push((name.into(), value.into().replace('\n', " ")));
    }

    pub fn len(&self) -> usize {
        self.lines.len()
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Lists the differences from the baseline. For a whole record this includes items that are now
    /// missing.
    pub fn changes_since(&self, kept: &[Line], whole: bool) -> Vec<String> {
        let mut before: BTreeMap<&str, &str> = kept.iter().map(|(name, value)| (&**name, &**value)).collect();
        let mut changes = Vec::new();
        for (name, is) in &self.lines {
            match before.remove(&**name) {
                Some(was) if was == is => {}
                Some(was) => changes.push((self.difference)(name, was, is)),
                None => changes.push(format!("{name}\n  is new: {is}")),
            }
        }
        if whole {
            changes.extend(before.iter().map(|(name, was)| format!("{name}\n  is gone; it was: {was}")));
        }
        changes
    }
}

fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/baseline").join(file)
}

/// Reads a baseline: lines `name: value`. Lines that begin with `#` are comments.
pub fn read(file: &str) -> Result<Vec<Line>, String> {
    let text = fs::read_to_string(path(file)).map_err(|error| format!("cannot read tests/baseline/{file}: {error}"))?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let line = |line: &str| match line.split_once(": ") {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(format!("tests/baseline/{file}: there is no ': ' in '{line}'")),
    };
    lines.map(line).collect()
}

/// Writes a new baseline.
pub fn write(file: &str, head: &str, record: &Record) -> Result<(), String> {
    let mut text = String::new();
    for line in head.lines() {
        writeln!(text, "# {line}").expect("a String takes everything");
    }
    for (name, value) in &record.lines {
        writeln!(text, "{name}: {value}").expect("a String takes everything");
    }
    fs::write(path(file), text).map_err(|error| format!("cannot write tests/baseline/{file}: {error}"))
}

#[test]
fn changes_are_named() {
    let mut record = Record::new();
    record.add("same", "1");
    record.add("other", "2");
    record.add("new", "3");
    let kept = [("same", "1"), ("other", "1"), ("gone", "4")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(record.changes_since(&kept, false), ["other\n  was: 1\n  is:  2", "new\n  is new: 3"]);
    assert_eq!(record.changes_since(&kept, true)[2], "gone\n  is gone; it was: 4");
}
