//! Every skeleton and every solution compiles with the answer crate as its only dependency.

// Same crate name as in a learner's folder.
extern crate quorate_answer as quorate_exercises;

use quorate_answer::Answers as _;

/// Compiles answers from their files, and counts the decisions that each hands in.
macro_rules! answers {
    ($($id:literal $module:ident $path:literal)+) => {
        $(#[path = $path] mod $module;)+

        /// All answers.
        pub fn all() -> Vec<(&'static str, usize)> {
            use quorate_answer::Answers as _;
            vec![$(($id, $module::answer().given().len())),+]
        }
    };
}

#[path = "../../tests/course/skeletons.rs"]
mod skeletons;
#[path = "../../tests/course/solutions.rs"]
mod solutions;

#[test]
fn skeletons_and_solutions_hand_in_the_same_decisions() {
    let solutions = solutions::all();
    assert_eq!(skeletons::all(), solutions);
    for (id, decisions) in solutions {
        let is_about_decisions = ["paxos-", "raft-", "lease-", "lock-", "txn-", "register-", "liar-", "time-"]
            .iter()
            .any(|part| id.starts_with(part));
        // Small parts that belong to no protocol: traits, and no rulebooks.
        let is_small = ["time-phi", "time-hybrid"].contains(&id);
        assert_eq!(decisions > 0, is_about_decisions && !is_small, "{id}");
    }
}

#[test]
fn a_question_that_makes_no_sense_is_not_answered() {
    let mut yours = quorate_answer::paxos::Rulebook::NONE;
    for line in ["1 0 - - promise [null,null,null]", "1 0 - - nothing []", "1 0 - - promise {", "1 0 - -", "x"] {
        let told = quorate_answer::wire::Question::read(line).and_then(|question| yours.answer(&question));
        assert_eq!(told, None, "{line}");
    }
}
