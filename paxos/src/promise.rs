//! The promise of an acceptor, and the answers to proposers that follow from it (*Paxos Made
//! Simple* §2.2).
//!
//! Basic and Multi-Paxos share it: what is promised is a ballot, whether for one value or for all
//! slots of a log.

use quorate_protocol::Ruling;

use crate::ballot::Ballot;
use crate::rulebook::Rulebook;
use crate::rules::PaxosRule;

/// The highest ballot promised, and the rulings on what else may be promised or accepted.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Word {
    pub(crate) promised: Option<Ballot>,
}

/// How an acceptor answers a proposer.
pub(crate) enum Answer {
    /// Yes. `before` is the promise that stood before; `raised` says that it is a new one now, still to be written down.
    Yes { rule: PaxosRule, before: Option<Ballot>, raised: bool },
    /// No, because of this promise.
    No { rule: PaxosRule, promised: Ballot },
    /// Not a word.
    Silence { rule: PaxosRule },
}

impl Word {
    pub(crate) fn recalled(rules: &Rulebook, written: Option<Ballot>) -> Self {
        Word { promised: rules.recall_promised(written) }
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

    /// Only a higher ballot is news to a proposer.
    fn refusal(rule: PaxosRule, standing: Option<Ballot>, asked: Ballot) -> Answer {
        match standing {
            Some(promised) if promised > asked => Answer::No { rule, promised },
            _ => Answer::Silence { rule },
        }
    }
}
