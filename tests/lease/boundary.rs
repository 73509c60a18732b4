//! Boundary of safety, on whole clusters: for any drift, term and delay the longest safe term and
//! the shortest quarantine are safe, and a few nanoseconds more or less are not. (Schedules in
//! which a single tick is decisive are in the tests of the crate; here ticks are not aligned, and
//! three clocks round, so it takes a few more.)

use proptest::prelude::*;
use quorate::lab::sim::{Conditions, CrashPoint, Fault, RunError, Setup, World};
use quorate::lease::invariants::{AtMostOnePrimary, LeaseEvent, Observable, invariants};
use quorate::lease::{BY_THE_BOOK, Command, Drift, Lease, LeaseId, Name, Rulebook, Settings, Terms, Value};
use quorate::lease::{cache, majority};
use quorate::protocol::{ClientId, Duration, Invariant, InvariantViolation, Names, NodeId, StepView, Time, nanos};

/// Holder's term extended by `NANOS` nanoseconds.
const fn longer<const NANOS: u64>() -> Rulebook {
    Rulebook { holder_term: |terms| terms.holder() + Duration::from_nanos(NANOS), ..BY_THE_BOOK }
}

/// Quarantine after a restart shortened by `NANOS` nanoseconds.
const fn hastier<const NANOS: u64>() -> Rulebook {
    Rulebook { quarantine: |terms| terms.quarantine() - Duration::from_nanos(NANOS), ..BY_THE_BOOK }
}

/// Parameters of a schedule, with the slowest clock on A and the fastest on the granter.
#[derive(Clone, Copy, Debug)]
struct Case {
    ppm: u32,
    term: u64,
    /// Message delay, in thousandths of the holder's term.
    delay: u64,
    /// Number of times that A has held or renewed its lease before it is cut off.
    renewals: usize,
    /// Whether the granter restarts at that time, and must wait for its quarantine.
    restarts: bool,
}

impl Case {
    fn terms(&self) -> Terms {
        Terms::longest(Duration::from_nanos(self.term), Drift::from_ppm(self.ppm).unwrap()).unwrap()
    }

    fn conditions(&self) -> Conditions {
        Conditions::steady(self.terms().holder() * self.delay as u32 / 1000)
    }

    fn clocks(&self) -> [Fault; 2] {
        let ppm = self.ppm as i32;
        [Fault::Drift { node: Q, ppm }, Fault::Drift { node: A, ppm: -ppm }]
    }

    /// Restarts the granter, if this case does, and cuts off A, both at this instant.
    fn cut(&self) -> impl Iterator<Item = Fault> {
        let restart = [Fault::Crash { node: Q, point: CrashPoint::BetweenSteps }, Fault::Restart(Q)];
        restart.into_iter().filter(|_| self.restarts).chain([Fault::Partition(vec![vec![A]])])
    }
}

fn cases(drift: u32, delay: u64, restarts: bool) -> impl Strategy<Value = Case> {
    (0..=drift, 20_000..2_000_000_000_u64, 0..=delay, 1..6_usize).prop_map(move |(ppm, term, delay, renewals)| Case {
        ppm,
        term,
        delay,
        renewals,
        restarts,
    })
}

const Q: NodeId = NodeId(0);
const A: NodeId = NodeId(1);
const B: NodeId = NodeId(2);
const ANN: ClientId = ClientId(0);

/// Number of times that A and B each acquired or renewed a lease.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Held([usize; 3]);

impl<M: Observable> Invariant<M> for Held {
    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        let held = seen.facts().filter_map(M::observe).filter(|(_, _, event)| *event == LeaseEvent::Held);
        self.0[seen.node.index()] += held.count();
        Ok(())
    }
}

/// Outcome of a schedule. Panics if it cannot be executed.
fn end(result: Result<(), RunError>) -> Result<(), &'static str> {
    result.map_err(|halt| match halt {
        RunError::Violation(violation) => violation.broken.invariant,
        other => panic!("the schedule makes no sense: {other}"),
    })
}

/// Cuts off A at the instant of a renewal. As soon as B holds the lease, asks A to act.
fn handed_over(case: Case, rules: Rulebook) -> Result<(), &'static str> {
    let config = Settings::new(Q, [A, B], case.terms()).build().unwrap();
    let setup = Setup::<Lease>::new("lease", Names::new(["Q", "A", "B"], ["ann"]), config).under(rules);
    let mut world = setup.conditions(case.conditions()).start_under((invariants(), Held::default()));
    let limit = Time::from_nanos(case.term.saturating_mul(1000));
    let mut play = || {
        for fault in case.clocks() {
            world.inject(fault)?;
        }
        assert!(!world.run_while(limit, |world| world.invariants().1.0[A.index()] < case.renewals)?, "A is primary");
        for fault in case.cut() {
            world.inject(fault)?;
        }
        assert!(!world.run_while(limit, |world| world.invariants().1.0[B.index()] < 1)?, "B follows, {case:?}");
        world.inject_request(ANN, A, Command::Act)
    };
    end(play())
}

/// Cuts off A when it caches a datum. As soon as the datum has changed, asks A for it.
fn changed(case: Case, rules: Rulebook) -> Result<(), &'static str> {
    let config = cache::Settings { server: Q, terms: case.terms() }.build().unwrap();
    let setup = Setup::<cache::Cache>::new("cache", Names::new(["Q", "A"], ["ann"]), config).under(rules);
    let mut world = setup.conditions(case.conditions()).start_under(cache::NoStaleRead::default());
    let (key, value) = (Name::from("x"), Value::from("new"));
    let read = || cache::Command::Read { key: key.clone() };
    let mut play = || {
        for fault in case.clocks() {
            world.inject(fault)?;
        }
        // After the quarantine of the first start, at an unaligned time.
        world.run_until(Time::from_nanos(case.term * 2 + case.renewals as u64))?;
        world.inject_request(ANN, A, read())?;
        world.settle(Time::MAX)?;
        for fault in case.cut() {
            world.inject(fault)?;
        }
        world.inject_request(ANN, Q, cache::Command::Write { key: key.clone(), value: value.clone() })?;
        let waits = |world: &World<_, _>| world.answers(ANN).len() < 2;
        assert!(!world.run_while(Time::MAX, waits)?, "the write is carried out");
        world.inject_request(ANN, A, read())
    };
    end(play())
}

proptest! {
    #[test]
    fn the_longest_safe_term_holds_for_any_drift_term_and_delay(case in cases(900_000, 120, false)) {
        prop_assert_eq!(handed_over(case, BY_THE_BOOK), Ok(()));
        prop_assert_eq!(changed(case, BY_THE_BOOK), Ok(()));
    }

    #[test]
    fn the_shortest_quarantine_holds_for_any_drift_term_and_delay(case in cases(900_000, 120, true)) {
        prop_assert_eq!(handed_over(case, BY_THE_BOOK), Ok(()));
        prop_assert_eq!(changed(case, BY_THE_BOOK), Ok(()));
    }

    #[test]
    fn four_nanoseconds_more_break_every_term(case in cases(900_000, 0, false)) {
        prop_assert_eq!(handed_over(case, longer::<4>()), Err("AtMostOnePrimary"));
        prop_assert_eq!(changed(case, longer::<4>()), Err("NoStaleRead"));
    }

    #[test]
    fn eight_nanoseconds_less_break_every_quarantine(case in cases(500_000, 0, true)) {
        prop_assert_eq!(handed_over(case, hastier::<8>()), Err("AtMostOnePrimary"));
        prop_assert_eq!(changed(case, hastier::<8>()), Err("NoStaleRead"));
    }
}

/// Schedule with one acceptor, whose clock makes three ticks in two nanoseconds; A, whose clock
/// makes one in two; and B, which tries to acquire at every nanosecond.
fn won_over(restarts: bool, rules: Rulebook) -> Result<(), &'static str> {
    let case = Case { ppm: 500_000, term: 300_000_000, delay: 0, renewals: 3, restarts };
    let terms = case.terms();
    assert_eq!(terms.holder(), Duration::from_millis(100));
    let settings = majority::Settings { acceptors: vec![Q], proposers: vec![A, B], terms, act_every: None };
    let names = Names::new(["Q", "A", "B"], ["ann"]);
    let config = settings.build().unwrap();
    let setup = Setup::<majority::MajorityLease>::new("majority", names, config).under(rules);
    let invariants = (AtMostOnePrimary::<LeaseId>::default(), Held::default());
    let mut world = setup.conditions(case.conditions()).start_under(invariants);
    let mut play = || {
        for fault in case.clocks().into_iter().chain([Fault::Partition(vec![vec![B]])]) {
            world.inject(fault)?;
        }
        world.run_while(Time::MAX, |world| world.invariants().1.0[A.index()] < case.renewals)?;
        let renewed = world.now();
        assert!(nanos(renewed.since(Time::ZERO)).is_multiple_of(2), "at a full tick of A's clock");
        for fault in case.cut() {
            world.inject(fault)?;
        }
        let over = renewed + Duration::from_millis(200);
        for nanos in over.as_nanos() - 5..over.as_nanos() + 5 {
            world.run_until(Time::from_nanos(nanos))?;
            assert!(world.fire_next(B, &majority::Timer::Begin));
            world.run_until(Time::from_nanos(nanos))?;
            world.inject_request(ANN, A, majority::Command::Act)?;
        }
        assert!(world.invariants().1.0[B.index()] > 0, "B follows");
        Ok(())
    };
    end(play())
}

#[test]
fn the_longest_safe_term_of_a_majority_lease_is_broken_by_one_tick_more() {
    assert_eq!((won_over(false, BY_THE_BOOK), won_over(false, longer::<1>())), (Ok(()), Err("AtMostOnePrimary")));
}

/// Three ticks of the acceptor's clock are two nanoseconds, and A's clock cannot resolve one.
#[test]
fn the_shortest_quarantine_of_an_acceptor_is_broken_by_three_ticks_less() {
    assert_eq!((won_over(true, BY_THE_BOOK), won_over(true, hastier::<3>())), (Ok(()), Err("AtMostOnePrimary")));
    assert_eq!(won_over(true, hastier::<2>()), Ok(()), "there is no instant between");
}
