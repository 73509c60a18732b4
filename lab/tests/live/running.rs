//! Threads of a cluster: start, replies, failures and shutdown.

use std::time::Instant;

use quorate_lab::env::{CrashPoint, Fault, InjectError, Status, Timeouts};
use quorate_lab::live::{AskError, FailureCause, FaultError, Setup};
use quorate_protocol::{Context, Input, Machine, Names, Never, Outbox, rules};
use quorate_raft::Role;

use super::{NODES, add, counters, ms, sum};

#[test]
fn clients_on_many_threads_share_one_counter() {
    let cluster = counters(3).start().unwrap();
    let sums = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let mut client = cluster.client();
                scope.spawn(move || (0..25).map(|_| sum(&client.ask(add(1)).unwrap())).collect::<Vec<i64>>())
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<std::collections::BTreeSet<i64>>()
    });
    assert_eq!(sums, (1..=100).collect(), "every answer was given once");
    let report = cluster.shutdown().unwrap();
    assert!(report.nodes.iter().all(|node| node.boots == 1 && node.syncs > 0));
    // Followers write several entries as one record, and the slowest may still lack some.
    assert!(report.nodes.iter().any(|node| node.records >= 100), "the leader writes each entry by itself");
}

#[test]
fn many_requests_of_one_client_are_under_way_together() {
    let cluster = counters(3).start().unwrap();
    let mut client = cluster.client();
    let tickets: Vec<_> = (0..1_000).map(|_| client.submit(add(1))).collect();
    assert_eq!(client.under_way(), 1_000);
    let mut answers: Vec<_> = std::iter::from_fn(|| client.wait()).map(Result::unwrap).collect();
    answers.sort_by_key(|(ticket, _)| *ticket);
    assert_eq!(answers.iter().map(|(ticket, _)| *ticket).collect::<Vec<_>>(), tickets);
    let sums: std::collections::BTreeSet<i64> = answers.iter().map(|(_, reply)| sum(reply)).collect();
    assert_eq!(sums, (1..=1_000).collect());
    let report = cluster.shutdown().unwrap();
    let leader = report.nodes.iter().max_by_key(|node| node.records).unwrap();
    let (records, syncs) = (leader.records, leader.syncs);
    assert!(syncs * 4 < records, "one sync for many records: {syncs} for {records}");
}

#[test]
fn a_client_that_asks_a_follower_is_sent_to_the_leader() {
    let cluster = counters(3).start().unwrap();
    let mut client = cluster.client();
    client.ask(add(1)).unwrap();
    let follower = NODES.into_iter().find(|node| cluster.view(*node).unwrap().role == Role::Follower).unwrap();
    client.turn_to(follower);
    let before = client.stats().retries;
    assert_eq!(sum(&client.ask(add(1)).unwrap()), 2);
    assert_eq!(client.stats().retries, before + 1);
}

#[test]
fn without_a_majority_patience_ends_at_its_deadline() {
    let timeouts = Timeouts { attempt: ms(50), pause: ms(5), deadline: ms(300) };
    let cluster = counters(3).timeouts(timeouts).start().unwrap();
    for node in [NODES[0], NODES[1]] {
        cluster.inject(&Fault::Crash { node, point: CrashPoint::BetweenSteps }).unwrap();
        assert_eq!(cluster.status(node), Some(Status::Down));
        assert!(cluster.view(node).is_none());
    }
    let begun = Instant::now();
    let error = cluster.client().ask(add(1)).unwrap_err();
    assert!(matches!(error, AskError::NoAnswer { .. }), "{error}");
    assert!(error.to_string().starts_with("no final reply to c1 #1 within 3"), "{error}");
    assert!(begun.elapsed() >= ms(300));
}

#[test]
fn a_shut_down_cluster_answers_nobody() {
    let cluster = counters(3).start().unwrap();
    let mut client = cluster.client();
    client.ask(add(1)).unwrap();
    let waiting = std::thread::spawn({
        let mut other = cluster.client();
        move || loop {
            if let Err(error) = other.ask(add(1)) {
                break error;
            }
        }
    });
    cluster.shutdown().unwrap();
    assert!(matches!(client.ask(add(1)), Err(AskError::ShutDown { .. })));
    assert!(matches!(waiting.join().unwrap(), AskError::ShutDown { .. }));
}

#[test]
fn dropping_a_cluster_ends_its_threads() {
    let cluster = counters(5).start().unwrap();
    let mut client = cluster.client();
    client.ask(add(1)).unwrap();
    drop(cluster);
    let error = client.ask(add(1)).unwrap_err();
    assert_eq!(error.to_string(), "the cluster was shut down before it answered c1 #2");
}

#[test]
fn a_fault_that_makes_no_sense_is_refused() {
    let cluster = counters(1).start().unwrap();
    for (fault, misfit) in [
        (Fault::Restart(NODES[0]), InjectError::WrongStatus { node: NODES[0], status: Status::Up }),
        (Fault::Resume(NODES[0]), InjectError::WrongStatus { node: NODES[0], status: Status::Up }),
        (Fault::Pause(NODES[1]), InjectError::NoSuchNode(NODES[1])),
        (Fault::Partition(vec![vec![NODES[2]]]), InjectError::NoSuchNode(NODES[2])),
        (Fault::Drift { node: NODES[0], ppm: -1_000_000 }, InjectError::DriftOutOfRange(-1_000_000)),
    ] {
        let refused = cluster.inject(&fault).unwrap_err();
        assert!(matches!(&refused, FaultError::Refused(found) if *found == misfit), "{fault}: {refused}");
    }
}

rules! {
    /// The rules of a machine that can be made to fail.
    enum Bomb { Obey: "no paper", "do as told"; }
}

/// A machine that panics, or cites no rule, on request.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Fuse;

impl Machine for Fuse {
    type Config = ();
    type Rulebook = ();
    type Message = Never;
    type Timer = Never;
    type Command = String;
    type Reply = String;
    type Fact = Never;
    type Rule = Bomb;
    type Record = Never;
    type Disk = ();
    type Clock = ();
    type View = ();

    fn boot(_: &Context<Self>, (): &(), _: &mut Outbox<Self>) -> Self {
        Fuse
    }

    fn step(&mut self, _: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        let Input::Request { ticket, command } = input;
        match command.as_str() {
            "burst" => panic!("burst as told"),
            "hush" => {}
            _ => _ = out.because(Bomb::Obey).reply(ticket, command),
        }
    }

    fn view(&self, _: &Context<Self>) {}
}

fn fuses() -> Setup<Fuse> {
    // With such a timeout, a client tries another node only because the first one has failed.
    let timeouts = Timeouts { attempt: ms(10_000), pause: ms(5), deadline: ms(10_000) };
    Setup::new("fuse", Names::new(["A", "B"], ["ann"]), ()).timeouts(timeouts)
}

#[test]
fn a_panic_is_an_error_that_names_the_node_and_others_go_on() {
    let cluster = fuses().traced().start().unwrap();
    let mut ann = cluster.client();
    assert_eq!(ann.ask("hello".to_owned()).unwrap(), "hello");
    // A panics, ann asks B the same, and B panics too: no node is left.
    let error = ann.ask("burst".to_owned()).unwrap_err();
    let AskError::AllFailed { failures, .. } = &error else { panic!("{error}") };
    assert_eq!(failures.len(), 2);
    assert!(error.to_string().contains("node A panicked: burst as told"), "{error}");

    cluster.inject(&Fault::Restart(NODES[1])).unwrap();
    assert_eq!(ann.ask("again".to_owned()).unwrap(), "again");
    let failed = cluster.shutdown().unwrap_err();
    assert!(matches!(&failed.failures[0].cause, FailureCause::Panic(message) if message == "burst as told"));
    assert_eq!(failed.to_string(), "node A panicked: burst as told; node B panicked: burst as told");
    let trace = failed.report.recording.unwrap().document();
    assert_eq!(trace.events.iter().filter(|event| event.what.kind() == "crash").count(), 2, "the trace survives it");
}

#[test]
fn a_step_that_cites_no_rule_is_a_failure() {
    let cluster = fuses().start().unwrap();
    let mut ann = cluster.client();
    assert!(matches!(ann.ask("hush".to_owned()), Err(AskError::AllFailed { .. })));
    let failed = cluster.shutdown().unwrap_err();
    assert!(failed.to_string().contains("on A has handled"), "{failed}");
}
