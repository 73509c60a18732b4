//! *Paxos Made Simple* §3, slot by slot: persistence and reports of an acceptor, the values that a
//! new leader must propose, and that a ballot proposes one command in each slot.

use quorate_paxos::multi::{
    self, Config, Entry, HOLE_LIMIT, Message, MultiPaxos, Record, Rhythm, Slot, SlotProposal, Timer,
};
use quorate_paxos::{Ballot, PaxosRule, Value};
use quorate_protocol::{ClientId, NodeId, RequestId};

use crate::cluster::{A, B, C, Cluster, Done};

type Multi = Cluster<MultiPaxos>;

fn three() -> Multi {
    Cluster::multi(&Config::new(quorate_paxos::Config::symmetric(3).unwrap(), Rhythm::default()).unwrap())
}

fn led_by_a() -> Multi {
    let mut cluster = three();
    cluster.fire(A, Timer::Election);
    cluster.settle();
    assert!(cluster.node(A).is_leader());
    cluster
}

fn entry(value: &str) -> Entry {
    Entry::command(RequestId { client: ClientId(9), number: 1 }, Value::from(value))
}

fn report(slot: u64, ballot: Ballot, value: &str) -> SlotProposal {
    SlotProposal { slot: Slot(slot), ballot, entry: entry(value) }
}

fn accept(slot: u64, ballot: Ballot, value: &str) -> Message {
    Message::Accept { slot: Slot(slot), ballot, entry: entry(value) }
}

/// The proposals of a step: slot, ballot and command of each, once.
fn proposed(done: &Done<MultiPaxos>) -> Vec<(u64, Ballot, String)> {
    let accept = |(to, message)| match message {
        Message::Accept { slot, ballot, entry } if to == A => Some((slot.0, ballot, entry.value.to_string())),
        _ => None,
    };
    done.sent().into_iter().filter_map(accept).collect()
}

/// §2.2 in every slot: a vote is durable before it is sent, together with its promise, and is
/// reported after a restart.
#[test]
fn a_vote_in_a_slot_survives_a_restart_with_its_promise() {
    let mut cluster = three();
    let ballot = Ballot::new(5, B);
    let voted = cluster.deliver(B, C, accept(1, ballot, "x"));
    let vote = Record::Accepted { slot: Slot(1), ballot, entry: entry("x") };
    assert_eq!(voted.records(), [Record::Promised { ballot }, vote]);
    cluster.crash(C);
    cluster.restart(C);
    assert_eq!(cluster.node(C).promised(), Some(ballot));
    assert_eq!(cluster.deliver(A, C, accept(2, Ballot::new(4, A), "y")).rules, [PaxosRule::RefuseAccept]);
    let higher = Ballot::new(6, A);
    let promised = cluster.deliver(A, C, Message::Prepare { ballot: higher, from_slot: Slot(1) });
    let told = Message::Promise { ballot: higher, accepted: vec![report(1, ballot, "x")] };
    assert_eq!(promised.sent(), [(A, told)]);
}

/// §3: one promise covers all slots, so a lower ballot is refused in every slot, also after a
/// restart.
#[test]
fn a_promise_for_all_slots_survives_a_restart() {
    let mut cluster = three();
    cluster.deliver(B, C, Message::Prepare { ballot: Ballot::new(5, B), from_slot: Slot(3) });
    for _ in 0..2 {
        for slot in 1..5 {
            let done = cluster.deliver(A, C, accept(slot, Ballot::new(4, A), "x"));
            assert_eq!(done.rules, [PaxosRule::RefuseAccept], "slot {slot}");
        }
        cluster.crash(C);
        cluster.restart(C);
    }
}

/// §3: a promise reports the latest vote in every slot that is open to the new leader.
#[test]
fn a_promise_reports_the_latest_vote_in_every_open_slot() {
    let mut cluster = three();
    let (one, two) = (Ballot::new(1, A), Ballot::new(2, B));
    for (slot, ballot, value) in [(1, one, "w"), (2, one, "x"), (3, one, "y"), (4, one, "z"), (3, two, "Y")] {
        cluster.deliver(ballot.node, C, accept(slot, ballot, value));
    }
    let ballot = Ballot::new(3, A);
    let promised = cluster.deliver(A, C, Message::Prepare { ballot, from_slot: Slot(2) });
    let accepted = vec![report(2, one, "x"), report(3, two, "Y"), report(4, one, "z")];
    assert_eq!(promised.sent(), [(A, Message::Promise { ballot, accepted })]);
}

/// P2c in every slot: the highest reported ballot decides, regardless of which acceptor reports it
/// and in which order.
#[test]
fn each_slot_is_bound_by_its_own_highest_report() {
    let (low, high) = (Ballot::new(1, C), Ballot::new(2, B));
    let of_b = vec![report(1, low, "old 1"), report(2, high, "new 2")];
    let of_c = vec![report(1, high, "new 1"), report(2, low, "old 2")];
    for answers in [[(B, of_b.clone()), (C, of_c.clone())], [(C, of_c), (B, of_b)]] {
        let mut cluster = three();
        cluster.fire(A, Timer::Election);
        cluster.flying.clear();
        cluster.deliver(B, A, Message::Refused { ballot: Ballot::new(1, A), promised: Ballot::new(5, B) });
        cluster.fire(A, Timer::Election);
        let ballot = Ballot::new(6, A);
        assert_eq!(cluster.node(A).highest_ballot_used(), Some(ballot));
        let [first, second] = answers.map(|(from, accepted)| (from, Message::Promise { ballot, accepted }));
        cluster.deliver(first.0, A, first.1);
        let lead = cluster.deliver(second.0, A, second.1);
        assert_eq!(proposed(&lead), [(1, ballot, "new 1".into()), (2, ballot, "new 2".into())]);
    }
}

/// §3: each command goes to the next slot in which this ballot has proposed nothing, whatever is
/// chosen in the meantime.
#[test]
fn a_ballot_proposes_one_command_in_a_slot() {
    let mut cluster = led_by_a();
    let ballot = Ballot::new(1, A);
    for (slot, value) in [(1, "x"), (2, "y"), (3, "z")] {
        let (_, done) = cluster.submit(A, value);
        assert_eq!(proposed(&done), [(slot, ballot, value.into())]);
    }
    let of_first = |message: &Message| match message {
        Message::Accept { slot, .. } | Message::Accepted { slot, .. } | Message::Chosen { slot, .. } => {
            *slot == Slot(1)
        }
        _ => true,
    };
    cluster.flying.retain(|envelope| of_first(&envelope.message));
    cluster.settle();
    assert_eq!(cluster.log(A), ["x"], "slot 1 is chosen, and the next two are still open");
    let (_, done) = cluster.submit(A, "w");
    assert_eq!(proposed(&done), [(4, ballot, "w".into())]);
}

/// §2.4: a proposer that leads again does so in a new ballot, whose phase 1 determines its
/// proposals. It does not propose by itself what it proposed in the earlier ballot and no acceptor
/// accepted, or there would be two commands in one slot of one ballot.
#[test]
fn a_leader_that_comes_back_proposes_nothing_of_its_earlier_ballot() {
    let mut cluster = led_by_a();
    let (lost, _) = cluster.submit(A, "lost");
    cluster.submit(A, "lost too");
    cluster.flying.clear();
    cluster.deliver(B, A, Message::Refused { ballot: Ballot::new(1, A), promised: Ballot::new(2, B) });
    assert!(!cluster.node(A).is_leader());
    cluster.fire(A, Timer::Election);
    cluster.settle();
    assert!(cluster.node(A).is_leader());
    let ballot = cluster.node(A).highest_ballot_used().unwrap();
    for _ in 0..3 {
        assert_eq!(proposed(&cluster.fire(A, Timer::Heartbeat)), [], "nothing has been asked for in {ballot}");
        cluster.settle();
    }
    let (_, done) = cluster.submit(A, "new");
    assert_eq!(proposed(&done), [(1, ballot, "new".into())]);
    let again = cluster.ask_again(A, lost, multi::Command::Propose { value: Value::from("lost") });
    assert_eq!(proposed(&again), [(2, ballot, "lost".into())], "it is not under way any more");
    cluster.settle();
    assert_eq!(cluster.log(NodeId(1)), ["new", "lost"]);
    assert_eq!(cluster.violations, []);
}

/// §3: a leader settles the open slots before it takes commands, so no command gets a slot that was
/// reported.
#[test]
fn a_queued_command_goes_behind_what_was_reported() {
    let mut cluster = three();
    let (low, ballot) = (Ballot::new(0, B), Ballot::new(1, A));
    for acceptor in [B, C] {
        cluster.deliver(B, acceptor, accept(2, low, "reported"));
    }
    cluster.flying.clear();
    cluster.submit(A, "queued");
    for acceptor in [B, C] {
        cluster.pass(A, acceptor);
    }
    cluster.pass(B, A);
    let lead = cluster.pass(C, A);
    assert_eq!(
        proposed(&lead),
        [(1, ballot, "no-op".into()), (2, ballot, "reported".into()), (3, ballot, "queued".into())]
    );
}

/// §2.2 for all slots: a late duplicate of a prepare whose ballot has reached phase 2 is ignored,
/// also after a restart.
#[test]
fn a_prepare_of_a_ballot_that_was_voted_in_is_ignored() {
    let mut cluster = three();
    let ballot = Ballot::new(5, B);
    cluster.deliver(B, C, accept(2, ballot, "x"));
    for _ in 0..2 {
        let late = cluster.deliver(B, C, Message::Prepare { ballot, from_slot: Slot(1) });
        assert_eq!((late.rules, late.effects), (vec![PaxosRule::IgnoreAccepted], vec![]));
        cluster.crash(C);
        cluster.restart(C);
    }
}

/// A queued command that phase 1 reports in a slot does not take a second one.
#[test]
fn a_queued_command_that_is_reported_takes_no_second_slot() {
    let mut cluster = three();
    let (ticket, _) = cluster.submit(A, "x");
    let ballot = cluster.node(A).highest_ballot_used().unwrap();
    let entry = Entry::command(ticket, Value::from("x"));
    let accepted = vec![SlotProposal { slot: Slot(1), ballot: Ballot::new(0, B), entry }];
    cluster.deliver(B, A, Message::Promise { ballot, accepted });
    let lead = cluster.deliver(C, A, Message::Promise { ballot, accepted: vec![] });
    assert_eq!(proposed(&lead), [(1, ballot, "x".into())]);
}

/// A refusal of an abandoned ballot ends neither a later campaign nor a later leadership.
#[test]
fn a_refusal_of_an_earlier_ballot_ends_nothing() {
    let mut cluster = three();
    cluster.fire(A, Timer::Election);
    let early = cluster.node(A).highest_ballot_used().unwrap();
    cluster.flying.clear();
    cluster.fire(A, Timer::Election);
    cluster.settle();
    assert!(cluster.node(A).is_leader());
    let late = cluster.deliver(B, A, Message::Refused { ballot: early, promised: Ballot::new(9, B) });
    assert_eq!(late.rules, [PaxosRule::StaleReply]);
    assert!(cluster.node(A).is_leader());
}

/// A message may say anything: a promise that reports a slot far ahead does not count, or its
/// candidate would fill the slots before it without end. The others' promises do.
#[test]
fn a_report_from_far_ahead_is_not_recovered() {
    for slot in [u64::MAX, u64::MAX - 1, HOLE_LIMIT as u64 + 2] {
        let mut cluster = three();
        cluster.fire(A, Timer::Election);
        let ballot = Ballot::new(1, A);
        let accepted = vec![report(slot, Ballot::new(0, C), "far")];
        let told = cluster.deliver(C, A, Message::Promise { ballot, accepted });
        assert_eq!(told.rules, [PaxosRule::AskForLog], "slot {slot}");
        assert_eq!(told.sent(), [(C, Message::AskChosen { from_slot: Slot(1) })]);
        cluster.settle();
        cluster.submit(A, "x");
        cluster.settle();
        assert_eq!(cluster.log(A), ["x"]);
    }
}

/// The limit is one of empty slots, not of reported ones.
#[test]
fn as_many_slots_as_the_limit_are_filled() {
    let last = HOLE_LIMIT as u64 + 2;
    let mut cluster = three();
    cluster.fire(A, Timer::Election);
    let ballot = Ballot::new(1, A);
    let accepted = vec![report(1, Ballot::new(0, C), "first"), report(last, Ballot::new(0, C), "last")];
    cluster.deliver(C, A, Message::Promise { ballot, accepted });
    let lead = cluster.deliver(B, A, Message::Promise { ballot, accepted: vec![] });
    let proposed = proposed(&lead);
    assert_eq!(proposed.len() as u64, last);
    assert_eq!(proposed.last(), Some(&(last, ballot, "last".into())));
}

/// A log whose last slot is the last of all has an end.
#[test]
fn the_last_slot_can_be_chosen_and_asked_for() {
    let mut cluster = three();
    let last = Slot(u64::MAX);
    let chosen = Message::Chosen { slot: last, ballot: Ballot::new(1, C), entry: entry("far") };
    cluster.deliver(C, B, chosen);
    assert_eq!(cluster.node(B).chosen(last), Some(&entry("far")));
    cluster.deliver(C, B, Message::AskChosen { from_slot: last });
    cluster.crash(B);
    cluster.restart(B);
    assert_eq!(cluster.log(B), [""; 0]);
    cluster.deliver(C, B, Message::Heartbeat { ballot: Ballot::new(u64::MAX, C), open: last });
    cluster.fire(B, Timer::Election);
}
