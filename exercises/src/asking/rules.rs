//! Rulebooks whose decisions are made by the answer's process.

use quorate_answer::wire::WireForm;

use super::present::present;

/// Converts an argument to an owned value, for serialisation.
macro_rules! keep {
    (val $argument:ident) => {
        $argument
    };
    (lent $argument:ident) => {
        $argument.clone()
    };
    (list $argument:ident) => {
        $argument.to_vec()
    };
    (maybe $argument:ident) => {
        $argument.cloned()
    };
}

/// Declares a function for each decision, which asks the answer for it, and `rulebook`, the papers'
/// rulebook with those decisions that the answer gives.
///
/// The functions have no state: they find the answer in `present`.
macro_rules! asked {
    (
        { $($field:ident;)* }
        $(fn $question:ident($($argument:ident: $how:ident $given:ty),*) -> $answered:ty;)+
    ) => {
        $(fn $question($($argument: quorate_answer::passed!($how $given)),*) -> $answered {
            super::decide(stringify!($question), &($(super::WireForm::to_wire(&super::keep!($how $argument)),)*))
        })+

        pub(super) fn rulebook(given: &[String]) -> Rulebook {
            let mut rules = BY_THE_BOOK;
            for decision in given {
                match decision.as_str() {
                    $(stringify!($question) => rules.$question = crate::decision!($question, $question),)+
                    $(stringify!($field) => rules.$field = $field,)*
                    // Unknown names stay with the papers' decisions.
                    _ => {}
                }
            }
            rules
        }
    };
}
use {asked, keep};

fn decide<T: WireForm>(what: &str, given: &impl serde::Serialize) -> T {
    present().decide(what, given, &mut |_| None)
}

mod ask_paxos {
    use quorate_paxos::multi::Entry;
    use quorate_paxos::{BY_THE_BOOK, Ballot, PaxosRule, Phase, Quorums, Rulebook};
    use quorate_protocol::{NodeId, Ruling};

    macro_rules! declare {
        ($($decisions:tt)+) => { super::asked! { {} $($decisions)+ } };
    }
    quorate_answer::paxos_decisions!(declare);
}

mod ask_raft {
    use std::collections::BTreeSet;

    use quorate_answer::decisions::raft::Commitment;
    use quorate_answer::wire::WireForm;
    use quorate_protocol::{NodeId, Ruling};
    use quorate_raft::{
        AppendSpan, BY_THE_BOOK, Candidate, Conflict, Election, LogIndex, Membership, Position, RaftRule, Rulebook,
        Term, Voter,
    };

    use super::present;

    macro_rules! declare {
        ($($decisions:tt)+) => { super::asked! { { leader_commit; } $($decisions)+ } };
    }
    quorate_answer::raft_decisions!(declare);

    /// Number of entries whose terms are sent with the question; other terms are requested when
    /// needed.
    const TOLD: u64 = 64;

    fn leader_commit(
        commit: LogIndex,
        replicated: LogIndex,
        current: Term,
        term_at: &dyn Fn(LogIndex) -> Option<Term>,
    ) -> LogIndex {
        let from = commit.0.max(replicated.0.saturating_sub(TOLD));
        let entries = (from..=replicated.0).map(|index| (LogIndex(index), term_at(LogIndex(index)))).collect();
        let given: Commitment = (commit, replicated, current, entries);
        present().decide("leader_commit", &given, &mut |about| {
            let index: LogIndex = serde_json::from_str(about).ok()?;
            serde_json::to_string(&term_at(index).to_wire()).ok()
        })
    }
}

mod ask_lease {
    use quorate_lease::cache::CacheRule;
    use quorate_lease::majority::MajorityRule;
    use quorate_lease::replicated::ReplicatedRule;
    use quorate_lease::store::StoreRule;
    use quorate_lease::{
        BY_THE_BOOK, CountRule, HolderRule, LeaseState, Rulebook, Sequencer, SingleRule, Terms, Token,
    };
    use quorate_protocol::{Duration, LocalTime, NodeId, Ruling, Time};

    macro_rules! declare {
        ($($decisions:tt)+) => { super::asked! { {} $($decisions)+ } };
    }
    quorate_answer::lease_decisions!(declare);

    /// Asks for a holder's term without telling it: the question must not contain the answer.
    pub(super) fn untold_term(terms: &Terms) -> Duration {
        super::decide("holder_term", &((terms.granter(), Duration::ZERO, terms.renew_every(), terms.drift()),))
    }
}

mod ask_locks {
    use quorate_lease::Token;
    use quorate_locks::{AttemptId, BY_THE_BOOK, ExpiryClock, LockRule, LockValue, Persistence, Recipe, Rulebook};
    use quorate_protocol::{Duration, LocalTime, Ruling, Time};

    macro_rules! declare {
        ($($decisions:tt)+) => { super::asked! { {} $($decisions)+ } };
    }
    quorate_answer::lock_decisions!(declare);
}

mod ask_coordination {
    use quorate_lease::{Terms, Token};
    use quorate_locks::LockRule;
    use quorate_locks::coordination::{BY_THE_BOOK, Belief, Child, LockMode, OnWake, Place, Recipe, Rulebook, Zxid};
    use quorate_protocol::{Duration, Ruling, Time};

    macro_rules! declare {
        ($($decisions:tt)+) => { super::asked! { {} $($decisions)+ } };
    }
    quorate_answer::coordination_decisions!(declare);

    /// Asks for a client's term without telling it: the question must not contain the answer.
    pub(super) fn untold_term(terms: &Terms) -> Duration {
        super::decide("client_term", &((terms.granter(), Duration::ZERO, terms.renew_every(), terms.drift()),))
    }
}

mod ask_two_phase {
    use quorate_protocol::Ruling;
    use quorate_transactions::Txn;
    use quorate_transactions::two_phase::{BY_THE_BOOK, Outcome, Rulebook, TwoPhaseRule};

    macro_rules! declare {
        ($($decisions:tt)+) => { super::asked! { {} $($decisions)+ } };
    }
    quorate_answer::two_phase_decisions!(declare);
}

mod ask_paxos_commit {
    use quorate_paxos::{Ballot, Quorums};
    use quorate_protocol::{NodeId, Ruling};
    use quorate_transactions::paxos_commit::{BY_THE_BOOK, PaxosCommitRule, Rulebook, Vote};
    use quorate_transactions::two_phase::Outcome;

    macro_rules! declare {
        ($($decisions:tt)+) => { super::asked! { {} $($decisions)+ } };
    }
    quorate_answer::paxos_commit_decisions!(declare);
}

mod ask_outbox {
    use quorate_protocol::Ruling;
    use quorate_transactions::outbox::{BY_THE_BOOK, OutboxRule, Rulebook, TableChange};

    macro_rules! declare {
        ($($decisions:tt)+) => { super::asked! { {} $($decisions)+ } };
    }
    quorate_answer::outbox_decisions!(declare);
}

mod ask_register {
    use quorate_protocol::{Duration, Ruling, Time};
    use quorate_replication::register::{BY_THE_BOOK, Order, RegisterRule, Rulebook, Seen, Session, Version};
    use quorate_replication::{Stamp, Tick};

    macro_rules! declare {
        ($($decisions:tt)+) => { super::asked! { {} $($decisions)+ } };
    }
    quorate_answer::register_decisions!(declare);
}

mod ask_generals {
    use quorate_byzantine::generals::{BY_THE_BOOK, GeneralsRule, Order, Rulebook};
    use quorate_protocol::{NodeId, Ruling};

    macro_rules! declare {
        ($($decisions:tt)+) => { super::asked! { {} $($decisions)+ } };
    }
    quorate_answer::generals_decisions!(declare);
}

mod ask_broadcast {
    use quorate_byzantine::broadcast::{BY_THE_BOOK, Rulebook};

    macro_rules! declare {
        ($($decisions:tt)+) => { super::asked! { {} $($decisions)+ } };
    }
    quorate_answer::broadcast_decisions!(declare);
}

mod ask_pbft {
    use quorate_byzantine::pbft::{BY_THE_BOOK, Digest, PbftRule, Rulebook};
    use quorate_protocol::{NodeId, Ruling};

    macro_rules! declare {
        ($($decisions:tt)+) => { super::asked! { {} $($decisions)+ } };
    }
    quorate_answer::pbft_decisions!(declare);
}

mod ask_channel {
    use quorate_protocol::{Duration, Ruling};
    use quorate_time::channel::{Answer, BY_THE_BOOK, ChannelRule, Checksum, Rulebook};

    macro_rules! declare {
        ($($decisions:tt)+) => { super::asked! { {} $($decisions)+ } };
    }
    quorate_answer::channel_decisions!(declare);
}

mod ask_true_time {
    use quorate_protocol::{Duration, Ruling, Time};
    use quorate_time::true_time::{BY_THE_BOOK, Rulebook, TrueTimeRule};
    use quorate_time::{Drift, Interval};

    macro_rules! declare {
        ($($decisions:tt)+) => { super::asked! { {} $($decisions)+ } };
    }
    quorate_answer::true_time_decisions!(declare);
}

mod ask_snowflake {
    use quorate_protocol::{NodeId, Ruling};
    use quorate_time::snowflake::{BY_THE_BOOK, Backwards, Lease, Next, Rulebook, Slot, SnowflakeRule};

    use super::WireForm;

    macro_rules! declare {
        ($($decisions:tt)+) => { super::asked! { { covers; } $($decisions)+ } };
    }
    quorate_answer::snowflake_decisions!(declare);

    fn covers(lease: Option<Lease>, tick: u64) -> Ruling<SnowflakeRule> {
        super::decide("covers", &(lease.to_wire(), tick))
    }
}

/// Paxos rulebook with these decisions of the learner's.
pub(super) fn paxos(given: &[String]) -> quorate_paxos::Rulebook {
    ask_paxos::rulebook(given)
}

/// Raft rulebook with these decisions of the learner's.
pub(super) fn raft(given: &[String]) -> quorate_raft::Rulebook {
    ask_raft::rulebook(given)
}

/// Lease rulebook with these decisions of the learner's.
pub(super) fn lease(given: &[String]) -> quorate_lease::Rulebook {
    let mut rules = ask_lease::rulebook(given);
    if given.iter().any(|decision| decision == "holder_term") {
        rules.holder_term = ask_lease::untold_term;
    }
    rules
}

/// Rulebook of locks with these decisions of the learner's.
pub(super) fn locks(given: &[String]) -> quorate_locks::Rulebook {
    ask_locks::rulebook(given)
}

/// Rulebook of coordination with these decisions of the learner's.
pub(super) fn coordination(given: &[String]) -> quorate_locks::coordination::Rulebook {
    let mut rules = ask_coordination::rulebook(given);
    if given.iter().any(|decision| decision == "client_term") {
        rules.client_term = ask_coordination::untold_term;
    }
    rules
}

/// Rulebook of two-phase commit with these decisions of the learner's.
pub(super) fn two_phase(given: &[String]) -> quorate_transactions::two_phase::Rulebook {
    ask_two_phase::rulebook(given)
}

/// Rulebook of Paxos Commit with these decisions of the learner's.
pub(super) fn paxos_commit(given: &[String]) -> quorate_transactions::paxos_commit::Rulebook {
    ask_paxos_commit::rulebook(given)
}

/// Rulebook of the local message table with these decisions of the learner's.
pub(super) fn outbox(given: &[String]) -> quorate_transactions::outbox::Rulebook {
    ask_outbox::rulebook(given)
}

/// Rulebook of a replicated register with these decisions of the learner's.
pub(super) fn register(given: &[String]) -> quorate_replication::register::Rulebook {
    ask_register::rulebook(given)
}

/// Rulebook of oral messages with these decisions of the learner's.
pub(super) fn generals(given: &[String]) -> quorate_byzantine::generals::Rulebook {
    ask_generals::rulebook(given)
}

/// Rulebook of reliable broadcast with these decisions of the learner's.
pub(super) fn broadcast(given: &[String]) -> quorate_byzantine::broadcast::Rulebook {
    ask_broadcast::rulebook(given)
}

/// Rulebook of PBFT with these decisions of the learner's.
pub(super) fn pbft(given: &[String]) -> quorate_byzantine::pbft::Rulebook {
    ask_pbft::rulebook(given)
}

/// Rulebook of a reliable channel with these decisions of the learner's.
pub(super) fn channel(given: &[String]) -> quorate_time::channel::Rulebook {
    ask_channel::rulebook(given)
}

/// Rulebook of TrueTime with these decisions of the learner's.
pub(super) fn true_time(given: &[String]) -> quorate_time::true_time::Rulebook {
    ask_true_time::rulebook(given)
}

/// Rulebook of Snowflake with these decisions of the learner's.
pub(super) fn snowflake(given: &[String]) -> quorate_time::snowflake::Rulebook {
    ask_snowflake::rulebook(given)
}
