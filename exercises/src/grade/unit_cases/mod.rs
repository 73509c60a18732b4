//! Unit cases: a single decision, tested on all inputs within small bounds.
//!
//! Failures that show in a run are shown in a run, so these cases come last. They are for wrong
//! decisions that a cluster masks: because other decisions compensate for them, or because they
//! need a coincidence within a nanosecond, or four ballots at once. Answers are checked against the
//! promises of the exercise's page, and no more: where the papers leave a choice, every choice is
//! right, and no inputs are tested that no node can meet.

mod coordination;
mod lease;
mod liars;
mod lock;
mod paxos;
mod raft;
mod register;
mod time;
mod transactions;
pub(super) mod values;

pub(super) use coordination::{coordination, coordination_standstills};
pub(super) use lease::{lease, standstills};
pub(super) use liars::{broadcast, generals, pbft};
pub(super) use lock::locks;
pub(super) use paxos::paxos;
pub(super) use raft::raft;
pub(super) use register::register;
pub(super) use time::{channel, snowflake, snowflake_standstills, true_time, true_time_standstills};
pub(super) use transactions::{outbox, paxos_commit, two_phase};

use quorate_lab::sim::Rng;

use self::values::Scale;
use crate::grading::{CaseFailure, DECISION, Failed, Grading};

/// Random stream number, unique within a grading.
const STREAM: u64 = 0x9_0E57_1045;
/// Number of random values where single numbers are tested.
const DRAWN: usize = 32;

/// Questions about an answer's decisions, up to the first wrong one.
struct UnitCases {
    count: u64,
    wrong: Option<String>,
    /// Random numbers, which differ in every grading.
    rng: Rng,
    scales: Vec<Scale>,
}

impl UnitCases {
    /// Runs the questions as a case of a grading. An exercise without questions has no such case.
    fn put(grading: &mut Grading, title: &str, ask: Option<impl FnOnce(&mut UnitCases)>) -> Result<(), Failed> {
        let Some(ask) = ask else { return Ok(()) };
        grading.case(title, |grading| {
            let mut rng = Rng::new(grading.fresh(), STREAM);
            let scales = values::scales(&mut rng);
            let mut cases = UnitCases { count: 0, wrong: None, rng, scales };
            ask(&mut cases);
            match cases.wrong {
                Some(detail) => Err(CaseFailure::new(DECISION, detail).in_seed(grading.fresh())),
                None => Ok(format!("{} questions, some with random values from seed {}", cases.count, grading.fresh())),
            }
        })
    }

    /// Scales of numbers of all sizes, with room above for decisions that add to their arguments.
    fn scales(&self) -> Vec<Scale> {
        self.scales.clone()
    }

    /// The same scales, and one that ends at the largest number.
    fn scales_to_the_end(&self) -> Vec<Scale> {
        self.scales.iter().copied().chain([values::last()]).collect()
    }

    /// A few of the scales, the plain one first: for large numbers of questions.
    fn few_scales(&self) -> Vec<Scale> {
        self.scales.iter().copied().enumerate().filter(|(place, _)| place % 5 == 0).map(|(_, scale)| scale).collect()
    }

    /// Random numbers of all sizes, up to `most`.
    fn drawn(&mut self, most: u64) -> Vec<u64> {
        (0..DRAWN).map(|_| values::any_size(&mut self.rng, most)).collect()
    }

    /// Records an answer. The first wrong one is reported, together with the page's rule for such a
    /// case.
    fn note(&mut self, is_right: bool, page: &str, describe: impl FnOnce() -> String) {
        self.count += 1;
        if !is_right && self.wrong.is_none() {
            self.wrong = Some(format!("{}, but {page}", describe()));
        }
    }
}

/// Asks a rulebook for a decision, and records whether it is right:
/// `ask!(cases, rules.decides(a, b), |answer| .., "page")`.
macro_rules! ask {
    ($cases:ident, $rules:ident.$decision:ident($($given:ident),*), |$answer:ident| $right:expr, $page:literal) => {{
        let $answer = $rules.$decision($($given),*);
        let is_right = $right;
        $cases.note(is_right, $page, || {
            let given: &[String] = &[$(format!("{}: {:?}", stringify!($given), $given)),*];
            format!("{}({}) answers {:?}", stringify!($decision), given.join(", "), $answer)
        });
    }};
}
use ask;

/// Tests which counts are a majority, of few members and of many.
fn majorities(cases: &mut UnitCases, majority: &dyn Fn(usize, usize) -> bool) {
    let few = (1..=7).flat_map(|of| (0..=of).map(move |count| (count, of)));
    let many = cases.drawn(1_000_000).into_iter().filter_map(|of| usize::try_from(of).ok());
    let many: Vec<usize> = many.collect();
    let near = |of: usize| [0, (of / 2).saturating_sub(1), of / 2, of / 2 + 1, of].map(move |count| (count, of));
    for (count, of) in few.chain(many.into_iter().flat_map(near)) {
        let enough = majority(count, of);
        cases.note(enough == (count * 2 > of), "more than half are enough", || {
            format!("majority(count: {count}, of: {of}) answers {enough}")
        });
    }
}

/// Title of the last case in exams about decisions.
const LAST: &str = "the decisions one by one";

/// Both values of a boolean.
const EITHER: [bool; 2] = [false, true];

#[cfg(test)]
mod tests {
    use quorate_bugs::ProtocolId;
    use quorate_bugs::raft::ACK_BEYOND;

    use super::*;
    use crate::course::COURSE;
    use crate::grade::rules::TransactionProtocol;
    use crate::{AnswerKind, Part};

    /// Number of cases of a rulebook's questions, and whether one failed.
    fn asked(ask: impl FnOnce(&mut Grading) -> Result<(), Failed>) -> (usize, bool) {
        let mut grading = Grading::new(1);
        let failed = ask(&mut grading).is_err();
        (grading.passed(), failed)
    }

    #[test]
    fn the_papers_answer_every_question_and_every_exercise_about_a_decision_asks_some() {
        for exercise in COURSE.iter().filter(|exercise| exercise.kind == AnswerKind::Rule) {
            let come = match exercise.part {
                Part::Paxos => asked(|grading| super::paxos(quorate_paxos::BY_THE_BOOK, exercise, grading)),
                Part::Raft => asked(|grading| super::raft(quorate_raft::BY_THE_BOOK, exercise, grading)),
                Part::Locks if crate::grade::rules::is_on_a_service(exercise) => {
                    asked(|grading| super::coordination(quorate_locks::coordination::BY_THE_BOOK, exercise, grading))
                }
                Part::Locks => asked(|grading| super::locks(quorate_locks::BY_THE_BOOK, exercise, grading)),
                Part::Transactions => asked(|grading| match TransactionProtocol::of(exercise) {
                    TransactionProtocol::TwoPhase => {
                        super::two_phase(quorate_transactions::two_phase::BY_THE_BOOK, exercise, grading)
                    }
                    TransactionProtocol::PaxosCommit => {
                        super::paxos_commit(quorate_transactions::paxos_commit::BY_THE_BOOK, exercise, grading)
                    }
                    TransactionProtocol::Outbox => {
                        super::outbox(quorate_transactions::outbox::BY_THE_BOOK, exercise, grading)
                    }
                }),
                Part::Replicas => {
                    asked(|grading| super::register(quorate_replication::register::BY_THE_BOOK, exercise, grading))
                }
                Part::Liars => match crate::grade::liars::protocol(exercise) {
                    Some(ProtocolId::Generals) => {
                        asked(|grading| super::generals(quorate_byzantine::generals::BY_THE_BOOK, exercise, grading))
                    }
                    Some(ProtocolId::Broadcast) => {
                        asked(|grading| super::broadcast(quorate_byzantine::broadcast::BY_THE_BOOK, exercise, grading))
                    }
                    Some(_) => asked(|grading| super::pbft(quorate_byzantine::pbft::BY_THE_BOOK, exercise, grading)),
                    // Its machine is its own, with questions of its own.
                    None => continue,
                },
                Part::ClocksAndChannels => match crate::grade::time::protocol(exercise) {
                    Some(ProtocolId::Channel) => {
                        asked(|grading| super::channel(quorate_time::channel::BY_THE_BOOK, exercise, grading))
                    }
                    Some(ProtocolId::TrueTime) => {
                        asked(|grading| super::true_time(quorate_time::true_time::BY_THE_BOOK, exercise, grading))
                    }
                    Some(_) => {
                        asked(|grading| super::snowflake(quorate_time::snowflake::BY_THE_BOOK, exercise, grading))
                    }
                    // Graded without a protocol, with questions of their own.
                    None => continue,
                },
                Part::Leases => asked(|grading| super::lease(quorate_lease::BY_THE_BOOK, exercise, grading)),
                _ => continue,
            };
            assert_eq!(come, (1, false), "{}", exercise.id);
        }
    }

    #[test]
    fn a_wrong_answer_is_reported_with_its_question() {
        let exercise = crate::course::find("raft-truncate").expect("the course has it");
        let mut grading = Grading::new(1);
        assert!(super::raft(ACK_BEYOND.rules, exercise, &mut grading).is_err());
        let crate::GradingVerdict::Failed(broke) = grading.outcome(exercise).verdict else {
            panic!("it was not noticed")
        };
        assert_eq!(broke.what, "Decision");
        assert!(broke.detail.starts_with("acknowledges(overlap: AppendSpan"), "{}", broke.detail);
    }
}
