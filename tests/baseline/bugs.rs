//! Baseline schedules that reproduce the bugs of the zoo, step by step.

use quorate::bugs::{self, Bug};
use quorate::reproduce::reproduce;

use crate::record::{Mode, Record};

pub const HEAD: &str = "\
Each bug of the zoo: what it breaks, and in the lines below that the schedule: the shortest that a search finds, what a random run was cut
down to, or the commands of a story.";

/// Bugs that are reproduced quickly: by a search, a random run or a scenario.
const BRIEF: [&str; 5] = ["own-value", "skip-phase-1", "vote-not-durable", "wall-clock", "leader-grants-prevote"];

pub fn measure(mode: Mode) -> Record {
    let mut record = Record::new();
    for bug in bugs::all().filter(|bug| !mode.is_brief() || BRIEF.contains(&bug.id)) {
        add(&mut record, bug);
    }
    record
}

fn add(record: &mut Record, bug: &'static Bug) {
    let id = bug.id;
    let reproduction = reproduce(bug).unwrap_or_else(|error| panic!("{id}: {error}"));
    record.add(
        id,
        format!("{}; {} things; by the book {}", reproduction.broken, reproduction.length, reproduction.instead),
    );
    record.add(format!("{id}, in words"), reproduction.detail);
    for (number, step) in (1..).zip(reproduction.schedule) {
        record.add(format!("{id}, {number}"), step);
    }
}
