//! The rulebook: each decision of three-phase commit as one small pure function.
//!
//! The roles consult it and do the rest. To see the purpose of a rule, replace it and run the same
//! schedule:
//!
//! ```
//! use quorate_transactions::three_phase::{BY_THE_BOOK, Rulebook};
//!
//! // The coordinator commits as soon as all have voted yes: two phases are left.
//! const TWO_PHASES: Rulebook = Rulebook { pre_commits: || false, ..BY_THE_BOOK };
//!
//! assert!(BY_THE_BOOK.pre_commits());
//! assert!(!TWO_PHASES.pre_commits());
//! ```

use quorate_protocol::Duration;
use quorate_protocol::Ruling::{self, Allow, Refuse};

use super::rules::ThreePhaseRule;
use crate::command::Outcome;
use crate::id::Txn;

quorate_protocol::rulebook! {
    /// The decisions of three-phase commit. [`BY_THE_BOOK`] follows the papers exactly; sections
    /// are those of *BHG*.
    pub struct Rulebook;

    /// RIFL §3: whether a request begins a transaction. `last` is the number of the newest decided
    /// request of the same client.
    fn begins(last: Option<u64>, number: u64) -> Ruling<ThreePhaseRule> {
        match last {
            Some(last) if last == number => Refuse(ThreePhaseRule::AnswerFromRecord),
            Some(last) if last > number => Refuse(ThreePhaseRule::Overtaken),
            _ => Allow(ThreePhaseRule::Begin),
        }
    }

    /// The number of the coordinator's life that begins: above those `written`, so that no
    /// transaction has the identifier of an earlier one.
    fn next_life(written: u64) -> u64 {
        written.saturating_add(1)
    }

    /// §7.3: vote yes only if the part can be done. An amount never falls below zero.
    fn votes(amount: i64, by: i64, holder: Option<Txn>) -> Ruling<ThreePhaseRule> {
        match amount.checked_add(by) {
            _ if holder.is_some() => Refuse(ThreePhaseRule::RowLocked),
            Some(after) if after >= 0 => Allow(ThreePhaseRule::VoteYes),
            _ => Refuse(ThreePhaseRule::VoteNo),
        }
    }

    /// §7.3, AC3: the transaction can be committed only if all participants have voted yes.
    fn all_said_yes(yes: usize, participants: usize) -> Ruling<ThreePhaseRule> {
        if yes >= participants { Allow(ThreePhaseRule::PreCommitAll) } else { Refuse(ThreePhaseRule::CountVote) }
    }

    /// Skeen 1981 §6: whether the coordinator has every participant enter the pre-commit state
    /// before it commits. So nobody is uncertain when somebody commits.
    fn pre_commits() -> bool {
        true
    }

    /// §7.5: commit when all that have been told of the commit have acknowledged that.
    fn all_acknowledged(acknowledged: usize, asked: usize) -> Ruling<ThreePhaseRule> {
        if acknowledged >= asked { Allow(ThreePhaseRule::DecideCommit) } else { Refuse(ThreePhaseRule::CountAck) }
    }

    /// Skeen 1981 §7: how long a participant hears nothing before it takes over. `rank` is its
    /// place among the participants: each waits longer than the one before it, so that they take
    /// over one at a time.
    fn takes_over_after(silence: Duration, rank: u32) -> Duration {
        silence.saturating_mul(rank.saturating_add(1))
    }

    /// §7.5, TR3 and TR4: whether a backup coordinator moves all to pre-commit and commits, or
    /// aborts. It counts the participants that are up, itself among them.
    fn terminates(pre_committed: usize, uncertain: usize) -> Ruling<ThreePhaseRule> {
        let _ = uncertain;
        if pre_committed > 0 { Allow(ThreePhaseRule::MoveToPreCommit) } else { Refuse(ThreePhaseRule::AbortUncertain) }
    }

    /// §7.5, TR4: whether a backup coordinator moves the others to pre-commit before it commits. It
    /// may die, too.
    fn moves_others_first() -> bool {
        true
    }

    /// §7.5, recovery: whether a participant that has restarted takes part in the termination like
    /// those that have not. It must not: they may have gone on without it.
    fn takes_part_after_restart() -> bool {
        false
    }

    /// §7.5, total failure: whether a restarted participant may abort. `uncertain` counts the other
    /// nodes that have restarted, too, and have not decided.
    fn aborts_after_restart(uncertain: usize, others: usize) -> Ruling<ThreePhaseRule> {
        if uncertain >= others {
            Allow(ThreePhaseRule::AbortAfterTotalFailure)
        } else {
            Refuse(ThreePhaseRule::AskOthers)
        }
    }

    /// §7.5, recovery: whether a restarted coordinator asks what became of its transactions. It may
    /// not presume that it was needed.
    fn coordinator_asks() -> Ruling<ThreePhaseRule> {
        Allow(ThreePhaseRule::RecallBegun)
    }

    /// §7.3, AC2: whether a participant takes an outcome that it is told. It keeps the one that it
    /// has reached.
    fn takes(reached: Option<Outcome>, told: Outcome) -> Ruling<ThreePhaseRule> {
        match (reached, told) {
            (Some(_), _) => Refuse(ThreePhaseRule::OutcomeKnown),
            (None, Outcome::Commit) => Allow(ThreePhaseRule::CommitPart),
            (None, Outcome::Abort) => Allow(ThreePhaseRule::AbortPart),
        }
    }

    /// §7.5, TR1: whether a participant that aborts because another asked remembers that, and votes
    /// no when it is asked to prepare.
    fn remembers_abort() -> bool {
        true
    }
}
