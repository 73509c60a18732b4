//! Fencing tokens.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Distributed locking.
fn token(grants: u64) -> Token {
    Token(grants)
}

/// Distributed locking; Chubby §2.4.
fn admits(highest: Option<Token>, shown: Sequencer) -> Ruling<SingleRule> {
    if shown.mode == Mode::Shared {
        return Refuse(SingleRule::RefuseShared);
    }
    match highest {
        Some(highest) if shown.token < highest => Refuse(SingleRule::RefuseLowerToken),
        _ => Allow(SingleRule::AcceptWrite),
    }
}

hand_in!("lease-fence", Rulebook { token, admits });
