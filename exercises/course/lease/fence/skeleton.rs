//! The fence. Read `quorate learn show lease-fence` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Distributed locking: the token of a grant, which is the `grants`th.
fn token(grants: u64) -> Token {
    unfinished!(grants)
}

/// Distributed locking; Chubby §2.4: does the resource take a write of one that shows this?
fn admits(highest: Option<Token>, shown: Sequencer) -> Ruling<SingleRule> {
    unfinished!(highest, shown)
}

hand_in!("lease-fence", Rulebook { token, admits });
