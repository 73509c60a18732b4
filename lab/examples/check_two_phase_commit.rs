//! Two-phase commit under the checker: any type with states and actions can be checked, not only
//! machines.
//!
//! Run it with `cargo run -p quorate-lab --example check_two_phase_commit`. First the correct
//! protocol: every state is explored, and both outcomes are reached. Then with an impatient
//! participant, which takes back its "yes": the checker shows the shortest run to a transaction
//! that one participant commits and another aborts.

use quorate_lab::check::{CheckError, Model, Search, SearchVerdict};
use quorate_protocol::InvariantViolation;

/// Two-phase commit (Gray 1978) between a coordinator and some participants.
struct TwoPhaseCommit {
    participants: usize,
    /// Whether a participant may abort after it has voted "yes": the bug.
    impatient: bool,
}

/// State of a participant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Stage {
    Working,
    /// It has voted "yes", and cannot abort by itself any more.
    Prepared,
    Committed,
    Aborted,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct State {
    stages: Vec<Stage>,
    /// The coordinator's decision; each participant may receive it at any later time.
    verdict: Option<Stage>,
}

#[derive(Clone, Copy, Debug)]
enum Action {
    VoteYes(usize),
    Abort(usize),
    /// The coordinator decides.
    Decide(Stage),
    /// A participant receives the decision.
    Hear(usize),
}

impl Model for TwoPhaseCommit {
    type State = State;
    type Action = Action;

    fn initial(&self) -> Vec<State> {
        vec![State { stages: vec![Stage::Working; self.participants], verdict: None }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (participant, stage) in state.stages.iter().enumerate() {
            match stage {
                Stage::Working => actions.extend([Action::VoteYes(participant), Action::Abort(participant)]),
                Stage::Prepared if self.impatient => actions.push(Action::Abort(participant)),
                _ => {}
            }
            if state.verdict.is_some() && *stage == Stage::Prepared {
                actions.push(Action::Hear(participant));
            }
        }
        if state.verdict.is_none() {
            actions.push(Action::Decide(Stage::Aborted));
            if state.stages.iter().all(|stage| *stage == Stage::Prepared) {
                actions.push(Action::Decide(Stage::Committed));
            }
        }
    }

    fn next(&self, state: &State, action: &Action) -> Option<State> {
        let mut next = state.clone();
        match *action {
            Action::VoteYes(participant) => next.stages[participant] = Stage::Prepared,
            Action::Abort(participant) => next.stages[participant] = Stage::Aborted,
            Action::Decide(verdict) => next.verdict = Some(verdict),
            Action::Hear(participant) => next.stages[participant] = state.verdict?,
        }
        Some(next)
    }

    fn check(&self, state: &State) -> Result<(), InvariantViolation> {
        let find = |wanted| state.stages.iter().position(|stage| *stage == wanted);
        match (find(Stage::Committed), find(Stage::Aborted)) {
            (Some(one), Some(other)) => Err(InvariantViolation::new(
                "AllOrNothing",
                format!("participant {one} has committed, {other} has aborted"),
            )),
            _ => Ok(()),
        }
    }
}

fn main() -> Result<(), CheckError> {
    let all = |state: &State, stage| state.stages.iter().all(|each| *each == stage);
    for impatient in [false, true] {
        let model = TwoPhaseCommit { participants: 3, impatient };
        let report = Search::new(&model)
            .goal("all commit", |state| all(state, Stage::Committed))
            .goal("all abort", |state| all(state, Stage::Aborted))
            .run()?;
        println!("{}: {report}", if impatient { "impatient" } else { "as it should be" });
        if let SearchVerdict::Broken { path, .. } = &report.verdict {
            for (action, state) in &path.steps {
                println!("  {:<16} {:?}", format!("{action:?}"), state.stages);
            }
        }
    }
    Ok(())
}
