//! Fencing tokens. Read `quorate learn show lease-fence` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Distributed locking: the token of a grant, which is grant number `grants`.
fn token(grants: u64) -> Token {
    unfinished!(grants)
}

/// Distributed locking; Chubby §2.4: whether the resource accepts a write with the sequencer
/// `shown`.
fn admits(highest: Option<Token>, shown: Sequencer) -> Ruling<SingleRule> {
    unfinished!(highest, shown)
}

hand_in!("lease-fence", Rulebook { token, admits });
