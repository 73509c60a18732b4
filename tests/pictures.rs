//! Tests that the diagrams in the documentation match the current scenarios.
//!
//! `UPDATE_PICTURES=1 cargo test --test pictures` redraws them. The README's picture of the page is
//! taken by `tests/browser/look.rs`.

use std::fs;
use std::path::Path;

use quorate::catalogue;
use quorate::lab::script::{RunOptions, run_scenario};
use quorate::lab::trace::export;
use quorate::protocols::registry;

/// Scenarios with a diagram, some of each protocol.
const PICTURED: [&str; 16] = [
    "two-proposers",
    "stale-accept",
    "duelling-proposers",
    "restart-keeps-promise",
    "lost-learn",
    "partition-heals",
    "multi-log",
    "split-vote",
    "log-replication",
    "leader-crash",
    "figure-8",
    "snapshot-install",
    "joint-change-under-partition",
    "dual-primary-by-heartbeat",
    "lease-prevents-dual-primary",
    "pause-then-write",
];

/// Screenshot of the page, for the README.
const SCREENSHOT: &str = "page.png";
/// Maximum size of the screenshot in bytes: it is part of every clone.
const SCREENSHOT_MAX: u64 = 200_000;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/pictures"))
}

fn picture(name: &str) -> String {
    let scenario = catalogue::find(name).expect("it is in the catalogue");
    let document = run_scenario(scenario.text(), &registry(), RunOptions::default()).expect("it performs").document;
    export::svg(&document).expect("scenarios are small")
}

#[test]
fn pictures_are_those_of_their_scenarios() {
    let update = std::env::var_os("UPDATE_PICTURES").is_some();
    let mut stale = Vec::new();
    for name in PICTURED {
        let (path, drawn) = (folder().join(format!("{name}.svg")), picture(name));
        if update {
            fs::create_dir_all(folder()).expect("the folder can be made");
            fs::write(&path, drawn).expect("there is room for a picture");
        } else if fs::read_to_string(&path).ok().as_ref() != Some(&drawn) {
            stale.push(name);
        }
    }
    for file in fs::read_dir(folder()).expect("there are pictures") {
        let name = file.expect("it can be listed").file_name().into_string().expect("names are plain");
        let known = name == SCREENSHOT || name.strip_suffix(".svg").is_some_and(|name| PICTURED.contains(&name));
        assert!(known, "docs/pictures/{name} is no picture of a scenario; remove it");
    }
    assert!(
        stale.is_empty(),
        "stale pictures: {stale:?}; draw them again with UPDATE_PICTURES=1 cargo test --test pictures"
    );
}

#[test]
fn the_screenshot_of_the_readme_is_there_and_small() {
    let size = fs::metadata(folder().join(SCREENSHOT)).expect("docs/pictures/page.png is there").len();
    assert!(size <= SCREENSHOT_MAX, "docs/pictures/page.png has {size} bytes, above {SCREENSHOT_MAX}");
    assert!(include_str!("../README.md").contains("](docs/pictures/page.png)"));
}
