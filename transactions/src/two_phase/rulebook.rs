//! The rulebook: each decision of two-phase commit as one small pure function.
//!
//! The roles consult it and do the rest. To see the purpose of a rule, replace it and run the same
//! schedule:
//!
//! ```
//! use quorate_protocol::Ruling::Allow;
//! use quorate_transactions::two_phase::{BY_THE_BOOK, Rulebook, TwoPhaseRule};
//!
//! // A participant that hears nothing aborts by itself, although it has voted yes.
//! const IMPATIENT: Rulebook = Rulebook { on_silence: || Allow(TwoPhaseRule::AbortPart), ..BY_THE_BOOK };
//!
//! assert!(!BY_THE_BOOK.on_silence().allows());
//! assert!(IMPATIENT.on_silence().allows());
//! ```

use quorate_protocol::Ruling::{self, Allow, Refuse};

use super::rules::TwoPhaseRule;
use crate::command::Outcome;
use crate::id::Txn;

quorate_protocol::rulebook! {
    /// The decisions of two-phase commit. [`BY_THE_BOOK`] follows the papers exactly; sections are
    /// those of *BHG*.
    pub struct Rulebook;

    /// RIFL §3: whether a request begins a transaction. `last` is the number of the newest decided
    /// request of the same client.
    fn begins(last: Option<u64>, number: u64) -> Ruling<TwoPhaseRule> {
        match last {
            Some(last) if last == number => Refuse(TwoPhaseRule::AnswerFromRecord),
            Some(last) if last > number => Refuse(TwoPhaseRule::Overtaken),
            _ => Allow(TwoPhaseRule::Begin),
        }
    }

    /// The number of the coordinator's life that begins: above those `written`, so that no
    /// transaction has the identifier of an earlier one.
    fn next_life(written: u64) -> u64 {
        written.saturating_add(1)
    }

    /// Two-phase locking: a row that another transaction holds is waited for.
    fn locks(holder: Option<Txn>) -> Ruling<TwoPhaseRule> {
        if holder.is_none() { Allow(TwoPhaseRule::LockRow) } else { Refuse(TwoPhaseRule::WaitForRow) }
    }

    /// §7.4: vote yes only if the part can be done. An amount never falls below zero.
    fn votes(amount: i64, by: i64) -> Ruling<TwoPhaseRule> {
        match amount.checked_add(by) {
            Some(after) if after >= 0 => Allow(TwoPhaseRule::VoteYes),
            _ => Refuse(TwoPhaseRule::VoteNo),
        }
    }

    /// §7.4: whether a participant writes its part to disk with its yes.
    fn writes_yes() -> bool {
        true
    }

    /// §7.3, AC5: a participant has one vote. `before` is the number of its votes counted so far.
    fn counts(before: u32) -> Ruling<TwoPhaseRule> {
        if before == 0 { Allow(TwoPhaseRule::CountVote) } else { Refuse(TwoPhaseRule::RepeatedVote) }
    }

    /// §7.3, AC3: commit only if all participants have voted yes.
    fn commits(yes: usize, participants: usize) -> Ruling<TwoPhaseRule> {
        if yes >= participants { Allow(TwoPhaseRule::DecideCommit) } else { Refuse(TwoPhaseRule::CountVote) }
    }

    /// §7.4: whether the coordinator writes a commit to disk before it announces it.
    fn writes_commit() -> bool {
        true
    }

    /// §7.3, AC2: whether a coordinator whose timer fires aborts the transaction. It must not
    /// reverse a commit.
    fn aborts_late(committed: bool) -> Ruling<TwoPhaseRule> {
        if committed { Refuse(TwoPhaseRule::SendAgain) } else { Allow(TwoPhaseRule::AbortLate) }
    }

    /// Presumed abort §3: whether the coordinator may forget a commit. `done` is the number of
    /// acknowledgements.
    fn forgets(done: usize, participants: usize) -> Ruling<TwoPhaseRule> {
        if done >= participants { Allow(TwoPhaseRule::Forget) } else { Refuse(TwoPhaseRule::CountDone) }
    }

    /// Presumed abort §3: the outcome that the coordinator reports of a transaction of which it has
    /// no record; `None` for no answer.
    fn presumes() -> Option<Outcome> {
        Some(Outcome::Abort)
    }

    /// §7.4: whether a participant that voted yes and hears nothing may abort by itself. It must
    /// not: it is in doubt, and blocked.
    fn on_silence() -> Ruling<TwoPhaseRule> {
        Refuse(TwoPhaseRule::AskOutcome)
    }

    /// Two-phase locking, §7.4: whether a row stays locked until the outcome is known, however long
    /// the participant hears nothing. A lock without a transaction protects nothing, and a
    /// transaction without its lock overwrites what came after it.
    fn keeps_lock() -> bool {
        true
    }

    /// §7.4: the transaction that an outcome ends: the one that it names, and not the `newest` that
    /// is prepared here. Messages can be late.
    fn ends(named: Txn, newest: Option<Txn>) -> Txn {
        let _ = newest;
        named
    }

    /// §7.3, AC2: whether a participant takes an outcome that it is told. It keeps the one that it
    /// has reached.
    fn takes(reached: Option<Outcome>, told: Outcome) -> Ruling<TwoPhaseRule> {
        match (reached, told) {
            (Some(_), _) => Refuse(TwoPhaseRule::OutcomeKnown),
            (None, Outcome::Commit) => Allow(TwoPhaseRule::CommitPart),
            (None, Outcome::Abort) => Allow(TwoPhaseRule::AbortPart),
        }
    }

    /// §7.4, cooperative termination: whether a participant that aborts because another asked
    /// remembers that, and votes no when it is asked to prepare.
    fn remembers_abort() -> bool {
        true
    }

    /// §7.4: whether a restarted participant locks the rows again for which it voted yes.
    fn locks_again() -> bool {
        true
    }
}
