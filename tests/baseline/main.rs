//! Regression baseline: traces, counts and schedules may change only on purpose. See `README.md` in
//! this folder.

mod bugs;
mod record;
mod searches;
mod traces;

use record::{Mode, Record};

/// Measures as much as the mode requires and compares it with the file, or writes the file.
fn hold(file: &str, head: &str, measure: impl FnOnce(Mode) -> Record) {
    let mode = Mode::wanted();
    let measured = measure(mode);
    assert!(!measured.is_empty(), "nothing was measured");
    if mode == Mode::Write {
        return record::write(file, head, &measured).unwrap_or_else(|error| panic!("{error}"));
    }
    let kept = record::read(file).unwrap_or_else(|error| panic!("{error}"));
    let changes = measured.changes_since(&kept, mode == Mode::Full);
    assert!(
        changes.is_empty(),
        "{} of {} lines of tests/baseline/{file} are not as they were:\n{}\nIf that is meant, say why, and record it \
         anew as tests/baseline/README.md says.",
        changes.len(),
        measured.len(),
        changes.join("\n")
    );
}

#[test]
fn harsh_traces() {
    hold("traces.txt", traces::HEAD, traces::measure);
}

#[test]
fn exhaustive_searches() {
    hold("searches.txt", searches::HEAD, searches::measure);
}

#[test]
fn schedules_of_bugs() {
    hold("bugs.txt", bugs::HEAD, bugs::measure);
}
