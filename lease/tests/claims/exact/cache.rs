//! Cache leases: how long the server keeps its promise, and how long a cache relies on it
//! (*Leases*, Gray and Cheriton 1989).

use quorate_lease::cache::{Cache, Command, Config, Datum, Disk, Fact, Message, Reply, Settings, Timer};
use quorate_lease::{Name, Value};
use quorate_protocol::{ClientId, Input, NodeId, RequestId, Time};

use super::{GRANTER_TERM, HOLDER_TERM, Hand, QUARANTINE, TICK, before, terms};
use crate::common::at;

const S: NodeId = NodeId(0);
const A: NodeId = NodeId(1);
const B: NodeId = NodeId(2);

type Node = Hand<Cache>;

fn config() -> Config {
    Settings { server: S, terms: terms() }.build().unwrap()
}

fn x() -> Name {
    Name::from("x")
}

fn read() -> Command {
    Command::Read { key: x() }
}

fn write(value: &str) -> Command {
    Command::Write { key: x(), value: Value::from(value) }
}

fn datum(version: u64) -> Datum {
    Datum { version, value: Some(Value::from(format!("v{version}").as_str())) }
}

// The server.

/// A server started at 0; its quarantine is over long before it is asked.
fn server() -> Node {
    Hand::boot(S, config(), at(0))
}

/// Sends a cache's request, stamped by its own clock. Returns whether the datum is granted.
fn lends(server: &mut Node, now: Time, to: NodeId, sent: Time) -> bool {
    let sent = server.deliver(now, to, Message::Fetch { key: x(), sent }).sent();
    matches!(sent[..], [Message::Lent { .. }])
}

fn written(server: &Node) -> bool {
    server.facts().iter().any(|fact| matches!(fact, Fact::WriteCompleted { .. }))
}

/// Asserts that the waiting write is not executed at the last tick, and is one tick later.
fn writes_after(server: &mut Node, end: Time) {
    server.fire(end, Timer::Review(x()));
    assert!(!written(server), "the promise binds through its last tick");
    server.fire(end + TICK, Timer::Review(x()));
    assert!(written(server), "and no longer");
}

#[test]
fn a_write_waits_through_the_last_tick_of_the_granters_term() {
    let mut server = server();
    assert!(lends(&mut server, at(1000), A, at(5)));
    server.ask(at(1100), 1, write("w"));
    assert_eq!(server.sent(), [Message::Recall { key: x() }]);
    writes_after(&mut server, at(1000) + GRANTER_TERM);
}

#[test]
fn a_loan_that_is_asked_for_again_binds_for_another_full_term() {
    let mut server = server();
    assert!(lends(&mut server, at(1000), A, at(5)) && lends(&mut server, at(1200), A, at(6)));
    server.ask(at(1210), 1, write("w"));
    writes_after(&mut server, at(1200) + GRANTER_TERM);
}

/// §5: the server does not remember its leases, so writes wait through the whole quarantine, at its
/// first start as well.
#[test]
fn a_server_that_starts_lets_writes_wait_through_the_whole_quarantine() {
    let mut server = server();
    server.ask(at(1), 1, write("w"));
    writes_after(&mut server, at(0) + QUARANTINE);
    server.restart(at(5000));
    server.ask(at(5001), 2, write("w"));
    writes_after(&mut server, at(5000) + QUARANTINE);
}

/// A write waits for every holder. One that was recalled and has not answered may still read.
#[test]
fn a_write_waits_for_every_holder_until_it_has_given_back() {
    let mut server = server();
    assert!(lends(&mut server, at(1000), A, at(5)) && lends(&mut server, at(1010), B, at(6)));
    server.ask(at(1100), 1, write("w"));
    server.fire(at(1101), Timer::Review(x()));
    assert!(!written(&server), "both are called back");
    server.deliver(at(1110), A, Message::Returned { key: x(), sent: at(105) });
    assert!(!written(&server), "B has it");
    server.deliver(at(1120), B, Message::Returned { key: x(), sent: at(106) });
    assert!(written(&server));
}

/// A return gives back the leases requested up to its time, but none requested later, in whatever
/// order the messages arrive.
#[test]
fn a_return_is_of_what_was_asked_for_before_it() {
    for (returned, frees) in [(85, false), (89, false), (90, true)] {
        let mut server = server();
        assert!(lends(&mut server, at(1000), A, at(90)) && lends(&mut server, at(1001), A, at(80)));
        server.ask(at(1100), 1, write("w"));
        server.deliver(at(1110), A, Message::Returned { key: x(), sent: at(returned) });
        assert_eq!(written(&server), frees, "given back until {returned} ms, asked for at 90 ms");
    }
}

#[test]
fn nothing_is_lent_while_a_write_waits() {
    let mut server = server();
    assert!(lends(&mut server, at(1000), A, at(5)));
    server.ask(at(1100), 1, write("w"));
    assert!(!lends(&mut server, at(1101), B, at(5)));
    assert!(matches!(server.sent()[..], [Message::Told { .. }]));
}

/// A duplicate write is answered and not executed again, after a restart either; one overtaken by a
/// newer request is refused.
#[test]
fn a_write_is_carried_out_once() {
    let mut server = server();
    let version = |server: &mut Node, now, number, value: &str| server.ask(now, number, write(value)).replies();
    assert_eq!(version(&mut server, at(1000), 2, "red"), [Reply::Written { version: 1 }]);
    assert_eq!(version(&mut server, at(1001), 2, "red"), [Reply::Written { version: 1 }]);
    assert_eq!(version(&mut server, at(1002), 1, "late"), [Reply::Overtaken]);
    server.restart(at(2000));
    assert_eq!(version(&mut server, at(3000), 2, "red"), [Reply::Written { version: 1 }]);
    assert_eq!(version(&mut server, at(3001), 3, "blue"), [Reply::Written { version: 2 }]);
    let told = server.ask(at(3002), 4, read()).replies();
    assert_eq!(told, [Reply::Read { datum: Datum { version: 2, value: Some(Value::from("blue")) } }]);
}

#[test]
fn a_write_that_waits_and_is_repeated_is_carried_out_once() {
    let mut server = server();
    assert!(lends(&mut server, at(1000), A, at(5)));
    (0..3).for_each(|_| {
        server.ask(at(1100), 1, write("w"));
    });
    server.fire(at(1000) + GRANTER_TERM + TICK, Timer::Review(x()));
    assert_eq!(server.replies(), [Reply::Written { version: 1 }]);
}

// The cache.

fn cache() -> Node {
    Hand::boot(A, config(), at(1000))
}

fn lent(cache: &mut Node, now: Time, sent: Time, version: u64) {
    cache.deliver(now, S, Message::Lent { key: x(), datum: datum(version), sent });
}

/// Version that the cache reads locally, if it can.
fn cached(cache: &mut Node, now: Time) -> Option<u64> {
    match cache.ask(now, 99, read()).replies()[..] {
        [Reply::Read { ref datum }] => Some(datum.version),
        _ => None,
    }
}

/// Sends a read of a new client.
fn asks(cache: &mut Node, now: Time, client: u32) {
    let ticket = RequestId { client: ClientId(client), number: 1 };
    cache.step(now, Input::Request { ticket, command: read() });
}

#[test]
fn a_cache_answers_up_to_the_end_of_its_term_and_not_at_it() {
    let mut cache = cache();
    lent(&mut cache, at(1040), at(1010), 3);
    let end = at(1010) + HOLDER_TERM;
    assert_eq!((cached(&mut cache, before(end)), cached(&mut cache, end)), (Some(3), None));
}

#[test]
fn a_loan_that_arrives_at_the_end_of_its_term_is_not_kept() {
    for (arrives, kept) in [(before(at(1070)), Some(3)), (at(1070), None)] {
        let mut cache = cache();
        lent(&mut cache, arrives, at(1010), 3);
        assert_eq!(cached(&mut cache, arrives), kept);
    }
}

#[test]
fn a_loan_of_an_earlier_life_is_not_kept() {
    for (sent, kept) in [(before(at(1020)), None), (at(1020), Some(3))] {
        let mut cache = cache();
        cache.restart(at(1020));
        lent(&mut cache, at(1030), sent, 3);
        assert_eq!(cached(&mut cache, at(1031)), kept, "asked for at {sent}");
    }
}

/// An older reply that arrives late replaces neither the datum nor the term.
#[test]
fn an_older_loan_does_not_replace_a_newer_one() {
    let mut cache = cache();
    lent(&mut cache, at(1035), at(1030), 4);
    lent(&mut cache, at(1040), at(1010), 3);
    let end = at(1030) + HOLDER_TERM;
    assert_eq!((cached(&mut cache, before(end)), cached(&mut cache, end)), (Some(4), None));
}

/// A recalled datum is dropped at once, as is any lease on it that was requested up to then and is
/// still in flight.
#[test]
fn a_cache_gives_up_what_it_gives_back() {
    for (sent, kept) in [(1039, None), (1040, None), (1041, Some(4))] {
        let mut cache = cache();
        lent(&mut cache, at(1020), at(1010), 3);
        cache.deliver(at(1040), S, Message::Recall { key: x() });
        assert_eq!(cache.sent(), [Message::Returned { key: x(), sent: at(1040) }]);
        assert_eq!(cached(&mut cache, at(1040)), None);
        lent(&mut cache, at(1050), at(sent), 4);
        assert_eq!(cached(&mut cache, at(1051)), kept, "asked for at {sent} ms");
    }
}

/// A datum sent without a lease is only as new as its request: it answers the reads before that,
/// and none after.
#[test]
fn what_is_told_answers_the_reads_that_came_before_its_question() {
    let mut cache = cache();
    asks(&mut cache, at(1010), 1);
    asks(&mut cache, at(1020), 2);
    cache.deliver(at(1030), S, Message::Told { key: x(), datum: datum(3), sent: at(1010) });
    assert_eq!(cache.replies().len(), 1, "the second asked later");
    cache.deliver(at(1040), S, Message::Told { key: x(), datum: datum(4), sent: at(1020) });
    assert_eq!(cache.replies(), [Reply::Read { datum: datum(4) }]);
}

/// A disk may say anything: a version at the end of its numbers does not overflow.
#[test]
fn a_datum_in_its_last_version_is_still_written() {
    let mut disk = Disk::default();
    disk.data.insert(x(), datum(u64::MAX));
    let mut server = Node::boot_with(S, config(), disk, at(0));
    server.ask(at(1000), 1, write("last"));
    assert_eq!(server.replies(), [Reply::Written { version: u64::MAX }]);
}
