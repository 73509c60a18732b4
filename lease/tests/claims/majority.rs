//! Claims about majority leases.

use quorate_lab::sim::{Coverage, CrashPoint, Delivery, Experiment, Fault, RunError, RunVerdict, Setup, World};
use quorate_lease::invariants::AtMostOnePrimary;
use quorate_lease::majority::{Command, Config, MajorityLease, MajorityRule, Message, Settings};
use quorate_lease::{BY_THE_BOOK, Fact, LeaseId, Loss, Reply, Rulebook};
use quorate_protocol::Ruling::Allow;
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time};

use crate::common::{CLIENT, Named, Tally, at, ms, settings as single, violated};
use crate::random::{SPAN, fault_plan};

const N1: NodeId = NodeId(0);
const N2: NodeId = NodeId(1);
const N3: NodeId = NodeId(2);

type Watchers = (AtMostOnePrimary<LeaseId>, Tally, Coverage<MajorityLease>);

impl Named for Fact {
    fn name(&self) -> Option<&'static str> {
        match self {
            Fact::LeaseHeld { .. } => Some("held"),
            Fact::LeaseLost { reason: Loss::Expired, .. } => Some("expired"),
            Fact::LeaseLost { reason: Loss::Released, .. } => Some("released"),
            Fact::Acted { .. } => Some("acts"),
            _ => None,
        }
    }
}

fn config(count: u32, act_every: Option<Duration>) -> Config {
    Settings { act_every, ..Settings::symmetric(count, single().terms) }.build().unwrap()
}

fn cluster(rules: Rulebook) -> World<MajorityLease, AtMostOnePrimary<LeaseId>> {
    let names = Names::new(["n1", "n2", "n3"], ["c"]);
    Setup::<MajorityLease>::new("majority", names, config(3, None))
        .under(rules)
        .start_under(AtMostOnePrimary::default())
}

fn acts(world: &mut World<MajorityLease, AtMostOnePrimary<LeaseId>>, node: NodeId) -> bool {
    world.inject_request(CLIENT, node, Command::Act).unwrap();
    matches!(world.answers(CLIENT).last(), Some((_, Reply::Acted { .. })))
}

fn primary(world: &mut World<MajorityLease, AtMostOnePrimary<LeaseId>>) -> NodeId {
    [N1, N2, N3].into_iter().find(|&node| acts(world, node)).expect("somebody is primary")
}

#[test]
fn nobody_answers_before_the_quarantine_is_over() {
    let mut world = cluster(BY_THE_BOOK);
    world.run_until(at(299)).unwrap();
    assert!(![N1, N2, N3].into_iter().any(|node| acts(&mut world, node)));
    world.run_until(at(900)).unwrap();
    primary(&mut world);
}

#[test]
fn the_primary_renews_and_outlives_any_one_acceptor() {
    let mut world = cluster(BY_THE_BOOK);
    world.run_until(at(1000)).unwrap();
    let first = primary(&mut world);
    let other = [N1, N2, N3].into_iter().find(|&node| node != first).unwrap();
    world.inject(Fault::Crash { node: other, point: CrashPoint::BetweenSteps }).unwrap();
    world.run_until(at(4000)).unwrap();
    assert!(acts(&mut world, first));
}

#[test]
fn when_the_primary_dies_another_takes_over_after_its_term() {
    let mut world = cluster(BY_THE_BOOK);
    world.run_until(at(1000)).unwrap();
    let first = primary(&mut world);
    world.inject(Fault::Partition(vec![vec![first]])).unwrap();
    world.run_until(at(1800)).unwrap();
    assert!(!acts(&mut world, first));
    assert_ne!(primary(&mut world), first);
}

#[test]
fn a_copy_of_a_release_gives_nothing_back_that_was_won_since() {
    let mut world = cluster(BY_THE_BOOK);
    world.run_until(at(1000)).unwrap();
    let first = primary(&mut world);
    let ticket = quorate_protocol::RequestId { client: CLIENT, number: 50 };
    world.inject_request_as(ticket, first, Command::Release).unwrap();
    let answered = world.answers(CLIENT).last().cloned();
    assert!(matches!(answered, Some((_, Reply::Released { .. }))));
    // The others release in their turn, so that the first becomes primary again.
    let mut number = 100;
    while !acts(&mut world, first) {
        number += 1;
        assert!(number < 200, "{first} is never primary again");
        for other in [N1, N2, N3].into_iter().filter(|node| *node != first) {
            let again = quorate_protocol::RequestId { client: CLIENT, number: 1_000 * number + u64::from(other.0) };
            world.inject_request_as(again, other, Command::Release).unwrap();
        }
        world.run_for(ms(100)).unwrap();
    }
    world.inject_request_as(ticket, first, Command::Release).unwrap();
    assert_eq!(world.answers(CLIENT).last().cloned(), answered, "answered as before");
    assert!(acts(&mut world, first), "the lease that it has now is another");
}

#[test]
fn a_release_frees_the_lease_at_once() {
    let mut world = cluster(BY_THE_BOOK);
    world.run_until(at(1000)).unwrap();
    let first = primary(&mut world);
    world.inject_request(CLIENT, first, Command::Release).unwrap();
    world.run_until(at(1250)).unwrap();
    assert_ne!(primary(&mut world), first, "no need to wait for the end of the term");
}

const NO_QUARANTINE: Rulebook = Rulebook { quarantine: |_| Duration::ZERO, ..BY_THE_BOOK };
const COUNTS_MESSAGES: Rulebook = Rulebook { counts: |current, _| BY_THE_BOOK.counts(current, false), ..BY_THE_BOOK };
const RELEASE_IGNORES_BALLOT: Rulebook =
    Rulebook { release_frees: |_| Allow(MajorityRule::AcceptorReleases), ..BY_THE_BOOK };

type End = Result<(), &'static str>;

fn act_all(world: &mut World<MajorityLease, AtMostOnePrimary<LeaseId>>, until: u64) -> Result<(), RunError> {
    while world.now() < at(until) {
        world.run_for(ms(10))?;
        for node in [N1, N2, N3] {
            world.inject_request(CLIENT, node, Command::Act)?;
        }
    }
    Ok(())
}

/// The primary is cut off, and an acceptor of its majority restarts.
fn forgetful(rules: Rulebook) -> End {
    let mut world = cluster(rules);
    let run = |world: &mut World<_, _>| {
        world.run_until(at(1000))?;
        let first = primary(world);
        world.inject(Fault::Partition(vec![vec![first]]))?;
        for node in [N1, N2, N3].into_iter().filter(|&node| node != first) {
            world.inject(Fault::Crash { node, point: CrashPoint::BetweenSteps })?;
            world.inject(Fault::Restart(node))?;
        }
        act_all(world, 1600)
    };
    violated(run(&mut world))
}

/// Two pairs of five nodes that cannot reach each other, and every promise and acceptance arrives
/// twice.
fn repeated(rules: Rulebook) -> End {
    let names = Names::new(["n1", "n2", "n3", "n4", "n5"], ["c"]);
    let setup = Setup::<MajorityLease>::new("majority", names, config(5, Some(ms(7)))).under(rules);
    let mut world = setup.start_under(AtMostOnePrimary::default());
    world.intercept(|passing| match passing.message {
        Message::Promise { .. } | Message::Accepted { .. } => Delivery::Duplicate(Duration::from_micros(10)),
        _ => Delivery::Random,
    });
    let pairs = vec![vec![N1, NodeId(3)], vec![N2, NodeId(4)], vec![N3]];
    violated(world.inject(Fault::Partition(pairs)).and_then(|()| world.run_until(at(3000)).map_err(RunError::from)))
}

/// A long-delayed release arrives at acceptors that have accepted another's lease since, and that
/// holder is cut off.
fn late_release(rules: Rulebook) -> End {
    let mut world = cluster(rules);
    world.intercept(|passing| match passing.message {
        Message::Release { .. } => Delivery::Hold,
        _ => Delivery::Random,
    });
    let run = |world: &mut World<_, _>| {
        world.run_until(at(1000))?;
        let first = primary(world);
        world.inject_request(CLIENT, first, Command::Release)?;
        world.inject(Fault::Partition(vec![vec![first]]))?;
        act_all(world, 2000)?;
        let second = primary(world);
        assert_ne!(second, first);
        world.inject(Fault::Heal)?;
        world.release(|_| true);
        world.run_for(ms(2))?;
        world.inject(Fault::Partition(vec![vec![second]]))?;
        act_all(world, 3000)
    };
    violated(run(&mut world))
}

const DUAL: End = Err("AtMostOnePrimary");

#[test]
fn an_acceptor_that_restarts_sits_out_what_it_forgot() {
    assert_eq!((forgetful(NO_QUARANTINE), forgetful(BY_THE_BOOK)), (DUAL, Ok(())));
}

#[test]
fn a_late_release_frees_nothing() {
    assert_eq!((late_release(RELEASE_IGNORES_BALLOT), late_release(BY_THE_BOOK)), (DUAL, Ok(())));
}

#[test]
fn identities_are_counted_not_messages() {
    assert_eq!((repeated(COUNTS_MESSAGES), repeated(BY_THE_BOOK)), (DUAL, Ok(())));
}

#[test]
fn harsh_seeds_make_no_second_primary() {
    let mut tally = Tally::default();
    let mut coverage = Coverage::default();
    for seed in 0..150 {
        let nodes = [3, 5][seed as usize % 2];
        let names = Names::new((1..=nodes).map(|node| format!("n{node}")), ["c"]);
        let setup = Setup::<MajorityLease>::new("majority", names, config(nodes, Some(ms(7))));
        let watchers: Watchers = (AtMostOnePrimary::default(), Tally::default(), Coverage::default());
        let requests = (0..16).map(|count| quorate_lab::sim::ClientRequest {
            at: at(500 * count + seed % 97),
            client: ClientId(0),
            of: Some(NodeId(count as u32 % nodes)),
            command: Command::Release,
        });
        let experiment = Experiment {
            setup: setup.seed(seed).conditions(fault_plan().conditions),
            invariants: watchers,
            requests: requests.collect(),
            faults: fault_plan().schedule(seed, nodes, SPAN),
            message_faults: None,
            fault_window: SPAN,
            recovery_window: ms(5000),
        };
        let outcome = experiment.run(|world| {
            let now = quorate_protocol::LocalTime { monotonic: Time::ZERO, wall: Time::ZERO };
            world.up().any(|(node, machine)| machine.acts(&world.constants().of(node, now)).is_some())
        });
        assert!(matches!(outcome.verdict, RunVerdict::Reached { .. }), "seed {seed}: {:?}", outcome.verdict);
        let (_, seen, rules) = outcome.world.invariants();
        tally.add(seen);
        coverage.add(rules);
    }
    tally.expect(&[("held", 3000), ("expired", 200), ("released", 30), ("acts", 20_000)]);
    assert!(coverage.of(MajorityRule::StayQuarantined) > 1000 && coverage.of(MajorityRule::LeaseTaken) > 200);
}
