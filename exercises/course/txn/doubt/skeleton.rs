//! A participant in doubt. Read `quorate learn show txn-doubt` first.

use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

/// BHG §7.4: whether a participant that has voted yes and hears nothing aborts by itself.
fn on_silence() -> Ruling<TwoPhaseRule> {
    unfinished!()
}

/// BHG §7.3, AC2: whether a participant that has `reached` an outcome takes the one that it is
/// told.
fn takes(reached: Option<Outcome>, told: Outcome) -> Ruling<TwoPhaseRule> {
    unfinished!(reached, told)
}

/// Eswaran and others 1976 §4; BHG §7.4: whether the row of a participant in doubt stays locked
/// when it hears nothing.
fn keeps_lock() -> bool {
    unfinished!()
}

/// BHG §7.4: whether a participant that aborts because another asked writes that down.
fn remembers_abort() -> bool {
    unfinished!()
}

hand_in!("txn-doubt", Rulebook { on_silence, takes, keeps_lock, remembers_abort });
