//! The exercises, in order.
//!
//! Each has a folder in `exercises/course/`: `page.md` teaches it, `hints.md` helps, `skeleton.rs` (of an attack, `skeleton.scenario`)
//! is where the learner starts, `solution.rs` proves that the grader is right.

mod attack;
mod build;
mod hints;
mod lease;
mod network;
mod paxos;
mod raft;
mod test;

use std::fmt;

pub use hints::Hints;

/// An exercise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exercise {
    /// What it is called on the command line, e.g. `paxos-promise`.
    pub id: &'static str,
    /// What it is called in print.
    pub title: &'static str,
    /// One line about it.
    pub says: &'static str,
    /// The part of the course that it belongs to.
    pub part: Part,
    /// What the learner writes.
    pub kind: Kind,
    /// What it is worth.
    pub points: u32,
    /// How long it usually takes, in minutes.
    pub minutes: u32,
    /// The bugs of the zoo that its grader must find: those of the rules that it is about.
    pub bugs: &'static [&'static str],
    /// The prose that teaches it, in Markdown.
    pub page: &'static str,
    /// Hints, in Markdown; see [`Exercise::hints`].
    hints: &'static str,
    /// What the learner starts from.
    pub skeleton: &'static str,
}

/// A part of the course.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Part {
    /// What no protocol can change: messages and clocks.
    NetworkAndTime,
    /// One decision, and those who remember it.
    Paxos,
    /// A log, and those who lead it.
    Raft,
    /// Leadership for a time.
    Leases,
    /// Whole machines.
    Build,
    /// Schedules that break what is broken.
    Attack,
    /// Invariants that notice.
    Test,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::NetworkAndTime => "Network and time",
            Part::Paxos => "Paxos",
            Part::Raft => "Raft",
            Part::Leases => "Leases",
            Part::Build => "Build",
            Part::Attack => "Attack",
            Part::Test => "Test",
        })
    }
}

/// What a learner writes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// A decision, or a small machine.
    Rule,
    /// A whole machine.
    Build,
    /// A scenario file.
    Attack,
    /// An invariant.
    Test,
}

impl Kind {
    /// How long a grading may take without finishing a case, in seconds, before it is called endless.
    pub const fn seconds_max(self) -> u64 {
        match self {
            Kind::Rule | Kind::Attack => 20,
            Kind::Build | Kind::Test => 60,
        }
    }
}

impl Exercise {
    /// The learner's file, e.g. `paxos_promise.rs`.
    pub fn file(&self) -> String {
        let ending = if self.kind == Kind::Attack { "scenario" } else { "rs" };
        format!("{}.{ending}", self.id.replace('-', "_"))
    }

    /// Its hints.
    pub fn hints(&self) -> Hints {
        Hints::read(self.hints)
    }

    /// Its place in the course, from 1.
    pub fn number(&self) -> usize {
        COURSE.iter().take_while(|other| other.id != self.id).count() + 1
    }
}

/// An exercise and its files.
macro_rules! exercise {
    ($id:literal in $folder:literal, $part:ident, $kind:ident, $points:literal points, $minutes:literal minutes,
     $title:literal, $says:literal, bugs [$($bug:literal),* $(,)?] $(,)?) => {
        exercise!(@ "skeleton.rs", $id in $folder, $part, $kind, $points, $minutes, $title, $says, [$($bug),*])
    };
    (scenario $id:literal in $folder:literal, $part:ident, $kind:ident, $points:literal points, $minutes:literal minutes,
     $title:literal, $says:literal, bugs [$($bug:literal),* $(,)?] $(,)?) => {
        exercise!(@ "skeleton.scenario", $id in $folder, $part, $kind, $points, $minutes, $title, $says, [$($bug),*])
    };
    (@ $skeleton:literal, $id:literal in $folder:literal, $part:ident, $kind:ident, $points:literal, $minutes:literal,
     $title:literal, $says:literal, [$($bug:literal),*]) => {
        $crate::course::Exercise {
            id: $id,
            title: $title,
            says: $says,
            part: $crate::course::Part::$part,
            kind: $crate::course::Kind::$kind,
            points: $points,
            minutes: $minutes,
            bugs: &[$($bug),*],
            page: include_str!(concat!("../../course/", $folder, "/page.md")),
            hints: include_str!(concat!("../../course/", $folder, "/hints.md")),
            skeleton: include_str!(concat!("../../course/", $folder, "/", $skeleton)),
        }
    };
}
use exercise;

const PARTS: [&[Exercise]; 7] = [
    network::EXERCISES,
    paxos::EXERCISES,
    raft::EXERCISES,
    lease::EXERCISES,
    build::EXERCISES,
    attack::EXERCISES,
    test::EXERCISES,
];

const COUNT: usize = {
    let (mut part, mut count) = (0, 0);
    while part < PARTS.len() {
        count += PARTS[part].len();
        part += 1;
    }
    count
};

const ALL: [Exercise; COUNT] = {
    let mut all = [PARTS[1][0]; COUNT];
    let (mut part, mut place) = (0, 0);
    while part < PARTS.len() {
        let mut within = 0;
        while within < PARTS[part].len() {
            all[place] = PARTS[part][within];
            within += 1;
            place += 1;
        }
        part += 1;
    }
    all
};

/// Every exercise, from the first that one should do to the last.
pub const COURSE: &[Exercise] = &ALL;

/// The exercise of that id.
pub fn find(id: &str) -> Option<&'static Exercise> {
    COURSE.iter().find(|exercise| exercise.id == id)
}
