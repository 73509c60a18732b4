//! List of exercises, in course order.
//!
//! Each has a folder in `exercises/course/`: `page.md` teaches it, `hints.md` helps, `page.zh.md`
//! and `hints.zh.md` do the same in Chinese, `skeleton.rs` (of an attack, `skeleton.scenario`) is
//! the learner's starting point, `solution.rs` tests the grader.

mod attack;
mod build;
mod hints;
mod language;
mod lease;
mod liars;
mod lock;
mod network;
mod paxos;
mod raft;
mod register;
mod test;
mod time;
mod transactions;

use std::fmt;

use crate::grading::DECISION;
pub use hints::Hints;
pub use language::{Language, UnknownLanguage};

/// Exercise of the course.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exercise {
    /// Id on the command line, e.g. `paxos-promise`.
    pub id: &'static str,
    /// Title.
    pub title: &'static str,
    /// One-line summary.
    pub says: &'static str,
    /// Part of the course.
    pub part: Part,
    /// Kind of answer.
    pub kind: AnswerKind,
    /// Points for solving it.
    pub points: u32,
    /// Typical duration, in minutes.
    pub minutes: u32,
    /// Bugs of the zoo that its grader must detect: those of its rules.
    pub bugs: &'static [&'static str],
    /// Its folder in `exercises/course`, such as `paxos/promise`.
    pub folder: &'static str,
    /// Text of the exercise, in Markdown; see [`Exercise::page`].
    page: Translated,
    /// Hints, in Markdown; see [`Exercise::hints`].
    hints: Translated,
    /// Starting point of the learner's file.
    pub skeleton: &'static str,
}

/// A text in the languages of the course.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Translated {
    english: &'static str,
    chinese: &'static str,
}

impl Translated {
    fn text(self, language: Language) -> &'static str {
        match language {
            Language::English => self.english,
            Language::Chinese => self.chinese,
        }
    }
}

/// Part of the course.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Part {
    /// Network and time: messages and clocks, which no protocol can change.
    NetworkAndTime,
    /// Paxos: a single decision, and fault-tolerant memory of it.
    Paxos,
    /// Raft: a replicated log, and its leaders.
    Raft,
    /// Leases: leadership for a limited time.
    Leases,
    /// Locks: exclusion by a service that cannot see its clients.
    Locks,
    /// Transactions: one outcome on several machines.
    Transactions,
    /// Replicas: registers that are consistent, or available, while the network is parted.
    Replicas,
    /// Liars: agreement among nodes of which some say what is not so.
    Liars,
    /// Clocks and channels: clocks that know their error, ids made of time, and channels made of
    /// unreliable links.
    ClocksAndChannels,
    /// Complete protocol machines.
    Build,
    /// Schedules that make broken systems fail.
    Attack,
    /// Invariants that detect bugs.
    Test,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::NetworkAndTime => "Network and time",
            Part::Paxos => "Paxos",
            Part::Raft => "Raft",
            Part::Leases => "Leases",
            Part::Locks => "Locks",
            Part::Transactions => "Transactions",
            Part::Replicas => "Replicas",
            Part::Liars => "Liars",
            Part::ClocksAndChannels => "Clocks and channels",
            Part::Build => "Build",
            Part::Attack => "Attack",
            Part::Test => "Test",
        })
    }
}

/// Kind of answer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AnswerKind {
    /// Decision, or small machine.
    Rule,
    /// Complete machine.
    Build,
    /// Scenario file.
    Attack,
    /// Invariant.
    Test,
}

impl AnswerKind {
    /// Time limit without progress to another case, in seconds, after which a grading counts as
    /// endless.
    pub const fn seconds_max(self) -> u64 {
        match self {
            AnswerKind::Rule | AnswerKind::Attack => 20,
            AnswerKind::Build | AnswerKind::Test => 60,
        }
    }
}

impl Exercise {
    /// Name of the learner's file, e.g. `paxos_promise.rs`.
    pub fn file(&self) -> String {
        let ending = if self.kind == AnswerKind::Attack { "scenario" } else { "rs" };
        format!("{}.{ending}", self.id.replace('-', "_"))
    }

    /// Its page in a language.
    pub fn page(&self, language: Language) -> &'static str {
        self.page.text(language)
    }

    /// Parses its hints in a language.
    pub fn hints(&self, language: Language) -> Hints {
        Hints::read(self.hints.text(language))
    }

    /// Hint for an answer that broke this, if there is one. A wrong decision on its own, which no
    /// run shows, has one in every exercise: the second level, since the answer is nearly right.
    pub fn hint_on(&self, language: Language, broke: &str) -> Option<String> {
        let hints = self.hints(language);
        let own = hints.when(broke).map(str::to_owned);
        let of_decision = || Some(format!("{}\n\n{}", language.wrong_decision(), hints.levels.get(1)?));
        own.or_else(|| if broke == DECISION { of_decision() } else { None })
    }

    /// Position in the course, from 1.
    pub fn number(&self) -> usize {
        COURSE.iter().take_while(|other| other.id != self.id).count() + 1
    }
}

/// Declares an exercise with its files.
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
            kind: $crate::course::AnswerKind::$kind,
            points: $points,
            minutes: $minutes,
            bugs: &[$($bug),*],
            folder: $folder,
            page: $crate::course::Translated {
                english: include_str!(concat!("../../course/", $folder, "/page.md")),
                chinese: include_str!(concat!("../../course/", $folder, "/page.zh.md")),
            },
            hints: $crate::course::Translated {
                english: include_str!(concat!("../../course/", $folder, "/hints.md")),
                chinese: include_str!(concat!("../../course/", $folder, "/hints.zh.md")),
            },
            skeleton: include_str!(concat!("../../course/", $folder, "/", $skeleton)),
        }
    };
}
use exercise;

const PARTS: [&[Exercise]; 12] = [
    network::EXERCISES,
    paxos::EXERCISES,
    raft::EXERCISES,
    lease::EXERCISES,
    lock::EXERCISES,
    transactions::EXERCISES,
    register::EXERCISES,
    liars::EXERCISES,
    time::EXERCISES,
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

static ALL: [Exercise; COUNT] = {
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

/// All exercises, in course order.
pub const COURSE: &[Exercise] = &ALL;

/// Returns the exercise of that id.
pub fn find(id: &str) -> Option<&'static Exercise> {
    COURSE.iter().find(|exercise| exercise.id == id)
}
