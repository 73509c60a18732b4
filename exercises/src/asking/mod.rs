//! Asking an answer: the grader's side of the questions.
//!
//! What a learner wrote runs in a process of its own, and that process knows nothing of verdicts: it is asked one question after the
//! other, and what it says is compared here. So nothing that it writes can pass for a result; at worst it is a wrong answer.
//!
//! | module | what it holds |
//! |---|---|
//! | `link` | an answer as the rest sees it: what can be asked, what it has said before, why it stopped |
//! | `present` | which answer is being graded |
//! | `talk`, `line`, `stream` | the process, its questions and answers, and how long and how large they may be |
//! | `stop` | why an answer is not asked any more, and what comes of that |
//! | `group` | ending a process with all that it has started |
//! | `state` | states that the process keeps, and the grader only has numbers of |
//! | `rules`, `machine`, `small` | what stands for the learner's decisions, machines and other parts in a run |
//! | [`confine`] | what the process may not do |

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

pub use link::Link;
pub(crate) use present::case_begins;
pub use stop::{Printed, Stop, Stopped};

use crate::answer::Answer;
use crate::course::{Exercise, Kind, Part};
use crate::exam::{Exam, Failed};

/// An answer that is asked for everything.
#[derive(Clone, Debug)]
pub struct Asked(pub Arc<Link>);

impl Answer for Asked {
    fn sit(&self, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
        let _present = present::enter(&self.0);
        match (exercise.kind, exercise.part) {
            (Kind::Build, _) => machine::sit(&self.0, exercise, exam),
            (Kind::Test, _) => small::watch(exercise, exam),
            (_, Part::Paxos) => rules::paxos(self.0.given()).sit(exercise, exam),
            (_, Part::Raft) => rules::raft(self.0.given()).sit(exercise, exam),
            (_, Part::Leases) => rules::lease(self.0.given()).sit(exercise, exam),
            _ => small::network(exercise, exam),
        }
    }
}
