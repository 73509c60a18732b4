//! Remote procedure calls to an answer: the grader's side of the questions.
//!
//! A learner's code runs in a process of its own that knows nothing of verdicts: it is asked one
//! question after another, and its answers are compared here. So nothing that it writes can pass
//! for a result; at worst it is a wrong answer.
//!
//! | module | contents |
//! |---|---|
//! | `link` | connection to an answer as the rest sees it: questions, cached answers, the reason why it stopped |
//! | `present` | the answer that is being graded |
//! | `talk`, `line`, `stream` | the process, its questions and answers, and their limits of time and size |
//! | `stop` | reasons to stop asking an answer, and the resulting verdicts |
//! | `group` | ending a process with all its descendants |
//! | `state` | states that the process keeps, known to the grader by number |
//! | `rules`, `machine`, `small` | stand-ins for the learner's decisions, machines and other parts in a run |
//! | [`confine`] | sandbox of the process |

pub mod confine;
pub(crate) mod group;
mod line;
mod link;
mod machine;
mod present;
mod rules;
mod small;
mod state;
mod stop;
mod stream;
mod talk;

use std::sync::Arc;

use quorate_bugs::ProtocolId;

pub use link::Link;
pub(crate) use present::case_begins;
pub use stop::{Printed, Stopped, Termination};

use crate::answer::Answer;
use crate::course::{AnswerKind, Exercise, Part};
use crate::grade::rules::{TransactionProtocol, is_on_a_service};
use crate::grade::{liars, time};
use crate::grading::{Failed, Grading};

/// Answer that is graded by questions over a link.
#[derive(Clone, Debug)]
pub struct Asked(pub Arc<Link>);

impl Answer for Asked {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        let _present = present::enter(&self.0);
        match (exercise.kind, exercise.part) {
            (AnswerKind::Build, _) => machine::grade(&self.0, exercise, grading),
            (AnswerKind::Test, _) => small::watch(exercise, grading),
            (_, Part::Paxos) => rules::paxos(self.0.given()).grade(exercise, grading),
            (_, Part::Raft) => rules::raft(self.0.given()).grade(exercise, grading),
            (_, Part::Locks) if is_on_a_service(exercise) => {
                rules::coordination(self.0.given()).grade(exercise, grading)
            }
            (_, Part::Locks) => rules::locks(self.0.given()).grade(exercise, grading),
            (_, Part::Transactions) => match TransactionProtocol::of(exercise) {
                TransactionProtocol::TwoPhase => rules::two_phase(self.0.given()).grade(exercise, grading),
                TransactionProtocol::PaxosCommit => rules::paxos_commit(self.0.given()).grade(exercise, grading),
                TransactionProtocol::Outbox => rules::outbox(self.0.given()).grade(exercise, grading),
            },
            (_, Part::Replicas) => rules::register(self.0.given()).grade(exercise, grading),
            (_, Part::Liars) => match liars::protocol(exercise) {
                Some(ProtocolId::Generals) => rules::generals(self.0.given()).grade(exercise, grading),
                Some(ProtocolId::Broadcast) => rules::broadcast(self.0.given()).grade(exercise, grading),
                Some(_) => rules::pbft(self.0.given()).grade(exercise, grading),
                None => small::seals(exercise, grading),
            },
            (_, Part::ClocksAndChannels) => match time::protocol(exercise) {
                Some(ProtocolId::Channel) => rules::channel(self.0.given()).grade(exercise, grading),
                Some(ProtocolId::TrueTime) => rules::true_time(self.0.given()).grade(exercise, grading),
                Some(_) => rules::snowflake(self.0.given()).grade(exercise, grading),
                None => small::time(exercise, grading),
            },
            (_, Part::Leases) => rules::lease(self.0.given()).grade(exercise, grading),
            _ => small::network(exercise, grading),
        }
    }
}
