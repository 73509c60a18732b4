//! Wire forms of the arguments and results of the decisions about transactions, which a learner's
//! process answers and the grader's process asks for. Each protocol has a rulebook of its own.

use quorate_transactions::Txn;
use quorate_transactions::outbox::TableChange;
use quorate_transactions::paxos_commit::Vote;
use quorate_transactions::two_phase::Outcome;

use crate::wire::is_wire_form;

is_wire_form!(Outcome, TableChange, Txn, Vote);

/// Rulebook of two-phase commit.
pub mod two_phase {
    use quorate_protocol::Ruling;
    use quorate_transactions::Txn;
    use quorate_transactions::two_phase::{Outcome, TwoPhaseRule};

    macro_rules! declare {
        ($($decisions:tt)+) => { crate::decisions::rulebook! { {} $($decisions)+ } };
    }
    crate::two_phase_decisions!(declare);
}

/// Rulebook of Paxos Commit.
pub mod paxos_commit {
    use quorate_paxos::{Ballot, Quorums};
    use quorate_protocol::{NodeId, Ruling};
    use quorate_transactions::paxos_commit::{PaxosCommitRule, Vote};
    use quorate_transactions::two_phase::Outcome;

    macro_rules! declare {
        ($($decisions:tt)+) => { crate::decisions::rulebook! { {} $($decisions)+ } };
    }
    crate::paxos_commit_decisions!(declare);
}

/// Rulebook of the local message table.
pub mod outbox {
    use quorate_protocol::Ruling;
    use quorate_transactions::outbox::{OutboxRule, TableChange};

    macro_rules! declare {
        ($($decisions:tt)+) => { crate::decisions::rulebook! { {} $($decisions)+ } };
    }
    crate::outbox_decisions!(declare);
}
