//! Faults between the threads and in them.

use quorate_lab::env::{Conditions, CrashPoint, Fault, Latency, Ppm, Status, Timeouts};
use quorate_lab::trace::{DropReason, EventKind};
use quorate_protocol::{NodeId, Time};

use super::{NODES, Node, add, counters, leader, ms, sum};

type Cluster = quorate_lab::live::Cluster<Node>;

/// Returns the reasons for which a finished run lost messages, and the number of duplicates.
fn message_faults(cluster: Cluster) -> (Vec<DropReason>, usize) {
    let document = cluster.shutdown().unwrap().recording.unwrap().document();
    let drops = document.events.iter().filter_map(|event| match event.what {
        EventKind::Drop { reason, .. } => Some(reason),
        _ => None,
    });
    let copies = document.events.iter().filter(|event| event.what.kind() == "duplicate").count();
    (drops.collect(), copies)
}

#[test]
fn loss_delay_and_duplication_come_from_the_conditions() {
    let conditions = Conditions {
        loss: Ppm::percent(5),
        duplication: Ppm::percent(20),
        latency: Latency::Uniform { min: ms(1), max: ms(4) },
        extra_delay_rate: Ppm::percent(5),
        extra_delay: Latency::Exactly(ms(10)),
    };
    let cluster = counters(3).conditions(conditions).traced().seed(3).start().unwrap();
    let mut client = cluster.client();
    let sums: Vec<i64> = (0..60).map(|_| sum(&client.ask(add(1)).unwrap())).collect();
    assert_eq!(sums, (1..=60).collect::<Vec<_>>(), "lost, repeated and late, but once each");
    assert!(cluster.now() >= Time::from_millis(60 * 4), "four trips of a millisecond at least for each answer");
    let (drops, copies) = message_faults(cluster);
    assert!(drops.contains(&DropReason::Loss) && copies > 10, "{} lost, {copies} repeated", drops.len());
}

#[test]
fn the_larger_side_of_a_partition_goes_on() {
    let cluster = counters(3).traced().start().unwrap();
    let mut client = cluster.client();
    client.ask(add(1)).unwrap();
    let old = leader(&cluster, |_| true);
    cluster.inject(&Fault::Partition(vec![vec![old]])).unwrap();
    let new = leader(&cluster, |node| node != old);
    client.turn_to(new);
    assert_eq!(sum(&client.ask(add(1)).unwrap()), 2);
    cluster.inject(&Fault::Heal).unwrap();
    assert_eq!(sum(&client.ask(add(1)).unwrap()), 3);
    assert!(message_faults(cluster).0.contains(&DropReason::Partition));
}

#[test]
fn a_cut_link_has_a_direction_and_can_be_restored() {
    let cluster = counters(3).traced().start().unwrap();
    let mut client = cluster.client();
    client.ask(add(1)).unwrap();
    let leads = leader(&cluster, |_| true);
    for to in NODES.into_iter().filter(|node| *node != leads) {
        cluster.inject(&Fault::Link { from: leads, to, up: false }).unwrap();
    }
    leader(&cluster, |node| node != leads);
    for to in NODES.into_iter().filter(|node| *node != leads) {
        cluster.inject(&Fault::Link { from: leads, to, up: true }).unwrap();
    }
    assert_eq!(sum(&client.ask(add(1)).unwrap()), 2);
}

#[test]
fn a_crashed_leader_is_replaced_and_comes_back_with_its_disk() {
    let cluster = counters(3).traced().start().unwrap();
    let mut client = cluster.client();
    assert_eq!(sum(&client.ask(add(7)).unwrap()), 7);
    let old = leader(&cluster, |_| true);
    cluster.inject(&Fault::Crash { node: old, point: CrashPoint::BetweenSteps }).unwrap();
    assert_eq!(sum(&client.ask(add(1)).unwrap()), 8);
    cluster.inject(&Fault::Restart(old)).unwrap();
    let other = NODES.into_iter().find(|node| *node != old && cluster.view(*node).is_some()).unwrap();
    cluster.inject(&Fault::Crash { node: other, point: CrashPoint::BetweenSteps }).unwrap();
    assert_eq!(sum(&client.ask(add(1)).unwrap()), 9, "the restarted node is needed for a majority");
    let report = cluster.shutdown().unwrap();
    assert_eq!(report.nodes[old.index()].boots, 2);
}

#[test]
fn a_paused_node_misses_nothing_but_time() {
    misses_nothing_but_time(Fault::Pause);
}

#[test]
fn a_suspended_node_misses_nothing_but_time() {
    misses_nothing_but_time(Fault::Suspend);
}

fn misses_nothing_but_time(pause: fn(NodeId) -> Fault) {
    let cluster = counters(3).traced().start().unwrap();
    let mut client = cluster.client();
    client.ask(add(1)).unwrap();
    let leads = leader(&cluster, |_| true);
    let paused = NODES.into_iter().find(|node| *node != leads).unwrap();
    cluster.inject(&pause(paused)).unwrap();
    assert_eq!(cluster.status(paused), Some(Status::Paused));
    let steps = cluster.view(paused).unwrap().applied;
    for total in 2..=5 {
        assert_eq!(sum(&client.ask(add(1)).unwrap()), total);
    }
    assert_eq!(cluster.view(paused).unwrap().applied, steps, "it does nothing meanwhile");
    cluster.inject(&Fault::Resume(paused)).unwrap();
    for _ in 0..500 {
        if cluster.view(paused).unwrap().state == "5" {
            return;
        }
        std::thread::sleep(ms(5));
    }
    panic!("it has not caught up: {:?}", cluster.view(paused));
}

#[test]
fn a_crash_strikes_at_the_moment_that_it_is_meant_for() {
    for (moment, kept) in [
        (CrashPoint::BeforePersist { kept: 0 }, false),
        (CrashPoint::AfterPersist, true),
        (CrashPoint::AfterSends { sent: 0 }, true),
    ] {
        let timeouts = Timeouts { attempt: ms(150), pause: ms(5), deadline: ms(400) };
        let cluster = counters(3).timeouts(timeouts).traced().start().unwrap();
        let mut client = cluster.client();
        while client.ask(add(1)).is_err() {}
        let leads = leader(&cluster, |_| true);
        // It runs alone, so that only the request can make it write.
        for node in NODES.into_iter().filter(|node| *node != leads) {
            cluster.inject(&Fault::Crash { node, point: CrashPoint::BetweenSteps }).unwrap();
        }
        let before = cluster.view(leads).unwrap().last;
        cluster.inject(&Fault::Crash { node: leads, point: moment }).unwrap();
        client.turn_to(leads);
        if matches!(moment, CrashPoint::AfterSends { .. }) {
            std::thread::sleep(ms(100));
        } else {
            client.ask(add(1)).unwrap_err();
        }
        assert_eq!(cluster.status(leads), Some(Status::Down), "{moment:?}");
        cluster.inject(&Fault::Restart(leads)).unwrap();
        let after = cluster.view(leads).unwrap().last;
        assert_eq!(after > before, kept && !matches!(moment, CrashPoint::AfterSends { .. }), "{moment:?}");
    }
}

#[test]
fn a_wiped_disk_is_blank() {
    let cluster = counters(3).start().unwrap();
    let mut client = cluster.client();
    client.ask(add(1)).unwrap();
    let leads = leader(&cluster, |_| true);
    for node in NODES.into_iter().filter(|node| *node != leads) {
        cluster.inject(&Fault::Crash { node, point: CrashPoint::BetweenSteps }).unwrap();
    }
    cluster.inject(&Fault::Wipe(leads)).unwrap();
    cluster.inject(&Fault::Restart(leads)).unwrap();
    assert_eq!(cluster.view(leads).unwrap().last.index.0, 0);
}

#[test]
fn a_restart_calls_off_a_crash_that_still_waits() {
    let cluster = counters(1).start().unwrap();
    let mut client = cluster.client();
    assert_eq!(sum(&client.ask(add(1)).unwrap()), 1);
    // A single node never sends five messages in a step, so the crash stays pending.
    let moment = CrashPoint::AfterSends { sent: 5 };
    cluster.inject(&Fault::Crash { node: NODES[0], point: moment }).unwrap();
    cluster.inject(&Fault::Restart(NODES[0])).unwrap();
    cluster.inject(&Fault::Restart(NODES[0])).unwrap_err();
    // This crash would happen at the next write.
    cluster.inject(&Fault::Crash { node: NODES[0], point: CrashPoint::AfterPersist }).unwrap();
    cluster.inject(&Fault::Restart(NODES[0])).unwrap();
    assert_eq!(sum(&client.ask(add(1)).unwrap()), 2);
    assert_eq!(cluster.status(NODES[0]), Some(Status::Up));
    assert_eq!(cluster.shutdown().unwrap().nodes[0].boots, 1);
}
