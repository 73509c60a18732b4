//! *Paxos Made Simple* §3: a replicated log, one instance per slot, under a leader.

use quorate_paxos::multi::{
    self, Config, ConfigError, Entry, Fact, LOG_BATCH, Message, MultiPaxos, RESEND_LIMIT, Reply, Rhythm, Slot,
    SlotProposal, Timer, VIEW_WINDOW,
};
use quorate_paxos::{BY_THE_BOOK, Ballot, PaxosRule, Rulebook, Value};
use quorate_protocol::{ClientId, Delay, Disposition, Duration, Effect, Machine, NodeId, RequestId};

use crate::cluster::{A, B, C, Cluster, L, X, Y, Z};

type Multi = Cluster<MultiPaxos>;

fn three() -> Config {
    Config::new(quorate_paxos::Config::symmetric(3).unwrap(), Rhythm::default()).unwrap()
}

/// A leads ballot 1, and all nodes know it.
fn led_by_a(rules: Rulebook) -> Multi {
    let mut cluster = Multi::multi_under(&three(), rules);
    cluster.fire(A, Timer::Election);
    cluster.settle();
    assert!(cluster.node(A).is_leader());
    cluster
}

fn command(client: u32, number: u64, value: &str) -> Entry {
    Entry::command(RequestId { client: ClientId(client), number }, Value::from(value))
}

/// Phase 1 is run once for all slots; after that a command takes phase 2 alone.
#[test]
fn a_stable_leader_needs_phase_2_alone() {
    let mut cluster = led_by_a(BY_THE_BOOK);
    for (number, value) in ["x", "y", "z"].into_iter().enumerate() {
        let (ticket, done) = cluster.submit(A, value);
        let slot = Slot(number as u64 + 1);
        let accept =
            Message::Accept { slot, ballot: Ballot::new(1, A), entry: Entry::command(ticket, Value::from(value)) };
        assert_eq!(done.rules, [PaxosRule::ProposeInSlot]);
        assert_eq!(done.sent(), [A, B, C].map(|acceptor| (acceptor, accept.clone())));
        cluster.settle();
        assert_eq!(cluster.replies.last(), Some(&(ticket, Reply::Chosen { slot, value: Value::from(value) })));
    }
    let campaigns = cluster.facts.iter().filter(|(_, fact)| matches!(fact, Fact::Leads { .. })).count();
    assert_eq!(campaigns, 1);
    for node in [A, B, C] {
        assert_eq!(cluster.log(node), ["x", "y", "z"]);
    }
    assert_eq!(cluster.violations, []);
}

/// The number of messages per command does not depend on the length of the log.
#[test]
fn a_command_costs_the_same_in_a_long_log() {
    let mut cluster = led_by_a(BY_THE_BOOK);
    let mut cost = || {
        let (_, done) = cluster.submit(A, "x");
        let mut messages = done.sent().len();
        while !cluster.flying.is_empty() {
            let envelope = cluster.flying.remove(0);
            messages += cluster.deliver(envelope.from, envelope.to, envelope.message).sent().len();
        }
        messages
    };
    let first = cost();
    assert!((0..100).all(|_| cost() == first));
    assert_eq!(first, 3 + 9 + 3, "accepts, votes, and each learner telling the proposer on its own node");
}

/// Commands are answered in the order of their slots, once their slot and all before it are known.
#[test]
fn commands_are_answered_in_order() {
    let mut cluster = led_by_a(BY_THE_BOOK);
    let (first, _) = cluster.submit(A, "x");
    let of_x: Vec<_> = std::mem::take(&mut cluster.flying);
    let (second, _) = cluster.submit(A, "y");
    cluster.settle();
    assert_eq!(cluster.node(A).chosen(Slot(2)), Some(&Entry::command(second, Value::from("y"))));
    assert_eq!((cluster.log(A), &cluster.replies), (vec![], &vec![]));
    assert!(cluster.fired.contains(&PaxosRule::HoldBack));
    cluster.flying = of_x;
    cluster.settle();
    assert_eq!(cluster.log(A), ["x", "y"]);
    assert_eq!(cluster.replies.iter().map(|(ticket, _)| *ticket).collect::<Vec<_>>(), [first, second]);
}

/// A new leader proposes the reported entry where there is one and a no-op in the gap before it,
/// then its own commands.
#[test]
fn a_new_leader_repairs_the_log() {
    let mut cluster = led_by_a(BY_THE_BOOK);
    cluster.submit(A, "x");
    cluster.settle();
    cluster.submit(A, "lost");
    cluster.flying.clear();
    let (reported, _) = cluster.submit(A, "y");
    cluster.pass(A, B);
    cluster.flying.clear();
    cluster.crash(A);

    let campaign = cluster.fire(B, Timer::Election);
    let (ballot, from_slot) = (Ballot::new(2, B), Slot(2));
    assert_eq!(campaign.sent()[0].1, Message::Prepare { ballot, from_slot });
    cluster.pass(B, B);
    let promise = cluster.pass(B, C).sent()[0].1.clone();
    assert_eq!(promise, Message::Promise { ballot, accepted: vec![] }, "no report of what B knows already");
    cluster.pass(B, B);
    let lead = cluster.pass(C, B);
    assert_eq!(lead.rules, [PaxosRule::Lead, PaxosRule::FillHole, PaxosRule::RecoverReported, PaxosRule::Beat]);
    assert_eq!(lead.whys[1], "slot 2 is empty, and slot 3 is not");
    cluster.settle();
    cluster.submit(B, "z");
    cluster.settle();
    assert_eq!(cluster.log(B), ["x", "no-op", "y", "z"]);
    assert_eq!(cluster.node(C).chosen(Slot(2)), Some(&Entry::noop()));
    assert_eq!(cluster.node(C).chosen(Slot(3)), Some(&Entry::command(reported, Value::from("y"))));
    assert_eq!(cluster.violations, []);
}

/// §2.4: a proposer stays passive while it hears from a leader, and takes over after a randomised
/// election timeout.
#[test]
fn a_silent_leader_is_replaced() {
    let mut cluster = Multi::multi(&three());
    let election = Delay::from(Duration::from_millis(150)..Duration::from_millis(300));
    assert_eq!(cluster.timers[&(B, Timer::Election)], election);
    cluster.fire(A, Timer::Election);
    cluster.settle();
    assert_eq!([A, B, C].map(|node| cluster.node(node).leader()), [Some(A); 3]);
    let beat = cluster.fire(A, Timer::Heartbeat);
    assert_eq!(beat.rules, [PaxosRule::Beat]);
    let heard = cluster.pass(A, B);
    assert_eq!(heard.rules, [PaxosRule::FollowLeader]);
    assert_eq!(heard.effects, [Effect::Arm { timer: Timer::Election, after: election }]);
    cluster.fire(C, Timer::Election);
    cluster.settle_without(&[A]);
    assert!(cluster.node(C).is_leader());
    assert_eq!(cluster.node(B).leader(), Some(C));
    let stale = cluster.deliver(A, B, Message::Heartbeat { ballot: Ballot::new(1, A), open: Slot(1) });
    assert_eq!(stale.rules, [PaxosRule::StaleBeat]);
    let (_, _) = cluster.submit(A, "too late");
    cluster.settle();
    assert!(!cluster.node(A).is_leader(), "a refusal tells the old leader");
    assert_eq!(cluster.node(A).leader(), Some(C));
}

/// Clients are redirected to the leader; while none is known, a request starts a campaign and
/// waits.
#[test]
fn requests_find_the_leader() {
    let mut cluster = Multi::multi(&three());
    let (early, done) = cluster.submit(A, "x");
    assert_eq!(done.rules, [PaxosRule::QueueRequest, PaxosRule::Campaign]);
    let again = cluster.ask_again(A, early, multi::Command::Propose { value: Value::from("x") });
    assert_eq!(again.rules, [PaxosRule::RepeatedRequest]);
    cluster.settle();
    assert_eq!(cluster.replies, [(early, Reply::Chosen { slot: Slot(1), value: Value::from("x") })]);
    let (late, done) = cluster.submit(B, "y");
    assert_eq!(done.rules, [PaxosRule::Redirect]);
    let sent_on = Reply::NotLeader { leader: Some(A) };
    assert_eq!(done.effects, [Effect::Reply { ticket: late, reply: sent_on.clone() }]);
    assert_eq!(MultiPaxos::disposition(&sent_on), Disposition::Redirect(A));
    assert_eq!(MultiPaxos::disposition(&Reply::NotLeader { leader: None }), Disposition::Retry);
    assert_eq!(MultiPaxos::disposition(&cluster.replies[0].1), Disposition::Final);
}

/// A command is proposed once, however often its client repeats it, even across a change of leader.
#[test]
fn a_repeated_command_takes_one_slot() {
    let mut cluster = led_by_a(BY_THE_BOOK);
    let retry = || multi::Command::Propose { value: Value::from("x") };
    let (ticket, _) = cluster.submit(A, "x");
    let twice = cluster.ask_again(A, ticket, retry());
    assert_eq!((twice.rules, twice.effects), (vec![PaxosRule::RepeatedRequest], vec![]));
    cluster.pass(A, B);
    cluster.flying.clear();
    cluster.fire(B, Timer::Election);
    for (from, to) in [(B, B), (B, C), (B, B), (C, B)] {
        cluster.pass(from, to);
    }
    assert!(cluster.node(B).is_leader());
    let recovered = cluster.ask_again(B, ticket, retry());
    assert_eq!(recovered.rules, [PaxosRule::RepeatedRequest]);
    cluster.settle();
    assert_eq!(cluster.log(B), ["x"]);
    let chosen = Reply::Chosen { slot: Slot(1), value: Value::from("x") };
    assert_eq!(cluster.replies, [(ticket, chosen.clone()), (ticket, chosen.clone())], "from both who were asked");
    let done = cluster.ask_again(B, ticket, retry());
    assert_eq!(done.rules, [PaxosRule::AnswerAtOnce]);
    assert_eq!(done.effects, [Effect::Reply { ticket, reply: chosen }]);
}

/// A learner that still misses announced slots one heartbeat later asks the leader, as often as
/// necessary.
#[test]
fn a_lagging_learner_catches_up() {
    let mut cluster = led_by_a(BY_THE_BOOK);
    let slots = LOG_BATCH + 10;
    for number in 0..slots {
        cluster.submit(A, &number.to_string());
        cluster.settle_without(&[C]);
    }
    assert_eq!(cluster.log(C).len(), 0);
    cluster.fire(A, Timer::Heartbeat);
    cluster.settle();
    assert_eq!(cluster.log(C).len(), 0, "the news may just be under way");
    cluster.fire(A, Timer::Heartbeat);
    cluster.settle();
    assert_eq!(cluster.log(C).len(), slots);
    assert_eq!(cluster.log(C), cluster.log(A));
    let batches = [PaxosRule::AskForLog, PaxosRule::ShowChosen, PaxosRule::LearnFromLearner];
    assert!(batches.iter().all(|rule| cluster.fired.contains(rule)));
    assert_eq!(cluster.violations, []);
}

/// Proposals still open after a heartbeat are resent in the same ballot, a bounded number of slots
/// at a time.
#[test]
fn lost_proposals_are_sent_again() {
    let mut cluster = led_by_a(BY_THE_BOOK);
    let commands = RESEND_LIMIT + 1;
    for number in 0..commands {
        cluster.submit(A, &number.to_string());
    }
    cluster.flying.clear();
    let first = cluster.fire(A, Timer::Heartbeat);
    assert_eq!(first.rules, [PaxosRule::Beat], "they may just be under way");
    let second = cluster.fire(A, Timer::Heartbeat);
    assert_eq!(second.rules, [PaxosRule::Beat, PaxosRule::ProposeAgain]);
    let accepts = second.sent().iter().filter(|(_, message)| matches!(message, Message::Accept { .. })).count();
    assert_eq!(accepts, RESEND_LIMIT * 3);
    cluster.settle();
    cluster.fire(A, Timer::Heartbeat);
    cluster.settle();
    assert_eq!(cluster.log(B).len(), commands);
    assert_eq!(cluster.replies.len(), commands);
}

/// A leader that missed the announcement asks the distinguished learner, if there is one.
#[test]
fn a_leader_that_missed_the_news_asks_the_distinguished_learner() {
    let roles = quorate_paxos::Config::builder([A], [X, Y, Z], [A, L]).distinguished_learner(L).build().unwrap();
    let config = Config::new(roles, Rhythm::default()).unwrap();
    let mut cluster = Multi::multi(&config);
    cluster.fire(A, Timer::Election);
    cluster.settle();
    cluster.submit(A, "x");
    while let Some(index) = cluster.flying.iter().position(|envelope| envelope.to != A || envelope.from == A) {
        let envelope = cluster.flying.remove(index);
        cluster.deliver(envelope.from, envelope.to, envelope.message);
    }
    cluster.flying.clear();
    assert_eq!((cluster.log(L), cluster.log(A)), (vec!["x"], vec![]));
    cluster.fire(A, Timer::Heartbeat);
    cluster.fire(A, Timer::Heartbeat);
    cluster.settle();
    assert_eq!(cluster.log(A), ["x"]);
    assert_eq!(cluster.replies.len(), 1);
}

/// Promises, votes, used ballots and the learner's log survive a restart, and so does exactly-once
/// execution.
#[test]
fn a_restart_of_everybody_loses_nothing() {
    let mut cluster = led_by_a(BY_THE_BOOK);
    let (ticket, _) = cluster.submit(A, "x");
    cluster.settle();
    for node in [A, B, C] {
        cluster.crash(node);
        cluster.restart(node);
        assert_eq!(cluster.log(node), ["x"]);
        assert_eq!(cluster.node(node).promised(), Some(Ballot::new(1, A)));
    }
    assert_eq!(cluster.node(A).highest_ballot_used(), Some(Ballot::new(1, A)));
    let done = cluster.ask_again(B, ticket, multi::Command::Propose { value: Value::from("x") });
    assert_eq!(done.rules, [PaxosRule::AnswerAtOnce]);
    cluster.fire(B, Timer::Election);
    cluster.settle();
    assert!(cluster.node(B).is_leader());
    cluster.submit(B, "y");
    cluster.settle();
    assert_eq!(cluster.log(A), ["x", "y"]);
    assert_eq!(cluster.violations, []);
}

/// A view shows the newest slots, whatever the length of the log.
#[test]
fn a_view_is_a_window() {
    let mut cluster = led_by_a(BY_THE_BOOK);
    for number in 1..=20 {
        cluster.submit(A, &number.to_string());
        cluster.settle();
    }
    let view = cluster.view(B);
    let newest: Vec<_> = (21 - VIEW_WINDOW as u64..=20).map(Slot).collect();
    assert!(view.learner.unwrap().chosen.keys().eq(&newest));
    assert!(view.acceptor.unwrap().accepted.keys().eq(&newest));
    assert_eq!(cluster.node(B).chosen(Slot(1)).map(|entry| entry.value.as_str()), Some("1"));
}

/// §3: the new leader, being a learner in all instances, should know most of the commands. It must
/// therefore be a learner.
#[test]
fn a_configuration_must_be_able_to_keep_a_leader() {
    let roles = |learners: &[NodeId]| quorate_paxos::Config::new([A, B], [X], learners.iter().copied()).unwrap();
    let error = Config::new(roles(&[A]), Rhythm::default()).unwrap_err();
    assert_eq!(error.to_string(), "n2 proposes but does not learn: add it to the learners, a leader must know the log");
    let ms = Duration::from_millis;
    let rhythm = |heartbeat, election: u64| Rhythm { heartbeat: ms(heartbeat), election: ms(election).into() };
    let error = |rhythm| Config::new(roles(&[A, B]), rhythm).unwrap_err();
    assert_eq!(error(rhythm(0, 9)), ConfigError::NoHeartbeat);
    assert_eq!(
        error(rhythm(50, 50)).to_string(),
        "an election after 50ms can fall between two heartbeats 50ms apart: choose an election delay of several heartbeats"
    );
}

/// A message to a role that the node does not play is refused under a rule.
#[test]
fn each_role_takes_its_own_messages_only() {
    let roles = quorate_paxos::Config::new([A], [X], [A, L]).unwrap();
    let mut cluster = Multi::multi(&Config::new(roles, Rhythm::default()).unwrap());
    let (slot, ballot, entry) = (Slot(1), Ballot::new(1, A), Entry::noop());
    let cases = [
        (L, Message::Prepare { ballot, from_slot: slot }),
        (L, Message::Accept { slot, ballot, entry: entry.clone() }),
        (L, Message::Promise { ballot, accepted: vec![] }),
        (L, Message::Refused { ballot, promised: ballot }),
        (X, Message::Accepted { slot, ballot, entry: entry.clone() }),
        (X, Message::Chosen { slot, ballot, entry: entry.clone() }),
        (X, Message::AskChosen { from_slot: slot }),
        (X, Message::Log { chosen: vec![SlotProposal { slot, ballot, entry }] }),
        (X, Message::Heartbeat { ballot, open: slot }),
    ];
    for (node, message) in cases {
        let done = cluster.deliver(A, node, message);
        assert_eq!((done.rules, done.effects), (vec![PaxosRule::NotMyRole], vec![]));
    }
    let (ticket, done) = cluster.submit(L, "x");
    assert_eq!(done.effects, [Effect::Reply { ticket, reply: Reply::NotLeader { leader: None } }]);
}

/// Departures from the paper: a new leader that fills reported slots with no-ops, that leaves gaps,
/// or that reuses the recovery of an earlier ballot.
mod departures {
    use quorate_bugs::paxos::{HOLE_LEFT_OPEN, HOLE_NOT_REPAIRED, OLDER_RECOVERY};

    use super::*;

    /// B and C choose x in slot 1, and only B learns it, or y in slot 2 alone; then C takes over
    /// with A.
    fn takeover(rules: Rulebook, lose_first: bool) -> Cluster<MultiPaxos> {
        let mut cluster = led_by_a(rules);
        cluster.submit(A, "x");
        if lose_first {
            cluster.flying.clear();
            cluster.submit(A, "y");
        }
        for (from, to) in [(A, B), (A, C), (B, B), (C, B)] {
            cluster.pass(from, to);
        }
        cluster.flying.clear();
        cluster.crash(B);
        cluster.fire(C, Timer::Election);
        cluster.settle();
        cluster
    }

    #[test]
    fn a_reported_slot_filled_with_a_noop() {
        assert_eq!(takeover(HOLE_NOT_REPAIRED.rules, false).violated(), ["AtMostOneChosen", "LearnersAgree"]);
        let correct = takeover(BY_THE_BOOK, false);
        assert_eq!((correct.violated(), correct.log(C)), (vec![], vec!["x"]));
    }

    #[test]
    fn a_hole_left_open() {
        let broken = takeover(HOLE_LEFT_OPEN.rules, true);
        assert_eq!((broken.violated(), broken.log(C).len()), (vec![], 0), "safe, and stuck for ever");
        let correct = takeover(BY_THE_BOOK, true);
        assert_eq!((correct.violated(), correct.log(C)), (vec![], vec!["no-op", "y"]));
    }

    /// A leads ballot 1; B takes over and chooses x with C; A leads again.
    fn comeback(rules: Rulebook) -> Cluster<MultiPaxos> {
        let mut cluster = led_by_a(rules);
        cluster.fire(B, Timer::Election);
        cluster.settle_without(&[A]);
        cluster.submit(B, "x");
        cluster.settle_without(&[A]);
        cluster.submit(A, "y");
        cluster.settle();
        cluster.fire(A, Timer::Election);
        cluster.settle();
        cluster.submit(A, "z");
        cluster.settle();
        cluster
    }

    #[test]
    fn the_recovery_of_an_earlier_ballot() {
        assert!(comeback(OLDER_RECOVERY.rules).violated().contains(&"AtMostOneChosen"));
        let correct = comeback(BY_THE_BOOK);
        assert_eq!((correct.violated(), correct.log(A)), (vec![], vec!["x", "z"]));
    }
}

/// If two leaders put one command into two slots, the first one counts.
#[test]
fn a_command_in_two_slots_is_answered_with_the_first() {
    let mut cluster = Multi::multi(&three());
    cluster.ask(A, multi::Command::Propose { value: Value::from("x") });
    let entry = command(0, 1, "x");
    for slot in [Slot(1), Slot(2)] {
        for acceptor in [A, B] {
            let ballot = Ballot::new(1, A);
            cluster.deliver(A, acceptor, Message::Accept { slot, ballot, entry: entry.clone() });
        }
    }
    cluster.settle_without(&[C]);
    assert_eq!(cluster.log(A), ["x", "x"]);
    let (ticket, chosen) = (entry.ticket.unwrap(), Reply::Chosen { slot: Slot(1), value: Value::from("x") });
    let repeated = cluster.ask_again(B, ticket, multi::Command::Propose { value: Value::from("x") });
    assert_eq!(repeated.effects, [Effect::Reply { ticket, reply: chosen }]);
    assert_eq!(cluster.disk(B).chosen.len(), 2, "the ledger keeps both");
}
