//! Holder of a single granter's lease: start of its terms, and which grants it accepts (Leases §2
//! to §5).

use quorate_lease::{
    Attempt, Command, Config, Fact, Lease, LeaseId, Message, Mode, Reply, Settings, Timer, Token, Value,
};
use quorate_protocol::Time;

use super::{HOLDER_TERM, Hand, before, ms, terms, ticket};
use crate::common::{A, B, C, Q, S, at};

type Holder = Hand<Lease>;

fn config() -> Config {
    Settings { resource: Some(S), work: ms(5), ..Settings::new(Q, [A, B, C], terms()) }.build().unwrap()
}

fn holder() -> Holder {
    Hand::boot(A, config(), at(1000))
}

fn granted(holder: &mut Holder, lease: LeaseId, token: u64, sent: Time, now: Time) {
    holder.deliver(now, Q, Message::Granted { lease, token: Token(token), sent });
}

fn acts(holder: &mut Holder, now: Time) -> bool {
    matches!(holder.ask(now, 1, Command::Act).replies()[..], [Reply::Acted { .. }])
}

/// Asserts that it acts and serves at the last tick before the end, and does neither at the end.
fn ends_at(holder: &mut Holder, end: Time) {
    assert!(holder.machine.acts(&holder.context(before(end))).is_some());
    assert!(holder.machine.acts(&holder.context(end)).is_none());
    assert!(acts(holder, before(end)) && !acts(holder, end));
}

#[test]
fn a_holder_acts_up_to_the_end_of_its_own_term_and_not_at_it() {
    let mut holder = holder();
    granted(&mut holder, LeaseId::Primary, 1, at(1010), at(1040));
    ends_at(&mut holder, at(1010) + HOLDER_TERM);
}

#[test]
fn a_renewal_counts_from_its_own_question_and_an_older_answer_takes_nothing_back() {
    let mut holder = holder();
    granted(&mut holder, LeaseId::Primary, 1, at(1010), at(1020));
    granted(&mut holder, LeaseId::Primary, 1, at(1030), at(1040));
    granted(&mut holder, LeaseId::Primary, 1, at(1020), at(1050));
    ends_at(&mut holder, at(1030) + HOLDER_TERM);
}

#[test]
fn a_denial_extends_nothing_and_takes_nothing_away() {
    let mut holder = holder();
    granted(&mut holder, LeaseId::Primary, 1, at(1010), at(1020));
    holder.deliver(at(1050), Q, Message::Denied { sent: at(1030), holder: Some(B) });
    ends_at(&mut holder, at(1010) + HOLDER_TERM);
}

#[test]
fn a_node_serves_up_to_the_end_of_its_term_and_not_at_it() {
    let mut holder = holder();
    granted(&mut holder, LeaseId::Node(A), 1, at(1010), at(1020));
    let end = at(1010) + HOLDER_TERM;
    let serves = |holder: &mut Holder, now| holder.ask(now, 1, Command::Serve).replies() == [Reply::Served];
    assert!(serves(&mut holder, before(end)) && !serves(&mut holder, end));
}

#[test]
fn a_grant_that_arrives_at_the_end_of_its_term_is_worth_nothing() {
    for (arrives, holds) in [(before(at(1070)), true), (at(1070), false)] {
        let mut holder = holder();
        granted(&mut holder, LeaseId::Primary, 1, at(1010), arrives);
        assert_eq!(holder.facts().iter().any(|fact| matches!(fact, Fact::LeaseHeld { .. })), holds);
    }
}

/// §5: an early or late timer decides nothing: the clock does.
#[test]
fn a_lapse_ends_a_lease_at_its_end_and_not_before() {
    let mut holder = holder();
    granted(&mut holder, LeaseId::Primary, 1, at(1010), at(1020));
    let end = at(1010) + HOLDER_TERM;
    let lost = |holder: &Holder| holder.facts().iter().any(|fact| matches!(fact, Fact::LeaseLost { .. }));
    holder.fire(before(end), Timer::Lapse(LeaseId::Primary));
    assert!(!lost(&holder));
    holder.fire(end, Timer::Lapse(LeaseId::Primary));
    assert!(lost(&holder));
    assert_eq!(holder.machine.acts(&holder.context(at(1020))), None, "whatever the clock says then");
}

/// §5: replies to requests from before a restart do not count. The clock keeps running, so the time
/// of the boot separates the two.
#[test]
fn a_grant_of_an_earlier_life_is_not_taken() {
    for lease in [LeaseId::Primary, LeaseId::Node(A)] {
        for (sent, holds) in [(before(at(1020)), false), (at(1020), true)] {
            let mut holder = holder();
            holder.restart(at(1020));
            granted(&mut holder, lease, 1, sent, at(1030));
            let held = holder.facts().iter().any(|fact| matches!(fact, Fact::LeaseHeld { .. }));
            assert_eq!(held, holds, "{lease}, asked for at {sent}, after a restart at 1020 ms");
        }
    }
}

/// §4: replies to requests from before a release do not count after it, even if the request was in
/// the same tick.
#[test]
fn a_grant_asked_for_before_a_release_is_not_taken_after_it() {
    for (sent, holds) in [(1019, false), (1020, false), (1021, true)] {
        let mut holder = holder();
        granted(&mut holder, LeaseId::Primary, 1, at(1010), at(1015));
        let released = holder.ask(at(1020), 1, Command::Release { successor: None }).replies();
        assert_eq!(released, [Reply::Released { token: Token(1) }]);
        assert!(!acts(&mut holder, at(1020)), "it has stopped");
        granted(&mut holder, LeaseId::Primary, 1, at(sent), at(1030));
        assert_eq!(acts(&mut holder, at(1031)), holds, "asked for at {sent} ms");
    }
}

/// §4: until the granter acknowledges the release, the holder repeats it and requests nothing.
#[test]
fn a_holder_stands_by_its_release_until_the_granter_knows_of_it() {
    let mut holder = holder();
    granted(&mut holder, LeaseId::Primary, 7, at(1010), at(1015));
    holder.ask(at(1020), 1, Command::Release { successor: Some(C) });
    let says = |holder: &mut Holder, now| holder.fire(now, Timer::Heartbeat).sent();
    let release = |sent| Message::Release { token: Token(7), sent, successor: Some(C) };
    assert_eq!(says(&mut holder, at(1040)), [release(at(1040))]);
    holder.deliver(at(1050), Q, Message::Released { token: Token(6) });
    assert_eq!(says(&mut holder, at(1060)), [release(at(1060))], "that was another grant");
    holder.deliver(at(1070), Q, Message::Released { token: Token(7) });
    assert_eq!(says(&mut holder, at(1080)), [Message::Heartbeat { sent: at(1080) }]);
}

/// Chubby §2.4: work begins only under a running lease, and its write carries the grant it began
/// under.
#[test]
fn a_write_shows_the_grant_that_its_work_began_under() {
    let mut holder = holder();
    let write = || Command::Write { value: Value::from("w") };
    granted(&mut holder, LeaseId::Primary, 1, at(1010), at(1015));
    let end = at(1010) + HOLDER_TERM;
    assert_eq!(holder.ask(before(end), 1, write()).replies(), [], "it works on it");
    assert_eq!(holder.ask(end, 2, write()).replies(), [Reply::NotHeld { lease: LeaseId::Primary }]);
    granted(&mut holder, LeaseId::Primary, 5, at(1100), at(1110));
    holder.fire(at(1120), Timer::Work(Attempt { ticket: ticket(1), begun: before(end) }));
    let shown = holder.sent().into_iter().find_map(|message| match message {
        Message::Write { sequencer, .. } => Some((sequencer.token, sequencer.mode)),
        _ => None,
    });
    assert_eq!(shown, Some((Token(1), Mode::Exclusive)), "not the newer grant, which others may have preceded");
}

/// Chubby §2.4: the sequencer of a node lease says that it is shared.
#[test]
fn a_write_under_a_node_lease_says_that_others_have_one_too() {
    let mut holder = holder();
    granted(&mut holder, LeaseId::Node(A), 3, at(1010), at(1015));
    holder.ask(at(1020), 1, Command::WriteShared { value: Value::from("w") });
    holder.fire(at(1025), Timer::Work(Attempt { ticket: ticket(1), begun: at(1020) }));
    let mode = holder.sent().into_iter().find_map(|message| match message {
        Message::Write { sequencer, .. } => Some(sequencer.mode),
        _ => None,
    });
    assert_eq!(mode, Some(Mode::Shared));
}
