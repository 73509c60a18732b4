//! Two-phase commit as Lamport specifies it in TLA+ (module `TwoPhase`; Gray and Lamport,
//! *Consensus on Transaction Commit*, 2006).
//!
//! Messages are never removed from the network, so it is a set.

use quorate_lab::check::Model;
use quorate_protocol::InvariantViolation;

/// Two-phase commit between a number of resource managers, at most eight.
#[derive(Clone, Copy, Debug)]
pub struct TwoPhase {
    pub managers: usize,
}

/// State of a resource manager (`rmState`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Manager {
    #[default]
    Working,
    Prepared,
    Committed,
    Aborted,
}

/// State of the transaction manager (`tmState`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Decision {
    #[default]
    Open,
    Committed,
    Aborted,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct State {
    pub managers: [Manager; 8],
    pub decision: Decision,
    /// Resource managers whose "prepared" the transaction manager has received (`tmPrepared`), one
    /// bit each.
    pub heard: u8,
    /// Resource managers that have sent "prepared", one bit each; then "commit", then "abort"
    /// (`msgs`).
    pub said: u16,
}

const COMMIT: u16 = 1 << 8;
const ABORT: u16 = 1 << 9;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Action {
    TransactionCommits,
    TransactionAborts,
    TransactionHears(usize),
    Prepares(usize),
    ChoosesToAbort(usize),
    HearsCommit(usize),
    HearsAbort(usize),
}

impl TwoPhase {
    pub fn enabled(&self, state: &State, actions: &mut Vec<Action>) {
        let open = state.decision == Decision::Open;
        if open && state.heard.count_ones() as usize == self.managers {
            actions.push(Action::TransactionCommits);
        }
        if open {
            actions.push(Action::TransactionAborts);
        }
        for manager in 0..self.managers {
            if open && state.said & (1 << manager) != 0 {
                actions.push(Action::TransactionHears(manager));
            }
            if state.managers[manager] == Manager::Working {
                actions.push(Action::Prepares(manager));
                actions.push(Action::ChoosesToAbort(manager));
            }
            if state.said & COMMIT != 0 {
                actions.push(Action::HearsCommit(manager));
            }
            if state.said & ABORT != 0 {
                actions.push(Action::HearsAbort(manager));
            }
        }
    }

    pub fn after(&self, state: &State, action: &Action) -> State {
        let mut next = *state;
        match *action {
            Action::TransactionCommits => (next.decision, next.said) = (Decision::Committed, state.said | COMMIT),
            Action::TransactionAborts => (next.decision, next.said) = (Decision::Aborted, state.said | ABORT),
            Action::TransactionHears(manager) => next.heard |= 1 << manager,
            Action::Prepares(manager) => {
                next.managers[manager] = Manager::Prepared;
                next.said |= 1 << manager;
            }
            Action::ChoosesToAbort(manager) | Action::HearsAbort(manager) => next.managers[manager] = Manager::Aborted,
            Action::HearsCommit(manager) => next.managers[manager] = Manager::Committed,
        }
        next
    }

    /// `TCConsistent`: no manager commits if another aborts.
    pub fn consistent(&self, state: &State) -> bool {
        let any = |what| state.managers[..self.managers].contains(&what);
        !(any(Manager::Committed) && any(Manager::Aborted))
    }
}

impl Model for TwoPhase {
    type State = State;
    type Action = Action;

    fn initial(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.enabled(state, actions);
    }

    fn next(&self, state: &State, action: &Action) -> Option<State> {
        Some(self.after(state, action))
    }

    fn check(&self, state: &State) -> Result<(), InvariantViolation> {
        if self.consistent(state) {
            return Ok(());
        }
        Err(InvariantViolation::new("TCConsistent", "one resource manager has committed what another has aborted"))
    }
}
