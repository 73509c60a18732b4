//! The gate and the long stages run every protocol of the list.

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
