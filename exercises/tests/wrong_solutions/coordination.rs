//! Wrong answers about locks on a coordination service.

use LockRule::{ActInTime, LockOver};
use quorate_exercises::coordination::*;
use quorate_exercises::prelude::*;

/// A duration multiplied by `of / by`.
fn scaled(span: Duration, of: u64, by: u64) -> Duration {
    Duration::from_nanos((span.as_nanos() * u128::from(of) / u128::from(by)) as u64)
}

const ONE: u64 = 1_000_000;

fn rho(terms: &Terms) -> u64 {
    u64::from(terms.drift().ppm())
}

fn acts(may: bool) -> Ruling<LockRule> {
    if may { Allow(ActInTime) } else { Refuse(LockOver) }
}

mistakes! {
    "lock-queue", "everybody blocks": blocks = |_, _| true;
    "lock-queue", "nobody blocks": blocks = |_, _| false;
    "lock-queue", "writers block": blocks = |_, other| other == LockMode::Exclusive;
    "lock-queue", "writers wait": blocks = |mine, _| mine == LockMode::Exclusive;
    "lock-queue", "only two writers": blocks = |mine, other| mine == LockMode::Exclusive && other == LockMode::Exclusive;
    "lock-queue", "only different modes": blocks = |mine, other| mine != other;
    "lock-queue", "only the same mode": blocks = |mine, other| mine == other;
    "lock-queue", "all in one place": place = |_, _| Place(0);
    "lock-queue", "by creation alone": place = |_, child| Place(child.created.0);
    "lock-queue", "by number alone": place = |_, child| Place(child.sequence.unwrap_or(0));
    "lock-queue", "by number if there is one": place = |_, child| Place(child.sequence.unwrap_or(child.created.0));
    "lock-queue", "the last first": place = |recipe, child| Place(u64::MAX - BY_THE_BOOK.place(recipe, child).0);
    "lock-queue", "by the last digit": place = |recipe, child| Place(BY_THE_BOOK.place(recipe, child).0 % 10);
    "lock-queue", "one token for all": token = |_| Token(1);
    "lock-queue", "tokens downwards": token = |created| Token(u64::MAX - created.0);
    "lock-queue", "one token for two": token = |created| Token(created.0 / 2);

    "lock-watch", "all": watches_all = |_| true;
    "lock-watch", "all but by number": watches_all = |recipe| recipe != Recipe::Sequential;
    "lock-watch", "waits for what is gone": checks_again = || false;
    "lock-watch", "woken means held": on_wake = || OnWake::Hold;
    "lock-watch", "stays in the queue": leaves_queue = || false;

    "lock-session", "all count": counts_sessions = |_| true;
    "lock-session", "none counts": counts_sessions = |_| false;
    "lock-session", "followers count": counts_sessions = |leads| !leads;
    "lock-session", "from the heartbeat": leader_counts_from = |_, touched| touched;
    "lock-session", "from the election": leader_counts_from = |since, touched| since.unwrap_or(touched);
    "lock-session", "from the earlier": leader_counts_from = |since, touched| since.map_or(touched, |since| since.min(touched));
    "lock-session", "from the beginning": leader_counts_from = |_, _| Time::ZERO;
    "lock-session", "never ends": has_ended = |_, _| false;
    "lock-session", "has always ended": has_ended = |_, _| true;
    "lock-session", "at the end": has_ended = |end, now| now >= end;
    "lock-session", "before the end": has_ended = |end, now| now < end;
    "lock-session", "a little early": has_ended = |end, now| now + Duration::from_millis(20) > end;
    "lock-session", "on no condition": expires_after = |_| None;
    "lock-session", "after the first heartbeat": expires_after = |_| Some(1);
    "lock-session", "after one more heartbeat": expires_after = |touches| Some(touches.saturating_add(1));
    "lock-session", "nodes never go": frees_after = |_| None;
    "lock-session", "nodes go at once": frees_after = |_| Some(Duration::ZERO);
    "lock-session", "half the delay": frees_after = |delay| Some(delay / 2);
    "lock-session", "only with a delay": frees_after = |delay| (!delay.is_zero()).then_some(delay);

    "lock-belief", "from the answer": counts_from = |_, answered| answered;
    "lock-belief", "from the middle": counts_from = |sent, answered| sent + answered.since(sent) / 2;
    "lock-belief", "from the beginning": counts_from = |_, _| Time::ZERO;
    "lock-belief", "as long as the service": client_term = |terms| terms.granter();
    "lock-belief", "its own clock is right": client_term = |terms| scaled(terms.granter(), ONE, ONE + rho(terms));
    "lock-belief", "the service's clock is right": client_term = |terms| scaled(terms.granter(), ONE - rho(terms), ONE);
    "lock-belief", "the wrong way round": client_term = |terms| scaled(terms.granter(), ONE + rho(terms), ONE - rho(terms));
    "lock-belief", "no time at all": client_term = |_| Duration::ZERO;
    "lock-belief", "half": client_term = |terms| terms.granter() / 2;
    "lock-belief", "always acts": may_act = |_, _, _| Allow(ActInTime);
    "lock-belief", "never acts": may_act = |_, _, _| Refuse(LockOver);
    "lock-belief", "counts in either case": may_act = |_, until, now| acts(now < until);
    "lock-belief", "at the end, too": may_act = |belief, until, now| acts(belief == Belief::UntilTold || now <= until);
    "lock-belief", "the wrong way round to believe": may_act = |belief, until, now| acts(belief == Belief::OwnClock || now < until);
    "lock-belief", "tells nobody": loses_when_told = || false;
}
