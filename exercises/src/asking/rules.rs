//! Rulebooks whose decisions are asked for.

use quorate_answer::wire::Form;

use super::present::present;

/// Keeps an argument, to write it down.
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

/// Declares a function for each decision, which asks for it, and `rulebook`, that of the papers with those that were given.
///
/// Functions without a memory: whom to ask they find in `present`.
macro_rules! asked {
    (
        { $($field:ident;)* }
        $(fn $question:ident($($argument:ident: $how:ident $given:ty),*) -> $answered:ty;)+
    ) => {
        $(fn $question($($argument: quorate_answer::passed!($how $given)),*) -> $answered {
            super::decide(stringify!($question), &($(super::Form::form(&super::keep!($how $argument)),)*))
        })+

        pub(super) fn rulebook(given: &[String]) -> Rulebook {
            let mut rules = BY_THE_BOOK;
            for decision in given {
                match decision.as_str() {
                    $(stringify!($question) => rules.$question = crate::decision!($question, $question),)+
                    $(stringify!($field) => rules.$field = $field,)*
                    // The papers decide.
                    _ => {}
                }
            }
            rules
        }
    };
}
use {asked, keep};

fn decide<T: Form>(what: &str, given: &impl serde::Serialize) -> T {
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
    use quorate_answer::wire::Form;
    use quorate_protocol::{NodeId, Ruling};
    use quorate_raft::{
        BY_THE_BOOK, Ballot, Candidate, Conflict, LogIndex, Membership, Overlap, Position, RaftRule, Rulebook, Term,
        Voter,
    };

    use super::present;

    macro_rules! declare {
        ($($decisions:tt)+) => { super::asked! { { leader_commit; } $($decisions)+ } };
    }
    quorate_answer::raft_decisions!(declare);

    /// The terms of so many entries are told at once, and of others when they are asked for.
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
            serde_json::to_string(&term_at(index).form()).ok()
        })
    }
}

mod ask_lease {
    use quorate_lease::cache::CacheRule;
    use quorate_lease::majority::MajorityRule;
    use quorate_lease::replicated::ReplicatedRule;
    use quorate_lease::store::StoreRule;
    use quorate_lease::{BY_THE_BOOK, CountRule, HolderRule, Rulebook, Sequencer, SingleRule, Standing, Terms, Token};
    use quorate_protocol::{Duration, LocalTime, NodeId, Ruling, Time};

    macro_rules! declare {
        ($($decisions:tt)+) => { super::asked! { {} $($decisions)+ } };
    }
    quorate_answer::lease_decisions!(declare);

    /// How long a holder's term may be follows from the rest: the answer is not to be read off the question.
    pub(super) fn untold_term(terms: &Terms) -> Duration {
        super::decide("holder_term", &((terms.granter(), Duration::ZERO, terms.renew_every(), terms.drift()),))
    }
}

/// A rulebook of Paxos with these decisions of the learner's.
pub(super) fn paxos(given: &[String]) -> quorate_paxos::Rulebook {
    ask_paxos::rulebook(given)
}

/// A rulebook of Raft.
pub(super) fn raft(given: &[String]) -> quorate_raft::Rulebook {
    ask_raft::rulebook(given)
}

/// A rulebook of leases.
pub(super) fn lease(given: &[String]) -> quorate_lease::Rulebook {
    let mut rules = ask_lease::rulebook(given);
    if given.iter().any(|decision| decision == "holder_term") {
        rules.holder_term = ask_lease::untold_term;
    }
    rules
}
