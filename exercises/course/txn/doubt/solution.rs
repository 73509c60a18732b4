//! A participant in doubt.

use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

/// BHG §7.4.
fn on_silence() -> Ruling<TwoPhaseRule> {
    Refuse(TwoPhaseRule::AskOutcome)
}

/// BHG §7.3, AC2.
fn takes(reached: Option<Outcome>, told: Outcome) -> Ruling<TwoPhaseRule> {
    match (reached, told) {
        (Some(_), _) => Refuse(TwoPhaseRule::OutcomeKnown),
        (None, Outcome::Commit) => Allow(TwoPhaseRule::CommitPart),
        (None, Outcome::Abort) => Allow(TwoPhaseRule::AbortPart),
    }
}

/// Eswaran and others 1976 §4; BHG §7.4.
fn keeps_lock() -> bool {
    true
}

/// BHG §7.4.
fn remembers_abort() -> bool {
    true
}

hand_in!("txn-doubt", Rulebook { on_silence, takes, keeps_lock, remembers_abort });
