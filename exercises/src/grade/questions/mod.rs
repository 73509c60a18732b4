//! Questions: a decision by itself, asked about everything that can come up within small bounds.
//!
//! What shows in a run is shown in a run, so this comes last. It is for wrong answers that a cluster hides: because other decisions
//! make up for them, because they need an accident of a nanosecond, or four ballots at once. The answers are held against what the
//! page of the exercise promises, and against no more: where the papers leave a choice, every choice is right, and nothing is asked
//! that no node is ever asked.

mod lease;
mod paxos;
mod raft;
pub(super) mod values;

pub(super) use lease::{lease, standstills};
pub(super) use paxos::paxos;
pub(super) use raft::raft;

use quorate_lab::sim::Dice;

use self::values::Scale;
use crate::exam::{Broke, Exam, Failed};

/// Nothing else in a grading draws from this stream of its seed.
const STREAM: u64 = 0x9_0E57_1045;
/// So many numbers are drawn where single ones are asked about.
const DRAWN: usize = 32;

/// Questions that are put to an answer, up to the first one that is answered wrongly.
struct Questions {
    count: u64,
    wrong: Option<String>,
    /// Draws what is not the same in every grading.
    dice: Dice,
    scales: Vec<Scale>,
}

impl Questions {
    /// Puts them as a case of an exam. An exercise that has none has no such case.
    fn put(exam: &mut Exam, title: &str, ask: Option<impl FnOnce(&mut Questions)>) -> Result<(), Failed> {
        let Some(ask) = ask else { return Ok(()) };
        exam.case(title, |exam| {
            let mut dice = Dice::new(exam.fresh(), STREAM);
            let scales = values::scales(&mut dice);
            let mut questions = Questions { count: 0, wrong: None, dice, scales };
            ask(&mut questions);
            match questions.wrong {
                Some(detail) => Err(Broke::new("Decision", detail).in_seed(exam.fresh())),
                None => Ok(format!("{} questions, some with values drawn from seed {}", questions.count, exam.fresh())),
            }
        })
    }

    /// Numbers of all sizes in the place of small ones, for questions after which an answer may count on.
    fn scales(&self) -> Vec<Scale> {
        self.scales.clone()
    }

    /// The same, and those up to the last number there is.
    fn scales_to_the_end(&self) -> Vec<Scale> {
        self.scales.iter().copied().chain([values::last()]).collect()
    }

    /// The plain scale, and a few others: for questions of which there are very many.
    fn few_scales(&self) -> Vec<Scale> {
        self.scales.iter().copied().enumerate().filter(|(place, _)| place % 5 == 0).map(|(_, scale)| scale).collect()
    }

    /// Numbers of all sizes, up to that one.
    fn drawn(&mut self, most: u64) -> Vec<u64> {
        (0..DRAWN).map(|_| values::any_size(&mut self.dice, most)).collect()
    }

    /// Notes an answer. The first wrong one is told, together with what the page says of such a case.
    fn note(&mut self, is_right: bool, page: &str, told: impl FnOnce() -> String) {
        self.count += 1;
        if !is_right && self.wrong.is_none() {
            self.wrong = Some(format!("{}; but {page}", told()));
        }
    }
}

/// Asks a rulebook for a decision, and notes whether the answer is right: `ask!(questions, rules.decides(a, b), |answer| .., "page")`.
macro_rules! ask {
    ($questions:ident, $rules:ident.$decision:ident($($given:ident),*), |$answer:ident| $right:expr, $page:literal) => {{
        let $answer = $rules.$decision($($given),*);
        let is_right = $right;
        $questions.note(is_right, $page, || {
            let given: &[String] = &[$(format!("{}: {:?}", stringify!($given), $given)),*];
            format!("{}({}) answers {:?}", stringify!($decision), given.join(", "), $answer)
        });
    }};
}
use ask;

/// Asks which counts are a majority, of few and of many.
fn majorities(questions: &mut Questions, majority: &dyn Fn(usize, usize) -> bool) {
    let few = (1..=7).flat_map(|of| (0..=of).map(move |count| (count, of)));
    let many = questions.drawn(1_000_000).into_iter().filter_map(|of| usize::try_from(of).ok());
    let many: Vec<usize> = many.collect();
    let near = |of: usize| [0, (of / 2).saturating_sub(1), of / 2, of / 2 + 1, of].map(move |count| (count, of));
    for (count, of) in few.chain(many.into_iter().flat_map(near)) {
        let enough = majority(count, of);
        questions.note(enough == (count * 2 > of), "more than half are enough", || {
            format!("majority(count: {count}, of: {of}) answers {enough}")
        });
    }
}

/// What the last case of an exam about decisions is called.
const LAST: &str = "the decisions by themselves";

/// Both answers to a question of yes or no.
const EITHER: [bool; 2] = [false, true];

#[cfg(test)]
mod tests {
    use quorate_bugs::raft::ACK_BEYOND;

    use super::*;
    use crate::course::COURSE;
    use crate::{Kind, Part};

    /// What comes of a rulebook's questions: how many cases, and what is wrong.
    fn asked(ask: impl FnOnce(&mut Exam) -> Result<(), Failed>) -> (usize, bool) {
        let mut exam = Exam::new(1);
        let failed = ask(&mut exam).is_err();
        (exam.passed(), failed)
    }

    #[test]
    fn the_papers_answer_every_question_and_every_exercise_about_a_decision_asks_some() {
        for exercise in COURSE.iter().filter(|exercise| exercise.kind == Kind::Rule) {
            let come = match exercise.part {
                Part::Paxos => asked(|exam| super::paxos(quorate_paxos::BY_THE_BOOK, exercise, exam)),
                Part::Raft => asked(|exam| super::raft(quorate_raft::BY_THE_BOOK, exercise, exam)),
                Part::Leases => asked(|exam| super::lease(quorate_lease::BY_THE_BOOK, exercise, exam)),
                _ => continue,
            };
            assert_eq!(come, (1, false), "{}", exercise.id);
        }
    }

    #[test]
    fn a_wrong_answer_is_told_with_its_question() {
        let exercise = crate::course::find("raft-truncate").expect("the course has it");
        let mut exam = Exam::new(1);
        assert!(super::raft(ACK_BEYOND.rules, exercise, &mut exam).is_err());
        let crate::Verdict::Failed(broke) = exam.outcome(exercise).verdict else { panic!("it was not noticed") };
        assert_eq!(broke.what, "Decision");
        assert!(broke.detail.starts_with("acknowledges(overlap: Overlap"), "{}", broke.detail);
    }
}
