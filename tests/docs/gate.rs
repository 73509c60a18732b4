//! The gate and the long stages run every protocol of the list, and decide by whole outputs.

use quorate::protocols::registry;

use crate::read;

#[test]
fn the_gate_and_the_long_stages_run_every_protocol() {
    // Random runs and searches; and in the long stages the comparison of bytes as well.
    for (file, places) in [(".ci/run", 2), (".ci/long", 3)] {
        let text = read(file);
        for entry in registry().entries() {
            let names = |line: &&str| line.split([' ', '"', ';']).any(|word| word == entry.name);
            let found = text.lines().filter(names).count();
            assert!(found >= places, "{file} names {} in {found} of {places} places", entry.name);
        }
    }
}

/// Where a failure within a pipe counts, a reader that leaves early makes the writer fail,
/// sometimes: a stage was once run without the build that it needs.
#[test]
fn nothing_is_decided_by_a_pipe_that_is_left_early() {
    for file in [".ci/run", ".ci/long"] {
        let text = read(file);
        assert!(text.contains("set -euo pipefail"), "{file} no longer stops at a failure within a pipe");
        let early: Vec<&str> = text.lines().filter(|line| line.contains("| grep -q")).collect();
        assert!(early.is_empty(), "{file}: {early:?}");
    }
}
