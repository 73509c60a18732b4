//! Queues of links and service times of nodes: delay grows with load, and overflow is loss.

use quorate_lab::env::{Conditions, CrashPoint, Fault, Queue, QueueOf};
use quorate_lab::sim::World;
use quorate_lab::trace::{DropReason, TypedEvent};
use quorate_protocol::{NodeId, Time};

use crate::courier::{Command, Courier};
use crate::{CLIENT, ONE, THREE, TWO, at, drops, heard, ms, setup, write};

fn queue(text: &str) -> Option<Queue> {
    Some(text.parse().unwrap())
}

fn link(text: &str) -> Fault {
    Fault::SetQueue { of: QueueOf::All, queue: queue(text) }
}

fn service(node: NodeId, text: &str) -> Fault {
    Fault::SetService { node, service: queue(text) }
}

/// A world in which a message takes a millisecond, and this fault.
fn world(fault: Fault) -> World<Courier> {
    let mut world = setup().start();
    world.inject(fault).unwrap();
    world
}

/// Lets node 1 send that many messages to node 2 at once, at 1 ms.
fn flood(world: &mut World<Courier>, count: u32) {
    world.inject_request(CLIENT, ONE, Command::Flood(count)).unwrap();
}

/// The times at which a node received messages.
fn deliveries(world: &World<Courier>, node: NodeId) -> Vec<Time> {
    let delivered = world
        .recording()
        .unwrap()
        .iter()
        .filter(|(_, event)| event.lane == Some(node.into()) && matches!(event.what, TypedEvent::Deliver { .. }));
    delivered.map(|(_, event)| event.at).collect()
}

fn notes(world: &World<Courier>) -> Vec<String> {
    let notes = world.recording().unwrap().iter().filter_map(|(_, event)| match event.what {
        TypedEvent::Note(text) => Some(text.clone()),
        _ => None,
    });
    notes.collect()
}

#[test]
fn on_a_link_the_delay_grows_with_the_load_and_the_order_stays() {
    let mut world = world(link("2ms"));
    flood(&mut world, 5);
    world.run_for(ms(50)).unwrap();
    assert_eq!(deliveries(&world, TWO), [3, 5, 7, 9, 11].map(at), "each waits 2 ms for each one before it");
    assert_eq!(heard(&world, TWO), [0, 1, 2, 3, 4]);
    let said: Vec<String> = notes(&world);
    assert_eq!(said.len(), 4, "{said:?}");
    assert_eq!(said[3], "Wrote waits 8ms for the link to n2: 4 before it");
}

#[test]
fn more_than_the_queue_has_room_for_is_lost_and_counted() {
    for (text, arrive) in [("2ms/0", 1), ("2ms/3", 4), ("2ms/99", 20), ("2ms", 20)] {
        let mut world = world(link(text));
        flood(&mut world, 20);
        world.run_for(ms(100)).unwrap();
        assert_eq!(heard(&world, TWO), (0..arrive).collect::<Vec<_>>(), "{text}: the first ones");
        assert_eq!(drops(&world), vec![DropReason::Overflow; 20 - arrive as usize], "{text}");
    }
}

#[test]
fn room_comes_back_as_the_link_goes_on() {
    let mut world = world(link("2ms/1"));
    flood(&mut world, 3);
    world.run_for(ms(2)).unwrap();
    flood(&mut world, 3);
    world.run_for(ms(50)).unwrap();
    assert_eq!(heard(&world, TWO), [0, 1, 0], "one of the second flood waits behind the rest of the first");
}

#[test]
fn two_senders_to_one_receiver_share_its_port_and_not_their_links() {
    let both = |of| {
        let mut world = world(Fault::SetQueue { of, queue: queue("5ms") });
        for node in [ONE, THREE] {
            world.inject_request(CLIENT, node, Command::Flood(1)).unwrap();
        }
        world.run_for(ms(50)).unwrap();
        deliveries(&world, TWO)
    };
    assert_eq!(both(QueueOf::All), [6, 6].map(at));
    assert_eq!(both(QueueOf::Into(TWO)), [6, 11].map(at));
    assert_eq!(both(QueueOf::Into(ONE)), [1, 1].map(at));
    assert_eq!(both(QueueOf::Between { from: ONE, to: TWO }), [1, 6].map(at), "one link alone is slow");
}

#[test]
fn the_most_specific_queue_counts_and_all_are_taken_away_at_once() {
    let mut world = world(link("50ms"));
    let between = QueueOf::Between { from: ONE, to: TWO };
    world.inject(Fault::SetQueue { of: QueueOf::Into(TWO), queue: queue("20ms") }).unwrap();
    world.inject(Fault::SetQueue { of: between, queue: queue("5ms") }).unwrap();
    let start = world.now();
    flood(&mut world, 1);
    world.run_for(ms(100)).unwrap();
    assert_eq!(deliveries(&world, TWO).last().unwrap().since(start), ms(6));
    world.inject(Fault::SetQueue { of: between, queue: None }).unwrap();
    let start = world.now();
    flood(&mut world, 1);
    world.run_for(ms(100)).unwrap();
    assert_eq!(deliveries(&world, TWO).last().unwrap().since(start), ms(21));
    world.inject(Fault::SetQueue { of: QueueOf::All, queue: None }).unwrap();
    let start = world.now();
    flood(&mut world, 1);
    world.run_for(ms(100)).unwrap();
    assert_eq!(deliveries(&world, TWO).last().unwrap().since(start), ms(1));
}

#[test]
fn requests_and_replies_of_clients_pass_links_too() {
    let mut world = world(link("3ms"));
    write(&mut world, ONE, 1);
    world.run_for(ms(7)).unwrap();
    assert_eq!(world.client_stats(CLIENT).answered, 0);
    world.run_for(ms(1)).unwrap();
    assert_eq!(world.client_stats(CLIENT).answered, 1, "3 and 1 ms there, 3 and 1 ms back");
}

#[test]
fn a_cut_link_loses_what_is_in_its_queue() {
    let mut world = world(link("10ms"));
    flood(&mut world, 3);
    world.run_for(ms(15)).unwrap();
    world.inject(Fault::Link { from: ONE, to: TWO, up: false }).unwrap();
    world.run_for(ms(50)).unwrap();
    assert_eq!((heard(&world, TWO), drops(&world)), (vec![0], vec![DropReason::Partition; 2]));
}

#[test]
fn a_lost_message_has_taken_its_time_on_the_link() {
    let mut world = world(link("2ms/1"));
    let loss = Conditions { loss: quorate_lab::env::Ppm::ONE, ..Conditions::steady(ms(1)) };
    world.inject(Fault::SetConditions(loss)).unwrap();
    flood(&mut world, 3);
    world.run_for(ms(50)).unwrap();
    assert_eq!(drops(&world), [DropReason::Loss, DropReason::Loss, DropReason::Overflow]);
}

#[test]
fn a_busy_node_handles_one_after_the_other_and_answers_at_the_end_of_its_work() {
    let mut world = world(service(TWO, "4ms"));
    flood(&mut world, 3);
    world.settle(at(100)).unwrap();
    assert_eq!(deliveries(&world, TWO), [5, 9, 13].map(at));
    assert_eq!((heard(&world, TWO), world.in_flight()), (vec![0, 1, 2], 0));
    assert_eq!(notes(&world), ["Wrote waits: n2 is busy, and 1 before it", "Wrote waits: n2 is busy, and 2 before it"]);
}

#[test]
fn an_inbox_that_is_full_loses_the_rest() {
    for (text, arrive) in [("4ms/0", 1), ("4ms/2", 3), ("4ms", 9)] {
        let mut world = world(service(TWO, text));
        flood(&mut world, 9);
        world.run_for(ms(100)).unwrap();
        assert_eq!(heard(&world, TWO), (0..arrive).collect::<Vec<_>>(), "{text}");
        assert_eq!(drops(&world), vec![DropReason::Overflow; 9 - arrive as usize], "{text}");
        assert_eq!(world.in_flight(), 0);
    }
}

#[test]
fn a_timer_fires_when_the_node_is_free_and_takes_no_time() {
    let mut world = world(service(TWO, "4ms"));
    world.inject_request(CLIENT, TWO, Command::Wake(Some(3))).unwrap();
    world.run_until(at(4)).unwrap();
    // Armed at 4 ms for 7 ms; the first message is in work from 5 to 9 ms, the second to 13 ms.
    flood(&mut world, 2);
    world.run_for(ms(50)).unwrap();
    let fired = world.recording().unwrap().iter().find(|(_, event)| matches!(event.what, TypedEvent::Fire { .. }));
    assert_eq!(fired.unwrap().1.at, at(13));
    assert_eq!(deliveries(&world, TWO), [9, 13].map(at));
}

#[test]
fn a_crash_empties_the_inbox_and_a_restart_begins_with_an_empty_one() {
    let mut world = world(service(TWO, "4ms"));
    flood(&mut world, 3);
    world.run_until(at(6)).unwrap();
    world.inject(Fault::Crash { node: TWO, point: CrashPoint::BetweenSteps }).unwrap();
    assert_eq!(drops(&world), [DropReason::Crashed; 2]);
    assert_eq!(world.in_flight(), 0);
    world.inject(Fault::Restart(TWO)).unwrap();
    flood(&mut world, 1);
    world.run_for(ms(50)).unwrap();
    assert_eq!(deliveries(&world, TWO), [5, 11].map(at), "the work that the crash ended does not come back");
}

#[test]
fn a_paused_or_suspended_node_does_the_rest_of_its_work_afterwards() {
    for fault in [Fault::Pause(TWO), Fault::Suspend(TWO)] {
        let mut world = world(service(TWO, "4ms"));
        flood(&mut world, 2);
        world.run_until(at(2)).unwrap();
        world.inject(fault).unwrap();
        assert_eq!(world.in_flight(), 0, "what waits at a paused node has arrived");
        flood(&mut world, 1);
        world.run_until(at(102)).unwrap();
        world.inject(Fault::Resume(TWO)).unwrap();
        world.settle(at(500)).unwrap();
        assert_eq!(deliveries(&world, TWO), [105, 109, 113].map(at));
    }
}

#[test]
fn off_is_off_and_what_waits_is_handled_next() {
    let mut world = world(service(TWO, "4ms"));
    flood(&mut world, 3);
    world.run_until(at(2)).unwrap();
    world.inject(Fault::SetService { node: TWO, service: None }).unwrap();
    world.run_until(at(20)).unwrap();
    assert_eq!(deliveries(&world, TWO), [5, 5, 5].map(at));
    flood(&mut world, 2);
    world.run_for(ms(5)).unwrap();
    assert_eq!(deliveries(&world, TWO)[3..], [at(21), at(21)]);
}

#[test]
fn everything_heals_without_queues() {
    let mut world = world(link("10ms"));
    world.inject(service(TWO, "10ms")).unwrap();
    world.heal_everything().unwrap();
    flood(&mut world, 3);
    world.run_for(ms(50)).unwrap();
    assert!(deliveries(&world, TWO).iter().all(|time| *time <= at(5)), "{:?}", deliveries(&world, TWO));
}

#[test]
fn waiting_grows_with_utilisation_as_in_queueing_theory() {
    // M/D/1: requests at random times, each served for 10 ms, wait for ρ/(2(1-ρ)) of them.
    for (gap, theory) in [(50, 1.25), (20, 5.0), (12, 25.0)] {
        let waited = mean_wait(gap);
        assert!((theory * 0.7..theory * 1.3).contains(&waited), "one in {gap} ms: {waited} ms, in theory {theory}");
    }
}

/// Mean wait in milliseconds of 20,000 requests to a node that takes 10 ms for each, at
/// exponentially distributed distances with that mean in milliseconds.
fn mean_wait(gap: u64) -> f64 {
    let names = quorate_protocol::Names::new(["n1", "n2", "n3"], ["c1"]);
    let mut world: World<Courier> = quorate_lab::sim::Setup::new("courier", names, 3u32).traced().start();
    world.inject(service(TWO, "10ms")).unwrap();
    let (mut rng, mut now, mut arrivals) = (quorate_lab::env::Rng::new(7, 7), 0.0, Vec::new());
    for _ in 0..20_000 {
        let uniform = (rng.bits() >> 11) as f64 / (1u64 << 53) as f64;
        now += -(1.0 - uniform).ln() * gap as f64 * 1e6;
        let time = Time::from_nanos(now as u64);
        world.run_until(time).unwrap();
        world.inject_request(CLIENT, TWO, Command::Elsewhere).unwrap();
        arrivals.push(time);
    }
    world.run_for(ms(10_000)).unwrap();
    let handled =
        world.recording().unwrap().iter().filter(|(_, event)| matches!(event.what, TypedEvent::Request { .. }));
    let waits = handled.zip(&arrivals).map(|((_, event), arrived)| event.at.since(*arrived).as_secs_f64() * 1e3 - 10.0);
    waits.sum::<f64>() / arrivals.len() as f64
}

#[test]
fn faults_on_unknown_nodes_are_refused_and_faults_are_written_as_commands() {
    let nowhere = NodeId(7);
    let mut world = setup().start();
    for of in
        [QueueOf::Into(nowhere), QueueOf::Between { from: ONE, to: nowhere }, QueueOf::Between { from: ONE, to: ONE }]
    {
        assert!(world.inject(Fault::SetQueue { of, queue: queue("1ms") }).is_err(), "{of:?}");
    }
    assert!(world.inject(service(nowhere, "1ms")).is_err());
    assert_eq!(link("2ms/8").to_string(), "link each=2ms queue=8");
    assert_eq!(Fault::SetQueue { of: QueueOf::All, queue: None }.to_string(), "link off");
    world.names().scope(|| {
        let port = Fault::SetQueue { of: QueueOf::Into(TWO), queue: queue("2ms") };
        assert_eq!(port.to_string(), "link to=n2 each=2ms");
        assert_eq!(service(ONE, "1ms/0").to_string(), "service n1 1ms queue=0");
        assert_eq!(Fault::SetService { node: ONE, service: None }.to_string(), "service n1 0ms");
    });
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_without_queues_no_draw_is_different() {
    let trace = |faults: &str| {
        let plan: quorate_lab::env::FaultPlan = faults.parse().unwrap();
        let mut world = setup().seed(5).conditions(plan.conditions).start();
        for (time, fault) in plan.schedule(5, 3, ms(2_000)) {
            world.inject_at(time, fault);
        }
        for number in 0..40 {
            let command = if number % 4 == 0 { Command::Flood(6) } else { Command::Write(number, number) };
            world.ask_at(at(u64::from(number) * 40), CLIENT, Some(ONE), command);
        }
        world.run_for(ms(3_000)).unwrap();
        let mut bytes = Vec::new();
        world.recording().unwrap().write_jsonl(&mut bytes).unwrap();
        bytes
    };
    let queued = "harsh,link=20ms/2,service=30ms/2";
    assert_eq!(trace(queued), trace(queued));
    assert_ne!(trace(queued), trace("harsh"));
    let text = String::from_utf8(trace(queued)).unwrap();
    for reached in ["\"overflow\"", " waits ", " waits: "] {
        assert!(text.contains(reached), "no{reached}in the trace");
    }
    quorate_lab::trace::Document::read_jsonl(text.as_bytes()).expect("the reader reads it");
}
