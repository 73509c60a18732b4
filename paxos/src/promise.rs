//! The promise of an acceptor, and its answers to proposers (*Paxos Made Simple* §2.2).
//!
//! Shared by Basic and Multi-Paxos: a ballot is promised, whether for one value or for all slots of
//! a log.

use quorate_protocol::Ruling;

use crate::ballot::Ballot;
use crate::rulebook::Rulebook;
use crate::rules::PaxosRule;

/// The highest ballot promised, and the decisions about further promises and votes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct PromiseState {
    pub(crate) promised: Option<Ballot>,
}

/// Answer of an acceptor to a proposer.
pub(crate) enum Answer {
    /// Yes. `before` is the previous promise; `raised` tells that the promise has changed and must
    /// be written.
    Yes { rule: PaxosRule, before: Option<Ballot>, raised: bool },
    /// No, because of this promise.
    No { rule: PaxosRule, promised: Ballot },
    /// No answer.
    Silence { rule: PaxosRule },
}

impl PromiseState {
    pub(crate) fn recalled(rules: &Rulebook, written: Option<Ballot>) -> Self {
        PromiseState { promised: rules.recall_promised(written) }
    }

    /// Phase 1(b). `accepted` is the ballot of the latest vote.
    pub(crate) fn prepare(&mut self, rules: &Rulebook, accepted: Option<Ballot>, asked: Ballot) -> Answer {
        let before = self.promised;
        match rules.promise(before, accepted, asked) {
            Ruling::Allow(rule) => {
                self.promised = Some(asked);
                Answer::Yes { rule, before, raised: before != Some(asked) }
            }
            Ruling::Refuse(rule) => Self::refusal(rule, before, asked),
        }
    }

    /// Phase 2(b). `accepted` is the ballot of the vote that would be replaced.
    pub(crate) fn accept(&mut self, rules: &Rulebook, accepted: Option<Ballot>, asked: Ballot) -> Answer {
        let before = self.promised;
        match rules.accept(before, accepted, asked) {
            Ruling::Allow(rule) => {
                self.promised = rules.promised_after_accept(before, asked);
                Answer::Yes { rule, before, raised: before != self.promised }
            }
            Ruling::Refuse(rule) => Self::refusal(rule, before, asked),
        }
    }

    /// Refuses, but answers only if the standing promise is higher: nothing else is news to a
    /// proposer.
    fn refusal(rule: PaxosRule, promised: Option<Ballot>, asked: Ballot) -> Answer {
        match promised {
            Some(promised) if promised > asked => Answer::No { rule, promised },
            _ => Answer::Silence { rule },
        }
    }
}
