//! Unit cases for the decisions about locks on a coordination service.

use quorate_lease::{Drift, LONGEST, Name, Terms};
use quorate_locks::coordination::{Belief, Child, LockMode, OnWake, Place, Recipe, Rulebook, Zxid};
use quorate_protocol::{Duration, Time};

use super::values::Scale;
use super::{LAST, UnitCases, ask};
use crate::course::Exercise;
use crate::grading::{Failed, Grading};

/// Tests the decisions of an exercise about locks on a coordination service.
pub(in crate::grade) fn coordination(
    rules: Rulebook,
    exercise: &Exercise,
    grading: &mut Grading,
) -> Result<(), Failed> {
    let ask: Option<fn(Rulebook, &mut UnitCases)> = match exercise.id {
        "lock-queue" => Some(queue),
        "lock-watch" => Some(watch),
        "lock-session" => Some(session),
        "lock-belief" => Some(belief),
        _ => None,
    };
    UnitCases::put(grading, LAST, ask.map(|ask| move |cases: &mut UnitCases| ask(rules, cases)))
}

/// Tests, before any run, the decision that could stop the progress of time: a session that is over
/// and does not count as such is reviewed again at once.
pub(in crate::grade) fn coordination_standstills(
    rules: Rulebook,
    exercise: &Exercise,
    grading: &mut Grading,
) -> Result<(), Failed> {
    let ask = |cases: &mut UnitCases| {
        for scale in cases.scales_to_the_end() {
            for end in moments(scale) {
                for now in moments(scale).filter(|now| *now > end) {
                    ask!(
                        cases,
                        rules.has_ended(end, now),
                        |ended| ended,
                        "a session has ended once the clock is past its end"
                    );
                }
            }
        }
    };
    UnitCases::put(grading, "whether time passes", (exercise.id == "lock-session").then_some(ask))
}

/// Five times: a nanosecond apart, or far apart.
fn moments(scale: Scale) -> impl Iterator<Item = Time> + Clone {
    (1..=5).map(move |moment| Time::from_nanos(scale.at(moment)))
}

const MODES: [LockMode; 2] = [LockMode::Exclusive, LockMode::Shared];

fn queue(rules: Rulebook, cases: &mut UnitCases) {
    for mine in MODES {
        for other in MODES {
            ask!(
                cases,
                rules.blocks(mine, other),
                |blocks| blocks == (mine == LockMode::Exclusive || other == LockMode::Exclusive),
                "only two readers can have the lock together"
            );
        }
    }
    for scale in cases.scales_to_the_end() {
        // Numbers and zxids in opposite orders, so that the two cannot be mistaken for each other.
        let children = (1..=5).map(|place| {
            let (sequence, created) = (scale.at(place), scale.at(6 - place));
            let path = Name::from(format!("/lock/write-{sequence:010}").as_str());
            Child { path, sequence: Some(sequence), created: Zxid(created) }
        });
        let children: Vec<Child> = children.collect();
        for child in &children {
            let recipe = Recipe::Sequential;
            ask!(
                cases,
                rules.place(recipe, child),
                |place| Some(place.0) == child.sequence,
                "the service has put the number into the name: that is the order of the queue"
            );
            let recipe = Recipe::CreateRevision;
            let unnumbered = &Child { sequence: None, ..child.clone() };
            ask!(
                cases,
                rules.place(recipe, unnumbered),
                |place| place == Place(unnumbered.created.0),
                "without a number in the name, the order is that of creation"
            );
            ask!(
                cases,
                rules.place(recipe, child),
                |place| place == Place(child.created.0),
                "by this recipe the order is that of creation, whatever the name"
            );
        }
        for earlier in &children {
            for later in children.iter().filter(|later| later.created > earlier.created) {
                let (first, second) = (rules.token(earlier.created), rules.token(later.created));
                cases.note(first < second, "the token of a later lock is higher", || {
                    format!(
                        "the token of {} is {first:?}, and that of {} is {second:?}",
                        earlier.created, later.created
                    )
                });
            }
        }
    }
}

fn watch(rules: Rulebook, cases: &mut UnitCases) {
    for recipe in Recipe::ALL {
        ask!(
            cases,
            rules.watches_all(recipe),
            |all| !all,
            "a client that watches all is woken by every unlock, and mostly for nothing"
        );
    }
    ask!(cases, rules.checks_again(), |again| again, "of a node that is gone there will be no notification");
    ask!(
        cases,
        rules.on_wake(),
        |means| means == OnWake::LookAgain,
        "the node ahead may be gone while another, further ahead, has the lock"
    );
    ask!(cases, rules.leaves_queue(), |leaves| leaves, "a node that is left behind is waited for");
}

fn session(rules: Rulebook, cases: &mut UnitCases) {
    let leads = false;
    ask!(cases, rules.counts_sessions(leads), |counts| !counts, "a follower may have missed heartbeats");
    let leads = true;
    ask!(cases, rules.counts_sessions(leads), |counts| counts, "somebody has to expire the sessions of the dead");
    for scale in cases.scales_to_the_end() {
        for touched in moments(scale) {
            for since in moments(scale) {
                let leads_since = Some(since);
                ask!(
                    cases,
                    rules.leader_counts_from(leads_since, touched),
                    |from| from == since.max(touched),
                    "a leader counts from the later of its election and the heartbeat that it has applied"
                );
            }
            let leads_since = None;
            ask!(
                cases,
                rules.leader_counts_from(leads_since, touched),
                |from| from == touched,
                "without an election there is only the heartbeat to count from"
            );
        }
        for end in moments(scale) {
            for now in moments(scale) {
                ask!(
                    cases,
                    rules.has_ended(end, now),
                    |ended| ended == (now > end),
                    "a session has ended once the clock is past its end, and not before"
                );
            }
        }
        for touches in (0..=5).map(|touches| scale.at(touches)) {
            ask!(
                cases,
                rules.expires_after(touches),
                |condition| condition == Some(touches),
                "the expiry holds only if there was no heartbeat since the one that was counted from"
            );
        }
    }
    let drawn = cases.drawn(u64::MAX).into_iter().map(Duration::from_nanos);
    for lock_delay in [0, 1, 60_000].map(Duration::from_millis).into_iter().chain(drawn) {
        ask!(
            cases,
            rules.frees_after(lock_delay),
            |delay| delay == Some(lock_delay),
            "the locks of an expired session become free after the lock-delay, and not before"
        );
    }
}

/// Terms of many lengths, each the longest that is safe; some are random.
fn all_terms(cases: &mut UnitCases) -> Vec<Terms> {
    let spans = [1_000, 999_983, 100_000_000, 60_000_000_000];
    let plain = spans.into_iter().flat_map(|span| [0, 50, 10_007, 100_000].map(|ppm| (span, ppm)));
    let longest = u64::try_from(LONGEST.as_nanos()).unwrap_or(u64::MAX);
    let drawn: Vec<u64> = cases.drawn(longest);
    let drawn = drawn.into_iter().zip(cases.drawn(900_000)).map(|(span, ppm)| (span, ppm as u32));
    let terms = |(span, ppm)| Terms::longest(Duration::from_nanos(span), Drift::from_ppm(ppm).ok()?).ok();
    plain.chain(drawn).filter_map(terms).collect()
}

fn belief(rules: Rulebook, cases: &mut UnitCases) {
    for terms in all_terms(cases) {
        let (terms, longest) = (&terms, terms.holder());
        ask!(
            cases,
            rules.client_term(terms),
            |span| span <= longest,
            "in the worst case of clock drift the service's count ends earlier"
        );
        // The order of two roundings makes a difference of about a nanosecond.
        ask!(
            cases,
            rules.client_term(terms),
            |span| span + Duration::from_nanos(2) >= longest,
            "a longer count is safe"
        );
    }
    for scale in cases.scales_to_the_end() {
        for sent in moments(scale) {
            for answered in moments(scale).filter(|answered| *answered >= sent) {
                ask!(
                    cases,
                    rules.counts_from(sent, answered),
                    |from| from <= sent,
                    "the service may have counted from right after the heartbeat was sent"
                );
            }
        }
        for until in moments(scale) {
            for now in moments(scale) {
                let belief = Belief::OwnClock;
                ask!(
                    cases,
                    rules.may_act(belief, until, now),
                    |ruling| ruling.allows() == (now < until),
                    "a client that counts acts only before the end of its session"
                );
                let belief = Belief::UntilTold;
                ask!(
                    cases,
                    rules.may_act(belief, until, now),
                    |ruling| ruling.allows(),
                    "a client that waits to be told acts until it is told"
                );
            }
        }
    }
    ask!(cases, rules.loses_when_told(), |loses| loses, "a client that is told has lost its lock");
}
