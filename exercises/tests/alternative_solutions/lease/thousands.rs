//! Alternative tokens in thousands: only their order matters, and they increase with every grant.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

fn admits(highest: Option<Token>, shown: Sequencer) -> Ruling<SingleRule> {
    let bar = highest.unwrap_or(Token(0));
    match shown.mode {
        Mode::Shared => Refuse(SingleRule::RefuseShared),
        Mode::Exclusive if shown.token >= bar => Allow(SingleRule::AcceptWrite),
        Mode::Exclusive => Refuse(SingleRule::RefuseLowerToken),
    }
}

hand_in!(
    "lease-fence",
    Rulebook { token: |grants| Token(1_000 * grants + 7), admits }
);
