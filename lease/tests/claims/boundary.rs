//! The drift bound is exact: at the bound the longest safe term allows no second primary, and a
//! term one nanosecond longer does.

use quorate_lab::sim::{Conditions, CrashPoint, Fault, Setup, World};
use quorate_lease::invariants::{Safety, invariants};
use quorate_lease::{BY_THE_BOOK, Command, Drift, Lease, Rulebook, Settings, Terms};
use quorate_protocol::{ClientId, Duration, Time};

use crate::common::{A, B, C, Q, ms, names};

/// The holder counts one nanosecond too many.
const ONE_TICK_MORE: Rulebook =
    Rulebook { holder_term: |terms| terms.holder() + Duration::from_nanos(1), ..BY_THE_BOOK };

/// The restarted granter waits one nanosecond too few.
const QUARANTINE_SHORT: Rulebook =
    Rulebook { quarantine: |terms| terms.quarantine() - Duration::from_nanos(1), ..BY_THE_BOOK };

/// Messages without delay, because any delay only adds safety.
fn instant(rules: Rulebook, terms: Terms) -> World<Lease, Safety> {
    let config = Settings::new(Q, [A, B, C], terms).build().unwrap();
    let setup = Setup::<Lease>::new("lease", names(), config).under(rules);
    setup.conditions(Conditions::steady(Duration::ZERO)).start_under(invariants())
}

/// Asks every node to act, A last, at every nanosecond around an instant. Returns whether a
/// successor acted.
fn ask_all(mut world: World<Lease, Safety>, around: u64) -> (bool, Result<(), String>) {
    let mut successor_acted = false;
    for nanos in around - 3..around + 5 {
        if let Err(violation) = world.run_until(Time::from_nanos(nanos)) {
            return (successor_acted, Err(violation.to_string()));
        }
        for node in [B, C, A] {
            if let Err(halt) = world.inject_request(ClientId(0), node, Command::Act) {
                return (successor_acted, Err(halt.to_string()));
            }
        }
        let last = world.answers(ClientId(0));
        successor_acted |=
            last[last.len() - 3..].iter().take(2).any(|(_, reply)| matches!(reply, quorate_lease::Reply::Acted { .. }));
    }
    (successor_acted, Ok(()))
}

/// Q's clock runs at rate 3/2, A's at 1/2; A's newest request and the grant that answers it are
/// both at time 0.
fn slow_holder_fast_granter(rules: Rulebook) -> (bool, Result<(), String>) {
    let half = Drift::from_ppm(500_000).unwrap();
    let terms = Terms::new(ms(300), ms(100), ms(30), half).unwrap();
    let mut world = instant(rules, terms);
    world.inject(Fault::Drift { node: Q, ppm: 500_000 }).unwrap();
    world.inject(Fault::Drift { node: A, ppm: -500_000 }).unwrap();
    world.run_until(Time::ZERO).unwrap();
    world.inject(Fault::Partition(vec![vec![A]])).unwrap();
    ask_all(world, 200_000_000)
}

#[test]
fn the_longest_safe_term_holds_at_the_drift_bound() {
    assert_eq!(slow_holder_fast_granter(BY_THE_BOOK), (true, Ok(())));
}

#[test]
fn one_nanosecond_more_makes_two_primaries() {
    let (_, end) = slow_holder_fast_granter(ONE_TICK_MORE);
    let said = end.unwrap_err();
    assert!(said.contains("AtMostOnePrimary is broken: A acted"), "{said}");
}

/// The granter restarts 4 ns after A has asked, three ticks of Q's clock after its rate changed.
fn restart_at_the_boundary(rules: Rulebook) -> (bool, Result<(), String>) {
    let quarter = Drift::from_ppm(250_000).unwrap();
    let terms = Terms::new(ms(200), ms(100), ms(30), quarter).unwrap();
    assert_eq!(terms.quarantine(), Duration::from_nanos(166_666_667));
    let mut world = instant(rules, terms);
    world.inject(Fault::Drift { node: A, ppm: -250_000 }).unwrap();
    world.inject_at(Time::from_nanos(1), Fault::Drift { node: Q, ppm: 250_000 });
    world.run_until(Time::from_nanos(4)).unwrap();
    let crash = |node| Fault::Crash { node, point: CrashPoint::BetweenSteps };
    // A restarts, so that it sends a request at this instant, which is answered at once.
    for fault in [crash(A), Fault::Restart(A)] {
        world.inject(fault).unwrap();
    }
    world.run_until(Time::from_nanos(4)).unwrap();
    for fault in [crash(Q), Fault::Restart(Q), Fault::Partition(vec![vec![A]])] {
        world.inject(fault).unwrap();
    }
    ask_all(world, 4 + 133_333_333)
}

#[test]
fn the_shortest_quarantine_holds_at_the_drift_bound() {
    assert_eq!(restart_at_the_boundary(BY_THE_BOOK), (true, Ok(())));
}

#[test]
fn one_nanosecond_less_of_quarantine_makes_two_primaries() {
    let (_, end) = restart_at_the_boundary(QUARANTINE_SHORT);
    let said = end.unwrap_err();
    assert!(said.contains("AtMostOnePrimary is broken: A acted"), "{said}");
}
