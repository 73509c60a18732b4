//! Claims about leases that are pushed one way, step by step.

use quorate_lab::sim::{CrashPoint, Delivery, Fault, Setup, World};
use quorate_lease::invariants::{Safety, invariants};
use quorate_lease::pushed::{BY_THE_BOOK, Command, Ends, Message, Pushed, Reply, Rulebook, Settings};
use quorate_lease::{Token, Value};
use quorate_protocol::{NodeId, Time};

use crate::common::{A, B, C, CLIENT, Q, S, at, ms, names, violated};

type Cluster = World<Pushed, Safety>;

/// Settings in which Q pushes every 30 ms a lease that ends within 300 ms, and no wall clock is
/// wrong by more than 20 ms.
fn settings() -> Settings {
    Settings { resource: Some(S), skew: ms(20), ..Settings::new(Q, [A, B, C], ms(300)) }
}

fn start(rules: Rulebook, settings: Settings) -> Cluster {
    let config = settings.build().unwrap();
    Setup::<Pushed>::new("lease-pushed", names(), config).under(rules).start_under(invariants())
}

/// Sends a command directly and returns the newest answer of the client.
fn ask(world: &mut Cluster, node: NodeId, command: Command) -> Option<Reply> {
    world.inject_request(CLIENT, node, command).unwrap();
    world.answers(CLIENT).last().map(|(_, reply)| reply.clone())
}

fn acts(world: &mut Cluster, node: NodeId) -> bool {
    matches!(ask(world, node, Command::Act), Some(Reply::Acted { .. }))
}

fn appoint(world: &mut Cluster, holder: NodeId) {
    assert_eq!(ask(world, Q, Command::Appoint { holder }), Some(Reply::Appointed { holder }));
}

/// Sends a write, waits for the answer, and returns it.
fn write(world: &mut Cluster, node: NodeId, value: &str) -> Option<Reply> {
    world.inject_request(CLIENT, node, Command::Write { value: Value::from(value) }).unwrap();
    world.run_for(ms(10)).unwrap();
    world.answers(CLIENT).last().map(|(_, reply)| reply.clone())
}

/// First of the times at which the node acts, asked every millisecond.
fn acts_first(world: &mut Cluster, node: NodeId, from: u64, to: u64) -> Option<u64> {
    (from..to).find(|&millis| {
        world.run_until(at(millis)).unwrap();
        acts(world, node)
    })
}

/// End of the newest lease, as its issuer is bound by it.
fn end(world: &Cluster) -> Time {
    world.machine(Q).and_then(Pushed::issued).expect("a lease is issued").end
}

#[test]
fn the_first_holder_stays_primary_by_pushes_alone() {
    let mut world = start(BY_THE_BOOK, settings());
    world.run_until(at(2_000)).unwrap();
    assert!(acts(&mut world, A) && !acts(&mut world, B) && !acts(&mut world, C));
    let issued = world.machine(Q).and_then(Pushed::issued).unwrap();
    assert_eq!((issued.holder, issued.token), (A, Token(1)), "two seconds of pushes under one token");
    assert!(issued.end > at(2_000));
}

#[test]
fn an_issuer_that_hears_nothing_goes_on_all_the_same() {
    let mut world = start(BY_THE_BOOK, settings());
    for holder in [A, B, C, S] {
        world.inject(Fault::Link { from: holder, to: Q, up: false }).unwrap();
    }
    world.run_until(at(2_000)).unwrap();
    assert!(acts(&mut world, A), "nothing that Q does needs an answer");
}

#[test]
fn a_lost_push_is_sent_again_with_the_same_end() {
    let mut world = start(BY_THE_BOOK, settings());
    let mut pushes = Vec::new();
    world.intercept(|passing| match passing.message {
        Message::Push { .. } => Delivery::Drop,
        _ => Delivery::Random,
    });
    world.run_until(at(130)).unwrap();
    pushes.push(end(&world));
    assert!(!acts(&mut world, A));
    world.intercept_none();
    world.run_until(at(165)).unwrap();
    pushes.push(end(&world));
    assert!(acts(&mut world, A));
    assert_eq!(pushes[0], pushes[1], "four lost pushes and one that arrived had one end");
}

/// The end is a time of day: however late the push is, it says the same.
#[test]
fn a_push_that_arrives_after_its_end_is_void() {
    let mut world = start(BY_THE_BOOK, settings());
    world.intercept(|passing| match passing.message {
        Message::Push { .. } => Delivery::Hold,
        _ => Delivery::Random,
    });
    world.run_until(at(35)).unwrap();
    world.intercept(|passing| match passing.message {
        Message::Push { .. } => Delivery::Drop,
        _ => Delivery::Random,
    });
    world.run_until(at(400)).unwrap();
    world.release(|_| true);
    world.run_for(ms(5)).unwrap();
    assert!(!acts(&mut world, A));
}

#[test]
fn the_next_holder_is_named_when_the_end_is_past_by_the_bound_on_the_clock() {
    let mut world = start(BY_THE_BOOK, settings());
    world.run_until(at(500)).unwrap();
    let end = end(&world).as_nanos() / 1_000_000;
    appoint(&mut world, B);
    assert_eq!(acts_first(&mut world, A, end - 25, end), Some(end - 25));
    let stopped = (end - 25..end).find(|&millis| {
        world.run_until(at(millis)).unwrap();
        !acts(&mut world, A)
    });
    assert_eq!(stopped, Some(end - 20), "A stops before the end by the bound");
    let acts = acts_first(&mut world, B, end - 20, end + 100).expect("B is primary");
    assert!(acts > end + 20 && acts <= end + 20 + 30 + 5, "Q waits past the end by the bound: {acts}, {end}");
}

#[test]
fn a_node_that_holds_nothing_can_be_appointed_and_the_old_holder_again() {
    let mut world = start(BY_THE_BOOK, settings());
    world.run_until(at(500)).unwrap();
    appoint(&mut world, B);
    appoint(&mut world, A);
    world.run_until(at(1_000)).unwrap();
    assert!(acts(&mut world, A), "A is appointed anew before its lease is over");
    assert_eq!(world.machine(Q).and_then(Pushed::issued).unwrap().token, Token(1));
    let unknown = Command::Appoint { holder: S };
    assert_eq!(ask(&mut world, Q, unknown), Some(Reply::Unknown { holder: S }));
    assert_eq!(ask(&mut world, A, Command::Appoint { holder: B }), Some(Reply::NotMyRole));
    assert_eq!(ask(&mut world, S, Command::Act), Some(Reply::NotMyRole));
}

#[test]
fn a_restarted_issuer_is_bound_by_the_end_on_its_disk() {
    let mut world = start(BY_THE_BOOK, settings());
    world.run_until(at(500)).unwrap();
    appoint(&mut world, B);
    let bound = end(&world);
    world.inject(Fault::Crash { node: Q, point: CrashPoint::BetweenSteps }).unwrap();
    world.run_for(ms(20)).unwrap();
    world.inject(Fault::Restart(Q)).unwrap();
    world.run_for(ms(1)).unwrap();
    assert_eq!(end(&world), bound);
    assert!(acts(&mut world, A), "the lease that A holds is not revoked by the crash");
    world.run_until(at(1_200)).unwrap();
    assert!(acts(&mut world, B) && !acts(&mut world, A), "the appointment is on the disk as well");
}

#[test]
fn a_clock_at_the_bound_is_borne_and_one_beyond_it_makes_two_primaries() {
    let run = |wrong: i64| {
        let mut world = start(BY_THE_BOOK, settings());
        world.run_until(at(400)).unwrap();
        world.inject(Fault::Jump { node: A, nanos: -wrong * 1_000_000 }).unwrap();
        world.inject(Fault::Jump { node: Q, nanos: wrong * 1_000_000 }).unwrap();
        appoint(&mut world, B);
        for millis in 401..900 {
            world.run_until(at(millis)).unwrap();
            for node in [A, B] {
                let asked = world.inject_request(CLIENT, node, Command::Act);
                violated(asked)?;
            }
        }
        Ok(())
    };
    assert_eq!(run(20), Ok(()));
    assert_eq!(run(90), Err("AtMostOnePrimary"), "and no rule can know it");
}

#[test]
fn a_version_as_the_end_overtakes_at_once_and_only_the_resource_can_tell() {
    let mut world = start(BY_THE_BOOK, Settings { ends: Ends::Version, ..settings() });
    world.run_until(at(200)).unwrap();
    assert!(!acts(&mut world, A), "a holder alone cannot know whether it is overtaken");
    assert_eq!(write(&mut world, A, "x"), Some(Reply::Written { token: Token(1) }));
    appoint(&mut world, B);
    world.run_for(ms(60)).unwrap();
    assert_eq!(write(&mut world, B, "y"), Some(Reply::Written { token: Token(2) }), "nobody waits for an end");
    assert_eq!(write(&mut world, A, "z"), Some(Reply::WriteRefused { highest: Some(Token(2)) }));
    assert_eq!(world.machine(S).and_then(Pushed::value), Some(&Value::from("y")));
}

/// A late copy of a write arrives when the next one is carried out.
#[test]
fn a_late_copy_of_a_write_is_not_carried_out_again() {
    let mut world = start(BY_THE_BOOK, settings());
    world.run_until(at(200)).unwrap();
    world.intercept(|passing| match &passing.message {
        Message::Write { value, .. } if *value == Value::from("first") => Delivery::Duplicate(ms(40)),
        _ => Delivery::Random,
    });
    assert_eq!(write(&mut world, A, "first"), Some(Reply::Written { token: Token(1) }));
    assert_eq!(write(&mut world, A, "second"), Some(Reply::Written { token: Token(1) }));
    world.run_for(ms(50)).unwrap();
    assert_eq!(world.machine(S).and_then(Pushed::value), Some(&Value::from("second")));
}
